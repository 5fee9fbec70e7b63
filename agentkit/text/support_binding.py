"""Whether a number belongs to the same thing in claim and source: "four years" of prison, not of fraud."""

from collections.abc import Sequence

from agentkit.text.support_items import Item
from agentkit.text.support_numbers import Quantity
from agentkit.text.support_similarity import Look, has_near, look_up
from agentkit.text.support_source import Source

_NEIGHBOURS = 4
_NEAR = 8
_MARGIN = 0.4


def misplaced(quantity: Quantity, claim: Sequence[Item], source: Source) -> Quantity | None:
    """Return the source's quantity of the same unit that stands where the claim's should, or None.

    The words around a number say what it is a number of. If they surround another number in the source,
    and not this one, the claim has taken it from elsewhere.
    """
    if quantity.kind in ("reference", "time", "rate"):
        return None
    company = [look_up(item, source) for item in _around(quantity, claim)]
    total = sum(word.weight for word in company)
    if len(company) < 2 or not total:
        return None
    own = max((_fit(place, company) for _, place in source.equal(quantity)), default=0.0)
    best, rival = own + _MARGIN * total, None
    if best <= total:
        for other, place in source.counts.get(quantity.kind, ()):
            fit = _fit(place, company)
            if fit >= best and quantity.comparable(other) and not quantity.agrees(other):
                best, rival = fit, other
    return rival


def _around(quantity: Quantity, claim: Sequence[Item]) -> list[Item]:
    words = [item for item in claim if item.kind == "word"]
    before = [item for item in words if item.end <= quantity.start][-_NEIGHBOURS:]
    after = [item for item in words if item.start >= quantity.end][: _NEIGHBOURS - 1]
    return before + after


def _fit(place: int, company: Sequence[Look]) -> float:
    return sum(word.weight for word in company if has_near(word.places, place, reach=_NEAR))
