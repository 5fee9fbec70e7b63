"""What may be said of one run besides its documents."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from agentkit.indexed import Principal
from agentkit.state import DEFAULT_CLAIMS, DEFAULT_WORDS
from agentkit.types import ChecklistItem

__all__ = ["DEFAULT_CLAIMS", "DEFAULT_WORDS", "Options"]


@dataclass(frozen=True, slots=True)
class Options:
    """What may be said of one run besides its documents.

    Args:
        max_claims: at most so many claims; an answer without limits has 5.
        max_words: a hard limit over the text of all claims; a summary without limits has 400 words.
        checklist: items to look for.
        matter: whose vault is used; by default the run's own.
        password: for encrypted PDF files.
        keep_redacted: leave placeholders in the report.
        tenant: who pays; by default the configuration's `tenant`.
        labels: confidentiality labels of everything in this run, besides those of its matter.
        ocr: read pages without a text layer by OCR (extra `ocr`).
        index: the folder or the address of an index, which a question without documents is asked of; by default the
            configuration's `index.url`.
        at: an earlier version of that index, by its first characters.
        principal: who asks the index; by default one on the run's matter who holds the run's labels, where it has any.
    """

    max_claims: int | None = None
    max_words: int | None = None
    checklist: Sequence[ChecklistItem] = ()
    matter: str = ""
    password: str | None = field(default=None, repr=False)
    keep_redacted: bool = False
    ocr: bool = False
    tenant: str = ""
    labels: Sequence[str] = ()
    index: str = ""
    at: str = ""
    principal: Principal | None = None
