"""What an index keeps of each document to tell which one replaces which: it is looked up, and nothing is read again."""

import json
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, cast

from agentkit.indexed import Entry, text_of
from agentkit.legal.lineage import Identity, changed_in, identify
from agentkit.legal.relations import Relation
from agentkit.legal.versions import Edition, Versions, covers
from agentkit.report import with_sections

NEAR = 200
"""So many amendments and restated documents whose parties have like names are compared with those asked for."""
_OPENING = 20
"""So many passages of a document are its opening."""


@dataclass(frozen=True, slots=True)
class Later:
    """A document that replaces another, or sections of it: its name, what it is to the other, and which sections."""

    document: str
    relation: Relation
    sections: list[str]

    def words(self) -> str:
        """Return what is said of a passage that it replaced: "replaced by amendment.docx, § 4.2"."""
        return f"replaced by {with_sections(self.document, self.sections)}"


def after_later(documents: Sequence[Hashable], later: Sequence[Sequence[Hashable]]) -> list[int]:
    """Return hits by their places, so that one stands after the best hit of each document that replaced it.

    Args:
        documents: the document of each hit, best first.
        later: the documents that replaced each hit.
    """
    best = {name: place for place, name in reversed([*enumerate(documents)])}
    places = [max([place + 0.0, *(best[one] + 0.5 for one in by if one in best)]) for place, by in enumerate(later)]
    return sorted(range(len(documents)), key=lambda place: (places[place], place))


def written_of(entries: Sequence[Entry]) -> str:
    """Return what a document says it is, as an index keeps it; takes some milliseconds.

    Args:
        entries: its passages, in order.
    """
    placed = all(one.end <= two.start for one, two in pairwise(entries))
    identity, changes = identify(_text(entries[:_OPENING], placed=placed)), list[tuple[str, int]]()
    if identity.form == "amendment":
        text = _text(entries, placed=placed)
        identity, changes = identify(text), [(name, at if placed else -1) for name, at in changed_in(text)]
    if not identity.title and not identity.parties:
        return "[]"
    parties = [sorted(party) for party in identity.parties]
    told = identity.form, sorted(identity.title), identity.number, identity.day, parties, identity.changes, changes
    return json.dumps(told, ensure_ascii=True, separators=(",", ":"))


def _text(entries: Sequence[Entry], *, placed: bool) -> str:
    return text_of(entries) if placed else "\n\n".join(entry.text for entry in entries)


def read_edition(written: str, source: int) -> Edition | None:
    """Read what `written_of` wrote; None where the document says nothing of itself, or nobody asked it."""
    told = cast(list[Any], json.loads(written or "[]"))
    if not told:
        return None
    form, title, number, day, parties, before, changes = told
    identity = Identity(
        form=form,
        title=frozenset(title),
        number=number,
        day=tuple(day) if day is not None else None,
        parties=tuple(map(frozenset, parties)),
        changes=tuple(tuple(one) for one in before),
        sections=tuple(dict.fromkeys(name for name, _ in changes)),
    )
    return Edition(source, identity, [], [(name, at) for name, at in changes])


def keys_of(edition: Edition | None) -> frozenset[str]:
    """Return what two documents that belong together share at least one of."""
    if edition is None:
        return frozenset()
    stems = frozenset(stem for party in edition.identity.parties for stem in party)
    return stems or frozenset(f"={stem}" for stem in edition.identity.title)


def replacing_keys(written: str) -> frozenset[str]:
    """Return what a document that replaces another is found by; nothing for one that replaces none."""
    edition = read_edition(written, 0)
    return keys_of(edition) if edition is not None and edition.identity.form != "original" else frozenset()


def sought_keys(written: Iterable[str]) -> list[str]:
    """Return what documents that may replace one of these are found by."""
    return sorted(frozenset[str]().union(*(keys_of(read_edition(one, 0)) for one in written)))


class Lineages:
    """Tells which documents replace which.

    Args:
        written: what each document says it is, by their names.
    """

    def __init__(self, written: Mapping[str, str]) -> None:
        self._names = list(written)
        read = [read_edition(text, number) for number, text in enumerate(written.values())]
        self._editions = {self._names[one.source]: one for one in read if one is not None}
        self._versions = Versions([*self._editions.values()])

    def __bool__(self) -> bool:
        """Whether any document replaces another."""
        return any(map(self.successors, self._editions))

    def successors(self, name: str) -> list[Later]:
        """Return the documents that replace something of one."""
        edition = self._editions.get(name)
        found = self._versions.successors(edition.source) if edition is not None else []
        return [
            Later(self._names[one.source], one.relation, list(one.sections))
            for one in found
            if one.relation != "later_version"
        ]

    def replaced(self, entry: Entry) -> list[Later]:
        """Return the documents that replace a passage, each with those of its sections that do."""
        found: list[Later] = []
        for later in self.successors(entry.document):
            if later.relation == "restates":
                found.append(later)
            elif named := self._named(entry, later.sections):
                found.append(Later(later.document, later.relation, named))
        return found

    def _named(self, entry: Entry, sections: Sequence[str]) -> list[str]:
        """Return those of some sections that a passage belongs to; in an amendment, those it changes there."""
        edition = self._editions[entry.document]
        if edition.identity.form == "amendment":
            return [name for name, at in edition.changes if name in sections and entry.start <= at < entry.end]
        number = (entry.locator or "").removeprefix("§ ")
        return [name for name in sections if covers(name, [number])]

    def places(self, later: Later) -> list[int]:
        """Return where an amendment says what becomes of the sections it replaces."""
        return [at for name, at in self._editions[later.document].changes if name in later.sections and at >= 0]
