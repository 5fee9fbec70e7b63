# ruff: noqa: E501
# A pattern is a table: it reads best on one line.
"""Identifiers, dates and ages that a pattern and a checksum can find.

One cheap pass finds where numbers and codes begin; a rule is tried only there, every repetition is
bounded, and words that must stand before a number are looked for backwards from it. So the time is
linear in the text whatever it holds.
"""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from agentkit.privacy.checksums import dea, iban, iban_length, itin, luhn, nhs, routing, ssn, verhoeff
from agentkit.privacy.entity_types import KNOWN_TYPES
from agentkit.privacy.registers import registers
from agentkit.text.secrets import find_secrets
from agentkit.types import Entity

_BARE = re.compile(r"[\s.()-]")


@dataclass(frozen=True, slots=True)
class _Rule:
    """`check` sees the match without its separators; `near` must end right before the match (or in the last 60 characters)."""

    type: str
    score: float
    pattern: re.Pattern[str]
    check: Callable[[str], bool] | None = None
    near: re.Pattern[str] | None = None
    digits: int = 7


def _any_case(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


_ACCOUNT = r"\b(?:account|acct|a/c)\.?\s{0,2}(?:no|number|num|#|:)[\s.:#]{0,4}(?:is\s)?$"
_PHONE_WORDS = _any_case(  # in other languages; scripts without spaces have no word boundary
    r"(?:手机|手機|电话|電話|座机|传真|傳真|联系方式|携帯|전화|휴대폰|연락처|هاتف|جوال|موبايل|فاكس|טלפון|נייד|פקס|тел|телефон|моб|факс|τηλ|κιν|फोन|मोबाइल|โทร|"
    r"\b(?:telefon\w*|teléfono|telefono|télé?phone|téléphone|portable|mobil\w*|móvil|celular|cellulare|handy|gsm|puh|tlf))[^\d\n]{0,12}$"
)
_NUMBERS = [
    _Rule("CREDIT_CARD", 1.0, re.compile(r"(?<![.-])(?:[1-6]\d{3}([ .-]?)\d{4}\1\d{4}\1\d{1,7}|3\d{3}[ -]?\d{6}[ -]?\d{4,5})(?![\w-])"), luhn, None, 13),
    _Rule("CREDIT_CARD", 0.7, re.compile(r"(?<![.-])\d(?:[ -]?\d){11,18}(?![\w-])"), None, _any_case(r"\b(?:card|visa|mastercard|amex|maestro)\b"), 12),
    _Rule("IN_AADHAAR", 0.8, re.compile(r"(?<!-)[2-9]\d{3}[ -]\d{4}[ -]\d{4}(?![\w-])"), verhoeff, None, 12),
    _Rule("IN_AADHAAR", 0.8, re.compile(r"[2-9]\d{11}(?![\w-])"), verhoeff, _any_case(r"\b(?:aadhaar|aadhar|UID)\b"), 12),
    _Rule("US_SSN", 0.95, re.compile(r"(?<!-)\d{3}([- ])\d{2}\1\d{4}(?![\w-])"), ssn),
    _Rule("US_ITIN", 0.9, re.compile(r"(?<!-)9\d{2}([- ])\d{2}\1\d{4}(?![\w-])"), itin),
    _Rule("US_SSN", 0.8, re.compile(r"\d{9}(?![\w-])"), ssn, _any_case(r"\b(?:SSN|social security)\b")),
    _Rule("UK_NHS", 0.9, re.compile(r"\d{3}[ -]?\d{3}[ -]?\d{4}(?![\w-])"), nhs, _any_case(r"\b(?:NHS|health service)\b")),
    _Rule("US_BANK_NUMBER", 0.8, re.compile(r"\d{9}(?![\w-])"), routing, _any_case(r"\b(?:ABA|routing|RTN)\b")),
    _Rule("US_BANK_NUMBER", 0.7, re.compile(r"\d[\d -]{4,18}\d(?![\w-])"), None, _any_case(_ACCOUNT), 6),
    _Rule("IP_ADDRESS", 0.8, re.compile(r"(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:/\d{1,2})?(?!\w|\.\d)"), lambda bare: len(bare) > 6),
    _Rule("PHONE_NUMBER", 0.85, _any_case(
        r"(?<![.+-])(?:\+\d{8,15}|00 ?[1-9]\d{0,2}(?:[ .-]{1,3}\d{2,8}){1,5}|00[1-9]\d{8,13}|1[3-9]\d-\d{4}-\d{4}|\+\d{1,3}[ .-]{0,3}(?:\(\d{1,4}\)[ .-]{0,3})?\d{1,5}(?:[ .-]{1,3}\d{2,8}){0,5}"
        r"|(?:\+?1[ .-]{0,3}|001-)?\(\d{3}\)[ .-]{0,3}\d{3}[ .-]{1,3}\d{4}"
        r"|(?:1[ .-]|001-)?\d{3}([.-])\d{3}\1\d{4}"
        r"|\(\d{2,5}\)[ .-]{0,3}\d{2,5}[ .-]{1,3}\d{3,5}"
        r"|\d{2,3}[ .-]{0,3}\(\d{2,4}\)[ .-]{0,3}\d{3,4}[ .-]{1,3}\d{3,4}"
        r"|0\d{1,5}(?:[ .-]\d{2,4}){2,5}|0\d{1,4}[ -]\d{5,8}"
        r")(?:\s?(?:x|ext\.?|extension)\s?\d{1,6})?(?!\w|[.-]\d)"), lambda bare: 8 <= len(bare) <= 26),
    _Rule("PHONE_NUMBER", 0.65, re.compile(r"(?<![.,+$€£¥₹/-])(?<![$€£¥₹] )(?<!(?:INR|USD|RMB|CNY|EUR|GBP|JPY) )1[3-9]\d{9}(?![\dA-Za-z]|[.,-]\d)"), None, None, 11),
    _Rule("PHONE_NUMBER", 0.7, re.compile(r"\+?\(?\d[\d ().-]{5,17}\d(?![\dA-Za-z])"), lambda bare: 7 <= len(bare) <= 15, _PHONE_WORDS),
    _Rule("PHONE_NUMBER", 0.7, re.compile(r"(?<![.+/-])(?:\+?\(?\d{2,5}\)?(?:[ .-]{1,3}\d{2,6}){1,5}(?!\w)|\+?\d{7,13}(?!\w))"), lambda bare: 7 <= len(bare) <= 16, _any_case(
        r"\b(?:tel|telephone|phones?|ph|mob|mobile|cell|fax|facsimile|telecopy|telecopier|call(?:ed)?|calling|dial|desk|contact|number|registered|reach|text(?:ed)?|whatsapp|hotline)\b")),
    _Rule("ZIP_CODE", 0.9, re.compile(r"\d{5}(?:-\d{4})?(?![\w-])"), None, re.compile(r"\b(?:A[KLRZ]|C[AOT]|D[CE]|FL|G[AU]|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|P[AR]|RI|S[CD]|T[NX]|UT|V[AIT]|W[AIVY]) $"), 5),
    _Rule("ZIP_CODE", 0.8, re.compile(r"\d{3,6}(?:[ -]\d{2,4})?(?: [A-Z]{2}\b)?(?!\w)"), None, _any_case(r"\b(?:zip|postal|post|postcode|pin)(?:\s?code)?\s?(?:is|:|-|–|—)?\s{0,2}$"), 3),
]  # fmt: skip
_REGISTERED = _any_case(
    r"\b(?:ACN|ABN|CIN|GSTIN|CIK|(?<!mob )(?<!mob\. )(?<!mobile )(?<!phone )(?<!tel )(?<!tel\. )(?<!contact )(?<!fax )(?<!cell )nos?\.|case|appeal|patent|docket|file)\s{0,2}[:#]?\s{0,2}$"
)
_IBAN_START = re.compile(r"[A-Za-z]{2}\d{2}[ .-]?[A-Za-z0-9]{4}")
_IBAN_LABEL = _any_case(r"\bIBAN\b")
_IBAN_LONGEST = 45  # characters, spaces included
_CODES = [
    _Rule("UK_NINO", 0.95, _any_case(r"(?!BG|GB|NK|KN|TN|NT|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D](?!\w)")),
    _Rule("IN_PAN", 0.9, re.compile(r"[A-Z]{3}[ABCFGHLJPT][A-Z]\d{4}[A-Z](?!\w)")),
    _Rule("MEDICAL_LICENSE", 0.8, _any_case(r"[abcdefghjklmpqrstux][a-z9]\d{7}(?!\w)"), dea),
    _Rule("ZIP_CODE", 0.9, re.compile(r"(?:GIR ?0AA|[A-PR-UWYZ][A-HK-Y]?\d[\dA-HJKMNPR-Y]? \d[ABD-HJLNP-UW-Z]{2})(?!\w)")),
    _Rule("ZIP_CODE", 0.9, re.compile(r"[ABCEGHJ-NPRSTVXY]\d[A-Z] \d[A-Z]\d(?!\w)")),
]  # fmt: skip
_EITHER = [  # may begin with letters or digits
    _Rule("US_PASSPORT", 0.8, _any_case(r"[a-z]{0,2}\d{6,9}(?!\w)"), None, _any_case(r"\bpassport\b[^\n]{0,25}$"), 6),
    _Rule("US_DRIVER_LICENSE", 0.7, _any_case(r"[a-z]{0,3}-?\d[\d -]{3,14}\d(?!\w)"), None, _any_case(r"\bdriv(?:er|ing)['’]?s?\s+licen[cs]e\b[^\n]{0,25}$"), 5),
    _Rule("MEDICAL_LICENSE", 0.7, _any_case(r"[a-z]{0,3}\d{5,9}(?!\w)"), None, _any_case(r"\bmedical\s+licen[cs]e\b[^\n]{0,25}$"), 5),
]  # fmt: skip
_NUMBER_START = re.compile(r"[+(0-9](?<![^\W\u3040-\u30ff\u3400-\u9fff].)(?<![+(].)")  # Han and Kana have no spaces
_CODE_DIGIT = re.compile(r"\d(?:(?<=[A-Za-z].)|(?<=[A-Za-z][ -].)|(?<=[A-Za-z]- .))")
_CODE_LETTERS = re.compile(r"(?<!\w)[A-Za-z]{1,5}-?[ ]?$")
_CODE_LONGEST = 7
_GROUP = re.compile(r"[+(]?\d[\d ().-]{0,30}")
_FREE = [  # found by their own first characters
    _Rule("URL", 1.0, re.compile(r"[hHfFwW](?<!\w.)(?:ttps?://|tp://|ww\.)[^\s<>\"'()\[\]{}]{2,300}(?<![.,;:!?])")),
    _Rule("MAC_ADDRESS", 0.9, re.compile(r"[0-9a-fA-F](?<![\w:-].)[0-9a-fA-F]([:-])[0-9a-fA-F]{2}(?:\1[0-9a-fA-F]{2}){4}(?![\w:-])")),
    _Rule("IP_ADDRESS", 0.8, re.compile(r"[0-9a-fA-F](?<![\w:].)[0-9a-fA-F]{0,3}:(?:(?:[0-9a-fA-F]{1,4}:){6}[0-9a-fA-F]{1,4}|(?:[0-9a-fA-F]{1,4}:){0,5}:(?:[0-9a-fA-F]{1,4}:){0,5}[0-9a-fA-F]{1,4})(?![\w:])")),
    _Rule("CRYPTO", 0.8, re.compile(r"[b130](?<!\w.)(?:c1[a-z0-9]{25,62}|(?<=[13])[1-9A-HJ-NP-Za-km-z]{25,34}|x[0-9a-fA-F]{40})(?!\w)")),
]  # fmt: skip
_LOCAL = re.compile(r"[\w.+%-]")
_DOMAIN = re.compile(r"\s?(?:[\w-]{1,63}\.){1,6}[A-Za-z]{2,18}(?![\w-])")
_TLD = re.compile(r"\.(?:com|org|net|edu|gov|mil|int|info|biz|io|co|ai|app|dev|law|legal|tv|uk|eu|ca|au|nz|de|ch|fr|nl|lu|es|pt|ie|dk|se|fi|pl|cz|sk|hu|si|hr|ro|gr|cy|ru|ua|ee|lv|lt|il|ae|za|cn|hk|jp|kr|sg|ph|br|mx|cl|pe|gl)(?:/[^\s<>\"'()]{0,200}|(?![\w@-]|\.\w))")  # fmt: skip
_HOST = re.compile(r"[A-Za-z0-9.-]")
_HOST_CHARACTERS = 80

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|"
    r"nov(?:ember)?|dec(?:ember)?)"
)
_DATE = _any_case(
    rf"(?<!/)(?:\d{{1,2}}(?:\s?(?:st|nd|rd|th))?(?:\s?(?:[-–]|,? and|to)\s?\d{{1,2}}(?:st|nd|rd|th)?)?(?:\s(?:day\s)?of)?[\s,]{{1,3}}{_MONTH}\b\.?(?:[\s,]{{1,3}}\d{{4}})?"
    r"|\d{4}-\d{2}-\d{2}|\d{1,2}([./-])\d{1,2}\1(?:\d{4}|\d{2}))(?![\w/])"
)
_MONTH_DATE = re.compile(
    rf"[JFMASOND](?<!\w.)(?i:(?<=(?=({_MONTH})\b).)\w+\.?(?:\s{{1,2}}\d{{1,2}}(?:st|nd|rd|th)?(?:\s?(?:[-–]|and|to)\s?\d{{1,2}}(?:st|nd|rd|th)?)?(?:\s?,)?(?:\s(?:19|20)\d{{2}})?|,?\s(?:of\s)?(?:1[89]|20)\d{{2}}))(?![\w/])"
)
_YEAR = re.compile(r"(?:1[89]|20)\d{2}(?![\w-]|[.,]\d)")
_YEAR_NEAR = _any_case(
    r"\b(?:in|since|during|until|till|from|by|year|before|after|circa|around|of|prior to|between|between (?:1[89]|20)\d\d and|(?:born|in) (?:1[89]|20)\d\d,? (?:and|or|to))\s$"
)
_WEEKDAY = _any_case(r"\b(?:mon|tues|wednes|thurs|fri|satur|sun)day,?\s(?:the\s)?$")
_BORN = _any_case(r"\b(?:born|birth|birthday|birthdate|d\.?o\.?b\.?)\b[^.\n\d]{0,30}$")
_AGE = re.compile(r"\d{1,3}(?![\w.,]?\d)(?!\s?%)")
_AGE_OLD = _any_case(r"[ -]?(?:years?[ -]old|years of age|y/o|yrs? old)")
_AGE_NEAR = _any_case(r"\b(?:aged?(?: of|:| is)?(?: about)? |turn(?:s|ed|ing)? )$")
_AGE_IS = _any_case(r"\b(?:he|she|i|who)(?: is|['’]m|['’]s| was| am) (?:about |now |only |just )?$")
_AGE_END = re.compile(r"[.,;!?)]|$| when| and|\s*\n")
_AGE_LIMIT = 120
_TIMES = frozenset({"AGE", "DATE_OF_BIRTH", "DATE_TIME"})


