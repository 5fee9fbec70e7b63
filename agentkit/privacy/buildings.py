# ruff: noqa: E501
# A pattern is a table: it reads best on one line.
"""What stands before a street in an address: the flat, the floor, the building's name.

"Unit 4, Foundry Court, 1180 Kiln Street": the parts are taken one by one, backwards from the street.
"""

import re
from collections.abc import Iterator
from itertools import chain

from agentkit.privacy.letters import UPPER

_NAME = rf"[{UPPER}\d][\w'’.&-]{{0,25}}"
_UNIT_NOUN = (
    r"(?:apt|apartment|appartement|appt|suite|ste|unit|flat|floor|room|rm|office|bldg|building|block|blk|shop|plot|door|tower|lot|level|phase|wing|"
    r"gala|wohnung|whg|gebäude|haus|aufgang|zimmer|bâtiment|bât|escalier|étage|lot|porte|interno|int|scala|piso|planta|puerta|portal|edificio|edifício|bloco|andar|sala|lokal|byt)"
)
_FLOOR = (
    r"(?:(?i:the )?(?i:ground|first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|top|lower ground|upper|mezzanine|\d{1,3}(?:st|nd|rd|th)) (?i:floor|level|flr)"
    r"|\d{1,3}\.\s?(?:OG|Obergeschoss|Obergeschoß|Stock|Etage|patro|emelet|NP|piętro)|(?:EG|Erdgeschoss|Erdgeschoß|Hinterhaus|Vorderhaus|RDC|[Rr]ez-de-chaussée|Parterre)"
    r"|\d{1,3}(?:er|e|ème|eme|ère|nd)\s(?:étage|Etage)|\d{1,3}[ºª°o]\.?\s?(?:piso|planta|andar|piano)?)"
)
_UNIT = rf"(?:(?i:{_UNIT_NOUN})|[HD]\.|Penthouse)\b\.?\s?(?:[Nn]o\.?\s?|[Nn]umber\s|[Nn]r\.?\s|[Nn]º\s|#\s?)?(?:[A-Z]?-?\d{{1,5}}(?:[A-Z]\b)?(?:[-/]\w{{1,5}})?|[A-Z])"
_BUILDING = (
    r"(?i:house|court|tower|towers|building|apartments?|mansions?|lodge|hall|chambers|villas?|cottage|cottages|farm|manor|rectory|vicarage|barn|mill|works|"
    r"arcade|mall|plaza|centre|center|estate|heights|residency|residences?|complex|bhavan|bhawan|sadan|niwas|nivas|kunj|society|chawl|arcadia|point|gate|"
    r"wharf|quay|yard|studios|castle|priory|grange|annexe?|pavilion|industrial park|business park|science park|park|trading estate|square|hof|haus|hochhaus)"
)
_KIND = r"(?:Haus|Schloss|Gut|Hof|Résidence|Immeuble|Villa|Château|Domaine|Tour|Le Clos|Mas|Palais|Palazzo|Cascina|Edificio|Edifício|Urbanización|Residencial|Condomínio|Quinta|Kamienica)"
_PART = rf"(?:{_UNIT}|{_FLOOR}|(?:(?:The )?{_NAME} (?:{_NAME} ){{0,3}}?{_BUILDING}|{_KIND} (?:(?:de|des|du|la|le|les|della|del|dos|da) )?{_NAME}(?: {_NAME}){{0,2}}))"
_PART_BEFORE = re.compile(
    rf"(?<![\w.’'-])(?:{_UNIT},\s{{1,2}}(?:{_NAME} ){{0,3}}{_NAME}|{_PART})(?:\s?,\s{{0,2}}|[ ]?\n|[ ][-–]?[ ]?)$"
)
_STREET = r"(?i:street|road|lane|avenue|drive|close|way|grove|hill|terrace|crescent|row|walk|gardens|place|mews|green|rise|marg|nagar|colony|enclave|vihar|salai|path|chowk|bagh|layout|cross|main)"
_PLACE = rf"{_NAME}(?: (?:of|on|upon|the|le|St) {_NAME}| {_NAME}){{0,4}}"
_AFTER_CODE = r"(?![\w-]|[.,]\d)"
_POSTCODES = (
    re.compile(rf"[A-Z](?<![\w.].)[A-Z]?\d[A-Z\d]?\s\d[A-Z]{{2}}{_AFTER_CODE}"),
    re.compile(rf"[-–1-9](?<=[A-Za-z] .)(?:(?<=[1-9])|(?<=[-–]) ?[1-9])\d{{2}} ?\d{{3}}{_AFTER_CODE}"),
)
_BEFORE_CODE = re.compile(rf"(?<![\w,.’'-])(?:The )?{_PLACE}(?:,\s{_PLACE}){{1,6}}[,]?\s$")
_TELLS = re.compile(rf"\b(?:{_STREET}|{_BUILDING}|{_UNIT})(?=,)")
_HEAD = re.compile(rf"(?:{_BUILDING}|(?i:floor|level)),?\s{{1,2}}(?=\d)")
_REACH = 90  # characters looked at for one part
_MAX_PARTS = 4
_LONGEST = 160  # characters before a postcode


def with_building(text: str, start: int) -> int:
    """Return where an address begins whose street begins at `start`: at its unit's or building's name, where it has one."""
    head = _HEAD.match(text, start)  # "Crown House, 22 …" may have been found from "House" on
    start, found = (head.end(), start) if head else (start, start)
    for _ in range(_MAX_PARTS):
        gap = text[max(0, start - 3) : start]
        if "," not in gap and "\n" not in gap:  # cheap, and true of few
            break
        match = _PART_BEFORE.search(text, max(0, start - _REACH), start)
        if match is None:
            break
        start = match.start()
    return min(start, found)


def by_postcode(text: str) -> Iterator[tuple[int, int]]:
    """Yield addresses without a house number: named houses and streets, one after another, up to a British or Indian postcode."""
    for code in chain.from_iterable(pattern.finditer(text) for pattern in _POSTCODES):
        match = _BEFORE_CODE.search(text, max(0, code.start() - _LONGEST), code.start())
        if match and (told := _TELLS.search(match[0])):
            part = match[0].rfind(", ", 0, told.start())
            yield match.start() + (part + 2 if part >= 0 else 0), code.end()
