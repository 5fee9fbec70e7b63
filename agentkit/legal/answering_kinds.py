"""Kinds of value a question asks for, and whether a sentence holds one."""

import re
from collections.abc import Collection

from agentkit.legal.answering_words import stem

_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?"
    r"|Nov(?:ember)?|Dec(?:ember)?)"
)
_NUMBER_WORDS = (
    r"(?:a|an|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen"
    r"|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred)"
)
_NUMBER = rf"(?:\d[\d.,]*|{_NUMBER_WORDS})"
_UNIT_OF_TIME = (
    r"(?:(?:business|working|calendar|clear|full|banking|consecutive)\s)?"
    r"(?:hours?|days?|weeks?|fortnights?|months?|years?|quarters?)"
)
_CURRENCY = r"(?:[$£€¥₹]|\b(?:USD|EUR|GBP|CHF|SEK|NOK|DKK|JPY|AUD|CAD|INR|ZAR|HKD|SGD|RMB|CNY|Rs\.?|US\$|C\$|A\$))"
_KINDS = {
    "amount": re.compile(
        rf"{_CURRENCY}\s?\d|\d[\d.,]*\s?{_CURRENCY}"
        r"|\b(?:dollars?|pounds|euros?|pence|cents|francs|rupees|rand|yen|kron(?:a|or|er)|sterling)\b"
    ),
    "percentage": re.compile(r"\d\s?%|\bper\s?cent\b|\bpercent(?:age)?\b|\bone (?:half|third|quarter)\b|\bhalf of\b"),
    "date": re.compile(
        rf"\b\d{{1,2}}(?:st|nd|rd|th)?\s+(?:day\s+of\s+)?{_MONTH}\b|\b{_MONTH}\.?\s+(?:\d{{1,2}}|_{{2,9}}|\[)"
        rf"|\b{_MONTH},?\s+(?:19|20)\d\d|\b(?:19|20)\d\d-\d\d-\d\d|\b\d{{1,2}}[./-]\d{{1,2}}[./-](?:19|20)?\d\d\b"
        r"|\bday of\b|\b(?:in|since|until|of) (?:19|20)\d\d\b|<DATE_\w{1,20}>"
    ),
    "duration": re.compile(
        rf"\b{_NUMBER}(?:[\s-]{_NUMBER})?\s?(?:\([\w\s]{{1,20}}\)\s?)?[\s-]{_UNIT_OF_TIME}\b"
        r"|\b(?:indefinite(?:ly)?|perpetuity|immediately|without (?:undue )?delay|forthwith|annual|monthly|weekly)\b",
        re.IGNORECASE,
    ),
    "number": re.compile(rf"\b(?!an?\b|one\b){_NUMBER}\b|\bno\s(?:more|fewer|less)\b", re.IGNORECASE),
    "measure": re.compile(
        r"\d\s?(?:mm|cm|m|km|metres?|meters?|centimet\w{2,4}|feet|foot|ft|inch(?:es)?|miles?|square|sq|acres?|hectares?"
        r"|kg|kilos?|tons?|tonnes?|pounds|litres?|gallons?|years? old|knots)\b"
        r"|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|fifty|hundred)\s"
        r"(?:metres?|meters?|feet|square|miles?|acres?|hectares?|tons?|tonnes?)\b",
        re.IGNORECASE,
    ),
    "court": re.compile(
        r"\b(?:courts?|tribunals?|arbitrat\w{2,6}|bench|chancery|jurisdiction|ombudsman)\b", re.IGNORECASE
    ),
    "law": re.compile(
        r"\b(?:Act|Code|Ordinance|Statutes?|Regulations?|Directive|Constitution|Convention|Rules?|Laws?|law)\b"
        r"|\b(?i:section|article|clause|§|s\.|art\.)\s?\d|§"
    ),
    "contact": re.compile(
        r"<(?:PHONE|EMAIL|FAX|URL)\w{0,20}>|[\w.+-]{1,60}@[\w-]{1,60}\.|\+?\d[\d ()/.-]{7,18}\d|https?://|www\."
    ),
    "identifier": re.compile(
        r"\b(?i:no|number|nr|ref|reference|docket|case|claim|policy|account|file|registration|contract|invoice)\b"
        r"[.:]{0,2}\s?(?i:no\.?|number|is)?[\s:]{0,2}[A-Z]{0,5}[-/]?\d"
    ),
    "time": re.compile(r"\b\d{1,2}(?:[:.]\d\d)?\s?[ap]\.?m\b|\b\d{1,2}:\d\d\b|\bnoon\b|\bmidnight\b|\bo'clock\b"),
    "frequency": re.compile(
        r"\b(?:every|each|daily|weekly|monthly|quarterly|annually|yearly|once|twice|times)\b"
        r"|\b(?:per|a) (?:day|week|month|year)\b",
        re.IGNORECASE,
    ),
    "deadline": re.compile(
        rf"\b(?i:no later than|not later than|on or before|before|by|until|to|up to|due on|due)"
        rf"\s(?:\w+,?\s)?(?:the\s)?(?:\d|{_MONTH})"
        rf"|\b(?i:within|not later than|no later than)\s{_NUMBER}\b"
    ),
    "age": re.compile(
        rf"\b(?:aged?|under|over|above|below|older than|younger than|at least) (?:of )?(?:the age of )?"
        rf"{_NUMBER}\b(?! (?!years))"
        rf"|\b{_NUMBER}[ -](?:years?|months?|weeks?)(?:[ -]old| of age)\b|\bborn\b|\bbirth\b"
        rf"|\bbuilt in \d|\b(?:under|over) {_NUMBER} (?:may|must|can|shall|is|are)\b|\bage of {_NUMBER}",
        re.IGNORECASE,
    ),
    "colour": re.compile(
        r"\b(?:red|blue|green|yellow|black|white|gr[ae]y|brown|orange|purple|pink|silver|gold(?:en)?|beige|violet)\b",
        re.IGNORECASE,
    ),
    "reason": re.compile(
        r"\b(?:because|since|as|due to|owing to|therefore|reasons?|grounds?|on account of|in order to|so that"
        r"|result of|purpose|wish(?:es)? to|so as to|to enable|for the sake of)\b",
        re.IGNORECASE,
    ),
    "place": re.compile(
        r"<(?:STREET_ADDRESS|LOCATION|ZIP_CODE|ADDRESS)\w{0,20}>"
        r"|\b(?:in|at|of|from|to|near|off|into|on|between|excluding|including|throughout|within|outside)\s(?:the\s)?[A-Z][a-z]"
        r"|\b\d{1,5}\s[A-Z][\w.]{1,30}\s(?:[A-Z]\w{1,20}\s)?(?:Street|St|Road|Rd|Avenue|Ave|Lane"
        r"|Drive|Way|Square|Row|Court|Place)\b"
    ),
    "address": re.compile(
        r"<(?:STREET_ADDRESS|ZIP_CODE|ADDRESS)\w{0,20}>|\b[Pp]\.?\s?[Oo]\.? Box\b"
        r"|\b\d{1,5}[A-Za-z]?,? (?:[A-Z][\w.'’]{0,30} ){1,3}(?:Street|St|Road|Rd|Avenue|Ave|Lane|Drive|Way|Square"
        r"|Row|Court|Place|Boulevard|Blvd|Crescent|Terrace|Plaza|Quay|Close|Gardens|Park|Hill|Suite|Highway)\b"
    ),
}  # fmt: skip
_NAME = re.compile(
    r"<(?:PERSON|ORGANIZATION|ORG|NRP)_?\w{0,12}>|\b(?:Mr|Mrs|Ms|Dr|Prof|Sir|Judge|Justice|Hon)\b\.?\s?[A-Z]"
    r"|\b[A-Z][\w&'’.-]{0,40}\s(?:(?:and|&|of|de|van|von|der|la)\s)?[A-Z][\w&'’.-]{0,40}"
    r"|\b(?:Inc|LLC|L\.L\.C|Ltd|Limited|Corp|GmbH|AG|plc|PLC|S\.A|B\.V|N\.V|BV|AS|LLP|Pty|Co)\b"
)
_MIDDLE_CAPITAL = re.compile(
    r"(?<=[a-z,;:(]\s)(?!(?:Act|Agreement|Contract|Section|Article|Schedule|Clause|Part|Lease|Law|State)\b)"
    r"[A-Z][a-zé]{1,30}\b"
)
_ROLE = re.compile(
    r"\b(?:landlord|tenant|lessor|lessee|owner|occupier|buyer|seller|purchaser|supplier|customer|client|contractor"
    r"|employer|employee|company|borrower|lender|insurer|insured|policyholder|licensor|licensee|party|parties|court|commissioner"
    r"|attorney general|minister|council|state|board|director|authority|warden|keeper|plaintiff|defendant|claimant"
    r"|respondent|appellant|appellee|petitioner|carrier|bank|trustee|executor|agent|broker|driver|operator|manager"
    r"|we|us|our|you"
    r"|wife|husband|son|daughter|brother|sister|father|mother|nephew|niece|children|heirs?)s?\b",
    re.IGNORECASE,
)
_SHOUTED = re.compile(
    r"\b(?!INVOICE|LEASE|AGREEMENT|CONTRACT|NOTICE|SECTION|ARTICLE|TERM|RENT|LETTER|ORDER|JUDGMENT|SCHEDULE|EXHIBIT"
    r"|WHEREAS)[A-Z]{4,30}\b"
)