@dataclass(frozen=True, slots=True)
class _Sought:
    """What is looked for: rules for codes, rules for numbers by how many digits there are, and what else."""

    free: Sequence[_Rule]
    codes: Sequence[_Rule]
    numbers: Sequence[Sequence[_Rule]]
    accounts: bool
    hosts: bool
    times: bool


@lru_cache(maxsize=16)
def _sought(types: frozenset[str]) -> _Sought:
    codes, either, numbers, free = (
        [rule for rule in rules if rule.type in types] for rules in (_CODES, _EITHER, _NUMBERS, _FREE)
    )
    most = max((rule.digits for rule in (*either, *numbers)), default=0)
    by_digits = [[rule for rule in (*either, *numbers) if rule.digits <= count] for count in range(most + 1)]
    hosts, times = not types.isdisjoint({"EMAIL_ADDRESS", "URL"}), not types.isdisjoint(_TIMES)
    return _Sought(free, [*codes, *either], by_digits, "IBAN_CODE" in types, hosts, times)


def identifiers(text: str, *, types: Collection[str] = KNOWN_TYPES) -> Iterator[Entity]:
    """Yield identifiers, dates and ages in `text`; they may overlap.

    `types` are those that are wanted; others are passed over where that saves a search.
    """
    sought = _sought(frozenset(types))
    yield from registers(text, types=types)
    for secret in find_secrets(text) if "CREDENTIAL" in types else ():
        yield Entity("CREDENTIAL", secret.start, secret.end, 0.95)
    for rule in sought.free:
        for match in rule.pattern.finditer(text):
            yield Entity(rule.type, match.start(), match.end(), rule.score)
    if sought.hosts:
        yield from _mail_and_hosts(text)
    if sought.codes or sought.accounts:
        yield from _codes(text, sought)
    for match in _MONTH_DATE.finditer(text) if sought.times else ():
        yield _date(text, match.start(), match.end())
    for match in _NUMBER_START.finditer(text):
        yield from _at_number(text, match.start(), sought)


