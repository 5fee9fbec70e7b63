"""The embedded index beside what others offer for the same job, over the same passages and the same questions.

    uv pip install --target build/peers --no-deps llama-index-retrievers-bm25 tantivy qdrant-edge-py
    PYTHONPATH=build/peers python benchmarks/peers.py --data ../shared/data/dev [--passages 20000] [--peers bm25s]

bm25s and Tantivy; LlamaIndex's default index and its BM25 retriever; Haystack's BM25 in memory; Qdrant's local mode,
its engine in this process (Edge) and Milvus Lite: these three by words and vectors, fused by rank as their guides say.
What is not installed is left out. What is searched is the same for all: title and words of a passage. Vectors are
wordllama's: static, offline, 256 numbers, made once; their seconds stand beside each pile and in no other figure.

Each peer indexes in one process, and searches in another, which opens what the first one wrote. CPU is that of all
threads and of processes that were started; memory is what is resident after the searches beyond what was before
opening.

First nDCG at ten over the development sets, with the peer's own filter where a task asks for one document. Then piles:
the contracts of cuad, and contracts of fifty passages recombined from the sentences of the sets, a tenth of their words
exchanged (benchmarks/retrieval.py). Asked are ten questions in a client's words, which are not timed, and every fourth
of cuad_global: milliseconds and nDCG are of the same searches.
"""

import argparse
import asyncio
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from itertools import chain, islice
from pathlib import Path
from typing import Protocol

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
from agentkit.searching import embedded_text  # noqa: E402

Ask = Callable[[str, str | None], list[str]]
TOP, FETCHED, DIMENSIONS = 10, 20, 256
BATCH = 1000
SHARES = {"contractnli": 8, "cuad": 4, "cuad_global": 4}
UNTIMED = list(PLAIN.values())[::2]
LIMITS = {"qdrant": 20_000}
"""What a peer itself warns of going beyond, in passages."""
MOST_SECONDS = 3600


@cache
def embedding() -> WordLlamaEmbedding:
    return WordLlamaEmbedding()


def embed(texts: Sequence[str]) -> list[list[float]]:
    return asyncio.run(embedding().embed_passages(texts))


@dataclass(frozen=True, slots=True)
class Pile:
    """Passages, and a vector for each."""

    entries: list[Entry]
    vectors: np.ndarray

    def batches(self) -> Iterator[list[tuple[int, Entry, list[float]]]]:
        for first in range(0, len(self.entries), BATCH):
            held = zip(self.entries[first : first + BATCH], self.vectors[first : first + BATCH], strict=True)
            yield [(first + place, entry, vector.tolist()) for place, (entry, vector) in enumerate(held)]


class Peer(Protocol):
    """Writes an index into a folder, and opens it."""

    def index(self, pile: Pile, folder: Path) -> None: ...
    def open(self, folder: Path) -> Ask: ...


class AgentKit:
    def index(self, pile: Pile, folder: Path) -> None:
        documents = list(by_document(pile.entries).items())
        with writing(folder / "index") as writer:
            writer.add(build(documents), [Known(name, name, "") for name, _ in documents])
            writer.commit()

    def open(self, folder: Path) -> Ask:
        corpus = Corpus.load(folder / "index")
        return lambda text, document: [one.entry.id for one in corpus.search(text, top_k=TOP, document=document)]


class Bm25s:
    def tokens(self, texts: Sequence[str]) -> object:
        import bm25s
        import Stemmer

        return bm25s.tokenize(texts, stopwords="en", stemmer=Stemmer.Stemmer("english"), show_progress=False)

    def index(self, pile: Pile, folder: Path) -> None:
        import bm25s

        made = bm25s.BM25()
        made.index(self.tokens([embedded_text(one) for one in pile.entries]), show_progress=False)
        held = [{"id": one.id, "document": one.document, "text": one.text} for one in pile.entries]
        made.save(folder / "index", corpus=held)

    def open(self, folder: Path) -> Ask:
        import bm25s

        index = bm25s.BM25.load(folder / "index", load_corpus=True, mmap=True)

        @cache
        def mask(document: str) -> np.ndarray:
            return np.array([row["document"] == document for row in index.corpus])

        def ask(text: str, document: str | None) -> list[str]:
            only = mask(document) if document is not None else None
            found, _ = index.retrieve(self.tokens([text]), k=TOP, show_progress=False, weight_mask=only)
            return [row["id"] for row in found[0]]

        return ask


