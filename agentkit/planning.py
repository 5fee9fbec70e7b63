"""What a run would do, before anything is spent (`--dry-run`)."""

from collections.abc import Sequence
from dataclasses import dataclass

from agentkit.agents import batches
from agentkit.deployments import Model
from agentkit.types import ChecklistItem, Document, Passage, SafePassage
from agentkit.wrappers.charges import most_tokens

_PROMPT_OVERHEAD_TOKENS = 600


@dataclass(frozen=True, slots=True)
class Plan:
    """The worst case of a run: calls, tokens of prompts and answers together, dollars."""

    model: str
    documents: int
    pages: int
    passages: int
    sections: int
    checklist_items: int
    calls: int
    tokens: int
    usd: float

    def render(self) -> str:
        """Return the plan as text."""
        return "\n".join(
            [
                f"Documents   {self.documents} ({self.pages} pages, {self.passages} passages)",
                f"Sections    {self.sections}" + (f" and {self.checklist_items} items" if self.checklist_items else ""),
                f"Model       {self.model}",
                f"Calls       at most {self.calls}",
                f"Tokens      at most {self.tokens:,}",
                f"Cost        at most ${self.usd:.4f}",
            ]
        )


def make_plan(
    documents: Sequence[Document],
    passages: Sequence[Passage],
    *,
    model: Model,
    checklist: Sequence[ChecklistItem],
    top_k: int | None,
    max_revisions: int,
) -> Plan:
    """Work out the worst case of summarizing documents.

    Every section, checklist item, combining step and revision is a call; a revision repeats the cited
    passages, so each is counted as a whole section. A deterministic model takes no tokens and no money.
    """
    readable = [_unredacted(passage) for passage in passages if passage.kind != "contents"]
    cut = batches(readable, model=model.deployments[0].backend)
    calls = len(cut) + len(checklist) + 1 + max_revisions
    sizes = [sum(most_tokens(passage.text) for passage in batch) + _PROMPT_OVERHEAD_TOKENS for batch in cut]
    longest = max(sizes, default=0)
    average = sum(most_tokens(passage.text) for passage in readable) // max(1, len(readable))
    item = _PROMPT_OVERHEAD_TOKENS + average * (top_k or len(readable))
    sent = sum(sizes) + item * len(checklist) + longest * (1 + max_revisions)
    received = calls * max(item.longest_answer for item in model.deployments)
    free = model.deterministic
    return Plan(
        model=model.name,
        documents=len(documents),
        pages=sum(len(document.pages) for document in documents),
        passages=len(passages),
        sections=len(cut),
        checklist_items=len(checklist),
        calls=calls,
        tokens=0 if free else sent + received,
        usd=0.0
        if free
        else max(item.price.of(input_tokens=sent, output_tokens=received) for item in model.deployments),
    )


def _unredacted(passage: Passage) -> SafePassage:
    """Stand in for a redacted passage of about the same length: nothing is sent while planning."""
    return SafePassage(passage.id, passage.source, passage.start, passage.end, passage.text, section=passage.section)
