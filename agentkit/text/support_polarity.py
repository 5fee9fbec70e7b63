"""Which words of a text stand under a negation."""

from collections.abc import Sequence
from dataclasses import dataclass

from agentkit.text.support_items import Item
from agentkit.text.support_thesaurus import groups_of
from agentkit.text.support_tokens import lemma

_NEGATORS = frozenset(
    lemma(word)
    for word in """no none nothing nobody neither nor without never unable fail refuse decline lack hardly
    stop prevent avoid deny reject untrue false instead rather except""".split()
)
_IDIOMS = frozenset("matter only just mere doubt".split())
_NEGATIVE = frozenset({"!forbid", "!free", "!deny"})
_REACH = 2


@dataclass(frozen=True, slots=True)
class Polarity:
    """The lemmas a text states and those it negates, with the words that stand for each group."""

    stated: frozenset[str]
    negated: frozenset[str]
    stated_groups: frozenset[int]
    negated_groups: frozenset[int]
    heads: tuple[Item, ...]
    negators: int


def is_negator(item: Item) -> bool:
    """Whether an item turns round what follows."""
    return item.key in _NEGATIVE or item.key in _NEGATORS


def polarity(items: Sequence[Item]) -> Polarity:
    """Read which content words follow a negation within three content words."""
    stated: set[str] = set()
    negated: set[str] = set()
    groups: set[int] = set()
    negated_groups: set[int] = set()
    heads: list[Item] = []
    distance = _REACH
    negators = 0
    for item in items:
        if item.key in _IDIOMS and distance == 0:
            distance = _REACH  # "no matter what", "not only"
        if is_negator(item):
            distance, negators = 0, negators + 1
            continue
        if item.kind != "word":
            continue
        if distance < _REACH:
            negated.add(item.key)
            negated_groups.update(groups_of(item.token))
            if distance == 0:
                heads.append(item)
        else:
            stated.add(item.key)
            groups.update(groups_of(item.token))
        distance += 1
    return Polarity(
        frozenset(stated), frozenset(negated), frozenset(groups), frozenset(negated_groups), tuple(heads), negators
    )


def reversed_words(claim: Sequence[Item], evidence: Sequence[Item], whole: Polarity) -> list[Item]:
    """Return the words that a claim negates and its evidence only states; `whole` is the whole source's polarity."""
    mine, theirs = polarity(claim), polarity(evidence)
    found: list[Item] = []
    for head in mine.heads:
        if head.key in whole.negated or "un" + head.key in whole.stated:
            continue
        if groups_of(head.token) & whole.negated_groups:
            continue
        if head.key in theirs.stated or groups_of(head.token) & theirs.stated_groups or not theirs.negators:
            found.append(head)
    return found


def denied_words(claim: Sequence[Item], evidence: Sequence[Item], whole: Polarity) -> list[Item]:
    """Return the words that a claim states and its evidence only denies."""
    mine, theirs = polarity(claim), polarity(evidence)
    denied = {head.key for head in theirs.heads} - whole.stated
    return [item for item in claim if item.kind == "word" and item.key in denied and item.key in mine.stated]
