import dataclasses
import json
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from report_samples import LEASE, lease_report, report_citing

from agentkit.errors import OutputError, UsageError
from agentkit.rendering import check_writable, load_report, source_file, write_report
from agentkit.rendering.exchange import exchange, exchange_in_steps

NAMES = ["report.docx", "report.html", "report.json", "report.md", "sources"]


def _content(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file()}


def test_a_report_is_written_whole_and_nothing_beside_it(tmp_path: Path) -> None:
    written = write_report(lease_report(), tmp_path / "out", force=False)
    assert sorted(entry.name for entry in (tmp_path / "out").iterdir()) == NAMES
    assert sorted(written) == sorted(file for file in (tmp_path / "out").rglob("*") if file.is_file())
    assert [entry.name for entry in tmp_path.iterdir()] == ["out"]


def test_missing_parents_are_made(tmp_path: Path) -> None:
    write_report(lease_report(), tmp_path / "a" / "b" / "out", force=False)
    assert (tmp_path / "a" / "b" / "out" / "report.json").exists()


def test_source_files_hold_the_exact_text_that_offsets_count_in(tmp_path: Path) -> None:
    text = "a\r\nb\rc\n\u2028d\ufeff é 契 \x00 \U0001f600 end"
    write_report(report_citing(text, [(0, 4)]), tmp_path / "out", force=False)
    data = json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8"))
    kept = (tmp_path / "out" / data["sources"][0]["text"]).read_bytes().decode("utf-8")
    citation = data["claims"][0]["citations"][0]
    assert kept == text
    assert kept[citation["start"] : citation["end"]] == citation["quote"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
@given(text=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60), cut=st.integers(0, 60))
def test_a_report_comes_back_as_it_was(tmp_path: Path, text: str, cut: int) -> None:
    report = report_citing(text, [(min(cut, len(text) - 1), len(text))])
    write_report(report, tmp_path / "out", force=True)
    assert load_report(tmp_path / "out") == report


def test_a_full_report_comes_back_from_its_directory_or_its_json(tmp_path: Path) -> None:
    write_report(lease_report(), tmp_path / "out", force=False)
    expected = dataclasses.replace(lease_report(), page_starts=[])
    assert load_report(tmp_path / "out") == expected
    assert load_report(tmp_path / "out" / "report.json") == expected


def test_what_exists_is_kept_unless_forced(tmp_path: Path) -> None:
    write_report(lease_report(), tmp_path / "out", force=False)
    with pytest.raises(OutputError, match="--force"):
        check_writable(tmp_path / "out", force=False)
    with pytest.raises(OutputError, match="--force"):
        write_report(report_citing(LEASE, []), tmp_path / "out", force=False)
    assert load_report(tmp_path / "out").run_id == "run-1"
    write_report(report_citing(LEASE, []), tmp_path / "out", force=True)
    assert load_report(tmp_path / "out").run_id == "r"
    assert not (tmp_path / "out" / "sources" / "01-s.txt").exists(), "nothing of the old report stays"