def _codes(text: str, sought: _Sought) -> Iterator[Entity]:
    """Yield what begins with a word of up to five letters that a digit follows."""
    for match in _CODE_DIGIT.finditer(text):
        place = match.start()
        letters = _CODE_LETTERS.search(text, max(0, place - _CODE_LONGEST), place)
        if letters is None:
            continue
        yield from _try_rules(sought.codes, text, letters.start())
        if sought.accounts:
            yield from _iban(text, letters.start())


def _at_number(text: str, start: int, sought: _Sought) -> Iterator[Entity]:
    group = _GROUP.match(text, start)
    if group is None:
        return
    count = min(sum(map(str.isdigit, group[0])), len(sought.numbers) - 1)
    yield from _try_rules(sought.numbers[count], text, start)
    if sought.times:
        yield from _time(text, start)


def _time(text: str, start: int) -> Iterator[Entity]:
    date = _DATE.match(text, start)
    if date and not _REGISTERED.search(text, max(0, start - 16), start):
        yield _date(text, start, date.end())
    elif (year := _YEAR.match(text, start)) and _YEAR_NEAR.search(text, max(0, start - 18), start):
        born = _BORN.search(text, max(0, start - 45), start)
        yield Entity("DATE_OF_BIRTH" if born else "DATE_TIME", start, year.end(), 0.6)
    if age := _AGE.match(text, start):
        yield from _age(text, start, age.end())


