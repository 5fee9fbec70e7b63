"""What each store costs and how well it ranks, beside the embedded index.

    python benchmarks/stores.py --data ../shared/data/dev [--stores qdrant,lancedb] [--share 4]

The three tasks of benchmarks/retrieval.py. nDCG at ten of the embedded index, of each store ranked by our engine
(words alone, a static embedding alone, both), and of each store's own order without it. CPU time is that of the
client's process: a server's own is not in it. Disk is what a folder takes; that of a server is not
measured.
"""

import argparse
import asyncio
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks"), str(ROOT / "tests" / "contracts" / "stores")]

from places import STORES, Place, place, server  # noqa: E402
from retrieval import TASKS, Task, load, mean, ndcg  # noqa: E402

from agentkit.adapters.memory.corpus import Corpus, by_document  # noqa: E402
from agentkit.adapters.wordllama import WordLlamaEmbedding  # noqa: E402
from agentkit.indexed import Known  # noqa: E402
from agentkit.searching import StoreSearch, embedded_text  # noqa: E402
from agentkit.storing import TableStore  # noqa: E402


@dataclass(frozen=True, slots=True)
class Filled:
    """A store with the passages of a task, and what it took to fill it, in seconds of CPU."""

    store: TableStore
    search: StoreSearch
    seconds: float


async def fill(where: Place, task: Task, *, dense: bool) -> Filled:
    embedding = WordLlamaEmbedding() if dense else None
    vectors = await embedding.embed_passages([embedded_text(one) for one in task.passages]) if embedding else None
    by_id = dict(zip([one.id for one in task.passages], vectors or [], strict=False))
    store = where.open(embedding)
    began = time.process_time()
    for name, entries in by_document(task.passages).items():
        await store.upsert(
            Known(name, name, "1"), entries, vectors=[by_id[one.id] for one in entries] if vectors else None
        )
    await store.settle()
    return Filled(store, StoreSearch(store, embedding=embedding), time.process_time() - began)


async def ranked(filled: Filled, task: Task) -> tuple[float, float]:
    """Return nDCG with our ranking, and CPU milliseconds a query."""
    values, began = list[float](), time.process_time()
    for key, text, document, _ in task.queries:
        found = await filled.search.search(text, top_k=10, document=document)
        values.append(ndcg([hit.entry.id for hit in found], task.right[key]))
    return mean(values), (time.process_time() - began) / len(task.queries) * 1000


async def own(filled: Filled, task: Task, *, words: bool, dense: bool) -> float:
    """Return nDCG of the store's own order: by words, by vectors, or by turns."""
    values = list[float]()
    for key, text, document, _ in task.queries:
        asked = await filled.search.asked(text, top_k=10, document=document)
        asked = replace(asked, terms=asked.terms if words else {}, limit=10, reference={})
        asked = replace(asked, vector=asked.vector if dense else None)
        values.append(ndcg([one.id for one in await filled.store.candidates(asked)], task.right[key]))
    return mean(values)


def size(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


async def measure(kind: str, data: Path, share: int) -> dict[str, object]:
    told: dict[str, object] = {}
    with server(kind) as address, tempfile.TemporaryDirectory() as scratch:
        for name in TASKS:
            task = load(data, name)
            task = replace(task, queries=task.queries[::share])
            before = size(Path(scratch))
            plain = await fill(place(kind, address, Path(scratch)), task, dense=False)
            cells = dict(zip(("ours", "ms"), await ranked(plain, task), strict=True))
            cells["words"] = await own(plain, task, words=True, dense=False)
            cells |= {"build": plain.seconds, "disk": size(Path(scratch)) - before, "passages": len(task.passages)}
            await plain.store.aclose()
            both = await fill(place(kind, address, Path(scratch)), task, dense=True)
            cells["ours dense"], _ = await ranked(both, task)
            cells["dense"] = await own(both, task, words=False, dense=True)
            cells["hybrid"] = await own(both, task, words=True, dense=True)
            await both.store.aclose()
            told[name] = cells
    told["memory"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return told


def embedded(data: Path, share: int) -> dict[str, dict[str, float]]:
    told: dict[str, dict[str, float]] = {}
    for name in TASKS:
        task = load(data, name)
        began = time.process_time()
        corpus = Corpus(task.passages)
        built, queries = time.process_time() - began, task.queries[::share]
        began = time.process_time()
        values = [
            ndcg([hit.entry.id for hit in corpus.search(text, top_k=10, document=document)], task.right[key])
            for key, text, document, _ in queries
        ]
        told[name] = {
            "ours": mean(values),
            "ms": (time.process_time() - began) / len(queries) * 1000,
            "build": built,
            "passages": len(task.passages),
        }
    return told


COLUMNS = ("ours", "ours dense", "words", "dense", "hybrid", "build", "ms", "disk")


def line(label: str, cells: dict[str, float]) -> str:
    digits = {"build": 1, "ms": 0, "disk": 1}
    shown = [f"{cells[key]:.{digits.get(key, 3)}f}" if key in cells else "-" for key in COLUMNS]
    return f"  {label:12}" + "".join(f"{text:>11}" for text in shown)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT / "../shared/data/dev")
    parser.add_argument("--stores", default=",".join(STORES))
    parser.add_argument("--share", type=int, default=4, help="ask every n-th query")
    parser.add_argument("--only", help="one store, as JSON")
    options = parser.parse_args(arguments)
    if options.only:
        print(json.dumps(asyncio.run(measure(options.only, options.data, options.share))))
        return
    ours = embedded(options.data, options.share)
    found: dict[str, dict[str, dict[str, float]]] = {}
    for kind in options.stores.split(","):
        # A process of its own: its memory is that store's client, and what it holds in the process.
        command = [sys.executable, __file__, "--only", kind, "--data", str(options.data), "--share", str(options.share)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        found[kind] = json.loads(done.stdout.splitlines()[-1])
    for name in TASKS:
        count = int(ours[name]["passages"])
        print(f"{name}: {count} passages, every {options.share}. query")
        print(f"  {'':12}" + "".join(f"{key:>11}" for key in COLUMNS))
        print(line("embedded", ours[name]))
        for kind, told in found.items():
            print(line(kind, told[name]))
    print("largest memory, MB: " + ", ".join(f"{kind} {told['memory']:.0f}" for kind, told in found.items()))


if __name__ == "__main__":
    main()
