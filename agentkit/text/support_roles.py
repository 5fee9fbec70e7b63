"""Who does what to whom: two names that have changed places."""

from collections.abc import Sequence

from agentkit.text.support_items import Item
from agentkit.text.support_names import Name, names

_ARTICLES = frozenset("the a an its their his her such said this that".split())
_PLACES = frozenset("from to by against with for of on behalf upon".split())
_AUXILIARY = frozenset("be have do".split())

Slot = tuple[str, str]


def swapped(
    claim_text: str, claim: Sequence[Item], source_text: str, evidence: Sequence[Item]
) -> tuple[str, str] | None:
    """Return two names of the claim that stand in each other's places in the evidence, or None.

    A place is what a name does ("pay") or what stands right before it ("to", "from", "paid").
    """
    mine = _slots(claim_text, claim)
    if len(mine) < 2:
        return None
    theirs = _slots(source_text, evidence)
    known = [name for name in mine if name in theirs]
    for index, one in enumerate(known):
        for two in known[index + 1 :]:
            if _takes(mine[one], theirs[two], theirs[one]) and _takes(mine[two], theirs[one], theirs[two]):
                return one, two
    return None


def _takes(claimed: set[Slot], other: set[Slot], own: set[Slot]) -> bool:
    """Whether a name stands in the claim where, in the evidence, only the other name stands."""
    return bool((claimed & other) - own) and not claimed & own


def _slots(text: str, items: Sequence[Item]) -> dict[str, set[Slot]]:
    found: dict[str, set[Slot]] = {}
    starts = {item.start: index for index, item in enumerate(items)}
    for name in [*names(text, items), *_opening(text, items)]:
        first = starts.get(name.start)
        if first is None:
            continue
        last = first
        while last + 1 < len(items) and items[last + 1].start < name.end:
            last += 1
        slots = {slot for slot in (_before(items, first), _deed(items, last)) if slot is not None}
        found.setdefault(" ".join(name.words), set()).update(slots)
    return found


def _opening(text: str, items: Sequence[Item]) -> list[Name]:
    """Return the sentence's first word as a name, where a name opens it."""
    first = next((item for item in items if item.key not in _ARTICLES), None)
    if first is None or not first.cap or first.kind != "word":
        return []
    return [Name(first.start, first.end, text[first.start : first.end], (first.token.norm,))]


def _before(items: Sequence[Item], index: int) -> Slot | None:
    for item in reversed(items[max(0, index - 3) : index]):
        if item.key in _ARTICLES:
            continue
        if item.key in _PLACES:
            return "after", item.key
        return ("after", item.token.root) if item.kind == "word" and not item.cap else None
    return None


def _deed(items: Sequence[Item], index: int) -> Slot | None:
    """Return what the name does: the first word after it, past modals and auxiliaries."""
    for item in items[index + 1 : index + 5]:
        if item.kind == "modal" or item.key in _AUXILIARY or item.key.endswith("ly"):
            continue
        return ("does", item.token.root) if item.kind == "word" and not item.cap else None
    return None