class Tantivy:
    def index(self, pile: Pile, folder: Path) -> None:
        import tantivy

        schema = tantivy.SchemaBuilder()
        schema.add_text_field("text", stored=True, tokenizer_name="en_stem")
        for name in ("id", "document"):
            schema.add_text_field(name, stored=True, tokenizer_name="raw", index_option="basic")
        (folder / "index").mkdir()
        writer = tantivy.Index(schema.build(), path=str(folder / "index")).writer()
        for one in pile.entries:
            writer.add_document(tantivy.Document(id=one.id, document=one.document, text=embedded_text(one)))
        writer.commit()
        writer.wait_merging_threads()

    def open(self, folder: Path) -> Ask:
        import tantivy

        index = tantivy.Index.open(str(folder / "index"))
        searcher = index.searcher()

        def ask(text: str, document: str | None) -> list[str]:
            query = index.parse_query(re.sub(r"\W+", " ", text).lower(), ["text"])
            if document is not None:
                only = tantivy.Query.term_query(index.schema, "document", document)
                query = tantivy.Query.boolean_query([(tantivy.Occur.Must, query), (tantivy.Occur.Must, only)])
            found = searcher.search(query, limit=TOP).hits
            return [searcher.doc(place).get_first("id") for _, place in found]

        return ask


class LlamaIndex:
    def embedding(self) -> object:
        from llama_index.core.base.embeddings.base import BaseEmbedding

        class Static(BaseEmbedding):
            def _get_query_embedding(self, query: str) -> list[float]:
                return embed([query])[0]

            def _get_text_embedding(self, text: str) -> list[float]:
                return embed([text])[0]

            async def _aget_query_embedding(self, query: str) -> list[float]:
                return self._get_query_embedding(query)

        return Static()

    def nodes(self, pile: Pile, *, vectors: bool) -> list[object]:
        from llama_index.core.schema import TextNode

        return [
            TextNode(
                id_=one.id,
                text=embedded_text(one),
                metadata={"document": one.document},
                excluded_embed_metadata_keys=["document"],
                embedding=vector if vectors else None,
            )
            for batch in pile.batches()
            for _, one, vector in batch
        ]

    def index(self, pile: Pile, folder: Path) -> None:
        from llama_index.core import VectorStoreIndex

        made = VectorStoreIndex(self.nodes(pile, vectors=True), embed_model=self.embedding())
        made.storage_context.persist(str(folder / "index"))

    def open(self, folder: Path) -> Ask:
        from llama_index.core import StorageContext, load_index_from_storage
        from llama_index.core.vector_stores import MetadataFilters

        context = StorageContext.from_defaults(persist_dir=str(folder / "index"))
        index = load_index_from_storage(context, embed_model=self.embedding())

        def ask(text: str, document: str | None) -> list[str]:
            only = MetadataFilters.from_dict({"document": document}) if document is not None else None
            return [hit.node_id for hit in index.as_retriever(similarity_top_k=TOP, filters=only).retrieve(text)]

        return ask


class LlamaIndexBm25(LlamaIndex):
    def index(self, pile: Pile, folder: Path) -> None:
        from llama_index.retrievers.bm25 import BM25Retriever

        BM25Retriever.from_defaults(nodes=self.nodes(pile, vectors=False)).persist(str(folder / "index"))

    def open(self, folder: Path) -> Ask:
        from llama_index.core.vector_stores import MetadataFilters
        from llama_index.retrievers.bm25 import BM25Retriever

        whole = BM25Retriever.from_persist_dir(str(folder / "index"))
        whole.similarity_top_k = TOP

        # Its filter is chosen when a retriever is made.
        @cache
        def within(document: str) -> BM25Retriever:
            only = MetadataFilters.from_dict({"document": document})
            return BM25Retriever(existing_bm25=whole.bm25, filters=only, similarity_top_k=TOP)

        def ask(text: str, document: str | None) -> list[str]:
            return [hit.node_id for hit in (whole if document is None else within(document)).retrieve(text)]

        return ask


class Haystack:
    def index(self, pile: Pile, folder: Path) -> None:
        from haystack import Document
        from haystack.document_stores.in_memory import InMemoryDocumentStore

        store = InMemoryDocumentStore()
        store.write_documents(
            [Document(id=one.id, content=embedded_text(one), meta={"document": one.document}) for one in pile.entries]
        )
        store.save_to_disk(str(folder / "index.json"))

    def open(self, folder: Path) -> Ask:
        from haystack.components.retrievers.in_memory import InMemoryBM25Retriever
        from haystack.document_stores.in_memory import InMemoryDocumentStore

        store = InMemoryDocumentStore.load_from_disk(str(folder / "index.json"))
        retriever = InMemoryBM25Retriever(store, top_k=TOP)

        def ask(text: str, document: str | None) -> list[str]:
            only = {"field": "meta.document", "operator": "==", "value": document} if document is not None else None
            return [one.id for one in retriever.run(text, filters=only)["documents"]]

        return ask


