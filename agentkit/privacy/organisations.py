# ruff: noqa: E501
# A pattern is a table: it reads best on one line.
"""Organisations by their legal form, the words they are made of, and the short names a document defines for them."""

import itertools
import re
from collections.abc import Iterator, Sequence

from agentkit.privacy.letters import UPPER
from agentkit.privacy.lists import load_lists
from agentkit.privacy.tokens import WEAK_SUFFIXES, Run, base_kind
from agentkit.types import Entity

_WORD = rf"(?:(?:[{UPPER}]\.){{2,4}}(?= )|(?:[{UPPER}0-9]|[a-z](?=[A-Z]))[\w'’&/-]{{0,40}})"
_GAP = r"(?: \((?:[A-Z]\w{1,20} ?){1,2}\) | |\n| & | and | of | of the | for | de | - |(?<=\b[A-Z])\. |(?<=\bSt)\. )"
_SUFFIX = re.compile(
    r"[A-Zeads](?<![\w&].)(?<=(?=(?:Inc|INC|Incorporated|INCORPORATED|LLC|L\.L\.C|L\. L\. C|Ltd|LTD|Limited|LIMITED|Corp|CORP|Corporation|CORPORATION|"
    r"Company|COMPANY|Co|CO|PLC|Plc|plc|p\.l\.c|GmbH|GMBH|LLP|L\.L\.P|LP|L\.P|PLLC|P\.C|Pty|PTY|Pvt|PVT|Private|PRIVATE|Pte|PTE|S\.A|SA|S\.A\.S|AG|A\.G|"
    r"N\.V|NV|B\.V|BV|S\.r\.l|S\.R\.L|Srl|SRL|S\.p\.A|SpA|SPA|AB|A/S|ApS|ASA|AS|Oy|Oyj|KG|KGaA|SARL|S\.L|K\.K|N\.A|Bhd|Sdn|Trust|TRUST|Holdings|HOLDINGS|"
    r"Group|GROUP|Partners|PARTNERS|Associates|ASSOCIATES|Bancorp|BANCORP|Kft|Zrt|d\.o\.o|s\.r\.o|a\.s|e\.V)(?![\w-])).)[\w./]+?(?![\w/]|\.\w)\.?"
)
_BEFORE = re.compile(
    rf"(?<![\w&]){_WORD}(?:{_GAP}{_WORD}){{0,7}}(?: \((?:[A-Z]\w{{1,20}} ?){{1,2}}\))?(?: ?, ?| |\n|, ?\n)$"
)
_MORE = re.compile(
    r"(?:[ ,]{1,3}\(?(?:& Co|Ltd|LTD|Inc|LLC|LP|L\.P|Limited|LIMITED|Co|KG|de C\.V|S\.A|N\.A)\b\)?\.?){1,3}"
)
_STARTERS = frozenset(
    "m/s the a an by between and this that with for to of in on at from whereas dear if such each any said among amongst when where upon under as "
    "or its our your their these those all no both either neither see per via name title re party parties whose is was are i we "
    "borrower lender landlord tenant seller buyer purchaser licensor licensee client customer date dated section article".split()
)
_STRONG = re.compile(
    r"(?i:inc|incorporated|l\.?\s?l\.?\s?c|ltd|limited|corp|plc|gmbh|llp|lp|l\.p|pllc|pty|pvt|pte|s\.a|n\.v|nv|b\.v|bv|oy|kg|bhd|a/s)\.?"
)
_TAIL = re.compile(rf"(?: (?:of|for)(?: the)? (?:{_WORD})(?: {_WORD}){{0,3}})")
_AMPERSAND_BEFORE = re.compile(rf"(?<![\w&.-])(?:[A-Z]\. ?){{0,3}}{_WORD}(?:,? {_WORD}){{0,3}},?$")
_AMPERSAND_AFTER = re.compile(rf" & ({_WORD}(?: {_WORD})?)")
_LIST = re.compile(r"(?<![\w&-])([^\W\d_]{3,20}), ([^\W\d_]{3,20}),?$")
_LIST_END = re.compile(r" and ([^\W\d_]{3,20})(?!\w)")
_SHORT = re.compile(
    rf"[ ,]{{0,3}}\(?(?:hereinafter|hereafter|collectively|the|referred to as|[ ,])*[\"“'‘ ]{{1,3}}(?:the )?({_WORD}(?: {_WORD}){{0,2}})[ \"”'’]{{1,3}}"
)
_QUOTE = re.compile(r"[\"“”'‘’(]")
_WORKPLACE = re.compile(
    rf"\b(?:work(?:s|ed)? (?:for|at)|employed (?:by|at)|employee of|joined|company called|subsidiary of|shareholder of|offices of) ({_WORD}(?: {_WORD}){{0,3}})"
)
_WORDS = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_PUBLIC = frozenset("bureau ministry department commission institute university college academy council".split())
_DEFINED = re.compile(rf"[\"“‘](?:the )?({_WORD}(?: {_WORD}){{0,2}})[\"”’]")
_DOTTED = re.compile(r"(?:S\.A|N\.A|P\.C|A\.G|S\.L|K\.K)\.?")  # may be initials, too
_NAME_AFTER = re.compile(r" [A-Z][a-z]")
_PERSON_DASH = re.compile(r"(?:[^\W\d_]{2,} ){1,3}[^\W\d_]{2,} - ")  # "Ann Lee - Acme Ltd": who, and for whom
_PERSON_OF = re.compile(r"((?:[^\W\d_]{2,} ){1,3})(?:of|for|at) ")
_TITLE = re.compile(r"\b(?:Mr|Mrs|Ms|Miss|Dr|Prof)\.? $")
_WRAPPED = 50
_LOOK_BACK = 110
_LOOK_AHEAD = 300
_MOST_SHORT_NAMES = 200


