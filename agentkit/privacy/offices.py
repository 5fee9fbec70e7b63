# ruff: noqa: E501
# A pattern is a table: it reads best on one line.
"""What decisions name by a post or by a place: judges' and officers' posts, police stations, firms, villages and districts."""

import re
from collections.abc import Iterator

from agentkit.privacy.letters import UPPER
from agentkit.privacy.lists import load_lists
from agentkit.privacy.tokens import base_kind
from agentkit.types import Entity

_W = rf"(?:(?:[{UPPER}]\.){{2,4}}|[{UPPER}][\w'’-]{{0,30}})"
_WS = rf"{_W}(?:[ ](?:(?:and|AND|&|of|OF)[ ])?{_W}){{0,5}}"


def _any(words: str, *, also: str = "") -> str:
    """Return a pattern for any of some words as they are, all in capitals, and for what is given besides as it is."""
    plain = words.split("|")
    return "(?:" + "|".join(sorted({*plain, *map(str.upper, plain), *also.split("|")} - {""}, reverse=True)) + ")"


_ORDINAL = r"(?:[IVX]{1,4}|\d{1,2}(?:st|nd|rd|th|ST|ND|RD|TH)|I{1,3}(?:st|nd|rd)|[IVX]{1,4}th)"
_RANK = _any(
    "Principal|Senior|Junior|Additional|Addl|Assistant|Asst|Asstt|Chief|Special|Deputy|Joint|Presiding|First|Second|Third|Fourth|Fifth|Sixth|Seventh|Eighth|Ninth|Tenth"
)
_BENCH = _any(
    "District|Sessions|Session|Civil|Metropolitan|Judicial|Family|City|Executive|Sub|Sub-Divisional|Subordinate|Munsif|Munsiff|Rent Control"
)
_CLASS = rf"(?:{_any('First|Second|1st|2nd|Ist|IInd')} {_any('Class')})"
_COURT_NO = rf"(?:{_any('Court|Fast Track Court')}(?: {_any('No')}\.? ?[IVX\d]{{1,3}})?)"
_JUDGE = re.compile(_any("Judge|Magistrate|Munsif|Munsiff", also="ASJ|CJM|ACJM|JMFC|SDJM|CMM|ACMM|JMIC") + r"\b")
_JUDGE_BEFORE = re.compile(
    rf"(?<![\w.])(?:(?:{_RANK}\.?|{_ORDINAL}) ){{0,3}}(?:{_BENCH}(?:[ -](?:(?:and|AND|&|cum|CUM)[ -])?)){{0,3}}(?:{_CLASS} )?$"
)
_JUDGE_AFTER = re.compile(
    rf"(?:-\d{{1,2}})?(?: \((?:[A-Z][\w.]{{0,10}}[ ,]?){{1,3}}\))?(?:,? (?:{_COURT_NO}|{_CLASS}|{_ORDINAL} {_any('Court')}))*((?:,? (?:at|of|AT|OF) {_W}(?: {_W})?|, ?{_W}(?: {_W})?){{0,2}})"
)
_POST = re.compile(
    _any(
        "Secretary|Commissioner|Collector|Director|Registrar|Superintendent|Inspector|Tahsildar|Tehsildar|Mamlatdar|Officer|Engineer|Controller|Conservator|Administrator|"
        "Custodian|Treasurer|Comptroller|Warden|Chairman|Manager|Principal|Prosecutor|Assessor|Auditor|Minister|Attorney"
    )
    + r"\b"
)
_POST_BEFORE = re.compile(rf"(?<![\w.'’-])(?:{_W}[ -]){{1,4}}$")
_POST_AFTER = re.compile(
    rf"(?:[ -]{_any('General')}|-(?:[IVX]{{1,4}}|\d{{1,2}}))?((?: (?:of|for|OF|FOR) (?:(?:the|THE) )?{_WS})?(?:(?:,|-| at) ?(?:{_any('Ward|Circle|Range|Division|Zone')}[ -]\d{{1,2}}(?:\(\d{{1,2}}\))?|{_WS})){{0,3}})"
)
_STATION = re.compile(
    r"(?<![\w.])(?:[Pp]olice (?:[Ss]tation|[Pp]ost|[Oo]ut ?-?[Pp]ost)|POLICE STATION|P\. ?S\.|PS|[Tt]hana)(?!\w)"
)
_STATION_AFTER = re.compile(rf"[ ,:-]{{1,3}}{_W}(?:[ ]{_W}){{0,2}}")
_FIRM = re.compile(
    rf"M(?<!\w.)(?:/[sS]\.?|essrs\.?|ESSRS\.?) ?({_W}\.?(?:[ ](?:(?:&|and|of|for) )?(?:Co\.|{_W})){{0,6}})"
)
_BODY = re.compile(
    _any(
        "Bench|Laboratory|Forum|Sabha|Samiti|Sangh|Sangathan|Parishad|Panchayat|Samaj|Mandir|Math|Trust|Talkies|Club|Party|Factory|Works|Mills|Mill|Foundation|Society|Federation|Regiment|Battalion|"
        "Press|Dispensary|Nursing Home|Post Office|Guard|Force|Fire Brigade|Hotel|Church|Mosque|Gurdwara|Temple|Wakf|Waqf|Sansthan|Vidyalaya|Colliery|Tribunal|Lodge|Store|Stores|Traders|Brothers|Sons|Lawyers|Solicitors|Bar|House|Agency|Agencies|Office|Team|Stables|Service|Services|Registry|Commission|Enterprises|Industries|"
        "Hospital|School|College|Bank|University|Board|Institute|Clinic|Prison|Jail|Studio|Centre|Center|Department|Corporation|Company|Union|Association|Authority|Municipality|Council"
    )
    + r"\b"
)
_PART = rf"(?:{_W}|Co-operative)"
_BODY_BEFORE = re.compile(rf"(?<![\w.'’-]){_PART}(?:[ ](?:(?:and|&|AND) )?{_PART}){{0,5}}[ ]$")
_BODY_AFTER = re.compile(
    rf"(?: (?:&|and) (?:Hospital|Research Cent(?:re|er)|College))?(?: (?:of|for) (?:the )?{_W}(?:(?: and| &)? {_W}){{0,2}})?(?:(?:,| -|,? at) {_W}(?: {_W})?(?: (?:Branch|Bench|Division|Zone|Circle|Unit|Region|Campus))?)?"
)
_PLACE_HEAD = (
    r"(?:[Vv]illage|VILLAGE|[Vv]ill\.?|VILL\.?|[Tt]ehsil|TEHSIL|[Tt]ahsil|[Tt]aluka?|TALUKA?|[Tt]aluq|[Dd]istrict|DISTRICT|[Dd]istt?\.?|DISTT?\.?|[Mm]ouza|[Mm]auza|[Mm]auje|[Mm]ohalla|MOHALLA|[Pp]ost [Oo]ffice|[Pp]ost|POST|P\. ?O\.?|P\. ?S\.?|"
    r"[Pp]argana|[Hh]obli|HOBLI|[Cc]ounty|COUNTY|[Hh]amlet|Estate|Chak|[Tt]own|[Bb]lock|[Zz]illa|[Ss]ub-[Dd]ivision|[Gg]ram|[Dd]esam|[Aa]msom|[Kk]asba|[Pp]atti)"
)
_HEADED = re.compile(
    rf"(?<![\w.]){_PLACE_HEAD}(?: ?(?:and|&|AND) ?{_PLACE_HEAD})?(?: No\.? ?\d+(?:/[A-Z]+)?)?[ :-]{{1,3}}{_W}(?:[ -]{_W}){{0,2}}(?: \([A-Z]\w+\))?|\bChak No\.? ?\d+(?:[/-][A-Z]+)?"
)
_NOUN = re.compile(
    r"(?<= )"  # a word stands before it
    + _any("Village|Taluk|Taluka|Tehsil|District|Mandal|Hobli|County|Road|Nagar")[:-1]
    + r"|[vV]illage|[tT]aluka|[tT]ehsil|[dD]istrict|[rR]iver|[nN]ala|[nN]allah|[cC]anal|[dD]am|[bB]azar|[bB]azaar|[rR]oad|[cC]olony|[cC]ounty|[sS]treet|[mM]arket|[cC]howk|[eE]state|[fF]orest|[hH]ills|[hH]ill|[lL]ake|[jJ]unction|"
    r"[rR]ailway [Ss]tation|[bB]us [Ss]tand|[aA]irport|[pP]rovince|[tT]ownship|[mM]ohalla|[gG]hat|State|[wW]aterway|[bB]ay|[iI]slands|[iI]sland|[vV]alley)\b"
)
_NOUN_BEFORE = re.compile(rf"(?<![\w.'’-]){_W}(?:[ -]{_W}){{0,2}} $")
_NOUNS = (
    (_STATION, _BODY_BEFORE, _STATION_AFTER, "ORGANIZATION"),
    (_BODY, _BODY_BEFORE, _BODY_AFTER, "ORGANIZATION"),
    (_NOUN, _NOUN_BEFORE, None, "LOCATION"),
)
_WITH_PIN = re.compile(rf"{_W}(?: {_W})? ?[-–] ?[1-9]\d{{2}} ?\d{{3}}(?!\w|[.,]\d)")
_OVER_RIVER = re.compile(rf"(?<!\w){_W} (?:am|an der|ob der|sur|upon) {_W}")
_IRISH = re.compile(
    r"\bCo\.? (?:Antrim|Armagh|Carlow|Cavan|Clare|Cork|Donegal|Down|Dublin|Fermanagh|Galway|Kerry|Kildare|Kilkenny|Laois|Leitrim|Limerick|Londonderry|Longford|Louth|Mayo|Meath|"
    r"Monaghan|Offaly|Roscommon|Sligo|Tipperary|Tyrone|Waterford|Westmeath|Wexford|Wicklow)\b"
)
_COMPACT_DATE = re.compile(r"\b(?:Date|DATE|Dated)\s?:\s?((?:19|20)\d{2}[01]\d[0-3]\d)(?!\d)")
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_STARTERS = frozenset(
    "the a an in at on by of to before from and for with this that when if under after although as while where since however on hearing appeal learned ld said honourable hon'ble such any his her their its "
    "appellant appellants respondent respondents petitioner petitioners applicant applicants plaintiff plaintiffs defendant defendants complainant accused dated judgment order versus vs v both being "
    "only during between through no one two he she it they there then both thereafter vide per".split()
)
_NAMED = re.compile(rf"([{UPPER}][\w'’-]+) $")
_DOTTED = re.compile(r"[A-Z]\.[A-Z]\.")
_HEADS = frozenset({"chief", "presiding"})  # a name follows: "Chief Judge, Brant"
_REACH = 80  # characters before a noun
_PLAIN = "vhkxoclnij"  # kinds of words that name nobody and no place by themselves


