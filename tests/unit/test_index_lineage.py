"""What replaces a document in an index is told whether or not the words of a question find it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_versions import FIRST, PARTIES, RENEWED, RESTATED, SECOND
from test_versions import LEASE as SUITE

from agentkit.adapters.memory import segment
from agentkit.cli import replacing
from agentkit.cli.main import main
from agentkit.indexed import Entry
from agentkit.legal import lineages
from agentkit.legal.lineages import Lineages, written_of

Run = Callable[..., tuple[int, str, str]]
LEASE = SUITE.replace("The deposit is", "The deposit for the Premises is")
SILENT = f"""SECOND AMENDMENT TO LEASE AGREEMENT

This Second Amendment to Lease Agreement is made as of May 1, 2022, by and between {PARTIES} and amends the Lease
Agreement dated January 5, 2019.

1. Section 4.1 of the Lease is hereby deleted and replaced with: "Nothing is owed under it."
"""
QUESTION = "What is the deposit for the Premises?"


@pytest.fixture
def run(capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    monkeypatch.setenv("AGENTKIT_HOME", str(tmp_path / "home"))

    def command(*arguments: str | Path) -> tuple[int, str, str]:
        code = main([str(argument) for argument in arguments])
        out, err = capfdbinary.readouterr()
        return code, out.decode(), err.decode()

    return command


@pytest.fixture
def library(run: Run, tmp_path: Path) -> Callable[..., Path]:
    """Index documents among many deposits of others."""

    def make(*options: str, **texts: str) -> Path:
        folder = tmp_path / "documents"
        folder.mkdir(exist_ok=True)
        for number in range(30):
            (folder / f"other{number}.txt").write_text(
                f"LICENCE AGREEMENT\n\nThis Licence Agreement is made as of March {number + 1}, 2018, by and between "
                f'Firm{number} Ltd ("Licensor") and Shop{number} Inc ("Licensee").\n\n'
                f"3.1 Deposit. The deposit for stand {number} is ${number}00.\n"
            )
        for name, text in texts.items():
            (folder / f"{name}.txt").write_text(text)
        code, _, err = run("index", folder, "--index", tmp_path / "index", *options)
        assert (code, err) == (0, "")
        return tmp_path / "index"

    return make


def answered(run: Run, index: Path, *options: str) -> dict[str, Any]:
    code, out, err = run("ask", QUESTION, "--index", index, "--format", "json", *options)
    assert code in (0, 4), err
    return json.loads(out)


def replaced(report: dict[str, Any]) -> list[tuple[str, tuple[str, ...]]]:
    """Return what the claims on the deposit say of what replaced them."""
    names = [source["path"] for source in report["sources"]]
    return [
        (names[later["source"]], tuple(later["sections"]))
        for claim in report["claims"]
        if "$9,000" in claim["text"]
        for later in claim.get("superseded_by", [])
    ]


def test_an_answer_from_a_clause_that_an_amendment_replaced_says_so(run: Run, library: Callable[..., Path]) -> None:
    index = library(lease=LEASE, second=SILENT)
    found = json.loads(run("search", "--index", index, "--query", QUESTION, "--format", "json", "--top-k", "10")[1])
    assert "second.txt" not in {hit["document"] for hit in found["hits"]}, "its words are not asked for"
    report = answered(run, index)
    assert replaced(report) == [("second.txt", ("4.1",))]
    lease = next(source for source in report["sources"] if source["path"] == "lease.txt")
    assert [later["relation"] for later in lease["superseded_by"]] == ["amends"]


def test_an_amendment_that_is_indexed_later_or_gone_again_counts_as_the_index_does(
    run: Run, library: Callable[..., Path], tmp_path: Path
) -> None:
    index = library(lease=LEASE)
    assert replaced(answered(run, index)) == []
    library(second=SILENT)
    version = json.loads((index / "index.json").read_text())["version"]
    assert replaced(answered(run, index)) == [("second.txt", ("4.1",))]
    (tmp_path / "documents" / "second.txt").unlink()
    library()
    assert replaced(answered(run, index)) == []
    assert replaced(answered(run, index, "--at", version)) == [("second.txt", ("4.1",))]


def test_an_amendment_that_one_may_not_see_is_not_told(run: Run, library: Callable[..., Path], tmp_path: Path) -> None:
    index = library("--matter", "acme", lease=LEASE)
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "second.txt").write_text(SILENT)
    assert run("index", secret, "--index", index, "--matter", "acme", "--label", "board")[0] == 0
    asked = answered(run, index, "--matter", "acme")
    assert "$9,000" in json.dumps(asked["claims"])
    assert "second" not in json.dumps(asked)
    assert "Nothing is owed" not in json.dumps(asked)
    hits = run("search", "--index", index, "--query", QUESTION, "--format", "json", "--matter", "acme")[1]
    assert "second" not in hits
    sees = answered(run, index, "--matter", "acme", "--label", "board")
    assert replaced(sees) == [("acme[board]/second.txt", ("4.1",))]


def test_a_hit_is_marked_by_a_look_up_and_no_document_is_read_for_it(
    run: Run, library: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    index, read = library(lease=LEASE, second=SILENT, restated=RESTATED), list[int]()

    def reading(entries: list[Entry]) -> str:
        read.append(len(entries))
        return written_of(entries)

    for module in (segment, replacing, lineages):
        monkeypatch.setattr(module, "written_of", reading)
    _, out, _ = run("search", "--index", index, "--query", QUESTION, "--format", "json", "--top-k", "1")
    (hit,) = json.loads(out)["hits"]
    assert (hit["document"], hit["locator"]) == ("lease.txt", "§ 4.1")
    assert {later["document"]: later["relation"] for later in hit["superseded_by"]} == {
        "second.txt": "amends",
        "restated.txt": "restates",
    }
    assert read == []


def test_a_restated_agreement_answers_before_the_one_it_restates(run: Run, library: Callable[..., Path]) -> None:
    restated = RESTATED + "\n4.1 Deposit. The deposit for the Premises is $8,000.\n"
    report = answered(run, library(lease=LEASE, restated=restated))
    texts = [claim["text"] for claim in report["claims"]]
    assert "$8,000" in texts[0]
    assert set(replaced(report)) <= {("restated.txt", ())}


@pytest.mark.parametrize("text", [LEASE, FIRST, SECOND, RESTATED, RENEWED, SILENT, "The rent is 900.", "x"])
def test_what_a_document_says_it_is_comes_back_as_it_was(text: str) -> None:
    written = written_of([Entry("d#0", "d", "", 0, len(text), text)])
    edition = lineages.read_edition(written, 3)
    identity = lineages.identify(text)
    if edition is None:
        assert not identity.parties
        return
    assert edition.source == 3
    assert edition.identity.form == identity.form
    assert (edition.identity.title, edition.identity.parties) == (identity.title, identity.parties)
    assert (edition.identity.day, edition.identity.number) == (identity.day, identity.number)
    assert (edition.identity.changes, edition.identity.sections) == (identity.changes, identity.sections)
    assert all(text[at:].lower().startswith(("section", "clause", "article")) for _, at in edition.changes)


@given(st.permutations([("lease", LEASE), ("first", FIRST), ("second", SECOND), ("renewed", RENEWED)]))
def test_which_document_replaces_which_does_not_depend_on_their_order(order: list[tuple[str, str]]) -> None:
    kept = {name: written_of([Entry("d#0", name, "", 0, len(text), text)]) for name, text in order}
    found = Lineages(kept)
    assert {one.document for one in found.successors("lease")} == {"first", "second"}
    assert {one.document for one in found.successors("first")} == {"second"}
    assert found.successors("renewed") == []
