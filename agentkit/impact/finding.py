"""Where cited words stand in a text that has changed."""

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from functools import cached_property

_REACH = 600


class Changed:
    """A document as it was and as it is.

    Args:
        before: its text when it was cited.
        now: its text at present; None where the document is gone.
    """

    def __init__(self, before: str, now: str | None) -> None:
        self.before = before
        self.now = now

    def found(self, start: int, end: int) -> tuple[int, int] | None:
        """Return where the words of a span stand now, or None; of several places, the one nearest to where they were.

        The same words broken into lines differently are the same.
        """
        if self.now is None:
            return None
        words = self.before[start:end].split()
        if not words:
            return None
        # Apart from other words: "9" is not found in "19".
        before = r"(?<![^\W_])" if words[0][0].isalnum() else ""
        after = r"(?![^\W_])" if words[-1][-1].isalnum() else ""
        pattern = re.compile(before + r"\s+".join(map(re.escape, words)) + after)
        spans = [match.span() for match in pattern.finditer(self.now)]
        middle = self._near(start)
        return min(spans, key=lambda span: abs(span[0] - middle), default=None)

    def around(self, start: int, end: int, *, now: bool) -> tuple[int, int]:
        """Return the paragraph of a span, in the one text or the other."""
        text = (self.now or "") if now else self.before
        first = text.rfind("\n\n", max(0, start - _REACH), start)
        last = text.find("\n\n", end, end + _REACH)
        first = first + 2 if first >= 0 else max(0, start - _REACH)
        last = last if last >= 0 else min(len(text), end + _REACH)
        return min(first, start), max(last, end)

    def successor(self, start: int, end: int) -> str:
        """Return what stands now where a span stood: whole lines, with one before and after it."""
        if self.now is None:
            return ""
        first, last = self.before.count("\n", 0, start), self.before.count("\n", 0, end) + 1
        lines = self.now.split("\n")
        taken: list[int] = []
        for _, i1, i2, j1, j2 in self._steps:
            if (i1 < last and i2 > first) or (i1 == i2 and first <= i1 <= last):
                shift = j1 - i1
                whole = i2 - i1 == j2 - j1
                taken += [max(j1, first + shift), min(j2, last + shift)] if whole else [j1, j2]
        if not taken:
            return ""
        return "\n".join(lines[max(0, min(taken) - 1) : max(taken) + 1])

    def _near(self, start: int) -> int:
        """Return about where a place of the old text is now."""
        line = self.before.count("\n", 0, start)
        for _, i1, i2, j1, _ in self._steps:
            if i1 <= line < i2:
                now = (self.now or "").split("\n")
                return sum(len(one) + 1 for one in now[: j1 + line - i1])
        return start

    @cached_property
    def _steps(self) -> Sequence[tuple[str, int, int, int, int]]:
        """How the lines of the one text become those of the other."""
        lines = SequenceMatcher(None, self.before.split("\n"), (self.now or "").split("\n"), autojunk=False)
        return lines.get_opcodes()