def organisations(text: str, runs: Sequence[Run]) -> list[Entity]:
    """Return organisations in `text`, given its runs of capitalised words; they may overlap."""
    found = [*_legal(text), *_named(text, runs), *_firms(text)]
    return [*found, *_short_names(text, found)]


def _legal(text: str) -> Iterator[Entity]:
    for match in _SUFFIX.finditer(text):
        before = _BEFORE.search(text, max(0, match.start() - _LOOK_BACK), match.start())
        if before is None:
            continue
        dotted = _DOTTED.fullmatch(match[0])
        if dotted and (text[match.start() - 1] == "\n" or _NAME_AFTER.match(text, match.end())):
            continue
        start = _skip_starters(text, _same_paragraph(text, before.start(), match.start()), match.start())
        if _PERSON_DASH.match(text, start, match.start()):
            start = text.find(" - ", start) + 3
        start = _after_person(text, start, match.start())
        words = _WORDS.findall(text[start : match.start()])
        strong = _STRONG.fullmatch(match[0]) and match[0].casefold() != "limited"
        if words and (strong or not _all_plain(words)):
            more = _MORE.match(text, match.end())
            yield Entity("ORGANIZATION", start, more.end() if more else match.end(), 0.9)


def _after_person(text: str, start: int, end: int) -> int:
    """Return where a company begins behind who is of it: "Ann Lee of Acme (UK) Ltd"."""
    person = _PERSON_OF.match(text, start, end)
    if person is None:
        return start
    first, *rest = (base_kind(word.casefold()) for word in person[1].split())
    named = (first in "gbh" and rest) or _TITLE.search(text, max(0, start - 8), start)
    return person.end() if named and not {"o", "l"} & {first, *rest} else start


def _same_paragraph(text: str, start: int, end: int) -> int:
    """Return where a name begins that does not reach over the end of a short line: there a line ends a thought."""
    newline = text.rfind("\n", start, end - 2)
    while newline >= 0:
        if newline - (text.rfind("\n", 0, newline) + 1) < _WRAPPED:
            return newline + 1
        newline = text.rfind("\n", start, newline)
    return start


def _skip_starters(text: str, start: int, end: int) -> int:
    """Return where a name begins after articles, prepositions and defined terms at its front."""
    begin = start
    words = list(re.finditer(r"[\w'’&/-]+", text[start:end]))
    for index, word in enumerate(words[:-1]):
        if word[0].casefold() not in _STARTERS and not word[0].isdigit():
            break
        begin = start + words[index + 1].start()
    for conjunction in re.finditer(r" (?:and|AND) ", text[begin:end]):
        # "Borrower and Acme Inc." names two parties; "Smith and Sons Ltd" one.
        after = re.match(r"\w+", text[begin + conjunction.end() : end])
        if after and not _is_plain(after[0]) and base_kind(after[0].casefold()) not in "ocsb":
            return begin + conjunction.end()
    return begin


