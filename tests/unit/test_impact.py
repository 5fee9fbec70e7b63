"""What a changed document means for the reports that rest on it."""

import json
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentkit.cli.main import main
from agentkit.impact.finding import Changed
from agentkit.records.citations import FILE, Citations

LEASE = """LEASE

1. Rent
The Tenant pays a rent of 900 EUR per month.

2. Notice
Either party may terminate this lease with three months notice in writing.
"""


@pytest.fixture
def reports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    monkeypatch.chdir(tmp_path)
    lease = tmp_path / "lease.txt"
    lease.write_text(LEASE)
    main(["ask", "lease.txt", "--question", "What is the rent?", "--out", "rent", "--matter", "acme"])
    main(["ask", "lease.txt", "--question", "How can the lease be terminated?", "--out", "notice"])
    capsys.readouterr()
    return lease


def impact(capsys: pytest.CaptureFixture[str], *options: str) -> tuple[int, dict[str, str], dict[str, object]]:
    code = main(["impact", "--format", "json", *options])
    told = json.loads(capsys.readouterr().out)
    return code, {Path(row["path"]).name: row["state"] for row in told["reports"]}, told


def test_a_contradicted_claim_and_one_that_moved_are_told_apart(
    reports: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert impact(capsys, "--matter", "acme")[:2] == (0, {"rent": "unchanged", "notice": "unchanged"})
    before = Path("rent/report.json").read_bytes()
    reports.write_text(
        LEASE.replace("900", "950").replace("2. Notice", "2. Deposit\nThree rents.\n\n3. Notice"), encoding="utf-8"
    )
    assert impact(capsys, "--matter", "acme")[:2] == (4, {"rent": "contradicted", "notice": "still_true"})
    assert json.loads(Path("rent/report.status.json").read_text(encoding="utf-8"))["state"] == "contradicted"
    assert Path("rent/report.json").read_bytes() == before
    reports.write_text(LEASE, encoding="utf-8")
    assert impact(capsys, "--matter", "acme")[:2] == (0, {"rent": "unchanged", "notice": "unchanged"})
    assert json.loads(Path("rent/report.status.json").read_text(encoding="utf-8"))["state"] == "unchanged"


def test_a_report_of_a_matter_is_told_to_nobody_else(reports: Path, capsys: pytest.CaptureFixture[str]) -> None:
    reports.unlink()
    assert impact(capsys)[:2] == (4, {"notice": "stale"})
    assert impact(capsys, "--matter", "other")[1] == {"notice": "stale"}


def test_a_limit_that_came_around_the_words_makes_a_claim_stale(
    reports: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    limited = LEASE.replace("in writing.", "in writing, unless the Landlord objects.")
    reports.write_text(limited, encoding="utf-8")
    code, states, _ = impact(capsys)
    assert (code, states["notice"]) == (4, "stale")


def test_a_draft_is_compared_by_its_name_and_an_index_by_where_it_came_from(
    reports: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    draft = tmp_path / "draft" / "lease.txt"
    draft.parent.mkdir()
    draft.write_text(LEASE.replace("three months", "six months"))
    assert impact(capsys, "--path", str(draft))[:2] == (4, {"notice": "contradicted"})
    main(["index", "lease.txt", "--index", "library"])
    capsys.readouterr()
    assert impact(capsys, "--index", "library")[:2] == (0, {"notice": "unchanged"})


def test_a_report_that_was_deleted_is_said_and_no_text_is_kept(
    reports: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.rmtree("notice")
    code, states, told = impact(capsys)
    assert (code, states, len(told["unreadable"])) == (0, {}, 1)
    data = (home / FILE).read_bytes()
    assert b"registered" in data
    assert not [
        word for word in (b"lease.txt", b"notice", b"900 EUR", b"three months", b"terminate", b"acme") if word in data
    ]


def test_a_replaced_report_takes_the_place_of_the_old_one(reports: Path, home: Path) -> None:
    main(["ask", "lease.txt", "--question", "What is the rent?", "--out", "notice", "--force"])
    assert len(Citations(home).reports()) == 2


def test_a_report_on_guarded_documents_of_an_index_is_listed_for_those_who_may_see_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    lease = tmp_path / "lease.txt"
    lease.write_text(LEASE)
    who = ["--matter", "acme", "--label", "board"]
    main(["index", "lease.txt", "--index", "library", *who])
    question = "What is the rent per month?"
    main(["ask", "--index", "library", "--question", question, "--out", "rent", *who])
    capsys.readouterr()
    assert impact(capsys, "--index", "library", *who)[:2] == (0, {"rent": "unchanged"})
    for others in ([], ["--matter", "acme"], ["--label", "board"], ["--matter", "other", "--label", "board"]):
        assert impact(capsys, "--index", "library", *others)[1] == {}
    lease.write_text(LEASE.replace("900", "950"))
    main(["index", "lease.txt", "--index", "library", *who])
    capsys.readouterr()
    assert impact(capsys, "--index", "library", *who)[:2] == (4, {"rent": "contradicted"})
    lease.unlink()
    (tmp_path / "other.txt").write_text("1. Pets\nThere are no pets.\n")
    main(["index", "other.txt", "--index", "elsewhere", "--everyone"])
    capsys.readouterr()
    code, states, told = impact(capsys, "--index", "elsewhere", *who)
    assert (code, states, len(told["unknown"])) == (0, {}, 1)
    assert "lease.txt" in told["unknown"][0]["documents"][0]


WORDS = st.lists(st.sampled_from(["rent", "notice", "months", "9", "19", "lease", "party."]), min_size=1, max_size=12)


@given(WORDS, WORDS, WORDS, st.data())
def test_words_that_only_moved_are_found_where_they_are(
    first: list[str], moved: list[str], last: list[str], data: st.DataObject
) -> None:
    before = " ".join([*first, *moved, *last])
    start = len(" ".join(first)) + 1
    end = start + len(" ".join(moved))
    order = data.draw(st.permutations(["\n".join(first), "\n".join(moved), " ".join(last)]))
    now = "\n\n".join(order)
    found = Changed(before, now).found(start, end)
    assert found is not None
    assert now[found[0] : found[1]].split() == before[start:end].split()
