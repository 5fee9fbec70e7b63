"""Cut passages into sentences worth weighing, and leave out what is not prose."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, takewhile

from agentkit.legal.salience_lists import (
    WHOLE_LIST,
    Span,
    fits,
    is_item,
    is_open_item,
    item_words,
    leads,
    lists,
    rejoined,
    separable,
)
from agentkit.legal.tidy import closed, plain, strip_opening
from agentkit.text.sentences import count_words, split_sentences
from agentkit.text.structure_titles import fills_in

_MAX_WORDS = 90
_ITEM = re.compile(
    r";\s+(?:and\s+|or\s+)?(?=\S)|(?<=[\s;:,])(?=\((?:[a-z]|[ivx]{1,4})\)\s)|(?<=[;:,]\s)(?=\(\d{1,2}\)\s)"
)
_TRAILING_HEADING = re.compile(r"[.;]\s+\(?(?:\d[\d.]*|[a-z]|[ivx]{1,5})[.)]\s+[A-Z][\w’' -]{2,40}\.?$")
_DATED = re.compile(r"\bdated?\b.{0,30}\b(?:19|20)\d\d", re.IGNORECASE)
_SMALL_LETTER = re.compile(r"[a-z]")  # a text in a script without capitals has not lost them
_STOP = re.compile(r"(?<=[a-z\d)][.?!;])\s+")
_LISTED = 30  # items of a list
_MARKS = "\"“”‘’'().,;:"
_HEADING_WORDS = 9
_SMALL = frozenset("of and the on to for or in by with from upon a an at as not".split())
_VERB = re.compile(
    r"\b(?:shall|will|may|must|is|are|was|were|has|have|had|agrees?|grants?|means|can|cannot|hereby|be|been|do|does|did)\b"
)
_JUNK = re.compile(
    r"\.{4,}|_{6,}|\b(?:Name|Title|Attn|Attention|Tel|Fax|Telephone|Facsimile|E-?mail)\s?:|\b(?:Attn|Tel|Fax)\.|"
    r"^(?:By|Date)\s?:|"
    r"^(?:Source|Page)\b[: ]|/s/|\bTable of Contents\b|^\W*\[?(?:Signature|Remainder|Intentionally|Signatures? follow)|"
    r"\bconfidential treatment\b|\b(?:intentionally left blank|signature page)\b|^NOW,? THEREFORE|"
    r"\b(?:each|individually)\b.{0,40}[“\"]party\W.{0,60}[“\"]parties\W|"
    r"\b(?:as follows|the following)(?:\W*$|:\s*\(?\w{1,3}\)?\.?\s+(?:[A-Z][\w’'-]*\s?|of\s|and\s){1,5}\.?$)|"
    r"[”\"’']\W{0,3}(?:shall )?ha(?:s|ve) the (?:same )?meanings?\s+(?:as\s+)?"
    r"(?:set|given|ascribed|assigned|specified|defined|stated|provided|attributed)\b.{0,120}$|"
    r"\b(?:following definitions|words have the meanings)\b|"
    r"\bin consideration of the (?:mutual|foregoing|premises|promises)\b.{0,160}\bagree",
    re.IGNORECASE,
)
# What stands around the text of a letter: how it is sent, what it concerns, what goes with it and to whom else.
_LETTER_LINE = re.compile(
    r"(?:Re|Subject|In re|(?:Our |Your )?Ref(?:erence)?|Enclosures?|Enclosed|Encl?s?|Attachments?|b?cc|"
    r"Copy to|Copies to)\.?\s?(?:\([^)]{1,12}\)\s?)?:|"
    r"(?:By|Via|Sent by|Sent via|Delivered by)\s(?:[\w’'-]+,?\s){0,7}?(?:couriers?|(?:e-?)?mail|post|hand|fax|"
    r"facsimile|messenger|delivery)(?:\s(?:and|or|to)\s[\w’'@.-]+){0,3}\W*$",
    re.IGNORECASE,
)
_LEANING = re.compile(
    r"(?:(?:if |should )?any such|(?:if |should )?such|these|those|"
    r"the foregoing|the aforesaid|in (?:such|that|this|either) (?:event|case)|"
    r"they|he|she|"
    r"its|their|his|her(?! honou?r)|that (?:is|was|conclusion)|"
    r"it(?! (?:is|was|has been|follows|appears|may|would|must|should|cannot)\b)|"
    r"this (?!agreement|lease|contract|deed|licen[sc]e|guarant|amendment|note|policy|court|appeal|act|case|suit|"
    r"section))\b",
    re.IGNORECASE,
)
_BOILERPLATE = re.compile(
    r"\b(?:counterparts?|headings? (?:in|of|contained|are)|severab|entire agreement|no waiver|further assurances|"
    r"construed against|singular|plural|gender|deemed (?:an )?original|facsimile signature|binding upon and inure|"
    r"captions|duly (?:organi[sz]ed|authori[sz]ed|executed)|good standing|no conflict|not conflict with|"
    r"power and authority|binding obligation|reviewed by counsel|time is of the essence|cumulative|"
    r"invalid,? (?:illegal|or unenforceable)|waiver (?:of|by))\b",
    re.IGNORECASE,
)


_MIDDLE = re.compile(
    r"(?:are|is|was|were|be|been|has|have|and/or|or|which|who|whom|whose|thereof|than|of|shall|will|may|to|inc|llc|ltd|"
    r"thereto|hereof|hereto)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Unit:
    """A sentence of passage number `passage`: `start` and `end` count in its text; `text` has single spaces.

    A list and its items may have words `before` them, where they lead into the list: spans `(passage, start, end)`.
    """

    start: int
    end: int
    text: str
    heading: str = ""
    passage: int = 0
    before: tuple[tuple[int, int, int], ...] = ()

    @property
    def quotes(self) -> tuple[tuple[int, int, int], ...]:
        """Return the spans `(passage, start, end)` of its words."""
        return (*self.before, (self.passage, self.start, self.end))

    @property
    def words(self) -> int:
        """Return its length in words."""
        return count_words(self.text)


def units(text: str, section: str = "", passage: int = 0) -> list[Unit]:
    """Cut a passage's text into sentences; a heading run into the text becomes the heading of what follows.

    Args:
        text: the passage.
        section: the trail of headings above it.
        passage: its number, kept in the units.
    Returns:
        Units in order; clauses of an overlong sentence follow the whole, and items of a list may share their
        `lead`. Headings are not units.
    """
    result: list[Unit] = []
    heading = section
    spans = rejoined(text, _sentences(text))
    listed = dict(lists(text, spans))
    done = -1
    for start, stop in spans:
        if start < done:
            continue
        items = listed.get((start, stop), [])
        if items:
            result += _listed(text, (start, stop), items, Unit(0, 0, "", heading, passage))
            done = items[-1][1]
            continue
        trailing = _TRAILING_HEADING.search(text, start, stop)
        end = trailing.start() + 1 if trailing else stop
        line = plain(text[start:end])
        if is_heading(line):
            heading = f"{section} > {line}" if section else line
            continue
        result += [Unit(s, e, plain(text[s:e]), heading, passage) for s, e in _pieces(text, start, end)]
    return result


def _listed(text: str, lead: Span, items: Sequence[Span], like: Unit) -> Iterator[Unit]:
    """Yield a list: whole where that is short, else item by item, each after the lead where that is sound."""
    if fits(text, lead, items):
        end = items[-1][1]
        yield replace(like, start=lead[0], end=end, text=plain(text[lead[0] : end]))
        return
    opening = lead if separable(text[slice(*lead)]) else None
    for start, end in items:
        line = plain(text[start:end])
        if opening is not None:
            line = f"{plain(text[slice(*opening)])} {closed(item_words(line))}"
        before = () if opening is None else ((like.passage, *opening),)
        yield replace(like, start=start, end=end, text=line, before=before)


def with_lists(units: Sequence[Unit]) -> list[Unit]:
    """Return units, those joined that are a list whose items are passages of their own and its first words.

    Args:
        units: a document's, in order.
    """
    result: list[Unit] = []
    place = 0
    while place < len(units):
        lead = units[place]
        place += 1
        items = list(takewhile(_is_item, units[place : place + _LISTED]))
        if items and items[0].passage == lead.passage:
            items = []
        if len(items) < 2 or not leads(lead.text):
            result.append(lead)
            continue
        place += len(items)
        result += _spread(lead, items)
    return result


def _is_item(unit: Unit) -> bool:
    return is_item(unit.text)


def _spread(lead: Unit, items: Sequence[Unit]) -> Iterator[Unit]:
    if lead.words + sum(unit.words for unit in items) <= WHOLE_LIST:
        quotes = [quote for unit in (lead, *items[:-1]) for quote in unit.quotes]
        yield replace(items[-1], text=" ".join(unit.text for unit in (lead, *items)), before=tuple(quotes))
        return
    whole = separable(lead.text)
    for unit in items:
        text = f"{lead.text} {closed(item_words(unit.text))}"
        yield replace(unit, text=text, before=lead.quotes) if whole else unit


def _sentences(text: str) -> list[tuple[int, int]]:
    """Split a text; one that has lost its capitals is split at its stops alone."""
    if any(char.isupper() for char in text) or not _SMALL_LETTER.search(text) or is_open_item(text):
        return split_sentences(text)
    cuts = [0, *(match.end() for match in _STOP.finditer(text)), len(text)]
    spans = [_trim(text, start, end) for start, end in pairwise(cuts)]
    return [(start, end) for start, end in spans if start < end]


def is_heading(line: str) -> bool:
    """Tell whether a line is the title of what follows and no sentence."""
    words = line.split()
    if not words or len(words) > _HEADING_WORDS or _VERB.search(line) or _DATED.search(line) or is_open_item(line):
        return False
    if fills_in(line):
        return False
    letters = [word for word in words if word[:1].isalpha()]
    return bool(letters) and all(word[0].isupper() or word.lower() in _SMALL for word in letters)


def _pieces(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield a sentence, and of an overlong one the clauses after its first, too: some can stand alone."""
    yield start, end
    if text.count(" ", start, end) < _MAX_WORDS:
        return
    begin = start
    for match in _ITEM.finditer(text, start, end):
        if text.count(" ", begin, match.start()) >= _MAX_WORDS // 3 and text.count(" ", match.start(), end) >= 8:
            if begin > start:
                yield _trim(text, begin, match.start())
            begin = match.end()
    if begin > start:
        yield _trim(text, begin, end)


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def is_junk(line: str) -> bool:
    """Tell whether a line is no prose: contents, signatures, addresses, blanks, page furniture."""
    words = line.split()
    if count_words(line) < 5 or _JUNK.search(line) or _LETTER_LINE.match(line):
        return True
    if not line.isascii() and not _SMALL_LETTER.search(line.lower()):
        letters = sum(char.isalpha() for char in line)
    else:
        letters = sum(len(word) for word in words if word.strip(_MARKS).isalpha() or word[:-1].isalpha())
    return letters < 0.55 * (len(line) - len(words) + 1)


def starts_well(unit: Unit) -> bool:
    """Tell whether a unit opens like a sentence, and not in the middle of one."""
    opening = strip_opening(unit.text)
    if _MIDDLE.match(opening):
        return False
    first = opening.lstrip("“\"'‘([")[:1]
    uncased = first.isalpha() and first.lower() == first.upper()
    return (
        uncased
        or first.isupper()
        or first.isdigit()
        or first in "<$€£₹"
        or not any(char.isupper() for char in unit.text)
    )


def leans(sentence: str) -> bool:
    """Tell whether a readable sentence opens with a word for something said before it ("Such audit", "They")."""
    return bool(_LEANING.match(sentence))


def is_boilerplate(line: str) -> bool:
    """Tell whether a sentence says what nearly every contract says."""
    return bool(_BOILERPLATE.search(line))
