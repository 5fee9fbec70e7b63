# ruff: noqa: F811, S608
# Fixtures of another file are asked for by name, and the statements are made of numbers.
"""A follower of a real Postgres that is killed before anything it writes: each change has its effect exactly once.

The process is killed by SIGKILL before its first write, then before its second, and so on, until it lives to the end;
each time another process goes on. What is looked at is the index, the position, and the reports that rest on the rows.
"""

import json
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from lives import Lives, moved_to
from places import place
from postgres_server import logical, run, url  # noqa: F401 - fixtures

RENT = "1. Rent\nThe Tenant pays a rent of {} EUR per month for the depot."
PETS = "2. Pets\nThe Tenant keeps {} dogs in the depot."
REPORTS = {"rent": "What rent is paid?", "pets": "How many dogs?"}
CLEAR = "clear"
# Before which writes it is killed: the first, and every how many after that. Stores share what comes between them and
# the writes, and those that are slow to open take turns at it.
SEAMS = {"embedded": (0, 1), "postgresql": (0, 1), "qdrant": (0, 3), "milvus": (1, 3), "lancedb": (2, 4)}


@pytest.fixture(scope="module")
def mortal() -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, str(Path(__file__).with_name("mortal.py"))]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process
        assert process.stdin is not None
        process.stdin.close()


@pytest.fixture
def lives(request: pytest.FixtureRequest, url: str, tmp_path: Path, mortal: "subprocess.Popen[str]") -> Lives:
    kind = str(request.param)
    where = str(tmp_path / "index") if kind == "embedded" else place(kind, url, tmp_path).url
    return Lives(kind, url, where, tmp_path, mortal)


def state(folder: Path) -> str:
    path = folder / "report.status.json"
    return json.loads(path.read_text())["state"] if path.exists() else "unchanged"


def prepare(lives: Lives) -> None:
    """Follow two rows, and write two reports that rest on them."""
    run(lives.url, "CREATE TABLE clauses (id int PRIMARY KEY, body text, matter text)")
    run(lives.url, f"INSERT INTO clauses VALUES (1, '{RENT.format(900)}', 'x'), (2, '{PETS.format('two')}', 'x')")
    assert lives.follow()[0] == 0
    for name, question in REPORTS.items():
        argv = ("ask", "--index", lives.where, "--question", question, "--out", name, "--matter", "x")
        assert lives.live(*argv)[0] in (0, 4)


def change(lives: Lives, turn: int) -> list[str]:
    """Change both rows and bring in or delete a third, in one transaction; return what the rows say now."""
    rent, dogs, third = ((950, "three", ["3. Cats"]), (900, "two", []))[turn % 2]
    extra = "INSERT INTO clauses VALUES (3, '3. Cats', 'x')" if third else "DELETE FROM clauses WHERE id = 3"
    both = "UPDATE clauses SET body = '{}' WHERE id = {}"
    run(lives.url, f"{both.format(RENT.format(rent), 1)}; {extra}; {both.format(PETS.format(dogs), 2)}")
    return [RENT.format(rent), PETS.format(dogs), *third]


def states(lives: Lives) -> list[str]:
    paths = [lives.folder / name / "report.status.json" for name in REPORTS]
    return [json.loads(path.read_text())["state"] if path.exists() else "unchanged" for path in paths]


def counted(events: Sequence[dict[str, object]]) -> int:
    """Return how many changes events tell of."""
    return sum(int(str(one["changed"])) + int(str(one["removed"])) for one in events if one["event"] == "changed")


@pytest.mark.parametrize("lives", list(SEAMS), indirect=True)
def test_killed_before_anything_it_writes_each_change_is_there_and_told_exactly_once(lives: Lives) -> None:
    prepare(lives)
    code, seams, (first, stride) = -signal.SIGKILL, list[str](), SEAMS[lives.kind]
    while code:
        turn = len(seams)
        rows = change(lives, turn)
        code, events = lives.follow(die=first + stride * turn)
        seams.append(lives.seams()[-1] if code else "")
        if code:
            assert code == -signal.SIGKILL
            again = lives.follow()
            assert again[0] == 0
            events += again[1]
        held, expected = lives.held(), "unchanged" if turn % 2 else "contradicted"
        assert held.texts == Counter(rows), seams[-1]
        assert held.names == {f"test:public.clauses/{number + 1}" for number in range(len(rows))}
        assert held.left_over == 0
        assert held.position == moved_to(lives.url), "what comes next is what the index has not got"
        assert states(lives) == [expected] * 2, seams[-1]
        impacts = [event for event in events if event["event"] == "impact"]
        # Only between saying it and noting that it was said can it be said again.
        assert len(impacts) == 1 or seams[-1] == CLEAR, (seams[-1], impacts)
        assert {event["reports"] for event in impacts} == {2}
        assert counted(events) <= 3
    assert stride > 1 or {"note", "_say", "mark", CLEAR} < set(seams)
    assert counted(events) == 3
    assert lives.follow()[1] == [], "nothing is left to be done"
