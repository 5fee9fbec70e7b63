"""Street addresses: a core that only an address has (a numbered street, a box, a flat), grown to its postcode."""
# ruff: noqa: E501
# A pattern is a table: it reads best on one line.

import re
from collections.abc import Iterator

from agentkit.privacy.letters import UPPER
from agentkit.privacy.lists import load_lists
from agentkit.types import Entity

_WORD = rf"[{UPPER}][\w'’.-]{{0,30}}"
_SUFFIX = (
    r"(?:Street|Strt|Str|St|Avenue|Ave|Av|Road|Rd|Drive|Dr|Boulevard|Blvd|Lane|Ln|Court|Ct|Place|Pl|Square|Sq|Squares|Terrace|Ter|"
    r"Way|Parkway|Pkwy|Highway|Hwy|Freeway|Expressway|Circle|Cir|Crescent|Cres|Close|Row|Walk|Gardens?|Grove|Hill|Mews|Mall|"
    r"Alley|Trail|Turnpike|Tpke|Pike|Plaza|Quay|Wharf|Embankment|Esplanade|Parade|Green|Gate|Loop|Rise|View|Vista|Bypass|"
    r"Causeway|Marg|Nagar|Chowk|Bagh|Vihar|Colony|Enclave|Salai|Path|Courts|Crossing|Broadway|Center|Centre|Park|Ridge|Run)"
)
_COMPOUND = (  # Germanic, Nordic and Baltic streets are one word, the number after it
    r"(?:stra(?:ß|ss)e|str\.|gasse|weg|platz|allee|damm|ufer|ring|brücke|graben|steig|hof|markt|gade|gata|gatan|vej|vei|veien|vägen|väg|"
    r"alléen|allén|stræde|krogen|toften|bakken|vangen|parken|tangen|katu|kuja|polku|tie|laan|straat|kade|gracht|plein|dreef|singel|steeg|"
    r"stræti|straeti|stígur|braut|vegur|gránd|torg|torget|gränd|stigen|iela)"
)
_LEADING = (  # Romance, Slavic and other streets begin with their kind
    r"(?:[Rr]ue|Avenue|Av\.|Avda\.?|Avenida|Boulevard|Bd|Place|Chemin|Allée|Impasse|Quai|Cours|Route|Via|Viale|Piazza|Piazzale|Corso|Largo|"
    r"Vicolo|Strada|Contrada|Calle|C/|Carrer|Paseo|Plaza|Camino|Carretera|Ctra\.?|Travesía|Ronda|Rua|Praça|Travessa|Alameda|Estrada|"
    r"[Uu]l\.|[Uu]lica|[Aa]l\.|[Pp]l\.|[Oo]s\.|Aleja|Ulitsa|Prospekt|Strasse|Am|An der|Im|Zum|Jalan|Jl\.|Rruga|Bulevardul|Calea|Λεωφόρος|Λ\.|Οδός)"
)
_TRAILING = r"(?:u\.|utca|út|útja|tér|tere|rkp\.|körút|krt\.|köz|sor|ul\.|ulice|třída|nábřeží|náměstí|sokak|caddesi|Cad\.|Sok\.|[Ss]t\.|[Ss]treet)"
_UNIT = (
    r"(?:(?:Apt|APT|apt|Apartment|Suite|SUITE|suite|Ste|Unit|UNIT|Flat|Floor|Room|Rm|Office|Bldg|Building|Block|Shop|Plot|House|Door|"
    r"Tower|Lot|Level|Lane|Sector|Ward|Khasra)\b\.?,?[ \n]{0,2}(?:No\.?\s?|Number\s|#\s?)?[A-Z]?-?\d{1,5}[A-Z]?(?:[-/]\w{1,5})?\b"
    r"|\d{1,3}(?:st|nd|rd|th)\s(?:[Ff]loor|FLOOR|Fl\.)|(?:[Gg]round|[Ff]irst|[Ss]econd|[Tt]hird|[Ff]ourth|[Ff]ifth)\s[Ff]loor|#\s?\d{1,5}\b)"
)
_NUMBER = r"(?:No\.?\s?)?\d{1,6}(?:[-/]\d{1,5})?[A-Za-z]?"
_CORES = [
    (re.compile(
        rf"(?<![\w.$€£/-]){_NUMBER},?\s(?:\d{{1,5}}\s)?(?:(?:[NSEW]\.?|{_WORD}|of|the|de|la|le|du|des|\d{{1,3}}(?:st|nd|rd|th))\s){{1,5}}{_SUFFIX}\b\.?"
    ), 0.9),
    (re.compile(rf"(?<![\w.$€£/-])\d{{1,6}}\s\d{{1,3}}(?:st|nd|rd|th)\s{_SUFFIX}\b"), 0.9),
    (re.compile(r"(?<![\w.$€£/-])\d{1,6}(?:\s[\w'’.-]{2,20}){1,3}\s(?:street|avenue|road|drive|boulevard|lane|ave|st|rd|blvd)\b", re.IGNORECASE), 0.6),
    (re.compile(rf"\b(?:One|Two|Three|Four|Five|Six|Seven|Eight|Nine|Ten)\s(?:{_WORD}\s){{1,4}}{_SUFFIX}\b"), 0.8),
    (re.compile(rf"(?:\b\d{{1,6}}\s)?\b[^\W\d_][^\W\d_]{{1,30}}{_COMPOUND}\s\d{{1,5}}\s?[a-zA-Z]?\b", re.IGNORECASE), 0.85),
    (re.compile(rf"(?<!\w){_NUMBER},?\s{_LEADING}\s(?:(?:de|la|le|du|des|del|della|di|da|do|dos|das|el|los|las|d['’]|l['’]|{_WORD})\s?){{1,6}}(?:\s?\d{{1,5}}\b)?"), 0.8),
    (re.compile(rf"(?<!\w){_LEADING}\s(?:(?:de|la|le|du|des|del|della|di|da|do|dos|das|el|los|las|{_WORD})\s){{1,6}},?\s?(?:n[.º°]\s?)?\d{{1,5}}[a-z]?\b"), 0.8),
    (re.compile(rf"(?:\b\d{{1,6}}\s)?(?<!\w)(?:{_WORD}\s){{1,3}}{_TRAILING}\s\d{{1,5}}\b\.?"), 0.8),
    (re.compile(rf"(?<![\w.]){_UNIT}"), 0.5),
    (re.compile(r"(?:\b\d{1,6}\s)?\b(?:P\.?\s?O\.?\s?Box|Post Office Box|Postfach|Private Bag|Boîte Postale|B\.P\.|Apartado|GPO Box|Caixa Postal)\s{0,2}(?:No\.?\s?)?\d{1,7}[A-Z]{0,2}\b", re.IGNORECASE), 0.9),
    (re.compile(r"\b(?:PSC|Unit|CMR)\s\d{1,5},?\sBox\s\d{1,5}(?:[\s,]{1,3}(?:APO|FPO|DPO)(?:[\s,]{1,3}(?:AA|AE|AP))?(?:\s\d{5})?)?", re.IGNORECASE), 0.95),
    (re.compile(r"\bthe corner of [^\n.,;!?]{2,50}?\d{0,4}\.? and [^\n.,;!?]{2,40}(?=[\n.,;!?]|$)", re.IGNORECASE), 0.7),
    (re.compile(rf"(?:\b\d{{1,6}}\s)?\b[\w'’-]{{3,30}}\s\d{{1,5}},?\s{{1,2}}{_UNIT}", re.IGNORECASE), 0.85),
]  # fmt: skip
_LOOSE = re.compile(rf"(?<![\w.$€£/-])(?:(\d{{1,6}})\s)?((?:{_WORD}\s){{1,3}})(\d{{1,5}}\.?)(?![\w%/-]|[.,]\d)")
_NEAR = re.compile(r"\b(?:address(?:es)?|lives?|lived|living|resid\w+|located|send|sent|deliver\w*|ship\w*|moved|drops?|arrived|statement)\b[^.;]{0,60}$", re.IGNORECASE)  # fmt: skip
_MORE = re.compile(
    rf"[\s,]{{1,4}}(?:(?:{_UNIT})|[{UPPER}]{{1,3}}[- ]?\d{{3,6}}(?:-\d{{3,4}})?\b|[A-Z]{{1,2}}\d[A-Z\d]?\s\d[A-Z]{{2}}\b|[A-Z]\d[A-Z]\s\d[A-Z]\d\b"
    rf"|\d{{4,6}}(?:-\d{{3,4}})?\b(?!\s+(?:shares|dollars|units))|\d{{3}}\s\d{{2,3}}\b|(?:nan|NaN)\b|\((?:{_WORD}\s?){{1,3}}\)"
    rf"|(?:{_WORD})(?:[ -](?:{_WORD}|de|la|le|da|do|del|di|sur|am|upon|of|the|and)){{0,3}}\b)"
)
_STOP = re.compile(
    r"[\s,]{1,4}(?:Attn|Attention|Tel|Telephone|Phone|Fax|Facsimile|E-?mail|Mobile|Desk|Name|Title|By|With|And|The|This|If|I|To|If|Re|Date|"
    r"Inc|LLC|Ltd|Corporation|Company|Attorney|Party|Borrower|Lender|Bank|Landlord|Tenant|Whereas|WHEREAS|Please|Could|Is|My|We|or|Copy|CC|cc|SSN|DOB)\b"
)
_MAX_PARTS = 8


