"""Dates in every usual form, as what they leave open and what they fix."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

MONTHS = {
    name: number
    for number, names in enumerate(
        "january jan|february feb|march mar|april apr|may|june jun|july jul|august aug|september sept sep|october oct"
        "|november nov|december dec".split("|"),
        1,
    )
    for name in names.split()
}
_ORDINAL_DAYS = {
    word: number
    for number, word in enumerate(
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
        "fifteenth sixteenth seventeenth eighteenth nineteenth twentieth twenty-first twenty-second twenty-third "
        "twenty-fourth twenty-fifth twenty-sixth twenty-seventh twenty-eighth twenty-ninth thirtieth "
        "thirty-first".split(),
        1,
    )
}
_MONTH = r"(?i:(?P<month>" + "|".join(sorted(MONTHS, key=len, reverse=True)) + r")\.?)"
_DAY = (
    r"(?P<day>\d{1,2}(?!\d)(?:\s?(?:st|n[d]|rd|th))?|(?i:"
    + "|".join(sorted(_ORDINAL_DAYS, key=len, reverse=True))
    + "))"
)
_YEAR = r"(?P<year>(?:1[6-9]|20|21)\d\d)(?!\d)"
_NUMERIC = [
    re.compile(pattern)
    for pattern in (
        r"(?<![\d.])(?P<year>(?:1[6-9]|20|21)\d\d)-(?P<month>\d\d)-(?P<day>\d\d)(?!\d)",
        r"(?<![\d.])(?P<year>(?:1[6-9]|20|21)\d\d)/(?P<month>\d{1,2})/(?P<day>\d{1,2})(?!\d)",
        r"(?<![\d.])(?P<a>\d{1,2})(?P<sep>[/.\-])(?P<b>\d{1,2})(?P=sep)(?P<year>(?:1[6-9]|20|21)\d\d|\d\d)(?![\d/])",
    )
]
_WORDED = [
    re.compile(pattern)
    for pattern in (
        rf"\b{_DAY}\s+(?:(?:day\s+)?of\s+)?{_MONTH}(?:\s+|,\s*|\s+of\s+|\s+in\s+the\s+year\s+(?:of\s+)?){_YEAR}",
        rf"\b{_MONTH}\s+(?:the\s+)?{_DAY}(?:\s*,?\s*(?:of\s+)?){_YEAR}",
        rf"\b{_DAY}\s+(?:(?:day\s+)?of\s+)?{_MONTH}\b(?!['\w])",
        rf"\b{_MONTH}\s+{_DAY}(?![\w,.]*\d)",
        rf"\b{_MONTH},?\s+(?:of\s+)?{_YEAR}",
    )
]
_BARE_YEAR = re.compile(r"(?<![\d.,$€£/\-])(?:1[89]|20)\d\d(?![\d,]\d|\d|[-/]\d|%|\.\d)")
_HAS_DIGIT = re.compile(r"\d")
_HAS_MONTH = re.compile(r"\b(?:jan|feb|mar|apr|may|june?\b|july?\b|aug|sep|oct|nov|dec)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Date:
    """A date or a part of one; each reading is (year, month, day) with 0 for what is not said."""

    start: int
    end: int
    text: str
    readings: tuple[tuple[int, int, int], ...]

    def agrees(self, other: "Date") -> bool:
        """Whether `other` says everything this date says, in some reading of both."""
        return any(
            all(mine in (0, theirs) for mine, theirs in zip(one, two, strict=True))
            for one in self.readings
            for two in other.readings
        )

    def clashes(self, other: "Date") -> bool:
        """Whether no reading of both is consistent."""
        return not any(
            all(mine == theirs or not mine or not theirs for mine, theirs in zip(one, two, strict=True))
            for one in self.readings
            for two in other.readings
        )


def dates(text: str) -> list[Date]:
    """Return the dates of a text in order, none overlapping another.

    "2024-03-01", "1 March 2024", "March 1, 2024", "the first day of March, 2024", "3/1/2024" (read both
    ways), "March 2024", "March 1" and bare years from 1800 to 2099.
    """
    forms = [*(_NUMERIC if _HAS_DIGIT.search(text) else ()), *(_WORDED if _HAS_MONTH.search(text) else ())]
    found: list[Date] = []
    taken: list[tuple[int, int]] = []
    for fresh in [*(list(_matches(form, text)) for form in forms), list(_years(text))]:
        kept = [date for date in fresh if not overlaps(date.start, date.end, taken)]
        taken = sorted([*taken, *((date.start, date.end) for date in kept)])
        found += kept
    return sorted(found, key=lambda date: date.start)


def overlaps(start: int, end: int, spans: Sequence[tuple[int, int]]) -> bool:
    """Whether a span shares a character with one of some sorted spans (which may repeat but not cross)."""
    index = bisect_left(spans, (end, 0)) - 1
    return index >= 0 and spans[index][1] > start


def _years(text: str) -> Iterator[Date]:
    for match in _BARE_YEAR.finditer(text):
        yield Date(match.start(), match.end(), match.group(), ((int(match.group()), 0, 0),))


def _matches(form: re.Pattern[str], text: str) -> Iterator[Date]:
    for match in form.finditer(text):
        readings = _readings(match.groupdict())
        if readings:
            yield Date(match.start(), match.end(), match.group(), readings)


def _readings(parts: dict[str, str | None]) -> tuple[tuple[int, int, int], ...]:
    year = int(parts.get("year") or 0)
    if "a" in parts:
        year += (2000 if year < 50 else 1900) if year < 100 else 0
        first, second = int(parts["a"] or 0), int(parts["b"] or 0)
        options = ((year, first, second), (year, second, first))
        return tuple(dict.fromkeys(option for option in options if _possible(option)))
    month = parts.get("month") or ""
    reading = (year, int(month) if month.isdigit() else MONTHS[month.lower().rstrip(".")], _day(parts.get("day")))
    return (reading,) if _possible(reading) else ()


def _day(word: str | None) -> int:
    if not word:
        return 0
    digits = re.match(r"\d+", word)
    return int(digits.group()) if digits else _ORDINAL_DAYS[word.lower()]


def _possible(reading: tuple[int, int, int]) -> bool:
    return 0 < reading[1] <= 12 and reading[2] <= 31
