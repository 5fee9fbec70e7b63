"""One run's governance around its models: checked, traced, cached, budgeted, metered, in that order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from agentkit.config import Config
from agentkit.ports import ModelBackend, RunRecord, Tracer
from agentkit.privacy.sealed import load_key
from agentkit.records.run_store import FileRunStore
from agentkit.report import ReportUsage
from agentkit.wrappers import (
    AnswerCache,
    Budget,
    BudgetedBackend,
    CachedBackend,
    Meter,
    MeteredBackend,
    RedactionCheckedBackend,
    TracedBackend,
)


@dataclass(frozen=True, slots=True)
class Priced:
    """A model with what the composed door needs to know about it.

    Args:
        backend: the model itself.
        identity: everything that decides how it answers; part of a cache key.
        max_output_tokens: its longest answer.
        input_usd: dollars per token of the prompt.
        output_usd: dollars per token of the answer.
    """

    backend: ModelBackend
    identity: str = ""
    max_output_tokens: int = 0
    input_usd: float = 0.0
    output_usd: float = 0.0


@dataclass(slots=True)
class Governor:
    """Wraps the models of one run; all share its budget, meter and cache."""

    config: Config
    home: Path
    store: FileRunStore
    record: RunRecord
    tracer: Tracer
    rails_version: str = ""
    _meter: Meter = field(init=False)
    _budget: Budget = field(init=False)
    _cache: AnswerCache | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self._meter = Meter(self.record)
        limits = self.config.budget
        self._budget = Budget(usd=limits.usd, tokens=limits.tokens, calls=limits.calls, seconds=limits.seconds)

    def carry_over(self, events: Sequence[Mapping[str, object]]) -> None:
        """Count the calls that an interrupted run made before: they stay in the report and off the budget."""
        for event in events:
            if event["event"] == "call":
                self._meter.recall(event)
        spent, limits = self._meter.usage(), self.config.budget
        self._budget = Budget(
            usd=None if limits.usd is None else limits.usd - spent.cost_usd,
            tokens=None if limits.tokens is None else limits.tokens - spent.input_tokens - spent.output_tokens,
            calls=None if limits.calls is None else limits.calls - spent.model_calls,
            seconds=limits.seconds,
        )

    def govern(self, model: Priced) -> ModelBackend:
        """Return the one door to a model."""
        inner: ModelBackend = MeteredBackend(model.backend, meter=self._meter)
        inner = BudgetedBackend(
            inner,
            budget=self._budget,
            max_output_tokens=model.max_output_tokens,
            input_usd=model.input_usd,
            output_usd=model.output_usd,
        )
        if self.config.cache.adapter == "sqlite" and not model.backend.deterministic:
            inner = CachedBackend(
                inner,
                cache=self._opened_cache(),
                scope=self.store.matter,
                identity=f"{model.identity}|{self.rails_version}",
                vault=self.store.vault,
                meter=self._meter,
            )
        return RedactionCheckedBackend(TracedBackend(inner, tracer=self.tracer), vault=self.store.vault)

    def usage(self) -> ReportUsage:
        """Return what the run's calls took so far."""
        return self._meter.usage()

    def close(self) -> None:
        """Release the cache."""
        if self._cache is not None:
            self._cache.close()

    def _opened_cache(self) -> AnswerCache:
        if self._cache is None:
            self._cache = AnswerCache(self.home / "cache.db", key=load_key(self.home))
        return self._cache
