"""Numbers as a reader writes them."""

from collections.abc import Sequence

_ROMAN = [
    (1000, "m"),
    (900, "cm"),
    (500, "d"),
    (400, "cd"),
    (100, "c"),
    (90, "xc"),
    (50, "l"),
    (40, "xl"),
    (10, "x"),
    (9, "ix"),
    (5, "v"),
    (4, "iv"),
    (1, "i"),
]


def page_ranges(pages: Sequence[int]) -> str:
    """Return ascending page numbers as a reader writes them.

    >>> page_ranges([1, 2, 3, 7, 9, 10])
    '1-3, 7, 9-10'
    """
    ranges: list[list[int]] = []
    for page in pages:
        if ranges and page == ranges[-1][1] + 1:
            ranges[-1][1] = page
        else:
            ranges.append([page, page])
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in ranges)


def spell(number: int, form: str) -> str:
    """Write a number in one of Word's formats; those that are rare come out as digits."""
    if form in ("lowerLetter", "upperLetter") and number > 0:
        letters = chr(97 + (number - 1) % 26) * min(10, 1 + (number - 1) // 26)
        return letters if form == "lowerLetter" else letters.upper()
    if form in ("lowerRoman", "upperRoman") and 0 < number < 4000:
        numeral = _roman(number)
        return numeral if form == "lowerRoman" else numeral.upper()
    if form == "ordinal":
        endings = {1: "st", 2: "nd", 3: "rd"}  # codespell:ignore nd
        return f"{number}{'th' if 10 < number % 100 < 14 else endings.get(number % 10, 'th')}"
    return f"{number:02d}" if form == "decimalZero" else str(number)


def _roman(number: int) -> str:
    parts: list[str] = []
    for size, letters in _ROMAN:
        parts.append(letters * (number // size))
        number %= size
    return "".join(parts)
