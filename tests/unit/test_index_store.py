"""An index on disk: in step with its sources, whatever happens to them or to the one who writes it."""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from indexes import shelve

from agentkit.adapters.memory import postings
from agentkit.adapters.memory.corpus import Corpus, opened
from agentkit.adapters.memory.indexing import Cut, Outcome, Read, Source, update
from agentkit.adapters.memory.postings import Bag, Postings
from agentkit.adapters.memory.strings import Strings
from agentkit.cli.main import main
from agentkit.errors import DocumentError, OutputError, UsageError
from agentkit.indexed import Entry, Principal
from agentkit.searching import CorpusSearch

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def agentkit(capfd: pytest.CaptureFixture[str]) -> Run:
    def run(*arguments: str | Path) -> tuple[int, str, str]:
        code = main([str(argument) for argument in arguments])
        return code, *capfd.readouterr()

    return run


class Shelf:
    """Documents of one passage each, and a count of how often each was read."""

    def __init__(self, **texts: str) -> None:
        self.texts = texts
        self.reads: list[str] = []

    def sources(self) -> list[Source]:
        return [Source(f"/shelf/{name}", name, text, self._reader(text)) for name, text in self.texts.items()]

    def _reader(self, text: str) -> Read:
        def read(name: str) -> Cut:
            self.reads.append(name)
            if text == "broken":
                raise DocumentError(f"{name} is damaged.", name=name)
            if text == "kill":
                raise KeyboardInterrupt
            if text == "odd":
                raise RecursionError
            return Cut([Entry(f"{name}#0", name, "", 0, len(text), text)])

        return read

    def index(self, folder: Path) -> Outcome:
        self.reads.clear()
        return update(folder, self.sources(), covered=lambda key: key.startswith("/shelf/"))


def found(folder: Path, query: str) -> list[str]:
    return [hit.entry.id for hit in Corpus.load(folder).search(query, top_k=10)]


def test_what_is_unchanged_is_not_read_and_what_changed_is_read_alone(tmp_path: Path) -> None:
    shelf, folder = Shelf(a="a red door", b="a blue door"), tmp_path / "index"
    assert shelf.index(folder).read == 2
    assert (shelf.index(folder).unchanged, shelf.reads) == (2, [])
    shelf.texts["b"] = "a green door"
    outcome = shelf.index(folder)
    assert (outcome.read, outcome.unchanged, shelf.reads) == (1, 1, ["b"])
    assert found(folder, "green door")[0] == "b#0"
    assert found(folder, "blue") == []
    assert Corpus.load(folder).counts() == {"passages": 2, "documents": 2}


def test_what_is_gone_disappears_and_what_stands_elsewhere_stays(tmp_path: Path) -> None:
    shelf, folder = Shelf(a="a red door", b="a blue door"), tmp_path / "index"
    shelf.index(folder)
    other = Source("/elsewhere/a", "a", "x", lambda name: Cut([Entry(f"{name}#0", name, "", 0, 12, "a yellow car")]))
    update(folder, [other], covered=lambda key: key.startswith("/elsewhere/"))
    del shelf.texts["b"]
    assert shelf.index(folder).removed == 1
    assert found(folder, "blue") == []
    assert found(folder, "yellow car") == ["elsewhere/a#0"]  # two are called "a"
    assert found(folder, "red") == ["shelf/a#0"]


def test_a_broken_document_is_put_aside_with_its_reason_and_stops_nothing(tmp_path: Path) -> None:
    shelf, folder = Shelf(a="a red door", b="broken", c="odd", d="a blue door"), tmp_path / "index"
    outcome = shelf.index(folder)
    assert {row.key: row.reason for row in outcome.quarantined} == {
        "/shelf/b": "b is damaged.",
        "/shelf/c": "c could not be read: RecursionError.",
    }
    assert sorted(found(folder, "door")) == ["a#0", "d#0"]
    again = shelf.index(folder)
    assert (again.unchanged, shelf.reads, len(again.quarantined)) == (2, [], 2)
    shelf.texts |= {"b": "a mended door", "a": "broken"}
    assert [row.key for row in shelf.index(folder).quarantined] == ["/shelf/c", "/shelf/a"]
    assert sorted(found(folder, "door")) == ["b#0", "d#0"]
    shelf.texts = {"d": "a blue door"}
    assert shelf.index(folder).quarantined == []


def test_where_nothing_can_be_read_no_index_is_left(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="b is damaged"):
        Shelf(b="broken").index(tmp_path / "index")
    assert not (tmp_path / "index").exists()


def test_a_run_that_was_interrupted_leaves_the_old_index_and_the_next_repairs(tmp_path: Path) -> None:
    shelf, folder = Shelf(a="a red door"), tmp_path / "index"
    shelf.index(folder)
    shelf.texts |= {"a": "a white door", "b": "kill"}
    with pytest.raises(KeyboardInterrupt):
        shelf.index(folder)
    assert found(folder, "red door") == ["a#0"]
    shelf.texts["b"] = "a blue door"
    shelf.index(folder)
    assert sorted(found(folder, "white or blue door")) == ["a#0", "b#0"]
    assert found(folder, "red") == []