def _iban(text: str, start: int) -> Iterator[Entity]:
    """Yield the account number at `start`, as long as its country's are: "DE89 3704 …" may have a word right after it."""
    length = iban_length(text[start : start + 2])
    if length is None or not _IBAN_START.match(text, start):
        return
    count = 0
    for end in range(start, min(len(text), start + _IBAN_LONGEST)):
        character = text[end]
        count += character.isalnum() and character.isascii()
        if count == length or not (character.isalnum() or character in " .-"):
            break
    else:
        return
    bare = re.sub(r"[ .-]", "", text[start : end + 1])
    whole = count == length and not text[end + 1 : end + 2].isalnum()
    if whole and (valid := iban(bare) or _IBAN_LABEL.search(text, max(0, start - 60), start)):
        yield Entity("IBAN_CODE", start, end + 1, 1.0 if valid is True else 0.7)


def _try_rules(rules: Sequence[_Rule], text: str, start: int) -> Iterator[Entity]:
    for rule in rules:
        match = rule.pattern.match(text, start)
        if match is None or (rule.near is not None and not rule.near.search(text, max(0, start - 60), start)):
            continue
        if rule.type == "PHONE_NUMBER" and _REGISTERED.search(text, max(0, start - 16), start):
            continue
        if rule.check is None or rule.check(_BARE.sub("", match[0])):
            yield Entity(rule.type, start, match.end(), rule.score)