def offices(text: str) -> Iterator[Entity]:
    """Yield posts with their seat, police stations, firms, bodies and places with the word that says what they are.

    For the text of a court's decision. Each has at least one word of its own: "Additional Sessions Judge, Ballia", but
    not "the learned Judge".
    """
    yield from _posts(text)
    for match in _FIRM.finditer(text):
        first, *rest = _WORD.findall(match[1])
        if base_kind(first.casefold()) not in "gb" or len(rest) > 2 or any(_is_plain(word) for word in rest):
            yield Entity("ORGANIZATION", match.start(), match.end(), 0.65)
    for pattern, before, after, kind in _NOUNS:
        for match in pattern.finditer(text):
            yield from _around(text, match, (before, after), kind)
    yield from _places(text)
    for match in _COMPACT_DATE.finditer(text):
        yield Entity("DATE_TIME", match.start(1), match.end(1), 0.8)


def _places(text: str) -> Iterator[Entity]:
    """Yield villages, districts and the like by the word before them."""
    for pattern in (_WITH_PIN, _OVER_RIVER, _IRISH):
        for match in pattern.finditer(text):
            yield Entity("LOCATION", match.start(), match.end(), 0.7)
    for match in _HEADED.finditer(text):
        named = _NAMED.search(text, max(0, match.start() - _REACH), match.start())  # "Benton County Sheriff"
        if not (named and not _is_plain(named[1])) and any(map(_is_rare, _capitalised(match[0]))):
            yield Entity("LOCATION", match.start(), match.end(), 0.7)


