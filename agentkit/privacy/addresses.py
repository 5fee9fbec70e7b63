# ruff: noqa: E501
# A pattern is a table: it reads best on one line.
"""Street addresses: a core that only an address has (a numbered street, a box, a flat), grown to its postcode.

A core has a number, so only places where a number begins are looked at, forwards and backwards.
"""

import re
from collections.abc import Iterable, Iterator

from agentkit.privacy.buildings import by_postcode, with_building
from agentkit.privacy.letters import UPPER
from agentkit.privacy.lists import load_lists
from agentkit.privacy.tokens import base_kind
from agentkit.types import Entity

_WORD = rf"[{UPPER}][\w'’.-]{{0,30}}"
_TOWN = rf"[{UPPER}](?:[^\W\d_]{{0,2}}\.|(?:[^\W\d_]|['’-]){{0,30}})(?!\w)"
_SUFFIX = (
    r"(?:Street|Strt|Str|St|Avenue|Ave|Av|Road|Rd|Drive|Dr|Boulevard|Blvd|Lane|Ln|Court|Ct|Place|Pl|Square|Sq|Squares|Terrace|Ter|"
    r"Way|Parkway|Pkwy|Highway|Hwy|Freeway|Expressway|Circle|Cir|Crescent|Cres|Close|Row|Walk|Gardens?|Grove|Hill|Mews|Mall|"
    r"Alley|Trail|Turnpike|Tpke|Pike|Plaza|Quay|Wharf|Embankment|Esplanade|Parade|Green|Gate|Loop|Rise|View|Vista|Bypass|"
    r"Causeway|Marg|Nagar|Chowk|Bagh|Vihar|Colony|Enclave|Salai|Path|Courts|Crossing|Broadway|Center|Centre|Park|Ridge|Run)"
)
_COMPOUND = (  # Germanic, Nordic and Baltic streets are one word, the number after it
    "straße", "strasse", "str.", "gasse", "weg", "platz", "allee", "damm", "ufer", "ring", "brücke", "graben", "steig", "hof", "markt",
    "gade", "gata", "gatan", "vej", "vei", "veien", "vägen", "väg", "alléen", "allén", "stræde", "krogen", "toften", "bakken", "vangen",
    "parken", "katu", "kuja", "polku", "tie", "laan", "straat", "kade", "gracht", "plein", "dreef", "singel", "steeg", "stræti", "straeti",
    "stígur", "braut", "vegur", "gränd", "torg", "torget", "stigen", "iela", "ufer", "wall", "promenade", "feld", "tanken", "svingen",
)  # fmt: skip
_KIND = (  # Romance, Slavic and other streets begin with their kind
    r"(?:[Rr]ue|[Aa]venue|[Aa]v\.|Avda\.?|Avenida|[Bb]oulevard|[Bb]d|Place|place(?= d[eu’'])|[Cc]hemin|[Aa]llée|[Ii]mpasse|[Qq]uai|Cours|Route|route(?= d[eu’'])|Via|Viale|Piazza|Piazzale|Corso|Largo|"
    r"Vicolo|Strada|Contrada|Calle|C/|Carrer|Paseo|Plaza|Camino|Carretera|Ctra\.?|Travesía|Ronda|Rua|Praça|Travessa|Alameda|Estrada|"
    r"[Uu]l\.|[Uu]lica|[Aa]l\.|[Pp]l\.|[Oo]s\.|Aleja|Ulitsa|Prospekt|Strasse|An der|Am|Im|Zum|Jalan|Jl\.|Rruga|Bulevardul|Calea|Λεωφόρος|Λ\.|Οδός)"
)
_LINK = r"(?:e|y|et|und|de|la|le|du|des|del|della|di|da|do|dos|das|el|los|las|d['’]|l['’])"
_NUMBER = r"(?:\d{1,6}(?:[-/]\d{1,5})?[A-Za-z]?)"
_FORWARD = [
    (re.compile(rf"{_NUMBER},?\s(?:\d{{1,5}}\s)?(?!The\s|In\s|S\. ?Ct|Supreme|High Court|District|Sessions|Civil|Federal|Circuit|Business)(?:{_WORD}|\d{{1,3}}(?:st|nd|rd|th))\s(?:(?:{_WORD}|of|the|de|la|le|du|des)\s){{0,4}}{_SUFFIX}\b\.?(?:\s(?:North|South|East|West|NE|NW|SE|SW|[NSEW])\b)?"), 0.9),
    (re.compile(rf"\d{{1,6}}\s\d{{1,3}}(?:st|nd|rd|th)\s{_SUFFIX}\b"), 0.9),
    (re.compile(r"\d{1,6}(?:\s[\w'’.-]{2,20}){1,3}?\s(?:street|avenue|road|drive|boulevard|lane|ave|st|rd|blvd)\b", re.IGNORECASE), 0.6),
    (re.compile(rf"{_NUMBER}(?:\s?(?:bis|ter|quater)\b)?,?\s{_KIND}\s(?:(?:{_LINK}|{_WORD})\s?){{1,6}}(?:\s?\d{{1,5}}\b)?"), 0.8),
    (re.compile(r"\d{1,6} (?:Broadway|Broad|Park Avenue|Wall St)\b"), 0.9),
    (re.compile(r"\d{1,3}(?:st|nd|rd|th)\s(?:[Ff]loor|FLOOR|Fl\.)"), 0.5),
    (re.compile(r"\d{1,4}[A-Z]?, (?:Level|Floor) \d"), 0.5),
]  # fmt: skip
_UNIT_WORD = (
    r"(?:Apt|APT|apt|Apartment|Suite|SUITE|suite|Ste|Unit|UNIT|Flat|Floor|Room|Rm|Office|Bldg|Building|Block|Shop|Plot|House|Door|Tower|Lot|"
    r"Level|Lane|Sector|Ward|Khasra)"
)
_UNIT = rf"{_UNIT_WORD}\b\.?,?[ \n]{{0,2}}(?:No\.?\s?|Number\s|#\s?)?[A-Z]?-?\d{{1,5}}[A-Z]?(?:[-/]\w{{1,5}})?\b"
_BACKWARD = [  # what stands before a number, and the most characters that it has
    (re.compile(rf"(?<!\w){_UNIT_WORD}\b\.?,?[ \n]{{0,2}}(?:No\.?\s?|Number\s|#\s?)?[A-Z]?-?$"), 0.5, 24),
    (re.compile(r"(?:\b\d{1,6}\s)?\b(?:P\.?\s?O\.?\s{0,2}Box|Post Office Box|Postfach|Private Bag|Boîte Postale|B\.P\.|Apartado|Caixa Postal)\s{0,2}(?:No\.?\s?)?$", re.IGNORECASE), 0.9, 30),
    (re.compile(r"\b(?:PSC|Unit|CMR)\s\d{1,5},?\sBox\s$", re.IGNORECASE), 0.95, 20),
    (re.compile(rf"(?<!\w){_KIND}\s(?:(?:{_LINK}|{_WORD})\s){{1,6}},?\s?(?:n[.º°]\s?)?$"), 0.8, 60),
    (re.compile(rf"(?:\b\d{{1,6}}\s)?(?<!\w)(?:{_WORD}\s){{1,3}}(?:u\.|utca|út|útja|tér|tere|rkp\.|körút|krt\.|köz|sor|ulice|třída|nábřeží|náměstí|sokak|caddesi|Cad\.|Sok\.|[Ss]t\.|[Ss]treet)\s$"), 0.8, 60),
]  # fmt: skip
_OWN = re.compile(r"\d{1,7}[A-Za-z]{0,2}(?:[-/]\w{1,5})?\b\.?")
_WORDS_FOLLOW = re.compile(
    r"[\d/-]{1,12}(?:[^\W\d_]|[A-Za-z]?,?\s(?:\d{1,5}\s?)?[^\W\d_])"
)  # cheap, and true of few numbers
_MILITARY = re.compile(r"[\s,]{1,3}(?:APO|FPO|DPO)(?:[\s,]{1,3}(?:AA|AE|AP))?(?:\s\d{5})?", re.IGNORECASE)
_SPELLED = re.compile(
    rf"[OTFSEN](?<!\w.)(?:(?<=O)ne|wo|hree|our|ive|ix|even|ight|ine|en)\s(?:{_WORD}\s){{1,4}}?{_SUFFIX}\b"
)
_CORNER = re.compile(
    r"the corner of [^\n.,;!?]{2,50}?\d{0,4}\.? and [^\n,;!?]{2,40}?(?=\.?[\n,;!?]|\. |\.?$)", re.IGNORECASE
)
_SHIP = re.compile(
    r"[Uu](?<!\w.)(?i:S(?:S|NS|CGC|NV|CG)\s[^\W\d_][\w'’ -]{1,30}[\s,]{1,3}(?:APO|FPO|DPO)[\s,]{1,3}(?:AA|AE|AP)\s\d{5}\b)"
)
_PREVIOUS = re.compile(rf"(?:(?<![\w.,$€£/-])\d{{1,6}}\s)?((?:{_TOWN}\s){{1,3}})$")
_WORDS_BEFORE = re.compile(
    rf"(?:(?<![\w.,$€£/-])\d{{1,6}}\s(?:[^\W\d_][\w'’.-]{{0,30}}\s){{0,4}}|(?:{_WORD}\s){{1,2}})$"
)
_NUMBER_BEFORE = re.compile(r"(?<![\w.,$€£/-])\d{1,6}\s$")
_WORD_BEFORE = re.compile(r"([^\W\d_][\w'’.-]{1,40})\s$")
_UNIT_BEFORE = re.compile(rf"(?<!\w)(?:{_UNIT},?\s){{1,2}}$")
_LONG_NUMBER = re.compile(r"\d{3,6}\s")
_CODES = re.compile(r"^0\s|(?<!\w)[A-Z]{2,4}\s")  # "17 CFR 248", "0 MS SQL 7": no street is written so
_UNIT_AFTER = re.compile(rf",?\s{{1,2}}{_UNIT}")
_NEAR = re.compile(r"\b(?:address(?:es)?|lives?|lived|living|resid\w+|located|send|sent|deliver\w*|ship\w*|moved|drops?|arrived|statement)\b[^.;]{0,60}$", re.IGNORECASE)  # fmt: skip
_MORE = re.compile(
    rf"[\s,>]{{1,4}}(?:(?:{_UNIT}|\d{{1,3}}(?:st|nd|rd|th)\s[Ff]loor)|[{UPPER}]{{1,3}}[- ]?\d{{3,6}}(?:-\d{{3,4}})?\b|[A-Z]{{1,2}}\d[A-Z\d]?\s\d[A-Z]{{2}}\b|[A-Z]\d[A-Z]\s\d[A-Z]\d\b"
    rf"|\d{{4,6}}(?:-\d{{3,4}})?\b(?!\s+(?:shares|dollars|units))|\d{{3}}\s\d{{2,3}}\b|(?:nan|NaN)\b|\((?:{_WORD}\s?){{1,3}}\)"
    rf"|(?:{_TOWN})(?:[ -](?:{_TOWN}|(?:de|la|le|da|do|del|di|sur|am|an der|bei|im|in|on|op|aan|den|les|lès|aux|nad|pod|ob|upon|of|the)(?=[ -](?:{_TOWN}|la|le|les|the|den|der)\b))){{0,3}}\b)"
)
_STOP = re.compile(
    r"[\s,>]{1,4}(?:Attn|Attention|Tel|Telephone|Phone|Fax|Facsimile|E-?mail|Mobile|Desk|Name|Title|By|With|And|The|This|If|I|To|Re|Date|"
    r"Inc|LLC|Ltd|Corporation|Company|Attorney|Party|Borrower|Lender|Bank|Landlord|Tenant|Whereas|WHEREAS|Please|Could|Is|My|We|or|Copy|CC|cc|SSN|DOB)\b"
)
_START = re.compile(r"[0-9](?<![\w.$€£/-].)")
_OWN_NUMBER = re.compile(r"\d")
_MAX_PARTS = 8
_UNIT_SCORE = 0.5  # of a flat or floor without a street
_PLACED_SCORE = 0.65  # and of one with a town and its postcode
_PLACED = re.compile(r"[^\W\d_]{3}[ ,-]{1,3}\d{5,6}$|[A-Z]\d[A-Z\d]? \d[A-Z]{2}$")
_GAP = re.compile(r"\s?,\s{0,2}|\s{1,2}")
_POSTCODE = re.compile(r"\s[A-Z]{1,2}\d[A-Z\d]?\s\d[A-Z]{2}\b")


