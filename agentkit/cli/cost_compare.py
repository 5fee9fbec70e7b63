"""What recorded calls would have cost on each configured deployment, and when a machine of one's own pays."""

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime

from agentkit.calls import CACHE_HIT, LedgerQuery, LedgerRow, Price
from agentkit.cli.cost_table import table, title, usd
from agentkit.config import Deployment, Hardware

_HOURS_A_MONTH = 365.25 * 24 / 12
_DAYS_A_MONTH = 365.25 / 12
_MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Traffic:
    """What was recorded. `tokens` figures are those of answered calls; the others are counted apart."""

    days: float
    calls: int
    input_tokens: int
    cached_tokens: int
    output_tokens: int
    cost_usd: float
    failed: int
    failed_usd: float
    cache_hits: int
    uncounted: int

    @property
    def tokens(self) -> int:
        """Prompts and answers together."""
        return self.input_tokens + self.output_tokens

    @property
    def monthly_tokens(self) -> float:
        """Tokens a month at the recorded pace; at least a day is taken as the time it took."""
        return self.tokens / max(self.days, 1.0) * _DAYS_A_MONTH


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """One deployment: dollars by the price per token, with the recorded share of cached tokens and with none.

    `too_long` counts the calls that do not fit its window. None stands where no price is configured.
    """

    deployment: str
    usd_cached: float | None
    usd_uncached: float | None
    too_long: int
    self_hosted: bool = False


@dataclass(frozen=True, slots=True)
class BreakEven:
    """From which volume a machine is cheaper than one deployment; `tokens` is None where it never is."""

    against: str
    usd_per_million: float
    tokens: float | None


