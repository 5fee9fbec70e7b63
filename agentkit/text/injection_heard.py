"""A document as its sentences: how many words each has, which of them may ask for something, and in which language.

Words are looked at by their columns, all at once; a sentence is read as such only where it is asked for.
"""

import re
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from agentkit.text.injection_known import Column, ended, sums
from agentkit.text.injection_marks import is_caseless
from agentkit.text.injection_reading import Reading
from agentkit.text.injection_words import ACTS, EDITS, HONEST_OPENINGS, LEGAL, NOUN_FOLLOWERS, STOPWORDS, TASKS

if TYPE_CHECKING:
    from agentkit.text.injection_known import Numbers

_VERBS = TASKS | EDITS
_SENTENCE = re.compile(r"(?:[^.!?\n]++|[.!?](?![\s\"')\]]|$))+(?:[.!?]+[\"')\]]*)?")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_LEAD = re.compile(r"^(?:[\s\"'“‘(\[*#>•\-–—:;,|]+|please |kindly |also,? |now,? |then,? |and |but |so |hey,? |first,? |finally,? |next,? |additionally,? |instead,? |can you |could you |would you |will you )+", re.IGNORECASE)  # fmt: skip  # noqa: E501
_LEAD_WORDS = frozenset(re.findall(r"[a-z]{2,}", _LEAD.pattern))
"""Only these words are passed over in front of the opening of a sentence."""
_QUESTION = re.compile(r"^(?:what|who|whom|whose|why|when|where|which|how|is|are|was|were|do|does|did|can|could|should|would|will|have|has|if|am|may i)\b[^?]{4,300}\?", re.IGNORECASE)  # fmt: skip  # noqa: E501
_ENUMERATOR = re.compile(r"[ \t]*(?:\(?\w{1,4}[.)]|[•\-–*])[ \t]*|[ \t]*\d{1,3}[ \t]*")
_QUOTES = " \"'”’"
_NO_VERB = frozenset("-,/&")
"""What follows a word that begins a compound or a list, not a sentence."""
_DEFINED = re.compile(r"[^\"”\n]{1,60}[\"”],? (?:means?|shall mean|ha(?:s|ve) the meaning|refers?)\b")
"""What follows a defined term."""
REQUEST = 0.2
"""Stronger an opening is a request."""
_OPENING, _FEWEST, _FEWEST_FOREIGN = 400, 2, 4
_HIDDEN = 1 << 15
"""The bit of a word with a frequent one inside."""
_LEADS, _VERB, _ACT = 1, 2, 4
ELSEWHERE = {
    home: frozenset[str]().union(*(words for name, words in STOPWORDS.items() if name != home)) for home in STOPWORDS
}
"""The frequent words of all languages but one."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence: `opening` is its beginning, after words that open nothing, `strength` in [0, 1] that of a request."""

    text: str
    start: int
    words: list[str]
    opening: str
    listed: bool
    strength: float


