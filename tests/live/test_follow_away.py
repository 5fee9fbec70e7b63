"""A store that goes away while rows are followed into it is waited for, and holds the rows when it is back."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest
from redis_server import redis_server, search_module

sys.path.insert(0, str(Path(__file__).parents[1] / "unit"))
from feeds import TABLE, RowsFeed

from agentkit.changes.documents import Documents
from agentkit.errors import RetrievalError
from agentkit.following import Event, Follower
from agentkit.following.stored import FollowedStore
from agentkit.indexed import Principal, text_of
from agentkit.opening import open_store

EVERYBODY = Principal("all", frozenset("xy"))


class Waiting(RowsFeed):
    """Rows whose follower goes on and on."""

    async def wait(self, seconds: float, /) -> None:
        await asyncio.sleep(min(seconds, 0.02))


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(60):
        while not await holds():  # noqa: ASYNC110 - the store tells nobody
            await asyncio.sleep(0.05)


class Firm:
    """Rows, a follower of them into Redis, and one who looks."""

    def __init__(self, url: str) -> None:
        self.feed, self.events = Waiting({"a": ("The rent is 900.", "x")}), list[Event]()
        self.store, self.looking = open_store(f"{url}/0?index=rows"), open_store(f"{url}/0?index=rows")
        documents = Documents("feed", [TABLE], max_chars=1200)
        self.follower = Follower(self.feed, FollowedStore(self.store, "feed"), documents, tell=self.events.append)

    async def waits(self) -> bool:
        return any(event["event"] == "waiting" for event in self.events)

    async def holds(self, *texts: str) -> bool:
        try:
            found = await self.looking.documents(lambda _: True, EVERYBODY)
        except RetrievalError:
            return False
        return sorted(text_of(entries) for _, entries in found) == sorted(texts)


@pytest.mark.parametrize("kept", [["--appendonly", "yes", "--appendfsync", "always"], []], ids=["kept", "lost"])
async def test_a_store_that_was_away_holds_the_rows_when_it_is_back(tmp_path: Path, kept: list[str]) -> None:
    options = ["--loadmodule", str(search_module()), *kept]
    with ExitStack() as servers:
        url, process = servers.enter_context(redis_server(tmp_path, *options))
        firm = Firm(url)
        task = asyncio.ensure_future(firm.follower.run())
        try:
            await until(partial(firm.holds, "The rent is 900."))
            process.kill()
            process.wait()
            firm.feed.carry_out([("put", "b", ("No pets.", "y"))])
            await until(firm.waits)
            servers.enter_context(redis_server(tmp_path, *options, port=int(url.rpartition(":")[2])))
            await until(partial(firm.holds, "The rent is 900.", "No pets."))
            firm.feed.carry_out([("delete", "a")])
            await until(partial(firm.holds, "No pets."))
            assert not task.done()
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await firm.store.aclose()
            await firm.looking.aclose()
