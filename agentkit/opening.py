"""Which store stands behind an address, and what embeds its passages. Vendors are imported here, late."""

import importlib
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal
from urllib.parse import SplitResult, parse_qsl, unquote, urlencode, urlsplit, urlunsplit

from agentkit.config import Config
from agentkit.egress import EgressPolicy
from agentkit.errors import ConfigError
from agentkit.indexed import Principal
from agentkit.searching import Embedding, StoreSearch
from agentkit.stored import Table
from agentkit.storing import TableStore

_ENVIRONMENT = "os.environ/"
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,47}")
_SCHEME = re.compile(r"[a-z][a-z0-9+]+:")
_DEFAULT = "agentkit_passages"
SHAPES = (
    "a folder, qdrant:FOLDER, qdrant+https://HOST:PORT/COLLECTION, milvus:FILE.db, "
    "milvus+https://HOST:PORT/COLLECTION, postgresql://USER@HOST/DB?table=NAME, lancedb:FOLDER, "
    "redis://HOST:PORT/DB?index=NAME, weaviate+https://HOST/COLLECTION or pinecone+https://INDEX-HOST/NAMESPACE"
)


@dataclass(frozen=True, slots=True)
class Address:
    """An address, read: its scheme, what follows it as a URL, and the key that goes with it."""

    scheme: str
    parts: SplitResult
    key: str | None

    @property
    def host(self) -> str:
        """The server's name, or an empty string."""
        return self.parts.hostname or ""

    @property
    def name(self) -> str:
        """The collection, index or namespace that the path names.

        Raises:
            ConfigError: it names none, or one that not every server takes.
        """
        return _named(unquote(self.parts.path.strip("/")) or _DEFAULT)

    def server(self) -> str:
        """Return the address of the server itself."""
        return f"{self.scheme.partition('+')[2]}://{self.parts.netloc}"

    def local(self) -> Path:
        """Return the path of a file or folder.

        Raises:
            ConfigError: there is none.
        """
        path = unquote(self.parts.path)
        if not path or self.parts.netloc:
            raise ConfigError(f"index.url: write {self.scheme}: and a path, as in {self.scheme}:index.")
        return Path(path)


def is_address(text: str) -> bool:
    """Tell whether a text is the address of a store, and not a folder."""
    return text.startswith(_ENVIRONMENT) or (_SCHEME.match(text) is not None and not Path(text).exists())


def open_store(
    url: str,
    *,
    embedding: Embedding | None = None,
    api_key: str | None = None,
    egress: EgressPolicy | None = None,
    environ: Mapping[str, str] | None = None,
) -> TableStore:
    """Open the store at an address; nothing is contacted yet.

    Args:
        url: see `SHAPES`; or `os.environ/NAME`, where it holds a password.
        embedding: what the store is, or will be, indexed with.
        api_key: `os.environ/NAME`: the key of a server that asks for one.
        egress: the hosts that may be contacted.
        environ: the environment variables.

    Raises:
        ConfigError: the address is none, or a variable is not set.
        EgressDeniedError: its host may not be contacted.
        MissingExtraError: the store's client is not installed.
    """
    variables = os.environ if environ is None else environ
    address = _address(url, api_key, variables)
    for host in _hosts(address):
        (egress or EgressPolicy.parse("loopback")).check(host)
    table = _TABLES[address.scheme](address)
    return TableStore(
        table,
        embedding=embedding.name if embedding is not None else "none",
        dimensions=embedding.dimensions if embedding is not None else 0,
    )


def store_search(config: Config, *, url: str | None = None, principal: Principal | None = None) -> StoreSearch:
    """Return the search that `index` in the configuration describes.

    Raises:
        ConfigError: the address or the embedding is none.
        EgressDeniedError: the store's host may not be contacted.
        MissingExtraError: the store's client or the embedding is not installed.
    """
    embedding = make_embedding(config)
    return StoreSearch(configured_store(config, url=url, embedding=embedding), embedding=embedding, principal=principal)


def configured_store(config: Config, *, url: str | None = None, embedding: Embedding | None = None) -> TableStore:
    """Return the store that `index` in the configuration describes, or the one at an address."""
    chosen = url or config.index.url or ""
    egress = EgressPolicy.parse(config.privacy.egress)
    return open_store(chosen, embedding=embedding, api_key=config.index.api_key, egress=egress)


def make_embedding(config: Config, *, key: Literal["index", "cache"] = "index") -> Embedding | None:
    """Return what `index.embedding` or `cache.embedding` names, once for a process; None for "none".

    Raises:
        ConfigError: there is no such embedding.
        MissingExtraError: it is not installed.
    """
    name = config.index.embedding if key == "index" else config.cache.embedding
    if name == "none":
        return None
    try:
        return _embedding(name)
    except LookupError as error:
        problem = f"there is no {name}; write none, wordllama, or MODULE:NAME of a LlamaIndex embedding"
        raise config.fault(f"{key}.embedding", problem) from error