def test_an_empty_directory_may_be_replaced_by_force(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    write_report(lease_report(), tmp_path / "out", force=True)
    assert load_report(tmp_path / "out").run_id == "run-1"


@pytest.mark.parametrize("held", [["thesis.txt"], ["report.json", "thesis.txt"], ["report.md"]])
def test_a_directory_that_is_not_a_report_is_never_replaced(tmp_path: Path, held: list[str]) -> None:
    out = tmp_path / "out"
    out.mkdir()
    for name in held:
        (out / name).write_text("mine", encoding="utf-8")
    with pytest.raises(OutputError, match="even with --force"):
        write_report(lease_report(), out, force=True)
    assert sorted(entry.name for entry in out.iterdir()) == held


@pytest.mark.parametrize("place", ["taken", "taken/out", "taken/deep/out"])
def test_a_file_in_the_way_is_refused(tmp_path: Path, place: str) -> None:
    (tmp_path / "taken").write_text("mine", encoding="utf-8")
    for force in (False, True):
        with pytest.raises(OutputError, match="Cannot write the report"):
            check_writable(tmp_path / place, force=force)
    assert (tmp_path / "taken").read_text(encoding="utf-8") == "mine"


def test_the_root_of_the_disk_is_refused() -> None:
    with pytest.raises(OutputError):
        check_writable(Path("/"), force=True)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_place_without_permission_is_refused_early(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(OutputError, match="does not let us write"):
        check_writable(tmp_path / "out", force=False)
    tmp_path.chmod(0o700)


def _impossible() -> list[object]:
    report = lease_report()
    endless = dataclasses.replace(report.sources[0], text=f"sources/{'契' * 200}.txt")
    return [
        dataclasses.replace(report, sources=[endless, report.sources[1]]),  # the file system refuses such a name
        dataclasses.replace(report, texts=["half \ud800 pair", report.texts[1]]),
    ]


@pytest.mark.parametrize("number", [0, 1])
def test_what_cannot_be_written_leaves_no_trace(tmp_path: Path, number: int) -> None:
    broken = _impossible()[number]
    with pytest.raises(OutputError):
        write_report(broken, tmp_path / "new" / "out", force=False)
    assert list(tmp_path.iterdir()) == []
    write_report(lease_report(), tmp_path / "out", force=False)
    before = _content(tmp_path / "out")
    with pytest.raises(OutputError):
        write_report(broken, tmp_path / "out", force=True)
    assert _content(tmp_path / "out") == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("calls", range(1, 9))
def test_an_interruption_at_any_moment_leaves_a_whole_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, calls: int
) -> None:
    write_report(lease_report(), tmp_path / "out", force=False)
    old = _content(tmp_path / "out")
    other = report_citing(LEASE, [(0, 5)])
    write_report(other, tmp_path / "other", force=False)
    new = _content(tmp_path / "other")
    left = iter(range(calls - 1))
    flush = os.fsync

    def interrupted(descriptor: int) -> None:
        if next(left, None) is None:
            raise KeyboardInterrupt
        flush(descriptor)

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", interrupted)
        with pytest.raises(KeyboardInterrupt):
            write_report(other, tmp_path / "out", force=True)
    assert _content(tmp_path / "out") in (old, new)
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["other", "out"]


def test_what_a_killed_process_left_behind_is_swept_away(tmp_path: Path) -> None:
    stale, fresh, foreign = (
        tmp_path / name for name in (".out.0123456789ab.part", ".out.ba9876543210.part", ".out.part")
    )
    for folder in (stale, fresh, foreign):
        folder.mkdir()
        (folder / "report.json").touch()
    long_ago = time.time() - 90_000
    os.utime(stale, (long_ago, long_ago))
    os.utime(foreign, (long_ago, long_ago))
    write_report(lease_report(), tmp_path / "out", force=False)
    assert sorted(entry.name for entry in tmp_path.iterdir()) == [".out.ba9876543210.part", ".out.part", "out"]


@pytest.mark.parametrize("change", [exchange, exchange_in_steps])
def test_two_directories_change_places(tmp_path: Path, change: object) -> None:
    for name in ("new", "old"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "is").write_text(name, encoding="utf-8")
    change(tmp_path / "new", tmp_path / "old")
    assert {entry.name: (entry / "is").read_text(encoding="utf-8") for entry in tmp_path.iterdir()} == {
        "new": "old",
        "old": "new",
    }


def test_if_the_new_one_cannot_come_the_old_one_stays(tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    with pytest.raises(OSError, match="missing"):
        exchange(tmp_path / "missing", tmp_path / "old")
    assert [entry.name for entry in tmp_path.iterdir()] == ["old"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("lease.pdf", "sources/00-lease.txt"),
        ("../../etc/passwd", "sources/00-passwd.txt"),
        ("a\x00b\n<c>.docx", "sources/00-a_b_c_.txt"),
        ("Vertrag über Öl.md", "sources/00-Vertrag über Öl.txt"),
        ("", "sources/00-document.txt"),
        ("x" * 400 + ".txt", f"sources/00-{'x' * 80}.txt"),
    ],
)
def test_a_source_file_has_a_safe_name(name: str, expected: str) -> None:
    assert source_file(0, name) == expected


def _with(folder: Path, key: str, value: object) -> None:
    file = folder / "report.json"
    data = json.loads(file.read_text(encoding="utf-8"))
    *path, last = key.split(".")
    inner = data
    for step in path:
        inner = inner[int(step)] if step.isdigit() else inner[step]
    inner[last] = value
    file.write_text(json.dumps(data), encoding="utf-8")


_DAMAGE: dict[str, Callable[[Path], object]] = {
    "missing": lambda folder: (folder / "report.json").unlink(),
    "not json": lambda folder: (folder / "report.json").write_text("{", encoding="utf-8"),
    "a list": lambda folder: (folder / "report.json").write_text("[]", encoding="utf-8"),
    "other schema": lambda folder: _with(folder, "schema", "agentkit.report/9"),
    "wrong type": lambda folder: _with(folder, "revisions", "many"),
    "outside": lambda folder: _with(folder, "sources.0.text", "../../secret.txt"),
    "changed quote": lambda folder: _with(folder, "claims.0.citations.0.quote", "other words"),
    "source gone": lambda folder: (folder / "sources" / "00-s.txt").unlink(),
    "source changed": lambda folder: (folder / "sources" / "00-s.txt").write_text(f"more {LEASE}", encoding="utf-8"),
}


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("missing", "There is no report"),
        ("not json", "is not JSON"),
        ("a list", "is not a report"),
        ("other schema", "schema agentkit.report/1"),
        ("wrong type", "damaged: revisions"),
        ("outside", "outside its directory"),
        ("changed quote", "a citation of claim c1"),
        ("source gone", "cannot be read"),
        ("source changed", "was changed"),
    ],
)
def test_a_damaged_report_is_refused_with_the_fault(tmp_path: Path, kind: str, said: str) -> None:
    write_report(lease_report(), tmp_path / "out", force=False)
    _DAMAGE[kind](tmp_path / "out")
    with pytest.raises(UsageError, match=said):
        load_report(tmp_path / "out")


def test_a_path_that_goes_in_circles_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    with pytest.raises(OutputError, match="Cannot write the report"):
        write_report(lease_report(), tmp_path / "a" / "out", force=True)


def test_a_link_to_a_report_keeps_pointing_to_it(tmp_path: Path) -> None:
    write_report(lease_report(), tmp_path / "real", force=False)
    (tmp_path / "link").symlink_to(tmp_path / "real")
    write_report(report_citing(LEASE, []), tmp_path / "link", force=True)
    assert (tmp_path / "link").is_symlink()
    assert load_report(tmp_path / "real").run_id == "r"
