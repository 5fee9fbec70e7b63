"""Which document changes which: amendments, restated agreements, and later versions of the same one.

Two documents are related where their names and parties agree, and, where the later one says which day's agreement it
changes, where that day is the earlier one's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from agentkit.legal.lineage import Form, Identity

Relation = Literal["amends", "restates", "later_version"]
_SAME_NAME = 0.6
_RELATION: Mapping[Form, Relation] = {"original": "later_version", "amendment": "amends", "restatement": "restates"}


@dataclass(frozen=True, slots=True)
class Lineage:
    """Document `newer` changes document `older` (their places): all of it, or the `sections` an amendment names.

    Of a *later_version*, nothing says that the older one no longer holds.
    """

    newer: int
    older: int
    relation: Relation
    sections: tuple[str, ...] = ()


def relate(identities: Sequence[Identity]) -> list[Lineage]:
    """Return which of some documents changes which, in order of the newer one's place."""
    found, near = list[Lineage](), _near(identities)
    for newer, one in enumerate(identities):
        others = sorted({place for key in _keys(one) for place in near[key]} - {newer})
        older = [place for place in others if _may_change(one, identities[place])]
        told = [place for place in older if identities[place].day in one.changes]
        if told:  # a restated document takes its amendments with it
            older = [place for place in older if place in told or identities[place].form == "amendment"]
        found += [Lineage(newer, place, _RELATION[one.form], _both(one, identities[place])) for place in older]
    return found


def _keys(one: Identity) -> frozenset[str]:
    """Return what two documents that belong together share at least one of: words of parties, or being a statute."""
    return frozenset(word for party in one.parties for word in party) or frozenset({""})


def _near(identities: Sequence[Identity]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for place, one in enumerate(identities):
        for key in _keys(one):
            found.setdefault(key, []).append(place)
    return found


def _both(newer: Identity, older: Identity) -> tuple[str, ...]:
    """Return the sections that a document changes in another: of what an earlier amendment changed, what both do."""
    if newer.form == older.form == "amendment":
        return tuple(section for section in newer.sections if section in older.sections)
    return newer.sections


def _may_change(newer: Identity, older: Identity) -> bool:
    """Tell whether a document may be what another one changes."""
    if not (_same_parties(newer, older) and _alike(newer.title, older.title, _SAME_NAME)):
        return newer.form == "amendment" and _is_act(newer, older)
    if newer.form == "original":
        return older.form == "original" and _follows(newer, older)
    if newer.form == older.form == "amendment":
        return bool(_both(newer, older)) and _after(newer, older)
    if older.form == "amendment":
        return newer.form == "restatement" and _not_after(older, newer)
    known = newer.changes and older.day is not None
    return older.day in newer.changes if known else _not_after(older, newer)


def _is_act(newer: Identity, older: Identity) -> bool:
    """Tell whether a statute is the one that another amends: a statute has no parties, but a name of its own."""
    known = newer.title <= older.title and len(newer.title) > 1
    return known and older.form == "original" and not (newer.parties or older.parties)


def _follows(newer: Identity, older: Identity) -> bool:
    """Tell whether one agreement is of a later day and the same in all else: no order after another order."""
    if newer.day is None or older.day is None or newer.day <= older.day:
        return False
    different = newer.title ^ older.title
    shared = len(newer.title & older.title)
    return shared >= _SAME_NAME * len(newer.title | older.title) and not any(map(str.isdigit, different))


def _after(newer: Identity, older: Identity) -> bool:
    if newer.day is not None and older.day is not None and newer.day != older.day:
        return newer.day > older.day
    return newer.number > older.number > 0


def _same_parties(one: Identity, other: Identity) -> bool:
    """Tell whether two parties, or all that are known, are the same."""
    least = min(2, len(one.parties), len(other.parties))
    same = sum(any(_alike(name, its, _SAME_NAME) for its in other.parties) for name in one.parties)
    return least > 0 and same >= least


def _not_after(older: Identity, newer: Identity) -> bool:
    return older.day is None or newer.day is None or older.day <= newer.day


def _alike(one: frozenset[str], other: frozenset[str], least: float) -> bool:
    shared = len(one & other)
    return shared > 0 and shared >= least * min(len(one), len(other))
