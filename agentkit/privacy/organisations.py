"""Organisations by their legal form, the words they are made of, and the short names a document defines for them."""
# ruff: noqa: E501
# A pattern is a table: it reads best on one line.

import re
from collections.abc import Iterator, Sequence

from agentkit.privacy.letters import UPPER
from agentkit.privacy.lists import load_lists
from agentkit.privacy.tokens import KEYWORDS, WEAK_SUFFIXES, base_kind
from agentkit.types import Entity

_WORD = rf"[{UPPER}0-9][\w'’&/-]{{0,40}}"
_GAP = r"(?: \((?:[A-Z]\w{1,20} ?){1,2}\) | |\n| & | and | of | of the | for | de |-| - |\. )"
_SUFFIX = (
    r"(?:Inc|INC|Incorporated|INCORPORATED|LLC|L\.L\.C|L\. L\. C|Ltd|LTD|Limited|LIMITED|Corp|CORP|Corporation|CORPORATION|Company|COMPANY|Co|CO|"
    r"PLC|Plc|plc|p\.l\.c|GmbH|GMBH|LLP|L\.L\.P|LP|L\.P|PLLC|P\.C|Pty|PTY|Pvt|PVT|Private|PRIVATE|Pte|PTE|S\.A|SA|S\.A\.S|AG|A\.G|N\.V|NV|B\.V|BV|"
    r"S\.r\.l|S\.R\.L|Srl|SRL|S\.p\.A|SpA|SPA|AB|A/S|ApS|ASA|AS|Oy|Oyj|KG|KGaA|S\.à r\.l|SARL|S\.L|K\.K|N\.A|Bhd|Sdn|Trust|TRUST|Holdings|HOLDINGS|"
    r"Group|GROUP|Partners|PARTNERS|Associates|ASSOCIATES|Bancorp|BANCORP|Kft|Zrt|d\.o\.o|s\.r\.o|a\.s|e\.V)"
)
_LEGAL = re.compile(
    rf"(?<![\w&])({_WORD}(?:{_GAP}{_WORD}){{0,7}}?(?: ?, ?| |\n))({_SUFFIX})(?![\w])\.?"
    rf"((?:[ ,]{{1,3}}\(?(?:Ltd|LTD|Inc|LLC|LP|L\.P|Limited|LIMITED|Co|KG|de C\.V|S\.A|N\.A)\b\)?\.?){{0,3}})"
)
_STARTERS = frozenset(
    "the a an by between and this that with for to of in on at from whereas dear if such each any said among amongst when where upon under as "
    "or its our your their these those all no both either neither see per via name title re party parties whose is was are i we "
    "borrower lender landlord tenant seller buyer purchaser licensor licensee company client customer bank date dated section article".split()
)
_STRONG = re.compile(
    r"(?i:inc|incorporated|llc|l\.\s?l\.\s?c|ltd|limited|corp|plc|gmbh|llp|lp|l\.p|pllc|pty|pvt|pte|s\.a|ag|n\.v|nv|b\.v|bv|oy|kg|bhd|ab|a/s)"
)
_KEYWORD = "|".join(sorted(KEYWORDS, key=len, reverse=True))
_NAMED = re.compile(
    rf"(?<![\w&])((?:{_WORD} ){{0,5}}(?i:{_KEYWORD})(?:(?: (?:of|for|and|&)(?: the)? {_WORD}| {_WORD}){{1,4}})?)(?![\w])"
)
_COURT = re.compile(
    r"\b(?:(?:Hon['’]?ble )?(?:the )?)?((?:(?:[A-Z][a-z]+ ){0,3})(?:Supreme|High|District|Sessions|Trial|Family|Appeals?|Appellate|Federal|Circuit|"
    r"Magistrate|Chancery|Crown|County|Civil|Bankruptcy|Superior|Apex|Labour|Consumer|Special|City Civil) (?:and Sessions )?Courts?"
    r"(?: of (?:Appeals? |Judicature )?(?:(?:for |at |in |of )?(?:the )?[A-Z][\w&]+ ?){0,5})?)(?<! )"
)
_FIRM = re.compile(rf"(?<![\w&-]){_WORD}(?:, {_WORD}){{0,3}} & {_WORD}(?: {_WORD})?")
_LIST_FIRM = re.compile(r"(?<![\w&-])([^\W\d_]{3,20}), ([^\W\d_]{3,20}),? and ([^\W\d_]{3,20})(?!\w)")
_SHORT = re.compile(
    rf"[ ,]{{0,3}}\(?(?:hereinafter|hereafter|collectively|the|referred to as|[ ,])*[\"“'‘ ]{{1,3}}(?:the )?({_WORD}(?: {_WORD}){{0,2}})[ \"”'’]{{1,3}}"
)
_WORKPLACE = re.compile(
    rf"\b(?:work(?:s|ed)? (?:for|at)|employed (?:by|at)|employee of|joined|company called|subsidiary of|shareholder of|offices of) ({_WORD}(?: {_WORD}){{0,3}})"
)


