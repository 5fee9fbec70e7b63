"""The command line where things go wrong or are unusual: bad lines, pipes, faults, unfinished runs, every format."""

import io
import json
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from indexes import shelve

from agentkit.adapters.memory.corpus import Corpus
from agentkit.cli.main import main
from agentkit.cli.session import Progress
from agentkit.indexed import Entry

LEASE = """LEASE

1. Rent. The Tenant shall pay the Landlord rent of $2,500 per month on the first day of each month.

2. Law. This lease is governed by the laws of the State of Oregon.
"""
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def agentkit(capfdbinary: pytest.CaptureFixture[bytes]) -> Run:
    """Run a command; return the exit code, standard output and standard error."""

    def run(*arguments: str | Path) -> tuple[int, str, str]:
        code = main([str(argument) for argument in arguments])
        out, err = capfdbinary.readouterr()
        return code, out.decode("utf-8", "surrogateescape"), err.decode("utf-8")

    return run


@pytest.fixture
def lease(tmp_path: Path) -> Path:
    path = tmp_path / "lease.txt"
    path.write_text(LEASE, encoding="utf-8")
    return path


class _Standard:
    """Standard input that holds the given bytes."""

    def __init__(self, data: bytes) -> None:
        self.buffer = io.BytesIO(data)


@pytest.mark.parametrize("format", ["md", "html", "docx"])
def test_a_format_is_printed_and_nothing_else(format: str, agentkit: Run, lease: Path) -> None:  # noqa: A002
    code, out, err = agentkit("ask", lease, "--question", "How much is the rent?", "--format", format)
    begins = {"md": "# ", "html": "<!doctype html>", "docx": "PK"}[format]
    assert (code, err) == (0, "")
    assert out.lower().startswith(begins.lower())


def test_the_version_is_printed(agentkit: Run) -> None:
    code, out, err = agentkit("--version")
    assert (code, err) == (0, "")
    assert out.strip().count(".") == 2


