"""Parts of known people's names in a question: "Mrs Farrow", "Odette", where the documents name Odette Farrow."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from agentkit.privacy.vault import Mention
from agentkit.types import Document

_WORD = re.compile(r"[^\W\d_][\w'’-]*")
_MIN_CHARACTERS = 3
_MIN_LOWER = 5  # a shorter word in lower case is a word
_TITLES = frozenset(
    {
        "mr",
        "mrs",
        "ms",
        "miss",
        "dr",
        "prof",
        "sir",
        "dame",
        "lord",
        "lady",
        "jr",
        "sr",
        "esq",
        "and",
        "von",
        "van",
        "der",
        "the",
    }
)


def name_parts(
    text: str, people: Iterable[Mention], *, readable: Callable[[str], bool]
) -> list[tuple[int, int, Mention]]:
    """Return where a part of one known person's name stands: start, end, and the mention of that person.

    A part that two people share names neither, and is a mention of nobody known.

    Args:
        text: any text of a user's.
        people: who is known, by their fullest names.
        readable: whether words stand in a document in clear; those are no secret, and may be a firm's name.
    """
    owners: dict[str, set[str]] = {}
    for mention in people:
        words = [word[0] for word in _WORD.finditer(mention.original)]
        for word in words if mention.type == "PERSON" and len(words) > 1 else ():
            if len(word) >= _MIN_CHARACTERS and word.casefold() not in _TITLES:
                owners.setdefault(word.casefold(), set()).add(mention.short_for or mention.original)
    found: list[tuple[int, int, Mention]] = []
    for match in _WORD.finditer(text) if owners else ():
        word = match[0].removesuffix("'s").removesuffix("’s")
        names = owners.get(word.casefold())
        if names is None or (word.islower() and len(word) < _MIN_LOWER):
            continue
        if not any(readable(form) for form in {word, word.lower(), word.capitalize()}):
            full = next(iter(names)) if len(names) == 1 else ""
            found.append((match.start(), match.start() + len(word), Mention("PERSON", word, full)))
    return found


def readable(words: str, documents: Iterable[Document], replaced: Mapping[int, Sequence[tuple[int, int, str]]]) -> bool:
    """Return whether whole words stand in a document outside of the spans (start, end, placeholder) replaced there."""
    pattern = re.compile(rf"(?<!\w){re.escape(words)}(?!\w)")
    for document in documents:
        spans = replaced.get(document.index, ())
        for match in pattern.finditer(document.text):
            if not any(start < match.end() and match.start() < end for start, end, _ in spans):
                return True
    return False
