"""How likely a text attacks the model that will read it: one graded score for questions, passages and answers.

Layers, each pure and linear: the text is folded (`normalize`), payloads are decoded (`decode`), rules in many
languages speak, and the register of a document is compared with that of its sentences. What they say is combined
as independent evidence; 0.5 is the decision line.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import islice

from agentkit.text.injection_bits import AnyOf, hint_bit
from agentkit.text.injection_classifier import likelihood
from agentkit.text.injection_concepts import concept_evidence
from agentkit.text.injection_needs import Searched, needs_of
from agentkit.text.injection_reader import READER, reader_evidence
from agentkit.text.injection_reading import Reading, lowered
from agentkit.text.injection_register import register_evidence
from agentkit.text.injection_rules import ENGLISH, Evidence, Rule
from agentkit.text.injection_rules_world import WORLD
from agentkit.text.injection_spelled import columns, run_together, spelled, unseen_joints
from agentkit.text.injection_weighing import MENTION, weigh
from agentkit.text.normalize import Normalized, normalize
from agentkit.text.normalize_decode import payloads
from agentkit.text.normalize_variants import variants

MAX_CHARACTERS = 60_000
"""A longer text is read in its first and last half of this; the oversize rail is for the rest."""

_WORD = re.compile(r"[^\W\d_]+")
_CLASSIFIER_WEIGHT = 0.48
_MIN_WORDS = 4
_SENTENCE = 200
_SECOND = re.compile(r"[.!?:;\n]\s*\w")


@dataclass(frozen=True, slots=True)
class InjectionFinding:
    """The joint judgement. `score` in [0, 1]; from 0.5 on the text should be treated as an attack."""

    score: float
    evidence: list[Evidence] = field(default_factory=list[Evidence])

    @property
    def rules(self) -> list[str]:
        """The rules that spoke, strongest first, each once."""
        return list(dict.fromkeys(item.rule for item in self.evidence))

    @property
    def spans(self) -> list[tuple[int, int]]:
        """Where they spoke, in order of position."""
        return sorted({(item.start, item.end) for item in self.evidence})

    @property
    def reasons(self) -> list[str]:
        """What they say, strongest first, each once."""
        return list(dict.fromkeys(item.reason for item in self.evidence))


def score(text: str, /) -> InjectionFinding:
    """Judge a text: a question, a passage of a document, or an answer.

    Never raises; linear in the length of the text, of which at most `MAX_CHARACTERS` are read.
    """
    whole = normalize(text[:MAX_CHARACTERS])
    found = _part_evidence(text, 0, folded=whole) if len(text) <= MAX_CHARACTERS else evidence_of_rules(text)
    return with_classifier(found, text, likelihood(whole.text))


def evidence_of_rules(text: str, /) -> list[Evidence]:
    """Return what rules, decoded payloads and the document's register say, without the classifier."""
    return [item for start, part in _parts(text) for item in _part_evidence(part, start, folded=normalize(part))]


def with_classifier(evidence: Iterable[Evidence], text: str, guess: float, /) -> InjectionFinding:
    """Combine the evidence with the classifier's guess in [0, 1], which raises a doubt and never decides alone."""
    weight = _CLASSIFIER_WEIGHT * min(0.06 * guess + max((guess - 0.5) / 0.45, 0.0), 1.0)
    about = len(text) < _SENTENCE and MENTION.search(text.lower()) and not _SECOND.search(text)
    if about or len(_WORD.findall(text[:200])) < _MIN_WORDS:
        weight = 0.0
    found = list(evidence)
    if weight > 0:
        found.append(Evidence("classifier", "classifier", weight, 0, len(text), "reads like known attacks"))
    ranked = sorted(found, key=lambda item: -item.weight)
    return InjectionFinding(combine(ranked), ranked)


def combine(evidence: Iterable[Evidence], /) -> float:
    """Return the likelihood that at least one piece speaks the truth; within a family later pieces count a third."""
    seen: dict[str, int] = {}
    innocent = 1.0
    for item in evidence:
        repeats = seen.get(item.family, 0)
        seen[item.family] = repeats + 1
        if repeats < 3:  # further ones of a family add nothing
            innocent *= 1 - item.weight * (1, 0.35, 0.15)[repeats]
    return round(1 - innocent, 4)


