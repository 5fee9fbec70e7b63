"""The nouns, in the order data flows: Document → Passage → SafePassage → Summary → Review (→ `agentkit.report`).

Offsets count Unicode code points; `start` is the first character, `end` the one after the last.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from agentkit.calls import CallOptions, Tool
from agentkit.calls import Completion as Completion
from agentkit.calls import Message as Message
from agentkit.calls import Usage as Usage

SectionKind = Literal["heading", "clause", "schedule", "contents", "signatures", "preamble"]
PassageKind = Literal["body", "heading", "definition", "table", "footnote", "contents", "signatures"]
TaskKind = Literal["summarize", "ask"]
Label = Literal["supported", "unsupported", "contradicted", "unverified"]
Stage = Literal["input", "retrieval", "output"]
Edge = Literal[
    "user_to_graph", "document_to_passage", "tool_to_agent", "model_to_agent", "agent_to_agent", "graph_to_user"
]
RailAction = Literal["passed", "modified", "blocked", "unchecked"]
ModelRole = Literal["writer", "reviewer", "judge", "router"]
PromptTask = Literal["summarize", "combine", "revise", "ask", "judge", "chat"]


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a document: its number from 1 and its span in the document's text."""

    number: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, numbered clause or schedule, with everything under it.

    `start` is where its number or title begins; `end` is where the next section of the same or a
    higher level begins. `level` is 1 for the outermost. Sections are listed in document order and
    nest; `heading_end` closes the heading itself.
    """

    number: str
    title: str
    level: int
    start: int
    heading_end: int
    end: int
    kind: SectionKind = "clause"


@dataclass(frozen=True, slots=True)
class HiddenText:
    """Text a reader of the page would not see (white, one point, a comment), or that is not on the page."""

    start: int
    end: int
    reason: str


@dataclass(frozen=True, slots=True)
class Document:
    """A source that was read: one stable text that every later offset refers to.

    `index` is its place in the run, from 0; `name` the base name of its file; `pages` is empty where
    the format has none; `warnings` are full sentences for the user.
    """

    index: int
    name: str
    media_type: str
    sha256: str
    text: str
    title: str = ""
    pages: list[Page] = field(default_factory=list[Page])
    sections: list[Section] = field(default_factory=list[Section])
    tables: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    footnotes: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    hidden: list[HiddenText] = field(default_factory=list[HiddenText])
    warnings: list[str] = field(default_factory=list[str])


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of one document, cut at a boundary a reader would accept: `text == document.text[start:end]`.

    `section` is the trail of headings above it, outermost first, joined by " > "; `locator` the
    innermost numbered one ("§ 12.3") or the heading's words, or None; `labels` say who may see it.
    """

    id: str
    source: int
    start: int
    end: int
    text: str
    page: int | None = None
    locator: str | None = None
    section: str = ""
    kind: PassageKind = "body"
    labels: list[str] = field(default_factory=list[str])


@dataclass(frozen=True, slots=True)
class Entity:
    """Personal data found in a text; `score` in (0, 1] is the recognizer's confidence."""

    type: str
    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True)
class Replacement:
    """A placeholder in a safe text (`start:end`) and the source characters it stands for."""

    start: int
    end: int
    source_start: int
    source_end: int
    placeholder: str


@dataclass(frozen=True, slots=True)
class SafePassage:
    """A passage whose personal data are placeholders: the only passage a prompt accepts.

    `start` and `end` still count in the source; `text` may differ in length, and `replacements` align the
    two. A `quarantined` passage was found to carry instructions and is shown to no model.
    """

    id: str
    source: int
    start: int
    end: int
    text: str
    page: int | None = None
    locator: str | None = None
    section: str = ""
    kind: PassageKind = "body"
    replacements: list[Replacement] = field(default_factory=list[Replacement])
    quarantined: bool = False


@dataclass(frozen=True, slots=True)
class Citation:
    """Where a claim comes from: a span of source `source`. The quote is filled in when the report is made."""

    source: int
    start: int
    end: int
    passage: str


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence of an answer, in redacted text, with the spans that support it.

    `salience` orders claims when not all fit, higher first; `topic` names what it is about ("termination").
    """

    id: str
    text: str
    citations: list[Citation] = field(default_factory=list[Citation])
    section: str = ""
    salience: float = 0.0
    topic: str = ""


@dataclass(frozen=True, slots=True)
class Summary:
    """What a writer answered; `answered` is False when the passages do not say (only for a question)."""

    claims: list[Claim]
    answered: bool = True
    problems: list[str] = field(default_factory=list[str])


@dataclass(frozen=True, slots=True)
class Verdict:
    """The review of one claim. `score` in [0, 1] is how well the citations support it.

    *unverified* means that the method used cannot know, never that it found support.
    """

    claim_id: str
    label: Label
    score: float
    method: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Assessment:
    """The review of a claim against a text: as `Verdict`, with the evidence's span in that text."""

    label: Label
    score: float
    method: str
    reason: str = ""
    evidence: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class RemovedClaim:
    """A claim that did not survive review or an output rail, and why."""

    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class RailResult:
    """What one rail did to one text. `source`, `start` and `end` locate a passage, or are None."""

    stage: Stage
    rail: str
    action: RailAction
    reason: str = ""
    source: int | None = None
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True)
class RailReport:
    """The rails' joint word on one text: `text` is as modified; `score` is the likelihood of an attack, 0 to 1."""

    allowed: bool
    score: float
    text: str
    results: list[RailResult]


@dataclass(frozen=True, slots=True)
class ChecklistItem:
    """One thing a lawyer looks for: a name, and a question or key terms (or both)."""

    id: str
    name: str
    question: str = ""
    terms: list[str] = field(default_factory=list[str])


@dataclass(frozen=True, slots=True)
class Limits:
    """How long an answer may be; None means no limit of that kind."""

    max_claims: int | None = None
    max_words: int | None = None


@dataclass(frozen=True, slots=True)
class RejectedClaim:
    """A claim the reviewer sent back, with the reason the writer must answer."""

    claim: Claim
    reason: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a model is asked, as data: adapters render it to messages, a deterministic model reads it as it is.

    *summarize* and *ask* read `passages` (and `question`, redacted); *combine* reads `claims`; *revise* reads
    `rejected` and their `passages`; *judge* reads one claim in `claims` and its `passages`; *chat* is `messages`.
    `schema` is the JSON schema asked for in place of the task's own; `labels` are the confidentiality labels of
    what it carries; `documents` the SHA-256 hashes of the documents it rests on.
    """

    role: str
    task: PromptTask
    version: str
    instructions: str
    passages: list[SafePassage] = field(default_factory=list[SafePassage])
    question: str = ""
    claims: list[Claim] = field(default_factory=list[Claim])
    rejected: list[RejectedClaim] = field(default_factory=list[RejectedClaim])
    limits: Limits = Limits()
    terms: list[str] = field(default_factory=list[str])
    messages: list[Message] = field(default_factory=list[Message])
    schema: Mapping[str, object] | None = None
    tools: list[Tool] = field(default_factory=list[Tool])
    options: CallOptions = field(default_factory=CallOptions)
    labels: list[str] = field(default_factory=list[str])
    documents: list[str] = field(default_factory=list[str])
