"""One run's governance around its models: the wrappers, in the order that `agentkit.wrappers` gives."""

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from agentkit.calls import LOST, LedgerQuery
from agentkit.composition import make_answer_store, make_embedder, make_rules, qualified
from agentkit.config import Config
from agentkit.deployments import Deployed, Model
from agentkit.deps import Doors
from agentkit.errors import UnavailableError
from agentkit.modelling import make_model
from agentkit.policy import EdgeGuards
from agentkit.ports import Ledger, ModelBackend, RunRecord, Tracer
from agentkit.privacy.keys import load_naming_key
from agentkit.prompts.build import combine_prompt, judge_prompt
from agentkit.prompts.fault import answer_fault
from agentkit.records.run_store import FileRunStore
from agentkit.report import ReportUsage, Saving
from agentkit.state import State
from agentkit.types import Verdict
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
    Rule,
    RuledBackend,
    StampedBackend,
    TracedBackend,
)
from agentkit.wrappers.railed import RailedBackend
from agentkit.wrappers.redacting import RedactingBackend
from agentkit.wrappers.savings import avoided, likely
from agentkit.wrappers.shares import Shares

_LOG = logging.getLogger("agentkit")
_NO_EMBEDDER = (
    "cache.threshold has no effect without cache.semantic and cache.embedding: questions of one form share an answer."
)


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
    guards: EdgeGuards | None = None
    _meter: Meter = field(init=False)
    _rules: list[Rule] = field(init=False)
    _accounts: Accounts = field(init=False)
    _cache: AnswerCache | None = field(init=False, default=None)
    _shares: Shares = field(init=False)
    _lent: dict[str, tuple[Model, ModelBackend]] = field(
        init=False, default_factory=dict[str, tuple[Model, ModelBackend]]
    )
    _carried: dict[str, Contents] = field(init=False, default_factory=dict[str, Contents])

    def __post_init__(self) -> None:
        limits = self.config.budget
        budget = Budget(usd=limits.usd, tokens=limits.tokens, calls=limits.calls, seconds=limits.seconds)
        payer = Payer(self.store.run_id, self.tenant, self.store.matter_id)
        self._accounts = Accounts(budget, ledger=self.ledger, payer=payer)
        self._shares = Shares(budget, self._accounts, ledger=self.ledger)
        self._meter = Meter(self.record, self._accounts)
        self._rules = make_rules(self.config)

    async def carry_over(self, events: Sequence[Mapping[str, object]]) -> None:
        """Count the calls that an interrupted run made before: they stay in the report and off the budget.

        Those that were going on when it was killed are in the ledger only, at their worst case.
        """
        for event in events:
            self._meter.recall(event)
            self._shares.recall(event)
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

    def govern(self, model: Model, *, accounts: Accounts | None = None) -> ModelBackend:
        """Return the one door to a model; `accounts` pay in place of the run's."""
        inner: ModelBackend = self._routed(model)
        candidates = [(item.price, item.longest_answer) for item in model.deployments]
        inner = BudgetedBackend(inner, accounts=accounts or self._accounts, candidates=candidates)
        cache = None if model.deterministic else self._opened_cache()
        if cache is not None:
            inner = CachedBackend(
                inner,
                cache=cache,
                scope=(self.tenant, self.store.matter_id),
                identity=f"{model.identity}|{self.rails_version}",
                vault=self.store.vault,
                meter=self._meter,
                price=model.deployments[0].price,
            )
        if self._rules:
            inner = RuledBackend(inner, rules=self._rules, meter=self._meter, price=model.deployments[0].price)
        untraced = [name for name, label in self.config.labels.items() if not label.trace]
        inner = RedactionCheckedBackend(
            TracedBackend(inner, tracer=self.tracer, untraced=untraced), vault=self.store.vault
        )
        return StampedBackend(inner, labels=self.labels, contents=self._contents)

    def lend(self, name: str) -> ModelBackend:
        """Return the door to a role or a model by name, for what asks in free conversation: rails, guests.

        With `guards`, replies pass the rails of their edge while they still hold placeholders.

        Raises:
            ConfigError: there is no such role or model.
        """
        if name not in self._lent:
            model = make_model(self._names(name), self.config)
            inner = self.govern(model)
            railed = RailedBackend(inner, guards=self.guards) if self.guards else inner
            self._lent[name] = model, RedactingBackend(railed, store=self.store)
        return self._lent[name][1]

    def _names(self, name: str) -> list[str]:
        match name:
            case "writer" | "reviewer" | "judge" | "router":
                return qualified(name, self.config, self.home) or qualified("writer", self.config, self.home)
            case _:
                return qualified(name, self.config, self.home) or [name]

    def consult(self, agent: str, role: str, /, *, share: float, writer: Model) -> Doors:
        """Return an agent's doors to the model of its role, or to the `writer` where the role has none."""
        key = f"agent:{agent}"
        if key not in self._lent:
            names = qualified(role, self.config, self.home)
            model = make_model(names, self.config) if names else writer
            door = self.govern(model, accounts=self._shares.of(agent, share))
            # A writer is closed by whose it is.
            self._lent[key] = model if names else Model(writer.name, []), door
        read = self._lent[key][1]
        railed = RailedBackend(read, guards=self.guards) if self.guards else read
        return Doors(RedactingBackend(railed, store=self.store, restoring=False), read)

    def _routed(self, model: Model) -> ModelBackend:
        """Return what chooses among a model's deployments and meets their failures."""
        only = model.deployments[0]
        if model.deterministic and len(model.deployments) == 1 and only.host == "":
            # It runs in this process: nothing fails in passing, and nothing leaves, whatever the label.
            return MeteredBackend(only.backend, meter=self._meter, deployment=only.name, host=only.host)
        clearances = {name: frozenset(label.requires) for name, label in self.config.labels.items()}
        rungs = [
            RoutedBackend(rung[0].backend.name, [self._candidate(item) for item in rung], clearances)
            for rung in model.rungs()
        ]
        if len(rungs) == 1:
            return rungs[0]
        prices = [rung[0].price for rung in model.rungs()]
        return LadderBackend(rungs, fault=answer_fault, record=self.record, prices=prices, meter=self._meter)

    def _candidate(self, item: Deployed) -> Candidate:
        name = item.name
        circuit = item.circuit or Circuit(name)
        door = ResilientBackend(
            MeteredBackend(
                item.backend,
                meter=self._meter,
                price=item.price,
                max_output_tokens=item.max_output_tokens,
                deployment=name,
                host=item.host,
            ),
            policy=item.policy,
            gate=item.gate or Gate(name),
            circuit=circuit,
        )
        tags = item.tags
        if item.host == "" and item.backend.deterministic:  # nothing leaves, whatever the label
            tags = tags.union(*(label.requires for label in self.config.labels.values()))
        return Candidate(
            door, tags=tags, weight=item.weight, rank=item.rank, health=circuit, longest_answer=item.max_output_tokens
        )

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

    def spent(self, state: State, writer: Model, judge: Model | None) -> ReportUsage:
        """Return what a finished run took, with what its own steps spared: choosing among claims, and judging them."""
        usage = self.usage()
        spared = [self._uncombined(state, writer), self._unjudged(state, judge) if judge else None]
        return replace(usage, savings=[*usage.savings, *(saving for saving in spared if saving)])

    def _uncombined(self, state: State, writer: Model) -> Saving | None:
        """One draft was written to the limits at once: nobody had to be asked which of its claims to keep."""
        drafts = [draft for draft in state.get("drafts", []) if draft.item is None]
        if writer.deterministic or state["task"].kind != "summarize" or len(drafts) != 1 or len(drafts[0].claims) < 2:
            return None
        prompt = combine_prompt(drafts[0].claims, focus="", limits=state["task"].target)
        answer = json.dumps({"keep": [claim.id for claim in drafts[0].claims]})
        return avoided("skipped_combine", likely(prompt, answer), price=writer.deployments[0].price)

    def _unjudged(self, state: State, judge: Model) -> Saving | None:
        """Code decided a claim in the end; a judge would have been asked about each."""
        decided = {item.claim_id for item in state.get("verdicts", []) if _by_code(item)}
        total = Saving("deterministic_review")
        for claim in state.get("claims", []):
            if judge.deterministic or claim.id not in decided:
                continue
            passages = self.store.safe(list(dict.fromkeys(citation.passage for citation in claim.citations)))
            prompt = judge_prompt(claim, passages)
            one = avoided("deterministic_review", likely(prompt, "{}" * 40), price=judge.deployments[0].price)
            total = Saving(one.step, total.calls + 1, total.tokens + one.tokens, total.usd + one.usd)
        return total if total.calls else None

    async def aclose(self) -> None:
        """Book what is not booked yet, and release the cache, the matter and the models that were lent."""
        await self.release()
        await self.book()
        if self._cache is not None:
            self._cache.close()
        self.store.close()

    async def release(self) -> None:
        """Close the models that were lent."""
        for model, _ in self._lent.values():
            await model.aclose()

    async def book(self) -> None:
        """Write what is not in the ledger yet; where it cannot be, say so."""
        try:
            for accounts in (self._accounts, *self._shares.opened()):
                await accounts.flush()
        except UnavailableError as error:  # the answers are there all the same
            self.record.add("ledger_failed", fields={"error": type(error).__name__})
            _LOG.warning("What this run took is not booked. %s", error)

    def _opened_cache(self) -> AnswerCache | None:
        if self._cache is None and (store := make_answer_store(self.config, self.home)) is not None:
            chosen = self.config.cache
            embedder = make_embedder(self.config)
            if "threshold" in chosen.model_fields_set and embedder is None:
                _LOG.warning(_NO_EMBEDDER)
            policy = CachePolicy(
                max_age_days=chosen.max_age_days,
                semantic=chosen.semantic,
                threshold=chosen.threshold,
                cacheable_labels=frozenset(name for name, label in self.config.labels.items() if label.cache),
            )
            self._cache = AnswerCache(
                store,
                key=load_naming_key(self.home),
                policy=policy,
                record=self.record,
                matter=self.store.matter_id,
                embedder=embedder,
            )
        return self._cache


def _by_code(verdict: Verdict) -> bool:
    return verdict.label != "unverified" and verdict.method not in ("judge", "citation")