def addresses(text: str) -> Iterator[Entity]:
    """Yield street addresses in `text`, in order, none overlapping another.

    Each reaches from its flat or building to the city, country and postcode.
    """
    joined = _joined(sorted(_addresses(text), key=lambda e: (e.start, -e.end)), text)
    whole = (Entity(e.type, with_building(text, e.start), e.end, e.score) for e in joined)
    yield from _joined(whole, text)


def _joined(entities: Iterable[Entity], text: str) -> Iterator[Entity]:
    last: Entity | None = None
    for entity in entities:
        if last is not None and _continues(last, entity, text):
            start, end = min(last.start, entity.start), max(last.end, entity.end)
            last = Entity("STREET_ADDRESS", start, end, max(last.score, entity.score))
            continue
        if last is not None:
            yield last
        last = entity
    if last is not None:
        yield last


def _continues(last: Entity, entity: Entity, text: str) -> bool:
    """Return whether two finds are one address: they overlap, or a mere "Shop 7, Central Mall" stands before a street."""
    if entity.start < last.end:
        return True
    return last.score <= _UNIT_SCORE and bool(_GAP.fullmatch(text, last.end, entity.start))


def _addresses(text: str) -> Iterator[Entity]:
    for match in _START.finditer(text):
        for start, end, score in _cores(text, match.start()):
            number = _NUMBER_BEFORE.search(text, max(0, start - 8), start)
            begin = number.start() if number else start
            unit = _UNIT_BEFORE.search(text, max(0, begin - 40), begin)
            begin = unit.start() if unit else begin
            if text.find("\n\n", begin, end) >= 0:
                continue
            stop = _grow(text, end)
            score = _PLACED_SCORE if score < _PLACED_SCORE and _PLACED.search(text, end, stop) else score
            yield Entity("STREET_ADDRESS", begin, stop, score)
    for start, end in by_postcode(text):
        yield Entity("STREET_ADDRESS", start, end, _PLACED_SCORE)
    for pattern in (_SPELLED, _CORNER, _SHIP):
        for match in pattern.finditer(text):
            yield Entity("STREET_ADDRESS", match.start(), _grow(text, match.end()), 0.8)


