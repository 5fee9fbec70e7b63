"""`agentkit search` and `agentkit ask` over an index: what was replaced stands after what replaced it, marked."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from test_versions import FIRST, LEASE, RESTATED

from agentkit.cli.main import main

Run = Callable[..., tuple[int, str, str]]
LATER = {"document": "first.txt", "relation": "amends", "sections": ["4.2"]}


@pytest.fixture
def run(capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Run a command; return the exit code, standard output and standard error."""
    monkeypatch.setenv("AGENTKIT_HOME", str(tmp_path / "home"))

    def command(*arguments: str | Path) -> tuple[int, str, str]:
        code = main([str(argument) for argument in arguments])
        out, err = capfdbinary.readouterr()
        return code, out.decode(), err.decode()

    return command


@pytest.fixture
def index(run: Run, tmp_path: Path) -> Callable[..., Path]:
    def make(**texts: str) -> Path:
        folder = tmp_path / "documents"
        folder.mkdir()
        for name, text in texts.items():
            (folder / f"{name}.txt").write_text(text)
        assert run("index", folder, "--index", tmp_path / "index")[0] == 0
        return tmp_path / "index"

    return make


def hits(run: Run, index: Path, query: str) -> list[dict[str, Any]]:
    code, out, _ = run("search", "--index", index, "--query", query, "--format", "json")
    assert code == 0
    return json.loads(out)["hits"]


def test_the_hit_of_the_amendment_comes_before_the_one_it_replaced(run: Run, index: Callable[..., Path]) -> None:
    shown = hits(run, index(lease=LEASE, first=FIRST), "monthly rent")
    rents = [
        hit for hit in shown if (hit["document"], hit["locator"]) in {("first.txt", "§ 1"), ("lease.txt", "§ 4.2")}
    ]
    assert [(hit["document"], hit.get("superseded_by")) for hit in rents] == [
        ("first.txt", None),
        ("lease.txt", [LATER]),
    ]
    assert rents[1]["score"] > rents[0]["score"], "by its words alone it would be the first"


def test_a_section_that_was_not_replaced_keeps_its_place(run: Run, index: Callable[..., Path]) -> None:
    shown = hits(run, index(lease=LEASE, first=FIRST), "deposit")
    assert (shown[0]["document"], shown[0].get("superseded_by")) == ("lease.txt", None)


def test_a_restated_lease_stands_before_every_hit_of_the_first_one(run: Run, index: Callable[..., Path]) -> None:
    shown = hits(run, index(lease=LEASE, restated=RESTATED), "Suite 4 rent per month")
    names = [hit["document"] for hit in shown]
    assert "restated.txt" in names
    assert "lease.txt" in names
    assert names.index("restated.txt") < names.index("lease.txt")
    assert all((hit.get("superseded_by") is not None) == (hit["document"] == "lease.txt") for hit in shown)


def test_lines_of_queries_are_marked_as_well(run: Run, index: Callable[..., Path], tmp_path: Path) -> None:
    folder = index(lease=LEASE, first=FIRST)
    queries = tmp_path / "queries.jsonl"
    rows = [{"id": 1, "query": "monthly rent"}, {"id": 2, "query": "monthly rent", "document": "lease.txt"}]
    queries.write_text("\n".join(map(json.dumps, rows)))
    code, out, _ = run("search", "--index", folder, "--queries", queries)
    both, alone = (json.loads(line)["hits"] for line in out.splitlines())
    assert code == 0
    assert [hit["superseded_by"] for hit in both if "superseded_by" in hit] == [[LATER]]
    assert [hit["superseded_by"] for hit in alone if "superseded_by" in hit] == [[LATER]], "found or not, it is known"


def test_the_terminal_says_what_replaced_a_hit(run: Run, index: Callable[..., Path]) -> None:
    _, out, _ = run("search", "--index", index(lease=LEASE, first=FIRST), "--query", "monthly rent")
    assert out.count("replaced by first.txt, § 4.2") == 1


def test_a_question_is_asked_of_an_index_in_words_alone(run: Run, index: Callable[..., Path]) -> None:
    folder = index(lease=LEASE, first=FIRST)
    for arguments in (["What is the rent?"], ["--question", "What is the rent?"]):
        code, out, _ = run("ask", *arguments, "--index", folder)
        assert code == 0
        assert out.index("$6,000") < out.index("$5,000") < out.index("replaced by first.txt, § 4.2")


def test_a_configured_index_answers_where_no_document_is_named(
    run: Run, index: Callable[..., Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AGENTKIT_INDEX__URL", str(index(lease=LEASE)))
    assert "$9,000" in run("ask", "What is the deposit?")[1]
    code, out, _ = run("ask", tmp_path / "documents", "--question", "What is the deposit?")
    assert code == 0
    assert "Index" not in out, "documents that are named are what is read"


def test_an_earlier_version_of_an_index_answers_as_it_did(run: Run, index: Callable[..., Path], tmp_path: Path) -> None:
    folder = index(lease=LEASE)
    version = json.loads((folder / "index.json").read_text())["version"]
    (tmp_path / "documents" / "lease.txt").write_text(LEASE.replace("$9,000", "$9,999"))
    assert run("index", tmp_path / "documents", "--index", folder)[0] == 0
    assert "$9,999" in run("ask", "What is the deposit?", "--index", folder)[1]
    out = run("ask", "What is the deposit?", "--index", folder, "--at", version[:12])[1]
    assert "$9,000" in out
    assert f"version {version[:12]}" in out


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["documents", "--question", "Who?", "--index", "idx"], "Name documents, or the index to ask, and not both."),
        (["--question", "Who?"], "Say what to read: documents or folders, or an index with --index DIR."),
        (["--index", "idx"], "The question is empty: give one in quotes, or with --question."),
        (["Who?", "--index", "idx"], "There is no index in idx"),
        (["documents", "--question", "Who?", "--at", "12345678"], "--as and --at are about an index"),
    ],
)
def test_a_mistake_is_one_sentence(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, arguments: list[str], sentence: str
) -> None:
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents" / "lease.txt").write_text(LEASE)
    monkeypatch.chdir(tmp_path)
    code, out, err = run("ask", *arguments)
    assert (code, out) == (2, "")
    assert sentence in err
    assert err.count("\n") == 1
