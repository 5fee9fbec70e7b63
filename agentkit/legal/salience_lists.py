"""Put together what a page has torn apart: a sentence over a page break, a list and the words that lead into it."""

import re
from collections.abc import Iterator, Sequence
from itertools import takewhile

from agentkit.legal.tidy import has_verb, plain
from agentkit.text.sentences import count_words

Span = tuple[int, int]

_ITEM_MARK = re.compile(r"(?:\((?:[a-z]{1,2}|[ivx]{1,5}|[A-Z]|\d{1,2})\)|(?:[a-z]|[ivx]{1,5})[.)]|[-•*▪–])\s+\S")
_ENDS = re.compile(r"[.;:!?…”\"]\W{0,3}$|[。！？]$")
_GOES_ON = re.compile(
    r"[a-z]{2,}[\s,]|\(\d{1,3}\)\s+(?:(?:business|calendar|working)\s+)?(?:days?|months?|years?|weeks?)\b"
)
_LEAD = re.compile(r"[:—–]\s*$|(?:\bif|\bwhere|\bfollowing)\s*[-—–:]*\s*$")
_NO_LEAD = re.compile(r"\bagree\w*\b.{0,60}\bfollows\W*$|\bdefin\w+|\bmeanings?\b|\bWITNESSETH\b", re.IGNORECASE)
# One item of such a list is true by itself; one of "shall not exceed the greater of:" is not.
_ANY_OF = re.compile(
    r"\b(?:any|each|either|all)(?: one)?(?: or more)? of the following\b|\bthe following (?:\w+ ){0,2}"
    r"(?:rights|events?|duties|obligations)\b|\b(?:shall|will|must|may|agrees to)\s*:\W*$",
    re.IGNORECASE,
)
_NEGATIVE = re.compile(r"\b(?:no|not|neither|nor|unless|except|until|only|exceed|without)\b", re.IGNORECASE)
_OPEN = re.compile(r"[;,]\s*(?:and/or|and|or)?\s*$")
_LEAST_LEAD, _LONGEST_LEAD = 3, 60
WHOLE_LIST = 110  # words of a list that can be shown whole
_LONGEST = 60  # items


def rejoined(text: str, spans: Sequence[Span]) -> list[Span]:
    """Return sentences, those joined that a page break or a blank line has cut in the middle.

    Args:
        text: the passage.
        spans: its sentences, in order.
    """
    result: list[Span] = []
    for start, end in spans:
        if result and _torn(text[result[-1][0] : result[-1][1]], text[start : start + 40]):
            result[-1] = (result[-1][0], end)
        else:
            result.append((start, end))
    return result


def _torn(before: str, after: str) -> bool:
    if _ENDS.search(before) or not _GOES_ON.match(after):
        return False
    return count_words(before) > _LEAST_LEAD and any(char.islower() for char in before)


def lists(text: str, spans: Sequence[Span]) -> Iterator[tuple[Span, list[Span]]]:
    """Yield each list whose items are sentences of their own: the words that lead into it, and its items.

    Args:
        text: the passage.
        spans: its sentences, in order.
    """
    place = 0
    while place < len(spans) - 1:
        lead = spans[place]
        place += 1
        if not leads(text[lead[0] : lead[1]]):
            continue
        following = spans[place : place + _LONGEST]
        items = list(takewhile(lambda span: _ITEM_MARK.match(text, *span) is not None, following))
        items = items[: _last(text, items)]
        if len(items) > 1:
            yield lead, items
            place += len(items)


def _last(text: str, items: Sequence[Span]) -> int:
    """Return how many items the list has: items closed by semicolons end with the first that is not."""
    if not items or not _OPEN.search(text[slice(*items[0])]):
        return len(items)
    ended = (n for n, item in enumerate(items) if text[item[0] : item[1]].rstrip().endswith("."))
    return next(ended, len(items) - 1) + 1


def leads(lead: str) -> bool:
    """Tell whether words lead into a list: "The tenant is in default if:"."""
    line = plain(lead)
    words = count_words(line)
    if not _LEAST_LEAD <= words <= _LONGEST_LEAD or not _LEAD.search(line) or _NO_LEAD.search(line):
        return False
    return has_verb(line)


def fits(text: str, lead: Span, items: Sequence[Span]) -> bool:
    """Tell whether a list is short enough to be shown whole."""
    return count_words(text[lead[0] : items[-1][1]]) <= WHOLE_LIST


def is_item(line: str) -> bool:
    """Tell whether a line begins with the mark of an item: "(a) "."""
    return _ITEM_MARK.match(line) is not None


def is_open_item(line: str) -> bool:
    """Tell whether a line is an item that another follows: "(a) £500; and"."""
    return is_item(line) and _OPEN.search(line) is not None


def separable(lead: str) -> bool:
    """Tell whether one item of a list says, after the words that lead into it, something that is so by itself."""
    line = plain(lead)
    return bool(_ANY_OF.search(line)) and not _NEGATIVE.search(line)


def item_words(item: str) -> str:
    """Return an item of a list as the end of a sentence: without the mark or "and" that joins the next one."""
    return re.sub(r"[;,]?\s*(?:\b(?:and/or|and|or))?\s*$", "", plain(item)).rstrip(" ;,")