def _cores(text: str, start: int) -> Iterator[tuple[int, int, float]]:
    for pattern, score in _FORWARD if _WORDS_FOLLOW.match(text, start) else ():
        if match := pattern.match(text, start):
            yield start, match.end(), score
            break
    own = _OWN.match(text, start)
    if own is None or text[start - 1 : start] not in {" ", "\n", "#", "-"} or text[start - 2 : start - 1].isdigit():
        return
    for pattern, score, longest in _BACKWARD:
        if match := pattern.search(text, max(0, start - longest), start):
            military = _MILITARY.match(text, own.end())
            yield match.start(), military.end() if military else own.end(), score
    yield from _named(text, start, own.end())


def _named(text: str, start: int, end: int) -> Iterator[tuple[int, int, float]]:
    """Yield a street known by its name's ending or by where it stands, its number at `start:end`."""
    before = _WORD_BEFORE.search(text, max(0, start - 42), start)
    if before is None:
        return
    word = before[1].casefold()
    if (base_kind(word.rstrip(".")) in "vxkcoi" or "." in word) and not word.endswith("str."):
        return
    begin = _first_word(text, before.start())
    unit = _UNIT_AFTER.match(text, end)
    if _CODES.search(text[begin:start]):
        return
    if word.endswith(_COMPOUND) and len(word) > 5:
        yield begin, end, 0.85
    elif unit or (_line_ends(text, end) and _LONG_NUMBER.match(text, begin)):
        yield begin, unit.end() if unit else end, 0.85 if unit else 0.6
    elif name := _PREVIOUS.search(text, max(0, start - 60), start):
        yield from _by_place(text, name, end)