def _date(text: str, start: int, end: int) -> Entity:
    weekday = _WEEKDAY.search(text, max(0, start - 16), start)
    start = weekday.start() if weekday else start
    born = _BORN.search(text, max(0, start - 45), start)
    return Entity("DATE_OF_BIRTH" if born else "DATE_TIME", start, end, 0.9 if born else 0.85)


def _age(text: str, start: int, end: int) -> Iterator[Entity]:
    near = max(0, start - 24)
    told = _AGE_OLD.match(text, end) or _AGE_NEAR.search(text, near, start)
    if not told:
        told = _AGE_IS.search(text, near, start) and _AGE_END.match(text, end)
    if told and int(text[start:end]) <= _AGE_LIMIT:
        yield Entity("AGE", start, end, 0.8)


def _mail_and_hosts(text: str) -> Iterator[Entity]:
    at = text.find("@")
    while at >= 0:
        end = at - 1 if text[at - 1 : at] == " " else at
        start = _back(text, end, _LOCAL)
        domain = _DOMAIN.match(text, at + 1)
        if domain and start < end:
            yield Entity("EMAIL_ADDRESS", start, domain.end(), 1.0)
        at = text.find("@", at + 1)
    for match in _TLD.finditer(text):
        start = _back(text, match.start(), _HOST)
        if start < match.start() and text[start - 1 : start] not in {"@", "_"} and text[start].isalnum():
            yield Entity("URL", start, match.end(), 0.6)


def _back(text: str, end: int, characters: re.Pattern[str]) -> int:
    start = end
    while start > 0 and end - start < _HOST_CHARACTERS and characters.match(text, start - 1):
        start -= 1
    return start
