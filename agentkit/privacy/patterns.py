"""Identifiers that a pattern and a checksum can find: one compiled pass per family, every repetition bounded."""
# ruff: noqa: E501
# A pattern is a table: it reads best on one line.

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from agentkit.privacy.checksums import dea, iban, itin, luhn, nhs, routing, ssn, verhoeff
from agentkit.types import Entity

_DIGITS = re.compile(r"\D")
_BARE = re.compile(r"[\s.-]")
_NEAR = 60  # characters before a number in which a word may say what it is


@dataclass(frozen=True, slots=True)
class _Rule:
    """`check` sees the match without its separators; `near` must be found shortly before where there is one."""

    type: str
    pattern: re.Pattern[str]
    score: float
    check: Callable[[str], bool] | None = None
    near: re.Pattern[str] | None = None


def _compile(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


_TLD = r"(?:com|org|net|edu|gov|mil|int|info|biz|io|co|ai|app|dev|law|legal|tv|uk|eu|ca|au|nz|de|ch|fr|nl|lu|es|pt|ie|dk|se|fi|pl|cz|sk|hu|si|hr|rs|ro|bg|gr|cy|tr|ru|ua|ee|lv|lt|il|ae|sa|za|ng|ke|gh|eg|cn|hk|tw|jp|kr|sg|th|vn|ph|pk|bd|lk|br|mx|ar|cl|pe|ve|tn|gl|fo)"  # noqa: E501
_RULES = [
    _Rule("EMAIL_ADDRESS", _compile(r"(?<![\w.+%-])[\w+%-]{1,64}(?:\.[\w+%-]{1,64}){0,6}\s?@\s?(?:[\w-]{1,63}\.){1,6}[a-z]{2,18}(?![\w-])"), 1.0),
    _Rule("URL", _compile(r"\b(?:https?|ftp)://[^\s<>\"'()\[\]{}]{2,300}[^\s<>\"'()\[\]{}.,;:!?]|\bwww\.[^\s<>\"'()\[\]{}]{2,300}[^\s<>\"'()\[\]{}.,;:!?]"), 1.0),
    _Rule("URL", re.compile(rf"(?<![\w@.-])(?:[A-Za-z0-9][A-Za-z0-9-]{{0,62}}\.){{1,4}}{_TLD}(?:/[^\s<>\"'()]{{0,200}})?(?![\w@-]|\.\w)"), 0.6),
    _Rule("IP_ADDRESS", _compile(r"(?<![\w.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:/\d{1,2})?(?![\w]|\.\d)"), 0.8, lambda bare: len(bare) > 6),
    _Rule("IP_ADDRESS", _compile(r"(?<![\w:])(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}(?![\w:])|(?<![\w:])(?:[0-9a-f]{1,4}:){1,6}:(?:[0-9a-f]{1,4}:){0,5}[0-9a-f]{1,4}(?![\w:])"), 0.8),
    _Rule("MAC_ADDRESS", _compile(r"(?<![\w:-])[0-9a-f]{2}(?:([:-])[0-9a-f]{2})(?:\1[0-9a-f]{2}){4}(?![\w:-])"), 0.9),
    _Rule("IBAN_CODE", _compile(r"(?<!\w)[a-z]{2}\d{2}(?:[ -]?[a-z0-9]{4}){2,7}(?:[ -]?[a-z0-9]{1,3})?(?!\w)"), 1.0, iban),
    _Rule("IBAN_CODE", _compile(r"(?<!\w)[a-z]{2}\d{2}(?:[ -]?[a-z0-9]{4}){2,7}(?:[ -]?[a-z0-9]{1,3})?(?!\w)"), 0.7, None, _compile(r"\bIBAN\b")),
    _Rule("CREDIT_CARD", _compile(r"(?<![\w.-])[1-6]\d{3}([ -]?)\d{4}\1\d{4}\1\d{1,7}(?![\w-])|(?<![\w.-])3\d{3}[ -]?\d{6}[ -]?\d{4,5}(?![\w-])"), 1.0, luhn),
    _Rule("CREDIT_CARD", _compile(r"(?<![\w.-])\d(?:[ -]?\d){11,18}(?![\w-])"), 0.7, None, _compile(r"\b(?:card|visa|mastercard|amex|maestro)\b")),
    _Rule("US_SSN", _compile(r"(?<![\w-])\d{3}([- ])\d{2}\1\d{4}(?![\w-])"), 0.95, ssn),
    _Rule("US_ITIN", _compile(r"(?<![\w-])9\d{2}([- ])\d{2}\1\d{4}(?![\w-])"), 0.9, itin),
    _Rule("US_SSN", _compile(r"(?<![\w-])\d{9}(?![\w-])"), 0.8, ssn, _compile(r"\b(?:SSN|social security)\b")),
    _Rule("UK_NINO", _compile(r"(?<!\w)(?!BG|GB|NK|KN|TN|NT|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D](?!\w)"), 0.95),
    _Rule("UK_NHS", _compile(r"(?<![\w-])\d{3}[ -]?\d{3}[ -]?\d{4}(?![\w-])"), 0.9, nhs, _compile(r"\b(?:NHS|health service)\b")),
    _Rule("IN_PAN", re.compile(r"(?<!\w)[A-Z]{3}[ABCFGHLJPT][A-Z]\d{4}[A-Z](?!\w)"), 0.9),
    _Rule("IN_AADHAAR", _compile(r"(?<![\w-])[2-9]\d{3}[ -]\d{4}[ -]\d{4}(?![\w-])"), 0.8, verhoeff),
    _Rule("IN_AADHAAR", _compile(r"(?<![\w-])[2-9]\d{11}(?![\w-])"), 0.8, verhoeff, _compile(r"\b(?:aadhaar|aadhar|UID)\b")),
    _Rule("US_BANK_NUMBER", _compile(r"(?<![\w-])\d{9}(?![\w-])"), 0.8, routing, _compile(r"\b(?:ABA|routing|RTN)\b")),
    _Rule("US_BANK_NUMBER", _compile(r"(?<![\w-])\d[\d -]{4,18}\d(?![\w-])"), 0.7, None, _compile(r"\b(?:account|acct|a/c)\.?\s{0,2}(?:no|number|num|#|:)[\s.:#]{0,4}(?:is\s)?$")),
    _Rule("US_PASSPORT", _compile(r"(?<!\w)[a-z]{0,2}\d{6,9}(?!\w)"), 0.8, None, _compile(r"\bpassport\b[^.\n]{0,30}$")),
    _Rule("US_DRIVER_LICENSE", _compile(r"(?<!\w)[a-z]{0,3}-?\d[\d -]{3,14}\d(?!\w)"), 0.7, None, _compile(r"\bdriv(?:er|ing)['’]?s?\s+licen[cs]e\b[^.\n]{0,25}$")),
    _Rule("MEDICAL_LICENSE", _compile(r"(?<!\w)[abcdefghjklmpqrstux][a-z9]\d{7}(?!\w)"), 0.8, dea),
    _Rule("MEDICAL_LICENSE", _compile(r"(?<!\w)[a-z]{0,3}\d{5,9}(?!\w)"), 0.7, None, _compile(r"\bmedical\s+licen[cs]e\b[^.\n]{0,25}$")),
    _Rule("CRYPTO", re.compile(r"(?<!\w)(?:bc1[a-z0-9]{25,62}|[13][1-9A-HJ-NP-Za-km-z]{25,34}|0x[0-9a-fA-F]{40})(?!\w)"), 0.8),
    _Rule("ZIP_CODE", re.compile(r"(?<![\w-])(?:A[KLRZ]|C[AOT]|D[CE]|FL|G[AU]|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|P[AR]|RI|S[CD]|T[NX]|UT|V[AIT]|W[AIVY]) (\d{5}(?:-\d{4})?)(?![\w-])"), 0.9),
    _Rule("ZIP_CODE", re.compile(r"(?<!\w)(?:GIR ?0AA|[A-PR-UWYZ][A-HK-Y]?\d[\dA-HJKMNPR-Y]? \d[ABD-HJLNP-UW-Z]{2})(?!\w)"), 0.9),
    _Rule("ZIP_CODE", re.compile(r"(?<!\w)[ABCEGHJ-NPRSTVXY]\d[A-Z] \d[A-Z]\d(?!\w)"), 0.9),
    _Rule("ZIP_CODE", _compile(r"\b(?:zip|postal|post|postcode|pin)(?:\s?code)?\s?(?:is|:|-|–|—)?\s{0,2}(\d{3,6}(?:[ -]\d{2,4})?(?: [A-Z]{2}\b)?)(?!\w)"), 0.8),
]  # fmt: skip

_PHONE_WORD = _compile(
    r"\b(?:tel|telephone|phones?|ph|mob|mobile|cell|fax|facsimile|telecopy|telecopier|call(?:ed)?|calling|dial|desk|contact|"
    r"number|registered|reach|text(?:ed)?|whatsapp|hotline)\b"
)
_PHONE_STRONG = _compile(
    r"(?<![\w.+-])(?:"
    r"\+\d{1,3}[ .-]{0,3}(?:\(\d{1,4}\)[ .-]{0,3})?\d{1,5}(?:[ .-]{1,3}\d{2,5}){0,5}"
    r"|(?:\+?1[ .-]{0,3}|001-)?\(\d{3}\)[ .-]{0,3}\d{3}[ .-]{1,3}\d{4}"
    r"|(?:1[ .-]|001-)?\d{3}([.-])\d{3}\1\d{4}"
    r"|\(\d{2,5}\)[ .-]{0,3}\d{2,5}[ .-]{1,3}\d{3,5}"
    r"|\d{2,3}[ .-]{0,3}\(\d{2,4}\)[ .-]{0,3}\d{3,4}[ .-]{1,3}\d{3,4}"
    r"|0\d{1,5}(?:[ .-]\d{2,4}){2,5}|0\d{2,4}[ -]\d{5,8}"
    r")(?:\s?(?:x|ext\.?|extension)\s?\d{1,6})?(?![\w]|[.-]\d)"
)
_PHONE_WEAK = _compile(r"(?<![\w.+/-])\+?\(?\d{2,5}\)?(?:[ .-]{1,3}\d{2,5}){1,5}(?!\w)|(?<![\w.+/-])\+?\d{7,13}(?!\w)")

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|"
    r"nov(?:ember)?|dec(?:ember)?)"
)
_DATE = _compile(
    rf"(?<![\w/])(?:(?:the\s)?\d{{1,2}}(?:\s?(?:st|nd|rd|th))?(?:\s(?:day\s)?of)?[\s,]{{1,3}}{_MONTH}\b\.?(?:[\s,]{{1,3}}\d{{4}})?"
    rf"|{_MONTH}\b\.?\s{{1,2}}\d{{1,2}}(?:st|nd|rd|th)?(?:\s?,)?(?:\s(?:19|20)\d{{2}})?|{_MONTH}\b\.?,?\s(?:of\s)?(?:1[89]|20)\d{{2}}"
    r"|\d{4}-\d{2}-\d{2}|\d{1,2}([./-])\d{1,2}\1(?:\d{4}|\d{2}))(?![\w/])"
)
_YEAR = _compile(
    r"\b(?:in|since|during|until|till|from|by|year|before|after|circa|around|of)\s((?:1[89]|20)\d{2})(?![\w-]|[.,]\d)"
)
_BORN = _compile(r"\b(?:born|birth|birthday|birthdate|d\.?o\.?b\.?)\b[^.\n\d]{0,30}$")
_AGE = _compile(
    r"\b(?:(\d{1,3})[ -]?years?[ -]old|aged?(?: of|:| is)?(?: about)? (\d{1,3})(?! ?%)|(?:turn(?:s|ed)?|turning) (\d{1,3})|"
    r"(?:he|she|i|who)(?: is|['’]m|['’]s| was| am) (?:about |now |only |just )?(\d{1,3})(?=[.,;!?)]|$| when| and|\s*\n)|(\d{1,3}) years of age|"
    r"(\d{1,3})[ -](?:y/o|yrs? old))"
)
_AGE_LIMIT = 120


