"""Who may see what is indexed, and who asks: from the options of a command and the configuration."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agentkit.errors import UsageError
from agentkit.indexed import Principal

if TYPE_CHECKING:
    from agentkit.config import Config

Matter = Annotated[
    str | None,
    typer.Option("--matter", help="Matter of these documents: others do not see them.", show_default=False),
]
Labels = Annotated[
    list[str] | None,
    typer.Option("--label", help="Label that one who sees these documents must hold.", show_default=False),
]
Everyone = Annotated[bool, typer.Option("--everyone", help="These documents are for everybody.")]
AsPrincipal = Annotated[
    str | None,
    typer.Option("--as", help="Who asks: one of the configuration's principals.", metavar="NAME", show_default=False),
]
Matters = Annotated[
    list[str] | None, typer.Option("--matter", help="A matter that who asks works on.", show_default=False)
]
Held = Annotated[list[str] | None, typer.Option("--label", help="A label that who asks holds.", show_default=False)]


@dataclass(frozen=True, slots=True)
class Access:
    """Who may see a document: those on its matter ("" is none) who hold all its labels."""

    matter: str = ""
    labels: tuple[str, ...] = ()

    def named(self, name: str) -> str:
        """Return a document's name in the index: of two of one name in two matters neither tells of the other."""
        labels = f"[{','.join(self.labels)}]" if self.labels else ""
        return f"{self.matter}{labels}/{name}" if self.matter or labels else name


Rules = Callable[[Path], Access | None]
"""Says who may see the document at a path; None where nothing says so."""


def rules(
    config: "Config", *, matter: str | None, labels: Sequence[str] | None, everyone: bool, guarded: bool
) -> Rules:
    """Return who may see which documents.

    Args:
        config: its `index.access` counts where no option is given.
        matter: the matter of all of them.
        labels: the labels of all of them.
        everyone: they are for everybody.
        guarded: the index holds documents that not everybody may see.

    Raises:
        UsageError: the options contradict each other, or nothing says who may see documents beside guarded ones.
    """
    given = Access(matter or "", tuple(sorted(set(labels or ()))))
    if everyone and given != Access():
        raise UsageError("Documents are for everybody, or they have a matter or a label: leave out --everyone.")
    if everyone or given != Access():
        return lambda _: given
    if not config.index.access:
        if guarded:
            problem = "The index holds documents that not everybody may see"
            raise UsageError(f"{problem}: say who may see these with --matter, --label or --everyone.")
        return lambda _: given
    table = [
        (_pattern(rule.path), Access(rule.matter, tuple(sorted(set(rule.labels))))) for rule in config.index.access
    ]
    return lambda path: next((access for fits, access in table if fits(path.resolve().as_posix())), None)


def _pattern(written: str) -> Callable[[str], bool]:
    whole = written if written.startswith("/") else f"{Path.cwd().resolve().as_posix()}/{written}"
    parts = re.split(r"(\*\*/|\*\*|\*|\?)", whole)
    meaning = {"**/": r"(?:.*/)?", "**": r".*", "*": r"[^/]*", "?": r"[^/]"}
    compiled = re.compile("".join(meaning.get(part, re.escape(part)) for part in parts), re.DOTALL)
    return lambda path: compiled.fullmatch(path) is not None


def principal(
    config: "Config", *, name: str | None, matters: Sequence[str] | None, labels: Sequence[str] | None
) -> Principal | None:
    """Return who asks, or None where nobody is named.

    Raises:
        UsageError: the configuration has no principal of that name.
    """
    if name is None and not matters and not labels:
        return None
    if name is not None and name not in config.principals:
        near = get_close_matches(name, config.principals, n=1)
        hint = f"did you mean {near[0]}?" if near else "add it under principals."
        raise UsageError(f"The configuration has no principal {name}: {hint}")
    known = config.principals[name] if name is not None else None
    return Principal(
        name=name or "",
        matters=frozenset([*(known.matters if known else ()), *(matters or ())]),
        labels=frozenset([*(known.labels if known else ()), *(labels or ())]),
    )
