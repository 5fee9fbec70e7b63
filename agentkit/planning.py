"""What a run would do, before anything is spent (`--dry-run`)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from agentkit.agents import batches
from agentkit.calls import LimitLeft
from agentkit.config import Config
from agentkit.deployments import Deployed, Model
from agentkit.prompts import summarize_prompt
from agentkit.text.token_bound import most_tokens
from agentkit.types import ChecklistItem, Document, Limits, Passage, SafePassage
from agentkit.wrappers.charges import prompt_tokens

_PROMPT_OVERHEAD_TOKENS = 600


@dataclass(frozen=True, slots=True)
class PlannedCost:
    """What the whole run would cost at worst on one deployment that may serve it.

    `standing` says when it is asked; `fits` whether the longest prompt and an answer go into its window.
    """

    deployment: str
    standing: str
    tokens: int
    usd: float
    fits: bool


@dataclass(frozen=True, slots=True)
class BudgetShare:
    """What a run may take of one limit: `needed` at worst, of what is `left`, in the limit's unit."""

    limit: str
    unit: str
    needed: float
    left: float
    ends: datetime | None = None

    def render(self) -> str:
        """Return one line; says so where the worst case does not fit."""
        until = f" until {self.ends:%Y-%m-%d %H:%M} UTC" if self.ends else ""
        verdict = "" if self.needed <= self.left + 1e-9 else "  (does not fit)"
        return f"{self.limit}: {_amount(self.needed, self.unit)} of {_amount(self.left, self.unit)}{until}{verdict}"


@dataclass(frozen=True, slots=True)
class Plan:
    """The worst case of a run, if no call is made again: calls, tokens of prompts and answers, dollars.

    `tokens` and `usd` are those of the dearest deployment that may serve it; a call made again takes more, and
    is asked of the budget by itself.
    """

    model: str
    documents: int
    pages: int
    passages: int
    sections: int
    checklist_items: int
    calls: int
    tokens: int
    usd: float
    costs: Sequence[PlannedCost] = ()
    shares: Sequence[BudgetShare] = ()
    judged: bool = False

    def render(self) -> str:
        """Return the plan as text."""
        lines = [
            f"Documents   {self.documents} ({self.pages} pages, {self.passages} passages)",
            f"Sections    {self.sections}" + (f" and {self.checklist_items} items" if self.checklist_items else ""),
            f"Model       {self.model}",
            f"Calls       at most {self.calls}" + (", and the judge's" if self.judged else ""),
            f"Tokens      at most {self.tokens:,}",
            f"Cost        at most ${self.usd:.4f}",
        ]
        if len(self.costs) > 1 or not all(cost.fits for cost in self.costs):
            lines += [_row(cost) for cost in self.costs]
        heads = ["Budget      ", *["            "] * len(self.shares)]
        return "\n".join([*lines, *(head + share.render() for head, share in zip(heads, self.shares, strict=False))])


def make_plan(
    documents: Sequence[Document],
    passages: Sequence[Passage],
    *,
    model: Model,
    checklist: Sequence[ChecklistItem],
    config: Config,
    left: Sequence[LimitLeft] = (),
) -> Plan:
    """Work out the worst case of summarizing documents.

    Every section, checklist item, combining step and revision is a call; a revision repeats the cited
    passages, so each is counted as a whole section. A deterministic model takes no tokens and no money.

    Args:
        documents: what was read.
        passages: as it was cut.
        model: the writer's.
        checklist: what is looked for.
        config: its limits, its `retrieval.top_k` and `review.max_revisions`.
        left: what periods leave the tenant.
    """
    readable = [_unredacted(passage) for passage in passages if passage.kind != "contents"]
    first = [item for item in model.deployments if item.rank == item.rung == 0] or model.deployments
    cut = batches(readable, model=min(first, key=lambda item: item.backend.context_tokens).backend)
    revisions = config.review.max_revisions
    calls = len(cut) + len(checklist) + 1 + revisions
    sizes = [prompt_tokens(summarize_prompt(batch, focus="", limits=Limits())) for batch in cut]
    longest = max(sizes, default=0)
    average = sum(most_tokens(passage.text) for passage in readable) // max(1, len(readable))
    top_k = len(readable) if model.deterministic else config.retrieval.top_k
    item = _PROMPT_OVERHEAD_TOKENS + average * top_k
    sent = sum(sizes) + item * len(checklist) + longest * (1 + revisions)
    costs = [_cost(deployed, calls=calls, sent=sent, longest=longest) for deployed in model.deployments]
    tokens, usd = max(cost.tokens for cost in costs), max(cost.usd for cost in costs)
    return Plan(
        model=model.name,
        documents=len(documents),
        pages=sum(len(document.pages) for document in documents),
        passages=len(passages),
        sections=len(cut),
        checklist_items=len(checklist),
        calls=calls,
        tokens=tokens,
        usd=usd,
        costs=costs,
        shares=list(_shares(config, left, needs={"usd": usd, "calls": calls, "tokens": tokens})),
        judged=bool(config.roles.ladder("reviewer") or config.roles.ladder("judge")),
    )


def _cost(deployed: Deployed, *, calls: int, sent: int, longest: int) -> PlannedCost:
    name = deployed.label or deployed.backend.name
    if deployed.backend.deterministic:
        return PlannedCost(name, _standing(deployed), 0, 0.0, fits=True)
    received = calls * deployed.longest_answer
    fits = longest + deployed.longest_answer <= deployed.backend.context_tokens
    usd = deployed.price.most(input_tokens=sent, output_tokens=received)
    return PlannedCost(name, _standing(deployed), sent + received, usd, fits)


def _standing(deployed: Deployed) -> str:
    if deployed.rung:
        return "where review fails"
    return "fallback" if deployed.rank else "asked first"


def _shares(config: Config, left: Sequence[LimitLeft], *, needs: dict[str, float]) -> Iterator[BudgetShare]:
    run = config.budget
    for unit, most in (("usd", run.usd), ("calls", run.calls), ("tokens", run.tokens)):
        if most is not None:
            yield BudgetShare("run", unit, needs[unit], most)
    for item in left:
        whose = (
            item.limit.tenant if item.limit.tenant not in {"", "*"} else "the tenant" if item.limit.tenant else "all"
        )
        for unit, remaining in (("usd", item.usd), ("calls", item.calls), ("tokens", item.tokens)):
            if remaining is not None:
                yield BudgetShare(f"{item.limit.per}, {whose}", unit, needs[unit], max(0, remaining), item.ends)


def _amount(value: float, unit: str) -> str:
    return f"${value:,.4f}" if unit == "usd" else f"{value:,.0f} {unit}"


def _row(cost: PlannedCost) -> str:
    small = "" if cost.fits else "  (the longest prompt may not fit its window)"
    return f"  {cost.deployment:24} {cost.standing:18} ${cost.usd:.4f}{small}"


def _unredacted(passage: Passage) -> SafePassage:
    """Stand in for a redacted passage of about the same length: nothing is sent while planning."""
    return SafePassage(passage.id, passage.source, passage.start, passage.end, passage.text, section=passage.section)