def _first_word(text: str, start: int) -> int:
    """Return where the name of a street begins whose last word begins at `start`; the house number may stand before it."""
    words = _WORDS_BEFORE.search(text, max(0, start - 60), start)
    if words is None:
        return start
    named = [word for word in words[0].split() if not word[0].isdigit()]
    if any(base_kind(word.casefold().rstrip(".")) in "vxkcoi" for word in named):
        number = _NUMBER_BEFORE.search(text, max(0, start - 8), start)
        return number.start() if number else start
    return words.start()


def _line_ends(text: str, end: int) -> bool:
    return end == len(text) or text[end] in "\n,"


def _by_place(text: str, name: re.Match[str], end: int) -> Iterator[tuple[int, int, float]]:
    words = [word.casefold().rstrip(".") for word in name[1].split()]
    if any(base_kind(word) in "vxkcoi" or "." in word for word in words) or _CODES.search(name[0]):
        return
    start = name.start()
    alone = (start == 0 or text[start - 1] in "\n>") and _line_ends(text, end)
    if _LONG_NUMBER.match(text, start) or alone or _NEAR.search(text, max(0, start - 90), start):
        yield start, end, 0.65


def _grow(text: str, end: int) -> int:
    """Return where the address ends that has its street up to `end`."""
    common = load_lists().common
    for _ in range(_MAX_PARTS):
        match = _MORE.match(text, end)
        if match is None or _STOP.match(text, end) or "\n\n" in match[0]:
            break
        words = [word for word in re.findall(r"[^\W\d_]+", match[0]) if not (word.isupper() and len(word) == 2)]
        if (
            words
            and words[0][0].isupper()
            and not _OWN_NUMBER.search(match[0])
            and all(w.casefold() in common for w in words)
            and not _POSTCODE.match(text, match.end())  # "Bath BA1 5XY"
        ):
            break
        stop = _STOP.search(text, end + 1, match.end())
        if stop:
            return stop.start()
        end = match.end()
    return end
