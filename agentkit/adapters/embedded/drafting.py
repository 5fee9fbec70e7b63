"""The tasks *summarize* and *revise* of the embedded model: passages in, candidate claims out."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import TypedDict

from agentkit.legal.judgments import start_of_judgment
from agentkit.legal.salience_contracts import contract_drafts
from agentkit.legal.salience_drafts import MIDDLE, OPENING, SHORT, TIGHT, WIDE, Draft
from agentkit.legal.salience_focus import Focus, focus_of
from agentkit.legal.salience_general import general_drafts, judgment_drafts
from agentkit.legal.salience_kinds import document_kind
from agentkit.legal.salience_lists import is_open_item
from agentkit.legal.salience_preamble import openings_of, says_when, signing_of
from agentkit.legal.salience_units import Unit, units, with_lists
from agentkit.legal.tidy import (
    closed,
    cut,
    forms,
    hangs,
    has_verb,
    plain,
    strip_label,
    without_addresses,
    without_descriptions,
)
from agentkit.text.sentences import split_sentences
from agentkit.text.support import assess
from agentkit.types import Prompt, RejectedClaim, SafePassage

_CUT_HARD = 3
_NAMED = re.compile(r"[\"”’']\)")  # the end of what a party is called: ("Buyer")
_NO_PROSE = ("contents", "signatures", "heading")
_CANDIDATE_WORDS = 1200, 5000  # the least and the most that are returned while nobody says how long it may be
_CANDIDATE_SHARE = 12  # of a document's words, one in so many


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
    claims: list[Answer] = []
    for source in dict.fromkeys(item.source for item in passages):
        own = [item for item in passages if item.source == source]
        size = sum(item.text.count(" ") for item in own) // _CANDIDATE_SHARE
        limit = max(min(max(size, _CANDIDATE_WORDS[0]), _CANDIDATE_WORDS[1]), 3 * (prompt.limits.max_words or 0))
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
        if item.kind not in _NO_PROSE or (item.kind == "heading" and is_open_item(item.text)):
            found = units(item.text, item.section, number)
            sentences += [unit for unit in found if position + unit.start >= first]
        position += len(item.text) + 2
    if kind == "judgment":
        return judgment_drafts(sentences, focus=focus, limit=limit)
    if kind == "contract":
        sentences = with_lists(sentences)
        openings = openings_of(sentences, texts)
        signing = None if says_when(openings) else signing_of(texts)
        if signing is not None and _stands_alone(signing.text, signing.quotes[0], passages):
            openings.append(signing)
        return contract_drafts(sentences, openings, focus=focus, limit=limit)
    return general_drafts(sentences, focus=focus, limit=limit)


def _forms(drafts: Sequence[Draft], passages: Sequence[SafePassage]) -> Iterator[Draft]:
    """Yield each draft as a claim that code finds supported: readable if that is, else verbatim; and shorter forms.

    A draft that is supported in no form is left out, and so are words cut out of a longer sentence that may limit
    them. For a tiny summary the first words of the best sentences stand in where those have no short form: the
    reviewer says that they are unverified, and the quote has the rest.
    """
    best = sorted(drafts, key=lambda draft: -draft.worth)[:_CUT_HARD]
    for draft in drafts:
        quoted = "\n\n".join(passages[number].text[start:end] for number, start, end in draft.quotes)
        if draft.topic == OPENING:  # loses addresses, and is cut after the name of a party at most
            texts = [without_addresses(draft.text), without_descriptions(draft.text), draft.text]
            texts += [closed(draft.text[: match.end()]) for match in reversed([*_NAMED.finditer(draft.text)])]
            sound = next((text for text in texts if _sound(text, quoted, draft, passages)), None)
            opening = replace(draft, text=sound) if sound else _sentence_of(draft, passages)
            yield from [opening] if opening else []
            continue
        if hangs(plain(quoted)):  # it introduces a list that does not follow
            continue
        own = (draft.text, closed(strip_label(plain(quoted))))
        texts = [next((text for text in own if _supported(text, quoted)), plain(quoted))]
        if not _sound(texts[0], quoted, draft, passages):
            continue
        for size in (WIDE, MIDDLE, TIGHT, SHORT):
            if texts[-1].count(" ") >= size:
                texts += islice((form for form in forms(draft.text, size) if _supported(form, quoted)), 1)
        if draft in best and texts[-1].count(" ") >= SHORT:
            texts.append(cut(draft.text, SHORT))
        yield from (replace(draft, text=text) for text in texts)


def _sound(text: str, quoted: str, draft: Draft, passages: Sequence[SafePassage]) -> bool:
    """Tell whether the reviewer will find a draft supported, by its quotes and in the passages around them."""
    return _supported(text, quoted) and all(_stands_alone(text, quote, passages) for quote in draft.quotes)


def _sentence_of(draft: Draft, passages: Sequence[SafePassage]) -> Draft | None:
    """Return a draft as the whole sentences that its last quote touches, word for word; None where they say nothing."""
    number, start, end = draft.quotes[-1]
    passage = passages[number].text
    start, end = _widened(passage, start, end)
    whole = replace(draft, text=plain(passage[start:end]), quotes=((number, start, end),))
    return whole if _sound(whole.text, passage[start:end], whole, passages) else None


def _widened(passage: str, start: int, end: int) -> tuple[int, int]:
    """Widen a span to the sentences it touches."""
    touched = [(first, last) for first, last in split_sentences(passage) if first < end and start < last]
    return (touched[0][0], touched[-1][1]) if touched else (start, end)


def _supported(text: str, quoted: str) -> bool:
    return assess(text, quoted).label == "supported"


def _stands_alone(text: str, quote: tuple[int, int, int], passages: Sequence[SafePassage]) -> bool:
    """Tell whether a quote is whole sentences, or says in its passage what it says alone."""
    number, start, end = quote
    passage = passages[number].text
    if passage == passage.lower():  # without capitals nobody can tell where a sentence begins
        return True
    sentences = split_sentences(passage)
    whole = any(first == start for first, _ in sentences) and any(last == end for _, last in sentences)
    return whole or _supported(text, passage)


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
    quotes: dict[tuple[str, int, int], Quote] = {}
    for citation in rejected.claim.citations:
        passage = known.get(citation.passage)
        start, end = (to_safe(passage, citation.start), to_safe(passage, citation.end)) if passage else (0, 0)
        if passage and plain(passage.text[start:end]):
            start, end = _widened(passage.text, start, end)
            quote: Quote = {"passage": passage.id, "quote": passage.text[start:end], "start": start}
            quotes[passage.id, start, end] = quote
    kept = [item for item in quotes.values() if has_verb(item["quote"])] or list(quotes.values())
    if not kept:
        return None
    text = " ".join(closed(plain(item["quote"])) for item in kept)
    claim = rejected.claim
    return {"text": text, "citations": kept, "salience": claim.salience, "topic": claim.topic}


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
