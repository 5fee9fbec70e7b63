"""A cache in other hands, or in none: nothing altered is served, and no run fails."""

import os
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import pytest
from caches import ADA, ASKED, KEY, LEASE, REWORDED, Cached, prompt

from agentkit.adapters.sqlite.cache import SqliteAnswerStore
from agentkit.errors import UnavailableError
from agentkit.testing.fakes import MemoryRecord, MemoryVault, ScriptedBackend
from agentkit.wrappers import CachedBackend, Meter
from agentkit.wrappers.cache_answers import AnswerCache, CachePolicy

# --- a file in other hands


def rows(path: Path, sql: str, *values: object) -> list[tuple[str, ...]]:
    connection = sqlite3.connect(path)
    with connection:
        found = connection.execute(sql, values).fetchall()
    connection.close()
    return found


async def test_neither_names_nor_passages_nor_documents_are_in_the_file(cached: Cached, tmp_path: Path) -> None:
    await cached.door(ScriptedBackend("the answer")).complete(prompt())
    cached.cache.close()
    data = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"the answer" in data
    for word in (b"Lovelace", b"EUR", LEASE.encode(), b"tenant a", b"matter 1", b"lease"):
        assert word not in data
    assert (tmp_path / "cache.db").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("question", [ASKED, REWORDED], ids=["by key", "by form"])
async def test_an_altered_answer_is_not_served_and_said_once(question: str, cached: Cached, tmp_path: Path) -> None:
    door = cached.door(ScriptedBackend("The rent is due.", "true", "true again"))
    await door.complete(prompt())
    rows(tmp_path / "cache.db", "UPDATE entries SET entry = replace(entry, 'is due', 'is waived')")
    assert (await door.complete(prompt(question))).text == "true"
    assert cached.record.events == [("cache_failed", {"problem": "an entry was altered and not used"})]


@pytest.mark.parametrize("forged", ["", "x", "0" * 64 + "{}", "é" * 80, b"\xff\xfe", 7], ids=repr)
async def test_nonsense_in_the_file_is_a_miss(forged: object, cached: Cached, tmp_path: Path) -> None:
    door = cached.door(ScriptedBackend("first", "second"))
    await door.complete(prompt())
    rows(tmp_path / "cache.db", "UPDATE entries SET entry = ?", forged)
    assert (await door.complete(prompt())).text == "second"


@pytest.mark.parametrize("question", [ASKED, REWORDED], ids=["by key", "by form"])
async def test_an_answer_moved_under_the_key_of_another_tenant_is_not_served(
    question: str, cached: Cached, tmp_path: Path
) -> None:
    path = tmp_path / "cache.db"
    theirs = cached.door(ScriptedBackend("of tenant b"), scope=("tenant b", "matter 1"))
    mine = cached.door(ScriptedBackend("of tenant a", "of tenant a"))
    await theirs.complete(prompt())
    [(key, entry, form)] = rows(path, "SELECT key, entry, form FROM entries")
    await mine.complete(prompt())
    rows(path, "UPDATE entries SET entry = ? WHERE key <> ?", entry, key)
    answer = await mine.complete(prompt(question))
    assert (answer.text, answer.cache_hit) == ("of tenant a", False)
    rows(path, "UPDATE entries SET form = (SELECT form FROM entries WHERE key <> ?) WHERE form = ?", key, form)
    answer = await mine.complete(prompt(question))
    assert "tenant b" not in answer.text


async def test_entries_of_another_installation_are_not_served(cached: Cached, tmp_path: Path) -> None:
    await cached.door(ScriptedBackend("theirs")).complete(prompt())
    other = Cached(tmp_path / "cache.db", key=b"x" * 32)
    answer = await other.door(ScriptedBackend("mine")).complete(prompt())
    other.cache.close()
    assert answer.text == "mine"


async def test_unsigned_answers_of_earlier_versions_are_dropped(tmp_path: Path) -> None:
    path = tmp_path / "cache.db"
    rows(path, "CREATE TABLE answers (key TEXT PRIMARY KEY, answer TEXT NOT NULL, used REAL NOT NULL)")
    rows(path, "INSERT INTO answers VALUES ('k', 'unsigned', 0)")
    store = SqliteAnswerStore(path)
    assert await store.get("k") is None
    store.close()
    assert rows(path, "SELECT name FROM sqlite_master WHERE name = 'answers'") == []


# --- a store that cannot be used


class DownStore:
    """Refuses everything, and counts how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0

    async def get(self, key: str, /) -> str | None:
        self.asked += 1
        raise UnavailableError("nobody listens at 10.0.0.1")

    async def put(
        self, key: str, entry: str, /, *, form: str = "", vector: Sequence[int] = (), documents: Sequence[str] = ()
    ) -> None:
        await self.get(key)

    async def near(self, form: str, /, *, vector: Sequence[int], limit: int) -> list[str]:
        await self.get(form)
        return []

    async def forget(self, documents: Sequence[str], /) -> int:
        await self.get("")
        return 0

    def close(self) -> None: ...


async def test_a_store_that_is_down_misses_is_said_once_and_left_alone() -> None:
    store, record = DownStore(), MemoryRecord()
    cache = AnswerCache(store, key=KEY, policy=CachePolicy(semantic=True), record=record)
    door = CachedBackend(
        ScriptedBackend("1", "2", "3"), cache=cache, scope="m", identity="x", vault=MemoryVault(ADA), meter=Meter()
    )
    assert [(await door.complete(prompt())).text for _ in range(3)] == ["1", "2", "3"]
    assert store.asked == 1
    assert record.events == [("cache_failed", {"problem": "not used: nobody listens at 10.0.0.1"})]
    with pytest.raises(UnavailableError):
        await cache.forget_documents(LEASE)


@pytest.mark.parametrize("damage", [b"this is no database" * 100, b""], ids=["no database", "a folder without rights"])
async def test_a_file_that_cannot_be_read_misses(damage: bytes, tmp_path: Path) -> None:
    path = tmp_path / "cache.db"
    if damage:
        path.write_bytes(damage)
    else:
        path.mkdir()
    broken = Cached(path)
    door = broken.door(ScriptedBackend("first", "second"))
    assert [(await door.complete(prompt())).text for _ in range(2)] == ["first", "second"]
    assert [event for event, _ in broken.record.events] == ["cache_failed"]


async def test_a_file_that_is_cut_while_in_use_misses(cached: Cached, tmp_path: Path) -> None:
    door = cached.door(ScriptedBackend("first", "second", "third"))
    await door.complete(prompt())
    cached.cache.close()
    for path in tmp_path.iterdir():
        os.truncate(path, path.stat().st_size // 3)
    again = Cached(tmp_path / "cache.db")
    answer = await again.door(ScriptedBackend("second")).complete(prompt())
    again.cache.close()
    assert answer.text == "second"
