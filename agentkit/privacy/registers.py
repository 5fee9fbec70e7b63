# ruff: noqa: E501
# A pattern is a table: it reads best on one line.
"""Numbers of registers: national identity, tax, companies, health, vehicles, banks, and courts' dockets.

One pass finds words that hold a digit. Rules whose shape and checksum say enough are tried at each; the others need
their label before the number. Labels are looked up by their words, so the many rules cost little in a text without them.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass

from agentkit.privacy import checksums_national as check
from agentkit.privacy.checksums import luhn
from agentkit.privacy.entity_types import KNOWN_TYPES
from agentkit.types import Entity

_SEPARATORS = re.compile(r"[\s./()+-]")


@dataclass(frozen=True, slots=True)
class _Rule:
    """`check` sees the match without separators; where `label` is given, it must end right before the number."""

    type: str
    pattern: re.Pattern[str]
    check: Callable[[str], bool] | None = None
    label: re.Pattern[str] | None = None
    score: float = 0.85


def _shape(kind: str, pattern: str, checked: Callable[[str], bool] | None = None) -> _Rule:
    return _Rule(kind, re.compile(rf"(?:{pattern})(?![\w-])"), checked)


def _labelled(kind: str, label: str, pattern: str, checked: Callable[[str], bool] | None = None) -> _Rule:
    before = re.compile(rf"(?<![^\W_])(?:{label})(?![^\W_])[^\d;\n]{{0,20}}\n?[^\d;\n]{{0,4}}$", re.IGNORECASE)
    return _Rule(kind, re.compile(rf"(?:{pattern})(?![\w])"), checked, before, 0.9 if checked else 0.75)


_YYMMDD = r"\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_SHAPES = [
    _shape("NATIONAL_ID", r"\d{8}-?[A-Z]|[XYZ]-?\d{7}-?[A-Z]", check.dni),
    _shape("NATIONAL_ID", r"[A-Z]{6}\d{2}[A-EHLMPRST]\d{2}[A-Z]\d{3}[A-Z]", check.fiscal_code),
    _shape("NATIONAL_ID", r"[12] ?\d\d ?(?:0[1-9]|1[0-2]|[2-9]\d) ?(?:\d\d|2[AB]) ?\d{3} ?\d{3} ?\d\d", check.nir),
    _shape("NATIONAL_ID", r"\d\d\.\d\d\.\d\d-\d{3}[.-]\d\d", check.belgian),
    _shape("NATIONAL_ID", r"(?:19|20)?\d{6}[-+]\d{4}", check.swedish),
    _shape("NATIONAL_ID", r"[0-3]\d[01]\d{3}[-+A-FU-Y]\d{3}[0-9A-Y]", lambda v: check.finnish(v[:6] + "-" * (len(v) == 10) + v[6:])),
    _shape("NATIONAL_ID", r"[0-7]\d[0-1]\d{3} ?\d{5}", check.norwegian),
    _shape("NATIONAL_ID", r"\d{7}[A-W][A-IW]?", check.irish),
    _shape("NATIONAL_ID", r"756\.?\d{4}\.?\d{4}\.?\d{2}", check.ean13),
    _shape("NATIONAL_ID", r"\d\d[0156]\d[0-3]\d/\d{3,4}", check.czech),
    _shape("NATIONAL_ID", rf"{_YYMMDD}-[1-8]\d{{6}}", check.korean),
    _shape("NATIONAL_ID", r"[1-9]\d{5}(?:19|20)\d{2}[01]\d[0-3]\d{4}[\dXx]", check.chinese),
    _shape("NATIONAL_ID", r"[STFGM]\d{7}[A-Z]", check.singaporean),
    _Rule("NATIONAL_ID", re.compile(r"[A-Z]{1,2}\d{6}\([\dA]\)"), check.hong_kong),
    _shape("NATIONAL_ID", r"\d{3}\.\d{3}\.\d{3}-\d\d", check.cpf),
    _shape("NATIONAL_ID", r"[A-Z]{4}\d{6}[HM][A-Z]{5}[A-Z\d]\d"),
    _shape("DRIVER_LICENSE", r"[A-Z]{2,5}9{0,3}\d[015-6]\d[0-3]\d\d[A-Z][A-Z9]\d[A-Z]{2}", lambda v: len(v) == 16),
    _shape("TAX_ID", r"\d\d[A-Z]{5}\d{4}[A-Z][1-9A-Z]Z[\dA-Z]", check.gstin),
    _shape("TAX_ID", r"ATU ?\d{8}|NL ?\d{9}B\d\d|CHE-?\d{3}\.?\d{3}\.?\d{3}(?: (?:MWST|TVA|IVA))?"),
    _shape("TAX_ID", r"\d\d\.\d{3}\.\d{3}/\d{4}-\d\d"),
    _shape("COMPANY_NUMBER", r"[LU]\d{5}[A-Z]{2}\d{4}[A-Z]{3}\d{6}"),
    _shape("MEDICAL_RECORD", r"[1-9][AC-HJKMNP-RT-Y][\dAC-HJKMNP-RT-Y]\d-?[AC-HJKMNP-RT-Y][\dAC-HJKMNP-RT-Y]\d-?[AC-HJKMNP-RT-Y]{2}\d\d"),
    _shape("VEHICLE_ID", r"[A-HJ-NPR-Z\d]{17}", check.vin),
    _shape("VEHICLE_ID", r"(?:A[NPRS]|BR|C[GH]|D[DLN]|G[AJ]|H[PR]|J[HK]|K[AL]|LD|M[HLNPZ]|NL|O[DR]|P[BY]|RJ|SK|T[NRS]|U[AKP]|WB)[ -]?\d{1,2}[ -]?[A-Z]{1,3}[ -]?\d{4}"),
    _shape("BANK_CODE", r"[A-Z]{4}0\d{6}"),
    _shape("CASE_NUMBER", r"\d{1,2}:\d{2}-(?:cv|cr|mc|md|bk|mj|ap|po)-\d{3,6}(?:-[A-Z\d]{1,5}){0,3}"),
    _shape("CASE_NUMBER", r"\d{2,4}-(?:cv|cr|CV|CR|bk)-\d{3,6}(?:-[A-Z\d]{1,5}){0,3}"),
]  # fmt: skip
_SHAPED = frozenset(rule.type for rule in _SHAPES)
_VAT = (
    r"(?:AT ?U\d{8}|BE ?[01]?\d{3}[ .]?\d{3}[ .]?\d{3}|BG ?\d{9,10}|CY ?\d{8}[A-Z]|CZ ?\d{8,10}|DE ?\d{3} ?\d{3} ?\d{3}|DK ?\d{8}|E[EL] ?\d{9}|ES ?[A-Z\d]\d{7}[A-Z\d]|FI ?\d{8}|"
    r"FR ?[A-Z\d]{2} ?\d{3} ?\d{3} ?\d{3}|GB ?\d{3} ?\d{4} ?\d{2}(?: ?\d{3})?|HR ?\d{11}|HU ?\d{8}|IE ?\d[A-Z\d+*]\d{5}[A-Z]{1,2}|IT ?\d{11}|LT ?\d{9}(?:\d{3})?|LU ?\d{8}|LV ?\d{11}|MT ?\d{8}|"
    r"NL ?\d{9}B\d\d|NO ?\d{9} ?MVA|PL ?\d{10}|PT ?\d{9}|RO ?\d{2,10}|SE ?\d{12}|SI ?\d{8}|SK ?\d{10}|XI ?\d{9}|\d{2}[\d ]{6,11}\d)"
)
_DOCKET = r"(?!\d{1,2}\b(?! ?(?:of|OF|/) ?\d|[/.:-]\w))(?:[A-Za-z]{1,6}[/-]){0,3}[A-Za-z]{0,6}\d[\w()]{0,14}(?:[/.:-][\w()]{1,14}){0,6}(?: ?(?:of|OF|/) ?(?:(?:19|20)\d\d))?(?: [A-Z]\d)?"
_NUMBER = r"(?:(?i:nos?|nr|number)\b|#)\.?"
_LABELLED = [
    _labelled("TAX_ID", r"(?:VAT|USt|MwSt|TVA|IVA|BTW|DPH|MOMS|PVM|UID)(?:[- ]?(?:ID|Id|IdNr))?(?:[ .-]?(?:reg\w*|nr|no|number|num|code))?", _VAT),
    _labelled("TAX_ID", r"EIN|FEIN|employer identification|taxpayer identification|tax id(?:entification)?|TIN", r"\d{2}-?\d{7}"),
    _labelled("TAX_ID", r"steuer-?id\w*|steueridentifikation\w*|IdNr|tax id\w*|TIN", r"\d{2} ?\d{3} ?\d{3} ?\d{3}", check.steuer_id),
    _labelled("TAX_ID", r"steuernummer|St\.?-?Nr", r"\d{2,3}/\d{3}/\d{4,5}|\d{10,13}"),
    _labelled("TAX_ID", r"UTR|unique tax\w* reference|tax reference", r"\d{5} ?\d{5}", check.utr),
    _labelled("TAX_ID", r"NIF|contribuinte|n[úu]mero de identifica[cç][ãa]o fiscal", r"\d{3} ?\d{3} ?\d{3}", check.portuguese),
    _labelled("TAX_ID", r"NIF|CIF", r"[A-HJNP-SUVW]-?\d{7}[A-J\d]"),
    _labelled("TAX_ID", r"NIP", r"\d{3}-?\d{3}-?\d{2}-?\d{2}|\d{3}-?\d{2}-?\d{2}-?\d{3}", check.nip),
    _labelled("TAX_ID", r"TFN|tax file", r"\d{3} ?\d{3} ?\d{3}", check.tfn),
    _labelled("TAX_ID", r"P\.? ?IVA|partita IVA", r"(?:IT)?\d{11}"),
    _labelled("TAX_ID", r"TAN|tax deduction", r"[A-Z]{4}\d{5}[A-Z]"),
    _labelled("NATIONAL_ID", r"PESEL", r"\d{11}", check.pesel),
    _labelled("NATIONAL_ID", r"BSN|burgerservicenummer|sofi", r"\d{4}\.?\d{2}\.?\d{3}|\d{3} ?\d{3} ?\d{3}", check.bsn),
    _labelled("NATIONAL_ID", r"CPR|personnummer|person number|kennitala|kt", r"\d{6}[- ]?\d{4}", lambda v: check.danish(v) or check.kennitala(v)),
    _labelled("NATIONAL_ID", r"OIB", r"\d{11}", check.iso_11_10),
    _labelled("NATIONAL_ID", r"CNP|cod(?:ul)? numeric personal", r"[1-9]\d{12}", check.cnp),
    _labelled("NATIONAL_ID", r"SVNR|SV-Nummer|sozialversicherungsnummer", r"\d{4} ?\d{6}", check.austrian),
    _labelled("NATIONAL_ID", r"sozialversicherungsnummer|rentenversicherungsnummer|RVNR", r"\d{2} ?\d{6} ?[A-Z] ?\d{3}"),
    _labelled("NATIONAL_ID", r"EGN|EMŠO|EMSO|JMBG|isikukood|asmens kodas|personas kods|AMKA|TAJ|rodné číslo|matricule|numéro de sécurité sociale", r"\d{6}-?\d{3,7}|\d{3} ?\d{3} ?\d{3}"),
    _labelled("NATIONAL_ID", r"T\.?C\.? kimlik\w*|TCKN", r"[1-9]\d{10}", check.turkish),
    _labelled("NATIONAL_ID", r"SIN|social insurance", r"\d{3}[ -]?\d{3}[ -]?\d{3}", luhn),
    _labelled("NATIONAL_ID", r"my number|個人番号|マイナンバー", r"\d{4} ?\d{4} ?\d{4}"),
    _labelled("NATIONAL_ID", r"(?:SA|South African) id\w*|teudat zehut|ת\.ז|israeli id\w*", r"\d{13}|\d{9}", luhn),
    _labelled("NATIONAL_ID", r"voter(?:'s)?(?: id\w*)?|EPIC|election card", r"[A-Z]{3}/?\d{7}"),
    _labelled("NATIONAL_ID", r"(?:national|identity|personal|resident) (?:id(?:entity|entification)?|card)|ID card|personalausweis\w*|DNI|NIE|carte d'identité|carta d'identità|green card|alien|A-number", r"[A-Z]{0,3}\d[\dA-Z]{5,12}"),
    _labelled("DRIVER_LICENSE", r"führerschein\w*|permis de conduire|patente(?: di guida)?|permiso de conducir|prawo jazdy|DL", r"[A-Z]{0,4}\d[\dA-Z]{0,14}(?:[ -]\d[\dA-Z]{1,8}){0,3}"),
    _labelled("COMPANY_NUMBER", r"(?:company|companies house|registered|registration|reg\.?)(?: (?:registration|company))?(?: (?:no|number|num)\.?)|registered in [A-Z][\w ,()]{2,50} (?:no|number)|CRN|KvK|KRS|REGON|CVR|Org\.? ?nr|organisasjonsnummer|UEN|ACN|IČO", r"(?:SC|NI|OC|SO|NC|FC|R)?\d{3}[ ]?\d{3}[ ]?\d{0,3}[A-Z]?"),
    _labelled("COMPANY_NUMBER", r"HRB|HRA", r"\d{1,6}(?: ?[A-Z]{1,2})?"),
    _labelled("COMPANY_NUMBER", r"SIRENE?|SIRET|RCS [A-Z]\w+", r"\d{3} ?\d{3} ?\d{3}(?: ?\d{5})?", check.siren),
    _labelled("COMPANY_NUMBER", r"ABN", r"\d{2} ?\d{3} ?\d{3} ?\d{3}", check.abn),
    _labelled("COMPANY_NUMBER", r"LEI|legal entity identifier", r"[A-Z\d]{18}\d{2}"),
    _labelled("BANK_CODE", r"sort[- ]?code", r"\d{2}[- ]?\d{2}[- ]?\d{2}"),
    _labelled("BANK_CODE", r"IFSC", r"[A-Z]{4}0[A-Z\d]{6}"),
    _labelled("BANK_CODE", r"BSB", r"\d{3}[- ]?\d{3}"),
    _labelled("BANK_CODE", r"BLZ|bankleitzahl", r"\d{3} ?\d{3} ?\d{2}"),
    _labelled("US_BANK_NUMBER", r"konto(?:nummer|nr)?|compte|cuenta|conto corrente|rekening", r"\d[\d -]{5,18}\d"),
    _labelled("MEDICAL_RECORD", r"MRN|medical record|patient(?: record)?(?: id\w*| no| number)|hospital (?:no|number)|health plan|member id|insurance (?:id|policy|member)|chart(?: no| number)|HICN|medic(?:are|aid)(?: card| beneficiary)? (?:id|no|number|#)|EHIC|KVNR|krankenversichert\w*", r"[A-Z]{0,4}-?\d[\dA-Z]{4,14}(?:[-/ ]\d{1,6}){0,3}"),
    _labelled("MEDICAL_LICENSE", r"NPI|national provider", r"\d{10}", check.npi),
    _labelled("VEHICLE_ID", r"VIN|chassis|vehicle identification|engine (?:no|number)", r"[A-HJ-NPR-Z\d]{8,17}"),
    _labelled("VEHICLE_ID", r"licen[cs]e plate|number ?plate|registration plate|vehicle (?:no|number|registration)|kennzeichen|immatriculation", r"[A-Z\d]{1,4}[ -]?[A-Z\d]{1,4}(?:[ -]?[A-Z\d]{1,4})?"),
    _Rule("CASE_NUMBER", re.compile(rf"{_DOCKET}(?!\w)"), None, re.compile(
        rf"\b(?:(?i:cases?|applications?|appln?s?|petitions?|appeals?|docket|suit|claim|action|matter|cause|complaint|indictment|file|trial|summons|crime|bail|revision|reference|O\.?S|C\.?C|S\.?C|W\.?P|C\.?A|S\.?L\.?P|M\.?F\.?A|R\.?F\.?A|F\.?I\.?R|C\.?R|D\.?C)\.?(?: ?\([\w.]{{1,8}}\))?\.? ?{_NUMBER})[ :]{{0,3}}$"), 0.7),
    _Rule("CASE_NUMBER", re.compile(r"\d{1,6}/\d{2,4}(?![\w/])|\d{4}-[A-Z]{2}-\d{4,6}(?:-[A-Z]{2})?(?!\w)|[A-Z]?\d{2,4}-\d{2,5}(?:-[A-Z\d]{1,5}){0,3}(?![\w-])"), None, re.compile(r"\b(?:[Nn]os?|NOS?)\. (?:[\d/-]{4,14},? (?:and|&) )?$"), 0.7),
    _Rule("CASE_NUMBER", re.compile(rf"{_DOCKET}(?!\w)"), None, re.compile(r"\b(?i:(?:our|your|file|matter|case) ref(?:erence)?|case|docket|matter|file number|claim number|case number)\.?\s?[:#]\s{0,3}$|\bIn (?:Joined )?Cases? $"), 0.7),
]  # fmt: skip
_HEADS = frozenset(
    "vat ust mwst tva iva btw dph moms pvm uid ein fein employer taxpayer tax tin steuer steuerid idnr st utr nif cif contribuinte identificação identificacao nip tfn p partita tan pan permanent pesel bsn burgerservicenummer "
    "sofi cpr personnummer kennitala kt oib cnp cod codul svnr sv sozialversicherungsnummer rentenversicherungsnummer rvnr egn emšo emso jmbg isikukood kodas kods amka taj rodné číslo matricule sécurité kimlik tckn sin social "
    "insurance my 個人番号 マイナンバー sa african zehut israeli voter epic election national identity personal resident id dni nie carte carta green alien driver driving drivers führerschein führerscheinnummer permis patente dl company companies registered "
    "registration reg crn kvk krs regon cvr org organisasjonsnummer uen acn ičo hrb hra siren siret rcs abn lei legal sort sortcode ifsc bsb blz bankleitzahl account acct konto kontonummer compte cuenta corrente rekening permiso prawo jazdy sirene ת mrn medical patient hospital health member chart hicn "
    "medicare medicaid ehic kvnr krankenversichertennummer npi provider vin chassis vehicle engine plate numberplate kennzeichen immatriculation steueridentifikationsnummer steuernummer personalausweis personalausweisnummer no nos number nr ref reference case cases docket matter".split()
)
_START = re.compile(r"(?<![\w,$€£¥₹%-])(?<!\d\.)(?<!\s\.)(?:[A-Za-z]{1,6}[-/ ]?)?\d")
_WORDS = re.compile(r"[^\W\d_]+")
_DIGIT = re.compile(r"(?<=[A-Za-z])[-/ ](?=\d)")
_LOOK_BACK = 64
_HEADING = 1_000  # characters in which a decision says its own number
_FEWEST = 5  # characters of a number worth the rules' time; dockets may be shorter
_TOKEN = re.compile(rf"[\w./():-]{{1,{_FEWEST}}}")  # no more: a long one would be read again from each of its digits
_SWIFT = re.compile(
    r"\b(?:SWIFT|BIC)(?:[ /-]?(?:BIC|SWIFT))?(?: [Cc]ode| CODE)?[ :.#]{1,4}(?:is )?([A-Z]{6}[A-Z\d]{2}(?:[A-Z\d]{3})?)(?!\w)"
)
_CITATION = re.compile(
    r"^(?:Neutral Citation(?: Number)?:?\s{1,3}|Citation:\s{1,3})?(\[?(?:19|20)\d\d\]? [A-Z]{3,7}(?: [A-Z][a-z]{2,5})? \d{1,5}(?: \([A-Z][a-z]{2,7}\))?)$",
    re.MULTILINE,
)
_UPI = re.compile(r"(?<![\w.])[\w.-]{2,40}@(?:ok(?:axis|icici|sbi|hdfcbank)|ybl|ibl|axl|paytm|upi|apl|sbi|icici|hdfcbank|axisbank|kotak|barodampay|cnrb|pnb|idfcbank|yesbank|freecharge|jupiteraxis|ikwik|airtel|postbank)(?![\w.])", re.IGNORECASE)  # fmt: skip


def registers(text: str, *, types: Collection[str] = KNOWN_TYPES) -> Iterator[Entity]:
    """Yield numbers of registers in `text`; they may overlap.

    `types` are those that are wanted; others are passed over where that saves a search.
    """
    shapes = [] if _SHAPED.isdisjoint(types) else _SHAPES
    labelled = [rule for rule in _LABELLED if rule.type in types and rule.label]
    for match in _START.finditer(text):
        start = match.start()
        if split := _DIGIT.search(match[0]):  # "No 12" begins at its number, "SE 556677" at its letters
            yield from _at(text, start + split.end(), shapes, labelled)
        yield from _at(text, start, shapes, labelled)
    for match in _SWIFT.finditer(text):
        yield Entity("BANK_CODE", match.start(1), match.end(1), 0.85)
    for match in _CITATION.finditer(text, 0, _HEADING):  # a decision's own; those of others are the law it cites
        yield Entity("CASE_NUMBER", match.start(1), match.end(1), 0.7)
    for match in _UPI.finditer(text):
        yield Entity("BANK_CODE", match.start(), match.end(), 0.85)


def _at(text: str, start: int, shapes: Iterable[_Rule], labelled: Iterable[_Rule]) -> Iterator[Entity]:
    token = _TOKEN.match(text, start)
    if token is None:
        return
    if token.end() - start >= _FEWEST or text[token.end() : token.end() + 1] == " ":
        yield from _tried(shapes, text, start)
    before = text[max(0, start - _LOOK_BACK) : start]
    if not _HEADS.isdisjoint(word.casefold() for word in _WORDS.findall(before)):
        yield from _tried((rule for rule in labelled if rule.label and rule.label.search(before)), text, start)


def _tried(rules: Iterable[_Rule], text: str, start: int) -> Iterator[Entity]:
    for rule in rules:
        match = rule.pattern.match(text, start)
        if match and (rule.check is None or rule.check(_SEPARATORS.sub("", match[0]))):
            yield Entity(rule.type, start, match.end(), rule.score)
            return
