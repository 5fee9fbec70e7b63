"""A store is searched and kept in step as the embedded index is."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from places import Numbers, Place, passages

from agentkit.adapters.memory.corpus import Corpus
from agentkit.adapters.memory.indexing import Cut, Source
from agentkit.cli.main import main
from agentkit.config import Config
from agentkit.errors import ConfigError, DocumentError, UsageError
from agentkit.indexed import Known, Principal
from agentkit.opening import make_embedding, open_store
from agentkit.retrieving import as_retriever, seen_by
from agentkit.searching import StoreSearch
from agentkit.state import Task
from agentkit.types import Limits
from agentkit.updating import update_store

LEASE = [
    "1. The Tenant shall pay the rent on the first day of each month.",
    "2. The Landlord shall maintain the roof and bear the cost of repairs.",
    "3. Either party may terminate this lease with two months' notice.",
]
LOAN = ["1. The Borrower shall repay the loan in ten instalments.", "2. Interest accrues at five percent a year."]
QUERIES = [
    "Who pays for repairs of the roof?",
    "When is rent due?",
    "How can it be terminated?",
    "What is the interest?",
]


def source(name: str, texts: Sequence[str], *, matter: str = "") -> Source:
    sha = str(hash(tuple(texts)))

    def read(called: str) -> Cut:
        return Cut(passages(Known(name, called, sha, matter), *texts))

    return Source(name, name, sha, read, matter)


def broken(name: str) -> Source:
    def read(_: str) -> Cut:
        raise DocumentError(f"{name} is damaged.", name=name)

    return Source(name, name, "1", read)


@pytest.mark.parametrize("embedded", [None, Numbers()])
async def test_within_a_document_hits_scores_and_parts_are_those_of_the_embedded_index(
    where: Place, embedded: Numbers | None
) -> None:
    store = where.open(embedded)
    await update_store(
        store, [source("lease", LEASE), source("loan", LOAN)], covered=lambda _: True, embedding=embedded
    )
    search = StoreSearch(store, embedding=embedded)
    corpus = Corpus([*source("lease", LEASE).read("lease").entries, *source("loan", LOAN).read("loan").entries])
    for query in QUERIES:
        for document in ("lease", "loan"):
            found = await search.search(query, top_k=3, document=document)
            ours = corpus.search(query, top_k=3, document=document)
            assert [(one.entry, one.ranked.score, one.ranked.parts) for one in found] == [
                (one.entry, one.ranked.score, one.ranked.parts) for one in ours
            ]
    assert [one.entry.text for one in await search.search(QUERIES[0], top_k=1)] == [LEASE[1]]
    assert (
        await search.document_of((await search.search(QUERIES[0], top_k=1))[0])
        == source("lease", LEASE).read("lease").entries
    )
    await search.aclose()


async def test_scores_rest_on_what_may_be_seen_alone(where: Place) -> None:
    store = where.open()
    ann = Principal("ann", frozenset({"M1"}))
    await update_store(store, [source("lease", LEASE, matter="M1")], covered=lambda _: True)
    before = await StoreSearch(store, principal=ann).search(QUERIES[0], top_k=3)
    await update_store(
        store, [source(f"theirs{n}", [*LEASE, *LOAN], matter="M2") for n in range(8)], covered=lambda _: False
    )
    after = await StoreSearch(store, principal=ann).search(QUERIES[0], top_k=3)
    assert [(one.entry, one.ranked.score, one.ranked.parts) for one in after] == [
        (one.entry, one.ranked.score, one.ranked.parts) for one in before
    ]
    assert await StoreSearch(store).retrieve(QUERIES[0], top_k=3) == []
    assert await StoreSearch(store).seen_by(ann).retrieve(QUERIES[0], top_k=3)
    await store.aclose()


async def test_a_second_run_reads_nothing_and_a_file_that_is_gone_is_removed(where: Place) -> None:
    store, numbers = where.open(Numbers()), Numbers()
    sources = [source("lease", LEASE), source("loan", LOAN)]
    outcome = await update_store(store, sources, covered=lambda _: True, embedding=numbers)
    assert (outcome.read, outcome.unchanged, outcome.removed, outcome.documents, outcome.passages) == (2, 0, 0, 2, 5)
    assert len(numbers.asked) == 5
    again = await update_store(store, sources, covered=lambda _: True, embedding=numbers)
    assert (again.read, again.unchanged, again.version) == (0, 2, outcome.version)
    changed_texts = ["2. The Tenant mends the roof.", LEASE[2]]
    changed = [source("lease", [LEASE[0], *changed_texts])]
    third = await update_store(store, changed, covered=lambda key: key != "loan", embedding=numbers)
    assert (third.read, third.removed, third.documents) == (1, 0, 2)
    assert (third.new, third.kept, third.dropped) == (1, 4, 1)
    assert numbers.asked[5:] == ["2. The Tenant mends the roof."]
    assert third.version != outcome.version
    last = await update_store(store, changed, covered=lambda _: True, embedding=numbers)
    assert (last.unchanged, last.removed, last.documents) == (1, 1, 1)
    assert (last.new, last.kept, last.dropped) == (0, 3, 2)
    moved = [source("lease", ["0. The parties agree.", LEASE[0], LEASE[0], *changed_texts])]
    shifted = await update_store(store, moved, covered=lambda _: True, embedding=numbers)
    assert (shifted.new, shifted.kept, shifted.dropped) == (2, 3, 0)
    assert numbers.asked[6:] == ["0. The parties agree."], "the same words a second time are embedded once"
    await store.aclose()


async def test_a_document_that_cannot_be_read_is_left_out_and_stops_nothing(where: Place) -> None:
    store = where.open()
    with pytest.raises(DocumentError, match="lease is damaged"):
        await update_store(store, [broken("lease")], covered=lambda _: True)
    await update_store(store, [source("lease", LEASE)], covered=lambda _: True)
    outcome = await update_store(store, [broken("lease"), source("loan", LOAN)], covered=lambda _: True)
    assert [(row.key, row.reason) for row in outcome.quarantined] == [("lease", "lease is damaged.")]
    # It is not found under its old text.
    assert [known.name for known in (await store.known()).values()] == ["loan"]
    healed = await update_store(store, [source("lease", LEASE), source("loan", LOAN)], covered=lambda _: True)
    assert (healed.read, healed.unchanged, healed.quarantined) == (1, 1, [])
    await store.aclose()


async def test_a_document_that_changes_hands_is_written_again(where: Place) -> None:
    store = where.open()
    await update_store(store, [source("lease", LEASE)], covered=lambda _: True)
    outcome = await update_store(store, [source("lease", LEASE, matter="M1")], covered=lambda _: True)
    assert outcome.read == 1
    assert (await store.known())["lease"].matter == "M1"
    await store.aclose()


@pytest.mark.parametrize("embedded", [None, Numbers()])
async def test_two_files_of_one_name_are_called_the_same_whichever_came_first(
    where: Place, embedded: Numbers | None
) -> None:
    store = where.open(embedded)
    old = replace(source("/m/2019/lease", LEASE), name="lease")
    new = replace(source("/m/2020/lease", LOAN), name="lease")
    await update_store(store, [new], covered=lambda _: False, embedding=embedded)
    assert [known.name for known in (await store.known()).values()] == ["lease"]
    await update_store(store, [old], covered=lambda _: False, embedding=embedded)
    names = {key: known.name for key, known in (await store.known()).items()}
    assert names == {"/m/2019/lease": "2019/lease", "/m/2020/lease": "2020/lease"}
    for name, texts in (("2019/lease", LEASE), ("2020/lease", LOAN)):
        assert [entry.text for entry in await StoreSearch(store, embedding=embedded).named(name)] == texts
    assert await StoreSearch(store, embedding=embedded).named("lease") == []
    alone = await update_store(store, [old], covered=lambda _: True, embedding=embedded)
    assert (alone.unchanged, alone.removed, alone.passages) == (1, 1, 3)
    assert [known.name for known in (await store.known()).values()] == ["lease"]
    await store.aclose()


async def test_two_documents_of_one_name_are_told_apart(where: Place) -> None:
    store = where.open()
    other = replace(source("copy", LOAN), name="lease")
    await update_store(store, [source("lease", LEASE), other], covered=lambda _: True)
    assert sorted(known.name for known in (await store.known()).values()) == ["copy", "lease"]
    await store.aclose()


class TestEmbeddings:
    async def test_wordllama_is_offline_repeatable_and_of_length_one(self) -> None:
        pytest.importorskip("wordllama")
        made = make_embedding(Config.model_validate({"index": {"embedding": "wordllama"}}))
        assert made is not None
        rent, again, roof, odd = await made.embed_passages(["the rent is due", "the rent is due", "roof", "\ud800"])
        assert rent == again
        assert len(rent) == len(odd) == made.dimensions == 256
        assert sum(value * value for value in rent) == pytest.approx(1.0, abs=1e-5)
        assert sum(value * value for value in odd) == pytest.approx(1.0, abs=1e-5)
        asked = await made.embed_query("when must rent be paid")

        def near(vector: list[float]) -> float:
            return sum(one * other for one, other in zip(asked, vector, strict=True))

        assert near(rent) > near(roof)

    async def test_any_embedding_of_llamaindex_is_one(self, tmp_path: Path) -> None:
        name = "llama_index.core.embeddings.mock_embed_model:MockEmbedding"
        with pytest.raises(ConfigError, match=r"index\.embedding"):
            make_embedding(Config.model_validate({"index": {"embedding": "nowhere:Nothing"}}))
        with pytest.raises(ConfigError, match="no LlamaIndex BaseEmbedding"):
            make_embedding(Config.model_validate({"index": {"embedding": "pathlib:Path"}}))
        from llama_index.core import MockEmbedding  # noqa: PLC0415 - two seconds, for this test alone

        from agentkit.adapters.llamaindex.embedding import LlamaIndexEmbedding  # noqa: PLC0415

        made = LlamaIndexEmbedding.of(lambda: MockEmbedding(embed_dim=4), name=name)
        assert (made.name, made.dimensions) == (name, 4)
        assert await made.embed_query("rent") == [0.5] * 4
        store = open_store(f"lancedb:{tmp_path / 'x'}", embedding=made)
        await update_store(store, [source("lease", LEASE)], covered=lambda _: True, embedding=made)
        assert await StoreSearch(store, embedding=made).retrieve("rent", top_k=1)
        await store.aclose()


def test_of_a_changed_file_only_the_passages_that_changed_are_embedded(
    where: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    numbers = Numbers()
    monkeypatch.setattr("agentkit.cli.stores.make_embedding", lambda _: numbers)
    duties = [f"{n}. The Tenant shall perform duty number {n} of the lease at its own cost." for n in range(1, 21)]
    told = list[dict[str, int]]()
    for texts in (duties, [*duties[:7], "8. There is no such duty.", *duties[8:], "21. Nothing more is owed."]):
        (tmp_path / "lease.txt").write_text("\n\n".join(texts))
        assert main(["index", str(tmp_path / "lease.txt"), "--index", where.url]) == 0
        told.append(json.loads(capsys.readouterr().out))
    counts = [tuple(one.get(f"{name}_passages", 0) for name in ("new", "kept", "removed")) for one in told]
    assert counts == [(20, 0, 0), (2, 19, 1)]
    assert [text.rpartition("\n")[2] for text in numbers.asked[20:]] == [
        "8. There is no such duty.",
        "21. Nothing more is owed.",
    ]


def test_the_command_line_indexes_and_searches_a_store_as_it_does_a_folder(
    where: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "lease.txt").write_text("\n\n".join(LEASE))
    asked = ["--query", QUERIES[0], "--top-k", "2", "--format", "json"]
    assert main(["index", str(tmp_path / "in"), "--index", where.url]) == 0
    told = json.loads(capsys.readouterr().out)
    assert main(["index", str(tmp_path / "in"), "--index", str(tmp_path / "folder")]) == 0
    assert told == json.loads(capsys.readouterr().out)
    assert main(["search", "--index", where.url, *asked, "--explain"]) == 0
    from_store = json.loads(capsys.readouterr().out)["hits"]
    assert main(["search", "--index", str(tmp_path / "folder"), *asked, "--explain"]) == 0
    assert from_store == json.loads(capsys.readouterr().out)["hits"]
    assert main(["index", str(tmp_path / "in"), "--index", where.url]) == 0
    assert json.loads(capsys.readouterr().out)["unchanged"] == 1
    assert main(["index", "--at", "abc", "--index", where.url]) == 2
    assert "keeps no earlier versions" in capsys.readouterr().err


async def test_a_kit_finds_passages_in_the_index_that_its_configuration_names(where: Place) -> None:
    store = where.open()
    await update_store(store, [source("lease", LEASE, matter="M1")], covered=lambda _: True)
    await store.aclose()
    config = Config.model_validate({"index": {"url": where.url}})
    found = as_retriever("index", config)
    mine = Task("ask", Limits(), Limits(), tenant="acme")
    assert found is not None
    for matter, count in (("M1", 1), ("M2", 0), ("", 0)):
        seen = seen_by(found, matter, mine)
        assert seen is not None
        assert len(await seen.retrieve(QUERIES[0], top_k=1)) == count
    await found.aclose()
    with pytest.raises(ConfigError, match=r"index\.url"):
        as_retriever("index", Config())
    with pytest.raises(UsageError, match="MODULE:NAME"):
        as_retriever("nowhere:nothing")