def _is_plain(word: str) -> bool:
    folded = word.casefold()
    return base_kind(folded) in "vkxhicoln" or folded in WEAK_SUFFIXES or folded in _STARTERS


def _all_plain(words: Sequence[str]) -> bool:
    """Return whether no word, and no pair of words, is anybody's or any place's name ("Silicon Valley Bank" has one)."""
    folded = [word.casefold() for word in words]
    if any(pair in load_lists().places for pair in itertools.pairwise(folded)):
        return False
    return all(map(_is_plain, words))


def _named(text: str, runs: Sequence[Run]) -> Iterator[Entity]:
    """Yield runs that hold a word of organisations, with what "of" or "for" adds after them."""
    for run in runs:
        if "o" not in run.kinds or (run.shout and len(run.tokens) > 5):
            continue
        tail = _TAIL.match(text, run.tokens[-1].end) if run.tokens[-1].kind == "o" else None
        end = tail.end() if tail else run.tokens[-1].end
        start = _skip_starters(text, run.tokens[0].start, end)
        capitals = [word for word in _WORDS.findall(text[start:end]) if word[0].isupper()]
        public = tail is not None and run.tokens[-1].word.casefold() in _PUBLIC
        if len(capitals) > 1 and (public or not _all_plain(capitals)):
            yield Entity("ORGANIZATION", start, end, 0.6)


def _firms(text: str) -> Iterator[Entity]:
    for match in _AMPERSAND_AFTER.finditer(text):
        before = _AMPERSAND_BEFORE.search(text, max(0, match.start() - 60), match.start())
        if before is None or _is_person(before[0]) or _is_person(match[1]):
            continue
        words = _WORDS.findall(before[0]) and _WORDS.findall(match[1])
        if words and not all(_is_plain(word) for word in _WORDS.findall(before[0] + match[0])):
            yield Entity("ORGANIZATION", before.start(), match.end(), 0.7)
    yield from _lists_of_names(text)
    for match in _WORKPLACE.finditer(text):
        if len(match[1].split()) > 1 or not _is_plain(match[1]):
            yield Entity("ORGANIZATION", match.start(1), match.end(1), 0.5)


def _lists_of_names(text: str) -> Iterator[Entity]:
    surnames = load_lists().surnames
    for match in _LIST_END.finditer(text):
        before = _LIST.search(text, max(0, match.start() - 45), match.start())
        if before is None:
            continue
        names = (before[1], before[2], match[1])
        if all(name.casefold() in surnames for name in names) and len({name[0].isupper() for name in names}) == 1:
            yield Entity("ORGANIZATION", before.start(), match.end(), 0.5)


def _is_person(words: str) -> bool:
    first, *rest = words.split()
    return bool(rest) and base_kind(first.casefold()) in "gbh"


def _short_names(text: str, found: Sequence[Entity]) -> Iterator[Entity]:
    """Yield mentions of the short names that are defined right after an organisation ("Acme Holdings Ltd (“Acme”)")."""
    names: set[str] = set()
    for entity in found:
        match = _SHORT.match(text, entity.end) if entity.score >= 0.9 else None
        if match and _QUOTE.search(match[0]) and not all(_is_plain(word) for word in match[1].split()):
            names.add(match[1])
        elif entity.score >= 0.9:
            own = {word.casefold() for word in _WORDS.findall(text[entity.start : entity.end])}
            for term in _DEFINED.finditer(text, entity.end, entity.end + _LOOK_AHEAD):
                words = term[1].split()
                if words[0].casefold() in own and not all(map(_is_plain, words)):
                    names.add(term[1])
    if names:
        longest = sorted(names, key=len, reverse=True)[:_MOST_SHORT_NAMES]
        for match in re.finditer(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest))})(?!\w)", text):
            yield Entity("ORGANIZATION", match.start(), match.end(), 0.7)
