"""What the cache in front of a model promises: it spares calls, crosses no border, and lets no run fail."""

import asyncio
import dataclasses
import os
import sqlite3
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from agentkit.adapters.sqlite.cache import SqliteAnswerStore
from agentkit.calls import CallOptions, Chunk, Message, Tool, ToolCall, Usage
from agentkit.errors import BackendError, BudgetExceededError, UnavailableError
from agentkit.testing.fakes import MemoryRecord, MemoryVault, ScriptedBackend
from agentkit.types import Completion, Prompt, SafePassage
from agentkit.wrappers import CachedBackend, Meter
from agentkit.wrappers.cache_answers import AnswerCache, CachePolicy

KEY = b"k" * 32
SEMANTIC = CachePolicy(semantic=True)
ADA = {"PERSON": ["Ada Lovelace"]}
LEASE = "a" * 64
ASKED = "When does the lease of <PERSON_1> end?"
REWORDED = "On what date does the lease of <PERSON_1> expire?"


def prompt(question: str = ASKED, text: str = "<PERSON_1> pays EUR 1,250.", *, version: str = "1") -> Prompt:
    passage = SafePassage(id="d0p0", source=0, start=0, end=len(text), text=text)
    return Prompt("writer", "ask", version, "Answer.", passages=[passage], question=question, documents=[LEASE])


def chat(*words: str) -> Prompt:
    roles = ["user", "assistant"] * len(words)
    return Prompt("writer", "chat", "1", "", messages=[Message(r, w) for r, w in zip(roles, words, strict=False)])


class Cached:
    """A cached model for one tenant and matter, over a file that others may share."""

    def __init__(self, path: Path, *, key: bytes = KEY, policy: CachePolicy = SEMANTIC) -> None:
        self.record = MemoryRecord()
        self.now = [1_000_000.0]
        self.cache = AnswerCache(
            SqliteAnswerStore(path), key=key, policy=policy, record=self.record, clock=lambda: self.now[0]
        )

    def door(
        self,
        model: ScriptedBackend,
        *,
        scope: tuple[str, ...] = ("tenant a", "matter 1"),
        identity: str = "gpt|rails 1",
        names: Mapping[str, list[str]] = ADA,
        meter: Meter | None = None,
    ) -> CachedBackend:
        return CachedBackend(
            model,
            cache=self.cache,
            scope=scope,
            identity=identity,
            vault=MemoryVault(names),
            meter=meter or Meter(),
        )


@pytest.fixture
def cached(tmp_path: Path) -> Iterator[Cached]:
    made = Cached(tmp_path / "cache.db")
    yield made
    made.cache.close()


# --- hits


async def test_the_same_prompt_is_answered_from_the_cache_at_no_cost(cached: Cached) -> None:
    model, meter = ScriptedBackend("first", "second"), Meter()
    door = cached.door(model, meter=meter)
    await door.complete(prompt())
    again = await door.complete(prompt())
    assert (again.text, again.cache_hit, again.usage) == ("first", True, Usage())
    assert (len(model.prompts), meter.usage().cache_hits, meter.usage().model_calls) == (1, 1, 0)


async def test_the_same_question_in_other_words_shares_the_answer(cached: Cached) -> None:
    door = cached.door(ScriptedBackend("first", "second"))
    await door.complete(prompt())
    assert (await door.complete(prompt(REWORDED))).text == "first"


async def test_by_default_only_the_very_same_prompt_is_a_hit(tmp_path: Path) -> None:
    exact = Cached(tmp_path / "cache.db", policy=CachePolicy())
    door = exact.door(ScriptedBackend("first", "second", "third"))
    await door.complete(prompt())
    texts = [(await door.complete(item)).text for item in (prompt(), prompt(REWORDED))]
    exact.cache.close()
    assert texts == ["first", "second"]


