"""What an answer may rest on: told to the rails around it, however many hands the text goes through."""

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Grounds:
    """What is known about one text of an answer, all of it redacted.

    `placeholders` are those that were given out ("<PERSON_1>"), `cited` is the text of the passages that the answer
    cites; None where it is not known, so that nothing can be compared with it.
    """

    placeholders: frozenset[str] | None = None
    cited: str | None = None


_UNKNOWN = Grounds()
_grounds: ContextVar[Grounds] = ContextVar("agentkit_grounds", default=_UNKNOWN)


@contextmanager
def resting_on(grounds: Grounds) -> Generator[None]:
    """Say what the texts checked within the block rest on, in this context and the tasks started in it."""
    token = _grounds.set(grounds)
    try:
        yield
    finally:
        _grounds.reset(token)


def grounds_here() -> Grounds:
    """Return what the text at hand rests on; nothing is known where nobody said."""
    return _grounds.get()
