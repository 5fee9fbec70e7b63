"""Look for a pattern only where a text holds words that each of its matches holds: the rest costs nothing."""

import re
from collections.abc import Iterable, Iterator, Sequence


def uncased(text: str, /) -> str:
    """Return a text in small letters as `re.IGNORECASE` compares them, each at its place."""
    return (text if text.isascii() else text.replace("İ", "i").replace("ı", "i").replace("ſ", "s")).lower()


def places(text: str, words: Iterable[str], /) -> list[int]:
    """Return where any of the words begins in a text, in order; words within words count."""
    found: list[int] = []
    for word in words:
        at = text.find(word)
        while at >= 0:
            found.append(at)
            at = text.find(word, at + 1)
    found.sort()
    return found


def anchored(pattern: re.Pattern[str], text: str, at: Sequence[int], /, *, before: int = 0) -> Iterator[re.Match[str]]:
    """Yield what `pattern.finditer(text)` would, trying only the characters up to `before` in front of each place.

    It is the same if each match begins at one of the places `at` (ascending), or at most `before` characters ahead.
    """
    following = 0
    for place in at:
        for start in range(max(following, place - before), place + 1):
            if match := pattern.match(text, start):
                following = match.end()
                yield match
                break
        else:
            following = max(following, place + 1)