async def test_another_process_finds_what_this_one_kept(cached: Cached, tmp_path: Path) -> None:
    await cached.door(ScriptedBackend("first")).complete(prompt())
    other = Cached(tmp_path / "cache.db")
    found = await other.door(ScriptedBackend("second")).complete(prompt(REWORDED))
    other.cache.close()
    assert found.text == "first"


async def test_in_a_conversation_only_the_last_word_of_the_user_may_be_worded_otherwise(cached: Cached) -> None:
    door = cached.door(ScriptedBackend("first", "second", "third"))
    await door.complete(chat("We speak of the lease.", "Yes.", "When does it end?"))
    assert (await door.complete(chat("We speak of the lease.", "Yes.", "On what date does it expire?"))).text == "first"
    assert (await door.complete(chat("We speak of the loan.", "Yes.", "When does it end?"))).text == "second"


async def test_the_same_passages_in_another_order_are_the_same(cached: Cached) -> None:
    other = SafePassage(id="d0p1", source=0, start=30, end=40, text="The lease.")
    ranked = dataclasses.replace(prompt(), passages=[*prompt().passages, other])
    door = cached.door(ScriptedBackend("first", "second", "third"))
    await door.complete(ranked)
    swapped = dataclasses.replace(prompt(REWORDED), passages=ranked.passages[::-1])
    assert [(await door.complete(item)).text for item in (swapped, prompt(REWORDED))] == ["first", "second"]


# --- what must not be shared


@pytest.mark.parametrize("question", [ASKED, REWORDED], ids=["same words", "other words"])
@pytest.mark.parametrize(
    ("scope", "identity", "names"),
    [
        (("tenant b", "matter 1"), "gpt|rails 1", ADA),
        (("tenant a", "matter 2"), "gpt|rails 1", ADA),
        (("tenant", "a matter 1"), "gpt|rails 1", ADA),
        (("tenant a", "matter 1"), "gpt|rails 2", ADA),
        (("tenant a", "matter 1"), "claude|rails 1", ADA),
        (("tenant a", "matter 1"), "gpt|rails 1", {"PERSON": ["Grace Hopper"]}),
    ],
    ids=["tenant", "matter", "where one name ends", "rails", "model", "person behind the placeholder"],
)
async def test_an_answer_never_crosses(
    scope: tuple[str, ...], identity: str, names: Mapping[str, list[str]], question: str, cached: Cached
) -> None:
    await cached.door(ScriptedBackend("of tenant a")).complete(prompt())
    mine = cached.door(ScriptedBackend("my own"), scope=scope, identity=identity, names=names)
    answer = await mine.complete(prompt(question))
    assert (answer.text, answer.cache_hit) == ("my own", False)


PLAIN = prompt()


@pytest.mark.parametrize("question", [ASKED, REWORDED], ids=["same words", "other words"])
@pytest.mark.parametrize(
    "other",
    [
        prompt(text="<PERSON_1> pays EUR 1,350."),
        prompt(version="2"),
        dataclasses.replace(PLAIN, documents=["b" * 64]),
        dataclasses.replace(PLAIN, instructions="Answer at length."),
        dataclasses.replace(PLAIN, schema={"type": "object"}),
        dataclasses.replace(PLAIN, options=CallOptions(temperature=1.0)),
        dataclasses.replace(PLAIN, tools=[Tool("search", "finds", {})]),
        dataclasses.replace(PLAIN, role="reviewer"),
        dataclasses.replace(PLAIN, terms=["end date"]),
    ],
    ids=["text", "version", "document", "instructions", "schema", "options", "tools", "role", "terms"],
)
async def test_an_answer_to_another_prompt_is_not_used(other: Prompt, question: str, cached: Cached) -> None:
    await cached.door(ScriptedBackend("first")).complete(prompt())
    answer = await cached.door(ScriptedBackend("second")).complete(dataclasses.replace(other, question=question))
    assert (answer.text, answer.cache_hit) == ("second", False)


