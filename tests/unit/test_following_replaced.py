"""An index that is replaced under its follower ends with the rows there are, and not with those that came after."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from feeds import TABLE, RowsFeed

from agentkit.adapters.memory.following import FollowedIndex
from agentkit.adapters.memory.holding import documents_in
from agentkit.adapters.memory.manifest import read_manifest
from agentkit.changes.documents import Documents
from agentkit.cli.main import main
from agentkit.errors import UsageError
from agentkit.following import Event, Follower
from agentkit.indexed import Principal, text_of

EVERYBODY = Principal("all", frozenset("xy"))


class Waiting(RowsFeed):
    """Rows whose follower goes on and on."""

    async def wait(self, seconds: float, /) -> None:
        await asyncio.sleep(min(seconds, 0.02))


def held(folder: Path) -> set[str]:
    try:
        return {text_of(entries) for _, entries in documents_in(folder, wanted=lambda _: True, principal=EVERYBODY)}
    except (UsageError, OSError):
        return set()


def earlier(folder: Path) -> None:
    manifest = read_manifest(folder)
    assert manifest is not None
    assert main(["index", "--at", manifest.kept[0], "--index", str(folder)]) == 0


def moved_away(folder: Path) -> None:
    folder.rename(folder.with_name("away"))


def made_by_another_version(folder: Path) -> None:
    path = folder / "index.json"
    path.write_text(path.read_text().replace('"made_by": "', '"made_by": "0.0.'))


@pytest.mark.parametrize("damage", [moved_away, earlier, made_by_another_version])
async def test_what_was_lost_while_rows_were_followed_is_read_again(
    tmp_path: Path, damage: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agentkit.adapters.memory.following._VERSION_S", 0.0)
    folder, events = tmp_path / "index", list[Event]()
    feed = Waiting({"a": ("The rent is 900.", "x")})
    documents = Documents("feed", [TABLE], max_chars=1200)
    follower = Follower(feed, FollowedIndex(folder, "feed"), documents, tell=events.append)
    task = asyncio.ensure_future(follower.run())

    async def until(*texts: str) -> None:
        async with asyncio.timeout(30):
            while held(folder) != set(texts) and not task.done():  # noqa: ASYNC110 - the index tells nobody
                await asyncio.sleep(0.02)

    try:
        async with asyncio.timeout(30):
            while not any(event["event"] == "read" for event in events):  # noqa: ASYNC110 - it tells no task
                await asyncio.sleep(0.02)
        feed.carry_out([("put", "b", ("No pets.", "y"))])
        await until("The rent is 900.", "No pets.")
        await asyncio.to_thread(damage, folder)
        feed.carry_out([("put", "c", ("No dogs.", "y"))])
        await until("The rent is 900.", "No pets.", "No dogs.")
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert held(folder) == {"The rent is 900.", "No pets.", "No dogs."}
