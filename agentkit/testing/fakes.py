"""Fakes that behave: a model that answers from a script, a run record and a vault in memory, rails that obey words."""

import re
from collections.abc import Callable, Mapping, Sequence

from agentkit.types import Completion, Prompt, RailAction, RailReport, RailResult, Stage, Usage

Reply = str | Completion | Exception | Callable[[Prompt], str]
_MEANINGS: Mapping[str, RailAction] = {"bad": "blocked", "unsure": "unchecked", "change": "modified"}


class ScriptedBackend:
    """Answers with the given replies, in order; the last one repeats. An exception is raised, a function asked.

    Args:
        replies: at least one.
        name: the model's name.
        deterministic: as the port says.
        context_tokens: the window.
        usage: what each text costs.
    """

    def __init__(
        self,
        *replies: Reply,
        name: str = "scripted",
        deterministic: bool = False,
        context_tokens: int = 8192,
        usage: Usage = Usage(input_tokens=10, output_tokens=5),  # noqa: B008 - it is frozen
    ) -> None:
        if not replies:
            raise ValueError("a scripted model needs at least one reply")
        self._replies = list(replies)
        self._usage = usage
        self.name = name
        self.deterministic = deterministic
        self.context_tokens = context_tokens
        self.prompts: list[Prompt] = []
        self.closed = False

    async def complete(self, prompt: Prompt, /) -> Completion:
        self.prompts.append(prompt)
        reply = self._replies.pop(0) if len(self._replies) > 1 else self._replies[0]
        if isinstance(reply, Exception):
            raise reply
        if isinstance(reply, Completion):
            return reply
        text = reply if isinstance(reply, str) else reply(prompt)
        return Completion(text=text, model=self.name, usage=self._usage)

    async def aclose(self) -> None:
        self.closed = True


class WordRails:
    """Rails that obey words, and list in `asked` what they looked at.

    "STAGE:bad" in a text blocks it at that stage, "STAGE:unsure" cannot be checked there, and with "STAGE:change" it
    becomes "changed".
    """

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def check(self, text: str, /, *, stage: Stage, forbidden: Sequence[str] = ()) -> RailReport:  # noqa: ARG002
        self.asked.append(text)
        action: RailAction = "passed"
        for word, meaning in _MEANINGS.items():
            if f"{stage}:{word}" in text:
                action = meaning
        after = "changed" if action == "modified" else text
        reason = "" if action == "passed" else f"word: {text}"
        allowed = action in {"passed", "modified"}
        return RailReport(allowed, float(not allowed), after, [RailResult(stage, "word rail", action, reason)])

    async def check_many(self, texts: Sequence[str], /, *, stage: Stage) -> list[RailReport]:
        return [await self.check(text, stage=stage) for text in texts]

    def flows(self, stage: Stage) -> list[tuple[str, bool]]:  # noqa: ARG002
        """Return the one rail of every stage."""
        return [("word rail", True)]


class MemoryRecord:
    """A run record in a list of (event, fields)."""

    def __init__(self) -> None:
        self.events: list[tuple[str, Mapping[str, object]]] = []

    def add(self, event: str, /, *, fields: Mapping[str, object]) -> None:
        self.events.append((event, fields))


class MemoryVault:
    """A vault in a dictionary; originals that are given at once are numbered in order.

    Args:
        originals: by entity type, such as `{"PERSON": ["Ada Lovelace"]}`.
    """

    def __init__(self, originals: Mapping[str, list[str]] | None = None) -> None:
        self._kept = {kind: list(values) for kind, values in (originals or {}).items()}

    def placeholder(self, entity_type: str, original: str, /) -> str:
        kept = self._kept.setdefault(entity_type, [])
        if original not in kept:
            kept.append(original)
        return f"<{entity_type}_{kept.index(original) + 1}>"

    def restore(self, text: str, /) -> str:
        return re.sub(r"<([A-Z_]+)_(\d+)>", self._original, text)

    def originals(self) -> list[str]:
        return [value for values in self._kept.values() for value in values]

    def counts(self) -> Mapping[str, int]:
        return {kind: len(values) for kind, values in self._kept.items()}

    def _original(self, match: re.Match[str]) -> str:
        kept, number = self._kept.get(match[1], []), int(match[2])
        return kept[number - 1] if 0 < number <= len(kept) else match[0]
