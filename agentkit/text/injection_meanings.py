"""What the words of many languages mean where someone commands a model: a sentence becomes a set of concepts.

The words lie beside this module (`injection_concepts.txt`), so that a language is added by words alone. Concepts are
bits of a number, so that a sentence's are had from those of its words in one step.
"""

import re
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache, reduce
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from agentkit.text.injection_known import Column, ended
from agentkit.text.injection_reading import Reading, reading
from agentkit.text.normalize import unaccented

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from agentkit.text.injection_known import Rows

    Concepts = NDArray[np.uint64]

_TOKEN = re.compile(r"[^\W_]+(?:['’][^\W_]+)?-?")
_ADDRESS = re.compile(r"\w@\w|https?://|\bwww\.")
_ADDRESS_SIGNS = ("@", "://", "www.")
_UNSPACED = re.compile(r"[\u0590-\u08ff\u0900-\u0dff\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
"""Scripts in which words run together or carry prefixes: there a word is looked for anywhere."""
_SHORTEST_STEM = 2
_GOES_ON = 2
"""By so many characters after its first word a phrase is told from others."""
HONEST = 0.12
"""The factor for a sentence that is plainly honest."""
_ASKED, _LONG = 0.3, 0.6
_TOLD = frozenset(("DROP", "AI", "PERSONA", "NOWON", "SECRET", "HACKED", "ERRAND", "SUMM", "DIGEST"))
"""A party named before any of these is who the sentence is about."""
STRETCH = 220
"""In so many characters concepts must meet."""
_MESSAGE = 160
_DATA = Path(__file__).with_name("injection_concepts.txt")
_ODD = 1 << 63
"""The bit of a word that is read in its sentence only: what it says depends on how that is written, or it is long."""
_LONGEST = 64
_BEGINNINGS = 62
"""What words begin with is told apart by so many bits, one each."""
_ANYTHING = 1 << _BEGINNINGS
"""The bit of a phrase that goes on otherwise than with a blank and two letters."""
_SECOND = re.compile(r" \w\w")
_Token = tuple[frozenset[str], Mapping[str, list[tuple[str, str]]], int]


@dataclass(frozen=True, slots=True)
class _Words:
    """Words by what they mean: exact ones, beginnings, phrases by their first word, and those of unspaced scripts."""

    exact: dict[str, set[str]] = field(default_factory=dict[str, set[str]])
    stems: dict[str, set[str]] = field(default_factory=dict[str, set[str]])
    phrases: dict[str, list[tuple[str, str]]] = field(default_factory=dict[str, list[tuple[str, str]]])
    anywhere: dict[str, set[str]] = field(default_factory=dict[str, set[str]])


@lru_cache(maxsize=256)
def meanings(sentence: str, /) -> Mapping[str, int]:
    """Return the concepts that a folded sentence speaks of, each with the place of its first word.

    Linear in the length of the sentence; places count in the sentence without accents.
    """
    plain = unaccented(sentence)
    found = _of_words(plain)
    if any(sign in plain for sign in _ADDRESS_SIGNS) and (address := _ADDRESS.search(plain)) is not None:
        found.setdefault("ADDRESS", address.start())
    if not plain.isascii() and _UNSPACED.search(plain):
        for match in _anywhere().finditer(plain):
            for concept in _words().anywhere[match.group(1)]:
                found.setdefault(concept, match.start())
    return found


def _of_words(plain: str) -> dict[str, int]:
    """Return the concepts of words and phrases, each with its first place."""
    found = dict[str, int]()
    for match in _TOKEN.finditer(plain):
        said = _of_token(match.group())
        if said is None:
            continue
        start = match.start()
        for concept in said[0]:
            found.setdefault(concept, start)
        for concept in _phrases_at(plain, start, len(plain), said) if said[1] else ():
            found.setdefault(concept, start)
    return found


def _phrases_at(plain: str, start: int, end: int, known: "_Token") -> list[str]:
    """Return the concepts of the phrases that begin at a word."""
    _, phrases, length = known
    found: list[str] = []
    at = start + length
    for last in (at + _GOES_ON, at + 1):
        for phrase, concept in phrases.get(plain[at : min(last, end)], ()):
            if plain.startswith(phrase, start, end):
                found.append(concept)
    return found


def doubt(concepts: int, sentence: str, /) -> float:
    """Return the factor by which a sentence of these concepts is likely an honest one.

    It is about the parties of a contract, which it names before what they should drop; or it asks how something is
    done.
    """
    traits = _traits(concepts)
    if traits.party and (len(sentence) > STRETCH or not traits.told or _led_by_party(sentence)):
        return HONEST
    if traits.remembers:
        return HONEST
    if len(sentence) > STRETCH:
        return _LONG
    return _ASKED if traits.asks and len(sentence) < _MESSAGE else 1.0


@dataclass(frozen=True, slots=True)
class _Traits:
    """What of a sentence's concepts raises or lowers the doubt."""

    party: bool
    told: bool
    remembers: bool
    asks: bool


@lru_cache(maxsize=4096)
def _traits(concepts: int) -> _Traits:
    names = frozenset(names_of(concepts))
    asked = {"SECRET", "REVEAL"} <= names and "NEG" not in names
    return _Traits(
        "PARTY" in names and not asked,
        not names.isdisjoint(_TOLD),
        "REMEMBER" in names,
        "ASKING" in names and "YOU" not in names,
    )


def _led_by_party(sentence: str) -> bool:
    """Whether a sentence names a party before what it should drop."""
    found = meanings(sentence)
    return found["PARTY"] < min(found[name] for name in found.keys() & _TOLD)


@cache
def _bit_of() -> Mapping[str, int]:
    """Return the bit of every concept; they are in the order of their names."""
    words = _words()
    sets = [*words.exact.values(), *words.stems.values(), *words.anywhere.values()]
    phrases = [{name for _, name in phrases} for phrases in words.phrases.values()]
    found = {"ADDRESS"}.union(*sets, *phrases)
    return {name: 1 << number for number, name in enumerate(sorted(found))}


def bits_of(names: Iterable[str], /) -> int:
    """Return concepts as bits; one that no word means has none."""
    return sum(map(_bit_of().__getitem__, frozenset(names) & _bit_of().keys()))


def names_of(concepts: int, /) -> list[str]:
    """Return the names of concepts, in order."""
    return [name for name, bit in _bit_of().items() if bit & concepts]


def concepts_of(folded: str, sentences: Sequence[tuple[int, str]], /) -> list[int]:
    """Return the concepts of sentences of a folded text, as bits: those that `meanings` finds in each.

    A sentence is where it begins and what it says; none begins or ends within a word.
    """
    import numpy as np  # noqa: PLC0415  (at the first search)

    read = reading(folded).joined
    said = ended(read.of(_MEANING), 0)
    bounds = np.array([(start, start + len(text)) for start, text in sentences])
    _add_phrases(said, read, bounds)
    places = np.searchsorted(read.starts, bounds)
    found = np.bitwise_or.reduceat(said, places.ravel())[::2]
    found[places[:, 0] == places[:, 1]] = 0
    addressed = any(map(folded.__contains__, _ADDRESS_SIGNS))
    return [_seen(bits, text, addressed=addressed) for bits, (_, text) in zip(found.tolist(), sentences, strict=True)]


def _seen(bits: int, sentence: str, *, addressed: bool) -> int:
    """Return the concepts of a sentence by those of its words."""
    if bits & _ODD or not sentence.isascii():
        return bits_of(meanings(sentence))
    if addressed and any(map(sentence.__contains__, _ADDRESS_SIGNS)) and _ADDRESS.search(sentence):
        return bits | _bit_of()["ADDRESS"]
    return bits


def _add_phrases(said: "Concepts", read: Reading, sentences: "Rows") -> None:
    """Add what phrases say to the concepts of their first words; a phrase stands within a sentence."""
    import numpy as np  # noqa: PLC0415  (at the first search)

    following = ended(read.of(_BEGINNING)[1:], 0) | np.uint64(_ANYTHING)
    rows = np.flatnonzero(read.of(_BEGINS) & following)
    starts = read.starts[rows]
    ends = sentences[np.searchsorted(sentences[:, 0], starts, "right") - 1, 1]
    for row, start, end in zip(rows.tolist(), starts.tolist(), ends.tolist(), strict=True):
        known = _of_token(read.words[row])
        if known is not None and (names := _phrases_at(read.text, start, end, known)):
            said[row] |= np.uint64(bits_of(names))


def _is_odd(word: str) -> bool:
    return len(word) > _LONGEST or not word.isascii() or _TOKEN.fullmatch(word) is None


def _meaning(word: str) -> int:
    if _is_odd(word):
        return _ODD
    known = _of_token(word)
    return bits_of(known[0]) if known else 0


def _beginning(word: str) -> int:
    return 1 << zlib.crc32(word[:2].encode()) % _BEGINNINGS


def _goings_on(word: str) -> int:
    known = None if _is_odd(word) else _of_token(word)
    following = chain.from_iterable(known[1].values()) if known else ()
    after = (phrase[len(word) :] for phrase, _ in following)
    return reduce(int.__or__, (_beginning(rest[1:]) if _SECOND.match(rest) else _ANYTHING for rest in after), 0)


@lru_cache(maxsize=16384)
def _of_token(token: str) -> _Token | None:
    """Return the concepts of a word, the phrases that begin with it by how they go on, and the word's length.

    Each phrase has its concept; None for a word that says nothing, as most do.
    """
    words, word = _words(), token.rstrip("-")
    found = set(words.exact.get(word, ()))
    for length in range(_SHORTEST_STEM, len(word) + 1):
        found |= words.stems.get(word[:length], set())
    phrases: dict[str, list[tuple[str, str]]] = {}
    for phrase, concept in words.phrases.get(word, ()):
        phrases.setdefault(phrase[len(word) : len(word) + _GOES_ON], []).append((phrase, concept))
    return (frozenset(found), phrases, len(word)) if found or phrases else None


@cache
def _words() -> _Words:
    words = _Words()
    for line in _DATA.read_text(encoding="utf-8").splitlines():
        head, _, entries = line.partition(":")
        if entries and not line.startswith("#"):
            for entry in unaccented(entries).split(","):
                _add(words, head.split()[0], entry.lstrip() if entry.rstrip().endswith("$") else entry.lstrip(" "))
    return words


def _add(words: _Words, concept: str, entry: str) -> None:
    word = entry.strip()
    if not word.isascii() and _UNSPACED.search(word):
        words.anywhere.setdefault(word, set()).add(concept)
    elif " " in word or not word.rstrip("$").replace("'", "").isalnum():
        first = _TOKEN.match(word)
        key = first.group().rstrip("-") if first else word
        words.phrases.setdefault(key, []).append((word.rstrip("$"), concept))
    elif word.endswith("$"):
        words.exact.setdefault(word.rstrip("$"), set()).add(concept)
    elif word:
        words.stems.setdefault(word, set()).add(concept)


@cache
def _anywhere() -> re.Pattern[str]:
    ranked = sorted(_words().anywhere, key=len, reverse=True)
    return re.compile(f"(?=({'|'.join(map(re.escape, ranked))}))")


_MEANING = Column(_meaning, "u8")
"""The concepts of every word, as bits."""
_BEGINS = Column(_goings_on, "u8")
"""How the phrases that begin with a word go on: what their second words begin with, as bits."""
_BEGINNING = Column(_beginning, "u8")
"""What every word begins with, as a bit."""
