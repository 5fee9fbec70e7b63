"""The last noun: the report, as `report.json` has it (`schema: "agentkit.report/1"`)."""

import dataclasses
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

from agentkit.types import RailResult, RemovedClaim, TaskKind

# Control characters beyond ASCII, marks of direction, separators, invisible tags: JSON itself lets them stand.
_ACTING = re.compile("[\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e007f]")
SCHEMA = "agentkit.report/1"
Status = Literal["approved", "needs_review", "unanswered", "refused"]
SavingStep = Literal[
    "rule", "cache", "semantic_cache", "provider_cache", "ladder", "skipped_combine", "deterministic_review"
]
SAVING_STEPS: tuple[SavingStep, ...] = get_args(SavingStep)


@dataclass(frozen=True, slots=True)
class ReportTask:
    """What was asked. `focus` belongs to *summarize*, `question` to *ask*."""

    kind: TaskKind
    focus: str | None = None
    question: str | None = None


@dataclass(frozen=True, slots=True)
class ReportCitation:
    """The exact words a claim rests on: `quote == sources[source].text[start:end]`."""

    source: int
    page: int | None
    locator: str | None
    start: int
    end: int
    quote: str


@dataclass(frozen=True, slots=True)
class ReportSuccessor:
    """A later document, by its place among the sources, what it is to an earlier one, and the sections it replaces.

    An amendment (*amends*) replaces sections, a restated agreement (*restates*) the whole; of a *later_version* nothing
    says that the earlier one no longer holds.
    """

    source: int
    relation: Literal["amends", "restates", "later_version"]
    sections: list[str] = field(default_factory=list[str])


@dataclass(frozen=True, slots=True)
class ReportIndex:
    """The index that a question was asked of, without secrets, and the version it was of; "" where nothing was read."""

    url: str
    version: str


@dataclass(frozen=True, slots=True)
class ReportVerdict:
    """The reviewer's word on a claim: supported, unsupported, contradicted or unverified; score in [0, 1]."""

    label: str
    score: float
    method: str
    reason: str


@dataclass(frozen=True, slots=True)
class ReportOpinion:
    """What one reviewer of a panel said of a claim."""

    reviewer: str
    label: str
    score: float
    method: str
    reason: str


@dataclass(frozen=True, slots=True)
class ReportAgent:
    """What an agent of one's own brought: data of the shape it declares, or claims (ids).

    `withheld` counts the texts that a rail blocked and a marker stands for.
    """

    name: str
    data: object = None
    claims: list[str] = field(default_factory=list[str])
    withheld: int = 0


@dataclass(frozen=True, slots=True)
class ReportClaim:
    """A sentence of the answer; with a panel of reviewers, `verdict` is what they come to together.

    `superseded_by` are the documents that replaced words it cites.
    """

    id: str
    text: str
    section: str
    citations: list[ReportCitation]
    verdict: ReportVerdict
    opinions: list[ReportOpinion] = field(default_factory=list[ReportOpinion])
    superseded_by: list[ReportSuccessor] = field(default_factory=list[ReportSuccessor])


@dataclass(frozen=True, slots=True)
class ChecklistEntry:
    """An item of the user's list, whether the documents contain it, and the claims (ids) that say so."""

    item: str
    found: bool
    claims: list[str]


@dataclass(frozen=True, slots=True)
class Source:
    """A document that was read. `text` names the file of its exact text in a written report."""

    index: int
    path: str
    sha256: str
    media_type: str
    pages: int
    characters: int
    passages: int
    text: str
    warnings: list[str]
    superseded_by: list[ReportSuccessor] = field(default_factory=list[ReportSuccessor])


@dataclass(frozen=True, slots=True)
class ModelUsage:
    """One model's share of the usage."""

    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float = 0.0


@dataclass(frozen=True, slots=True)
class Saving:
    """What one step spared the run: calls of a language model, their tokens and dollars.

    Negative dollars (only of *ladder*) say that answers which had to be asked for again cost more than it spared.
    """

    step: SavingStep
    calls: int = 0
    tokens: int = 0
    usd: float = 0.0


@dataclass(frozen=True, slots=True)
class ReportUsage:
    """What the run cost. A call of the embedded model counts as a call of cost 0."""

    model_calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float = 0.0
    cache_hits: int = 0
    by_model: dict[str, ModelUsage] = field(default_factory=dict[str, ModelUsage])
    savings: list[Saving] = field(default_factory=list[Saving])


@dataclass(frozen=True, slots=True)
class ReportPrivacy:
    """How many values of each type were replaced by placeholders, and every host that was contacted."""

    redacted: dict[str, int] = field(default_factory=dict[str, int])
    hosts_contacted: list[str] = field(default_factory=list[str])


@dataclass(frozen=True, slots=True)
class Report:
    """The result of a run.

    `texts` holds the sources' exact texts, in order, and `page_starts` the offsets at which their pages
    begin, where they have pages; neither is part of the JSON.
    """

    run_id: str
    matter: str
    task: ReportTask
    status: Status
    title: str
    claims: list[ReportClaim]
    checklist: list[ChecklistEntry]
    sources: list[Source]
    rails: list[RailResult]
    usage: ReportUsage
    privacy: ReportPrivacy
    revisions: int
    removed_claims: list[RemovedClaim]
    timings_ms: dict[str, float]
    agents: list[ReportAgent] = field(default_factory=list[ReportAgent])
    index: ReportIndex | None = None
    schema: str = SCHEMA
    texts: list[str] = field(default_factory=list[str], repr=False)
    page_starts: list[list[int]] = field(default_factory=list[list[int]], repr=False)

    def to_dict(self) -> dict[str, object]:
        """Return the report as plain data, `schema` first, without the sources' texts."""
        data: dict[str, object] = dataclasses.asdict(self)
        del data["texts"], data["page_starts"]
        return {"schema": data.pop("schema"), **data}

    def to_json(self) -> str:
        """Return `report.json`: UTF-8 text, indented, ending in a newline; what a terminal would act on is escaped."""
        text = json.dumps(self.to_dict(), ensure_ascii=False, indent=2)
        return _ACTING.sub(_escaped, text) + "\n"

    def __str__(self) -> str:
        """Return the claims, one to a line, each with its pages and what replaced the words that it cites."""
        names = {source.index: source.path for source in self.sources}
        lines = [f"{claim.text} {_where(claim)}{_replaced(claim, names)}" for claim in self.claims]
        return "\n".join(lines) or f"({self.status})"


def _escaped(match: re.Match[str]) -> str:
    return json.dumps(match[0])[1:-1]


def _where(claim: ReportClaim) -> str:
    places = (
        ", ".join(part for part in (c.locator, f"page {c.page}" if c.page else None) if part) or f"{c.start}-{c.end}"
        for c in claim.citations
    )
    return f"[{'; '.join(places)}]"


def with_sections(document: str, sections: Sequence[str]) -> str:
    """Return a document with sections of it: "amendment.docx, § 4.2, Schedule 1"."""
    return ", ".join([document, *(f"§ {name}" if name[:1].isdigit() else name for name in sections)])


def _replaced(claim: ReportClaim, names: Mapping[int, str]) -> str:
    """Return what replaced words that a claim cites: " (replaced by amendment.docx, § 4.2)"; or an empty string."""
    told: dict[str, None] = {}
    for later in claim.superseded_by:
        told[with_sections(names.get(later.source, ""), later.sections)] = None
    return f" (replaced by {'; '.join(told)})" if told else ""
