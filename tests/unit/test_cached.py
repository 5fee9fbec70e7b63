"""What the cache in front of a model promises: it spares calls, crosses no border, and forgets in time."""

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from caches import ADA, ASKED, KEY, LEASE, REWORDED, Cached, chat, prompt

from agentkit.adapters.sqlite.cache import SqliteAnswerStore
from agentkit.calls import CallOptions, Tool, ToolCall, Usage
from agentkit.errors import UnavailableError
from agentkit.testing.fakes import MemoryRecord, MemoryVault, ScriptedBackend
from agentkit.types import Completion, Prompt, SafePassage
from agentkit.wrappers import CachedBackend, Meter
from agentkit.wrappers.cache_answers import AnswerCache, CachePolicy

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
