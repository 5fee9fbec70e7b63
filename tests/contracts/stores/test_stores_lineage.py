"""What replaces a document in a store is told whether or not the words of a question find it."""

import json
import sys
from pathlib import Path

import pytest
from places import Place

from agentkit.cli.main import main

sys.path.insert(0, str(Path(__file__).parents[2] / "unit"))
from test_index_lineage import LEASE, QUESTION, SILENT


def test_an_amendment_in_a_store_is_told_to_those_who_may_see_it(
    where: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AGENTKIT_HOME", str(tmp_path / "home"))
    for name, text in (("lease", LEASE), ("second", SILENT)):
        (tmp_path / f"{name}.txt").write_text(text)
    at = ["--index", where.url]
    assert main(["index", str(tmp_path / "lease.txt"), *at, "--matter", "acme"]) == 0
    assert main(["index", str(tmp_path / "second.txt"), *at, "--matter", "acme", "--label", "board"]) == 0

    def told(*command: str) -> str:
        capfd.readouterr()
        assert main([*command, *at, "--matter", "acme", "--format", "json"]) in (0, 4)
        return capfd.readouterr().out

    search = ["search", "--query", QUESTION, "--top-k", "1"]
    assert "superseded_by" not in told(*search)
    (hit,) = json.loads(told(*search, "--label", "board"))["hits"]
    later = {"document": "acme[board]/second.txt", "relation": "amends", "sections": ["4.1"]}
    assert (hit["document"], hit["superseded_by"]) == ("acme/lease.txt", [later])
    assert "second" not in told("ask", QUESTION)
    report = json.loads(told("ask", QUESTION, "--label", "board"))
    names = [source["path"] for source in report["sources"]]
    (claim,) = [claim for claim in report["claims"] if "$9,000" in claim["text"]]
    assert [names[one["source"]] for one in claim["superseded_by"]] == ["acme[board]/second.txt"]