def _posts(text: str) -> Iterator[Entity]:
    """Yield judges' and officers' posts that have a seat, or a rank of several words."""
    for match in _JUDGE.finditer(text):
        before = _JUDGE_BEFORE.search(text, max(0, match.start() - _REACH), match.start())
        after = _JUDGE_AFTER.match(text, match.end())
        if before is None or after is None:
            continue
        end = _tail(text, after.start(1), after.end(1))
        words = before[0].casefold().split()
        if not words and not match[0].isupper():
            continue
        if end > match.end() and not (words and _HEADS.issuperset(words)):
            yield Entity("ORGANIZATION", before.start(), end, 0.65)
    for match in _POST.finditer(text):
        before = _POST_BEFORE.search(text, max(0, match.start() - _REACH), match.start())
        after = _POST_AFTER.match(text, match.end())
        start = _begin(text, before.start(), match.start()) if before else match.start()
        end = _tail(text, after.start(1), after.end(1)) if after else match.end()
        if after and end > after.start(1) and (start < match.start() or text[after.start(1)] in ",-"):
            yield Entity("ORGANIZATION", start, end, 0.6)


def _around(
    text: str, noun: re.Match[str], around: tuple[re.Pattern[str], re.Pattern[str] | None], kind: str
) -> Iterator[Entity]:
    """Yield what a noun and the words before it, or after it, name together."""
    before, after = around
    if text[noun.start() - 1 : noun.start()].isalnum():
        return
    words = before.search(text, max(0, noun.start() - _REACH), noun.start())
    start = _begin(text, words.start(), noun.start()) if words else noun.start()
    more = after.match(text, noun.end()) if after else None
    end = more.end() if more else noun.end()
    own = _DOTTED.match(text, start) or any(not _is_plain(word) for word in _capitalised(text[start:end]))
    if kind == "LOCATION" and base_kind(noun[0].casefold()) in "gsbw" and _is_listed(text, start):
        return  # "Fletcher Hill" is a person's name, too
    if own and (start < noun.start() or after is _STATION_AFTER):
        yield Entity(kind, start, end, 0.65)


