"""What is said to a model in any language: words become concepts, and what meets in a sentence is judged.

A rule names the concepts that must meet in one sentence, in any order; a sentence about the parties of a contract, or
one that asks how something is done, counts little.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from agentkit.text.injection_marks import fields_apart
from agentkit.text.injection_meanings import STRETCH, bits_of, concepts_of, doubt, meanings, names_of
from agentkit.text.injection_rules import Evidence
from agentkit.text.normalize import Normalized

_SENTENCE = re.compile(r"(?:[^.!?\n|{}<>\u061f\u0964\u06d4]++|[.!?](?=[^\s\"')\]}])(?<=[\x00-\x7f]{2}))+")
_LONGEST = 1200
_SHORTEST = 2
"""A sentence has more characters."""


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


class Spoken(NamedTuple):
    """A sentence of a folded text: where it begins, its concepts as bits, and its `doubt`."""

    start: int
    text: str
    concepts: int
    doubt: float


@lru_cache(maxsize=2)
def spoken(folded: str, /) -> Sequence[Spoken]:
    """Return the sentences of a folded text; the last text is remembered, because rules and classifier read it."""
    sentences = list(_sentences(folded))
    said = concepts_of(folded, [(start, text) for start, text, _ in sentences]) if sentences else []
    found: list[Spoken] = []
    for bits, (start, text, cut) in zip(said, sentences, strict=True):
        concepts = bits_of(meanings(text)) if cut else bits
        found.append(Spoken(start, text, concepts, doubt(concepts, text)))
    return found


def concept_evidence(folded: Normalized, /) -> Iterator[Evidence]:
    """Yield the sentences in which concepts meet as in an attack, each with its strongest rule of every family."""
    short = len(folded.text) < _MESSAGE
    for sentence in spoken(folded.text):
        meeting = _meeting(sentence.concepts, short)
        families = set[str]()
        for begin, stretch in _stretches(sentence.text) if meeting else ():
            whole = stretch is sentence.text
            for rule in meeting if whole else _meeting(bits_of(meanings(stretch)), short):
                if rule in meeting and rule.family not in families:
                    families.add(rule.family)
                    span = folded.span(sentence.start + begin, sentence.start + begin + len(stretch))
                    yield Evidence(rule.id, rule.family, round(rule.weight * sentence.doubt, 4), *span, rule.reason)


@lru_cache(maxsize=4096)
def _meeting(concepts: int, short: bool, /) -> Sequence[_Rule]:  # noqa: FBT001  (a key of what is remembered)
    """Return the rules whose concepts meet, in a short text or a document."""
    names = frozenset(names_of(concepts))
    rules = _RULES if short else (*_PLANTED, *_RULES)
    return [rule for rule in rules if rule.needs <= names and all(map(names.__and__, rule.either))]


def _stretches(sentence: str) -> Iterator[tuple[int, str]]:
    """Yield a sentence, or where it is long the overlapping stretches of it in which concepts must meet."""
    if len(sentence) <= STRETCH:
        yield 0, sentence
        return
    for begin in range(0, len(sentence) - STRETCH // 2, STRETCH // 2):
        yield begin, sentence[begin : begin + STRETCH]


def _sentences(text: str) -> Iterator[tuple[int, str, bool]]:
    """Yield where each sentence begins, what it says, and whether it is a piece of a long one."""
    text = fields_apart(text)  # they are no sentence together
    for match in _SENTENCE.finditer(text):
        first, last = match.span()
        for start in range(first, last, _LONGEST):
            end = min(start + _LONGEST, last)
            if end - start > _SHORTEST:
                yield start, text[start:end], last - first > _LONGEST
