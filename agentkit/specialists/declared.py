"""How an agent is declared: a function, what it takes and gives, and the bounds it works in."""

import inspect
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, get_args, overload

from agentkit.errors import ConfigError
from agentkit.seats import check_name
from agentkit.specialists.shapes import NOTHING, HandOver, Shape, hints_of, shape_of
from agentkit.types import Edge

__all__ = ["Agent", "HandOver", "agent", "as_agent"]
Run = Callable[..., Awaitable[object]]


@dataclass(frozen=True)
class Agent:
    """One specialist: an async function of a context and, where it takes something, of what it takes.

    `role` is the role whose model it asks; `budget_share` the part of the run's budget that it may spend, in (0, 1];
    `timeout_s` are seconds for one attempt; `edges` are the kinds of edge that what it brings crosses.
    """

    run: Run
    name: str
    role: str
    takes: Shape
    gives: Shape
    retries: int = 0
    timeout_s: float | None = None
    budget_share: float = 1.0
    edges: tuple[Edge, ...] = ("agent_to_agent",)

    async def __call__(self, *given: Any) -> Any:
        """Call the function itself, as a test of it does."""
        return await self.run(*given)


@overload
def agent(run: Run, /) -> Agent: ...
@overload
def agent(
    *,
    name: str = "",
    role: str = "",
    retries: int = 0,
    timeout_s: float | None = None,
    budget_share: float = 1.0,
    edges: Sequence[Edge] = ("agent_to_agent",),
) -> Callable[[Run], Agent]: ...
def agent(  # noqa: PLR0913  (one keyword for each bound)
    run: Run | None = None,
    /,
    *,
    name: str = "",
    role: str = "",
    retries: int = 0,
    timeout_s: float | None = None,
    budget_share: float = 1.0,
    edges: Sequence[Edge] = ("agent_to_agent",),
) -> Agent | Callable[[Run], Agent]:
    """Declare an async function as an agent, for `AgentKit.with_agent`.

    Args:
        run: the function: it takes an `AgentContext`, and as a second parameter what its annotation says:
            `list[Claim]`, `list[Verdict]` or `list[SafePassage]` of the run, or what another agent gives. What it gives
            is its return annotation: a dataclass or pydantic class, a list of one, `list[Claim]`, `list[Verdict]`, or
            None; with `| HandOver`, it may hand over.
        name: by default the function's.
        role: whose model it asks, as `roles` has it; by default its name, and the writer's model where none is named.
        retries: how often it is tried again after a failure, 0 to 10.
        timeout_s: seconds for each attempt; None is no limit.
        budget_share: the part of the run's budget that it may spend, above 0 and at most 1.
        edges: the kinds of edge that what it brings crosses, one at least.

    Raises:
        ConfigError: something of it cannot be; says what to do.
    """
    made = partial(
        _made,
        name=name,
        role=role,
        bounds={"retries": retries, "timeout_s": timeout_s, "budget_share": budget_share, "edges": tuple(edges)},
    )
    return made if run is None else made(run)


def as_agent(given: object) -> Agent:
    """Return an agent as it is, and a plain async function as one.

    Raises:
        ConfigError: it is neither.
    """
    return given if isinstance(given, Agent) else _made(given, name="", role="", bounds={})


def _made(run: object, *, name: str, role: str, bounds: dict[str, Any]) -> Agent:
    called = name or str(getattr(run, "__name__", type(run).__name__))
    work = run if inspect.isroutine(run) else getattr(run, "__call__", None)  # noqa: B004  (an object may be one)
    if not callable(run) or not inspect.iscoroutinefunction(work):
        raise ConfigError(f"The agent {called} is no async function: write `async def`, and await what it asks.")
    check_name(called, [])
    hints = hints_of(work, called)
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    taken = [item for item in inspect.signature(run).parameters.values() if item.kind in kinds]
    if not 1 <= len(taken) <= 2:
        raise ConfigError(
            f"The agent {called} takes {len(taken)} parameters: give it a context, and one for its input."
        )
    if "return" not in hints:
        raise ConfigError(f"The agent {called} does not say what it returns: annotate it, with None for nothing.")
    takes = NOTHING
    if len(taken) == 2:
        takes = shape_of(hints.get(taken[1].name, "its input"), who=called, gives=False)
    made = Agent(run, called, role or called, takes, shape_of(hints["return"], who=called, gives=True))  # pyright: ignore[reportArgumentType]
    return _bounded(replace(made, **bounds))


def _bounded(made: Agent) -> Agent:
    role, retries, share, timeout_s = _as_given(made.role, made.retries, made.budget_share, made.timeout_s)
    faults = {
        "role must be a name without spaces": not isinstance(role, str) or not role.isprintable() or " " in role,
        "retries must be from 0 to 10": not isinstance(retries, int) or not 0 <= retries <= 10,
        "budget_share must be above 0 and at most 1": not isinstance(share, int | float) or not 0 < share <= 1,
        "timeout_s must be above 0": timeout_s is not None
        and (not isinstance(timeout_s, int | float) or not timeout_s > 0),
        f"edges must be some of {', '.join(get_args(Edge))}": not made.edges
        or any(edge not in get_args(Edge) for edge in made.edges),
    }
    for fault, wrong in faults.items():
        if wrong:
            raise ConfigError(f"The agent {made.name}: {fault}.")
    return made


def _as_given(*values: object) -> tuple[object, ...]:
    """Return values as what they are, and not as what they were declared: nobody has checked them yet."""
    return values
