"""A text as the review aligns it: words, with each number, date, duty and name made one comparable item."""

import re
from dataclasses import dataclass
from functools import lru_cache

from agentkit.text.sentences import split_sentences
from agentkit.text.support_dates import Date, dates
from agentkit.text.support_numbers import Quantity, quantities
from agentkit.text.support_tokens import PLACEHOLDER, STOPWORDS, Token, clean, tokenize

# What a phrase allows, commands or forbids. The longest phrase wins.
_ALLOWED = r"(?:entitled|permitted|allowed|authori[sz]ed|free|at\s+liberty)\s+to"
_BOUND = r"(?:obliged|obligated|required|bound)\s+to"
_PROMISES = r"(?:agrees?|undertakes?|covenants?)(?:\s+and\s+(?:agrees?|undertakes?|covenants?))?"
_BE = r"(?:(?:shall|will)\s+be|is|are|was|were)"
_AUX = r"(?:shall|must|may|will|can|do|does|did)"
_MODALS = (
    ("forbid", rf"{_AUX}\s+(?:not|never)\s+(?:be\s+)?{_ALLOWED}"),
    ("free", rf"(?:{_AUX}\s+not\s+(?:be\s+)?|(?:is|are|was|were)\s+not\s+){_BOUND}"),
    ("free", r"need\s+not|(?:do|does)\s+not\s+(?:need|have)\s+to"),
    (
        "free",
        r"(?:shall\s+have|is\s+under|are\s+under|has|have|having|had)\s+no\s+(?:obligation|duty)(?:\s+\w+){0,2}?\s+to",
    ),
    ("forbid", r"(?:is|are|be|was|were|shall\s+be)\s+(?:prohibited|barred|restrained|precluded|forbidden)\s+from"),
    ("forbid", rf"(?:is|are|was|were|be)\s+not\s+{_ALLOWED}"),
    ("forbid", r"(?:has|have|had|shall\s+have)\s+no\s+right\s+to"),
    ("permit", rf"{_BE}\s+{_ALLOWED}"),
    ("permit", r"(?:(?:shall|will)\s+)?(?:has|have|had)\s+the\s+right(?:,\s+but\s+not\s+the\s+obligation,)?\s+to"),
    ("oblige", rf"{_BE}\s+{_BOUND}"),
    ("oblige", rf"{_PROMISES}\s+to|(?:has|have)\s+(?:an\s+obligation\s+|a\s+duty\s+)?to(?=\s+[a-z])"),
    ("forbid", rf"{_PROMISES}\s+not\s+to"),
    ("forbid", r"(?:shall|must|may|will|would|could|can)\s*(?:not|n't)\b|cannot|can't|won't"),
    ("forbid", r"(?:shall|must|may|will|can)\s+(?:never|in\s+no\s+(?:event|case|circumstances))"),
    ("oblige", r"shall|must|will"),
    ("permit", r"may|can"),
    ("advise", r"should|ought\s+to"),
    ("maybe", r"might|could|would"),
    ("deny", r"(?:do|does|did|is|are|was|were|has|have|had|be)\s*(?:not|n't)\b"),
    ("deny", r"not|never|neither|nor|no\s+longer"),
)
_MODAL = re.compile("|".join(rf"(?P<m{i}>\b(?:{pattern})\b)" for i, (_, pattern) in enumerate(_MODALS)), re.IGNORECASE)
_TRIGGER = re.compile(
    r"\b(?:shall|must|may|will|can|won't|do|does|did|is|are|be|was|were|has|have|had|having|need|agree|undertake|covenant|"
    r"not|never|neither|nor|no|should|ought|might|could|would)",
    re.IGNORECASE,
)
_MONTH_MAY = re.compile(r"May(?=\s+\d|,?\s+\d{4})|(?<=\d )May|(?<=of )May|(?<=[Ii]n )May")
_NAME_GAP = re.compile(r"[ \t\n&.,'-]{1,3}(?:of the |of |and |& |de |van |von |der |la )?$")
_HEADWORDS = frozenset("the a an this that these those such each any all no every either neither if in on at".split())


@dataclass(frozen=True, slots=True)
class Item:
    """One unit of comparison. `kind` is word, light (a word without meaning of its own), quantity, date or modal."""

    key: str
    start: int
    end: int
    kind: str
    token: Token
    cap: bool = False


@dataclass(slots=True)
class Facts:
    """What a text says in comparable form. Offsets count in the text."""

    text: str
    items: list[Item]
    sentences: list[tuple[int, int]]
    dates: list[Date]
    quantities: list[Quantity]


@lru_cache(maxsize=128)
def facts(text: str) -> Facts:
    """Read a text once, in linear time."""
    plain = clean(text)
    days = dates(plain)
    counts = quantities(plain, [(day.start, day.end) for day in days])
    items = _items(plain, days, counts)
    return Facts(text, items, split_sentences(text), days, counts)


def _items(text: str, days: list[Date], counts: list[Quantity]) -> list[Item]:
    marks = [(day.start, day.end, f"@{min(day.readings)}", "date") for day in days]
    keys: dict[tuple[int, int], str] = {}
    for count in counts:  # "ten (12) days" is neither ten days nor twelve
        keys[count.start, count.end] = keys.get((count.start, count.end), "") + count.key
    marks += [(start, end, key, "quantity") for (start, end), key in keys.items()]
    marks += _modals(text, [(start, end) for start, end, _, _ in marks])
    marks.sort()
    items: list[Item] = []
    index = 0
    for token in tokenize(text):
        while index < len(marks) and marks[index][1] <= token.start:
            index += 1
        if index < len(marks) and marks[index][0] <= token.start:
            start, end, key, kind = marks[index]
            if not items or items[-1].start != start:
                items.append(Item(key, start, end, kind, token))
            continue
        items.append(_word(token, text))
    return items


def _word(token: Token, text: str) -> Item:
    kind = "light" if token.norm in STOPWORDS else "word"
    first = text[token.start]
    cap = first.isupper() or first == "<"
    return Item(token.lemma, token.start, token.end, kind, token, cap)


def _modals(text: str, taken: list[tuple[int, int]]) -> list[tuple[int, int, str, str]]:
    found: list[tuple[int, int, str, str]] = []
    reached = 0
    for trigger in _TRIGGER.finditer(text):
        match = _MODAL.match(text, trigger.start()) if trigger.start() >= reached else None
        if match is None or (match.group()[0] in "mM" and _is_month(text, match, taken)):
            continue
        reached = match.end()
        group = match.lastgroup or "m0"
        found.append((match.start(), match.end(), "!" + _MODALS[int(group[1:])][0], "modal"))
    return found


def _is_month(text: str, match: re.Match[str], taken: list[tuple[int, int]]) -> bool:
    """Whether "May" is the month."""
    if _MONTH_MAY.match(text, match.start()):
        return True
    return any(start < match.end() and match.start() < end for start, end in taken)


def is_placeholder(item: Item) -> bool:
    """Whether the item stands for a redacted value."""
    return PLACEHOLDER.fullmatch(item.token.text) is not None


def opens_sentence(text: str, start: int) -> bool:
    """Whether the word at `start` is capitalised because of its place and not because it is a name."""
    before = text[max(0, start - 12) : start].rstrip(" \t\n\"'(\u201c\u2018")
    return not before or before[-1] in ".!?:;\n"


def is_headword(word: str) -> bool:
    """Whether a capitalised word is an article or the like, never part of a name."""
    return word.lower() in _HEADWORDS


def joins_name(gap: str) -> bool:
    """Whether the characters between two capitalised words keep them in one name."""
    return _NAME_GAP.match(gap) is not None