async def test_text_under_a_label_is_neither_kept_nor_looked_for(cached: Cached) -> None:
    secret = dataclasses.replace(prompt(), labels=["privileged"])
    door = cached.door(ScriptedBackend("first", "second", "third"))
    assert [(await door.complete(secret)).text for _ in range(2)] == ["first", "second"]
    assert [chunk.text async for chunk in door.stream(secret)] == ["third"]
    assert (await cached.door(ScriptedBackend("fourth")).complete(prompt())).text == "fourth"


async def test_a_label_that_allows_keeping_is_part_of_the_key(tmp_path: Path) -> None:
    allowing = Cached(tmp_path / "cache.db", policy=CachePolicy(cacheable_labels=frozenset({"internal"})))
    labelled = dataclasses.replace(prompt(), labels=["internal"])
    door = allowing.door(ScriptedBackend("first", "second", "third"))
    texts = [(await door.complete(item)).text for item in (labelled, labelled, prompt())]
    both = dataclasses.replace(prompt(), labels=["internal", "privileged"])
    texts.append((await door.complete(both)).text)
    allowing.cache.close()
    assert texts == ["first", "first", "second", "third"]


async def test_the_embedded_model_is_asked_each_time(cached: Cached) -> None:
    model = ScriptedBackend("a", deterministic=True)
    for _ in range(2):
        await cached.door(model).complete(prompt())
    assert len(model.prompts) == 2


@pytest.mark.parametrize(
    "reply",
    [
        Completion("cut", "scripted", finish_reason="length"),
        Completion("", "scripted"),
        Completion("calls", "scripted", tool_calls=[ToolCall("1", "search", "{}")]),
        Completion("Ada Lovelace pays.", "scripted"),
    ],
    ids=["cut", "empty", "a tool is called", "holds a name that was redacted"],
)
async def test_an_answer_is_not_kept_that_is(reply: Completion, cached: Cached) -> None:
    door = cached.door(ScriptedBackend(reply, "whole"))
    await door.complete(prompt())
    assert (await door.complete(prompt())).text == "whole"


# --- age


async def test_an_entry_is_used_until_it_is_too_old(cached: Cached) -> None:
    door = cached.door(ScriptedBackend("first", "second"))
    await door.complete(prompt())
    cached.now[0] += 29.9 * 86_400
    assert (await door.complete(prompt(REWORDED))).text == "first"
    cached.now[0] += 0.2 * 86_400
    assert (await door.complete(prompt(REWORDED))).text == "second"


async def test_entries_that_rest_on_a_document_are_forgotten(cached: Cached) -> None:
    door = cached.door(ScriptedBackend("of the lease", "of the will", "again"))
    will = dataclasses.replace(prompt(), documents=["c" * 64])
    await door.complete(prompt())
    await door.complete(will)
    assert await cached.cache.forget_documents(LEASE) == 1
    assert [(await door.complete(item)).text for item in (will, prompt())] == ["of the will", "again"]


async def test_the_least_recently_used_entries_go_first(tmp_path: Path) -> None:
    now = [0.0]
    store = SqliteAnswerStore(tmp_path / "cache.db", max_entries=64, clock=lambda: now[0])
    for number in range(130):
        now[0] += 1000.0
        await store.put(f"k{number}", "entry")
        await store.get("k0")
    kept = [number for number in range(130) if await store.get(f"k{number}")]
    store.close()
    assert kept[0] == 0
    assert kept[1] > 60
    assert len(kept) < 130


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


# --- an embedding as second opinion


class Embedding:
    """Gives each question the vector the test wrote for it."""

    def __init__(self, vectors: Mapping[str, list[float]], *, down: bool = False) -> None:
        self.name = "toy"
        self.vectors = vectors
        self.down = down

    async def embed(self, text: str, /) -> Sequence[float]:
        if self.down:
            raise UnavailableError("no embedding")
        return self.vectors[text]


