"""The tasks *summarize* and *revise* of the embedded model: passages in, candidate claims out."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import TypedDict

from agentkit.legal.judgments import start_of_judgment
from agentkit.legal.salience_contracts import contract_drafts
from agentkit.legal.salience_drafts import OPENING, SHORT, TIGHT, WIDE, Draft
from agentkit.legal.salience_focus import Focus, focus_of
from agentkit.legal.salience_general import general_drafts, judgment_drafts
from agentkit.legal.salience_kinds import document_kind
from agentkit.legal.salience_preamble import opening_of
from agentkit.legal.salience_units import Unit, units
from agentkit.legal.tidy import cut, forms, plain
from agentkit.text.support import assess
from agentkit.types import Prompt, RejectedClaim, SafePassage

_NO_PROSE = ("contents", "signatures", "heading")
_CUT_HARD = 3
_CANDIDATE_WORDS = 1200  # what is returned when nobody said how long the summary may be


class Quote(TypedDict):
    """A citation: exact words of a passage's safe text, and where they begin in it."""

    passage: str
    quote: str
    start: int


class Answer(TypedDict):
    """A claim as the prompts' answer format has it."""

    text: str
    citations: list[Quote]
    salience: float
    topic: str


Json = dict[str, bool | float | str | list[str] | list[Answer]]


def summarize_passages(prompt: Prompt) -> Json:
    """Answer *summarize*: candidate claims of every document in the prompt, more than a summary needs."""
    passages = [item for item in prompt.passages if not item.quarantined]
    focus = focus_of(prompt.question)
    limit = max(_CANDIDATE_WORDS, 3 * (prompt.limits.max_words or 0))
    claims: list[Answer] = []
    for source in dict.fromkeys(item.source for item in passages):
        own = [item for item in passages if item.source == source]
        claims += [answer_of(draft, own) for draft in _forms(_drafts(own, focus, limit), own)]
    return {"answered": True, "claims": claims}


def _drafts(passages: Sequence[SafePassage], focus: Focus, limit: int) -> list[Draft]:
    texts = [item.text for item in passages]
    whole = "\n\n".join(texts)
    kind = document_kind(whole)
    first = start_of_judgment(whole) if kind == "judgment" else 0
    sentences: list[Unit] = []
    position = 0
    for number, item in enumerate(passages):
        if item.kind not in _NO_PROSE:
            found = units(item.text, item.section, number)
            sentences += [unit for unit in found if position + unit.start >= first]
        position += len(item.text) + 2
    if kind == "judgment":
        return judgment_drafts(sentences, focus=focus, limit=limit)
    if kind == "contract":
        return contract_drafts(sentences, opening_of(sentences, texts), focus=focus, limit=limit)
    return general_drafts(sentences, focus=focus, limit=limit)


def _forms(drafts: Sequence[Draft], passages: Sequence[SafePassage]) -> Iterator[Draft]:
    """Yield each draft as a claim that code finds supported: readable if that is, else verbatim; and shorter forms.

    For a tiny summary the first words of a document's best sentences stand in where they have no short
    form; the reviewer will say that these are unverified.
    """
    best = sorted(drafts, key=lambda draft: -draft.worth)[:_CUT_HARD]
    for draft in drafts:
        quoted = "\n\n".join(passages[number].text[start:end] for number, start, end in draft.quotes)
        opens = draft.topic == OPENING  # names the parties: shortened already, and never cut
        texts = [draft.text if opens or _supported(draft.text, quoted) else plain(quoted)]
        for size in () if opens else (WIDE, TIGHT, SHORT):
            if texts[-1].count(" ") >= size:
                texts += islice((form for form in forms(draft.text, size) if _supported(form, quoted)), 1)
        if draft in best and texts[-1].count(" ") >= SHORT:
            texts.append(cut(draft.text, SHORT))
        yield from (replace(draft, text=text) for text in texts)


def _supported(text: str, quoted: str) -> bool:
    return assess(text, quoted).label == "supported"


def answer_of(draft: Draft, passages: Sequence[SafePassage]) -> Answer:
    """Return a draft as a claim that cites its passages by id."""
    quotes: list[Quote] = [
        {"passage": passages[number].id, "quote": passages[number].text[start:end], "start": start}
        for number, start, end in draft.quotes
    ]
    return {"text": draft.text, "citations": quotes, "salience": draft.worth, "topic": draft.topic}


def revise_claims(prompt: Prompt) -> Json:
    """Answer *revise*: each rejected claim becomes the words it cites, or is dropped."""
    known = {item.id: item for item in prompt.passages if not item.quarantined}
    claims = [claim for rejected in prompt.rejected if (claim := _verbatim(rejected, known)) is not None]
    return {"answered": True, "claims": claims}


def _verbatim(rejected: RejectedClaim, known: dict[str, SafePassage]) -> Answer | None:
    for citation in reversed(rejected.claim.citations):
        passage = known.get(citation.passage)
        if passage is None:
            continue
        start = to_safe(passage, citation.start)
        end = to_safe(passage, citation.end)
        quote = passage.text[start:end]
        if plain(quote):
            quotes: list[Quote] = [{"passage": passage.id, "quote": quote, "start": start}]
            return {
                "text": plain(quote),
                "citations": quotes,
                "salience": rejected.claim.salience,
                "topic": rejected.claim.topic,
            }
    return None


def to_safe(passage: SafePassage, offset: int) -> int:
    """Map a source offset to the passage's safe text; one inside an original maps to its placeholder's end."""
    shift = 0
    for item in passage.replacements:
        if offset <= item.source_start:
            break
        if offset < item.source_end:
            return item.end
        shift = (item.end - item.start) - (item.source_end - item.source_start) + shift
    return max(0, min(len(passage.text), offset - passage.start + shift))
