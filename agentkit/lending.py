"""The run's doors to models, lent to what runs inside it and is shared by all runs: rails, guests."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar

from agentkit.errors import UnavailableError
from agentkit.ports import ModelBackend

Lender = Callable[[str], ModelBackend]
_lender: ContextVar[Lender | None] = ContextVar("agentkit_lender", default=None)


@contextmanager
def lending(lender: Lender) -> Generator[None]:
    """Lend doors while the block runs, in this context and the tasks started in it."""
    token = _lender.set(lender)
    try:
        yield
    finally:
        _lender.reset(token)


def borrow(name: str) -> ModelBackend:
    """Return the governed door to a model, by a role's or a model's name.

    Raises:
        UnavailableError: nothing is lent here, so that a call would be nobody's.
        ConfigError: there is no such role or model.
    """
    lender = _lender.get()
    if lender is None:
        raise UnavailableError(f"The model {name} can only be asked within a run, whose budget pays for it.")
    return lender(name)
