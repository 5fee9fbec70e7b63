"""Why a text got its score: which rule or which words, by how much, where, and what was decoded or hidden."""

from dataclasses import dataclass

from agentkit.text.injection import combine, score
from agentkit.text.injection_classifier import likelihood, telling
from agentkit.text.injection_rules import Evidence
from agentkit.text.normalize import hidden_runs, normalize
from agentkit.text.normalize_decode import payloads

_QUOTE = 160
_MOST = 40
_TELLING = 0.005
"""What adds less is said in one line."""


@dataclass(frozen=True, slots=True)
class Ground:
    """One piece of evidence: `weight` in [0, 1] is what it says alone, `adds` what the score would lose without it."""

    rule: str
    family: str
    reason: str
    weight: float
    adds: float
    start: int
    end: int
    quote: str


@dataclass(frozen=True, slots=True)
class Unveiled:
    """What a stretch (`start:end`) of the text hides: `text` is what it says, `how` the encoding or the kind."""

    how: str
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """A score in [0, 1] and everything that made it.

    `likelihood` is the classifier's own guess in (0, 1), and `words` what speaks most for it, with what each adds to
    its logit: words, pairs of words, and concepts in capitals ("DROP+INSTR": an order to drop, and instructions).
    """

    score: float
    grounds: list[Ground]
    likelihood: float
    words: list[tuple[str, float]]
    unveiled: list[Unveiled]


def explain(text: str, /) -> Explanation:
    """Explain the score that `agentkit.text.injection.score` gives a text; costs a few times as much."""
    finding = score(text)
    folded = normalize(text)
    grounds = [_ground(text, item, finding.evidence) for item in finding.evidence[:_MOST]]
    unveiled = [Unveiled(item.encoding, item.start, item.end, item.text[:_QUOTE]) for item in payloads(text)]
    for run in hidden_runs(text)[:_MOST]:
        said = normalize(text[run.start : run.end]).text.strip()
        unveiled.append(Unveiled(f"{run.kind} characters", run.start, run.end, said[:_QUOTE]))
    return Explanation(finding.score, grounds, round(likelihood(folded.text), 4), telling(folded.text), unveiled)


def _ground(text: str, item: Evidence, all_of_it: list[Evidence]) -> Ground:
    without = combine(other for other in all_of_it if other is not item)
    return Ground(
        item.rule,
        item.family,
        item.reason,
        round(item.weight, 4),
        round(combine(all_of_it) - without, 4),
        item.start,
        item.end,
        text[item.start : min(item.end, item.start + _QUOTE)],
    )


def lines(explanation: Explanation, /) -> list[str]:
    """Return an explanation for people, a line a fact, the strongest first."""
    said = [f"score {explanation.score:.2f} (0.50 decides)"]
    telling = [ground for ground in explanation.grounds[1:] if ground.adds >= _TELLING]
    for ground in [*explanation.grounds[:1], *telling]:
        quote = " ".join(ground.quote.split())
        said.append(
            f"{ground.weight:.2f}  {ground.rule}: {ground.reason}, at {ground.start} to {ground.end}: "
            f'"{quote}" (without it {explanation.score - ground.adds:.2f})'
        )
    rest = [f"{item.rule} {item.weight:.2f}" for item in explanation.grounds[1:] if item.adds < _TELLING]
    said += [f"the same or little is said by {', '.join(rest)}"] if rest else []
    said += [
        f'hidden as {item.how}, at {item.start} to {item.end}: "{" ".join(item.text.split())}"'
        for item in explanation.unveiled
    ]
    words = ", ".join(f"{word} {weight:+.2f}" for word, weight in explanation.words)
    said.append(f"classifier {explanation.likelihood:.2f}{': ' if words else ''}{words}")
    return said
