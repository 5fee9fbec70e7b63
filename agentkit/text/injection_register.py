"""Sentences that break out of their document's own voice.

A contract, a judgment, a letter and a table speak about things; they do not ask their reader to write a poem. A
sentence that begins like a task, asks an unrelated question, or changes the language or the person addressed is
evidence of planted instructions, the more so the fewer words it shares with the rest. Nothing is compared in a
short message: there a request is what one expects.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from agentkit.text.injection_marks import code_in, is_caseless, is_letter
from agentkit.text.injection_rules import Evidence
from agentkit.text.injection_words import (
    ACTS,
    ANSWERING,
    EDITS,
    HONEST_OPENINGS,
    LEGAL,
    NOUN_FOLLOWERS,
    STOPWORDS,
    TASKS,
    TOPICS,
)

_SPOKEN_IN = {
    word: [name for name, words in STOPWORDS.items() if word in words]
    for word in frozenset[str]().union(*STOPWORDS.values())
}
"""The languages in which a word is a frequent one."""
_VERBS = TASKS | EDITS
_ELSEWHERE = {
    home: frozenset[str]().union(*(words for name, words in STOPWORDS.items() if name != home)) for home in STOPWORDS
}
"""The frequent words of all languages but one."""
_MIN_CHARACTERS = 160
_MIN_WORDS = 40
_LABELS = 3
_SOME, _SHORT, _LONG = 2, 5, 45
"""So many requests are no habit yet; a request is seldom longer than so many words."""
_REQUEST, _MANUAL = 0.2, 0.4
"""Stronger an opening is a request; the factor for a request to write where acts of other kinds are asked for, too."""
_SENTENCE = re.compile(r"(?:[^.!?\n]++|[.!?](?![\s\"')\]]|$))+(?:[.!?]+[\"')\]]*)?")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_LEAD = re.compile(r"^(?:[\s\"'“‘(\[*#>•\-–—:;,|]+|please |kindly |also,? |now,? |then,? |and |but |so |hey,? |first,? |finally,? |next,? |additionally,? |instead,? |can you |could you |would you |will you )+", re.IGNORECASE)  # fmt: skip  # noqa: E501
_QUESTION = re.compile(r"^(?:what|who|whom|whose|why|when|where|which|how|is|are|was|were|do|does|did|can|could|should|would|will|have|has|if|am|may i)\b[^?]{4,300}\?", re.IGNORECASE)  # fmt: skip  # noqa: E501
_FIELDS = re.compile(r"(?<=\")[:,] ?(?=\")|[<>]")
_RECORD = re.compile(r"\"[\w ]{1,40}\" ?: |</\w{1,40}>")
_LABEL = re.compile(r"(?m)^(\w{3,20}):(?= \w)")
_ENUMERATOR = re.compile(r"[ \t]*(?:\(?\w{1,4}[.)]|[•\-–*])[ \t]*|[ \t]*\d{1,3}[ \t]*")
_QUOTES = " \"'”’"
_NO_VERB = frozenset("-,/&")
"""What follows a word that begins a compound or a list, not a sentence."""
_AT_HAND = re.compile(
    r"\b(?:you|your|i|i'm|me|my|we|our|us|it|its|this|that|these|those|they|he|she|there|everybody|everyone|anyone|somebody|all)\b",
    re.IGNORECASE,
)
_DEFINED = re.compile(r"[^\"”\n]{1,60}[\"”],? (?:means?|shall mean|ha(?:s|ve) the meaning|refers?)\b")
"""What follows a defined term."""
_PLEASE = re.compile(r"\s*(?:please|kindly)\b", re.IGNORECASE)
_READER_WORDS = frozenset(("you", "your", "yours", "me", "my"))
_AT_HAND_WORDS = frozenset("you your i me my we our du dir ich mir ihr euch tu vous je".split())
_RUN = re.compile(r"\w+")
_YOU = re.compile(rf"\b(?:{'|'.join(_READER_WORDS)})\b", re.IGNORECASE)
_PERSONAL = re.compile(rf"\b(?:{'|'.join(_AT_HAND_WORDS)})\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Voice:
    """How a document speaks."""

    words: Counter[str]
    legal: bool
    table: bool
    letter: bool
    language: str
    requests: int
    instructions: int
    addressed: int


@dataclass(frozen=True, slots=True)
class _Sentence:
    text: str
    start: int
    words: list[str]
    opening: str
    listed: bool
    strength: float


def register_evidence(text: str, words: Sequence[str], /) -> list[Evidence]:
    """Return the sentences of a document that leave its register; nothing for a text that is no document.

    `words` are the runs of word characters of the folded text. Linear in the length of the text.
    """
    if len(text) < _MIN_CHARACTERS:
        return []
    records = len(_RECORD.findall(text)) if '"' in text or "</" in text else 0
    labels = len(_LABEL.findall(text)) if ": " in text else 0
    apart = _LABEL.sub(r"\1\n", _apart(text)) if labels >= _LABELS else _apart(text)
    sentences, counted = _read(apart)
    voice = _voice(text, words, sentences, counted, record=records >= _LABELS or labels >= _LABELS)
    if voice is None:
        return []
    found = [item for sentence in sentences if (item := _outlier(sentence, voice, len(text))) is not None]
    if (voice.legal or voice.table or voice.letter) and (code := code_in(text)) is not None:
        found.append(Evidence("register.code", "code", 0.6, *code.span(), "program code in a document"))
    return found


def _apart(text: str) -> str:
    """Return a text of the same length in which the fields of a record are lines of their own."""
    return _FIELDS.sub(lambda gap: "\n" * len(gap.group()), text) if '"' in text or "<" in text else text


def _read(text: str) -> tuple[list[_Sentence], Counter[str]]:
    """Return the sentences that have two words and are no row of a table; and how often every word occurs."""
    sentences, counted, listed = list[_Sentence](), Counter[str](), False
    lower = text.lower()
    for match in _SENTENCE.finditer(text):
        raw = match.group()
        if len(lower) == len(text):
            words = _WORD.findall(lower, *match.span())
        else:
            words = list(map(str.lower, _WORD.findall(raw)))
        counted.update(words)
        if raw.count("|") > 1:
            continue
        if len(words) >= 2:
            lead = _LEAD.match(raw)
            begin = lead.end() if lead else 0
            opening, start = raw[begin : begin + 400], match.start()
            sentences.append(_Sentence(raw, start, words, opening, listed, _strength(opening, len(words), start)))
        listed = _ENUMERATOR.fullmatch(raw) is not None
    return sentences, counted


def _voice(
    text: str, heard: Sequence[str], sentences: list[_Sentence], words: Counter[str], *, record: bool
) -> _Voice | None:
    """Describe how the document speaks, or return None if the text is a message rather than a document."""
    rows = sum(line.count("|") > 1 for line in text.splitlines()) if "|" in text else 0
    total = max(words.total(), 1)
    legal = sum(words[word] for word in words.keys() & LEGAL) / total
    letter = is_letter(text)
    personal, addressed = _spoken_to(text, heard)
    requests = sum(sentence.strength > _REQUEST for sentence in sentences)
    asked = sum(map(_instructs, sentences)) if any(sentence.strength for sentence in sentences) else 0
    plain = len(text) >= 400 and personal / total < 0.012 and len(sentences) >= 4
    if not (rows >= 3 or record or legal >= 0.03 or (letter and len(text) >= 150) or plain):
        return None
    return _Voice(words, legal >= 0.03, rows >= 3, letter or record, _language(words), requests, asked, addressed)


def _language(words: Counter[str]) -> str:
    """Return the language whose frequent words a text has most of."""
    said = dict.fromkeys(STOPWORDS, 0)
    for word in words.keys() & _SPOKEN_IN.keys():
        for name in _SPOKEN_IN[word]:
            said[name] += words[word]
    return max(said, key=said.__getitem__)


def _spoken_to(text: str, heard: Sequence[str]) -> tuple[int, int]:
    """How many words of a text are about persons at hand, and how many address its reader."""
    if is_caseless(text):
        return len(_PERSONAL.findall(text)), len(_YOU.findall(text))
    words = heard if text.isascii() else _RUN.findall(text.lower())
    return sum(map(_AT_HAND_WORDS.__contains__, words)), sum(map(_READER_WORDS.__contains__, words))


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


def _instructs(sentence: _Sentence) -> bool:
    """Whether a sentence asks for anything at all: in a manual one among many."""
    first = _WORD.match(sentence.opening)
    if first is None or sentence.opening[first.end() : first.end() + 1] in _NO_VERB:
        return False
    return first.group().lower() in ACTS or sentence.strength > _REQUEST


def _outlier(sentence: _Sentence, voice: _Voice, length: int) -> Evidence | None:
    weight = max(_request(sentence, voice), _foreign(sentence, voice))
    addressed = len(_YOU.findall(sentence.text)) if voice.addressed else 0
    if addressed and addressed == voice.addressed and not voice.letter and voice.words.total() >= _MIN_WORDS:
        weight = 1 - (1 - weight) * 0.75
    at_edge = sentence.start <= 4 or sentence.start + len(sentence.text) >= length - 4
    if at_edge and weight >= 0.3:
        weight = 1 - (1 - weight) * 0.85
    if weight < 0.15:
        return None
    end = sentence.start + len(sentence.text)
    return Evidence("register.shift", "register", round(weight, 3), sentence.start, end, "leaves the document's voice")


def _request(sentence: _Sentence, voice: _Voice) -> float:
    """A request to the reader: stronger where it asks for a text, weaker the more it belongs to the document."""
    weight = sentence.strength
    if not weight:
        return 0.0
    if ANSWERING.intersection(sentence.words):
        weight = 1 - (1 - weight) * 0.6
    if voice.table:
        weight = 1 - (1 - weight) * 0.6
    return weight * (1 - 0.9 * _overlap(sentence, voice)) * _honesty(sentence) * _habit(sentence, voice)


def _honesty(sentence: _Sentence) -> float:
    """The factor by which a sentence's own words make a request harmless."""
    factor = 0.4 if sentence.listed else 1.0
    if LEGAL.intersection(sentence.words):
        factor *= 0.35
    elif TOPICS.intersection(sentence.words):
        factor *= 0.6
    return factor * (0.8 if len(sentence.words) > _LONG else 1.0)


