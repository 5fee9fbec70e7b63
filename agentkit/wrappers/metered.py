"""Counts what models take, per run: every attempt where it is made, into the report, the run record and the ledger."""

import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace

from agentkit.calls import CACHE_HIT, Chunk, LedgerRow, Price
from agentkit.errors import InvalidResponseError
from agentkit.ports import ModelBackend, RunRecord
from agentkit.report import ModelUsage, ReportUsage, Saving
from agentkit.streams import stream_of
from agentkit.types import Completion, Prompt
from agentkit.wrappers.accounts import Accounts, Tab, current_tab
from agentkit.wrappers.amounts import Reservation
from agentkit.wrappers.charges import Taken, charge_of, charge_of_answer, worst_case
from agentkit.wrappers.savings import Savings, read_from_cache, told
from agentkit.wrappers.wrapping import WrappedBackend


@dataclass(frozen=True, slots=True)
class Door:
    """Where a call goes: a deployment, and the host it is on.

    The host is empty for a model in this process, and None where it is the caller's own backend and not known.
    """

    model: str
    deployment: str = ""
    host: str | None = None


@dataclass(slots=True)
class Meter:
    """The usage of one run; every attempt also becomes an event "call" of its run record, without any text.

    Args:
        record: the run's.
        accounts: where answers from the cache are booked, and calls that no budget surrounds; None books neither.
    """

    record: RunRecord | None = None
    accounts: Accounts | None = None
    savings: Savings = field(default_factory=Savings)
    _by_model: dict[str, ModelUsage] = field(default_factory=dict[str, ModelUsage])
    _cache_hits: int = 0

    def count(self, prompt: Prompt, completion: Completion, *, duration_ms: float, saved: Saving | None = None) -> None:
        """Add one answered call, or one answer from the cache with what it saved."""
        taken = Taken(completion.usage)
        if not completion.cache_hit:
            door = Door(completion.model, completion.deployment)
            self.attempt(prompt, taken, door=door, duration_ms=duration_ms, completion=completion)
            return
        self._cache_hits += 1
        kept = Door(completion.model, host="")  # it came from no deployment, and nothing left this process
        self._write(kept, prompt, _told(taken, completion), duration_ms=duration_ms, saved=saved)
        if self.accounts is not None:
            hit = Taken(completion.usage, "no", CACHE_HIT)
            self.accounts.note(self.accounts.row(prompt, hit, model=completion.model, latency_ms=duration_ms))

    def attempt(
        self,
        prompt: Prompt,
        taken: Taken,
        *,
        door: Door,
        duration_ms: float,
        completion: Completion | None = None,
        saved: Saving | None = None,
    ) -> None:
        """Add one attempt, answered (with its completion) or failed."""
        self._add(door.model, taken.usage.input_tokens, taken.usage.output_tokens, taken.usage.cost_usd)
        self._write(door, prompt, _told(taken, completion), duration_ms=duration_ms, saved=saved)

    def spare(self, saving: Saving, prompt: Prompt, *, event: str = "saved", model: str = "") -> None:
        """Add what a step saved without a call of its own; it becomes an event of the run record."""
        self.savings.add(saving)
        self.note(event, prompt, model=model, fields={"saved": told(saving)})

    def note(self, event: str, prompt: Prompt, *, model: str = "", fields: Mapping[str, object]) -> None:
        """Write an event about a prompt that was not sent: its role, task and labels, and never its words."""
        if self.record is not None:
            named = {"model": model} if model else {}
            labels = {"labels": list(prompt.labels)} if prompt.labels else {}
            self.record.add(event, fields={**named, "role": prompt.role, "task": prompt.task, **labels, **fields})

    def recall(self, event: Mapping[str, object]) -> None:
        """Count a call that an earlier process recorded (an event "call"), or what it saved."""
        self.savings.recall(event)
        if event.get("event", "call") != "call":
            return
        if event.get("cache_hit"):
            self._cache_hits += 1
            return
        received, cost = int(str(event.get("output_tokens", 0))), float(str(event.get("cost_usd", 0.0)))
        self._add(str(event["model"]), int(str(event.get("input_tokens", 0))), received, cost)

    def usage(self) -> ReportUsage:
        """Return the totals so far."""
        rows = self._by_model.values()
        return ReportUsage(
            model_calls=sum(row.calls for row in rows),
            input_tokens=sum(row.input_tokens for row in rows),
            output_tokens=sum(row.output_tokens for row in rows),
            cost_usd=sum(row.cost_usd for row in rows),
            cache_hits=self._cache_hits,
            by_model=dict(self._by_model),
            savings=self.savings.rows(),
        )

    def _add(self, model: str, sent: int, received: int, cost: float) -> None:
        old = self._by_model.get(model, ModelUsage())
        self._by_model[model] = ModelUsage(
            calls=old.calls + 1,
            input_tokens=old.input_tokens + sent,
            output_tokens=old.output_tokens + received,
            cost_usd=old.cost_usd + cost,
        )

    def _write(
        self,
        door: Door,
        prompt: Prompt,
        outcome: Mapping[str, object],
        *,
        duration_ms: float,
        saved: Saving | None = None,
    ) -> None:
        if saved is not None:
            self.savings.add(saved)
            outcome = {**outcome, "saved": told(saved)}
        if self.record is None:
            return
        asked: dict[str, object] = {
            "model": door.model,
            "deployment": door.deployment,
            "host": door.host,
            "role": prompt.role,
            "task": prompt.task,
            "prompt_version": prompt.version,
            "passages": ranges([passage.id for passage in prompt.passages]),
            "duration_ms": round(duration_ms, 1),
        }
        if prompt.labels:
            asked["labels"] = list(prompt.labels)
        self.record.add("call", fields={**asked, **outcome})


