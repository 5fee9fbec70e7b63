"""Numbers, amounts, percentages, durations, times and references, compared as values and not as strings."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from agentkit.text.support_dates import overlaps

_UNITS = {word: value for value, word in enumerate(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen".split())}  # fmt: skip
_TENS = {
    word: 10 * value for value, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)
}
_SCALES = {"hundred": 100, "thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000, "trillion": 10**12}
_SHORT_SCALES = {"k": 1e3, "m": 1e6, "mn": 1e6, "mm": 1e6, "bn": 1e9, "b": 1e9, "tn": 1e12} | {
    word: float(value) for word, value in _SCALES.items()
}
_ORDINALS = {word: value for value, word in enumerate(
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth "
    "sixteenth seventeenth eighteenth nineteenth twentieth".split(), 1)} | {
    "thirtieth": 30, "fortieth": 40, "fiftieth": 50, "sixtieth": 60, "ninetieth": 90, "hundredth": 100}  # fmt: skip
_FRACTIONS = {"half": 0.5, "one-half": 0.5, "one half": 0.5, "two-thirds": 2 / 3, "two thirds": 2 / 3, "dozen": 12.0,
              "one-third": 1 / 3, "one third": 1 / 3, "one-quarter": 0.25, "three-quarters": 0.75, "twice": 2.0,
              "three quarters": 0.75, "one quarter": 0.25, "double": 2.0, "triple": 3.0, "thrice": 3.0}  # fmt: skip
_CURRENCIES = {"$": "usd", "us$": "usd", "usd": "usd", "dollar": "usd", "dollars": "usd", "u.s. dollars": "usd",
               "us dollars": "usd", "€": "eur", "eur": "eur", "euro": "eur", "euros": "eur", "£": "gbp", "gbp": "gbp",
               "pound": "gbp", "pounds": "gbp", "pounds sterling": "gbp", "sterling": "gbp", "¥": "jpy", "jpy": "jpy",
               "yen": "jpy", "rmb": "cny", "yuan": "cny", "cny": "cny", "renminbi": "cny", "₹": "inr", "rs": "inr",
               "inr": "inr", "rupees": "inr", "chf": "chf", "francs": "chf", "swiss francs": "chf", "c$": "cad",
               "cad": "cad", "canadian dollars": "cad", "a$": "aud", "aud": "aud", "australian dollars": "aud",
               "cents": "cent", "cent": "cent", "pence": "pence", "hk$": "hkd", "hkd": "hkd"}  # fmt: skip
# Durations compare by value: months for the calendar's long units, days for weeks.
_DURATIONS = {"day": ("day", 1.0), "week": ("day", 7.0), "fortnight": ("day", 14.0), "month": ("month", 1.0),
              "quarter": ("month", 3.0), "year": ("month", 12.0), "decade": ("month", 120.0), "hour": ("hour", 1.0),
              "minute": ("minute", 1.0), "second": ("second", 1.0), "anniversary": ("anniversary", 1.0)}  # fmt: skip
_MEASURES = frozenset(
    """mile kilometer kilometre km meter metre foot feet inch yard acre hectare ton tonne pound kilogram kilo kg gram
    gallon liter litre barrel mph share percentage point degree watt megawatt""".split()
)
_DIGITS = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_WORDS = "|".join(sorted([*_UNITS, *_TENS, "hundred"], key=len, reverse=True))
_SCALE_WORDS = "hundred|thousand|million|billion|trillion"
_WRITTEN = rf"(?:{_WORDS})(?:(?:\s+and\s+|[\s-]+)(?:{_WORDS}|{_SCALE_WORDS}))*"
_NUMERAL = re.compile(
    r"(?<![\w.])(?P<cur>(?:US|C|A|HK)?\$|[€£¥₹]"
    r"|(?:USD|EUR|GBP|JPY|CHF|CAD|AUD|INR|RMB|CNY|Rs\.?)(?=\s{0,3}\d))?\s{0,3}"
    rf"(?P<num>(?:{_DIGITS})(?P<ord>\s?(?:st|n[d]|rd|th)\b)?|\b(?i:{'|'.join(_FRACTIONS)})\b|\b(?i:{_WRITTEN})\b"
    rf"|\b(?i:{'|'.join(_ORDINALS)})\b)"
    rf"(?:\s{{0,3}}(?P<scale>k|m|mn|mm|bn|b|tn)\b|[\s-]{{1,3}}(?P<scale2>(?i:{_SCALE_WORDS}))\b)?",
)
_AFTER = re.compile(
    r"(?:\s*[(\[]\s*(?P<restated>[^()\[\]]{1,40}?)\s*[)\]])?[\s-]{0,3}"
    r"(?:(?P<percent>%|per\s?cent(?:um)?\b|percentage points?\b|basis points\b|bps\b)"
    r"|(?P<currency>(?i:u\.s\.\s+dollars?|us dollars?|canadian dollars?|australian dollars?|swiss francs?|"
    r"pounds? sterling|dollars?|euros?|pounds?|sterling|yen|yuan|renminbi|rupees|francs|cents?|pence|"
    r"usd|eur|gbp|chf))\b"
    r"|(?P<qualifier>(?i:business|working|banking|trading|calendar|consecutive|successive|full|additional|further|"
    r"whole|or more|clear|contract|square|cubic))?[\s-]{0,3}(?P<unit>[^\W\d_]{3,14}))?"
)
_REFERENCE = re.compile(
    r"(?P<word>\b(?:[Ss]ections?|SECTION|[Cc]lauses?|[Aa]rticles?|ARTICLE|[Pp]aragraphs?|Schedules?|schedules?|[Ee]xhibits?|"
    r"[Aa]ppendix|[Aa]nnex|[Rr]ules?|[Rr]egulations?|[Cc]hapter|[Pp]art|[Nn]o\.)\s{1,3}|§{1,2}\s?)"
    r"(?P<value>\d+(?:[.\-]\d+)*[a-zA-Z]?(?:\([\w]{1,4}\))*|[IVXL]{1,6}\b|[A-Z](?:-\d+)?\b(?![\w'’]))"
)
_CLOCK = re.compile(
    r"(?<![\d:])(?P<h>\d{1,2})(?::(?P<m>\d\d))?\s{0,3}(?P<half>[ap])\.?\s?m\b\.?|(?<![\d:])(\d{1,2}):(\d\d)(?![\d:])|\b(noon|midnight)\b",
    re.IGNORECASE,
)
_RATE = re.compile(
    r"\b(?:per|each|every|a|an)\s+(?P<unit>hour|day|week|month|quarter|year|annum)\b|/\s?(?P<short>hour|day|week|month|year)\b"
    r"|\b(?P<word>hourly|daily|weekly|monthly|quarterly|annual(?:ly)?|yearly)\b",
    re.IGNORECASE,
)
_RATES = {"hourly": "hour", "daily": "day", "weekly": "week", "monthly": "month", "quarterly": "quarter",
          "annual": "year", "annually": "year", "yearly": "year", "annum": "year"}  # fmt: skip
_COUNTED = re.compile(
    r"(?:\d|XX|million|billion|thousand|hundred|dollars|euros|pounds|percent|times|once|twice)\s*$", re.I
)
_APPROXIMATE = re.compile(
    r"(?:about|around|nearly|almost|approximately|roughly|some|over|under|more than|less than|up to|close to)\s+\W?$",
    re.IGNORECASE,
)
_PARTY_AFTER = re.compile(r"[\s-]{1,3}(?:part(?:y|ies)|persons?)\b", re.IGNORECASE)
_PRONOUN_AFTER = re.compile(r"\s+(?:of|another|or|more|who|which|that|by|party|side)\b", re.IGNORECASE)
_PRONOUN_BEFORE = re.compile(r"\b(?:any|no|each|every|the|this|that|which|another|only|at least)\s+$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with what it counts.

    `unit` is a unit of measure or "", `noun` the word after the number; a reference is its unit.
    """

    start: int
    end: int
    text: str
    kind: str
    value: float
    unit: str = ""
    approximate: bool = False
    noun: str = ""

    @property
    def key(self) -> str:
        """One word that two equal quantities share."""
        return f"#{self.kind}:{self.value:.12g}:{self.unit}"

    @property
    def slot(self) -> float | str:
        """What only an equal quantity shares, for looking up (a rounded one may be elsewhere)."""
        return self.unit if self.kind in ("reference", "rate") else round(self.value, 9)

    def agrees(self, other: "Quantity") -> bool:
        """Whether two quantities are the same value of the same unit (a rounded claim may be 3 % off)."""
        if {self.kind, other.kind} & {"reference", "rate"}:
            return self.kind == other.kind and self.unit == other.unit
        tolerance = 0.03 if self.approximate else 1e-9
        return self._same_unit(other) and abs(self.value - other.value) <= tolerance * max(abs(other.value), 1e-12)

    def comparable(self, other: "Quantity") -> bool:
        """Whether two quantities count the same kind of thing, so that different values contradict."""
        if self.kind == "number" and not self.unit:
            return other.kind == "number" and self.noun == other.noun
        return self.kind == other.kind and (self.unit == other.unit or self.kind in ("money", "duration", "rate"))

    def _same_unit(self, other: "Quantity") -> bool:
        if self.kind == other.kind:
            return self.unit == other.unit
        kinds = {self.kind, other.kind}
        return "number" in kinds and "ordinal" not in kinds and not (self.unit and other.unit)


