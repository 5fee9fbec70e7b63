"""Sections of the configuration about documents: rails, retrieval, privacy, review, state, tracing."""

from typing import Literal

from pydantic import Field, PositiveInt

from agentkit.config.access import AccessRule
from agentkit.config.base import Section
from agentkit.types import Edge, Stage


class EdgeConfig(Section):
    """One edge: the stage of the folder whose rails run there, and what becomes of a text they cannot check."""

    stage: Stage | Literal["none", "usual"] = "usual"
    unchecked: Literal["block", "allow"] = "block"


class RailsConfig(Section):
    """The NeMo Guardrails folder: a path, or the name of a shipped one (`base`, `legal`); and which rails run where."""

    folder: str = "legal"
    edges: dict[Edge, EdgeConfig] = Field(default_factory=dict[Edge, EdgeConfig])


class RetrievalConfig(Section):
    """How many passages a question or checklist item reads where reading costs; how texts are cut and limited.

    `retriever` is `index` or MODULE:NAME of a retriever, of ours or LlamaIndex's; `reranker` MODULE:NAME of a
    LlamaIndex `BaseNodePostprocessor`, or of what makes one.
    """

    retriever: str | None = None
    reranker: str | None = Field(default=None, pattern=r"^[\w.]+:\w+$")
    top_k: PositiveInt = 12
    max_chars: int = Field(default=1200, ge=200, le=20_000)
    max_document_chars: PositiveInt = 20_000_000


class IndexConfig(Section):
    """Where passages of a corpus are kept, and what embeds them: the same for who writes and who reads.

    `url` is a folder or a store's address; `os.environ/NAME` where that holds a password. `embedding` is `none`,
    `wordllama` (extra `embeddings`), or MODULE:NAME of a LlamaIndex `BaseEmbedding`.
    """

    url: str | None = None
    api_key: str | None = Field(default=None, description="only as os.environ/NAME", pattern="^os\\.environ/.+")
    embedding: str = "none"
    access: list[AccessRule] = Field(default_factory=list[AccessRule])


class PrivacyConfig(Section):
    """What is replaced before a model reads, what stays, and which hosts may be contacted."""

    recognizer: str = "embedded"
    redact: list[str] | None = None
    keep: list[str] = Field(default_factory=list[str])
    egress: Literal["none", "loopback", "private"] | list[str] = "loopback"


class ReviewConfig(Section):
    """How often a claim is sent back, and what becomes of one that still fails."""

    max_revisions: int = Field(default=2, ge=0, le=10)
    unsupported: Literal["remove", "flag"] = "remove"


class AgentConfig(Section):
    """An agent of one's own in every run: `use` is MODULE:NAME, and one of the others the step it stands at."""

    use: str = Field(pattern=r"^[\w.]+:\w+$")
    before: str | None = None
    after: str | None = None
    beside: str | None = None
    instead_of: str | None = None


class CheckpointConfig(Section):
    """Where the graph saves its state after each step."""

    adapter: Literal["sqlite", "memory", "none"] = "sqlite"


class TracingConfig(Section):
    """OpenTelemetry spans: off, to a file of JSON lines, or to an OTLP/HTTP endpoint. Never any text."""

    adapter: Literal["none", "file", "otlp"] = "none"
    path: str | None = None
    endpoint: str | None = None
