"""What a kit offers an agent of any framework: summarize, ask, search and check, in words that a model reads."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Protocol

from agentkit.errors import AgentKitError, UsageError
from agentkit.ports import Retriever
from agentkit.report import Report, ReportCitation, ReportClaim
from agentkit.text.support import assess

DESCRIPTIONS = {
    "summarize": "Summarizes the documents, as a whole or with a focus: claims with the exact words they rest on.",
    "ask": "Answers a question from the documents: claims with the exact words they rest on, or that they do not say.",
    "search": "Finds the passages of the documents that are about something, best first, each with its id.",
    "check": "Says whether a source supports a claim, contradicts it or leaves it open, and why; no model is asked.",
}
"""The tools of an offer, and what each tells a model of itself."""
Event = Mapping[str, object]


class Kit(Protocol):
    """The part of an `AgentKit` that is offered."""

    def summarize(self, paths: Sequence[str | Path], /, *, focus: str = "") -> Awaitable[Report]:
        """Summarize documents."""
        ...

    def ask(self, paths: Sequence[str | Path], question: str, /) -> Awaitable[Report]:
        """Answer a question from documents."""
        ...


class Counter(Protocol):
    """The part of a `Gateway` that knows what is personal: texts are handed over it in placeholders."""

    def safe_text(self, text: str, /) -> str:
        """Return a text with personal data replaced."""
        ...

    def restore(self, text: str, /) -> str:
        """Return a text with the originals in place of placeholders."""
        ...


class Running(Protocol):
    """Carries out a run for others and yields its events, the report last."""

    def __call__(
        self,
        paths: Sequence[Path],
        /,
        *,
        question: str = "",
        focus: str = "",
        max_claims: int | None = None,
        max_words: int | None = None,
        tenant: str = "",
    ) -> AsyncGenerator[Event]:
        """Start it."""
        ...


@dataclass(frozen=True, slots=True)
class Offer:
    """Four tools over documents that the host chose; what an agent says and reads is in placeholders.

    Args:
        kit: an `AgentKit`; each summary and each answer is a run of its own, with its own budget.
        paths: the documents, or folders of them. An agent cannot name others.
        gateway: replaces personal data in what is handed over, and puts originals back into what is asked. The same
            one whose door the agent's model is, so that a placeholder means one person everywhere.
        retriever: what `search` searches; without one, it is not offered.
    """

    kit: Kit
    paths: Sequence[str | Path]
    gateway: Counter
    retriever: Retriever | None = None

    @property
    def ways(self) -> dict[str, Callable[..., Coroutine[Any, Any, str]]]:
        """The tools that are offered, by name, and what carries out each."""
        ways = {"summarize": self.summarize, "ask": self.ask, "search": self.search, "check": self.check}
        return {name: way for name, way in ways.items() if name != "search" or self.retriever is not None}

    async def summarize(self, focus: Annotated[str, "What the summary is about; empty for everything."] = "") -> str:
        """Summarize the documents.

        Raises:
            AgentKitError: as `AgentKit.summarize`.
        """
        return self._told(await self.kit.summarize(self.paths, focus=self.gateway.restore(focus)))

    async def ask(self, question: Annotated[str, "A whole question."]) -> str:
        """Answer a question.

        Raises:
            AgentKitError: as `AgentKit.ask`.
        """
        return self._told(await self.kit.ask(self.paths, self.gateway.restore(question)))

    async def search(
        self,
        query: Annotated[str, "What to look for, in a few words."],
        top_k: Annotated[int, "How many passages at most."] = 5,
    ) -> str:
        """Find at most `top_k` passages (1 to 50).

        Raises:
            RetrievalError: the index could not be searched.
            UsageError: there is nothing to search.
        """
        if self.retriever is None:
            raise UsageError("Nothing can be searched: give the offer a retriever.")
        found = await self.retriever.retrieve(self.gateway.restore(query), top_k=min(max(top_k, 1), 50))
        lines = [f"[{passage.id}] {passage.text}" for passage in found]
        return self.gateway.safe_text("\n\n".join(lines)) or "Nothing was found."

    async def check(
        self,
        claim: Annotated[str, "One sentence."],
        source: Annotated[str, "The words that it is said to rest on."],
    ) -> str:
        """Review a claim against the words that it is said to rest on, as `agentkit review` does."""
        restore = self.gateway.restore
        found = await asyncio.to_thread(assess, restore(claim), restore(source))
        why = f": {self.gateway.safe_text(found.reason)}" if found.reason else ""
        return f"{found.label} ({found.score:.2f}){why}"

    def _told(self, report: Report) -> str:
        return self.gateway.safe_text(told(report))


async def report_of(events: AsyncGenerator[Event], *, tell: Callable[[str], Awaitable[None]] | None = None) -> Report:
    """Let a run come to its end and return its report.

    Args:
        events: of the run; they are closed in any case.
        tell: is told each step as it begins ("read", "redact", ...).

    Raises:
        AgentKitError: it ended without one.
    """
    report: object = None
    async with aclosing(events):
        async for event in events:
            report = event.get("report", report)
            if tell is not None and event["event"] == "node_started":
                await tell(str(event["node"]).replace("_", " "))
    if not isinstance(report, Report):
        raise AgentKitError("The run ended without a report.")
    return report


def told(report: Report) -> str:
    """Return a report in words: each claim with its verdict and the exact words and places it rests on."""
    if not report.claims:
        return f"The documents do not say ({report.status})."
    return "\n".join(_line(claim, report) for claim in report.claims)


def _line(claim: ReportClaim, report: Report) -> str:
    quotes = "; ".join(f'"{citation.quote}" [{_place(citation, report)}]' for citation in claim.citations)
    return f"- {claim.text} ({claim.verdict.label})" + (f" {quotes}" if quotes else "")


def _place(citation: ReportCitation, report: Report) -> str:
    page = None if citation.page is None else f"page {citation.page}"
    where = [report.sources[citation.source].path, citation.locator, page, f"{citation.start}-{citation.end}"]
    return ", ".join(part for part in where if part)
