"""How likely a text attacks the model that will read it: one graded score for questions, passages and answers.

Layers, each pure and linear: the text is folded (`normalize`), payloads are decoded (`decode`), rules in many
languages speak, and the register of a document is compared with that of its sentences. What they say is combined
as independent evidence; 0.5 is the decision line.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from agentkit.text.injection_rules import ENGLISH, Rule, compile_pattern
from agentkit.text.injection_rules_world import WORLD
from agentkit.text.normalize import Normalized, normalize, unleet

MAX_CHARACTERS = 60_000
"""A longer text is read in its first and last half of this; the oversize rail is for the rest."""

_DUTY = re.compile(
    r"\b(?:shall|may|must|will|agree[sd]?|entitled|obliged|obligated|required|permitted|authori[sz]ed|right|unless|"
    r"fail(?:s|ure)?|refus\w+|cause[sd]?|not|liable|election|discretion)\b[^.;:\n]{0,40}$"
)
_READER = re.compile(r"\b(?:you|your|assistant|ai|chatbot|model|reader|llm|gpt|chatgpt|i)\b")
_MENTION = re.compile(
    r"\b(?:what (?:does|is|are|do|did|happens)|how (?:do|does|can|to|should|would|did)|why (?:do|does|is|are)|explain|"
    r"mean(?:s|ing)?|definition|define|example(?:s)? of|detect|prevent|defend|protect|against|research|paper|article|"
    r"term|phrase|word|expression|called|known as|concept|discuss|attack(?:s|ers?)?|such as)\b"
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing that speaks for an attack: where (in the original text), which rule, how strongly."""

    rule: str
    family: str
    weight: float
    start: int
    end: int
    reason: str


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
    folded = normalize(_sample(text))
    evidence = [*_matches(folded)]
    ranked = sorted(evidence, key=lambda item: -item.weight)
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


def _sample(text: str) -> str:
    if len(text) <= MAX_CHARACTERS:
        return text
    half = MAX_CHARACTERS // 2
    return text[:half] + "\n" * (len(text) - 2 * half) + text[-half:]


def _matches(folded: Normalized) -> Iterable[Evidence]:
    text = folded.text
    plain = unleet(text)
    for candidate in (text, plain):
        if candidate is None:
            continue
        rules = ENGLISH if candidate is plain else (*ENGLISH, *WORLD)
        for rule in rules:
            if rule.hints and not any(hint in candidate for hint in rule.hints):
                continue
            for match in list(compile_pattern(rule.pattern).finditer(candidate))[:3]:
                weight = _weight(rule, match)
                yield Evidence(rule.id, rule.family, weight, *folded.span(match.start(), match.end()), rule.reason)


def _weight(rule: Rule, match: re.Match[str]) -> float:
    """Discount contract language (a third person's duty) and talk about attacks."""
    weight = rule.weight
    before = match.string[max(match.start() - 90, 0) : match.start()]
    sentence = re.split(r"[.;!?\n]", before)[-1]
    if rule.duty and _DUTY.search(sentence + " ") and not _READER.search(sentence + match.group()):
        weight *= 0.12
    if _MENTION.search(sentence):
        weight *= 0.4
    return weight
