"""What a run knows while it runs: ids, spans and redacted text, never the words of a document or a user.

LangGraph checkpoints these; lists are `list[...]` of our dataclasses, because a checkpoint returns a
tuple as a list and the items of a `Sequence` as plain dicts.
"""

import operator
from dataclasses import dataclass, field
from typing import Annotated, NotRequired, TypedDict

from agentkit.indexed import Principal
from agentkit.types import Claim, Limits, RailResult, RejectedClaim, RemovedClaim, TaskKind, Verdict

DEFAULT_WORDS = 400
"""How long a summary is where nobody says."""
DEFAULT_CLAIMS = 5
"""How many claims answer a question where nobody says."""


@dataclass(frozen=True, slots=True)
class Sought:
    """An index that is asked in place of documents, at an earlier version (`at`) or as it is; and who asks.

    Nobody (`anyone` False) sees nothing where any document has a matter or a label.
    """

    url: str
    at: str = ""
    anyone: bool = False
    name: str = ""
    matters: list[str] = field(default_factory=list[str])
    labels: list[str] = field(default_factory=list[str])

    def principal(self) -> Principal | None:
        """Return who asks."""
        return Principal(self.name, frozenset(self.matters), frozenset(self.labels)) if self.anyone else None


@dataclass(frozen=True, slots=True)
class Task:
    """What is asked, without the words the user typed (question and checklist are in the run's store).

    `limits` are the user's and hold for all claims; `target` is how long a summary or an answer should be
    where the user set none, and does not count what a checklist found. `found` are the places, among the paths, of
    documents found in a folder: one of those that cannot be read is named, not fatal. `labels` are the run's
    confidentiality labels, `tenant` is who pays; `sought` is the index that is asked where no documents are named.
    """

    kind: TaskKind = "summarize"
    limits: Limits = field(default_factory=Limits)
    target: Limits = field(default_factory=Limits)
    keep_redacted: bool = False
    ocr: bool = False
    found: list[int] = field(default_factory=list[int])
    labels: list[str] = field(default_factory=list[str])
    tenant: str = "default"
    sought: Sought | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """One piece of the fan-out: passages to summarize, or one checklist item (its place in the list) or question."""

    index: int
    kind: TaskKind
    passages: list[str]
    item: int | None = None
    total: int = 1


@dataclass(frozen=True, slots=True)
class Draft:
    """What the writer made of one batch, or an agent (`by`); `removed` are claims that a rail held back."""

    batch: int
    claims: list[Claim]
    answered: bool
    item: int | None = None
    removed: list[RemovedClaim] = field(default_factory=list[RemovedClaim])
    by: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """What an agent brought: plain data of the shape it declares, in redacted text, or claims (ids).

    `withheld` counts the texts in it that a rail blocked and a marker stands for.
    """

    agent: str
    data: object = None
    claims: list[str] = field(default_factory=list[str])
    withheld: int = 0

    @property
    def key(self) -> str:
        """What a later one of takes the place of an earlier one."""
        return self.agent


@dataclass(frozen=True, slots=True)
class Opinion:
    """One reviewer's verdict on a claim as it stood after so many revisions (`turn`)."""

    reviewer: str
    verdict: Verdict
    turn: int = 0

    @property
    def key(self) -> tuple[str, str, int]:
        """What a later one of takes the place of an earlier one."""
        return self.reviewer, self.verdict.claim_id, self.turn


@dataclass(frozen=True, slots=True)
class Handed:
    """Work that one agent gave to another: to whom, what, and who began to hand it on (`since`)."""

    to: str
    data: object
    since: str
    hops: int = 1


def latest(before: list[Finding] | list[Opinion], new: list[Finding] | list[Opinion]) -> list[Finding | Opinion]:
    """Return both together; a new one takes the place of an old one of its key."""
    kept: dict[object, Finding | Opinion] = {item.key: item for item in (*before, *new)}
    return list(kept.values())


@dataclass(frozen=True, slots=True)
class Found:
    """A checklist item, by its place in the list, and the claims (ids) that answer it.

    `found` stays true where a limit on length left no room for the claims; it turns false when none of
    them survived review and rails.
    """

    item: int
    found: bool
    claims: list[str]


@dataclass(frozen=True, slots=True)
class Timing:
    """How long one execution of a node took, in milliseconds."""

    node: str
    ms: float


class Start(TypedDict):
    """What a run begins with. `paths` is for hosts that bring no dependencies of their own (LangGraph Studio)."""

    run_id: NotRequired[str]
    task: NotRequired[Task]
    paths: NotRequired[list[str]]


class State(TypedDict):
    """What a run knows: ids, spans, redacted text. A key that no node has written yet is absent."""

    run_id: str
    task: Task
    paths: list[str]
    passages: list[str]
    quarantined: list[str]
    batch: Batch
    drafts: Annotated[list[Draft], operator.add]
    claims: list[Claim]
    checklist: list[Found]
    verdicts: list[Verdict]
    rejected: list[RejectedClaim]
    removed: list[RemovedClaim]
    revisions: int
    rails: Annotated[list[RailResult], operator.add]
    timings: Annotated[list[Timing], operator.add]
    findings: Annotated[list[Finding], latest]
    opinions: Annotated[list[Opinion], latest]
    handed: Handed
    refused: bool
    status: str


class Update(TypedDict, total=False):
    """What a node writes: `State`'s keys, so that a misspelt one is a type error (LangGraph would drop it)."""

    passages: list[str]
    quarantined: list[str]
    batch: Batch
    drafts: list[Draft]
    claims: list[Claim]
    checklist: list[Found]
    verdicts: list[Verdict]
    rejected: list[RejectedClaim]
    removed: list[RemovedClaim]
    revisions: int
    rails: list[RailResult]
    timings: list[Timing]
    findings: list[Finding]
    opinions: list[Opinion]
    handed: Handed
    refused: bool
    status: str


class Work(TypedDict):
    """What the summarizer receives: a piece of a fan-out, or, with the task, all there is."""

    batch: Batch
    task: NotRequired[Task]
