"""Sentences that break out of their document's own voice.

A contract, a judgment, a letter and a table speak about things; they do not ask their reader to write a poem. A
sentence that begins like a task, asks an unrelated question, or changes the language or the person addressed is
evidence of planted instructions, the more so the fewer words it shares with the rest. Nothing is compared in a
short message: there a request is what one expects.
"""

import re
from collections import Counter
from dataclasses import dataclass

from agentkit.text.injection_heard import ELSEWHERE, REQUEST, Heard, Sentence
from agentkit.text.injection_known import Column
from agentkit.text.injection_marks import CODE_WORDS, code_in, fields_apart, is_caseless, is_letter
from agentkit.text.injection_reading import Reading
from agentkit.text.injection_rules import Evidence
from agentkit.text.injection_words import ANSWERING, LEGAL, STOPWORDS, TOPICS

_MIN_CHARACTERS = 160
_MIN_WORDS = 40
_LABELS = 3
_SOME, _SHORT, _LONG = 2, 5, 45
"""So many requests are no habit yet; a request is seldom longer than so many words."""
_MANUAL = 0.4
"""The factor for a request to write where acts of other kinds are asked for, too."""
_RECORD = re.compile(r"\"[\w ]{1,40}\" ?: |</\w{1,40}>")
_RECORD_SIGNS = ('": ', '" : ', "</")
"""One of these is in whatever `_RECORD` matches."""
_LABEL = re.compile(r"(?m)^(\w{3,20}):(?= \w)")
_AT_HAND = re.compile(
    r"\b(?:you|your|i|i'm|me|my|we|our|us|it|its|this|that|these|those|they|he|she|there|everybody|everyone|anyone|somebody|all)\b",
    re.IGNORECASE,
)
_PLEASE = re.compile(r"\s*(?:please|kindly)\b", re.IGNORECASE)
_READER_WORDS = frozenset(("you", "your", "yours", "me", "my"))
_AT_HAND_WORDS = frozenset("you your i me my we our du dir ich mir ihr euch tu vous je".split())
_YOU = re.compile(rf"\b(?:{'|'.join(_READER_WORDS)})\b", re.IGNORECASE)
_PERSONAL = re.compile(rf"\b(?:{'|'.join(_AT_HAND_WORDS)})\b", re.IGNORECASE)


_AT_HAND_KIND, _READER_KIND, _CODE_KIND = 1, 2, 4


@dataclass(frozen=True, slots=True)
class _Voice:
    """How a document speaks."""

    heard: Heard
    legal: bool
    table: bool
    letter: bool
    requests: int
    instructions: int
    addressed: int


def register_evidence(text: str, read: Reading, /) -> list[Evidence]:
    """Return the sentences of a document that leave its register; nothing for a text that is no document.

    `read` is the text in small letters, as it is read (`lowered`). Linear in the length of the text.
    """
    if len(text) < _MIN_CHARACTERS:
        return []
    records = len(_RECORD.findall(text)) if any(map(text.__contains__, _RECORD_SIGNS)) else 0
    labels = len(_LABEL.findall(text)) if ": " in text else 0
    apart = _LABEL.sub(r"\1\n", _apart(text)) if labels >= _LABELS else _apart(text)
    voice = _voice(text, read, Heard(apart, read), record=records >= _LABELS or labels >= _LABELS)
    if voice is None:
        return []
    likely = sorted({*voice.heard.strengths, *voice.heard.foreign, *_all_addressed(text, read, voice)})
    found = [item for number in likely if (item := _outlier(voice.heard.sentence(number), voice, len(text)))]
    if (voice.legal or voice.table or voice.letter) and (code := _code_in(text, read)) is not None:
        found.append(Evidence("register.code", "code", 0.6, *code.span(), "program code in a document"))
    return found


def _apart(text: str) -> str:
    """Return a text of the same length in which the fields of a record are lines of their own."""
    tagged = "<" in text or (">" in text and '"' in text)
    apart = fields_apart(text)
    return apart.replace("<", "\n").replace(">", "\n") if tagged else apart


def _voice(text: str, read: Reading, heard: Heard, *, record: bool) -> _Voice | None:
    """Describe how the document speaks, or return None if the text is a message rather than a document."""
    rows = sum(line.count("|") > 1 for line in text.splitlines()) if "|" in text else 0
    total = max(heard.total, 1)
    legal = heard.legal / total
    letter = is_letter(text)
    personal, addressed = _spoken_to(text, read)
    plain = len(text) >= 400 and personal / total < 0.012 and len(heard.numbers) >= 4
    if not (rows >= 3 or record or legal >= 0.03 or (letter and len(text) >= 150) or plain):
        return None
    requests = sum(strength > REQUEST for strength in heard.strengths.values())
    asked = heard.instructions if heard.strengths else 0
    return _Voice(heard, legal >= 0.03, rows >= 3, letter or record, requests, asked, addressed)