@pytest.mark.parametrize(("second", "expected"), [([0.9, 0.1], "first"), ([0.1, 0.9], "second")])
async def test_an_embedding_can_refuse_a_pair(second: list[float], expected: str, tmp_path: Path) -> None:
    store = SqliteAnswerStore(tmp_path / "cache.db")
    embedder = Embedding({ASKED: [1.0, 0.1], REWORDED: second})
    cache = AnswerCache(store, key=KEY, policy=CachePolicy(semantic=True, threshold=0.9), embedder=embedder)
    door = CachedBackend(
        ScriptedBackend("first", "second"), cache=cache, scope="m", identity="x", vault=MemoryVault(ADA), meter=Meter()
    )
    await door.complete(prompt())
    answer = await door.complete(prompt(REWORDED))
    cache.close()
    assert answer.text == expected


async def test_without_its_embedding_the_cache_still_finds_the_same_words(tmp_path: Path) -> None:
    record = MemoryRecord()
    store = SqliteAnswerStore(tmp_path / "cache.db")
    policy = CachePolicy(semantic=True)
    cache = AnswerCache(store, key=KEY, policy=policy, record=record, embedder=Embedding({}, down=True))
    door = CachedBackend(
        ScriptedBackend("1", "2"), cache=cache, scope="m", identity="x", vault=MemoryVault(ADA), meter=Meter()
    )
    assert [(await door.complete(item)).text for item in (prompt(), prompt(), prompt(REWORDED))] == ["1", "1", "2"]
    cache.close()
    assert record.events == [("cache_failed", {"problem": "questions are compared word for word: no embedding"})]


# --- streams


class Streaming(ScriptedBackend):
    """Answers in three pieces, when told to; can end without an end."""

    def __init__(self, *, whole: bool = True, gate: asyncio.Event | None = None) -> None:
        super().__init__("one two three")
        self.whole = whole
        self.gate = gate
        self.streams = 0
        self.closed_early = False

    async def stream(self, prompt: Prompt, /) -> AsyncIterator[Chunk]:
        self.streams += 1
        try:
            for piece in ("one ", "two ", "three"):
                if self.gate is not None:
                    await self.gate.wait()
                yield Chunk(piece)
        except (GeneratorExit, asyncio.CancelledError):
            self.closed_early = True
            raise
        if not self.whole:
            raise BackendError("the line went dead", model="scripted")
        yield Chunk("", Completion("one two three", "scripted", usage=Usage(10, 3)))


async def test_a_whole_stream_is_kept_and_replayed_in_pieces(cached: Cached) -> None:
    model, meter = Streaming(), Meter()
    door = cached.door(model, meter=meter)
    fresh = [chunk async for chunk in door.stream(prompt())]
    again = [chunk async for chunk in door.stream(prompt(REWORDED))]
    assert "".join(chunk.text for chunk in fresh) == "".join(chunk.text for chunk in again) == "one two three"
    assert fresh[-1].completion == Completion("one two three", "scripted", usage=Usage(10, 3))
    assert again[-1].completion == Completion("one two three", "scripted", cache_hit=True)
    assert (model.streams, meter.usage().cache_hits, (await door.complete(prompt())).cache_hit) == (1, 1, True)


@pytest.mark.parametrize("text", ["", "word", "  two  words\n\n", "x" * 300, "a b c d e f g h i\nj"])
async def test_a_replayed_answer_is_whole(text: str, cached: Cached) -> None:
    door = cached.door(ScriptedBackend(text))
    await door.complete(prompt())
    assert "".join([chunk.text async for chunk in door.stream(prompt())]) == text


async def test_a_broken_stream_is_not_kept(cached: Cached) -> None:
    model = Streaming(whole=False)
    door = cached.door(model)
    with pytest.raises(BackendError):
        [chunk async for chunk in door.stream(prompt())]
    assert (await door.complete(prompt())).cache_hit is False


async def test_a_stream_that_nobody_reads_to_its_end_is_closed_and_not_kept(cached: Cached) -> None:
    model = Streaming(gate=asyncio.Event())
    door = cached.door(model)
    chunks = door.stream(prompt())
    reading = asyncio.create_task(anext(chunks))
    await asyncio.sleep(0)
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    assert model.closed_early
    assert (await door.complete(prompt())).cache_hit is False


