"""Who may see what is in a store: what others may see leaves no trace, in no number, name, order or message."""

import json
from pathlib import Path

import pytest
from places import Place, document, put

from agentkit.cli.main import main
from agentkit.errors import RetrievalError
from agentkit.indexed import Principal, StoreQuery
from agentkit.searching import StoreSearch
from agentkit.stored import Row, Where, row_id

ANN = Principal("ann", frozenset({"M1"}))
BEN = Principal("ben", frozenset({"M2"}))
NOBODY = Principal("nobody")
RENT = "The rent of nine hundred pounds is due on the first."
HANGAR = "The zeppelin hangar is sold for a secret rent."
NOTE = "Offices close at noon, and the rent is due."


def written(folder: Path, name: str, text: str) -> str:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text + "\n", encoding="utf-8")
    return str(folder)


def test_unlabelled_documents_beside_guarded_ones_are_refused(
    where: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mine, note = written(tmp_path / "m1", "lease.txt", RENT), written(tmp_path / "in", "note.txt", NOTE)
    # An empty store and one that is for everybody take what nothing is said of.
    assert main(["index", note, "--index", where.url]) == 0
    assert main(["index", mine, "--index", where.url, "--matter", "M1"]) == 0
    other = written(tmp_path / "more", "other.txt", HANGAR)
    capsys.readouterr()
    assert main(["index", other, "--index", where.url]) == 2
    assert "say who may see these with --matter, --label or --everyone" in capsys.readouterr().err
    assert main(["search", "--index", where.url, "--matter", "M1", "--query", "zeppelin", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["hits"] == []
    assert main(["index", other, "--index", where.url, "--everyone"]) == 0


async def test_a_guarded_document_that_comes_later_closes_a_store_that_is_open_to_nobody(where: Place) -> None:
    reader, writer = where.open(), None
    try:
        await put(reader, document("note.txt"), NOTE)
        assert not await reader.is_guarded()
        search = StoreSearch(reader)
        assert await search.retrieve("rent", top_k=3)
        # Through the same store where only one may be open.
        writer = where.open() if where.url.startswith(("lancedb", "postgresql", "redis")) else reader
        await put(writer, document("lease.txt", matter="M1"), RENT)
        assert await reader.is_guarded()
        assert await search.retrieve("rent", top_k=3) == []
        assert [one.text for one in await search.seen_by(NOBODY).retrieve("rent", top_k=3)] == [NOTE]
        await writer.remove([document("lease.txt").key])
        assert not await reader.is_guarded()
        assert await search.retrieve("rent", top_k=3)
    finally:
        await reader.aclose()
        if writer not in (None, reader):
            await writer.aclose()


@pytest.mark.parametrize("who", [ANN, BEN, NOBODY, None])
async def test_no_path_tells_of_what_others_may_see(where: Place, who: Principal | None) -> None:
    store = where.open()
    await put(store, document("lease.txt", matter="M1"), RENT, "The tenant repairs the roof.")
    await put(store, document("M2/hangar.txt", matter="M2"), HANGAR, "A hangar is built.", RENT)
    await put(store, document("board.txt", labels=("board",)), HANGAR, NOTE)
    search = StoreSearch(store, principal=who)
    may_see = {ANN: ["lease.txt"], BEN: ["M2/hangar.txt"]}.get(who, []) if who else []
    for named in (None, "lease.txt", "M2/hangar.txt", "board.txt", "nowhere.txt"):
        for query in ("rent", "Consider the Hangar Zeppelin: what is the rent?", "§ 1", "zeppelin hangar"):
            found = await search.search(query, top_k=9, document=named)
            assert {one.entry.document for one in found} <= set(may_see)
            if named not in may_see and named is not None:
                assert found == []
            for one in found:
                assert {entry.document for entry in await search.document_of(one)} <= set(may_see)
    for asked in (
        StoreQuery({"rent": 1.0}, principal=who, document="board.txt"),
        StoreQuery({}, principal=who, document="board.txt"),
        StoreQuery({}, principal=who, reference={"hangar": 1.0, "zeppelin": 1.0}),
    ):
        assert {entry.document for entry in await store.candidates(asked)} <= set(may_see)
    await store.aclose()


async def test_what_another_matter_holds_asks_nothing_more_of_the_store(where: Place) -> None:
    """A document that is not there and one that may not be seen are the same questions, so they take the same time."""
    store = where.open()
    await put(store, document("lease.txt", matter="M1"), RENT)
    await put(store, document("hangar.txt", matter="M2"), *(f"{HANGAR} {number}" for number in range(30)))
    asked = list[object]()
    rows, get = store.table.rows, store.table.get

    async def counted_rows(where: Where, /, *, limit: int | None) -> list[tuple[str, str]]:
        found = await rows(where, limit=limit)
        asked.append((where.kind, where.walls, limit, len(found)))
        return found

    async def counted_get(ids: list[str], /) -> object:
        asked.append(("get", len(ids)))
        return await get(ids)

    store.table.rows, store.table.get = counted_rows, counted_get  # pyright: ignore[reportAttributeAccessIssue]
    seen = list[list[object]]()
    for name in ("hangar.txt", "nowhere.txt"):
        asked.clear()
        assert await StoreSearch(store, principal=ANN).search("rent", top_k=3, document=name) == []
        seen.append(list(asked))
    assert seen[0] == seen[1]
    await store.aclose()


async def test_a_wall_that_says_something_else_closes_the_store(where: Place) -> None:
    store = where.open()
    await put(store, document("lease.txt", matter="M1"), RENT)
    (row, _), *_ = await store.table.rows(Where("wall"), limit=None)
    await store.table.put([Row(row, "wall", "", body=json.dumps(["", []]))])
    for who in (None, ANN, NOBODY):
        with pytest.raises(RetrievalError, match="damaged"):
            await StoreSearch(store, principal=who).retrieve("rent", top_k=3)
    assert row != row_id("wall", "")
    await store.aclose()


def test_the_command_line_says_the_same_of_a_document_one_may_not_see_as_of_none(
    where: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for matter, text in (("M1", RENT), ("M2", HANGAR)):
        folder = written(tmp_path / matter, "lease.txt", text)
        assert main(["index", folder, "--index", where.url, "--matter", matter]) == 0
    lines = tmp_path / "queries.jsonl"
    names = ("M2/lease.txt", "M3/lease.txt", "lease.txt")
    rows = [{"id": 1, "query": "rent", "document": name} for name in names]
    lines.write_text("".join(json.dumps(row) + "\n" for row in rows))
    for who in (["--matter", "M1"], ["--label", "board"], []):
        capsys.readouterr()
        assert main(["search", "--index", where.url, "--queries", str(lines), *who, "--explain"]) == 0
        told = capsys.readouterr()
        assert len(set(told.out.splitlines())) == 1
        assert told.err == ""