def quantities(text: str, taken: list[tuple[int, int]]) -> list[Quantity]:
    """Return the quantities of a text in order; `taken` are spans (dates) that are something else.

    "thirty (30) days" is one quantity; so is "$1.5 million", "5%", "17:00" and "Section 12.3(b)".
    """
    found: list[Quantity] = []
    busy = sorted(taken)
    for finder in (_references, _clock_times, _numerals, _rates):
        fresh = [quantity for quantity in finder(text) if not overlaps(quantity.start, quantity.end, busy)]
        busy = sorted([*busy, *((quantity.start, quantity.end) for quantity in fresh)])
        found += fresh
    return sorted(found, key=lambda quantity: quantity.start)


def written_number(words: str) -> float | None:
    """Return the value of a number in words ("one hundred and twenty"), or None where it is none."""
    total = current = 0
    parts = [part for part in re.split(r"[\s-]+", words.lower()) if part and part != "and"]
    for part in parts:
        if part in _UNITS or part in _TENS:
            current += _UNITS.get(part, 0) + _TENS.get(part, 0)
        elif part == "hundred":
            current = max(current, 1) * 100
        elif part in _SCALES:
            total += max(current, 1) * _SCALES[part]
            current = 0
        else:
            return None
    return float(total + current) if parts else None


