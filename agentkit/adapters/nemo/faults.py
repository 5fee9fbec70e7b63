"""What is wrong with a rails folder: one sentence each, with the file and, where known, the line."""

import difflib
from collections.abc import Collection
from dataclasses import dataclass

from agentkit.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong. `line` counts from 1."""

    sentence: str
    path: str
    line: int | None = None

    @property
    def error(self) -> ConfigError:
        """The fault as the error that refuses the folder."""
        return ConfigError(self.sentence, path=self.path, line=self.line)

    @classmethod
    def of(cls, error: ConfigError) -> "Fault":
        """Return the fault that an error tells of."""
        where = (
            "" if error.path is None else f"{error.path}: " if error.line is None else f"{error.path}:{error.line}: "
        )
        return cls(str(error).removeprefix(where), error.path or "", error.line)


def did_you_mean(name: str, known: Collection[str], *, prefix: str = "", cutoff: float = 0.5) -> str:
    """Return a clause that names the nearest valid name, or some of the valid ones where none is near."""
    near = difflib.get_close_matches(name, known, n=1, cutoff=cutoff)
    if near:
        return f'did you mean "{prefix}{near[0]}"?'
    some = sorted(known)
    more = f" and {len(some) - 12} more" if len(some) > 12 else ""
    return f"known are {', '.join(some[:12])}{more}" if some else "none is known here"
