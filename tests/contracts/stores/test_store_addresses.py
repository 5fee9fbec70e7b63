"""One line says which store; what is wrong with it is said in one sentence, without a secret."""

import socket

import pytest

from agentkit.egress import EgressPolicy
from agentkit.errors import ConfigError, EgressDeniedError, RetrievalError
from agentkit.indexed import StoreQuery
from agentkit.opening import is_address, open_store

ADDRESSES = [
    "qdrant+http://127.0.0.1:{port}/matters",
    "milvus+http://127.0.0.1:{port}/matters",
    "postgresql://ada@127.0.0.1:{port}/db?table=matters",
    "redis://127.0.0.1:{port}/0?index=matters",
    "weaviate+http://127.0.0.1:{port}/Matters",
    "pinecone+http://127.0.0.1:{port}/matters",
]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.mark.parametrize("address", ADDRESSES)
async def test_a_server_that_is_not_there_is_one_sentence_without_the_key(address: str) -> None:
    store = open_store(address.format(port=free_port()), api_key="os.environ/KEY", environ={"KEY": "secret-word"})
    with pytest.raises(RetrievalError) as caught:
        await store.candidates(StoreQuery({"rent": 1.0}))
    told = str(caught.value)
    assert "cannot be used" in told
    assert told.count(". ") == 0
    assert "\n" not in told
    assert "secret-word" not in f"{told} {caught.value!r} {store.table.place}"
    await store.aclose()


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_host_that_is_not_allowed_is_refused_before_anything_is_opened(address: str) -> None:
    elsewhere = address.format(port=80).replace("127.0.0.1", "db.firm.example")
    with pytest.raises(EgressDeniedError, match=r"db\.firm\.example"):
        open_store(elsewhere)
    assert open_store(elsewhere, egress=EgressPolicy.parse(["db.firm.example"])).table.place


def test_a_second_host_of_postgres_is_judged_too() -> None:
    with pytest.raises(EgressDeniedError, match="evil"):
        open_store("postgresql://127.0.0.1/db?host=evil.example")


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("chroma://host/x", "chroma is no store; write a folder, qdrant:FOLDER"),
        ("qdrant+http:///x", "names no server"),
        ("redis://127.0.0.1:99999/0", "host and port"),
        ("postgresql://127.0.0.1/db?table=a;drop", "letters, digits and _"),
        ("redis://127.0.0.1/0?index=a b", "letters, digits and _"),
        ("qdrant+http://127.0.0.1/a/b", "letters, digits and _"),
        ("qdrant:", "write qdrant: and a path"),
        ("lancedb://host/x", "write lancedb: and a path"),
        ("os.environ/NOT_SET", "os.environ/NAME, and set that variable"),
    ],
)
def test_an_address_that_is_none_is_refused_with_what_to_write(address: str, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        open_store(address, environ={})


@pytest.mark.parametrize("address", ["postgresql://ada:secret-word@127.0.0.1/db", "redis://:secret-word@127.0.0.1/0"])
def test_a_password_stands_in_a_variable_and_in_no_message(address: str) -> None:
    with pytest.raises(ConfigError, match=r"os\.environ/NAME") as caught:
        open_store(address)
    assert "secret-word" not in str(caught.value)
    store = open_store("os.environ/URL", environ={"URL": address})
    assert "secret-word" not in f"{store.table.place} {store.table!r}"


def test_a_key_that_is_written_out_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"index\.api_key"):
        open_store("qdrant+http://127.0.0.1/x", api_key="secret-word")


@pytest.mark.parametrize(
    ("text", "is_one"),
    [("index", False), ("a/b:c", False), ("/abs", False), ("qdrant:x", True), ("redis://h", True), ("foo://x", True)],
)
def test_a_folder_is_told_from_an_address(text: str, is_one: object) -> None:
    assert is_address(text) is is_one
