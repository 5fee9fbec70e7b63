"""The documents that the examples read, and what the service of the examples does when a client leaves."""

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import httpx
from doc_blocks import ROOT

from agentkit.records.run_record import list_runs

SOURCES = ROOT / "examples" / "document_sources"
ROOM = ROOT / "examples" / "data_room"


def _facts() -> list[dict[str, str]]:
    head, *rows = [line.split("|") for line in (SOURCES / "room.txt").read_text(encoding="utf-8").splitlines()]
    return [dict(zip(head, row, strict=True)) for row in rows]


def test_the_data_room_is_what_its_script_makes(tmp_path: Path) -> None:
    folder = tmp_path / "examples" / "document_sources"
    folder.mkdir(parents=True)
    for path in [SOURCES / "make_data_room.py", *SOURCES.glob("room*.txt")]:
        (folder / path.name).write_bytes(path.read_bytes())
    subprocess.run([sys.executable, folder / "make_data_room.py"], check=True)
    made = {path.name: path.read_bytes() for path in (tmp_path / "examples" / "data_room").iterdir()}
    assert made == {path.name: path.read_bytes() for path in ROOM.iterdir()}


def test_every_agreement_says_what_its_facts_say_and_nothing_of_what_they_leave_out() -> None:
    rows, paths = _facts(), sorted(ROOM.iterdir())
    assert len(rows) == len(paths) == 30
    for row, path in zip(rows, paths, strict=True):
        text = path.read_text(encoding="utf-8").replace("&amp;", "&")
        said = [row[name] for name in ("first", "second", "date", "start", "term", "law", "notice", "cap")]
        assert [fact for fact in said if fact not in text] == [], path.name
        assert bool(re.search(r"exceed|is limited to", text)) == bool(row["cap"]), path.name
        assert ("without cause" in text or "convenience" in text or "at any time" in text) == bool(row["notice"])


def test_a_client_that_hangs_up_ends_its_run(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    environ = {**os.environ, "AGENTKIT_HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}
    served = subprocess.Popen([sys.executable, ROOT / "examples" / "fastapi_service.py", port], env=environ)
    asked = {"document": "lease.pdf", "question": "Which law governs?"}
    try:
        with httpx.Client(transport=httpx.HTTPTransport(retries=8), timeout=60) as client:
            with client.stream("GET", f"http://127.0.0.1:{port}/ask", params=asked) as answer:
                assert next(answer.iter_lines()) == "event: step"
            # The server works on: another question of the same kit is answered.
            again = client.get(f"http://127.0.0.1:{port}/ask", params={**asked, "document": "nda.md"})
            assert again.text.rstrip().endswith('data: "approved"')
    finally:
        served.terminate()
        served.wait()
    assert sorted(run.state for run in list_runs(tmp_path)) == ["approved", "interrupted"]
