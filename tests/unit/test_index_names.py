"""What documents of an index are called does not depend on which came first."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentkit.adapters.memory.corpus import Corpus
from agentkit.cli.main import main
from agentkit.indexed import Known, Principal
from agentkit.naming import distinct

Run = Callable[..., dict[str, object]]
EVERYBODY = Principal("all", frozenset({"acme"}))


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Run:
    def command(*arguments: str | Path) -> dict[str, object]:
        assert main([str(argument) for argument in arguments]) == 0
        return json.loads(capfd.readouterr().out)

    return command


def shelf(folder: Path) -> tuple[Path, Path]:
    """Return two leases of one name in two folders."""
    paths = folder / "2019" / "lease.txt", folder / "2020" / "lease.txt"
    for path, rent in zip(paths, (900, 950), strict=True):
        path.parent.mkdir(parents=True)
        path.write_text(f"1. Rent. The rent of the depot is {rent} pounds.\n")
    return paths


def held(index: Path) -> dict[str, tuple[str, str]]:
    """Return the names, ids and texts of an index's documents."""
    entries = Corpus.load(index).entries(principal=EVERYBODY)
    return {entry.document: (entry.id, entry.text.strip()) for entry in entries}


def test_two_files_of_one_name_are_called_the_same_whichever_came_first(run: Run, tmp_path: Path) -> None:
    old, new = shelf(tmp_path / "here")
    expected = {
        "2019/lease.txt": ("2019/lease.txt#0", "1. Rent. The rent of the depot is 900 pounds."),
        "2020/lease.txt": ("2020/lease.txt#0", "1. Rent. The rent of the depot is 950 pounds."),
    }
    versions = set[object]()
    for name, runs in (("a", [[old, new]]), ("b", [[old], [new]]), ("c", [[new], [old]]), ("d", [[new, old]])):
        told = [run("index", *paths, "--index", tmp_path / name) for paths in runs]
        versions.add(told[-1]["version"])
        assert held(tmp_path / name) == expected
        assert told[-1].get("new_passages", 0) == 3 - len(runs), "a document that is renamed is none that is new"
    for path in shelf(tmp_path / "there" / "deep"):
        run("index", path, "--index", tmp_path / "e")
    versions.add(run("index", tmp_path / "there", "--index", tmp_path / "e")["version"])
    assert len(versions) == 1, "the same on another machine"


def test_a_file_that_is_alone_again_goes_by_its_name(run: Run, tmp_path: Path) -> None:
    old, new = shelf(tmp_path / "here")
    index = tmp_path / "index"
    alone = run("index", new, "--index", tmp_path / "alone")["version"]
    run("index", tmp_path / "here", "--index", index)
    old.unlink()
    assert run("index", tmp_path / "here", "--index", index)["version"] == alone
    assert list(held(index)) == ["lease.txt"]
    assert [hit.entry.document for hit in Corpus.load(index).search("rent of the depot", top_k=3)] == ["lease.txt"]


def test_a_name_tells_nothing_of_another_matter(run: Run, tmp_path: Path) -> None:
    old, new = shelf(tmp_path / "here")
    run("index", old, "--index", tmp_path / "index", "--matter", "acme")
    run("index", new, "--index", tmp_path / "index", "--everyone")
    assert set(held(tmp_path / "index")) == {"acme/lease.txt", "lease.txt"}


FILES = st.lists(
    st.lists(st.sampled_from(["a", "b", "acme"]), max_size=3).map(lambda parts: "/".join(["", *parts, "x.txt"])),
    unique=True,
    max_size=6,
)


@given(FILES, st.sets(st.sampled_from(["/a/y.txt", "/acme/x.txt#1"])), st.randoms())
def test_names_differ_and_depend_on_nothing_but_what_there_is(
    files: list[str], others: set[str], random: Random
) -> None:
    known = [Known(path, "x.txt", "") for path in files]
    known += [Known(path, "acme/x.txt", "", "acme") for path in sorted(others)]
    names = distinct(known)
    assert len(set(names.values())) == len(known)
    random.shuffle(known)
    again = [replace(one, name=names[one.key], called="" if names[one.key] == one.name else one.name) for one in known]
    assert distinct(again) == names
    assert all(key.endswith(name) or not key.endswith("x.txt") for key, name in names.items() if "acme/" not in name)