def _habit(sentence: _Sentence, voice: _Voice) -> float:
    """The factor by which requests are usual in such a document: a form, a list of duties, a letter."""
    factor = 1.0
    if not voice.table and voice.requests > _SOME:
        factor = 0.8 if voice.requests == _SOME + 1 else 0.5
    if not voice.table and voice.instructions > _SOME:
        factor = min(factor, _MANUAL)
    if voice.letter and _PLEASE.match(sentence.text):
        factor *= 0.75
    if voice.letter and sentence.opening.rstrip().endswith("?") and _talks(sentence):
        factor *= 0.5
    return factor


def _talks(sentence: _Sentence) -> bool:
    """Whether a question is part of a conversation: short, or about the people and the things at hand."""
    return len(sentence.words) < _SHORT or _AT_HAND.search(sentence.text) is not None


def _overlap(sentence: _Sentence, voice: _Voice) -> float:
    """The share of a sentence's longer words that the rest of the document also uses."""
    own = Counter(word for word in sentence.words if len(word) > 3)
    if not own:
        return 0.3
    return sum(voice.words[word] > count for word, count in own.items()) / len(own)


def _foreign(sentence: _Sentence, voice: _Voice) -> float:
    """A sentence in another language than its document's."""
    if len(sentence.words) < 4:
        return 0.0
    own = frozenset(sentence.words)
    home = len(own & STOPWORDS[voice.language])
    if len(own & _ELSEWHERE[voice.language]) < max(2, 2 * home + 1):
        return 0.0
    for name, frequent in STOPWORDS.items():
        away = len(own & frequent)
        if name != voice.language and away >= 2 and away >= 2 * home + 1 and away / len(own) >= 0.15:
            return 0.56 if sentence.text.rstrip().endswith(("?", "!")) else 0.4
    return 0.0