KILLED = """
import os, signal, sys
from pathlib import Path
from agentkit.adapters.memory.indexing import Cut, Source, update
from agentkit.indexed import Entry

calls = 0
def dying(doing):
    def done(*args):
        global calls
        calls += 1
        if calls == int(sys.argv[2]):
            os.kill(os.getpid(), signal.SIGKILL)
        return doing(*args)
    return done
os.fsync, Path.replace = dying(os.fsync), dying(Path.replace)
read = lambda name: Cut([Entry("new", name, "", 0, 10, "a new door")])
update(Path(sys.argv[1]), [Source("new", "new", "1", read, "acme")], covered=lambda _: True)
"""


def shelved(folder: Path, name: str, text: str) -> None:
    shelve(folder, [Entry(name, name, "", 0, len(text), text, matter="acme")])


ACME = Principal(matters=frozenset({"acme"}))


@pytest.mark.parametrize("moment", range(1, 11))
def test_a_writer_killed_at_any_moment_leaves_an_index_that_is_read_and_repaired(tmp_path: Path, moment: int) -> None:
    folder = tmp_path / "index"
    shelved(folder, "old", "an old door")
    old = Corpus.load(folder).version
    done = subprocess.run([sys.executable, "-c", KILLED, str(folder), str(moment)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert {hit.entry.id for hit in Corpus.load(folder).search("door", top_k=9, principal=ACME)} <= {"old", "new"}
    assert found(folder, "door") == []  # it is never open to everybody, not for a moment
    assert [entry.id for entry in Corpus.load(folder, version=old).entries(principal=ACME)] == ["old"]
    shelved(folder, "next", "the next door")
    assert [hit.entry.id for hit in Corpus.load(folder).search("door", top_k=9, principal=ACME)] == ["next"]
    assert [entry.id for entry in Corpus.load(folder, version=old).entries(principal=ACME)] == ["old"]
    assert {path.name for path in folder.iterdir() if not path.name.startswith("s-")} == {
        ".lock",
        ".guarded",
        "index.json",
        "versions",
    }
    manifests = [json.loads(path.read_text("utf-8")) for path in (folder / "index.json", *folder.glob("versions/*"))]
    assert {path.name for path in folder.glob("s-*")} == {name for row in manifests for name in row["segments"]}


async def test_who_searches_a_folder_again_reads_what_it_holds_now_and_only_what_is_theirs(tmp_path: Path) -> None:
    folder = tmp_path / "index"
    shelved(folder, "old", "an old door")
    search = CorpusSearch(folder)
    for _ in range(2):
        assert await search.retrieve("door", top_k=9) == []
        assert [one.id for one in await search.seen_by(ACME).retrieve("door", top_k=9)] == ["old"]
    assert opened(folder) is opened(folder)
    before = opened(folder)
    shelved(folder, "next", "the next door")
    assert [one.id for one in await search.seen_by(ACME).retrieve("door", top_k=9)] == ["next"]
    assert [one.id for one in opened(folder, version=before.version).entries(principal=ACME)] == ["old"]
    assert await search.retrieve("door", top_k=9) == []
    shutil.rmtree(folder)
    with pytest.raises(UsageError, match="no index"):
        await search.seen_by(ACME).retrieve("door", top_k=9)


def test_an_index_is_read_while_it_is_written(tmp_path: Path) -> None:
    folder = tmp_path / "index"
    shelf = Shelf(a="a red door", **{f"n{n}": "a door" for n in range(3)})
    shelf.index(folder)
    earlier = Corpus.load(folder)
    faults: list[BaseException] = []
    done = threading.Event()

    def read() -> None:
        try:
            while not done.is_set():
                assert found(folder, "red door")[0] == "a#0"
        except BaseException as error:  # noqa: BLE001  (told below)
            faults.append(error)

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(12):
        shelf.texts["n0"] = f"door number {number}"
        shelf.index(folder)
    done.set()
    reader.join()
    assert faults == []
    # What was opened before still answers, from what it was then.
    assert earlier.search("red door", top_k=1)[0].entry.id == "a#0"


TEXTS = st.dictionaries(st.sampled_from("abcdef"), st.lists(st.sampled_from("red blue door key".split()), min_size=1))


@settings(max_examples=30)
@given(st.lists(TEXTS, min_size=1, max_size=11))
def test_an_index_kept_in_step_finds_what_one_made_anew_finds(states: list[dict[str, list[str]]]) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        for state in states:
            Shelf(z="a red key", **{name: " ".join(row) for name, row in state.items()}).index(Path(scratch) / "kept")
        Shelf(z="a red key", **{name: " ".join(row) for name, row in states[-1].items()}).index(Path(scratch) / "new")
        kept, new = (
            {h.entry.id: round(h.ranked.score, 4) for h in Corpus.load(Path(scratch) / name).search("red key", top_k=9)}
            for name in ("kept", "new")
        )
        assert kept == new


TEXTS = st.lists(st.tuples(st.text(st.characters(), max_size=3), st.booleans()), max_size=6)


@given(st.lists(TEXTS, max_size=3))
def test_texts_joined_are_those_that_were_kept(parts: list[list[tuple[str, bool]]]) -> None:
    joined = Strings.merged(
        [(Strings.of(text for text, _ in part), np.array([stays for _, stays in part], np.bool_)) for part in parts]
    )
    assert list(joined) == [text for part in parts for text, stays in part if stays]


BAGS = st.lists(st.dictionaries(st.sampled_from("pqrst"), st.integers(1, 90), max_size=4), max_size=6)


def indexed(bags: list[dict[str, int]]) -> Postings:
    return Postings.of(map(Bag.of, bags))


@given(BAGS.filter(bool), st.data())
def test_what_was_indexed_of_some_rows_is_given_back(bags: list[dict[str, int]], data: st.DataObject) -> None:
    rows = sorted(data.draw(st.sets(st.integers(0, len(bags) - 1), min_size=1)))
    found = indexed(bags).bags(np.array(rows, np.int64))
    for row, bag in zip(rows, found, strict=True):
        given_ = Bag.of({term: min(count, 63) for term, count in bags[row].items()})
        assert dict(zip(bag.terms, bag.counts, strict=True)) == dict(zip(given_.terms, given_.counts, strict=True))
        assert bag.length == sum(bags[row].values())


@given(BAGS, BAGS, st.integers(0, 6), st.integers(0, 12), st.sampled_from([2, 1 << 20]))
def test_indexes_joined_are_the_index_of_all_they_keep(
    one: list[dict[str, int]], two: list[dict[str, int]], low: int, high: int, stretch: int
) -> None:
    keep = [np.array([place % 2 == 0 for place in range(len(bags))], np.bool_) for bags in (one, two)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(postings, "_STRETCH", stretch)  # so many of a term are joined at a time
        joined = Postings.merged([(indexed(one), keep[0]), (indexed(two), keep[1])])
    bags = one[::2] + two[::2]
    for term in "pqrst":
        expected = [(row, min(bag[term], 63)) for row, bag in enumerate(bags) if term in bag and low <= row < high]
        rows, counts = joined.find(term, low, high)
        assert list(zip(rows.tolist(), counts.tolist(), strict=True)) == expected


def test_a_damaged_index_is_said_to_be_and_made_anew(tmp_path: Path) -> None:
    shelf, folder = Shelf(a="a red door"), tmp_path / "index"
    shelf.index(folder)
    for path in folder.glob("s-*"):
        path.write_bytes(path.read_bytes()[:-500])
    with pytest.raises(UsageError, match="damaged"):
        Corpus.load(folder)
    (folder / "index.json").write_text("{", encoding="utf-8")
    with pytest.raises(UsageError, match="damaged"):
        Corpus.load(folder)
    shelf.index(folder)
    assert found(folder, "door") == ["a#0"]


def test_an_index_goes_into_no_folder_of_other_things(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("x", encoding="utf-8")
    with pytest.raises(OutputError, match="is not empty and holds no index"):
        Shelf(a="a red door").index(tmp_path)
    assert os.listdir(tmp_path) == ["mine.txt"]


def test_a_folder_is_indexed_again_file_by_file(agentkit: Run, tmp_path: Path) -> None:
    matter, index = tmp_path / "matter", tmp_path / "index"
    (matter / "annex").mkdir(parents=True)
    (matter / "lease.txt").write_text("1. Rent. The Tenant pays a rent of 900 pounds a month.\n", encoding="utf-8")
    (matter / "annex/lease.txt").write_text("1. Dogs. The Tenant keeps no more than two dogs.\n", encoding="utf-8")
    (matter / "scan.pdf").write_bytes(b"%PDF-1.4 and nothing else")
    code, out, err = agentkit("index", matter, "--index", index)
    told = json.loads(out)
    assert (code, told["documents"]) == (0, 2)
    assert [Path(row["path"]).name for row in told["quarantined"]] == ["scan.pdf"]
    assert err.startswith("agentkit: left out: ")
    assert "scan.pdf" in err
    (matter / "annex/lease.txt").unlink()
    (matter / "scan.pdf").unlink()
    code, out, err = agentkit("index", matter, "--index", index)
    told = json.loads(out)
    version = told.pop("version")
    counts = {"passages": 1, "documents": 1, "unchanged": 1, "removed": 1, "kept_passages": 1, "removed_passages": 1}
    assert (code, told, err) == (0, counts, "")
    _, out, _ = agentkit("search", "--index", index, "--query", "how much is the rent", "--explain", "--format", "json")
    (hit,) = json.loads(out)["hits"]
    assert json.loads(out)["version"] == version
    assert (hit["section"], hit["locator"], hit["page"], hit["kind"]) == ("1 Rent", "§ 1", None, "body")
    assert hit["version"] == hashlib.sha256((matter / "lease.txt").read_bytes()).hexdigest()
    text = (matter / "lease.txt").read_text("utf-8")
    assert "900 pounds" in text[hit["start"] : hit["end"]]
    assert sum(hit["explain"]["components"].values()) == pytest.approx(hit["score"], abs=1e-4)
    _, out, _ = agentkit("search", "--index", index, "--query", "how much is the rent", "--explain")
    assert "rent (rent)" in out
