"""Which words of some documents no longer hold, because a later one of them says so."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from agentkit.legal.lineage import Identity, changed_in, identify
from agentkit.legal.relations import Relation, relate
from agentkit.text.locate import trail
from agentkit.types import Document, Section

_ATTACHED = re.compile(r"^(?:exhibit|schedule|appendix|annex)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Successor:
    """A later document: its index, what it is to the earlier one, and the sections of that which it replaces."""

    source: int
    relation: Relation
    sections: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Edition:
    """What of a document tells which others it replaces or is replaced by; its text is not in it.

    `changes` says of an amendment where it speaks of which section.
    """

    source: int
    identity: Identity
    sections: list[Section]
    changes: list[tuple[str, int]] = field(default_factory=list[tuple[str, int]])

    @classmethod
    def of(cls, document: Document) -> "Edition":
        """Read a document; takes some milliseconds."""
        identity = identify(document.text)
        changes = list(changed_in(document.text)) if identity.form == "amendment" else []
        return cls(document.index, identity, document.sections, changes)


class Versions:
    """Tells of documents read together which of them a later one replaces: the whole of it, or sections.

    Args:
        editions: what was read, in any order.
    """

    def __init__(self, editions: Sequence[Edition]) -> None:
        self._read = {edition.source: edition for edition in editions}
        self._later: dict[int, list[Successor]] = {}
        for row in relate([edition.identity for edition in editions]):
            newer, older = editions[row.newer].source, editions[row.older].source
            self._later.setdefault(older, []).append(Successor(newer, row.relation, row.sections))

    @classmethod
    def of(cls, documents: Sequence[Document]) -> "Versions":
        """Read documents; one alone costs nothing."""
        return cls([Edition.of(document) for document in documents] if len(documents) > 1 else [])

    def __bool__(self) -> bool:
        """Whether any document is a version of another."""
        return bool(self._later)

    def successors(self, source: int) -> list[Successor]:
        """Return the later documents that concern one, in order of their place."""
        return self._later.get(source, [])

    def replaced(self, source: int, start: int) -> list[Successor]:
        """Return the later documents that replaced the words of a document at an offset; none if they hold."""
        found: list[Successor] = []
        for later in self.successors(source):
            if later.relation == "restates":
                found.append(later)
            elif later.relation == "amends" and (named := _named(self._read[source], start, later.sections)):
                found.append(Successor(later.source, later.relation, named))
        return found

    def rank(self, source: int) -> int:
        """Return how many documents replace something of one: those that hold come first."""
        return sum(later.relation != "later_version" for later in self.successors(source))

    def apart(self, one: int, other: int) -> bool:
        """Tell whether two documents are versions of one, or change one another."""
        return any(later.source == other for later in self.successors(one)) or any(
            later.source == one for later in self.successors(other)
        )


def covers(section: str, numbers: Sequence[str]) -> bool:
    """Tell whether a section that an amendment names ("4.2", "exhibit b") holds a place.

    Args:
        section: as `Identity.sections` has it.
        numbers: of the sections that hold the place, outermost first ("Exhibit B", "4.2", "(a)").
    """
    cited = [number.strip().rstrip(".").lower() for number in numbers if number.strip()]
    if _ATTACHED.match(section):
        return any(number == section or number.startswith(f"{section} ") for number in cited)
    if any(_ATTACHED.match(number) for number in cited):  # clause 4.2 of a schedule is another
        return False
    wanted = section.lower()
    tails = [_bare(number) for number in cited]
    joined = "".join(tail for tail in tails if tail.startswith("("))
    whole = [*tails, *(tail + joined for tail in tails if not tail.startswith("("))]
    return any(number == wanted or number.startswith((f"{wanted}.", f"{wanted}(")) for number in whole)


def _bare(number: str) -> str:
    return re.sub(r"^(?:section|clause|article|paragraph|§)\s*", "", number)


def _named(read: Edition, start: int, sections: Sequence[str]) -> tuple[str, ...]:
    """Return those of some sections that a place belongs to; in an amendment, those it changes there."""
    if read.identity.form == "amendment":
        before = [(name, place) for name, place in read.changes if place <= start][-1:]
        own = read.sections  # what an amendment puts in place stands in the clause that says so
        return tuple(name for name, place in before if name in sections and trail(own, place) == trail(own, start))
    numbers = [section.number for section in trail(read.sections, start)]
    return tuple(name for name in sections if covers(name, numbers))
