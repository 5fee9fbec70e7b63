"""Draft claims about a contract: for each sentence worth it, what it says, in its own words."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from agentkit.legal.salience import best_topics, topic_scores, weight_of
from agentkit.legal.salience_preamble import making_sentence, opening_text
from agentkit.legal.salience_units import Unit, is_boilerplate, is_junk
from agentkit.legal.tidy import MIN_WORDS, cut, readable, shorten

TIGHT = 32
FULL = 60
_EARLY_ONLY = ("parties",)


@dataclass(frozen=True, slots=True)
class Draft:
    """A claim in the making: its text, and the spans `(passage, start, end)` of passages' texts it rests on."""

    text: str
    quotes: tuple[tuple[int, int, int], ...]
    scores: Mapping[str, float]
    salience: float
    topic: str


def contract_drafts(units: Sequence[Unit], titles: Sequence[tuple[int, int, int, str]], max_words: int) -> list[Draft]:
    """Draft claims from the sentences of one contract.

    Args:
        units: its sentences, in order.
        titles: `(passage, start, end, words)` of the lines that may be its name, first lines first.
        max_words: no draft is longer, if it can be helped.
    Returns:
        Drafts in order; more than a summary needs, some of them two forms of the same sentence.
    """
    drafts: list[Draft] = []
    made = making_sentence(units)
    if made is not None:
        drafts.append(_opening(made[0], made[1], titles, max_words))
    for unit in units:
        if (made is None or unit is not made[0]) and not is_junk(unit.text):
            drafts += _drafts(unit, max_words)
    return drafts


def _opening(unit: Unit, sentence: str, titles: Sequence[tuple[int, int, int, str]], max_words: int) -> Draft:
    title = titles[0] if titles else None
    text = opening_text(sentence, title[3] if title else "", min(FULL + 20, max_words))
    quotes = [(unit.passage, unit.start, unit.end)]
    if title and text.startswith(title[3]):
        quotes.insert(0, title[:3])
    scores = {"parties": 1.0, **{k: v for k, v in topic_scores(unit.text).items() if k.endswith("date")}}
    return Draft(cut(text, max_words), tuple(quotes), scores, 1.0, "parties")


def _drafts(unit: Unit, max_words: int) -> Iterator[Draft]:
    scores = {name: value for name, value in topic_scores(unit.text, unit.heading).items() if name not in _EARLY_ONLY}
    if is_boilerplate(unit.text):
        scores = {name: value - 0.3 for name, value in scores.items() if value > 0.8}
    names = best_topics(scores)
    if not names:
        return
    full = readable(unit.text)
    if len(full.split()) < MIN_WORDS:
        return
    worth = min(1.0, sum(weight_of(name) * scores[name] for name in names) / 2)
    for text in dict.fromkeys((shorten(full, min(FULL, max_words)), shorten(full, min(TIGHT, max_words)))):
        kept = {name: value for name, value in topic_scores(text, unit.heading).items() if name in names}
        if kept:
            span = (unit.passage, unit.start, unit.end)
            yield Draft(text, (span,), kept, round(worth, 4), next(iter(best_topics(kept)), names[0]))
