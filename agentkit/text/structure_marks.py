"""Where sections may begin: numbers, division words and titles, found line by line in linear time.

A mark is only a candidate; `agentkit.text.structure` decides which follow from one another.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

LONG_LINE = 400
"""A line longer than this, in characters, may hold several clauses (a flattened contract)."""

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
_DECIMAL = r"(?:§{1,2}[ \t]?)?(?P<decimal>\d{1,4}(?:\.\d{1,3}){0,5})(?P<stop>[.):]?)"
_ITEM = r"\((?P<paren>[a-zA-Z]{1,2}|[ivxlcIVXLC]{1,6}|\d{1,2})\)|(?P<alpha>[A-Za-z]|[ivxlcIVXLC]{2,6})[.)](?=[ \t\n])"
_LINE_START = re.compile(rf"[ \t]*(?:(?P<hash>#{{1,6}})[ \t]+)?(?:\*\*)?(?:{_WORD}|{_DECIMAL}|{_ITEM})?")
_INLINE = re.compile(
    rf"(?<=[\w.;:!?,\"”’)\]*_]) {{1,8}}(?:{_WORD}|{_DECIMAL}|\((?P<paren>[a-z])\)(?<!.))(?= {{1,8}}[\"“]?[A-Z])"
)
_LINE = re.compile(r"[^\n]+")
_REFERENCE = re.compile(
    r"(?:\b(?:sections?|articles?|clauses?|paragraphs?|exhibits?|schedules?|appendix|annex|parts?|items?|rules?|nos?|no\.|"
    r"and|or|to|of|in|by|under|with|through|than|least|see|this|such|the|per|page|chapter|title|suite|box|usd?|form|"
    r"january|february|march|april|may|june|july|august|september|october|november|december)[.,]?|[$€£#§])\s*$",
    re.IGNORECASE,
)
_CAPS = re.compile(r"[A-Z][A-Z0-9'’&/,()\- ]{2,79}(?![a-z])")
_RUN_IN = re.compile(r"[\"“]?[A-Z][^\n.:;]{1,90}?(?=[.:](?:\s|$)|[ \t]+[–—-][ \t]|\n|$)")
_CLAUSAL = re.compile(
    r"\b(?:shall|will|must|may|is|are|was|were|has|have|agrees?|means|can|do|does|being|would|should|hereby)\b"
)


@dataclass(frozen=True, slots=True)
class Mark:
    """A place where a section may begin.

    `style` names the kind of numbering ("dec1", "article", "(a)", "caps"…), `values` its number as
    integers, `label` as printed. `inline` marks stand inside a line.
    """

    start: int
    heading_end: int
    style: str
    values: tuple[int, ...]
    label: str
    title: str
    inline: bool = False


def find_marks(text: str, headings: Mapping[int, tuple[int, int]]) -> Iterator[Mark]:
    """Yield every candidate in order of position.

    Args:
        text: the document's text.
        headings: what the format itself marks as headings: start → (end, level from 1).
    """
    for line in _LINE.finditer(text):
        start, end = line.span()
        mark = _line_mark(text, start, end)
        known = headings.get(start)
        if known and (mark is None or mark.style == "caps"):
            mark = Mark(start, known[0], f"h{known[1]}", (), "", text[start : known[0]].strip("#* "))
        if mark is not None:
            yield mark
        if end - start > LONG_LINE:
            yield from _inline_marks(text, mark.heading_end if mark else start, end)


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


def _inline_marks(text: str, start: int, end: int) -> Iterator[Mark]:
    for match in _INLINE.finditer(text, start, end):
        if _REFERENCE.search(text, max(start, match.start() - 16), match.start()):
            continue
        begin = match.start("word") if match["word"] else match.start("decimal")
        mark = _division(text, match, begin, end) if match["word"] else _decimal(text, match, begin, end)
        if mark is not None:
            yield Mark(mark.start, mark.heading_end, mark.style, mark.values, mark.label, mark.title, inline=True)


def _division(text: str, match: re.Match[str], begin: int, end: int) -> Mark | None:
    after = text[match.end() : match.end() + 3]
    # "Section 5 of this Agreement" refers to a section and begins none.
    if (after[:1].strip() and after[0] not in "-–—") or after.lstrip()[:1].islower() or after[:1] == ",":
        return None
    word = match["word"].lower().rstrip(".")
    style = "section" if word == "sec" else word
    title, heading_end = title_after(text, match.end(), end)
    label = f"{match['word'].capitalize()} {match['label']}"
    return Mark(begin, heading_end, style, _values(match["label"]), label, title)


def _decimal(text: str, match: re.Match[str], begin: int, end: int) -> Mark | None:
    numbers = tuple(int(part) for part in match["decimal"].split("."))
    signed = "§" in text[begin : match.start("decimal")]
    following = text[match.end() : min(end, match.end() + 40)]
    if following[:1].strip() and not (match["stop"] and following[:1].isupper() and len(numbers) > 1):
        return None
    words = following.strip()
    if (
        len(numbers) == 1
        and not signed
        and (not match["stop"] or match["stop"] == ":")
        and not _bare(words, end - begin)
    ):
        return None
    if numbers[0] > 200 and not signed and words:
        return None
    title, heading_end = title_after(text, match.end(), end)
    return Mark(begin, heading_end, "§" if signed else f"dec{len(numbers)}", numbers, match["decimal"], title)


def _bare(words: str, line_length: int) -> bool:
    """Tell whether a number without a stop ("1 Definitions") reads as a clause number."""
    return not words or (line_length <= 80 and words[0].isupper() and not _REFERENCE.match(words.split()[0]))


def _item(text: str, match: re.Match[str], begin: int, end: int) -> Mark | None:
    if match["hash"]:
        return _titled(text, match, begin, end)
    following = text[match.end() : match.end() + 2]
    if following[:1].strip():
        return None
    label = match["paren"] or match["alpha"]
    title, heading_end = title_after(text, match.end(), end)
    shape = "({})" if match["paren"] else "{}."
    case = "1" if label.isdigit() else "A" if label.isupper() else "a"
    return Mark(begin, heading_end, shape.format(case), _values(label), shape.format(label), title)


def _titled(text: str, match: re.Match[str], begin: int, end: int) -> Mark | None:
    line = text[begin : min(end, begin + 130)]
    if match["hash"] and end - begin <= 120:
        return Mark(begin, end, f"h{len(match['hash'])}", (), "", line.lstrip("# ").rstrip("* "))
    if end - begin > 80 or not is_caps_title(line):
        return None
    return Mark(begin, begin + len(line.rstrip()), "caps", (), "", line.strip())


_NOT_TITLES = re.compile(
    r"\b(?:INC|LLC|L\.L\.C|LTD|CORP|CORPORATION|COMPANY|LIMITED|PLC|LLP|L\.P|LP|GMBH|N\.A|S\.A|CO)\b|^(?:BY|AND|OR|BETWEEN|"
    r"NAME|TITLE|DATE|ITS|TO|FROM|OF|THE|WITNESSETH|AMONG|FOR|WITH|ATTEST|ATTENTION|RE|NOTE|SUBJECT)\b|[:;,@_|]|\d{4,}"
)


def is_caps_title(line: str) -> bool:
    """Tell whether a line in capitals reads as a title rather than as a name, an address or a form field."""
    words = line.strip().strip("*").strip()
    letters = sum(letter.isalpha() for letter in words)
    return (
        letters >= 5 and words.isupper() and words[0].isalpha() and not _NOT_TITLES.search(words) and words[-1] != "."
    )


def title_after(text: str, position: int, end: int) -> tuple[str, int]:
    """Return the title that follows a number and where it ends; an empty title where the clause has none."""
    begin = position
    while begin < end and text[begin] in " \t*–—-" and begin - position < 12:
        begin += 1
    whole = text[begin : min(end, begin + 90)].rstrip()
    if 0 < end - begin <= 80 and whole[-1:] not in ".;,:" and not whole[0].islower():
        return whole.strip("* "), begin + len(whole)
    caps = _CAPS.match(text, begin, min(end, begin + 90))
    run_in = _RUN_IN.match(text, begin, min(end, begin + 100))
    if run_in and _title_like(run_in.group()):
        stop = run_in.end() + (text[run_in.end() : run_in.end() + 1] in (".", ":"))
        return run_in.group().strip('"“”* '), stop
    if caps and len(caps.group().strip()) >= 4 and " " not in caps.group().strip()[:2]:
        words = caps.group().rstrip(" ,(-")
        return words, begin + len(words)
    return "", position


def _title_like(words: str) -> bool:
    if _CLAUSAL.search(words):
        return False
    long_words = [word for word in re.findall(r"[^\W\d_][\w'’]*", words) if len(word) > 3]
    capitals = sum(word[0].isupper() for word in long_words)
    return len(words.split()) <= 14 and capitals >= 0.6 * len(long_words)


def _values(label: str) -> tuple[int, ...]:
    if label[:1].isdigit():
        return tuple(int(part) for part in re.findall(r"\d+", label))
    if label.lower() in _ORDINALS:
        return (_ORDINALS[label.lower()],)
    if len(label) > 1 and label.isalpha():
        return (roman(label),)
    return (ord(label[0].lower()) - 96,)
