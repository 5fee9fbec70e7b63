"""What the row of a document says, read back: what it is, and where its passages stand."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from agentkit.indexed import Entry, Known


def terms_in(body: Mapping[str, Any]) -> dict[str, int]:
    """Return the stems of a passage, from the body of its row."""
    return {stem: int(often) for often, stems in body["terms"].items() for stem in stems.split(" ")}


def known_of(body: str) -> Known:
    """Read the body of a document's row."""
    data = cast(dict[str, Any], json.loads(body))
    labels, called = tuple(data["labels"]), data.get("called", "")
    return Known(data["key"], data["name"], data["sha256"], data["matter"], labels, called)


def passages_in(body: str) -> int:
    """Return how many passages a document has, from the body of its row."""
    return int(json.loads(body)["passages"])


Place = tuple[int, str, int, int, int | None, str | None, str]
"""Where a passage stands: its number, id, start, end, page, locator and version."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A document as its row describes it: for each row of a passage, where that stands."""

    known: Known
    places: Mapping[str, Sequence[Place]]

    @property
    def size(self) -> int:
        """How many passages it has."""
        return sum(map(len, self.places.values()))

    @property
    def version(self) -> str:
        """What it held, by its first passage; or an empty string."""
        return next((place[-1] for places in self.places.values() for place in places), "")

    def entries(self, row: str, body: Mapping[str, Any]) -> list[tuple[int, Entry]]:
        """Return a row's passages by their number: the same words may stand in several places, or in none any more."""
        known, terms = self.known, terms_in(body)
        return [
            (
                number,
                Entry(
                    made,
                    known.name,
                    body["title"],
                    start,
                    end,
                    body["text"],
                    page=page,
                    locator=locator,
                    kind=body["kind"],
                    matter=known.matter,
                    labels=known.labels,
                    version=version,
                    terms=terms,
                ),
            )
            for number, made, start, end, page, locator, version in self.places.get(row, ())
        ]


def listed(body: str, places: str) -> Listed:
    """Read a document's row."""
    found: dict[str, list[Place]] = {}
    for number, (row, *place) in enumerate(cast(list[list[Any]], json.loads(places))):
        found.setdefault(row, []).append(cast(Place, (number, *place)))
    return Listed(known_of(body), found)


def edition_of(body: str) -> tuple[str, str]:
    """Return a document's name, and what it says it is, from the body of its row."""
    data = cast(dict[str, Any], json.loads(body))
    return data["name"], data["edition"]
