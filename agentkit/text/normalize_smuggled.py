"""Text smuggled in what has no glyph: variation selectors as bytes, zero-width characters as bits, overrides."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_SELECTORS = re.compile(r"[\ufe00-\ufe0f\U000e0100-\U000e01ef]{8,4000}")
_BITS = re.compile(r"[\u200b-\u200d\u2060-\u2064\ufeff]{40,40000}")
_OVERRIDE = re.compile(r"\u202e([^\u202c\u202d\n]{6,2000})")
_FIRST_SELECTOR, _MORE_SELECTORS = 0xFE00, 0xE0100


@dataclass(frozen=True, slots=True)
class Payload:
    """A decoded stretch (`start:end` of the original) and how it was encoded, outermost first ("base64+rot13")."""

    text: str
    start: int
    end: int
    encoding: str


def smuggled(text: str, /) -> Iterator[Payload]:
    """Yield what characters without a glyph, or an override of the direction, say; linear in the length of the text."""
    if text.isascii():
        return
    for match in _SELECTORS.finditer(text):
        yield from _payload(bytes(map(_byte, match.group())), match, "variation selectors")
    for match in _BITS.finditer(text):
        kinds = list(dict.fromkeys(match.group()))
        for one in kinds if len(kinds) == 2 else ():
            yield from _payload(_bytes(match.group(), one), match, "zero-width characters")
    for match in _OVERRIDE.finditer(text):
        yield Payload(match.group(1)[::-1], match.start(), match.end(), "bidi override")


def _payload(data: bytes, match: re.Match[str], encoding: str) -> Iterator[Payload]:
    plain = data.decode("utf-8", errors="ignore")
    if sum(char.isalpha() or char == " " for char in plain) >= 0.8 * max(len(data), 6):
        yield Payload(plain, match.start(), match.end(), encoding)


def _byte(selector: str) -> int:
    code = ord(selector)
    return code - _FIRST_SELECTOR if code < _MORE_SELECTORS else min(code - _MORE_SELECTORS + 16, 255)


def _bytes(run: str, one: str) -> bytes:
    bits = "".join("1" if char == one else "0" for char in run)
    return bytes(int(bits[at : at + 8], 2) for at in range(0, len(bits) - 7, 8))
