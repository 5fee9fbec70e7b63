"""What reads as a title: of a clause, of a division, of a group of clauses."""

import re

DEFINED = re.compile(
    r"[ \t]*(?:\(?\w{1,4}[.)]\s+|\d[\d.]*\s+)?[\"“](?P<term>[^\"”“\n]{1,80})[\"”]"
    r"(?:\s+or\s+[\"“][^\"”\n]{1,60}[\"”])?\s+"
    r"(?:\([^)]{1,60}\)\s+)?(?:means?\b|shall mean|(?:shall )?ha(?:s|ve) the meaning|includes?\b|refers? to|is defined)"
)
"""A paragraph that defines a term in quotation marks."""
REFERENCE = re.compile(
    r"(?:\b(?:sections?|articles?|clauses?|paragraphs?|exhibits?|schedules?|appendix|annex|parts?|items?|rules?|and|or|to|"
    r"of|in|by|under|with|through|than|least|see|this|such|the|per|page|chapter|title|suite|box|usd?|form|january|"
    r"february|march|april|may|june|july|august|september|october|november|december),?|"
    r"\b(?:nos?|secs?|arts?|cl|paras?|exh?|sched|ch)\.?|[$€£#§])\s*$",
    re.IGNORECASE,
)
"""What stands before a number that refers to a clause rather than begins one."""
_NEXT_LINE = re.compile(r"\n{1,3}(?P<line>[^\n]{3,91})(?=\n|$)")
_LINE_START_NUMBER = re.compile(r"\d|\(\w{1,4}\)|[A-Za-z][.)]\s|(?:ARTICLE|SECTION|Article|Section)\b")
_CAPS = re.compile(r"(?:[A-Z][A-Z0-9'’&/,()\-]{0,30}(?: |$)){1,10}")
_RUN_IN = re.compile(r"[\"“]?[A-Z][^\n.:;]{1,90}?(?=[.:](?:\s|$)|[ \t]+[–—-][ \t]|[ \t]\d{1,3}\.[ ]?\d|\n|$)")
_CLAUSAL = re.compile(
    r"\b(?:shall|will|must|may|is|are|was|were|has|have|agrees?|means|can|do|does|being|would|should|hereby)\b"
)
_PRONOUN = re.compile(r"(?:I|It|He|She|We|They|You|There)\b")
# A line of a form: "TERM: 1 May 2024 to 30 April 2027", "SHIPPER TYPE: Interstate".
_FORM_LINE = re.compile(r"(?P<label>[^:\n]{2,60}):[ \t]+(?P<value>\S[^\n]*)")
_NOTED = re.compile(r"(?:\[\^?\w{1,8}\])+$")

_NO_HEADING = re.compile(
    r"(?:between|and|or|by|page|among|to|of|for|with|name|title|date|dated|its|attest|witness|/s/)\b|[^\n]{0,90}[|_]",
    re.IGNORECASE,
)
_NOT_TITLES = re.compile(
    r"\b(?:INC|LLC|L\.L\.C|LTD|CORP|CORPORATION|COMPANY|LIMITED|PLC|LLP|L\.P|LP|GMBH|N\.A|S\.A|CO)\b|^(?:BY|AND|OR|BETWEEN|"
    r"NAME|TITLE|DATE|ITS|TO|FROM|OF|THE|WITNESSETH|AMONG|FOR|WITH|ATTEST|ATTENTION|RE|NOTE|SUBJECT)\b|[:;,@_|]|\d{4,}"
)


def is_caps_title(line: str) -> bool:
    """Tell whether a line in capitals reads as a title rather than as a name, an address or a form field."""
    words = line.strip().strip("*").strip()
    letters = sum(letter.isalpha() for letter in words)
    return (
        letters >= 5 and words.isupper() and words[0].isalpha() and not _NOT_TITLES.search(words) and words[-1] != "."
    )


def reads_as_heading(line: str) -> bool:
    """Tell whether a short line set apart (bold, larger) reads as a heading rather than as a term or a sentence."""
    words = line.strip()
    if (
        not 3 <= len(words) <= 90
        or "\n" in words
        or words[-1] in ".,;"
        or (words[-1] == ":" and not words.isupper())
        or (not words[0].isupper() and not words[0].isdigit())
    ):
        return False
    return not _CLAUSAL.search(words) and not _NO_HEADING.match(words)


def title_after(text: str, position: int, end: int) -> tuple[str, int]:
    """Return the title that follows a number and where it ends; an empty title where the clause has none."""
    begin = position
    while begin < end and text[begin] in " \t*–—-" and begin - position < 12:
        begin += 1
    if begin >= end:
        return _title_below(text, end, position)
    whole = text[begin : min(end, begin + 90)].rstrip()
    alone = (
        0 < end - begin <= 80
        and not fills_in(whole)
        and _NOTED.sub("", whole)[-1:] not in ".;,:"
        and not whole[0].islower()
    )
    if alone and not _CLAUSAL.search(whole) and not text[end + 1 : end + 2].islower():
        return whole.strip("* "), begin + len(whole)
    caps = _CAPS.match(text, begin, min(end, begin + 90))
    run_in = _RUN_IN.match(text, begin, min(end, begin + 100))
    if run_in and _title_like(run_in.group()) and not _TO_NUMBER.search(run_in.group()):
        stop = run_in.end() + (text[run_in.end() : run_in.end() + 1] in (".", ":"))
        return run_in.group().strip('"“”* '), stop
    if caps and 4 <= len(caps.group().strip()) < 79 and not text[caps.end() : caps.end() + 1].islower():
        words = caps.group().rstrip(" ,(-0123456789")
        if not _CLAUSAL.search(words.lower()) and not REFERENCE.search(words):
            return words, begin + len(words)
    return "", position


def fills_in(line: str) -> bool:
    """Tell whether a line says something after a label, as in a form, and is more than a title."""
    filled = _FORM_LINE.fullmatch(line)
    if filled is None:
        return False
    label, value = filled["label"], filled["value"]
    return any(letter.isdigit() for letter in value) or (label.isupper() and not value.isupper())


def _title_below(text: str, end: int, position: int) -> tuple[str, int]:
    """Return the title on the line after a number that stands alone ("ARTICLE IV", then "TERMINATION")."""
    following = _NEXT_LINE.match(text, end)
    if following is None:
        return "", position
    words = following["line"].strip()
    if not reads_as_heading(words.rstrip(".")) or _LINE_START_NUMBER.match(words):
        return "", position
    return words.strip("*. "), following.end("line")


_SHORT = frozenset(
    "Inc Ltd Co Corp LLC LLP No Nos Mr Mrs Ms Dr St Hon Prof Jr Sr v vs Messrs Bros Dept Art Sec".split()
)
"""Abbreviations: the full stop after one ends no title ("1. Alpha Orchards, Inc. owns the land.")."""
_TO_NUMBER = re.compile(r"(?i:\b(?:sections?|articles?|clauses?|paragraphs?|schedules?|exhibits?))$|\d,?$")


def _title_like(words: str) -> bool:
    last = words.split()[-1]
    if (
        _CLAUSAL.search(words)
        or _PRONOUN.match(words)
        or last in _SHORT
        or (words.startswith("The ") and last[0].islower())
    ):
        return False
    long_words = [word for word in re.findall(r"[^\W\d_][\w'’]*", words) if len(word) > 3]
    capitals = sum(word[0].isupper() for word in long_words)
    return len(words.split()) <= 14 and capitals >= 0.6 * len(long_words)
