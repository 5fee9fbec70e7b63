"""Where sections may begin: numbers, division words and titles, found line by line in linear time.

A mark is only a candidate; `agentkit.text.structure` decides which follow from one another.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from agentkit.text.structure_titles import DEFINED, REFERENCE, is_caps_title, title_after

LONG_LINE = 400
"""A line longer than this, in characters, may hold several clauses (a flattened contract)."""

_FULL_LINE = 45
"""A line shorter than this, in characters, was not broken by its margin."""
_DIVISIONS = (
    "title|subtitle|part|subpart|chapter|article|section|sec\\.|clause|rule|schedule|exhibit|appendix|annex|annexure|"
    "attachment|addendum"
)
_ATTACHED = frozenset("schedule exhibit appendix annex annexure attachment addendum".split())
_ROMAN = "[IVXLC]{1,7}"
_ORDINALS = {
    word: value
    for value, word in enumerate("one two three four five six seven eight nine ten eleven twelve".split(), start=1)
}
_WORD = (
    rf"(?P<word>(?i:{_DIVISIONS}))[ \t]{{1,4}}(?P<label>\d{{1,5}}(?:[.\-]\d{{1,4}}){{0,4}}[A-Z]?|{_ROMAN}\b|"
    rf"[A-Z](?:[.\-]?\d{{1,3}})?\b|(?i:{'|'.join(_ORDINALS)})\b)(?P<close>[.:)]?)"
)
_DECIMAL = r"(?:§{1,2}[ \t]?)?(?P<decimal>\d{1,2}(?:\. \d{1,2}){1,5}(?=\.? )|\d{1,4}(?:\.\d{1,3}){0,5})(?P<stop>[.):]?)"
_ITEM = r"\((?P<paren>[a-zA-Z]{1,2}|[ivxlcIVXLC]{1,6}|\d{1,2})\)|(?P<alpha>[A-Za-z]|[ivxlcIVXLC]{2,6})[.)](?=[ \t\n])"
_LINE_START = re.compile(rf"[ \t]*(?:(?P<hash>#{{1,6}})[ \t]+)?(?:\*\*)?(?:{_WORD}|{_DECIMAL}|{_ITEM})?")
# The first letters of the division words come first: they spare nine attempts in ten.
_INLINE = re.compile(
    rf"(?<=[\w.;:!?,\"”’)\]*_]) {{1,8}}(?=[\d§TSPCARE]|[tspcare][a-z]{{2,8}} )"
    rf"(?:{_WORD}|{_DECIMAL})(?= {{1,8}}[\"“]?[A-Z])"
)
_LINE = re.compile(r"[^\n]+")


@dataclass(frozen=True, slots=True)
class Mark:
    """A place where a section may begin.

    `style` names the kind of numbering ("dec1", "article", "(a)", "caps", "def"…), `values` its number as
    integers, `label` as printed. A `weak` mark (inside a line, or a number without a stop) counts only
    where it continues the numbering. `level` is the heading's level in the format's own outline, else 0.
    """

    start: int
    heading_end: int
    style: str
    values: tuple[int, ...]
    label: str
    title: str
    weak: bool = False
    level: int = 0


def find_marks(text: str, headings: Mapping[int, tuple[int, int]]) -> Iterator[Mark]:
    """Yield every candidate in order of position.

    Args:
        text: the document's text.
        headings: what the format marks as headings: start → (end, level from 1; 0 where it is a guess).
    """
    passed = 0
    for line in _LINE.finditer(text):
        start, end = line.span()
        if start < passed:
            continue  # the title of the number above
        mark = _line_mark(text, start, end)
        known = headings.get(start)
        if known and (mark is None or mark.style == "caps"):
            style = f"h{known[1]}" if known[1] else "caps"
            mark = Mark(start, known[0], style, (), "", text[start : known[0]].strip("#* "))
        elif known and known[1] and mark is not None:
            title = text[mark.start + len(mark.label) : known[0]].strip(" .:)–—-*#")
            mark = replace(mark, level=known[1], title=title, heading_end=known[0])
        if mark is not None:
            yield mark
            passed = mark.heading_end
        if end - start > LONG_LINE:
            yield from _inline_marks(text, start, max(passed, start), end)


def is_attached(style: str) -> bool:
    """Tell whether a style numbers something attached to the document (a schedule, an exhibit)."""
    return style in _ATTACHED


def roman(numeral: str) -> int:
    """Return the value of a Roman numeral, or 0 where it is not a well-formed one."""
    values = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}
    total = highest = 0
    for letter in reversed(numeral.lower()):
        value = values.get(letter, 0)
        if not value:
            return 0
        total += value if value >= highest else -value
        highest = max(highest, value)
    return total


def _line_mark(text: str, start: int, end: int) -> Mark | None:
    match = _LINE_START.match(text, start, end)
    if match is None:
        return None
    begin = start + len(text[start : min(end, start + 200)]) - len(text[start : min(end, start + 200)].lstrip())
    if match["word"]:
        return _division(text, match, begin, end)
    if match["decimal"]:
        return _decimal(text, match, begin, end)
    if match["paren"] or match["alpha"]:
        return _item(text, match, begin, end)
    return _titled(text, match, begin, end)


def _inline_marks(text: str, line: int, start: int, end: int) -> Iterator[Mark]:
    for match in _INLINE.finditer(text, start, end):
        if REFERENCE.search(text, max(line, match.start() - 16), match.start()):
            continue
        begin = match.start("word") if match["word"] else match.start("decimal")
        mark = _division(text, match, begin, end) if match["word"] else _decimal(text, match, begin, end)
        if mark is not None:
            yield replace(mark, weak=True)


def _division(text: str, match: re.Match[str], begin: int, end: int) -> Mark | None:
    after = text[match.end() : match.end() + 3]
    # "Section 5 of this Agreement" refers to a section and begins none.
    if (after[:1].strip() and after[0] not in "-–—") or after.lstrip()[:1].islower() or after[:1] == ",":
        return None
    if _wrapped(text, begin) or (
        after.lstrip()[:1] == "(" and text[match.end() : match.end() + 4].lstrip("( ")[:1] in "“\"‘'"
    ):
        return None
    word = match["word"].lower().rstrip(".")
    style = "section" if word == "sec" else word
    title, heading_end = title_after(text, match.end(), end)
    label = f"{match['word'].capitalize()} {match['label']}"
    return Mark(begin, heading_end, style, _values(match["label"]), label, title)


def _wrapped(text: str, begin: int) -> bool:
    """Tell whether a line goes on in the middle of the sentence above it."""
    if begin < _FULL_LINE or text[begin - 1] != "\n" or "\n" in text[begin - _FULL_LINE : begin - 1]:
        return False
    return text[begin - 2].islower() or text[begin - 2] == ","


def _decimal(text: str, match: re.Match[str], begin: int, end: int) -> Mark | None:
    numbers = tuple(int(part) for part in match["decimal"].split("."))
    if len(numbers) == 2 and numbers[1] == 0:
        numbers = numbers[:1]  # "2.0 Definitions" heads 2.1, 2.2…
    signed = "§" in text[begin : match.start("decimal")]
    following = text[match.end() : min(end, match.end() + 40)]
    if following[:1].strip() and not (following[:2].isalpha() and following[0].isupper() and len(numbers) > 1):
        return None
    words = following.strip()
    bare = "." not in match["decimal"] and not signed and (not match["stop"] or match["stop"] == ":")
    if bare and not _bare(words, end - begin):
        return None
    if numbers[0] > 200 and not signed and words:
        return None
    title, heading_end = title_after(text, match.end(), end)
    # A statute's section: its number alone on a line, its title on the next.
    alone = not words and numbers[0] >= 100 and bool(title)
    style = "§" if signed or alone else f"dec{len(numbers)}"
    wrapped = _wrapped(text, begin)
    if wrapped and REFERENCE.search(text, max(0, begin - 17), begin):
        return None
    weak = wrapped or (bare and bool(words)) or " " in match["decimal"]
    return Mark(begin, heading_end, style, numbers, match["decimal"].replace(" ", ""), title, weak=weak)


def _bare(words: str, line_length: int) -> bool:
    """Tell whether a number without a stop ("1 Definitions") reads as a clause number."""
    return not words or (line_length <= 80 and words[0].isupper() and not REFERENCE.match(words.split()[0]))


def _item(text: str, match: re.Match[str], begin: int, end: int) -> Mark | None:
    if match["hash"]:
        return _titled(text, match, begin, end)
    following = text[match.end() : match.end() + 2]
    if following[:1].strip():
        return None
    label = match["paren"] or match["alpha"]
    title, heading_end = title_after(text, match.end(), end)
    printed = f"({label})" if match["paren"] else text[match.start("alpha") : match.end()]
    case = "1" if label.isdigit() else "A" if label.isupper() else "a"
    return Mark(begin, heading_end, f"({case})" if match["paren"] else f"{case}.", _values(label), printed, title)


def _titled(text: str, match: re.Match[str], begin: int, end: int) -> Mark | None:
    line = text[begin : min(end, begin + 130)]
    defined = DEFINED.match(line)
    if defined:
        return Mark(begin, begin, "def", (), "", defined["term"])
    if match["hash"] and end - begin <= 120:
        return Mark(begin, end, f"h{len(match['hash'])}", (), "", line.lstrip("# ").rstrip("* "))
    if end - begin > 80 or not is_caps_title(line):
        return None
    return Mark(begin, begin + len(line.rstrip()), "caps", (), "", line.strip())


def _values(label: str) -> tuple[int, ...]:
    if label[:1].isdigit():
        return tuple(int(part) for part in re.findall(r"\d+", label))
    if label.lower() in _ORDINALS:
        return (_ORDINALS[label.lower()],)
    if len(label) > 1 and label.isalpha():
        return (roman(label),)
    return (ord(label[0].lower()) - 96,)