_COUNT = re.compile(rf"\b(?!an?\b|one\b)(?:\d[\d,]*(?:\.\d+)?|{_NUMBER_WORDS}) ((?:[a-z'-]+ ){{0,3}}[a-z'-]+)")


_COUNT_AFTER = re.compile(
    r"\b([a-z'-]+)(?: \([^()]{1,20}\))?(?:\s?:| is| are| was| were| shall be| will be) "
    rf"(?!an?\b|one\b)(?:\d|{_NUMBER_WORDS}\b)"
)


def counts(folded: str, stems_counted: Collection[str]) -> bool:
    """Return True where a folded text counts things of these stems: a number, at most three words, the thing.

    The number may also follow, as in a form: "Number of rooms: 12", "The quantity is 40".
    """
    found = (stem(word) for match in _COUNT.finditer(folded) for word in match.group(1).split())
    after = (stem(match.group(1)) for match in _COUNT_AFTER.finditer(folded))
    return any(root in stems_counted for root in (*found, *after))


_LABELLED = re.compile(
    r"\b([a-z]+)(?: ([a-z]+))?(?: of|:| is| was| will be| shall be| amounts to| at)? "
    r"(?:(?:up to|about|only|not more than) )?"
    rf"{_CURRENCY.lower()}\s?\d",
)
_MONEY_NOUNS = frozenset(
    map(
        stem,
        "fee deficit deposit fine rent salary premium fare excess royalty bonus commission tax loan freight award "
        "dividend discount charge costs price cost bill claim debt estimate quote profit loss turnover overdraft "
        "insurance shipping damages compensation contribution dividend minimum expenses wage pension grant".split(),
    )
)