def _parts(text: str) -> list[tuple[int, str]]:
    """The stretches that are read, with their offsets."""
    if len(text) <= MAX_CHARACTERS:
        return [(0, text)]
    half = MAX_CHARACTERS // 2
    return [(0, text[:half]), (len(text) - half, text[-half:])]


def _part_evidence(part: str, offset: int, *, folded: Normalized) -> Iterable[Evidence]:
    searched = Searched(folded.text)
    read = lowered(part, searched.read)
    register = register_evidence(part, read)
    for item in (
        *_matches(folded, searched),
        *register,
        *_decoded(read, part),
        *_spelled_out(read, part),
        *_by_columns(part),
    ):
        yield replace(item, start=item.start + offset, end=item.end + offset) if offset else item


def _decoded(read: Reading, text: str) -> Iterable[Evidence]:
    """Judge what is encoded in a text; that it was encoded at all is evidence, too."""
    for payload in payloads(text, read=read):
        yield Evidence(
            "encoded.text", "encoded", 0.35, payload.start, payload.end, f"text hidden as {payload.encoding}"
        )
        for item in _read(payload.text):
            yield replace(item, start=payload.start, end=payload.end)


def _spelled_out(read: Reading, text: str) -> Iterable[Evidence]:
    """Judge what is spelled out letter by letter; titles often are, so that alone is no evidence."""
    for run in spelled(text, read):
        if run.dense:
            yield Evidence(
                "override.spelled", "override", 0.85, run.start, run.end, "spells out an order to drop instructions"
            )
        for item in _read(run.text):
            yield replace(item, start=run.start, end=run.end)
    if (apart := unseen_joints(text)) is not None:
        yield from _read(apart)
    for start, end in run_together(text):
        yield Evidence("override.joined", "override", 0.8, start, end, "runs an order to drop instructions together")


def _by_columns(text: str) -> Iterable[Evidence]:
    """Judge a table column by column: an order may run down its cells."""
    for start, end, column in columns(text):
        for item in _spoken(_ENGLISH, Searched(normalize(column).text), Normalized(column)):
            yield replace(item, start=start, end=end)


def _matches(folded: Normalized, searched: Searched) -> Iterable[Evidence]:
    yield from _spoken(_ALL, searched, folded)
    yield from reader_evidence(folded, searched)
    yield from concept_evidence(folded)
    for reading in variants(searched.read):
        yield from _spoken(_ENGLISH, Searched(reading), folded)


def _read(text: str) -> Iterable[Evidence]:
    """Judge what was hidden in a text."""
    folded = normalize(text)
    return _matches(folded, Searched(folded.text))


class _Hinted:
    """Rules by their needs and hints, so that a text meets only those that it gives an occasion to."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._listed = list(rules)

    @cached_property
    def _met(self) -> AnyOf:
        return AnyOf([_needed(rule) for rule in self._listed])

    def of(self, searched: Searched) -> list[Rule]:
        """Return the rules, in their order, of which a hint occurs, and those without any, that may match the text."""
        missing, text = ~searched.bits, searched.text
        likely = [self._listed[number] for number in self._met.in_bits(searched.bits)]
        return [
            rule
            for rule in likely
            if (rule.latin or not text.isascii()) and (not rule.signs or _signed(rule, missing, text))
        ]


def _signed(rule: Rule, missing: int, text: str) -> bool:
    """Whether a text has one of the signs of a rule, or, as its bits say, one of its hints."""
    hinted = bool(rule.keys) and not hint_bit(rule.keys) & missing
    return hinted or any(map(text.__contains__, rule.signs))


def _needed(rule: Rule) -> list[int]:
    """Return the bits that a match of each part of a rule needs, the rule's hint among them."""
    hint = 0 if rule.signs else hint_bit(rule.keys)
    return [needs.bits | hint for needs in needs_of(rule.pattern)]


ALL_RULES = (*ENGLISH, *READER, *WORLD)
_ALL = _Hinted(ALL_RULES)
_ENGLISH = _Hinted(ENGLISH)


def _spoken(rules: _Hinted, searched: Searched, folded: Normalized) -> Iterable[Evidence]:
    """The rules that match, each at most three times; a rule none of whose hints occurs is not tried."""
    for rule in rules.of(searched):
        for match in islice(searched.matches(rule.pattern), 3):
            weight = weigh(rule, match)
            yield Evidence(rule.id, rule.family, weight, *folded.span(match.start(), match.end()), rule.reason)
