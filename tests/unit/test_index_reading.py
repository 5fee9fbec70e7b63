"""Reading many files into an index: in several processes, and with what harms one of them put aside."""

import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from indexes import breaks, hangs, stumbles

from agentkit.adapters.memory.corpus import Corpus
from agentkit.adapters.memory.indexing import Cut, Outcome, Reader, Source, one_by_one, update
from agentkit.adapters.memory.parallel import in_processes
from agentkit.adapters.memory.parsing import passages_of
from agentkit.cli.ingesting import Ingestion, choose_reader, sizes_of
from agentkit.cli.main import main
from agentkit.indexed import Entry

LEASE = Path(__file__).parents[2] / "examples" / "documents" / "lease.pdf"
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def agentkit(capfd: pytest.CaptureFixture[str]) -> Run:
    def run(*arguments: str | Path) -> tuple[int, str, str]:
        code = main([str(argument) for argument in arguments])
        out, err = capfd.readouterr()
        return code, out, err

    return run


def folder_of(root: Path, count: int) -> list[Path]:
    for number in range(count):
        text = f"Lease {number}\n\n1. Rent. The Tenant pays {number}00 pounds.\n\n2. Term. {number + 1} years.\n"
        (root / f"{number}.txt").write_text(text * (1 + 40 * (number % 3)), encoding="utf-8")
    return sorted(root.glob("*.txt"))


def source(path: Path) -> Source:
    return Source(str(path), path.name, str(path), partial(passages_of, path, password=None, max_chars=1200))


def indexed(folder: Path, sources: list[Source], reader: Reader) -> tuple[Outcome, list[Entry]]:
    return update(folder, sources, covered=lambda _: True, reader=reader), Corpus.load(folder).entries()


def test_an_index_does_not_depend_on_how_many_processes_read(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    sources = [source(path) for path in folder_of(tmp_path / "docs", 9)]
    (alone, one), (two, both) = (
        indexed(tmp_path / name, sources, reader) for name, reader in (("a", one_by_one), ("b", in_processes(2)))
    )
    assert alone == two
    assert one == both
    assert one[0].id == "0.txt#0"


def test_a_file_that_breaks_or_hangs_its_reader_is_put_aside_and_the_rest_is_read(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    good = [source(path) for path in folder_of(tmp_path / "docs", 3)]
    bad = [Source(f"/{read.__name__}", f"{read.__name__}.pdf", "1", read) for read in (breaks, hangs, stumbles)]
    outcome, entries = indexed(tmp_path / "index", [*bad, *good], in_processes(2, hang_s=1.0))
    assert {row.key: row.reason for row in outcome.quarantined} == {
        "/breaks": "breaks.pdf could not be read: it broke the process that read it (SIGSEGV).",
        "/hangs": "hangs.pdf could not be read: it was not done after 1 seconds.",
        "/stumbles": "stumbles.pdf could not be read: RecursionError.",
    }
    assert {entry.document for entry in entries} == {"0.txt", "1.txt", "2.txt"}


def test_only_so_many_documents_are_read_ahead(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    asked: list[str] = []

    def sources() -> Iterator[Source]:
        for path in folder_of(tmp_path / "docs", 20):
            asked.append(path.name)
            yield source(path)

    reading = iter(in_processes(1)(sources()))
    next(reading)
    assert len(asked) <= 5
    assert len(list(reading)) == 19


def test_a_document_whose_name_is_taken_is_named_by_its_path_whoever_reads_it(tmp_path: Path) -> None:
    for name in ("a/lease.txt", "b/lease.txt"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(f"The rent of {name}.", encoding="utf-8")
    sources = [source(tmp_path / name) for name in ("a/lease.txt", "b/lease.txt")]
    _, entries = indexed(tmp_path / "index", sources, in_processes(1))
    assert sorted(entry.id for entry in entries) == ["a/lease.txt#0", "b/lease.txt#0"]


def test_a_command_reads_in_as_many_processes_as_it_is_told(agentkit: Run, tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    folder_of(tmp_path / "docs", 3)
    code, out, err = agentkit("index", tmp_path / "docs", "--index", tmp_path / "index", "--jobs", "2")
    assert (code, json.loads(out)["documents"], err) == (0, 3, "")
    again = json.loads(agentkit("index", tmp_path / "docs", "--index", tmp_path / "other")[1])
    assert again == json.loads(out)


def test_a_little_plain_text_is_read_here_and_all_else_in_processes(tmp_path: Path) -> None:
    files = folder_of(tmp_path, 2)
    assert choose_reader(files, sizes_of(files), None) is one_by_one
    assert choose_reader(files, sizes_of(files), 1) is not one_by_one
    assert choose_reader([*files, tmp_path / "a.pdf"], sizes_of(files), None) is not one_by_one


def test_a_terminal_sees_how_far_it_is_and_a_pipe_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = folder_of(tmp_path, 3)
    sources = [Source(str(path), path.name, "1", lambda _: Cut([])) for path in files]
    for shown in (True, False):
        progress = Ingestion(sizes_of(files), shown)
        reader = progress.watched(one_by_one)
        assert [one.name for one, _ in reader(progress.along(sources))] == ["0.txt", "1.txt", "2.txt"]
        assert (progress.done, progress.read, progress.read_bytes) == (3, 3, sum(sizes_of(files).values()))
        progress.close()
        out, err = capsys.readouterr()
        assert out == ""
        assert ("read 3 of 3 documents in" in err) is shown
        assert (err == "") is not shown


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_file_that_is_cut_off_is_read_as_far_as_it_goes_and_named(agentkit: Run, tmp_path: Path, jobs: str) -> None:
    whole = LEASE.read_bytes()
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "half.pdf").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "docs" / "whole.pdf").write_bytes(whole)
    arguments = ["index", tmp_path / "docs", "--index", tmp_path / "index", "--jobs", jobs]
    code, out, err = agentkit(*arguments)
    told = json.loads(out)
    assert (code, told["documents"]) == (0, 2)
    assert "agentkit: half.pdf: The file is cut off before its end" in err
    assert [Path(row["path"]).name for row in told["warnings"]] == ["half.pdf"]


def test_what_is_looked_for_and_asked_may_be_said_without_an_option(agentkit: Run, tmp_path: Path) -> None:
    folder_of(tmp_path, 2)
    agentkit("index", tmp_path / "0.txt", "--index", tmp_path / "index")
    by_option = agentkit("search", "--index", tmp_path / "index", "--query", "what is the rent")
    assert by_option[0] == 0
    assert agentkit("search", "what is the rent", "--index", tmp_path / "index") == by_option
    assert agentkit("search", tmp_path / "0.txt", "what is the rent") == by_option
    code, out, _ = agentkit("ask", "What is the rent?", tmp_path / "1.txt", "--format", "json")
    assert (code, json.loads(out)["task"]["question"]) == (0, "What is the rent?")
    assert "missing.txt does not exist" in agentkit("search", tmp_path / "missing.txt", "what is the rent")[2]