class Heard:
    """The sentences of a text (`numbers` of those that have two words and are no row of a table) and what they say.

    Args:
        text: a text whose sentences are lines where its signs do not part them.
        read: the text in small letters (`lowered`), as it is read.
    """

    def __init__(self, text: str, read: Reading) -> None:
        import numpy as np  # noqa: PLC0415  (at the first search)

        self._text, self._lower, self._read = text, read.text, read.joined
        self._spans = [match.span() for match in _SENTENCE.finditer(text)]
        starts = [start for start, _ in self._spans]
        self._edges = np.append(np.searchsorted(self._read.starts, starts), len(self._read.words))
        counts = self._summed(self._read.of(_COUNT))
        self.total = int(counts.sum())
        self._counts = counts
        spans = enumerate(self._spans if "|" in text else ())
        self.rows = frozenset(number for number, span in spans if text.count("|", *span) > 1)
        self.numbers = [number for number in np.flatnonzero(counts >= _FEWEST).tolist() if number not in self.rows]

    def _summed(self, values: "Numbers") -> "Numbers":
        """Return the sums of numbers of words, sentence by sentence."""
        at_edges = sums(values)[self._edges]
        return at_edges[1:] - at_edges[:-1]

    @property
    def legal(self) -> int:
        """How many words are of the law."""
        return int(self._read.of(_LEGAL_WORDS).sum())

    @cached_property
    def words(self) -> Counter[str]:
        """How often every word occurs."""
        return Counter(_WORD.findall(self._lower))

    def opening(self, number: int) -> str:
        """Return what a sentence begins with."""
        raw = self._text[slice(*self._spans[number])]
        lead = _LEAD.match(raw)
        begin = lead.end() if lead else 0
        return raw[begin : begin + _OPENING]

    @cached_property
    def strengths(self) -> dict[int, float]:
        """How much each sentence looks like a request, by its opening alone; only those that do."""
        likely = self._opened(_VERB)
        if "?" in self._text:
            likely |= {number for number, span in enumerate(self._spans) if self._text.find("?", *span) >= 0}
        found = {number: self._strength(number) for number in self.numbers if number in likely}
        return {number: strength for number, strength in found.items() if strength}

    def _strength(self, number: int) -> float:
        return _strength(self.opening(number), int(self._counts[number]), self._spans[number][0])

    @property
    def instructions(self) -> int:
        """How many sentences ask for anything at all: in a manual one among many."""
        likely = self._opened(_ACT).union(self.strengths)
        asking = [number for number in self.numbers if number in likely]
        return sum(_instructs(self.opening(number), self.strengths.get(number, 0.0)) for number in asking)

    def _opened(self, kind: int) -> set[int]:
        """Return the sentences whose first word, but for those that open nothing, may be of a kind."""
        import numpy as np  # noqa: PLC0415  (at the first search)

        if is_caseless(self._text):
            return set(self.numbers)
        kinds = ended(self._read.of(_KINDS), 0)
        opens = np.where(kinds & _LEADS, len(kinds), np.arange(len(kinds)))
        first = np.minimum.accumulate(opens[::-1])[::-1][self._edges[:-1]]
        return set(np.flatnonzero((first < self._edges[1:]) & (kinds[first] & kind != 0)).tolist())

    @cached_property
    def language(self) -> str:
        """The language whose frequent words the text has most of."""
        return list(STOPWORDS)[int(self._read.of(_LANGUAGES).sum(0).argmax())]

    @property
    def foreign(self) -> list[int]:
        """The sentences with more than twice as many frequent words of other languages as of the text's own."""
        import numpy as np  # noqa: PLC0415  (at the first search)

        frequent = self._read.of(_FREQUENT)
        bits = frequent & ~np.uint16(_HIDDEN)
        at_home = np.uint16(1 << list(STOPWORDS).index(self.language))
        home, away = self._summed(bits & at_home != 0), self._summed(bits & ~at_home != 0)
        likely = (away >= np.where(home, _FEWEST + 1, _FEWEST)) & (self._counts >= _FEWEST_FOREIGN)
        alone = not (frequent & np.uint16(_HIDDEN)).any()
        if not alone:  # a word may hold several
            likely = self._counts >= _FEWEST_FOREIGN
        numbers = [number for number in np.flatnonzero(likely).tolist() if number not in self.rows]
        words = ((number, self._different_words(number, alone=alone)) for number in numbers)
        return [number for number, own in words if _is_foreign(own, self.language)]

    def _different_words(self, number: int, *, alone: bool) -> frozenset[str]:
        first, last = self._edges[number : number + 2].tolist()
        words = frozenset(self._read.words[first:last])
        odd = [] if alone else [word for word in words if not word.isalpha()]
        return words.difference(odd).union(_WORD.findall(" ".join(odd))) if odd else words

    def _words(self, number: int) -> list[str]:
        return _WORD.findall(self._lower, *self._spans[number])

    def sentence(self, number: int) -> Sentence:
        """Read a sentence."""
        start, end = self._spans[number]
        before = next((other for other in range(number - 1, -1, -1) if other not in self.rows), None)
        listed = before is not None and _ENUMERATOR.fullmatch(self._text, *self._spans[before]) is not None
        strength = self.strengths.get(number, 0.0)
        return Sentence(self._text[start:end], start, self._words(number), self.opening(number), listed, strength)

    def holds(self, number: int, place: int) -> bool:
        """Whether a place in the text is in a sentence."""
        start, end = self._spans[number]
        return start <= place < end


def _languages(word: str) -> list[int]:
    parts = _WORD.findall(word)
    return [min(sum(map(words.__contains__, parts)), 255) for words in STOPWORDS.values()]


def _frequent(word: str) -> int:
    found = sum(1 << at for at, times in enumerate(_languages(word)) if times)
    return found | (_HIDDEN if found and not word.isalpha() else 0)


def _is_foreign(words: frozenset[str], language: str) -> bool:
    return len(words & ELSEWHERE[language]) >= max(_FEWEST, 2 * len(words & STOPWORDS[language]) + 1)


def _kinds(word: str) -> int:
    parts = _WORD.findall(word)
    verb, act = (_VERB, _VERBS), (_ACT, ACTS)
    found = sum(kind for kind, words in (verb, act) if not words.isdisjoint(parts))
    return found | (_LEADS if word in _LEAD_WORDS else 0)


def _strength(begun: str, words: int, start: int) -> float:
    """How much a sentence of so many words looks like a request, by its opening alone."""
    opening = begun.lower()
    first = _WORD.match(opening)
    if first is None or opening[first.end() : first.end() + 1] in _NO_VERB:
        return 0.0
    asks = "?" in opening and _QUESTION.match(opening) is not None
    if not (asks or first.group() in _VERBS) or opening.startswith(HONEST_OPENINGS):
        return 0.0
    if asks:
        return 0.5 if words >= 4 else 0.3
    if opening[first.end() :].lstrip(_QUOTES).partition(" ")[0] in NOUN_FOLLOWERS or _DEFINED.match(opening):
        return 0.0
    capital = begun[:1].isupper() or start == 0
    if first.group() in TASKS:
        return 0.62 if capital else 0.4
    if first.group() in EDITS:
        return 0.42 if capital else 0.12
    return 0.0


def _instructs(opening: str, strength: float) -> bool:
    first = _WORD.match(opening)
    if first is None or opening[first.end() : first.end() + 1] in _NO_VERB:
        return False
    return first.group().lower() in ACTS or strength > REQUEST


_COUNT = Column(lambda word: len(_WORD.findall(word)), "i8")
"""How many words of letters a word has: "4th" has one."""
_LEGAL_WORDS = Column(lambda word: sum(map(LEGAL.__contains__, _WORD.findall(word))), "i8")
"""How many of them are of the law."""
_LANGUAGES = Column(_languages, f"{len(STOPWORDS)}u1")
"""How often a word is a frequent one of each language."""
_KINDS = Column(_kinds, "i8")
"""What a word may be at the beginning of a sentence."""
_FREQUENT = Column(_frequent, "u2")
"""The languages in which a word, or one of several in it, is a frequent one; and whether it is one of several."""
