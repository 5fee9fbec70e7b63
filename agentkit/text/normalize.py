"""Undo the disguises of text before rules read it, with a map back to the original's offsets.

A disguise is anything that changes the characters but not what a person or a model reads: compatibility forms,
look-alike letters of other alphabets, invisible characters, leetspeak.
"""

import re
import unicodedata
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from agentkit.text.normalize_tables import FOLD, INVISIBLE, LEET, LOOK_ALIKE, ORDERS, bidi_control, tag_letter

HiddenKind = Literal["tag", "bidi", "zero-width", "control"]

_CLUSTER = re.compile(
    r"[\x00-\x7f]+(?![\u0300-\u036f])|[^\x00-\x7f][\u0300-\u036f\u0483-\u0489\u1dc0-\u1dff\u20d0-\u20ff]{0,8}"
    r"|[\x00-\x7f][\u0300-\u036f]{0,8}"
)
_JOINED = re.compile(r"[\u0300-\u036f\U000e0000-\U000e007f]")
"""Characters that are read with the one before them."""
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f][\u0483-\u0489\u1dc0-\u1dff\u20d0-\u20ff]{0,8}")
_BREAK = re.compile(r"[\n\r\x85\u2028\u2029]")
_ODD_WORD = re.compile(r"(?<![^\W_])[^\W_]*[^\W\d_\x00-\x7f][^\W_]*")
_SPACES = re.compile(r"[ \t\x0b\x0c\r\n\x85\u2028\u2029]{2,}|[\t\x0b\x0c\r\x85\u2028\u2029]")
_BLANKS = re.compile(r"[ \n]{2,}")
"""The same where a text has no other white space."""
_OTHER_SPACES = "\t\x0b\x0c\r\x85\u2028\u2029"
LEET_WORD = re.compile(r"[a-z0-9@$!|+]{3,24}")
LEET_RUN = re.compile(r"(?<![a-z0-9@$!|+])[a-z]*+[0-9@$!|+][a-z0-9@$!|+]*")
"""A whole run of such characters that are not letters alone."""
_MARKS = re.compile(r"[\u0300-\u036f]")
_LEET_SIGN = re.compile(r"[a-z][0134578@$|+]|[0134578@$|+][a-z]|[a-z]![a-z]")
_SPACED_OUT = re.compile(r"(?<![a-z0-9])(?:[a-z][ .\-_*]){4,40}[a-z](?![a-z0-9])")
_TYPOGRAPHY = frozenset("\xad\u2060\ufe0e\ufe0f\ufeff")
_JOINERS = frozenset("\u200b\u200c\u200d\ufe0f")
_RIGHT_TO_LEFT = re.compile(r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_DIRECTION_MARKS = frozenset("\u200e\u200f\u061c\u202a\u202c\u2066\u2068\u2069")
"""They can at most restore what is usual: left to right, or the end of something."""
_HIDDEN = re.compile(f"[{re.escape(INVISIBLE)}\U000e0000-\U000e007f\x00-\x08\x0e-\x1f\x7f]+")


@dataclass(frozen=True, slots=True)
class Normalized:
    """A folded text and the `original` that it was made from; None where both line up, character by character."""

    text: str
    original: str | None = None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the span of the original that `text[start:end]` was made from."""
        if self.original is None:
            return start, end
        offsets = _mapped(self.original)[1]
        if start >= end:
            return offsets[start], offsets[start]
        last, position = offsets[end - 1], end
        while position < len(offsets) - 1 and offsets[position] == last:
            position += 1
        return offsets[start], offsets[position] if offsets[position] > last else last + 1


@dataclass(frozen=True, slots=True)
class HiddenRun:
    """A run of characters no reader sees (`start:end`), of one kind."""

    start: int
    end: int
    kind: HiddenKind


class _Builder:
    """Collects pieces of folded text with their offsets."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.offsets = array("L")

    def add(self, piece: str, start: int, *, steps: bool) -> None:
        """Add a piece: each character from its own source character (`steps`), or all from the one at `start`."""
        self.parts.append(piece)
        self.offsets.extend(range(start, start + len(piece)) if steps else [start] * len(piece))

    def done(self, end: int) -> tuple[str, "array[int]"]:
        """Close the map with the original's length."""
        self.offsets.append(end)
        return "".join(self.parts), self.offsets


@lru_cache(maxsize=4)
def normalize(text: str, /) -> Normalized:
    """Fold a text to what its reader sees: NFKC, look-alikes to Latin, nothing invisible, lower case, single spaces.

    Linear in the length of the text; the last few are remembered, because the rails of a text fold it in turn. A run of
    white space becomes one space, or one line break if it holds one.

    Returns:
        The folded text; its `span` gives offsets into `text` as Unicode code points.
    Source:
        Unicode Standard Annex 15 (NFKC); Unicode Technical Standard 39 (confusables; the Latin-like subset).
    """
    if text.isascii():
        folded = _single_spaced(text.lower())
        return Normalized(folded, None if len(folded) == len(text) else text)
    if _JOINED.search(text):
        return Normalized(_mapped(text)[0], text)
    folded = _BEYOND_ASCII.sub(_folded, text).lower()
    return Normalized(_single_spaced(_read_look_alikes(folded)), text)


@lru_cache(maxsize=2)
def _mapped(text: str) -> tuple[str, "array[int]"]:
    """Fold a text as `normalize` does, and say of each character where it came from; and where the text ends.

    Few texts are asked where something stands in them, and those more than once.
    """
    builder = _Builder()
    tagged = False
    for match in _CLUSTER.finditer(text):
        piece = match.group()
        if ("\U000e0000" <= piece <= "\U000e007f") != tagged:
            tagged = not tagged
            if match.start():
                builder.add(" ", match.start(), steps=True)  # tags are words of their own
        if piece.isascii():
            builder.add(piece.lower(), match.start(), steps=True)
        else:
            builder.add(_fold(piece), match.start(), steps=False)
    folded, offsets = builder.done(len(text))
    return _squeeze(_read_look_alikes(folded), offsets)


def _read_look_alikes(text: str) -> str:
    """Read letters of other alphabets as Latin, in words that mix alphabets or stand between Latin words."""
    return _ODD_WORD.sub(_latin_word, text)


def _latin_word(match: re.Match[str]) -> str:
    word = match.group()
    latin = word.translate(_LOOK_ALIKE_TABLE)
    if latin == word or not latin.isascii():
        return word
    mixed = any(char < "\x80" for char in word)
    return latin if mixed or _between_latin(match) else word


def _between_latin(match: re.Match[str]) -> bool:
    before = match.string[max(match.start() - 12, 0) : match.start()].strip(" ")
    after = match.string[match.end() : match.end() + 12].strip(" ")
    return (before[-1:].isascii() or not before) and (after[:1].isascii() or not after) and bool(before or after)


@lru_cache(maxsize=4096)
def _fold(cluster: str) -> str:
    """Fold one character with its combining marks."""
    if len(cluster) == 1 and (letter := tag_letter(cluster)) is not None:
        return letter
    seen = unicodedata.normalize("NFKC", cluster)
    return "".join(FOLD.get(char, char) for char in seen.lower() if char not in INVISIBLE)


def _folded(match: re.Match[str]) -> str:
    return _fold(match.group())


def _single_spaced(text: str) -> str:
    spaces = _SPACES if any(map(text.__contains__, _OTHER_SPACES)) else _BLANKS
    return spaces.sub(_space, text)


def _space(run: re.Match[str]) -> str:
    """Return what a run of white space becomes."""
    return "\n" if _BREAK.search(run.group()) else " "


def _squeeze(text: str, offsets: "array[int]") -> tuple[str, "array[int]"]:
    """Collapse white space, keeping the map."""
    parts: list[str] = []
    kept, position = array("L"), 0
    for match in _SPACES.finditer(text):
        parts += [text[position : match.start()], _space(match)]
        kept.extend(offsets[position : match.start() + 1])
        position = match.end()
    kept.extend(offsets[position:])
    return "".join((*parts, text[position:])), kept


def unleet(text: str, /, *, apart: bool = True, leet: bool = True) -> str | None:
    """Return `text` (folded, lower case) with leetspeak and spelled-out words read as letters, or None if it has none.

    Length is kept, so that offsets stay valid: `1gn0re` becomes `ignore`, and `i g n o r e` loses its
    separators to the right, as `ignore` followed by blanks. The latter is not looked for if not `apart`, the
    former if not `leet`.
    """
    result = LEET_RUN.sub(read_run, text) if leet and _LEET_SIGN.search(text) else text
    result = _SPACED_OUT.sub(_join_letters, result) if apart else result
    return None if result == text else result


def read_run(match: re.Match[str], /) -> str:
    """Return a match of `LEET_RUN` with its leetspeak read as letters."""
    return LEET_WORD.sub(_read_leet, match.group())


def _read_leet(match: re.Match[str]) -> str:
    word = match.group()
    letters = sum(char.isalpha() for char in word)
    inside = word.rstrip("0123456789!+")
    plain = word.translate(_LEET_TABLE)
    if letters == len(word) or letters * 3 < len(word):
        return word
    return plain if plain in ORDERS or any(char in LEET for char in inside) else word


def _join_letters(match: re.Match[str]) -> str:
    spelled = match.group()
    word = re.sub(r"[ .\-_*]", "", spelled)
    return word + " " * (len(spelled) - len(word))


_LEET_TABLE = str.maketrans(LEET)
_LOOK_ALIKE_TABLE = str.maketrans(LOOK_ALIKE)


def hidden_runs(text: str, /) -> list[HiddenRun]:
    """Return every run of characters that no reader sees, in order of position.

    Joiners inside emoji and between letters of scripts that need them, a leading byte-order mark, soft hyphens
    and single variation selectors are honest typography and are not reported.
    """
    if text.isascii() and text.isprintable():
        return []
    return [run for match in _HIDDEN.finditer(text) if (run := _run(text, match)) is not None]


def _run(text: str, match: re.Match[str]) -> HiddenRun | None:
    run, start, end = match.group(), match.start(), match.end()
    if any(tag_letter(char) is not None for char in run):
        return None if text[start - 1 : start] == "\U0001f3f4" and len(run) <= 7 else HiddenRun(start, end, "tag")
    if any(bidi_control(char) for char in run):
        return None if _reads_right_to_left(text, start, end) else HiddenRun(start, end, "bidi")
    if any(char < " " or char == "\x7f" for char in run):
        return HiddenRun(start, end, "control")
    if _honest(text, run, start, end):
        return None
    return HiddenRun(start, end, "zero-width")


def _reads_right_to_left(text: str, start: int, end: int) -> bool:
    """Whether there are letters nearby that are written from right to left, and no override forces others to be."""
    forced = any(char in "\u202d\u202e" for char in text[start:end])
    return not forced and _RIGHT_TO_LEFT.search(text[max(start - 60, 0) : end + 60]) is not None


def _honest(text: str, run: str, start: int, end: int) -> bool:
    """Whether a run of invisible characters is what typography asks for at that place."""
    before, after = text[max(start - 1, 0) : start], text[end : end + 1]
    if set(run) <= _DIRECTION_MARKS:
        return True
    if len(run) <= 2 and set(run) <= _TYPOGRAPHY:
        return "\ufeff" not in run or start == 0
    if len(run) <= 2 and set(run) <= _JOINERS:
        between_latin = before.isascii() and before.isalpha() and after.isascii() and after.isalpha()
        return not between_latin
    return False


def without(text: str, runs: Sequence[HiddenRun], /) -> str:
    """Return `text` without the given runs, which are in order of position."""
    parts: list[str] = []
    position = 0
    for run in runs:
        parts.append(text[position : run.start])
        position = run.end
    parts.append(text[position:])
    return "".join(parts)


def unaccented(text: str, /) -> str:
    """Return text without the marks that stand on its letters: "é" is "e", and "й" is "и"."""
    if text.isascii():
        return text
    return unicodedata.normalize("NFC", _MARKS.sub("", unicodedata.normalize("NFD", text)))


def plain(text: str, /) -> str:
    """Return a text as its reader takes it: wide and other compatible forms as usual, without what has no glyph.

    Case and line breaks stay; offsets do not.
    """
    return text if text.isascii() else _HIDDEN.sub("", unicodedata.normalize("NFKC", text))
