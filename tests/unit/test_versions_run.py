"""Runs over documents that replace one another: what holds comes first, and what was replaced is marked."""

import json
from pathlib import Path

import pytest
from test_versions import FIRST, LEASE, RENEWED, RESTATED

from agentkit.app import AgentKit, Options
from agentkit.report import Report, ReportSuccessor
from agentkit.testing.fakes import ScriptedBackend
from agentkit.types import Prompt

NOTICE = "\n\n9. Notices\n\n9.1 Form of notice. Every notice shall be given in writing to the address above.\n"


def write(tmp_path: Path, **texts: str) -> list[Path]:
    paths = [tmp_path / f"{name}.txt" for name in texts]
    for path, text in zip(paths, texts.values(), strict=True):
        path.write_text(text)
    return paths


def answered(report: Report) -> list[tuple[str, bool]]:
    """Return each claim with the name of the only document it cites, and whether it was replaced."""
    names = [{report.sources[citation.source].path for citation in claim.citations} for claim in report.claims]
    assert all(len(cited) == 1 for cited in names), "no claim cites two versions"
    return [(cited.pop(), bool(claim.superseded_by)) for cited, claim in zip(names, report.claims, strict=True)]


@pytest.mark.parametrize("order", [("lease", "first"), ("first", "lease")])
def test_the_amended_rent_comes_first_and_the_old_one_is_marked(tmp_path: Path, order: tuple[str, str]) -> None:
    texts = {"lease": LEASE, "first": FIRST}
    report = AgentKit(home=tmp_path).ask_sync(
        write(tmp_path, **{name: texts[name] for name in order}), "What is the rent?"
    )
    found = answered(report)
    assert found[0] == ("first.txt", False)
    assert ("lease.txt", True) in found
    assert [replaced for _, replaced in found] == sorted(replaced for _, replaced in found)
    assert "$6,000" in report.claims[0].text
    newer = order.index("first")
    assert report.sources[order.index("lease")].superseded_by == [ReportSuccessor(newer, "amends", ["4.2"])]
    assert report.sources[newer].superseded_by == []


def test_the_restated_lease_answers_before_the_first_one(tmp_path: Path) -> None:
    report = AgentKit(home=tmp_path).ask_sync(write(tmp_path, lease=LEASE, restated=RESTATED), "What is the rent?")
    assert answered(report)[0] == ("restated.txt", False)
    assert report.claims[0].superseded_by == []
    old = [claim for claim in report.claims if claim.citations[0].source == 0]
    assert [claim.superseded_by for claim in old] == [[ReportSuccessor(1, "restates", [])]] * len(old)
    assert old


def test_of_two_versions_that_say_the_same_the_newer_one_answers(tmp_path: Path) -> None:
    paths = write(tmp_path, lease=LEASE + NOTICE, restated=RESTATED + NOTICE)
    report = AgentKit(home=tmp_path).ask_sync(paths, "How must a notice be given?")
    assert answered(report)[0] == ("restated.txt", False)


def test_a_later_version_stands_beside_the_earlier_one(tmp_path: Path) -> None:
    report = AgentKit(home=tmp_path).ask_sync(write(tmp_path, lease=LEASE, renewed=RENEWED), "What is the rent?")
    assert {name for name, _ in answered(report)} == {"lease.txt", "renewed.txt"}
    assert not any(claim.superseded_by for claim in report.claims)
    assert report.sources[0].superseded_by == [ReportSuccessor(1, "later_version", [])]


def test_a_summary_says_what_holds_before_what_was_replaced(tmp_path: Path) -> None:
    report = AgentKit(home=tmp_path).summarize_sync(write(tmp_path, lease=LEASE, first=FIRST))
    marks = [bool(claim.superseded_by) for claim in report.claims]
    assert marks == sorted(marks)
    rents = [claim for claim in report.claims if "rent of $" in claim.text]
    assert "$6,000" in rents[0].text


def test_a_limit_drops_what_was_replaced_first(tmp_path: Path) -> None:
    paths = write(tmp_path, lease=LEASE, first=FIRST)
    report = AgentKit(home=tmp_path).ask_sync(paths, "What is the rent?", options=Options(max_claims=1))
    assert answered(report) == [("first.txt", False)]


def test_a_claim_that_cites_both_versions_becomes_one_for_each(tmp_path: Path) -> None:
    def answer(prompt: Prompt) -> str:
        old, new = (next(p for p in prompt.passages if words in p.text) for words in ("$5,000", "$7,000"))
        cited = [
            {"passage": old.id, "quote": "Tenant shall pay a rent of $5,000 per month."},
            {"passage": new.id, "quote": "Tenant shall pay a rent of $7,000 per month."},
        ]
        text = "Tenant shall pay a rent of $7,000 per month."
        return json.dumps({"answered": True, "claims": [{"text": text, "citations": cited, "topic": ""}]})

    kit = AgentKit(model=ScriptedBackend(answer, json.dumps({"claims": []})), home=tmp_path)
    report = kit.ask_sync(write(tmp_path, lease=LEASE, restated=RESTATED), "What is the rent?")
    assert answered(report) == [("restated.txt", False)], (
        "the old version does not say so: the review removes that claim"
    )
    assert len(report.removed_claims) == 1