def addresses(text: str) -> Iterator[Entity]:
    """Yield street addresses in `text`, each grown over the city, country and postcode that follow it."""
    for pattern, score in _CORES:
        for match in pattern.finditer(text):
            yield Entity("STREET_ADDRESS", match.start(), _grow(text, match.end()), score)
    common = load_lists().common
    for match in _LOOSE.finditer(text):
        words = [word.casefold().rstrip(".") for word in match[2].split()]
        if any(word in common or word[:3] in _MONTHS for word in words) or int(match[3].rstrip(".")) >= 10_000:
            continue
        alone = match.start() == 0 or text[match.start() - 1] in "\n>"
        ends = match.end() == len(text) or text[match.end()] in "\n,"
        if match[1] or (alone and ends) or _NEAR.search(text, max(0, match.start() - 90), match.start()):
            yield Entity("STREET_ADDRESS", match.start(), _grow(text, match.end()), 0.65)


_MONTHS = frozenset("jan feb mar apr may jun jul aug sep oct nov dec".split())


def _grow(text: str, end: int) -> int:
    """Return where the address ends that has its street up to `end`."""
    for _ in range(_MAX_PARTS):
        if end < len(text) and text[end - 1] == "\n":
            break
        match = _MORE.match(text, end)
        if match is None or _STOP.match(text, end) or "\n\n" in match[0]:
            break
        if all(word.casefold() in load_lists().common for word in re.findall(r"[^\W\d_]+", match[0]) or ["0"]):
            break
        end = match.end()
    return end
