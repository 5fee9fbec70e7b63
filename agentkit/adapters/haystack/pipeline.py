# pyright: reportUnknownMemberType=false, reportUntypedFunctionDecorator=false
# Haystack's decorators are untyped.
"""Our pipeline as Haystack components: questions to answers, documents to summaries."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from haystack import Document, GeneratedAnswer, component, default_from_dict, default_to_dict

from agentkit.adapters.haystack.owning import Owning, read_in, written
from agentkit.offering import Kit
from agentkit.report import Report, ReportCitation, ReportClaim


@component
class AgentKitAnswerer(Owning[Kit]):
    """Answers a question from documents with our graph: an answer for each claim, with the exact words it rests on.

    Args:
        kit: a function that makes an `AgentKit`, as for `AgentKitChatGenerator`.
        paths: the documents; a run may name others.

    Raises:
        UsageError: Haystack's telemetry is on.
    """

    def __init__(self, kit: Callable[[], Kit], *, paths: Sequence[str] = ()) -> None:
        Owning.__init__(self, kit)  # `component` makes the class anew, so that super() would look for the old one
        self.paths = [str(path) for path in paths]

    def to_dict(self) -> dict[str, Any]:
        """Return the component as data."""
        return default_to_dict(self, kit=written(self._part.make), paths=self.paths)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "AgentKitAnswerer":
        """Return a component from its data."""
        return default_from_dict(cls, read_in(data, "kit"))

    @component.output_types(answers=list[GeneratedAnswer], report=Report)
    def run(self, query: str, paths: list[str] | None = None) -> dict[str, Any]:
        """Answer a question; no answers where the documents do not say. The whole `Report` comes with them.

        Raises:
            AgentKitError: as `AgentKit.ask`.
        """
        return self._part.blocking.run(self.run_async(query, paths))

    @component.output_types(answers=list[GeneratedAnswer], report=Report)
    async def run_async(self, query: str, paths: list[str] | None = None) -> dict[str, Any]:
        """`run`, in a running loop."""
        report = await self._part.get().ask(_as_paths(paths or self.paths), query)
        answers = [
            GeneratedAnswer(
                data=claim.text,
                query=query,
                documents=_cited(report, claim),
                meta={"verdict": claim.verdict.label, "score": claim.verdict.score, "claim": claim.id},
            )
            for claim in report.claims
        ]
        return {"answers": answers, "report": report}


@component
class AgentKitSummarizer(Owning[Kit]):
    """Summarizes documents with our graph.

    Args:
        kit: a function that makes an `AgentKit`, as for `AgentKitChatGenerator`.
        focus: what the summary is about; empty for everything.

    Raises:
        UsageError: Haystack's telemetry is on.
    """

    def __init__(self, kit: Callable[[], Kit], *, focus: str = "") -> None:
        Owning.__init__(self, kit)  # `component` makes the class anew, so that super() would look for the old one
        self.focus = focus

    def to_dict(self) -> dict[str, Any]:
        """Return the component as data."""
        return default_to_dict(self, kit=written(self._part.make), focus=self.focus)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "AgentKitSummarizer":
        """Return a component from its data."""
        return default_from_dict(cls, read_in(data, "kit"))

    @component.output_types(summary=str, documents=list[Document], report=Report)
    def run(self, paths: list[str], focus: str | None = None) -> dict[str, Any]:
        """Summarize documents: the claims as one text, a document for each citation, and the whole `Report`.

        Raises:
            AgentKitError: as `AgentKit.summarize`.
        """
        return self._part.blocking.run(self.run_async(paths, focus))

    @component.output_types(summary=str, documents=list[Document], report=Report)
    async def run_async(self, paths: list[str], focus: str | None = None) -> dict[str, Any]:
        """`run`, in a running loop."""
        report = await self._part.get().summarize(_as_paths(paths), focus=self.focus if focus is None else focus)
        cited = [document for claim in report.claims for document in _cited(report, claim)]
        return {"summary": "\n".join(claim.text for claim in report.claims), "documents": cited, "report": report}


def _as_paths(paths: Sequence[str]) -> list[Path]:
    return [Path(path) for path in paths]


def _cited(report: Report, claim: ReportClaim) -> list[Document]:
    return [_document(report, claim, citation) for citation in claim.citations]


def _document(report: Report, claim: ReportClaim, citation: ReportCitation) -> Document:
    meta = {
        "claim": claim.id,
        "source": citation.source,
        "file_name": report.sources[citation.source].path,
        "start": citation.start,
        "end": citation.end,
        "page": citation.page,
        "locator": citation.locator,
    }
    return Document(content=citation.quote, meta=meta, score=claim.verdict.score)
