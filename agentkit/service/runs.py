"""Runs on behalf of others: nobody continues one that failed or was left, so nothing of it is kept."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path

from agentkit.app import AgentKit, Options
from agentkit.errors import RunNotFoundError, UsageError
from agentkit.indexed import Principal
from agentkit.offering import Event
from agentkit.report import Report


class Runs:
    """Starts runs of one kit, and cleans up after them.

    Args:
        kit: carries them out.
        restore: put originals into reports; by default they keep their placeholders.
        matter: whose vault is used; by default each run has its own.
        index: the index that a question without documents is asked of, "" for none.
        principal: who asks that index, for everybody that is served.
    """

    def __init__(
        self,
        kit: AgentKit,
        *,
        restore: bool = False,
        matter: str = "",
        index: str = "",
        principal: Principal | None = None,
    ) -> None:
        self._kit = kit
        self.index = index
        self._principal = principal
        self._restore = restore
        self._matter = matter
        self._cleaning: set[asyncio.Task[None]] = set()

    async def run(
        self,
        paths: Sequence[Path],
        *,
        question: str = "",
        focus: str = "",
        max_claims: int | None = None,
        max_words: int | None = None,
        tenant: str = "",
    ) -> AsyncGenerator[Event]:
        """Yield the events of a run, its report last; one that is closed or cancelled before is ended and forgotten.

        Raises:
            AgentKitError: as `AgentKit.summarize`.
        """
        if not paths and not self.index:  # what a configuration names is open to others only where a command says so
            raise UsageError("There is nothing to read: no document was named, and no index is open here.")
        events: asyncio.Queue[Event | None] = asyncio.Queue()
        options = Options(
            max_claims=max_claims,
            max_words=max_words,
            matter=self._matter,
            keep_redacted=not self._restore,
            tenant=tenant,
            index="" if paths else self.index,
            principal=None if paths else self._principal,
        )
        if question:
            work = self._kit.ask(paths, question, options=options, progress=events.put_nowait)
        else:
            work = self._kit.summarize(paths, focus=focus, options=options, progress=events.put_nowait)
        task = asyncio.create_task(work)
        task.add_done_callback(lambda _: events.put_nowait(None))
        run_id = ""
        try:
            while (event := await events.get()) is not None:
                run_id = run_id or str(event.get("run_id", ""))
                yield event
            await task
        finally:
            # A task of its own: it is carried out although whoever is cancelled again does not wait for it.
            cleaning = asyncio.create_task(self._clean(task, run_id))
            self._cleaning.add(cleaning)
            cleaning.add_done_callback(self._cleaning.discard)
            await asyncio.shield(cleaning)

    async def aclose(self) -> None:
        """Wait until what was left is cleaned up."""
        if self._cleaning:
            await asyncio.wait(self._cleaning)

    async def _clean(self, task: "asyncio.Task[Report]", run_id: str) -> None:
        task.cancel()
        await asyncio.wait([task])
        if run_id and (task.cancelled() or task.exception() is not None):
            with contextlib.suppress(RunNotFoundError):  # what was wrong with the request is forgotten at once
                await self._kit.forget(run_id)