def labels(folded: str) -> set[str]:
    """Return the stems of the words that say what the amounts of a folded text are: "a deficit of £9" is a deficit."""
    found = (word for match in _LABELLED.finditer(folded) for word in match.groups() if word)
    return {root for word in found if (root := stem(word)) in _MONEY_NOUNS}


KIND_WORDS = {
    "name": "person company firm party organisation organization individual supplier",
    "court": "court tribunal forum",
    "law": "law statute act section provision article rule code legislation rely apply applied base "
    "cite invoke break broke violate breach breached interpret",
    "colour": "colour color",
    "place": "place places city cities town towns country countries state states location territory region area",
    "date": "date day year month",
    "deadline": "date day deadline limit latest last until",
    "time": "time hours hour",
    "duration": "period time length duration",
    "amount": "amount sum figure money",
    "percentage": "percentage percent share proportion rate",
}
"""Words that name a kind itself: in a question, a value of the kind answers for them."""


def has_kind(text: str, kind: str) -> bool:
    """Return True where a text, in its own spelling, holds a value of a kind ("date", "amount", "name" …)."""
    if kind in {"name", "party"}:
        return any(pattern.search(text) for pattern in (_NAME, _MIDDLE_CAPITAL, _SHOUTED))
    if kind == "role":
        return _ROLE.search(text) is not None
    pattern = _KINDS.get(kind)
    return pattern is None or pattern.search(text) is not None