@lru_cache(maxsize=8)
def _embedding(name: str) -> Embedding:
    if name == "wordllama":
        from agentkit.adapters.wordllama import WordLlamaEmbedding

        return WordLlamaEmbedding()
    module, _, attribute = name.partition(":")
    try:
        given: object = getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError, ValueError) as error:
        raise LookupError(name) from error
    from agentkit.adapters.llamaindex.embedding import LlamaIndexEmbedding

    return LlamaIndexEmbedding.of(given, name=name)


def _address(url: str, api_key: str | None, environ: Mapping[str, str]) -> Address:
    written = _variable(url, "index.url", environ) if url.startswith(_ENVIRONMENT) else url
    try:
        parts = urlsplit(written)
        port = parts.port
    except ValueError:
        raise ConfigError("index.url does not hold an address: check its host and port.") from None
    scheme = "postgresql" if parts.scheme == "postgres" else parts.scheme
    if scheme not in _TABLES:
        raise ConfigError(f"index.url: {_shown(scheme)} no store; write {SHAPES}.")
    if (parts.password or (parts.username and scheme.startswith("redis"))) and written == url:
        raise ConfigError("index.url holds a password: put the address into a variable and write os.environ/NAME.")
    if scheme not in _LOCAL and (not _hosts(Address(scheme, parts, None)) or port == 0):
        raise ConfigError(f"index.url names no server: write {scheme}://HOST.")
    key = _variable(api_key, "index.api_key", environ) if api_key else None
    return Address(scheme, parts, key)


def _variable(written: str, key: str, environ: Mapping[str, str]) -> str:
    name = written.removeprefix(_ENVIRONMENT)
    if not written.startswith(_ENVIRONMENT) or not environ.get(name):
        raise ConfigError(f"{key}: write os.environ/NAME, and set that variable.")
    return environ[name]


def _shown(scheme: str) -> str:
    return f"{scheme} is" if scheme else "this is"


def _hosts(address: Address) -> list[str]:
    """Return the servers that an address leads to; a folder is a socket on this machine."""
    if address.scheme in _LOCAL:
        return []
    given = [address.host, *(value for key, value in parse_qsl(address.parts.query) if key == "host")]
    return [host for host in given if host and not host.startswith("/")] or (["localhost"] if any(given) else [])


def _named(name: str) -> str:
    if _NAME.fullmatch(name) is None:
        raise ConfigError("index.url: a collection, table or index is named with letters, digits and _, 48 at most.")
    return name


def _parameter(address: Address, key: str) -> tuple[str, str]:
    """Return a parameter of the query, and the address without it."""
    given = parse_qsl(address.parts.query, keep_blank_values=True)
    found = [value for name, value in given if name == key]
    rest = address.parts._replace(query=urlencode([(name, value) for name, value in given if name != key]))
    return _named(found[-1] if found else _DEFAULT), urlunsplit(rest)


def _qdrant(address: Address) -> Table:
    from agentkit.adapters.qdrant import QdrantTable

    if address.scheme == "qdrant":
        return QdrantTable(_DEFAULT, folder=address.local())
    return QdrantTable(address.name, url=address.server(), api_key=address.key, host=address.host)


def _milvus(address: Address) -> Table:
    from agentkit.adapters.milvus import MilvusTable

    if address.scheme == "milvus":
        return MilvusTable(_DEFAULT, uri=str(address.local()))
    return MilvusTable(address.name, uri=address.server(), token=address.key or "", host=address.host)


def _postgres(address: Address) -> Table:
    from agentkit.adapters.postgres.passages import PostgresTable

    table, url = _parameter(address, "table")
    return PostgresTable(url, table=table, hosts=_hosts(address))


def _lancedb(address: Address) -> Table:
    from agentkit.adapters.lancedb import LanceTable

    return LanceTable(address.local())


def _redis(address: Address) -> Table:
    from agentkit.adapters.redis.passages import RedisTable

    index, url = _parameter(address, "index")
    return RedisTable(url, index=index, host=address.host, password=address.key)


def _weaviate(address: Address) -> Table:
    from agentkit.adapters.weaviate import WeaviateTable

    name = address.name
    return WeaviateTable(name[0].upper() + name[1:], url=address.server(), api_key=address.key, host=address.host)


def _pinecone(address: Address) -> Table:
    from agentkit.adapters.pinecone import PineconeTable

    return PineconeTable(address.name, url=address.server(), api_key=address.key, host=address.host)


_LOCAL = frozenset({"qdrant", "milvus", "lancedb"})
_TABLES: Mapping[str, Callable[[Address], Table]] = {
    "qdrant": _qdrant,
    "qdrant+http": _qdrant,
    "qdrant+https": _qdrant,
    "milvus": _milvus,
    "milvus+http": _milvus,
    "milvus+https": _milvus,
    "postgresql": _postgres,
    "lancedb": _lancedb,
    "redis": _redis,
    "rediss": _redis,
    "weaviate+http": _weaviate,
    "weaviate+https": _weaviate,
    "pinecone+https": _pinecone,
    "pinecone+http": _pinecone,
}
