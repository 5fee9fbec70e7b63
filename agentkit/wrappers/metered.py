"""Counts what models take, per run."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from agentkit.errors import AgentKitError
from agentkit.ports import ModelBackend, RunRecord
from agentkit.report import ModelUsage, ReportUsage
from agentkit.types import Completion, Prompt


@dataclass(slots=True)
class Meter:
    """The usage of one run; every call also becomes an event "call" of its run record, without any text."""

    record: RunRecord | None = None
    _by_model: dict[str, ModelUsage] = field(default_factory=dict[str, ModelUsage])
    _cache_hits: int = 0

    def count(self, prompt: Prompt, completion: Completion, *, duration_ms: float) -> None:
        """Add one answered call, or one answer from the cache."""
        taken = completion.usage
        if completion.cache_hit:
            self._cache_hits += 1
        else:
            old = self._by_model.get(completion.model, ModelUsage())
            self._by_model[completion.model] = ModelUsage(
                calls=old.calls + 1,
                input_tokens=old.input_tokens + taken.input_tokens,
                output_tokens=old.output_tokens + taken.output_tokens,
                cost_usd=old.cost_usd + taken.cost_usd,
            )
        outcome = {
            "input_tokens": taken.input_tokens,
            "output_tokens": taken.output_tokens,
            "cost_usd": taken.cost_usd,
            "finish_reason": completion.finish_reason,
            "cache_hit": completion.cache_hit,
        }
        self._write(completion.model, prompt, outcome, duration_ms=duration_ms)

    def recall(self, event: Mapping[str, object]) -> None:
        """Count a call that an earlier process recorded (an event "call")."""
        if event.get("cache_hit"):
            self._cache_hits += 1
            return
        model = str(event["model"])
        old = self._by_model.get(model, ModelUsage())
        self._by_model[model] = ModelUsage(
            calls=old.calls + 1,
            input_tokens=old.input_tokens + int(str(event.get("input_tokens", 0))),
            output_tokens=old.output_tokens + int(str(event.get("output_tokens", 0))),
            cost_usd=old.cost_usd + float(str(event.get("cost_usd", 0.0))),
        )

    def fail(self, model: str, prompt: Prompt, error: AgentKitError, *, duration_ms: float) -> None:
        """Add one call that failed; its tokens are unknown."""
        old = self._by_model.get(model, ModelUsage())
        self._by_model[model] = ModelUsage(old.calls + 1, old.input_tokens, old.output_tokens, old.cost_usd)
        self._write(model, prompt, {"error": type(error).__name__}, duration_ms=duration_ms)

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
        )

    def _write(self, model: str, prompt: Prompt, outcome: Mapping[str, object], *, duration_ms: float) -> None:
        if self.record is None:
            return
        asked = {
            "model": model,
            "role": prompt.role,
            "task": prompt.task,
            "prompt_version": prompt.version,
            "passages": ranges([passage.id for passage in prompt.passages]),
            "duration_ms": round(duration_ms, 1),
        }
        self.record.add("call", fields={**asked, **outcome})


class MeteredBackend:
    """Reports each call to the run's meter."""

    def __init__(self, inner: ModelBackend, *, meter: Meter) -> None:
        self._inner = inner
        self._meter = meter
        self.name = inner.name
        self.context_tokens = inner.context_tokens
        self.deterministic = inner.deterministic

    async def complete(self, prompt: Prompt, /) -> Completion:
        begun = time.perf_counter()
        try:
            completion = await self._inner.complete(prompt)
        except AgentKitError as error:
            self._meter.fail(self.name, prompt, error, duration_ms=_since(begun))
            raise
        self._meter.count(prompt, completion, duration_ms=_since(begun))
        return completion

    async def aclose(self) -> None:
        await self._inner.aclose()


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


def _since(begun: float) -> float:
    return (time.perf_counter() - begun) * 1000