def identifiers(text: str) -> Iterator[Entity]:
    """Yield identifiers, dates and ages in `text`; they may overlap."""
    for rule in _RULES:
        for match in rule.pattern.finditer(text):
            if _holds(rule, match, text):
                last = match.lastindex if rule.type == "ZIP_CODE" and match.lastindex else 0
                yield Entity(rule.type, match.start(last), match.end(last), rule.score)
    yield from _phones(text)
    yield from _dates(text)
    for match in _AGE.finditer(text):
        group = match.lastindex or 0
        if int(match[group]) <= _AGE_LIMIT:
            yield Entity("AGE", match.start(group), match.end(group), 0.8)


def _holds(rule: _Rule, match: re.Match[str], text: str) -> bool:
    if rule.near is not None and not rule.near.search(text, max(0, match.start() - _NEAR), match.start()):
        return False
    return rule.check is None or rule.check(_BARE.sub("", match[0]))


def _phones(text: str) -> Iterator[Entity]:
    for match in _PHONE_STRONG.finditer(text):
        if 8 <= len(_DIGITS.sub("", match[0])) <= 20:
            yield Entity("PHONE_NUMBER", match.start(), match.end(), 0.85)
    for match in _PHONE_WEAK.finditer(text):
        before = text[max(0, match.start() - 40) : match.start()]
        if 7 <= len(_DIGITS.sub("", match[0])) <= 15 and _PHONE_WORD.search(before):
            yield Entity("PHONE_NUMBER", match.start(), match.end(), 0.7)


def _dates(text: str) -> Iterator[Entity]:
    for match in _DATE.finditer(text):
        born = _BORN.search(text, max(0, match.start() - 45), match.start())
        yield Entity("DATE_OF_BIRTH" if born else "DATE_TIME", match.start(), match.end(), 0.9 if born else 0.85)
    for match in _YEAR.finditer(text):
        yield Entity("DATE_TIME", match.start(1), match.end(1), 0.6)
