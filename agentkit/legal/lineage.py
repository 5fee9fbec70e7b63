"""What a document says it is in its opening: an agreement, an amendment of one, or one that is restated."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from agentkit.legal.answering_words import stems
from agentkit.legal.cues import fold
from agentkit.legal.salience_preamble import title_of
from agentkit.text.support_dates import dates

Form = Literal["original", "amendment", "restatement"]
Day = tuple[int, int, int]
_OPENING = 6000
_SELF = 600
"""So many characters from the beginning tell what a document itself is; further on it speaks of others."""
_KIND = (
    r"(?:agreement|lease|contract|deed|licen[sc]e|guarant(?:y|ee)|note|indenture|plan|policy|terms|bond|mortgage|will)"
)
_CHANGE = (
    r"(?:(?:amendment|addendum|supplement|modification|variation|side\s+letter)\b"
    r"|(?:renewal|extension)(?=\s+(?:and\s+\w+\s+)?(?:agreement|deed|letter)\b"
    rf"|\s+(?:of|to)\s+(?:the\s+)?(?:[\w-]+\s+){{0,5}}{_KIND}\b))"
)
_ACT = r"(?:act|regulations|order|rules|code|statute)"
_ORDINALS = {
    word: number
    for number, word in enumerate(
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth".split(), 1
    )
}
_WORDS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6}
_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5, "vi": 6, "vii": 7, "viii": 8, "ix": 9, "x": 10}
_RESTATES = re.compile(
    r"\bamend(?:ed|s)\s+(?:and|&)\s+restate[ds]\b|\brestates?\s+in\s+its\s+entirety\b"
    rf"|\b(?:supersedes|replaces)\s+(?:and\s+(?:supersedes|replaces)\s+)?(?:in\s+its\s+entirety\s+)?"
    rf"(?:the|that\s+certain)\s+(?:[\w’'&-]+\s+){{0,6}}{_KIND}\s+"
    r"(?:made\s+(?:and\s+entered\s+into\s+)?|entered\s+into\s+)?(?:dated|as\s+of)\b",
    re.IGNORECASE,
)
_AMENDS = re.compile(
    rf"(?:^|\n|\bthis\s+)\W*(?:re:\s*)?(?:(?:the\s+)?(?P<ordinal>{'|'.join(_ORDINALS)}|\d{{1,2}}(?:st|nd|rd|th))\s+)?"
    rf"(?P<of>(?:[\w&’'-]+\s+){{0,4}}?){_CHANGE}(?:\s+(?:agreement|deed|letter))?"
    r"(?:\s*(?:no\.?|number|nr\.?|\#)?\s*(?P<number>\d{1,2}|[ivx]{1,4}|one|two|three|four|five|six)\b)?"
    rf"(?:\s*[,:–—-]?\s*(?:to|of)\s+(?:the\s+|that\s+certain\s+)?(?P<base>[^.;\n(“\"]{{0,120}}?{_KIND})\b)?",
    re.IGNORECASE,
)
_CHANGE_ALONE = re.compile(r"^(?:deed|letter|agreement)(?:\s+of)?\s+$", re.IGNORECASE)
_AMENDING_ACT = re.compile(
    rf"\ban\s+act\s+to\s+(?:further\s+)?amend\s+the\s+(?P<base>[^.;\n]{{2,100}}?\b{_ACT}\b,?(?:\s+\d{{4}})?)"
    rf"|(?:^|\n)\W*(?P<of>[^.;\n(]{{2,100}}?)\s*\(amendment\)\s*(?P<act>{_ACT})\b",
    re.IGNORECASE,
)
_SAYS_DAY = re.compile(
    r"\b(?:dated?|as\s+of|made|entered\s+into|effective|executed|updated|revised)\b[^.;]{0,40}$", re.IGNORECASE
)
_OTHERS_DAY = re.compile(
    rf"\b(?:the|that\s+certain|an?|original|existing|prior)\s+(?P<named>(?:[\w’'&,-]+\s+){{0,8}}?(?:{_KIND}|{_CHANGE}))\b"
    r"[^.;]{0,160}\b(?:dated|as\s+of|made|entered\s+into|executed)\b[^.;]{0,40}$",
    re.IGNORECASE,
)
_OWN_DAY = re.compile(rf"\bthis\s+(?:[\w’'&,-]+\s+){{0,10}}?(?:{_KIND}|{_CHANGE})\b[^;]{{0,120}}$", re.IGNORECASE)
_DEFINED = re.compile(r"\([^()]{0,40}[“\"‘'][^()]{1,60}\)")
_OF_DOCUMENT = re.compile(rf"\b(?:{_KIND}|{_CHANGE})\b", re.IGNORECASE)
_BEFORE_NAME = re.compile(r"\)|\b(?:between|among|amongst|and|by)\b|\n\s*\n", re.IGNORECASE)
_BETWEEN = re.compile(
    r"\b(?:between|among|amongst)\s+(?P<who>.{5,400}?)(?=\n\s*\n|\.\s|\Z|\bWHEREAS\b|\bRECITALS?\b)",
    re.IGNORECASE | re.DOTALL,
)
_LISTED = re.compile(r"\(\d\)\s+(?=[A-Z])")
_ONE_LINE = re.compile(r"[ \t]*\n[ \t]*(?!\s*\n)(?=\S)")
_AND = re.compile(r"[;\n]|\s(?:and|&)\s+(?=[A-Z(])")
_NAME = re.compile(r"[A-Z][\w’'&.-]*(?:(?: |, )(?:[A-Z][\w’'&.-]*|of|and|&|de|van|von)(?![\w]))*")
_NO_NAME = frozenset(
    "inc llc ltd limit corp corpor compani co plc gmbh ag sa nv bv lp llp the and of by a an this agreement leas "
    "landlord tenant lessor lessee buyer seller licensor licensee parti between amend".split()
)
_CHANGED = re.compile(
    r"\b(?P<what>section|clause|article|paragraph|exhibit|schedule|appendix|annex)\s+"
    r"(?P<number>\d{1,3}(?:\.\d{1,3}){0,4}(?:\([a-z\d]{1,3}\))*|[A-Z]\b)[^.;]{0,160}?"
    r"(?:\b(?:is|are|shall\s+be)\s+(?:hereby\s+)?(?:further\s+)?"
    r"(?:amended|deleted|replaced|restated|modified|substituted|superseded|varied|repealed|omitted)\b"
    r"(?!\s+(?:by|to)\s+(?:add|includ|insert))|(?<=[\w”\"’'] )(?:substitute|omit)(?=\s*[“\"‘'(—-]))",
    re.IGNORECASE,
)
_NUMBERED = frozenset({"section", "clause", "article", "paragraph"})
_NO_TITLE = frozenset(
    stems(
        "this the and of to no dated amended restated amendment addendum extension renewal modification form copy "
        "draft final"
    )
)


@dataclass(frozen=True, slots=True)
class Identity:
    """What a document says it is.

    `title` are the stems of its name, without what says that it changes another; `number` is an amendment's, or 0;
    `day` its date as (year, month, day) with 0 for what is not said, or None; `parties` the stems of each name;
    `changes` the dates of the documents it says it changes; `sections` what an amendment replaces ("4.2",
    "exhibit b"); `start:end` the words that say so.
    """

    form: Form = "original"
    title: frozenset[str] = frozenset()
    number: int = 0
    day: Day | None = None
    parties: tuple[frozenset[str], ...] = ()
    changes: tuple[Day, ...] = ()
    sections: tuple[str, ...] = ()
    start: int = 0
    end: int = 0


def identify(text: str) -> Identity:
    """Return what a document says it is; its opening is read, and of an amendment the whole."""
    opening = text[:_OPENING]
    span = title_of(opening)
    name = opening[slice(*span)] if span else opening.strip().split("\n", 1)[0][:160]
    days = [date for date in dates(opening) if date.readings[0][0]]
    own = next((date for date in days if _is_own(opening[: date.start])), None)
    others = [date for date in days if date is not own and _is_others(opening[: date.start])]
    form, number, title, start, end = _form(opening[:_SELF], name)
    if others and not title:
        title = _named(opening[: others[0].start])
    return Identity(
        form=form,
        title=frozenset(_stems(title)) - _NO_TITLE - _ORDINALS.keys(),
        number=number,
        day=own.readings[0] if own else None,
        parties=_parties(opening),
        changes=tuple(dict.fromkeys(date.readings[0] for date in others)) if form != "original" else (),
        sections=tuple(dict.fromkeys(name for name, _ in changed_in(text))) if form == "amendment" else (),
        start=start,
        end=end,
    )


def _form(head: str, name: str) -> tuple[Form, int, str, int, int]:
    """Return what a document is, its number, the name of what it changes (or "") or is, and the words that say so."""
    if act := _AMENDING_ACT.search(head):
        return "amendment", 0, act["base"] or f"{act['of']} {act['act']}", act.start(), act.end()
    restates = _RESTATES.search(head)
    amends = _AMENDS.search(head)
    if amends and not (restates and restates.start() < amends.start()):
        base = amends["base"] or _CHANGE_ALONE.sub("", amends["of"])
        return "amendment", _number(amends), base, amends.start("of"), amends.end()
    if restates:
        return "restatement", 0, name, restates.start(), restates.end()
    return "original", 0, name, 0, 0


def _number(match: re.Match[str]) -> int:
    written = (match["ordinal"] or match["number"] or "").lower()
    digits = re.match(r"\d+", written)
    known = _ORDINALS | _WORDS | _ROMAN
    return int(digits.group()) if digits else known.get(written, 0)


def _named(before: str) -> str:
    """Return the name of the document whose date follows."""
    match = _OTHERS_DAY.search(before[-320:])
    return match["named"] if match else ""


def _is_own(before: str) -> bool:
    return bool(_SAYS_DAY.search(before[-80:])) and not _is_others(before)


def _is_others(before: str) -> bool:
    """Tell whether a date that follows belongs to a document that this one speaks of."""
    match = _OTHERS_DAY.search(before[-320:])
    return match is not None and not _OWN_DAY.search(match.group())


def _parties(opening: str) -> tuple[frozenset[str], ...]:
    """Return the stems of each name in front of '("Tenant")', or of those that follow "between"."""
    opening = _ONE_LINE.sub(" ", opening)
    head = opening[:3000]
    names = [name[0] for match in _LISTED.finditer(head) if (name := _NAME.match(head, match.end()))]
    for match in _DEFINED.finditer(head) if len(names) < 2 else ():
        if not _OF_DOCUMENT.search(match.group()):
            before = head[max(0, match.start() - 240) : match.start()]
            begin = max((mark.end() for mark in _BEFORE_NAME.finditer(before)), default=0)
            names += _NAME.findall(before[begin:])[:1]
    if len(names) < 2 and (between := _BETWEEN.search(opening)):
        names += [name for part in _AND.split(between["who"]) for name in _NAME.findall(part)[:1]]
    found = (frozenset(_stems(name)) - _NO_NAME for name in names)
    return tuple(dict.fromkeys(name for name in found if name))


def _stems(text: str) -> list[str]:
    return stems(fold(text))


def changed_in(text: str) -> Iterator[tuple[str, int]]:
    """Yield each section that an amendment replaces ("4.2", "exhibit b") and where it says so, none it adds to."""
    for match in _CHANGED.finditer(text):
        numbered = match["what"].lower() in _NUMBERED
        yield match["number"] if numbered else f"{match['what']} {match['number']}".lower(), match.start()