# --- the same call at the same time


class Slow(ScriptedBackend):
    """Answers when the gate opens."""

    def __init__(self, *replies: str | Exception) -> None:
        super().__init__(*replies)
        self.gate = asyncio.Event()
        self.cancelled = 0

    async def complete(self, prompt: Prompt, /) -> Completion:
        self.prompts.append(prompt)
        try:
            await self.gate.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        self.prompts.pop()
        return await super().complete(prompt)


async def started(*tasks: "asyncio.Task[Completion]") -> None:
    for _ in range(5 + len(tasks)):
        await asyncio.sleep(0)


async def test_identical_prompts_at_the_same_time_are_asked_once(cached: Cached) -> None:
    model, meter = Slow("one", "two"), Meter()
    door = cached.door(model, meter=meter)
    tasks = [asyncio.create_task(door.complete(prompt())) for _ in range(5)]
    await started(*tasks)
    model.gate.set()
    answers = await asyncio.gather(*tasks)
    assert ([answer.text for answer in answers], len(model.prompts)) == (["one"] * 5, 1)
    assert sorted(answer.cache_hit for answer in answers) == [False, True, True, True, True]
    assert meter.usage().cache_hits == 4


async def test_tenants_who_ask_at_the_same_time_are_asked_for_apart(cached: Cached) -> None:
    model = Slow("one", "two")
    doors = [cached.door(model, scope=(tenant, "matter 1")) for tenant in "ab"]
    tasks = [asyncio.create_task(door.complete(prompt())) for door in doors]
    await started(*tasks)
    model.gate.set()
    assert sorted(answer.text for answer in await asyncio.gather(*tasks)) == ["one", "two"]


async def test_the_first_who_gives_up_does_not_take_the_others_along(cached: Cached) -> None:
    model = Slow("one", "two")
    door = cached.door(model)
    first, second = (asyncio.create_task(door.complete(prompt())) for _ in range(2))
    await started(first, second)
    first.cancel()
    await started(first, second)
    model.gate.set()
    assert (await second).text == "one"
    assert (first.cancelled(), model.cancelled, len(model.prompts)) == (True, 0, 1)


async def test_a_call_that_everybody_gave_up_is_cancelled(cached: Cached) -> None:
    model = Slow("one")
    door = cached.door(model)
    tasks = [asyncio.create_task(door.complete(prompt())) for _ in range(2)]
    await started(*tasks)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert (model.cancelled, [task.cancelled() for task in tasks]) == (1, [True, True])


async def test_one_whose_budget_is_spent_does_not_spend_the_others(cached: Cached) -> None:
    model = Slow(BudgetExceededError("spent", limit="usd", needed=1.0, left=0.0), "two")
    door = cached.door(model)
    first, second = (asyncio.create_task(door.complete(prompt())) for _ in range(2))
    await started(first, second)
    model.gate.set()
    answers = await asyncio.gather(first, second, return_exceptions=True)
    assert isinstance(answers[0], BudgetExceededError)
    assert isinstance(answers[1], Completion)
    assert (answers[1].text, answers[1].cache_hit) == ("two", False)


async def test_streams_at_the_same_time_share_one_call_each_at_its_own_pace(cached: Cached) -> None:
    model = Streaming(gate=asyncio.Event())
    door = cached.door(model)
    idle = door.stream(prompt())
    waiting = asyncio.create_task(anext(idle))
    await asyncio.sleep(0)
    busy = asyncio.create_task(_text(door.stream(prompt())))
    await asyncio.sleep(0)
    assert model.gate is not None
    model.gate.set()
    assert await busy == "one two three"
    assert (await waiting).text + await _text(idle) == "one two three"
    assert model.streams == 1


async def _text(chunks: AsyncIterator[Chunk]) -> str:
    return "".join([chunk.text async for chunk in chunks])
