"""What each extra adds to an installation, in megabytes: `python tests/install/weights.py` prints the guide's table.

Counts the installed files of the packages that an extra needs and the core does not; two extras may share packages.
"""

import sys
import tomllib
from functools import cache
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
MEGABYTE = 1_000_000


def extras() -> dict[str, list[str]]:
    """Return the extras of the project and what each asks for, without `all`."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return {name: wanted for name, wanted in project["optional-dependencies"].items() if name != "all"}


def core() -> list[str]:
    """Return what the project asks for without any extra."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return list(project["dependencies"])


def closure(wanted: list[str]) -> set[str]:
    """Return the names of all installed packages that these requirements lead to."""
    found: set[str] = set()
    queue = [Requirement(line) for line in wanted]
    seen: set[tuple[str, str]] = set()
    while queue:
        need = queue.pop()
        name = canonicalize_name(need.name)
        dist = _installed(name)
        if dist is None:
            continue
        found.add(name)
        for extra in ("", *need.extras):
            if (name, extra) not in seen:
                seen.add((name, extra))
                queue += [child for line in dist.requires or [] if _holds(child := Requirement(line), extra)]
    return found


def _holds(need: Requirement, extra: str) -> bool:
    return need.marker is None or need.marker.evaluate({"extra": extra})


@cache
def _installed(name: str) -> Distribution | None:
    try:
        return distribution(name)
    except PackageNotFoundError:
        return None


@cache
def weight(name: str) -> int:
    """Return the bytes of a package's installed files."""
    dist = _installed(name)
    files = (dist.files if dist else None) or []
    return sum(path.stat().st_size for file in files if (path := Path(str(file.locate()))).is_file())


def table() -> list[tuple[str, int, str]]:
    """Return for the core and each extra: its megabytes and its heaviest packages."""
    base = closure(core())
    rows = [_row("core", base)]
    rows += sorted((_row(name, closure(wanted) - base) for name, wanted in extras().items()), key=lambda row: row[0])
    return rows


def _row(name: str, packages: set[str]) -> tuple[str, int, str]:
    heavy = sorted(packages, key=weight, reverse=True)[:3]
    told = ", ".join(f"{one} {weight(one) // MEGABYTE}" for one in heavy if weight(one) >= MEGABYTE)
    return name, round(sum(map(weight, packages)) / MEGABYTE), told


if __name__ == "__main__":
    sys.stdout.write("| extra | MB | of which |\n|---|---|---|\n")
    for name, megabytes, told in table():
        sys.stdout.write(f"| `{name}` | {megabytes} | {told} |\n")
