"""A feed of changes over rows in memory, and followers that are struck down at any step."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from hypothesis import strategies as st

from agentkit.changes import Applied, Batch, Change, ChangeSink, Emptied, Gone, Incoming, Lag, Put, Table
from agentkit.changes.documents import Documents
from agentkit.following import Event, Follower

TABLE = Table("clauses", text="body", matter="matter")
ALIKE = replace(TABLE, label_as="{body}")
"""Rows of the same text are called the same."""
Row = tuple[str, str]
"""Its text, which may be none, and its matter."""
IDS = st.sampled_from("abcd")
ROWS = st.tuples(
    st.sampled_from(["", "The rent is 900.", "The rent is 950.", "No pets.\n\nNo dogs."]), st.sampled_from("xy")
)
STEPS = st.one_of(
    st.tuples(st.just("put"), IDS, ROWS),
    st.tuples(st.just("rekey"), IDS, IDS),
    st.tuples(st.just("delete"), IDS),
    st.tuples(st.just("truncate")),
)
TRANSACTIONS = st.lists(STEPS, min_size=1, max_size=4)
TURNS = st.one_of(TRANSACTIONS, st.integers(1, 12))
"""What happens: a transaction, or a follower that lives for so many steps."""


class StruckDownError(Exception):
    """The process ends here."""


@dataclass
class Life:
    """How many steps are left; None is for ever."""

    left: int | None = None

    def step(self) -> None:
        if self.left is not None:
            self.left -= 1
            if self.left <= 0:
                raise StruckDownError


@dataclass
class RowsFeed:
    """A `ChangeFeed`: a table and its log; transactions of many rows come in parts."""

    rows: dict[str, Row] = field(default_factory=dict)
    log: list[list[Change]] = field(default_factory=list)
    life: Life = field(default_factory=Life)
    released: int = 0

    def carry_out(self, steps: Sequence[tuple[object, ...]]) -> None:
        self.log.append([change for step in steps for change in self._change(*step)])

    def _change(self, what: str, one: str = "", other: object = "") -> list[Change]:
        if what == "truncate":
            self.rows.clear()
            return [Emptied(TABLE.name)]
        if what == "put":
            self.rows[one] = other
            return [self._put(one)]
        if one not in self.rows or other in self.rows:
            return []
        row = self.rows.pop(one)
        if what == "delete":
            return [Gone(TABLE.name, (one,))]
        self.rows[other] = row
        return [Gone(TABLE.name, (one,)), self._put(other)]

    def _put(self, key: str) -> Put:
        text, matter = self.rows[key]
        return Put(TABLE.name, (key,), {"body": text or None, "matter": matter})

    async def resume(self, position: str | None, /) -> str:
        self.life.step()
        if position is not None and not self.released <= int(position) <= len(self.log):
            return "it is of another log, or what came after it is kept no longer"
        return "" if position is not None else "nothing of it was read before"

    async def snapshot(self) -> AsyncGenerator[Batch]:
        for key in sorted(self.rows):
            self.life.step()
            yield Batch([self._put(key)], None, 1)
        yield Batch([], str(len(self.log)))

    async def changes(self, position: str, /) -> AsyncGenerator[Batch]:
        for number in range(int(position), len(self.log)):
            done = self.log[number]
            for change in done[:-1]:
                self.life.step()
                yield Batch([change], None, 1)
            yield Batch(done[-1:], str(number + 1), 1)

    async def release(self, position: str, /) -> None:
        self.life.step()
        self.released = int(position)

    async def wait(self, seconds: float, /) -> None: ...

    async def lag(self) -> Lag:
        return Lag(0, "rows")

    async def unread(self) -> dict[str, int]:
        return {}

    async def drop(self) -> bool:
        return False

    async def aclose(self) -> None: ...


class Mortal:
    """A `ChangeSink` that may be struck down before and after everything it does."""

    def __init__(self, inner: ChangeSink, life: Life) -> None:
        self._inner, self._life = inner, life
        self.position, self.keys = inner.position, inner.keys
        self.abandon, self.tidy = inner.abandon, inner.tidy
        self.owed = inner.owed

    async def write(self, documents: Sequence[Incoming], removed: Sequence[str], broken: Mapping[str, str], /) -> None:
        self._life.step()
        await self._inner.write(documents, removed, broken)
        self._life.step()

    async def commit(self, position: str | None, /) -> Applied:
        self._life.step()
        applied = await self._inner.commit(position)
        self._life.step()
        return applied

    async def told(self) -> None:
        self._life.step()
        await self._inner.told()


@dataclass
class Listener:
    """One who is told of changes, and knows by that alone what an index holds: documents by their keys."""

    held: Callable[[], Awaitable[Mapping[str, str]]]
    """Returns what the index holds."""
    knows: dict[str, str] = field(default_factory=dict)
    told: list[Applied] = field(default_factory=list)
    deaf: bool = False

    async def __call__(self, applied: Applied) -> bool:
        if self.deaf:
            return False
        there = await self.held()
        self.told.append(applied)
        self.knows |= {key: there[key] for key in applied.changed if key in there}
        for key in (*applied.removed, *applied.broken):
            self.knows.pop(key, None)
        return True


async def follow(
    feed: RowsFeed,
    sink: ChangeSink,
    *,
    steps: int | None = None,
    table: Table = TABLE,
    name: str = "feed",
    after: Callable[[Applied], Awaitable[bool]] | None = None,
) -> list[Event]:
    """Bring everything into an index, or as much as comes before the follower is struck down."""
    events: list[Event] = []
    feed.life = Life(steps)
    documents = Documents(name, [table], max_chars=1200)
    try:
        await Follower(feed, Mortal(sink, feed.life), documents, tell=events.append, after=after).run(once=True)
    except StruckDownError:
        events.append({"event": "struck down"})
    finally:
        feed.life = Life()
    return events
