"""Find text that was encoded to slip past a reader: base64, hexadecimal, percent and other escapes, rot13, reversal.

Only what decodes to readable words counts, so that serial numbers, hashes and citations stay what they are.
"""

import base64
import binascii
import codecs
import html
import re
import urllib.parse
from collections.abc import Callable, Iterator
from dataclasses import dataclass

MAX_DEPTH = 3
MAX_PAYLOADS = 24
_MAX_LENGTH = 20_000
_FREQUENT = frozenset(
    "the of and to in a is that for it as with you your all my me be are on not this do any say tell ignore previous "
    "instructions prompt from now what how was were have will can shall or at by an please system print".split()
)
_WORD = re.compile(r"[a-z']+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Payload:
    """A decoded stretch (`start:end` of the original) and how it was encoded, outermost first ("base64+rot13")."""

    text: str
    start: int
    end: int
    encoding: str


def payloads(text: str, /, *, depth: int = MAX_DEPTH) -> list[Payload]:
    """Return what is encoded in `text`, decoded, and what is encoded in that, to `depth` layers.

    Linear in the length of the text; at most `MAX_PAYLOADS` are returned.
    """
    found: list[Payload] = []
    frontier = [Payload(text, 0, len(text), "")]
    for _ in range(max(depth, 0)):
        inner = [_inside(outer, item) for outer in frontier for item in _layer(outer.text)]
        frontier = [item for item in inner if item.text != text][: MAX_PAYLOADS - len(found)]
        found += frontier
        if not frontier or len(found) >= MAX_PAYLOADS:
            break
    return found


def _inside(outer: Payload, item: Payload) -> Payload:
    """Place a payload that was found in a decoded one: it keeps the outer one's span."""
    if not outer.encoding:
        return item
    return Payload(item.text, outer.start, outer.end, f"{outer.encoding}+{item.encoding}")


def _layer(text: str) -> Iterator[Payload]:
    for name, sign, pattern, decode in _RUNS:
        if sign not in text:
            continue
        for match in pattern.finditer(text):
            plain = decode(match.group()[:_MAX_LENGTH])
            if plain is not None and readable(plain):
                yield Payload(plain, match.start(), match.end(), name)
    yield from _whole(text)


def _whole(text: str) -> Iterator[Payload]:
    """The text as a whole, turned back, where that makes language of what is none."""
    words = _WORD.findall(text[:1500])
    if len(words) < 3 or _language(words) > 0.12:
        return
    for name, turned in (("rot13", codecs.decode(text, "rot13")), ("reversed", text[::-1])):
        after = _WORD.findall(turned[:1500])
        if _language(after) >= 0.25:
            yield Payload(turned, 0, len(text), name)


def _language(words: list[str]) -> float:
    return sum(word.lower() in _FREQUENT for word in words) / max(len(words), 1)


def readable(text: str, /) -> bool:
    """Whether decoded characters are words: letters and spaces, hardly anything else."""
    if len(text) < 6:
        return False
    letters = sum(char.isalpha() or char in " .,!?'\"\n:;-=" for char in text)
    vowels = sum(char in "aeiouAEIOU" for char in text)
    encoded = " " not in text and len(text) >= 16 and text.isascii() and text.isprintable()
    return (letters / len(text) >= 0.9 and vowels / len(text) >= 0.15) or (encoded and letters / len(text) >= 0.7)


def _base64(run: str) -> str | None:
    padded = run.replace("-", "+").replace("_", "/")
    padded = padded.rstrip("=")
    padded += "=" * (-len(padded) % 4)
    try:
        return base64.b64decode(padded, validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return None


def _hexadecimal(run: str) -> str | None:
    digits = re.sub(r"0x|\\x|[^0-9a-fA-F]", "", run)
    try:
        return bytes.fromhex(digits[: len(digits) // 2 * 2]).decode("utf-8")
    except ValueError:
        return None


def _binary(run: str) -> str | None:
    bits = re.sub(r"\s", "", run)
    try:
        return bytes(int(bits[i : i + 8], 2) for i in range(0, len(bits) - 7, 8)).decode("utf-8")
    except ValueError:
        return None


def _escapes(run: str) -> str | None:
    return re.sub(r"\\u\{?([0-9a-fA-F]{4})\}?", lambda m: chr(int(m[1], 16)), run)


def _percent(run: str) -> str | None:
    return urllib.parse.unquote(run, errors="replace")


_RUNS: tuple[tuple[str, str, re.Pattern[str], Callable[[str], str | None]], ...] = (
    ("base64", "", re.compile(r"(?<![A-Za-z0-9+/_\-])[A-Za-z0-9+/_\-]{16,}={0,2}"), _base64),
    ("hex", "", re.compile(r"(?<![0-9a-zA-Z])(?:(?:0x|\\x)?[0-9a-fA-F]{2}[ :,]?){8,}(?![0-9a-zA-Z])"), _hexadecimal),
    ("binary", "0", re.compile(r"(?<!\d)(?:[01]{8}\s?){6,}(?!\d)"), _binary),
    ("percent", "%", re.compile(r"(?:%[0-9a-fA-F]{2}[A-Za-z0-9.,!?'+_\-]{0,3}){4,}"), _percent),
    ("entities", "&", re.compile(r"(?:&(?:#\d{2,6}|#x[0-9a-fA-F]{2,5}|[a-z]{2,8});[A-Za-z ]{0,3}){4,}"), html.unescape),
    ("escapes", "\\u", re.compile(r"(?:\\u\{?[0-9a-fA-F]{4}\}?[A-Za-z ]{0,3}){4,}"), _escapes),
)