class MeteredBackend(WrappedBackend):
    """Books each attempt at one deployment, and makes none that the budget around it does not cover.

    Args:
        inner: the deployment, which makes one attempt per call.
        meter: the run's.
        price: the deployment's, for the worst case and where the adapter leaves the cost to us.
        max_output_tokens: its longest answer; 0 where only the window bounds it.
        deployment: what tells it apart from others of its name, in the ledger and the run record.
        host: where it is; empty in this process, None where nobody knows.
    """

    def __init__(
        self,
        inner: ModelBackend,
        *,
        meter: Meter,
        price: Price = Price(),  # noqa: B008 - it is frozen
        max_output_tokens: int = 0,
        deployment: str = "",
        host: str | None = None,
    ) -> None:
        super().__init__(inner)
        self._meter = meter
        self._price = price
        self._max_output_tokens = max_output_tokens
        self._door = Door(inner.name, deployment, host)

    async def complete(self, prompt: Prompt, /) -> Completion:
        attempt = await self._begin(prompt)
        try:
            completion = await self._inner.complete(prompt)
        except BaseException as error:
            attempt.failed(error)
            raise
        attempt.answered(completion)
        return completion

    async def stream(self, prompt: Prompt, /) -> AsyncIterator[Chunk]:
        """Pass pieces on; the last one, with the completion, says what was taken."""
        attempt = await self._begin(prompt)
        try:
            async with aclosing(stream_of(self._inner, prompt)) as chunks:
                async for chunk in chunks:
                    if chunk.completion is not None:
                        attempt.answered(chunk.completion)
                    yield chunk
        except BaseException as error:
            attempt.failed(error)
            raise
        if not attempt.over:
            message = f"{self.name} ended its answer before it was whole."
            error = InvalidResponseError(message, model=self.name, passing=True, billed="unknown")
            attempt.failed(error)
            raise error

    async def _begin(self, prompt: Prompt) -> "_Attempt":
        tab = current_tab()
        worst = Reservation()
        if not self.deterministic and tab is not None:
            worst = worst_case(
                prompt,
                input_tokens=tab.input_tokens,
                price=self._price,
                max_output_tokens=self._max_output_tokens,
                context_tokens=self.context_tokens,
            )
        if tab is not None:
            await tab.admit(worst)
        return _Attempt(self._meter, prompt, tab, worst, price=self._price, door=self._door)


class _Attempt:
    """One attempt that is going on."""

    def __init__(
        self, meter: Meter, prompt: Prompt, tab: Tab | None, worst: Reservation, *, price: Price, door: Door
    ) -> None:
        self._meter = meter
        self._prompt = prompt
        self._tab = tab
        self._worst = worst
        self._price = price
        self._door = door
        self._begun = time.perf_counter()
        self.over = False

    def answered(self, completion: Completion) -> None:
        taken = charge_of_answer(completion, worst=self._worst, price=self._price)
        self._book(taken, completion, read_from_cache(taken.usage, price=self._price))

    def failed(self, error: BaseException) -> None:
        """Book the failure of an attempt that was not answered before."""
        if not self.over:
            self._book(charge_of(error, worst=self._worst, price=self._price), None)

    def _book(self, taken: Taken, completion: Completion | None, saved: Saving | None = None) -> None:
        self.over = True
        named = completion.deployment if completion is not None else ""
        door = replace(self._door, deployment=named or self._door.deployment)
        taken_ms = (time.perf_counter() - self._begun) * 1000
        accounts = self._meter.accounts if self._tab is None else self._tab.accounts
        if accounts is not None:
            row = accounts.row(self._prompt, taken, model=door.model, deployment=door.deployment, latency_ms=taken_ms)
            self._enter(accounts, row)
        self._meter.attempt(self._prompt, taken, door=door, duration_ms=taken_ms, completion=completion, saved=saved)

    def _enter(self, accounts: Accounts, row: LedgerRow) -> None:
        if self._tab is None:
            accounts.note(row)
        else:
            self._tab.charge(self._worst, row)


def _told(taken: Taken, completion: Completion | None) -> Mapping[str, object]:
    """Return how an attempt ended, for the run record."""
    figures: dict[str, object] = {
        "input_tokens": taken.usage.input_tokens,
        "output_tokens": taken.usage.output_tokens,
        "cost_usd": taken.usage.cost_usd,
    }
    if completion is None:
        return {"error": taken.outcome, "billed": taken.billed, **figures}
    return {**figures, "finish_reason": completion.finish_reason, "cache_hit": completion.cache_hit}


def ranges(ids: Sequence[str]) -> list[str]:
    """Write runs of consecutive passages as one entry: d0p1, d0p2, d0p3 become "d0p1-d0p3"."""
    result: list[list[str]] = []
    for item in ids:
        if result and _follows(result[-1][-1], item):
            result[-1] = [result[-1][0], item]
        else:
            result.append([item])
    return ["-".join(pair) for pair in result]


def _follows(before: str, after: str) -> bool:
    document, _, number = before.partition("p")
    return number.isdigit() and after == f"{document}p{int(number) + 1}"