def test_without_a_command_the_help_is_shown(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> None:
    monkeypatch.setattr(sys, "argv", ["agentkit"])
    assert main() == 2
    assert "summarize" in "".join(capsys.readouterr())


def test_a_run_the_budget_ended_is_listed_continued_and_deleted(
    agentkit: Run, lease: Path, monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    assert agentkit("runs")[1] == "No runs yet.\n"
    monkeypatch.setenv("AGENTKIT_BUDGET__CALLS", "1")
    assert agentkit("summarize", lease)[0] == 5
    assert agentkit("summarize", lease)[0] == 5
    code, listed, _ = agentkit("runs")
    ids = [line.split()[0] for line in listed.splitlines()]
    assert code == 0
    assert listed.count("failed") == listed.count("(continue with --resume)") == 2
    monkeypatch.delenv("AGENTKIT_BUDGET__CALLS")
    lease.unlink()
    code, out, _ = agentkit("runs", "--resume", ids[0], "--format", "json")
    assert (code, json.loads(out)["run_id"]) == (0, ids[0])
    assert agentkit("runs", "--delete", ids[1]) == (0, "", "")
    assert "--resume" not in agentkit("runs")[1]
    assert not list((home / "runs").glob("*.run"))


def test_a_docx_is_not_written_to_a_terminal(
    agentkit: Run, lease: Path, monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    code, out, err = agentkit("summarize", lease, "--format", "docx")
    assert (code, out) == (2, "")
    assert "redirect it to a file, or use --out DIR" in err
    assert not home.exists()


@pytest.mark.parametrize(("fault", "code", "sentence"), [
    (KeyboardInterrupt(), 130, "agentkit: Interrupted.\n"),
    (RuntimeError("words of the lease"), 1, "agentkit: This is a fault of agentkit: RuntimeError. Set "),
])  # fmt: skip
def test_whatever_ends_a_command_becomes_one_sentence(
    fault: BaseException, code: int, sentence: str, agentkit: Run, lease: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(fallback: tuple[int, int]) -> None:
        raise fault

    monkeypatch.setattr(shutil, "get_terminal_size", fail)
    ended, out, err = agentkit("summarize", lease)
    assert (ended, out) == (code, "")
    assert err.startswith(sentence)
    assert err.count("\n") == 1
    assert "words of the lease" not in err


def test_a_fault_is_located_where_that_is_asked_for(
    agentkit: Run, lease: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "get_terminal_size", lambda _: (_, _)[2])
    monkeypatch.setenv("AGENTKIT_TRACEBACK", "1")
    code, _, err = agentkit("summarize", lease)
    assert code == 1
    assert "Traceback" in err
    assert "IndexError" in err


BAD_LINES = {
    "not json": "Line 2 is not JSON.",
    "[" * 100_000: "Line 2 is not JSON.",
    '["x"]': "Line 2 is not a JSON object.",
    '{"id": 7}': "Line 2 has no text under text.",
    '{"id": 7, "text": 5}': "Line 2 has no text under text.",
    '{"id": 7, "text": "\\ud800"}': "Line 2 holds text that is not valid Unicode.",
}


@pytest.mark.parametrize("line", BAD_LINES, ids=range(len(BAD_LINES)))
@pytest.mark.parametrize("command", ["check", "redact"])
def test_a_bad_line_is_named_and_the_others_are_answered(
    command: str, line: str, agentkit: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = ['{"id": 1, "text": "The rent is due."}', line, "", '{"id": 3, "text": "It is paid."}']
    monkeypatch.setattr(sys, "stdin", _Standard("\n".join(rows).encode()))
    code, out, _ = agentkit(command, "--jsonl")
    first, bad, last = (json.loads(row) for row in out.splitlines())
    assert code == 2
    assert bad["error"] == BAD_LINES[line]
    assert ([first["id"], last["id"]], [first["text"], last["text"]]) == ([1, 3], ["The rent is due.", "It is paid."])


def test_a_text_comes_from_standard_input_and_must_be_utf_8(agentkit: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", _Standard("Où ? À a@b.example.".encode()))
    code, out, _ = agentkit("redact")
    assert (code, json.loads(out)["text"]) == (0, "Où ? À <EMAIL_ADDRESS_1>.")
    monkeypatch.setattr(sys, "stdin", _Standard("Où ?".encode("latin-1")))
    code, out, err = agentkit("check", "-")
    assert (code, out) == (2, "")
    assert err == "agentkit: The text is not UTF-8: for a document, use agentkit text FILE first.\n"


@pytest.mark.parametrize("command", ["check", "redact", "review"])
def test_a_missing_file_of_lines_is_named(command: str, agentkit: Run, tmp_path: Path) -> None:
    code, out, err = agentkit(command, tmp_path / "absent.jsonl")
    assert (code, out) == (2, "")
    assert err.endswith("absent.jsonl.\n")


PASSAGES = [
    {"id": "a", "document": "one", "title": "Rent", "text": "The rent is due in May."},
    {"id": "b", "document": "two", "title": "Dogs", "text": "The tenant may keep one dog."},
]


def lines(path: Path, *rows: object) -> Path:
    path.write_text("\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows), encoding="utf-8")
    return path


def test_passages_that_are_cut_already_are_indexed_and_searched(agentkit: Run, tmp_path: Path) -> None:
    index = tmp_path / "index"
    code, out, _ = agentkit("index", "--passages", lines(tmp_path / "p.jsonl", *PASSAGES, ""), "--index", index)
    told = json.loads(out)
    assert (code, told["passages"], told["documents"]) == (0, 2, 2)
    code, out, _ = agentkit("search", "--index", index, "--query", "dog", "--format", "json")
    assert [hit["id"] for hit in json.loads(out)["hits"]] == ["b"]
    code, out, _ = agentkit("search", "--index", index, "--query", "dog")
    assert "two 0-28\n" in out
    assert "The tenant may keep one dog." in out
    queries = lines(tmp_path / "q.jsonl", {"id": 1, "query": "rent"}, {"id": 2}, {"id": 3, "query": "interest",
        "document": "two"})  # fmt: skip
    code, out, _ = agentkit("search", "--index", index, "--queries", queries)
    one, two, three = (json.loads(line) for line in out.splitlines())
    assert code == 2
    assert one["hits"][0]["id"] == "a"
    assert two == {"id": 2, "error": "Line 2 has no query."}
    assert three["hits"] == []


def bad_corpora(folder: Path) -> dict[str, tuple[list[str | Path], str]]:
    damaged = folder / "damaged"
    damaged.mkdir()
    (damaged / "passages.jsonl").write_text('{"format": "agentkit.index/0"}\n', encoding="utf-8")
    taken = folder / "taken"
    taken.mkdir()
    (taken / "mine.txt").write_text("x", encoding="utf-8")
    good = lines(folder / "good.jsonl", *PASSAGES)
    no_id = lines(folder / "noid.jsonl", {"text": "x"})
    broken = lines(folder / "broken.jsonl", PASSAGES[0], "{")
    array = lines(folder / "list.jsonl", "[]")
    return {
        "no directory": (["index", good], "Say where the index goes: --index DIR, or index.url"),
        "nothing to index": (["index", "--index", folder / "new"], "Say what to read: documents or folders"),
        "no passages file": (["index", "--passages", folder / "no", "--index", folder / "new"], "There is no file"),
        "broken line": (
            ["index", "--passages", broken, "--index", folder / "new"],
            "broken.jsonl, line 2 is not JSON.",
        ),
        "not an object": (["index", "--passages", array, "--index", folder / "new"], "line 1 is not a JSON object."),
        "no id": (["index", "--passages", no_id, "--index", folder / "new"], 'Passage 1 needs an "id" and a "text".'),
        "taken": (["index", "--passages", good, "--index", taken], "is not empty and holds no index"),
        "damaged": (["search", "--index", damaged, "--query", "x"], "is damaged or of another version"),
        "no query": (["search", good], "Say what to look for"),
    }


@pytest.mark.parametrize("kind", [
    "no directory", "nothing to index", "no passages file", "broken line", "not an object", "no id", "taken",
    "damaged", "no query",
])  # fmt: skip
def test_a_mistake_about_an_index_is_one_sentence(kind: str, agentkit: Run, tmp_path: Path) -> None:
    arguments, sentence = bad_corpora(tmp_path)[kind]
    if kind == "no query":
        arguments = ["search", "--index", tmp_path / "index"]
        agentkit("index", "--passages", tmp_path / "good.jsonl", "--index", tmp_path / "index")
    code, out, err = agentkit(*arguments)
    assert (code, out) == (2, "")
    assert sentence in err
    assert not (tmp_path / "new").exists()


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1, max_size=3))
def test_an_index_gives_back_any_text(texts: list[str]) -> None:
    entries = [Entry(str(place), "d", "", 0, len(text), text) for place, text in enumerate(texts)]
    with tempfile.TemporaryDirectory() as folder:
        shelve(Path(folder) / "index", entries)
        held = Corpus.load(Path(folder) / "index").entries()
        assert [replace(entry, version="") for entry in held] == entries


def test_progress_names_node_part_and_item_and_clears_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    progress = Progress(enabled=True)
    progress({"event": "run_started", "run_id": "r1"})
    progress({"event": "node_started", "node": "read"})
    progress({"event": "node_started", "node": "summarize", "total": 3, "item": "Rent"})
    progress({"event": "node_finished", "node": "summarize", "total": 3})
    progress({"event": "node_started", "node": "summarize", "total": 3})
    progress({"event": "report"})
    said = capsys.readouterr().err.split("\r\x1b[K")
    assert said == ["", "reading …", "writing 1 of 3 (Rent) …", "writing 2 of 3 …", ""]


def test_a_key_belongs_to_one_tenant(agentkit: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("KEY_OF_ONE", "KEY_OF_TWO"):
        monkeypatch.setenv(name, "the-same-key-for-both")
    code, out, err = agentkit("serve", "--key", "one=os.environ/KEY_OF_ONE", "--key", "two=os.environ/KEY_OF_TWO")
    assert (code, out) == (2, "")
    assert "Two tenants have the same key" in err
    assert "the-same-key-for-both" not in err