def _references(text: str) -> Iterator[Quantity]:
    for match in _REFERENCE.finditer(text):
        word = match["word"].strip().lower().rstrip("s.").replace("§", "section") or "section"
        word = "section" if word in ("section", "clause", "paragraph", "article", "rule", "") else word
        yield Quantity(match.start(), match.end(), match.group(), "reference", 0.0, f"{word} {match['value'].lower()}")


def _rates(text: str) -> Iterator[Quantity]:
    """Yield "per month", "a year", "/day", "weekly"."""
    for match in _RATE.finditer(text):
        word = (match["unit"] or match["short"] or match["word"]).lower()
        if (
            match.group()[0] in "aA"
            and match["unit"]
            and not _COUNTED.search(text[max(0, match.start() - 30) : match.start()])
        ):
            continue  # "a year ago"
        yield Quantity(match.start(), match.end(), match.group(), "rate", 0.0, _RATES.get(word, word))


def _clock_times(text: str) -> Iterator[Quantity]:
    for match in _CLOCK.finditer(text):
        minutes = _minutes(match)
        if minutes is not None:
            yield Quantity(match.start(), match.end(), match.group(), "time", minutes)


def _minutes(match: re.Match[str]) -> float | None:
    """Return the minutes after midnight, or None where no clock shows such a time."""
    if match[6]:
        return 720.0 if match[6].lower() == "noon" else 0.0
    hour, minute = int(match["h"] or match[4]), int(match["m"] or match[5] or 0)
    if hour > (12 if match["half"] else 24) or minute > 59:
        return None
    if match["half"]:
        hour = hour % 12 + (12 if match["half"].lower() == "p" else 0)
    return 60.0 * hour + minute


