"""Automatic numbering in Word: what "12.3" a paragraph shows although nobody typed it."""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (lxml comes without types.)

import re
from dataclasses import dataclass, field

from agentkit.reading.docx_package import Element, W, is_on, value
from agentkit.reading.numerals import spell

_PLACE = re.compile(r"%([1-9])")


@dataclass(frozen=True, slots=True)
class Level:
    """One level of a list: its first number, its format, its pattern ("%1.%2"), whether all is decimal."""

    start: int = 1
    form: str = "decimal"
    pattern: str = ""
    legal: bool = False


@dataclass(slots=True)
class Numbering:
    """The lists of a document, and how far each has counted."""

    levels: dict[str, dict[int, Level]] = field(default_factory=dict[str, dict[int, Level]])
    lists: dict[str, str] = field(default_factory=dict[str, str])
    overrides: dict[tuple[str, int], int] = field(default_factory=dict[tuple[str, int], int])
    counts: dict[str, dict[int, int]] = field(default_factory=dict[str, dict[int, int]])

    def next(self, list_id: str, level: int) -> str:
        """Count one paragraph and return its number as shown, or an empty string for an unknown list."""
        abstract = self.lists.get(list_id, "")
        levels = self.levels.get(abstract, {})
        if level not in levels:
            return ""
        counts = self.counts.setdefault(abstract, {})
        override = self.overrides.pop((list_id, level), None)
        if override is not None:
            counts[level] = override - 1
        counts[level] = counts.get(level, levels[level].start - 1) + 1
        for deeper in [other for other in counts if other > level]:
            del counts[deeper]
        return self._shown(levels, counts, level)

    def _shown(self, levels: dict[int, Level], counts: dict[int, int], level: int) -> str:
        own = levels[level]
        if own.form == "bullet":
            return "•"
        if own.form == "none":
            return own.pattern if "%" not in own.pattern else ""

        def number(match: re.Match[str]) -> str:
            at = int(match.group(1)) - 1
            shown = levels.get(at, Level())
            return spell(counts.get(at, shown.start), "decimal" if own.legal else shown.form)

        return _PLACE.sub(number, own.pattern)


def read_numbering(root: Element | None) -> Numbering:
    """Read `numbering.xml`."""
    numbering = Numbering()
    if root is None:
        return numbering
    linked: dict[str, str] = {}
    for abstract in root.iterfind(W + "abstractNum"):
        linked[value(abstract.find(W + "styleLink"))] = value(abstract, "abstractNumId")
        numbering.levels[value(abstract, "abstractNumId")] = {
            int(value(level, "ilvl") or 0): _level(level) for level in abstract.iterfind(W + "lvl")
        }
    for abstract in root.iterfind(W + "abstractNum"):
        # A list may borrow its levels from the list that defines a numbering style.
        borrowed = linked.get(value(abstract.find(W + "numStyleLink")) or "-")
        if borrowed:
            numbering.levels[value(abstract, "abstractNumId")] = numbering.levels[borrowed]
    for item in root.iterfind(W + "num"):
        list_id = value(item, "numId")
        numbering.lists[list_id] = value(item.find(W + "abstractNumId"))
        for override in item.iterfind(W + "lvlOverride"):
            start = value(override.find(W + "startOverride"))
            if start.isdigit():
                numbering.overrides[(list_id, int(value(override, "ilvl") or 0))] = int(start)
    return numbering


def _level(level: Element) -> Level:
    start = value(level.find(W + "start"))
    return Level(
        start=int(start) if start.isdigit() else 1,
        form=value(level.find(W + "numFmt")) or "decimal",
        pattern=value(level.find(W + "lvlText")),
        legal=is_on(level.find(W + "isLgl")),
    )