class Qdrant:
    """Words as Qdrant's own BM25 has them; its stop words would be downloaded, so these are bm25s's."""

    def words(self, folder: Path) -> object:
        from bm25s.stopwords import STOPWORDS_EN
        from fastembed.sparse.bm25 import Bm25

        return Bm25("Qdrant/bm25", specific_model_path=str(folder), stopwords=set(STOPWORDS_EN))

    def index(self, pile: Pile, folder: Path) -> None:
        from qdrant_client import QdrantClient, models

        words, client = self.words(folder), QdrantClient(path=str(folder / "index"))
        client.create_collection(
            "passages",
            {"dense": models.VectorParams(size=DIMENSIONS, distance=models.Distance.COSINE)},
            sparse_vectors_config={"words": models.SparseVectorParams(modifier=models.Modifier.IDF)},
        )
        for batch in pile.batches():
            sparse = words.embed([embedded_text(one) for _, one, _ in batch])
            client.upsert(
                "passages",
                [
                    models.PointStruct(
                        id=place,
                        vector={"dense": vector, "words": models.SparseVector(**held.as_object())},
                        payload={"id": one.id, "document": one.document, "text": one.text},
                    )
                    for (place, one, vector), held in zip(batch, sparse, strict=True)
                ],
            )
        client.close()

    def open(self, folder: Path) -> Ask:
        from qdrant_client import QdrantClient, models

        words, client = self.words(folder), QdrantClient(path=str(folder / "index"))

        def ask(text: str, document: str | None) -> list[str]:
            only = None
            if document is not None:
                named = models.FieldCondition(key="document", match=models.MatchValue(value=document))
                only = models.Filter(must=[named])
            sparse = models.SparseVector(**next(iter(words.query_embed(text))).as_object())
            found = client.query_points(
                "passages",
                prefetch=[
                    models.Prefetch(query=sparse, using="words", limit=FETCHED, filter=only),
                    models.Prefetch(query=embed([text])[0], using="dense", limit=FETCHED, filter=only),
                ],
                query=models.FusionQuery(fusion=models.Fusion.RRF),
                limit=TOP,
            )
            return [str((one.payload or {})["id"]) for one in found.points]

        return ask


class QdrantEdge:
    def index(self, pile: Pile, folder: Path) -> None:
        import qdrant_edge as edge

        config = edge.EdgeConfig(
            vectors={"dense": edge.EdgeVectorParams(size=DIMENSIONS, distance=edge.Distance.Cosine)},
            sparse_vectors={"words": edge.EdgeSparseVectorParams(modifier=edge.Modifier.Idf)},
        )
        (folder / "index").mkdir()
        words, shard = edge.Bm25(), edge.EdgeShard.create(str(folder / "index"), config)
        shard.update(edge.UpdateOperation.create_field_index("document", edge.PayloadSchemaType.Keyword))
        for batch in pile.batches():
            points = [
                edge.Point(
                    id=place,
                    vector={"dense": vector, "words": words.embed_document(embedded_text(one))},
                    payload={"id": one.id, "document": one.document, "text": one.text},
                )
                for place, one, vector in batch
            ]
            shard.update(edge.UpdateOperation.upsert_points(points))
        shard.optimize()
        shard.close()

    def open(self, folder: Path) -> Ask:
        import qdrant_edge as edge

        words, shard = edge.Bm25(), edge.EdgeShard.load(str(folder / "index"))

        def ask(text: str, document: str | None) -> list[str]:
            only = None
            if document is not None:
                only = edge.Filter(must=[edge.FieldCondition(key="document", match=edge.MatchValue(document))])
            asked = (
                edge.Query.Nearest(words.embed_query(text), using="words"),
                edge.Query.Nearest(embed([text])[0], using="dense"),
            )
            found = shard.query(
                edge.QueryRequest(
                    limit=TOP,
                    prefetches=[edge.Prefetch(limit=FETCHED, query=one, filter=only) for one in asked],
                    query=edge.Fusion.Rrf(k=2),  # what its server takes
                    with_payload=True,
                )
            )
            return [str(one.payload["id"]) for one in found]

        return ask


