"""What is said to a model in any language: words become concepts, and what meets in a sentence is judged.

The words lie beside this module (`injection_concepts.txt`), so that a language is added by words alone. A rule names
the concepts that must meet in one sentence, in any order; a sentence about the parties of a contract, or one that asks
how something is done, counts little.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

from agentkit.text.injection_rules import Evidence
from agentkit.text.normalize import Normalized, unaccented

_SENTENCE = re.compile(r"(?:[^.!?\n|{}<>\u061f\u0964\u06d4]++|[.!?](?=[^\s\"')\]}])(?<=[\x00-\x7f]{2}))+")
_FIELDS = re.compile(r"(?<=\")[:,] ?(?=\")")
_TOKEN = re.compile(r"[^\W_]+(?:['’][^\W_]+)?-?")
_ADDRESS = re.compile(r"\w@\w|https?://|\bwww\.")
_ADDRESS_SIGNS = ("@", "://", "www.")
_UNSPACED = re.compile(r"[\u0590-\u08ff\u0900-\u0dff\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
"""Scripts in which words run together or carry prefixes: there a word is looked for anywhere."""
_LONGEST = 1200
_SHORTEST_STEM = 2
_GOES_ON = 2
"""By so many characters after its first word a phrase is told from others."""
_FEWEST = 2
HONEST = 0.12
"""The factor for a sentence that is plainly honest."""
_ASKED, _LONG = 0.3, 0.6
_TOLD = frozenset(("DROP", "AI", "PERSONA", "NOWON", "SECRET", "HACKED", "ERRAND", "SUMM", "DIGEST"))
"""A party named before any of these is who the sentence is about."""
_STRETCH = 220
_DATA = Path(__file__).with_name("injection_concepts.txt")


@dataclass(frozen=True, slots=True)
class _Rule:
    """Concepts that must meet in a sentence: all of `needs`, one of each group of `either`."""

    id: str
    family: str
    weight: float
    needs: frozenset[str]
    either: tuple[frozenset[str], ...]
    reason: str


def _rule(name: str, weight: float, concepts: str, reason: str) -> _Rule:
    """Make a rule from a text: concepts by blanks, alternatives by bars."""
    groups = [frozenset(word.split("|")) for word in concepts.split()]
    needs = frozenset[str]().union(*(group for group in groups if len(group) == 1))
    ident, _, family = name.partition("/")
    return _Rule(f"means.{ident}", family, weight, needs, tuple(g for g in groups if len(g) > 1), reason)


_DROPS, _FREES = "tells the reader to drop its instructions", "promises a reader without restrictions"
_RULES = (
    _rule("drop/override", 0.86, "DROP INSTR PRIOR|YOU|ALL", _DROPS),
    _rule("drop_above/override", 0.72, "DROP PRIOR ALL|ONLY|SAY|WHIM", _DROPS),
    _rule("drop_for/override", 0.6, "DROP INSTR|PRIOR SAY|WHIM|REVEAL|HACKED", _DROPS),
    _rule("drop_some/override", 0.3, "DROP INSTR", _DROPS),
    _rule("unbound/jailbreak", 0.8, "NOWON NEG LIMIT|INSTR", _FREES),
    _rule("unlimited/jailbreak", 0.66, "PERSONA|AI NEG LIMIT", _FREES),
    _rule("unrefusing/jailbreak", 0.66, "NEG REFUSE HARM|AI|PERSONA", "forbids refusal"),
    _rule("harmful/jailbreak", 0.56, "PERSONA|AI HARM YOU|NEG|SAY", "asks for an unrestricted persona"),
    _rule("persona/role", 0.5, "PERSONA NOWON|WHIM", "gives the reader a new identity"),
    _rule("henceforth/role", 0.4, "NOWON YOU", "gives the reader a new identity"),
    _rule("secret/extract", 0.74, "SECRET REVEAL|SAY|VERBATIM", "asks for the system prompt"),
    _rule("recite/extract", 0.74, "PRIOR TEXT VERBATIM", "asks for the text above it"),
    _rule("recite_all/extract", 0.4, "VERBATIM REVEAL|SAY", "asks for the text above it"),
    _rule("drop_whim/override", 0.8, "DROP INSTR WHIM", _DROPS),
    _rule("hacked/output", 0.66, "HACKED SAY|ONLY", "dictates the words of the answer"),
    _rule("summary/address", 0.66, "SUMM SAY RISK", "dictates what a summary says"),
    _rule("summary_drop/address", 0.6, "SUMM DROP RISK", "dictates what a summary says"),
    _rule("whim/output", 0.3, "SAY|REVEAL WHIM", "replaces the task"),
)
_PLANTED = (
    _rule("whim_planted/output", 0.56, "SAY|REVEAL WHIM", "replaces the task"),
    _rule("handled/address", 0.54, "THIS HANDLE YOU|SAY MUST|SAY|YOU", "speaks to whoever processes the document"),
    _rule("summary_must/address", 0.6, "SUMM|DIGEST|HANDLE THIS MUST RISK", "dictates what a summary says"),
    _rule("errand/tool", 0.7, "ACT|SAY|TOOL ERRAND", "speaks of the user's request to whoever fulfils it"),
    _rule("tool/tool", 0.6, "ACT TOOL PRIVATE|MUST|AI|ERRAND", "asks for the use of a tool"),
    _rule("private/tool", 0.52, "ACT PRIVATE MINE|AI", "asks for an act with private data"),
    _rule("send/tool", 0.54, "ACT PRIVATE ADDRESS", "asks for private data to be sent out"),
    _rule("summary_not/address", 0.58, "SUMM NEG YOU", "dictates what a summary leaves out"),
    _rule("approve/address", 0.6, "AI RISK SAY|MUST|ACT|HANDLE", "speaks to the machine that reads"),
    _rule("verdict/address", 0.62, "AI MUST RISK|THIS", "speaks to the machine that reads"),
    _rule("ordered/address", 0.42, "AI MUST SAY|ACT|REVEAL", "speaks to the machine that reads"),
)
"""What only a document cannot say honestly: in a message, these are requests."""
_MESSAGE = 160
"""So short a text is a message, in characters."""


@dataclass(frozen=True, slots=True)
class _Words:
    """Words by what they mean: exact ones, beginnings, phrases by their first word, and those of unspaced scripts."""

    exact: dict[str, set[str]] = field(default_factory=dict[str, set[str]])
    stems: dict[str, set[str]] = field(default_factory=dict[str, set[str]])
    phrases: dict[str, list[tuple[str, str]]] = field(default_factory=dict[str, list[tuple[str, str]]])
    anywhere: dict[str, set[str]] = field(default_factory=dict[str, set[str]])


class Spoken(NamedTuple):
    """A sentence of a folded text: where it begins, its concepts as `meanings` gives them, and its `doubt`."""

    start: int
    text: str
    meanings: Mapping[str, int]
    doubt: float


@lru_cache(maxsize=2)
def spoken(folded: str, /) -> Sequence[Spoken]:
    """Return the sentences of a folded text; the last text is remembered, because rules and classifier read it."""
    sentences = ((start, text, meanings(text)) for start, text in _sentences(folded))
    return [Spoken(start, text, found, doubt(found, text)) for start, text, found in sentences]


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
        concepts, phrases, length = said
        start = match.start()
        for concept in concepts:
            found.setdefault(concept, start)
        if phrases:
            after = plain[start + length : start + length + _GOES_ON]
            for phrase, concept in (*phrases.get(after, ()), *phrases.get(after[:1], ())):
                if plain.startswith(phrase, start):
                    found.setdefault(concept, start)
    return found


def concept_evidence(folded: Normalized, /) -> Iterator[Evidence]:
    """Yield the sentences in which concepts meet as in an attack, each with its strongest rule of every family."""
    rules = _RULES if len(folded.text) < _MESSAGE else (*_PLANTED, *_RULES)
    for sentence in spoken(folded.text):
        whole = sentence.meanings
        meeting = list(_meeting(rules, whole.keys())) if len(whole) >= _FEWEST else []
        families = set[str]()
        for begin, stretch in _stretches(sentence.text) if meeting else ():
            names = (whole if stretch is sentence.text else meanings(stretch)).keys()
            for rule in _meeting(meeting, names):
                if rule.family not in families:
                    families.add(rule.family)
                    span = folded.span(sentence.start + begin, sentence.start + begin + len(stretch))
                    yield Evidence(rule.id, rule.family, round(rule.weight * sentence.doubt, 4), *span, rule.reason)


def _meeting(rules: Iterable[_Rule], names: Set[str]) -> Iterator[_Rule]:
    """Yield the rules whose concepts meet."""
    for rule in rules:
        if rule.needs <= names and all(map(names.__and__, rule.either)):
            yield rule


def _stretches(sentence: str) -> Iterator[tuple[int, str]]:
    """Yield a sentence, or where it is long the overlapping stretches of it in which concepts must meet."""
    if len(sentence) <= _STRETCH:
        yield 0, sentence
        return
    for begin in range(0, len(sentence) - _STRETCH // 2, _STRETCH // 2):
        yield begin, sentence[begin : begin + _STRETCH]


def _sentences(text: str) -> Iterator[tuple[int, str]]:
    if '"' in text:  # the fields of a record are no sentence together
        text = _FIELDS.sub(lambda gap: "\n" * len(gap.group()), text)
    for match in _SENTENCE.finditer(text):
        for start in range(match.start(), match.end(), _LONGEST):
            end = min(start + _LONGEST, match.end())
            if end - start > _SHORTEST_STEM:
                yield start, text[start:end]


def doubt(found: Mapping[str, int], sentence: str) -> float:
    """Return the factor by which a sentence is likely an honest one.

    It is about the parties of a contract, which it names before what they should drop; or it asks how something is
    done.
    """
    party = found.get("PARTY")
    told = min((found[name] for name in found.keys() & _TOLD), default=len(sentence))
    asked = "SECRET" in found and "REVEAL" in found and "NEG" not in found
    if party is not None and not asked and (party < told or len(sentence) > _STRETCH):
        return HONEST
    if "REMEMBER" in found:
        return HONEST
    if len(sentence) > _STRETCH:
        return _LONG
    return _ASKED if "ASKING" in found and "YOU" not in found and len(sentence) < _MESSAGE else 1.0


@lru_cache(maxsize=16384)
def _of_token(token: str) -> tuple[frozenset[str], Mapping[str, list[tuple[str, str]]], int] | None:
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
