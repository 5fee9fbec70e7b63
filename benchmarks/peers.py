"""The embedded index beside what others offer for the same job out of the box, in one run.

    python benchmarks/peers.py --data ../shared/data/dev [--passages 20000] [--peers agentkit,llamaindex]

LlamaIndex's SimpleVectorStore, and its BM25 retriever where it is installed; Haystack's InMemoryBM25Retriever; Qdrant's
local mode; Milvus Lite. Where vectors are needed, they are wordllama's: static, offline, 256 numbers. Each runs in a
process of its own, over the passages of benchmarks/retrieval.py. CPU and memory are those of the process and of those
it starts; a search asks for ten passages. Disk is what is needed to search again in another process. nDCG at ten is
over a share of the development sets, with the peer's own filter where the task asks for one document.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path

import numpy as np
import psutil

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]
os.environ |= {"HAYSTACK_TELEMETRY_ENABLED": "False", "ANONYMIZED_TELEMETRY": "False", "DO_NOT_TRACK": "1"}

from retrieval import PLAIN, TASKS, load, mean, ndcg, synthetic  # noqa: E402

from agentkit.adapters.memory.corpus import Corpus, by_document  # noqa: E402
from agentkit.adapters.memory.segment import build  # noqa: E402
from agentkit.adapters.memory.store import writing  # noqa: E402
from agentkit.adapters.wordllama import WordLlamaEmbedding  # noqa: E402
from agentkit.indexed import Entry, Known  # noqa: E402

Ask = Callable[[str, str | None], list[str]]
QUERIES, SHARE = 40, 8


def embed(texts: Sequence[str]) -> list[list[float]]:
    return asyncio.run(WordLlamaEmbedding().embed_passages(texts))


def agentkit(entries: Sequence[Entry], folder: Path) -> Ask:
    documents = list(by_document(entries).items())
    with writing(folder / "index") as writer:
        writer.add(build(documents), [Known(name, name, "") for name, _ in documents])
        writer.commit()
    corpus = Corpus.load(folder / "index")
    return lambda text, document: [hit.entry.id for hit in corpus.search(text, top_k=10, document=document)]


def llamaindex(entries: Sequence[Entry], folder: Path) -> Ask:
    from llama_index.core import StorageContext, VectorStoreIndex
    from llama_index.core.base.embeddings.base import BaseEmbedding
    from llama_index.core.schema import TextNode
    from llama_index.core.vector_stores import MetadataFilters, SimpleVectorStore

    class Static(BaseEmbedding):
        def _get_query_embedding(self, query: str) -> list[float]:
            return embed([query])[0]

        def _get_text_embedding(self, text: str) -> list[float]:
            return embed([text])[0]

        def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
            return embed(texts)

        async def _aget_query_embedding(self, query: str) -> list[float]:
            return self._get_query_embedding(query)

    nodes = [TextNode(id_=one.id, text=one.text, metadata={"document": one.document}) for one in entries]
    context = StorageContext.from_defaults(vector_store=SimpleVectorStore())
    index = VectorStoreIndex(nodes, storage_context=context, embed_model=Static(embed_batch_size=256))
    index.storage_context.persist(str(folder / "index"))

    def ask(text: str, document: str | None) -> list[str]:
        filters = MetadataFilters.from_dict({"document": document}) if document is not None else None
        return [hit.node_id for hit in index.as_retriever(similarity_top_k=10, filters=filters).retrieve(text)]

    return ask


def llamaindex_bm25(entries: Sequence[Entry], folder: Path) -> Ask:
    from llama_index.core.schema import TextNode
    from llama_index.retrievers.bm25 import BM25Retriever

    def made(chosen: Sequence[Entry]) -> BM25Retriever:
        nodes = [TextNode(id_=one.id, text=one.text) for one in chosen]
        return BM25Retriever.from_defaults(nodes=nodes, similarity_top_k=min(10, len(nodes)), verbose=False)

    # It has no filter by a document: one document is an index of its own, made when it is first asked for.
    known = {None: made(entries)}
    known[None].persist(str(folder / "index"))

    def ask(text: str, document: str | None) -> list[str]:
        if document not in known:
            known[document] = made([one for one in entries if one.document == document])
        return [hit.node_id for hit in known[document].retrieve(text)]

    return ask


def haystack(entries: Sequence[Entry], folder: Path) -> Ask:
    from haystack import Document
    from haystack.components.retrievers.in_memory import InMemoryBM25Retriever
    from haystack.document_stores.in_memory import InMemoryDocumentStore

    store = InMemoryDocumentStore()
    store.write_documents([Document(id=one.id, content=one.text, meta={"document": one.document}) for one in entries])
    store.save_to_disk(str(folder / "index.json"))
    retriever = InMemoryBM25Retriever(store, top_k=10)

    def ask(text: str, document: str | None) -> list[str]:
        only = {"field": "meta.document", "operator": "==", "value": document} if document is not None else None
        return [one.id for one in retriever.run(text, filters=only)["documents"]]

    return ask


def qdrant(entries: Sequence[Entry], folder: Path) -> Ask:
    from qdrant_client import QdrantClient, models

    client = QdrantClient(path=str(folder / "index"))
    client.create_collection("passages", models.VectorParams(size=256, distance=models.Distance.COSINE))
    for first in range(0, len(entries), 1000):
        some = entries[first : first + 1000]
        points = [
            models.PointStruct(id=first + place, vector=vector, payload={"id": one.id, "document": one.document})
            for place, (one, vector) in enumerate(zip(some, embed([one.text for one in some]), strict=True))
        ]
        client.upsert("passages", points)

    def ask(text: str, document: str | None) -> list[str]:
        chosen = None
        if document is not None:
            only = models.FieldCondition(key="document", match=models.MatchValue(value=document))
            chosen = models.Filter(must=[only])
        found = client.query_points("passages", embed([text])[0], query_filter=chosen, limit=10)
        return [str((one.payload or {})["id"]) for one in found.points]

    return ask


def milvus(entries: Sequence[Entry], folder: Path) -> Ask:
    from pymilvus import MilvusClient

    client = MilvusClient(str(folder / "index.db"))
    client.create_collection("passages", dimension=256, metric_type="COSINE")
    for first in range(0, len(entries), 1000):
        some = entries[first : first + 1000]
        vectors = zip(some, embed([one.text for one in some]), strict=True)
        rows = [
            {"id": first + place, "vector": vector, "passage": one.id, "document": one.document}
            for place, (one, vector) in enumerate(vectors)
        ]
        client.insert("passages", rows)

    def ask(text: str, document: str | None) -> list[str]:
        only = f"document == {json.dumps(document)}" if document is not None else ""
        found = client.search("passages", [embed([text])[0]], filter=only, limit=10, output_fields=["passage"])
        return [row["entity"]["passage"] for row in found[0]]

    return ask


PEERS = {peer.__name__: peer for peer in (agentkit, llamaindex, llamaindex_bm25, haystack, qdrant, milvus)}


def spent() -> float:
    """Return the CPU seconds of this process and of those it started."""
    times = [one.cpu_times() for one in (psutil.Process(), *psutil.Process().children(recursive=True))]
    return sum(one.user + one.system for one in times)


def resident() -> float:
    return sum(one.memory_info().rss for one in (psutil.Process(), *psutil.Process().children(recursive=True))) / 1e6


def costs(name: str, data: Path, passages: int) -> dict[str, float]:
    entries = [entry for _, group in synthetic(data, passages) for entry in group]
    texts = list(dict.fromkeys(text for task in TASKS[:2] for _, text, _, _ in load(data, task).queries))
    embed(["warm"])
    with tempfile.TemporaryDirectory() as scratch:
        began, before = spent(), resident()
        ask = PEERS[name](entries, Path(scratch))
        seconds = spent() - began
        times = list[float]()
        for text in islice([*PLAIN.values(), *texts], QUERIES):
            began = time.process_time() if name != "milvus" else spent()
            ask(text, None)
            times.append(((time.process_time() if name != "milvus" else spent()) - began) * 1000)
        size = sum(path.stat().st_size for path in Path(scratch).rglob("*") if path.is_file())
        return {
            "build": seconds,
            "p50": float(np.percentile(times, 50)),
            "p95": float(np.percentile(times, 95)),
            "disk": size / 1e6,
            "memory": resident() - before,
        }


def ranks(name: str, data: Path) -> dict[str, float]:
    found: dict[str, float] = {}
    for task_name in TASKS:
        task = load(data, task_name)
        with tempfile.TemporaryDirectory() as scratch:
            ask = PEERS[name](task.passages, Path(scratch))
            asked = islice(task.queries, 0, None, SHARE if task_name == "contractnli" else SHARE // 2)
            found[task_name] = mean([ndcg(ask(text, document), task.right[key]) for key, text, document, _ in asked])
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT / "../shared/data/dev")
    parser.add_argument("--passages", default="20000,100000")
    parser.add_argument("--peers", default=",".join(PEERS))
    parser.add_argument("--one", default="", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        count = int(options.passages)
        print(json.dumps(costs(options.one, options.data, count) if count else ranks(options.one, options.data)))
        return
    peers = options.peers.split(",")
    print("nDCG at 10       " + "".join(f"{name:>13}" for name in TASKS))
    for name in peers:
        row = alone(name, options.data, 0)
        cells = "".join(f"{row[task]:13.3f}" for task in TASKS) if row else "  not measured"
        print(f"  {name:15}{cells}", flush=True)
    for count in map(int, options.passages.split(",")):
        print(f"{count} passages  build CPU s  search CPU ms p50   p95   disk MB  memory MB")
        for name in peers:
            row = alone(name, options.data, count)
            cells = "{build:10.1f}{p50:19.1f}{p95:9.1f}{disk:9.0f}{memory:10.0f}".format(**row) if row else "  not run"
            print(f"  {name:15}{cells}", flush=True)


def alone(name: str, data: Path, count: int) -> dict[str, float]:
    script = [sys.executable, __file__, "--data", str(data), "--passages", str(count), "--one", name]
    try:
        done = subprocess.run(script, capture_output=True, text=True, timeout=600, check=False)
    except subprocess.TimeoutExpired:
        return {}
    if done.returncode:
        sys.stderr.write(f"{name}: {done.stderr.strip().splitlines()[-1]}\n")
        return {}
    return json.loads(done.stdout.splitlines()[-1])


if __name__ == "__main__":
    main()
