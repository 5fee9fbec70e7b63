"""How common words are behind each wall of a store: what one may see is weighed by that, and by nothing else.

A wall's tally is a row of totals and, beside it, rows that share its words out by their number. It is brought up to
date when a run of writes ends; where it does not fit the documents, because a writer was killed, it is counted anew.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from agentkit.indexed import Counts
from agentkit.listed import Listed, known_of, listed, terms_in
from agentkit.stored import Row, Table, Where, encoded, number_of, row_id, wall_of

_SHARE = 600
"""So many words stand in one row at most, on average."""
_MOST_WALLS = 64
"""Beyond so many walls, a search does without."""
_BATCH = 256


@dataclass(slots=True)
class Tally:
    """Passages, their words, and how many of them hold each stem."""

    passages: int = 0
    words: int = 0
    often: Counter[str] = field(default_factory=Counter[str])

    def add(self, terms: Mapping[str, int], times: int) -> None:
        """Count a passage so many times more, or less."""
        self.passages += times
        self.words += times * sum(often for stem, often in terms.items() if stem[0] != "§")
        for stem in terms:
            self.often[stem] += times


class Tallies:
    """The tallies of a store.

    Args:
        table: the database.
    """

    def __init__(self, table: Table) -> None:
        self._table = table
        self._more: dict[str, Tally] = {}

    def note(self, before: Listed | None, after: Listed | None, bodies: Mapping[str, str]) -> None:
        """Note what replaces a document; `bodies` are those of its passages' rows, old and new."""
        for one, sign in ((before, -1), (after, 1)):
            if one is None:
                continue
            tally = self._more.setdefault(wall_of(one.known.matter, one.known.labels), Tally())
            for row, places in one.places.items():
                if row in bodies:
                    tally.add(terms_in(json.loads(bodies[row])), sign * len(places))

    async def settle(self, heads: Iterable[tuple[str, str]]) -> None:
        """Write down what was noted; `heads` are the rows of all documents."""
        passages, owners = Counter[str](), dict[str, list[str]]()
        for head, body in heads:
            known = known_of(body)
            wall = wall_of(known.matter, known.labels)
            passages[wall] += int(json.loads(body)["passages"])
            owners.setdefault(wall, []).append(head)
        kept = await self._totals(passages.keys() | self._more.keys())
        noted, self._more = self._more, {}
        for wall in passages.keys() | noted.keys():
            more, there = noted.get(wall, Tally()), kept.get(wall, (0, 0, 0))
            if there[0] + more.passages != passages[wall]:
                await self._write(wall, await self._counted(wall, owners.get(wall, [])), there[2])
            elif noted.get(wall) is not None and (more.passages or more.words or any(more.often.values())):
                before = await self._read(wall, range(there[2]), there[2])
                made = Tally(passages[wall], there[1] + more.words, Counter(before))
                made.often.update(more.often)
                await self._write(wall, made, there[2])

    async def counts(self, walls: Sequence[str], stems: Iterable[str]) -> Counts | None:
        """Return how common stems are behind walls; None where that is not known, or they are very many."""
        if len(walls) > _MOST_WALLS:
            return None
        totals, wanted = await self._totals(walls), sorted(set(stems))
        if not totals:
            return None
        rows = [
            (wall, share, shares)
            for wall, (_, _, shares) in totals.items()
            for share in sorted({number_of(stem) % shares for stem in wanted} if shares else ())
        ]
        found = await self._table.get([_share_id(*row) for row in rows])
        often = Counter[str]()
        for body, _ in found.values():
            held = cast(dict[str, int], json.loads(body))
            often.update({stem: held[stem] for stem in wanted if stem in held})
        return Counts(sum(one[0] for one in totals.values()), sum(one[1] for one in totals.values()), often)

    async def _totals(self, walls: Iterable[str]) -> dict[str, tuple[int, int, int]]:
        """Return passages, words and the number of shares behind each wall that has a tally."""
        ids = {row_id("tally", wall): wall for wall in walls}
        found = await self._table.get(list(ids))
        return {ids[row]: cast(tuple[int, int, int], tuple(json.loads(body))) for row, (body, _) in found.items()}

    async def _read(self, wall: str, shares: Iterable[int], of: int) -> dict[str, int]:
        found = await self._table.get([_share_id(wall, share, of) for share in shares])
        return {stem: often for body, _ in found.values() for stem, often in json.loads(body).items()}

    async def _counted(self, wall: str, owners: Sequence[str]) -> Tally:
        heads: dict[str, Listed] = {}
        for first in range(0, len(owners), _BATCH):
            found = await self._table.get(owners[first : first + _BATCH])
            heads |= {head: listed(*row) for head, row in found.items()}
        tally = Tally()
        for row, body in await self._table.rows(Where("passage", [wall]), limit=None):
            data = cast(dict[str, Any], json.loads(body))
            if data["owner"] in heads:
                tally.add(terms_in(data), len(heads[data["owner"]].places.get(row, ())))
        return tally

    async def _write(self, wall: str, tally: Tally, before: int) -> None:
        """Replace a wall's tally; whoever reads it meanwhile finds another mixture of two that hardly differ."""
        held = {stem: often for stem, often in tally.often.items() if often > 0}
        of = max(before, 1)
        while len(held) > of * _SHARE:
            of *= 2
        shares: list[dict[str, int]] = [{} for _ in range(of)]
        for stem, often in held.items():
            shares[number_of(stem) % of][stem] = often
        rows = [
            Row(_share_id(wall, number, of), "tally", wall, body=encoded(share)) for number, share in enumerate(shares)
        ]
        rows.append(Row(row_id("tally", wall), "tally", wall, body=encoded([tally.passages, tally.words, of])))
        for first in range(0, len(rows), _BATCH):
            await self._table.put(rows[first : first + _BATCH])
        if before not in (0, of):
            await self._table.drop([_share_id(wall, number, before) for number in range(before)])


def _share_id(wall: str, share: int, of: int) -> str:
    return row_id("tally", wall, str(share), str(of))
