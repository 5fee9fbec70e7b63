"""Makes a call only if its worst case fits, whichever deployment answers it in the end."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing

from agentkit.calls import Chunk, Price
from agentkit.errors import BudgetExceededError
from agentkit.ports import ModelBackend
from agentkit.streams import stream_of
from agentkit.types import Completion, Prompt
from agentkit.wrappers.accounts import Accounts, Tab, on_tab
from agentkit.wrappers.amounts import Reservation
from agentkit.wrappers.charges import Taken, charge_of, charge_of_answer, prompt_tokens, worst_case
from agentkit.wrappers.wrapping import WrappedBackend


class BudgetedBackend(WrappedBackend):
    """Holds the dearest worst case before a call and settles it after; calls made together cannot overdraw together.

    It stands outside of routing. Each attempt inside is booked by a `MeteredBackend`, which asks for more where
    attempts together could exceed what is held; a model without one is booked here, as a single attempt. A
    deterministic model costs no tokens and no dollars; its calls and seconds count.

    Args:
        inner: the model, or the router in front of several.
        accounts: the run's.
        candidates: price and longest answer (tokens; 0 where only the window bounds it) of each deployment that
            may answer.
    """

    def __init__(
        self, inner: ModelBackend, *, accounts: Accounts, candidates: Sequence[tuple[Price, int]] = ((Price(), 0),)
    ) -> None:
        super().__init__(inner)
        self._accounts = accounts
        self._candidates = list(candidates) or [(Price(), 0)]

    async def complete(self, prompt: Prompt, /) -> Completion:
        tab = await self._open(prompt)
        try:
            with on_tab(tab):
                completion = await self._in_time(prompt)
            self._book_answer(tab, prompt, completion)
        except BaseException as error:
            self._book_failure(tab, prompt, error)
            raise
        finally:
            await self._accounts.close(tab)
        return completion

    async def stream(self, prompt: Prompt, /) -> AsyncIterator[Chunk]:
        tab = await self._open(prompt)
        try:
            async with aclosing(self._pieces(prompt, tab)) as pieces:
                async for chunk in pieces:
                    if chunk.completion is not None:
                        self._book_answer(tab, prompt, chunk.completion)
                    yield chunk
        except BaseException as error:
            self._book_failure(tab, prompt, error)
            raise
        finally:
            await self._accounts.close(tab)

    async def _in_time(self, prompt: Prompt) -> Completion:
        deadline = asyncio.timeout(self._accounts.budget.seconds_left())
        try:
            async with deadline:
                return await self._inner.complete(prompt)
        except TimeoutError:
            if deadline.expired():
                raise self._accounts.budget.out_of_time() from None
            raise

    async def _pieces(self, prompt: Prompt, tab: Tab) -> AsyncGenerator[Chunk]:
        """Wait for each piece within the run's seconds; the tab is found while we wait, never by our caller."""
        async with aclosing(stream_of(self._inner, prompt)) as chunks:
            while True:
                deadline = asyncio.timeout(self._accounts.budget.seconds_left())
                try:
                    with on_tab(tab):
                        async with deadline:
                            chunk = await anext(chunks)
                except StopAsyncIteration:
                    return
                except TimeoutError:
                    if deadline.expired():
                        raise self._accounts.budget.out_of_time() from None
                    raise
                yield chunk

    async def _open(self, prompt: Prompt) -> Tab:
        return await self._accounts.open(prompt, model=self.name, worst=self._worst(prompt))

    def _worst(self, prompt: Prompt) -> Reservation:
        if self.deterministic:
            return Reservation()
        sent = prompt_tokens(prompt)
        worst = Reservation()
        for price, longest in self._candidates:
            case = worst_case(
                prompt,
                input_tokens=sent,
                price=price,
                max_output_tokens=longest,
                context_tokens=self.context_tokens,
            )
            worst = worst.at_least(case)
        return worst

    def _book_answer(self, tab: Tab, prompt: Prompt, completion: Completion) -> None:
        if not tab.attempts:
            taken = charge_of_answer(completion, worst=tab.held, price=Price())
            self._book(tab, prompt, taken, deployment=completion.deployment)

    def _book_failure(self, tab: Tab, prompt: Prompt, error: BaseException) -> None:
        if tab.attempts or tab.rows:
            return
        late = isinstance(error, BudgetExceededError) and error.limit == "seconds"
        taken = charge_of(TimeoutError() if late else error, worst=tab.held, price=Price())
        if taken.billed != "no":  # else it may never have been made: turned away, or the deployment rests
            self._book(tab, prompt, taken)

    def _book(self, tab: Tab, prompt: Prompt, taken: Taken, *, deployment: str = "") -> None:
        latency_ms = (time.perf_counter() - tab.opened) * 1000
        row = self._accounts.row(prompt, taken, model=self.name, deployment=deployment, latency_ms=latency_ms)
        tab.charge_whole(row)