def organisations(text: str) -> list[Entity]:
    """Return organisations in `text`; they may overlap."""
    found = [*_legal(text), *_named(text), *_others(text)]
    return [*found, *_short_names(text, found)]


def _legal(text: str) -> Iterator[Entity]:
    for match in _LEGAL.finditer(text):
        start = _skip_starters(text, match.start(), match.end(1))
        words = re.findall(r"[^\W\d_]+", text[start : match.end(1)])
        if not words or (not _STRONG.fullmatch(match[2]) and all(_is_plain(word) for word in words)):
            continue
        if match[2].casefold() in {"as", "sa", "ab", "co", "limited"} and all(_is_plain(word) for word in words):
            continue
        yield Entity("ORGANIZATION", start, match.end(), 0.9)


def _skip_starters(text: str, start: int, end: int) -> int:
    """Return where the name begins after articles, prepositions and defined terms at its front."""
    begin = start
    words = list(re.finditer(r"[\w'’&/-]+", text[start:end]))
    for index, word in enumerate(words[:-1]):
        plain = word[0].casefold()
        if plain not in _STARTERS and not (plain == "and" or word[0].isdigit()):
            break
        begin = start + words[index + 1].start()
    for conjunction in re.finditer(r" and ", text[begin:end]):
        # "Borrower and Acme Inc." names two parties; "Smith and Sons Ltd" one.
        after = re.match(r"\w+", text[begin + conjunction.end() : end])
        if after and not _is_plain(after[0]) and base_kind(after[0].casefold()) not in "ocsb":
            begin = begin + conjunction.end()
            break
    return begin


def _is_plain(word: str) -> bool:
    folded = word.casefold()
    return base_kind(folded) in "vkxhicoln" or folded in WEAK_SUFFIXES or folded in _STARTERS


def _named(text: str) -> Iterator[Entity]:
    for match in _NAMED.finditer(text):
        if not match[0][0].isupper() and not match[0][0].isdigit():
            continue
        start = _skip_starters(text, match.start(), match.end())
        words = re.findall(r"[^\W\d_]+(?:['’-][^\W\d_]+)*", text[start : match.end()])
        capitals = [word for word in words if word[0].isupper()]
        if (
            len(capitals) > 1
            and not all(_is_plain(word) for word in capitals)
            and not text[start : match.end()].isupper()
        ):
            yield Entity("ORGANIZATION", start, match.end(), 0.6)
    for match in _COURT.finditer(text):
        yield Entity("ORGANIZATION", match.start(1), match.end(1), 0.7)


def _others(text: str) -> Iterator[Entity]:
    for match in _FIRM.finditer(text):
        if not all(_is_plain(word) for word in re.findall(r"[^\W\d_]+", match[0])):
            yield Entity("ORGANIZATION", match.start(), match.end(), 0.7)
    for match in _LIST_FIRM.finditer(text):
        if all(match[number].casefold() in load_lists().surnames for number in (1, 2, 3)) and _alike(match):
            yield Entity("ORGANIZATION", match.start(), match.end(), 0.5)
    for match in _WORKPLACE.finditer(text):
        if not all(_is_plain(word) for word in match[1].split()):
            yield Entity("ORGANIZATION", match.start(1), match.end(1), 0.5)


def _alike(match: re.Match[str]) -> bool:
    return len({match[number][0].isupper() for number in (1, 2, 3)}) == 1


def _short_names(text: str, found: Sequence[Entity]) -> Iterator[Entity]:
    """Yield mentions of the short names that are defined right after an organisation ("Acme Holdings Ltd (“Acme”)")."""
    names: set[str] = set()
    for entity in found:
        if entity.score >= 0.9:
            match = _SHORT.match(text, entity.end)
            if match and not all(_is_plain(word) for word in match[1].split()):
                names.add(match[1])
    if names:
        pattern = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True)[:200])
        for match in re.finditer(rf"(?<!\w)(?:{pattern})(?!\w)", text):
            yield Entity("ORGANIZATION", match.start(), match.end(), 0.7)
