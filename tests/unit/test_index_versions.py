"""Versions of an index: named by what it holds, kept, searched, and taken up again."""

import json
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from indexes import shelve

from agentkit.adapters.memory.corpus import Corpus
from agentkit.adapters.memory.held import Held
from agentkit.adapters.memory.indexing import Cut, Source, restore, update
from agentkit.cli.main import main
from agentkit.errors import UsageError
from agentkit.indexed import Entry, Known, version_of

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def agentkit(capfd: pytest.CaptureFixture[str]) -> Run:
    def run(*arguments: str | Path) -> tuple[int, str, str]:
        code = main([str(argument) for argument in arguments])
        out, err = capfd.readouterr()
        return code, out, err

    return run


def made(folder: Path, **texts: str) -> str:
    return shelve(folder, [Entry(f"{n}#0", n, "", 0, len(text), text) for n, text in texts.items()]).version


def texts(folder: Path, version: str | None = None) -> list[str]:
    return sorted(entry.text for entry in Corpus.load(folder, version=version).entries())


def test_the_version_says_what_is_held_whatever_the_order_of_runs(tmp_path: Path) -> None:
    once = made(tmp_path / "one", a="red", b="blue")
    made(tmp_path / "two", b="blue", c="green")
    made(tmp_path / "two", b="blue")
    assert made(tmp_path / "two", b="blue", a="red") == once
    assert made(tmp_path / "two", b="blue", a="white") != once
    documents = [Known("k", "n", "s", "m", ("y", "x")), Known("k2", "n2", "s2")]
    assert version_of(documents) == version_of([documents[1], Known("k", "n", "s", "m", ("x", "y"))])
    assert version_of(documents) != version_of([documents[1], Known("k", "n", "s", "m", ("x",))])
    assert version_of(documents) == version_of([documents[0], Known("/elsewhere/k2", "n2", "s2")])


DOCUMENTS = st.builds(
    Known, st.sampled_from("abcdef"), st.sampled_from("nm"), st.text(max_size=2), st.sampled_from("xy")
)


@given(st.lists(st.one_of(DOCUMENTS, st.sampled_from("abcdef")), max_size=40))
def test_the_version_of_what_came_and_went_is_that_of_what_is_there(changes: list[Known | str]) -> None:
    held, expected, seen = Held(), dict[str, Known](), {version_of([])}
    for change in changes:
        if isinstance(change, Known):
            held.put(change, "s", 0)
            expected[change.key] = change
        else:
            held.pop(change)
            expected.pop(change, None)
        seen.add(held.version())
        assert held.version() == version_of(reversed(expected.values()))
    assert len(seen) > 1 or not any(isinstance(change, Known) for change in changes)


def test_an_earlier_version_is_searched_and_taken_up_again(tmp_path: Path) -> None:
    folder = tmp_path / "index"
    first, second, third = (made(folder, a=text) for text in ("a red door", "a blue door", "a green door"))
    assert texts(folder, first) == ["a red door"]
    assert texts(folder, second[:8]) == ["a blue door"]
    assert restore(folder, first).version == first
    assert (texts(folder), Corpus.load(folder).version) == (["a red door"], first)
    assert texts(folder, third) == ["a green door"]
    assert made(folder, a="a green door") == third
    assert [texts(folder, version) for version in (first, second)] == [["a red door"], ["a blue door"]]


def test_so_many_versions_stay_as_are_kept_and_the_rest_takes_no_space(tmp_path: Path) -> None:
    folder = tmp_path / "index"
    versions = [made(folder, a=f"door {number}", b="a window") for number in range(9)]
    assert [texts(folder, version)[1] for version in versions[3:]] == [f"door {number}" for number in range(3, 9)]
    with pytest.raises(UsageError, match=r"holds no version .*; it holds") as caught:
        texts(folder, versions[2])
    assert versions[3][:12] in str(caught.value)
    update(folder, [], covered=lambda _: False, keep=1)
    assert len(list((folder / "versions").iterdir())) == 1
    update(folder, [], covered=lambda _: False, keep=0)
    assert list((folder / "versions").iterdir()) == []
    named = set(json.loads((folder / "index.json").read_text("utf-8"))["segments"])
    assert {path.name for path in folder.glob("s-*")} == named


def test_a_copy_of_the_folder_is_the_same_corpus(tmp_path: Path) -> None:
    folder = tmp_path / "index"
    first = made(folder, a="a red door")
    second = made(folder, a="a blue door")
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and "s-" in path.parent.name}
    made(folder, a="a green door")
    assert {path: path.read_bytes() for path in before} == before  # what DVC has stored once is never written again
    shutil.copytree(folder, tmp_path / "copy")
    shutil.rmtree(folder)
    assert [texts(tmp_path / "copy", version) for version in (None, first, second)] == [
        ["a green door"],
        ["a red door"],
        ["a blue door"],
    ]
    assert made(tmp_path / "copy", a="a green door") == Corpus.load(tmp_path / "copy").version


def test_a_reader_of_an_earlier_version_is_not_disturbed_by_writers(tmp_path: Path) -> None:
    folder = tmp_path / "index"
    first = made(folder, a="a red door")
    faults: list[BaseException] = []
    done = threading.Event()

    def read() -> None:
        try:
            while not done.is_set():
                assert texts(folder, first) == ["a red door"]
        except BaseException as error:  # noqa: BLE001  (told below)
            faults.append(error)

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(12):
        made(folder, a=f"door {number}")
        restore(folder, first)
    done.set()
    reader.join()
    assert faults == []


def test_what_was_written_half_way_is_no_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agentkit.adapters.memory.indexing._BATCH_CHARS", 1)
    folder = tmp_path / "index"
    first = made(folder, a="a red door")

    def stop(_: str) -> Cut:
        raise KeyboardInterrupt

    sources = [
        Source("b", "b", "1", lambda name: Cut([Entry("b#0", name, "", 0, 4, "blue")])),
        Source("c", "c", "1", stop),
    ]
    with pytest.raises(KeyboardInterrupt):
        update(folder, sources, covered=lambda _: True)
    assert texts(folder, first) == ["a red door"]
    second = made(folder, a="a white door")
    assert json.loads((folder / "index.json").read_text("utf-8"))["kept"] == [first]
    assert texts(folder, second) == ["a white door"]


def test_commands_name_the_version_and_go_back_to_it(agentkit: Run, tmp_path: Path) -> None:
    lease, index = tmp_path / "lease.txt", tmp_path / "index"
    lease.write_text("The rent is 900 pounds.\n", encoding="utf-8")
    first = json.loads(agentkit("index", lease, "--index", index)[1])["version"]
    lease.write_text("The rent is 950 pounds.\n", encoding="utf-8")
    agentkit("index", lease, "--index", index)
    _, out, _ = agentkit("search", "--index", index, "--query", "rent", "--at", first[:12], "--format", "json")
    assert json.loads(out)["version"] == first
    _, out, _ = agentkit("search", "--index", index, "--query", "rent", "--at", first[:12])
    assert "900 pounds" in out
    code, out, _ = agentkit("index", "--index", index, "--at", first)
    assert (code, json.loads(out)) == (0, {"passages": 1, "documents": 1, "version": first})
    assert "900 pounds" in agentkit("search", "--index", index, "--query", "rent")[1]
    code, out, err = agentkit("index", lease, "--index", index, "--at", first)
    assert (code, out) == (2, "")
    assert "leave out the documents" in err
    for version in ("", first[:7], "0" * 12):
        code, out, err = agentkit("index", "--index", index, "--at", version)
        assert (code, out) == (2, "")
        assert "holds no version" in err