def _begin(text: str, start: int, end: int) -> int:
    """Return where a name begins after the words at its front that belong to the sentence."""
    for word in _WORD.finditer(text, start, end):
        if word[0].casefold() not in _STARTERS:
            return word.start()
    return end


def _tail(text: str, start: int, end: int) -> int:
    """Return where the seat of a post ends: before a piece that a title or a given name begins."""
    stop = start
    for piece in re.finditer(r"[^,]+|,", text[start:end]):
        own = _capitalised(piece[0])
        kinds = [base_kind(word.casefold()) for word in own]
        if own and (kinds[0] in "hgbkj" or own[0].casefold() in _STARTERS):
            break
        # Of two unknown words behind a comma a person is as likely as a town.
        if len(own) > 1 and start < start + piece.start() and not set(kinds) & set("polv"):
            break
        stop = start + piece.end() if own or any(map(str.isdigit, piece[0])) else stop
    return stop


def _is_rare(word: str) -> bool:
    """Return whether a word names something where a head noun stands before it: "Payal" is built like a common word."""
    folded = word.casefold()
    return not _is_plain(word) or (base_kind(folded) == "v" and folded not in load_lists().common)


def _is_listed(text: str, start: int) -> bool:
    first = _WORD.match(text, start)
    return first is not None and base_kind(first[0].casefold()) in "gsbw"


def _capitalised(words: str) -> list[str]:
    return [word for word in _WORD.findall(words) if word[0].isupper()]


def _is_plain(word: str) -> bool:
    folded = word.casefold()
    return len(word) < 2 or base_kind(folded) in _PLAIN or folded in _STARTERS