@dataclass(frozen=True, slots=True)
class Machine:
    """A self-hosted deployment: dollars a month, what it can do, and how it compares. Inputs as configured."""

    deployment: str
    hardware: dict[str, float | None]
    price_usd: float
    power_usd: float
    capacity_tokens: float | None
    break_even: list[BreakEven]

    @property
    def monthly_usd(self) -> float:
        """Price and power of a month."""
        return self.price_usd + self.power_usd


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything `agentkit cost --compare` shows."""

    query: LedgerQuery
    traffic: Traffic
    elsewhere: list[Elsewhere]
    machines: list[Machine] = field(default_factory=list[Machine])


def compare(
    rows: Sequence[LedgerRow], query: LedgerQuery, *, models: Sequence[Deployment], now: datetime
) -> Comparison:
    """Price the answered calls on every configured deployment.

    Answers from our own cache would be free elsewhere too; failed attempts are nobody's to compare. A price is
    that of the configuration; a self-hosted deployment without one costs its machine.
    """
    answered = [row for row in rows if row.outcome == "ok" and row.input_tokens + row.output_tokens]
    traffic = _traffic(rows, answered, query, now)
    elsewhere = [_elsewhere(name, item, answered, traffic) for name, item in _named(models)]
    machines = [
        _machine(name, item.hardware, elsewhere, traffic) for name, item in _named(models) if item.hardware is not None
    ]
    return Comparison(query, traffic, elsewhere, machines)


def render(comparison: Comparison, form: str) -> str:
    """Return a comparison as text, Markdown or JSON."""
    if form == "json":
        data = asdict(comparison)
        data["query"] = {name: str(value) if value else None for name, value in data["query"].items()}
        return json.dumps(data, indent=2)
    traffic = comparison.traffic
    lines = [title(comparison.query, "What the recorded calls would have cost"), "", _summary(traffic), ""]
    lines += table(
        ["deployment", "as much cached", "nothing cached", "calls too long for it"],
        [
            *(
                [row.deployment, _dollars(row, row.usd_cached), _dollars(row, row.usd_uncached), f"{row.too_long:,}"]
                for row in comparison.elsewhere
            ),
            ["recorded", usd(traffic.cost_usd), "", ""],
        ],
        form=form,
    )
    for machine in comparison.machines:
        lines += ["", *_machine_lines(machine, traffic, form)]
    return "\n".join([*lines, "", *_honesty(traffic)])


def _named(models: Sequence[Deployment]) -> Iterator[tuple[str, Deployment]]:
    seen: dict[str, int] = {}
    for item in models:
        number = seen[item.model_name] = seen.get(item.model_name, 0) + 1
        yield item.model_name if number == 1 else f"{item.model_name}#{number}", item


def _traffic(rows: Sequence[LedgerRow], answered: Sequence[LedgerRow], query: LedgerQuery, now: datetime) -> Traffic:
    # The days before the first recorded call were not quiet: nothing was recorded yet.
    begin = min((row.time for row in rows), default=query.since or now)
    end = min(query.until or now, now)
    failed = [row for row in rows if row.outcome not in {"ok", CACHE_HIT}]
    return Traffic(
        days=max(0.0, (end - begin).total_seconds() / 86400),
        calls=len(answered),
        input_tokens=sum(row.input_tokens for row in answered),
        cached_tokens=sum(row.cached_tokens for row in answered),
        output_tokens=sum(row.output_tokens for row in answered),
        cost_usd=sum(row.cost_usd for row in answered),
        failed=len(failed),
        failed_usd=sum(row.cost_usd for row in failed),
        cache_hits=sum(row.outcome == CACHE_HIT for row in rows),
        uncounted=sum(row.outcome == "ok" and not row.input_tokens + row.output_tokens for row in rows),
    )


def _elsewhere(name: str, item: Deployment, answered: Sequence[LedgerRow], traffic: Traffic) -> Elsewhere:
    too_long = sum(row.input_tokens + row.output_tokens > item.context_tokens for row in answered)
    own = item.hardware is not None
    if not (item.input_price or item.output_price):
        return Elsewhere(name, None, None, too_long, own)
    cached = None if item.cached_price is None else item.cached_price / _MILLION
    price = Price(item.input_price / _MILLION, item.output_price / _MILLION, cached)
    sent, received = traffic.input_tokens, traffic.output_tokens
    with_cache = price.of(input_tokens=sent, output_tokens=received, cached_tokens=traffic.cached_tokens)
    return Elsewhere(name, with_cache, price.of(input_tokens=sent, output_tokens=received), too_long, own)


def _machine(name: str, hardware: Hardware, elsewhere: Sequence[Elsewhere], traffic: Traffic) -> Machine:
    price = hardware.price_usd / hardware.months
    power = hardware.watts / 1000 * _HOURS_A_MONTH * hardware.usd_per_kwh
    speed = hardware.tokens_per_second
    capacity = None if speed is None else speed * hardware.utilisation * _HOURS_A_MONTH * 3600
    break_even: list[BreakEven] = []
    for other in elsewhere:
        if other.deployment == name or not other.usd_cached or not traffic.tokens:
            continue
        per_token = other.usd_cached / traffic.tokens
        tokens = (price + power) / per_token
        reachable = capacity is None or tokens <= capacity
        break_even.append(BreakEven(other.deployment, per_token * _MILLION, tokens if reachable else None))
    return Machine(name, hardware.model_dump(), price, power, capacity, break_even)


def _summary(traffic: Traffic) -> str:
    return (
        f"{traffic.calls:,} answered calls in {traffic.days:.1f} days: {traffic.input_tokens:,} tokens sent "
        f"({traffic.cached_tokens:,} of them cached by providers), {traffic.output_tokens:,} received."
    )


def _machine_lines(machine: Machine, traffic: Traffic, form: str) -> Iterator[str]:
    given = machine.hardware
    mark = "- " if form == "md" else "  "
    yield (
        f"{machine.deployment} on a machine of ${given['price_usd']:,.0f} over {given['months']:.0f} months, "
        f"{given['watts']:g} W all month at ${given['usd_per_kwh']:g} a kWh:"
    )
    yield f"{mark}${machine.price_usd:,.2f} + ${machine.power_usd:,.2f} power = ${machine.monthly_usd:,.2f} a month"
    if machine.capacity_tokens is None:
        yield f"{mark}how much it can do is unknown: give tokens_per_second"
    else:
        needed = max(1, math.ceil(traffic.monthly_tokens / machine.capacity_tokens))
        yield (
            f"{mark}at most {machine.capacity_tokens:,.0f} tokens a month "
            f"({given['tokens_per_second']:g} a second, working {given['utilisation']:.0%} of the time)"
        )
        yield f"{mark}recorded pace: {traffic.monthly_tokens:,.0f} tokens a month, {needed} such machine(s)"
    for item in machine.break_even:
        price = f"against {item.against} (${item.usd_per_million:.4f} a million tokens of this mix)"
        if item.tokens is None:
            yield f"{mark}{price}: never, even a machine that is full costs more a token"
        else:
            share = traffic.monthly_tokens / item.tokens
            yield f"{mark}{price}: from {item.tokens:,.0f} tokens a month; recorded pace is {share:.1%} of that"


def _honesty(traffic: Traffic) -> Iterator[str]:
    yield (
        f"Left out: {traffic.failed:,} failed or lost attempts ({usd(traffic.failed_usd)} at worst), "
        f"{traffic.cache_hits:,} answers from our own cache, {traffic.uncounted:,} calls without a count of tokens."
    )
    yield "Prices are the configuration's; tokens are as the model that answered counted them, and others differ."


def _dollars(row: Elsewhere, value: float | None) -> str:
    if value is not None:
        return usd(value)
    return "its machine" if row.self_hosted else "no price"
