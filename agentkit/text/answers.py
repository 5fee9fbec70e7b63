"""Checks of an answer's text: claims without a citation, redacted data named after all, a recited prompt."""

import re
from collections.abc import Sequence

from agentkit.text.normalize import normalize

_WORD = re.compile(r"\w+")
_SHINGLE = 8
"""So many words in a row shared with the system prompt are no accident."""
_SHORTEST, _SHORTEST_NUMBER = 3, 5
_EVERYDAY = frozenset(
    "may will mark bill grant frank rich art hope faith grace june april august case price law banks read long short "
    "young king page lane park hill wood woods stone green brown white black gray grey day week month year summer "
    "winter north south east west bond cash chase drew earl duke major general miles pace pierce reed rose ruby sky "
    "sue tab ty van wade ward wells wise witt worth county state city court judge bishop church cook carter mason "
    "miller porter potter taylor turner walker weaver landlord tenant buyer seller company none unknown".split()
)
_RECITES = re.compile(
    r"\b(?:my|the) (?:system prompt|(?:initial|original|hidden|system) instructions) (?:is|are|says?|reads?|states?)\b|"
    r"\bi (?:was|am|have been) (?:instructed|programmed|told|prompted|configured) (?:to|not to|that)\b|"
    r"\b(?:here (?:is|are)|these are) my (?:system prompt|(?:initial |system |original |full )?instructions)\b|"
    r"<\|?(?:system|im_start)\|?>"
)


_MALFORMED = re.compile(r"\[(?:[dp]\d+|d\d*[ ._:-]?p\d*)\]", re.IGNORECASE)
"""What a model writes that imitates a marker: `[d0]`, `[p12]`, `[d0-p12]`."""


def cites(text: str, marker: str, /) -> bool:
    """Whether a text carries a marker (a regular expression) or something that imitates one."""
    return re.search(marker, text) is not None or _MALFORMED.search(text) is not None


def uncited(text: str, marker: str, /, *, min_words: int = 3) -> list[tuple[int, int]]:
    """Return the spans of lines that claim something and carry no marker (a regular expression).

    A heading (`# …`, `…:`), a rule, and a line of fewer than `min_words` words are no claims.
    """
    pattern = re.compile(marker)
    spans: list[tuple[int, int]] = []
    position = 0
    for line in text.splitlines(keepends=True):
        bare = pattern.sub("", line).strip()
        claims = len(_WORD.findall(bare)) >= min_words and not bare.startswith("#") and not bare.endswith(":")
        if claims and not pattern.search(line):
            spans.append((position, position + len(line.rstrip())))
        position += len(line)
    return spans


def named(text: str, originals: Sequence[str], /) -> list[str]:
    """Return the originals that occur in `text`, however they are disguised or spaced; whole words only.

    An original that is itself an everyday word or a short number is passed over: it would forbid honest claims.
    """
    folded = f" {_plain(text)} "
    dense = folded.replace(" ", "")
    found: list[str] = []
    for original in originals:
        words = _plain(original)
        digits = words.replace(" ", "")
        if _ambiguous(words):
            continue
        spaced = len(digits) >= 7 and any(c.isdigit() for c in digits) and digits in dense  # a number
        if f" {words} " in folded or spaced:
            found.append(original)
    return found


def _ambiguous(words: str) -> bool:
    """Whether a redacted text cannot be told from an everyday word or number: "May", "Grant", "42"."""
    return len(words) < _SHORTEST or words in _EVERYDAY or (words.isdigit() and len(words) < _SHORTEST_NUMBER)


def _plain(text: str) -> str:
    return " ".join(_WORD.findall(normalize(text).text))


def leaked(text: str, prompt: str, fragments: Sequence[str], /) -> bool:
    """Whether `text` recites a system prompt: eight words in a row of `prompt`, a fragment, or a confession."""
    folded = normalize(text).text
    if _RECITES.search(folded) or any(normalize(part).text in folded for part in fragments if part.strip()):
        return True
    ours = _WORD.findall(normalize(prompt).text)
    shingles = {" ".join(ours[i : i + _SHINGLE]) for i in range(len(ours) - _SHINGLE + 1)}
    words = _WORD.findall(folded) if shingles else []
    return any(" ".join(words[i : i + _SHINGLE]) in shingles for i in range(len(words) - _SHINGLE + 1))
