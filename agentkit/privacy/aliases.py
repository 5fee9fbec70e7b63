"""One person under several names: which of them are joined, and which are kept apart.

"John A. Smith", "J. Smith", "SMITH, John" and "Smith" are one person where no other fits. Names whose given names
differ are never joined, nor is one that fits two persons: those two would become one for every reader.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from agentkit.privacy.placeholders import normal
from agentkit.privacy.vault import Mention

_SUFFIXES = frozenset("jr sr ii iii iv esq".split())
_PARTICLES = frozenset("de da do dos das del della di van von der den af av zu bin ibn bte al el la le ter ten".split())
_TITLE = re.compile(
    r"\b(?:(Mr|Herr|Monsieur|Shri|Sri|Lord|Sir|Se[ñn]or)|(Mrs|Ms|Miss|Frau|Madame|Mme|Smt|Lady|Se[ñn]ora))\.?\s$"
)


@dataclass(frozen=True, slots=True)
class _Name:
    """A name by its parts, folded: given names or initials, surname, and what tells father from son."""

    given: tuple[str, ...]
    surname: str
    suffix: str

    @classmethod
    def parse(cls, form: str) -> "_Name | None":
        words = form.split()
        suffix = words.pop() if len(words) > 1 and words[-1] in _SUFFIXES else ""
        words = [word for word in words if word not in _PARTICLES] or words
        return cls(tuple(words[:-1]), words[-1], suffix) if words else None

    def fits(self, other: "_Name") -> bool:
        """Return whether both may be one person: each given name is the other's, or its initial."""
        if self.surname != other.surname or (self.suffix and other.suffix and self.suffix != other.suffix):
            return False
        pairs = zip(self.given, other.given, strict=False)
        return all(a == b or (min(len(a), len(b)) == 1 and a[0] == b[0]) for a, b in pairs)

    def fullness(self) -> tuple[int, int]:
        return sum(len(word) > 1 for word in self.given), len(self.given)


class FullNames:
    """Persons by their surname, each under the name that stands for the others.

    Args:
        names: of different persons, as they are written.
    """

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._by_surname: dict[str, list[tuple[_Name, str]]] = {}
        for name in names:
            self.add(name)

    def add(self, name: str) -> None:
        """Add a person; a name of a single word is none."""
        parsed = _Name.parse(normal("PERSON", name))
        if parsed is not None and parsed.given:
            people = self._by_surname.setdefault(parsed.surname, [])
            if all(parsed != known for known, _ in people):
                people.append((parsed, name))

    def join(self, names: Iterable[str]) -> "FullNames":
        """Return these persons and those among the names who fit none of them, the fullest names first."""
        parsed = {name: _Name.parse(normal("PERSON", name)) for name in dict.fromkeys(names)}
        full = [(one, name) for name, one in parsed.items() if one is not None and one.given]
        joined = FullNames()
        for one, name in sorted(full, key=lambda item: item[0].fullness(), reverse=True):
            people = joined._by_surname.setdefault(one.surname, list(self._by_surname.get(one.surname, ())))
            if len([known for known, _ in people if one.fits(known)]) != 1:
                people.append((one, name))
        for one in parsed.values():
            if one is not None:
                joined._by_surname.setdefault(one.surname, list(self._by_surname.get(one.surname, ())))
        return joined

    def owner(self, name: str) -> str:
        """Return the name of the one person whom a name may stand for, as it is written, or ""."""
        one = _Name.parse(normal("PERSON", name))
        people = self._by_surname.get(one.surname, []) if one is not None else []
        if one is None or any(one == known for known, _ in people):
            return ""
        fitting = [written for known, written in people if one.fits(known)]
        return fitting[0] if len(fitting) == 1 else ""


def title_before(text: str, start: int) -> str:
    """Return "m" or "f" where a title stands before `start` that says so, or ""."""
    title = _TITLE.search(text, max(0, start - 10), start)
    return ("m" if title[1] else "f") if title else ""


def mentions_of(found: Sequence[tuple[str, str]], *, known: FullNames, titles: Sequence[str] = ()) -> list[Mention]:
    """Return mentions, in order, with each person's other names linked to the one that stands for them.

    Args:
        found: entity type and original, in reading order.
        known: the persons whom the vault already keeps.
        titles: what `title_before` says of each of `found`; a name that a Mr and a Mrs share is linked to neither.
    """
    people = known.join(original for kind, original in found if kind == "PERSON")
    couples: dict[str, set[str]] = {}
    for (kind, original), title in zip(found, titles, strict=False):
        if kind == "PERSON" and title:
            couples.setdefault(normal(kind, original), set()).add(title)
    return [
        Mention(kind, original, people.owner(original) if kind == "PERSON" and not _shared(original, couples) else "")
        for kind, original in found
    ]


def _shared(original: str, couples: dict[str, set[str]]) -> bool:
    return len(couples.get(normal("PERSON", original), ())) > 1