def _numerals(text: str) -> Iterator[Quantity]:
    end = 0
    for match in _NUMERAL.finditer(text):
        value = _value(match)
        if match.start() < end or value is None or _is_pronoun(text, match):
            continue
        for quantity in _with_unit(text, match, value, _AFTER.match(text, match.end())):
            end = quantity.end
            yield quantity


def _value(match: re.Match[str]) -> float | None:
    word = match["num"].lower()
    scale = _SHORT_SCALES.get((match["scale"] or match["scale2"] or "").lower(), 1.0)
    if word[0].isdigit():
        return float(re.sub(r"[^\d.]", "", word)) * scale
    known = _FRACTIONS.get(word, _ORDINALS.get(word))
    value = float(known) if known is not None else written_number(word)
    return None if value is None else value * scale


def _is_pronoun(text: str, match: re.Match[str]) -> bool:
    """Whether "one" (or "second" as a verb's neighbour) stands for a thing and not for a count."""
    if match["num"].lower() == "third" and _PARTY_AFTER.match(text, match.end()):
        return True
    if match["num"].lower() != "one" or match["scale2"]:
        return False
    return bool(_PRONOUN_AFTER.match(text, match.end()) or _PRONOUN_BEFORE.search(text[: match.start()][-14:]))


def _with_unit(text: str, match: re.Match[str], value: float, after: re.Match[str] | None) -> Iterator[Quantity]:
    kind, unit, factor = _unit(match, after)
    restated = _restated(after)
    end = match.end()
    if after is not None and (unit not in ("", "usd") or after["percent"] or after["currency"]):
        end = after.end()
    elif after is not None and restated is not None:
        end = after.end("restated") + 1
    approximate = bool(_APPROXIMATE.search(text[max(0, match.start() - 20) : match.start()]))
    start = match.start() + (len(match.group()) - len(match.group().lstrip()))
    noun = _singular((after["unit"] or "").lower()) if after is not None else ""
    yield Quantity(start, end, text[start:end], kind, value * factor, unit, approximate, noun)
    if restated is not None and abs(restated - value) > 1e-9:
        yield Quantity(start, end, text[start:end], kind, restated * factor, unit)


def _restated(after: re.Match[str] | None) -> float | None:
    """Return the number in brackets that repeats the one before it, or None."""
    inside = after["restated"] if after is not None else None
    if not inside:
        return None
    match = _NUMERAL.search(inside)
    return (
        _value(match) if match is not None and match.end() - match.start() >= len(inside.rstrip(" %.")) - 12 else None
    )


def _unit(match: re.Match[str], after: re.Match[str] | None) -> tuple[str, str, float]:
    """Return kind, unit and the factor to its base."""
    if match["cur"]:
        return "money", _CURRENCIES.get(match["cur"].lower().rstrip("."), match["cur"].lower()), 1.0
    ordinal = bool(match["ord"]) or match["num"].lower() in _ORDINALS
    if after is None:
        return ("ordinal" if ordinal else "number"), "", 1.0
    if after["percent"]:
        return "percent", "", 0.01 if after["percent"].startswith(("basis", "bps")) else 1.0
    if after["currency"] and not ordinal:
        return "money", _CURRENCIES.get(" ".join(after["currency"].lower().split()), "usd"), 1.0
    return _counted(after, ordinal=ordinal)


def _counted(after: re.Match[str], *, ordinal: bool) -> tuple[str, str, float]:
    word = _singular((after["unit"] or "").lower())
    qualifier = (after["qualifier"] or "").lower()
    business = "business " if qualifier in ("business", "working", "banking", "trading") else ""
    if ordinal:
        return "ordinal", (business + word if word in _DURATIONS else ""), 1.0
    if word in _DURATIONS:
        unit, factor = _DURATIONS[word]
        return "duration", business + unit, factor
    if word in _MEASURES:
        return "number", f"{qualifier} {word}".strip() if qualifier in ("square", "cubic") else word, 1.0
    return "number", "", 1.0


def _singular(word: str) -> str:
    if word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word