class Milvus:
    """Words by its BM25 function and its standard analyzer: Milvus Lite has no other for English."""

    def index(self, pile: Pile, folder: Path) -> None:
        from pymilvus import DataType, Function, FunctionType, MilvusClient

        client = MilvusClient(str(folder / "index.db"))
        schema = client.create_schema(auto_id=False)
        schema.add_field("id", DataType.VARCHAR, max_length=500, is_primary=True)
        schema.add_field("document", DataType.VARCHAR, max_length=500)
        schema.add_field("text", DataType.VARCHAR, max_length=65_535, enable_analyzer=True)
        schema.add_field("dense", DataType.FLOAT_VECTOR, dim=DIMENSIONS)
        schema.add_field("words", DataType.SPARSE_FLOAT_VECTOR)
        schema.add_function(Function("bm25", FunctionType.BM25, ["text"], ["words"]))
        kinds = client.prepare_index_params()
        kinds.add_index("dense", index_type="AUTOINDEX", metric_type="COSINE")
        kinds.add_index("words", index_type="SPARSE_INVERTED_INDEX", metric_type="BM25")
        client.create_collection("passages", schema=schema, index_params=kinds)
        for batch in pile.batches():
            rows = [
                {"id": one.id, "document": one.document, "text": embedded_text(one), "dense": vector}
                for _, one, vector in batch
            ]
            client.insert("passages", rows)
        client.flush("passages")
        client.close()

    def open(self, folder: Path) -> Ask:
        from pymilvus import AnnSearchRequest, MilvusClient, RRFRanker

        client = MilvusClient(str(folder / "index.db"))
        client.load_collection("passages")

        def ask(text: str, document: str | None) -> list[str]:
            only = f"document == {json.dumps(document)}" if document is not None else ""
            asked = [
                AnnSearchRequest([text], "words", {}, FETCHED, expr=only),
                AnnSearchRequest([embed([text])[0]], "dense", {}, FETCHED, expr=only),
            ]
            found = client.hybrid_search("passages", asked, ranker=RRFRanker(), limit=TOP)
            return [row["id"] for row in found[0]]

        return ask


PEERS: dict[str, Peer] = {
    "agentkit": AgentKit(),
    "bm25s": Bm25s(),
    "tantivy": Tantivy(),
    "llamaindex": LlamaIndex(),
    "llamaindex_bm25": LlamaIndexBm25(),
    "haystack": Haystack(),
    "qdrant": Qdrant(),
    "qdrant_edge": QdrantEdge(),
    "milvus": Milvus(),
}


def spent() -> float:
    """Return the CPU seconds of this process and of those it started."""
    times = [one.cpu_times() for one in psutil.Process().children(recursive=True)]
    return time.process_time() + sum(one.user + one.system for one in times)


def resident() -> float:
    return sum(one.memory_info().rss for one in (psutil.Process(), *psutil.Process().children(recursive=True))) / 1e6


@dataclass(frozen=True, slots=True)
class Question:
    """A question, the one document it is asked of, and the right passages; none where its answer is not looked at."""

    text: str
    document: str | None
    right: list[str]
    task: str


def written(job: Path, entries: Sequence[Entry], questions: Sequence[Question]) -> float:
    """Write a job for the processes of the peers; return the CPU seconds that its vectors took."""
    job.mkdir()
    fields = ("id", "document", "title", "text")
    passages = [{field: getattr(one, field) for field in fields} for one in entries]
    (job / "passages.jsonl").write_text("\n".join(map(json.dumps, passages)), "utf-8")
    (job / "questions.jsonl").write_text("\n".join(json.dumps(asdict(one)) for one in questions), "utf-8")
    began = time.process_time()
    np.save(job / "vectors.npy", np.array(embed([embedded_text(one) for one in entries]), dtype=np.float32))
    return time.process_time() - began


