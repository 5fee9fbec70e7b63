"""One run's governance around its models: the wrappers, in the order that `agentkit.wrappers` gives."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from agentkit.calls import LOST, LedgerQuery
from agentkit.composition import make_answer_store
from agentkit.config import Config
from agentkit.deployments import Deployed, Model
from agentkit.errors import UnavailableError
from agentkit.modelling import make_model
from agentkit.ports import Ledger, ModelBackend, RunRecord, Tracer
from agentkit.privacy.sealed import load_key
from agentkit.prompts.fault import answer_fault
from agentkit.records.run_store import FileRunStore
from agentkit.report import ReportUsage
from agentkit.wrappers import (
    Accounts,
    AnswerCache,
    Budget,
    BudgetedBackend,
    CachedBackend,
    CachePolicy,
    Candidate,
    Circuit,
    Contents,
    Gate,
    LadderBackend,
    Meter,
    MeteredBackend,
    Payer,
    RedactionCheckedBackend,
    ResilientBackend,
    RoutedBackend,
    StampedBackend,
    TracedBackend,
)
from agentkit.wrappers.redacting import RedactingBackend


@dataclass(slots=True)
class Governor:
    """Wraps the models of one run; all share its budget, meter and cache."""

    config: Config
    home: Path
    store: FileRunStore
    record: RunRecord
    tracer: Tracer
    rails_version: str = ""
    labels: Sequence[str] = ()
    tenant: str = "default"
    ledger: Ledger | None = None
    _meter: Meter = field(init=False)
    _accounts: Accounts = field(init=False)
    _cache: AnswerCache | None = field(init=False, default=None)
    _lent: dict[str, tuple[Model, ModelBackend]] = field(
        init=False, default_factory=dict[str, tuple[Model, ModelBackend]]
    )
    _carried: dict[str, Contents] = field(init=False, default_factory=dict[str, Contents])

    def __post_init__(self) -> None:
        limits = self.config.budget
        budget = Budget(usd=limits.usd, tokens=limits.tokens, calls=limits.calls, seconds=limits.seconds)
        payer = Payer(self.store.run_id, self.tenant, self.store.matter)
        self._accounts = Accounts(budget, ledger=self.ledger, payer=payer)
        self._meter = Meter(self.record, self._accounts)

    async def carry_over(self, events: Sequence[Mapping[str, object]]) -> None:
        """Count the calls that an interrupted run made before: they stay in the report and off the budget.

        Those that were going on when it was killed are in the ledger only, at their worst case.
        """
        for event in events:
            if event["event"] == "call":
                self._meter.recall(event)
        if self.ledger is not None:
            for row in await self.ledger.rows(LedgerQuery(run=self.store.run_id)):
                if row.outcome == LOST:
                    self._meter.recall(asdict(row))
        spent, limits = self._meter.usage(), self.config.budget
        self._accounts.budget = Budget(
            usd=None if limits.usd is None else limits.usd - spent.cost_usd,
            tokens=None if limits.tokens is None else limits.tokens - spent.input_tokens - spent.output_tokens,
            calls=None if limits.calls is None else limits.calls - spent.model_calls,
            seconds=limits.seconds,
        )

    def govern(self, model: Model) -> ModelBackend:
        """Return the one door to a model."""
        inner: ModelBackend = self._routed(model)
        candidates = [(item.price, item.longest_answer) for item in model.deployments]
        inner = BudgetedBackend(inner, accounts=self._accounts, candidates=candidates)
        cache = None if model.deterministic else self._opened_cache()
        if cache is not None:
            inner = CachedBackend(
                inner,
                cache=cache,
                scope=(self.tenant, self.store.matter),
                identity=f"{model.identity}|{self.rails_version}",
                vault=self.store.vault,
                meter=self._meter,
            )
        untraced = [name for name, label in self.config.labels.items() if not label.trace]
        inner = RedactionCheckedBackend(
            TracedBackend(inner, tracer=self.tracer, untraced=untraced), vault=self.store.vault
        )
        return StampedBackend(inner, labels=self.labels, contents=self._contents)

    def lend(self, name: str) -> ModelBackend:
        """Return the door to a role or a model by name, for what asks in free conversation: rails, guests.

        Raises:
            ConfigError: there is no such role or model.
        """
        if name not in self._lent:
            model = make_model(self._names(name), self.config)
            self._lent[name] = model, RedactingBackend(self.govern(model), store=self.store)
        return self._lent[name][1]

    def _names(self, name: str) -> list[str]:
        match name:
            case "writer" | "reviewer" | "judge":
                return self.config.roles.ladder(name) or self.config.roles.ladder("writer")
            case _:
                return [name]

    def _routed(self, model: Model) -> ModelBackend:
        """Return what chooses among a model's deployments and meets their failures."""
        if model.deterministic and len(model.deployments) == 1:
            # It runs in this process: nothing fails in passing, and nothing leaves, whatever the label.
            return MeteredBackend(model.deployments[0].backend, meter=self._meter)
        clearances = {name: frozenset(label.requires) for name, label in self.config.labels.items()}
        rungs = [
            RoutedBackend(rung[0].backend.name, [self._candidate(item) for item in rung], clearances)
            for rung in model.rungs()
        ]
        return rungs[0] if len(rungs) == 1 else LadderBackend(rungs, fault=answer_fault, record=self.record)

    def _candidate(self, item: Deployed) -> Candidate:
        name = item.label or item.backend.name
        circuit = item.circuit or Circuit(name)
        door = ResilientBackend(
            MeteredBackend(
                item.backend,
                meter=self._meter,
                price=item.price,
                max_output_tokens=item.max_output_tokens,
                deployment=name,
            ),
            policy=item.policy,
            gate=item.gate or Gate(name),
            circuit=circuit,
        )
        return Candidate(door, tags=item.tags, weight=item.weight, rank=item.rank, health=circuit)

    def _contents(self, passage_id: str) -> Contents:
        if passage_id not in self._carried:
            documents = {document.index: document.sha256 for document in self.store.documents()}
            self._carried = {
                passage.id: Contents(passage.labels, documents.get(passage.source, ""))
                for passage in self.store.passages()
            }
        return self._carried.get(passage_id, Contents())

    def usage(self) -> ReportUsage:
        """Return what the run's calls took so far."""
        return self._meter.usage()

    async def aclose(self) -> None:
        """Book what is not booked yet, and release the cache and the models that were lent."""
        for model, _ in self._lent.values():
            await model.aclose()
        try:
            await self._accounts.flush()
        except UnavailableError as error:  # the answers are there all the same
            self.record.add("ledger_failed", fields={"error": type(error).__name__})
        if self._cache is not None:
            self._cache.close()

    def _opened_cache(self) -> AnswerCache | None:
        if self._cache is None and (store := make_answer_store(self.config, self.home)) is not None:
            chosen = self.config.cache
            policy = CachePolicy(
                max_age_days=chosen.max_age_days,
                semantic=chosen.semantic,
                threshold=chosen.threshold,
                cacheable_labels=frozenset(name for name, label in self.config.labels.items() if label.cache),
            )
            self._cache = AnswerCache(store, key=load_key(self.home), policy=policy, record=self.record)
        return self._cache