def _spoken_to(text: str, read: Reading) -> tuple[int, int]:
    """How many words of a text are about persons at hand, and how many address its reader."""
    if is_caseless(text):
        return len(_PERSONAL.findall(text)), len(_YOU.findall(text))
    kinds = read.of(_KINDS)
    return int((kinds & _AT_HAND_KIND != 0).sum()), int((kinds & _READER_KIND != 0).sum())


def _all_addressed(text: str, read: Reading, voice: _Voice) -> list[int]:
    """Return the sentences that may address the reader as often as the whole document."""
    if not voice.addressed or voice.letter or voice.heard.total < _MIN_WORDS:
        return []
    if is_caseless(text):
        return voice.heard.numbers
    first = int(read.starts[(read.of(_KINDS) & _READER_KIND != 0).argmax()])
    return [number for number in voice.heard.numbers if voice.heard.holds(number, first)]


def _code_in(text: str, read: Reading) -> re.Match[str] | None:
    """Return the first program code in a text; most have no word of it."""
    likely = "```" in text or is_caseless(text) or (read.of(_KINDS) & _CODE_KIND).any()
    return code_in(text) if likely else None


def _kinds(word: str) -> int:
    kinds = (_AT_HAND_KIND, _AT_HAND_WORDS), (_READER_KIND, _READER_WORDS), (_CODE_KIND, CODE_WORDS)
    return sum(kind for kind, words in kinds if word in words)


def _outlier(sentence: Sentence, voice: _Voice, length: int) -> Evidence | None:
    weight = max(_request(sentence, voice), _foreign(sentence, voice.heard.language))
    addressed = len(_YOU.findall(sentence.text)) if voice.addressed else 0
    if addressed and addressed == voice.addressed and not voice.letter and voice.heard.total >= _MIN_WORDS:
        weight = 1 - (1 - weight) * 0.75
    at_edge = sentence.start <= 4 or sentence.start + len(sentence.text) >= length - 4
    if at_edge and weight >= 0.3:
        weight = 1 - (1 - weight) * 0.85
    if weight < 0.15:
        return None
    end = sentence.start + len(sentence.text)
    return Evidence("register.shift", "register", round(weight, 3), sentence.start, end, "leaves the document's voice")


def _request(sentence: Sentence, voice: _Voice) -> float:
    """A request to the reader: stronger where it asks for a text, weaker the more it belongs to the document."""
    weight = sentence.strength
    if not weight:
        return 0.0
    if ANSWERING.intersection(sentence.words):
        weight = 1 - (1 - weight) * 0.6
    if voice.table:
        weight = 1 - (1 - weight) * 0.6
    return weight * (1 - 0.9 * _overlap(sentence, voice)) * _honesty(sentence) * _habit(sentence, voice)


def _honesty(sentence: Sentence) -> float:
    """The factor by which a sentence's own words make a request harmless."""
    factor = 0.4 if sentence.listed else 1.0
    if LEGAL.intersection(sentence.words):
        factor *= 0.35
    elif TOPICS.intersection(sentence.words):
        factor *= 0.6
    return factor * (0.8 if len(sentence.words) > _LONG else 1.0)


def _habit(sentence: Sentence, voice: _Voice) -> float:
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


def _talks(sentence: Sentence) -> bool:
    """Whether a question is part of a conversation: short, or about the people and the things at hand."""
    return len(sentence.words) < _SHORT or _AT_HAND.search(sentence.text) is not None


def _overlap(sentence: Sentence, voice: _Voice) -> float:
    """The share of a sentence's longer words that the rest of the document also uses."""
    own = Counter(word for word in sentence.words if len(word) > 3)
    if not own:
        return 0.3
    return sum(voice.heard.words[word] > count for word, count in own.items()) / len(own)


def _foreign(sentence: Sentence, language: str) -> float:
    """A sentence in another language than its document's."""
    if len(sentence.words) < 4:
        return 0.0
    own = frozenset(sentence.words)
    home = len(own & STOPWORDS[language])
    if len(own & ELSEWHERE[language]) < max(2, 2 * home + 1):
        return 0.0
    for name, frequent in STOPWORDS.items():
        away = len(own & frequent)
        if name != language and away >= 2 and away >= 2 * home + 1 and away / len(own) >= 0.15:
            return 0.56 if sentence.text.rstrip().endswith(("?", "!")) else 0.4
    return 0.0


_KINDS = Column(_kinds, "u1")
"""Whether a word is about persons at hand, addresses the reader, or stands in program code."""