def read(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def indexed(name: str, job: Path, folder: Path) -> dict[str, float]:
    entries = [
        Entry(row["id"], row["document"], row["title"], 0, len(row["text"]), row["text"])
        for row in read(job / "passages.jsonl")
    ]
    pile = Pile(entries, np.load(job / "vectors.npy"))
    began = spent()
    PEERS[name].index(pile, folder)
    return {"build": spent() - began}


def searched(name: str, job: Path, folder: Path) -> dict[str, float]:
    """Return what the searches took, and nDCG by task."""
    questions = [Question(**row) for row in read(job / "questions.jsonl")]
    embed(["warm"])
    before, began = resident(), spent()
    ask = PEERS[name].open(folder)
    opened, times, gained = spent() - began, list[float](), dict[str, list[float]]()
    for one in questions:
        began = spent()
        found = ask(one.text, one.document)
        if one.right:
            times.append((spent() - began) * 1000)
            gained.setdefault(one.task, []).append(ndcg(found, set(one.right)))
    low, high = np.percentile(times, [50, 95])
    ranks = {task: mean(values) for task, values in gained.items()}
    return {"open": opened, "p50": float(low), "p95": float(high), "memory": resident() - before} | ranks


def alone(name: str, job: Path) -> dict[str, float]:
    """Measure a peer in two processes of its own; nothing where one of them fails or takes too long."""
    told: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        for phase in ("index", "search"):
            script = [sys.executable, __file__, "--one", name, "--job", str(job), "--folder", folder, "--phase", phase]
            try:
                done = subprocess.run(script, capture_output=True, text=True, timeout=MOST_SECONDS, check=False)
            except subprocess.TimeoutExpired:
                sys.stderr.write(f"{name}, {job.name}: {phase} not done within {MOST_SECONDS} s\n")
                return {}
            if done.returncode:
                sys.stderr.write(f"{name}, {job.name}: {done.stderr.strip().splitlines()[-1]}\n")
                return {}
            told |= json.loads(done.stdout.splitlines()[-1])
            if phase == "index":
                told["disk"] = sum(one.stat().st_size for one in Path(folder).rglob("*") if one.is_file()) / 1e6
    return told


def asked(data: Path, task_name: str) -> list[Question]:
    task = load(data, task_name)
    return [
        Question(text, document, sorted(task.right[key]), task_name)
        for key, text, document, _ in task.queries[:: SHARES[task_name]]
    ]


def development(data: Path, scratch: Path, peers: Sequence[str]) -> None:
    for base in TASKS[:2]:
        questions = chain.from_iterable(asked(data, name) for name in TASKS if name.startswith(base))
        written(scratch / base, load(data, base).passages, list(questions))
    print(f"{'nDCG at 10':18}" + "".join(f"{name:>13}" for name in TASKS))
    for name in peers:
        row = alone(name, scratch / TASKS[0]) | alone(name, scratch / TASKS[1])
        cells = "".join(f"{row[task]:13.3f}" if task in row else f"{'not run':>13}" for task in TASKS)
        print(f"  {name:16}{cells}", flush=True)


def pile(data: Path, scratch: Path, peers: Sequence[str], count: int) -> None:
    passages = load(data, TASKS[2]).passages
    made = chain.from_iterable(group for _, group in synthetic(data, count))
    entries = [*passages, *islice(made, count - len(passages))]
    questions = asked(data, TASKS[2])
    untimed = [Question(text, None, [], "") for text in UNTIMED]
    seconds = written(scratch / str(count), entries, [*untimed, *questions])
    print(f"\n{count} passages, {sum(len(one.text) for one in entries) / 1e6:.0f} million characters, ", end="")
    print(f"{len(questions)} questions; the vectors alone take {seconds:.0f} s of CPU")
    print(f"{'':18}build s  open s  search ms p50     p95  disk MB  memory MB  nDCG at 10")
    for name in peers:
        row = alone(name, scratch / str(count)) if count <= LIMITS.get(name, count) else {}
        line = "{build:7.1f}{open:8.2f}{p50:15.1f}{p95:8.1f}{disk:9.0f}{memory:11.0f}{cuad_global:12.3f}"
        print(f"  {name:16}{line.format(**row) if row else '     not run'}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT / "../shared/data/dev")
    parser.add_argument("--passages", default="20000,100000", help="sizes of piles; empty for none")
    parser.add_argument("--piles-only", action="store_true")
    parser.add_argument("--peers", default=",".join(PEERS))
    for hidden in ("--one", "--phase", "--job", "--folder"):
        parser.add_argument(hidden, default="", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        phase = {"index": indexed, "search": searched}[options.phase]
        print(json.dumps(phase(options.one, Path(options.job), Path(options.folder))))
        return
    peers = options.peers.split(",")
    with tempfile.TemporaryDirectory() as scratch:
        if not options.piles_only:
            development(options.data, Path(scratch), peers)
        for count in map(int, filter(None, options.passages.split(","))):
            pile(options.data, Path(scratch), peers, count)


if __name__ == "__main__":
    main()
