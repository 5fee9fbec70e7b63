"""Find text that was encoded to slip past a reader: base64, hexadecimal, percent and other escapes, rot13, reversal.

Only what decodes to readable words counts, so that serial numbers, hashes and citations stay what they are.
"""

import base64
import binascii
import codecs
import html
import re
import urllib.parse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from agentkit.text.injection_known import Column, sums
from agentkit.text.injection_reading import Reading, lowered
from agentkit.text.normalize_smuggled import Payload, smuggled
from agentkit.text.normalize_tables import TURNED, TURNED_ONLY

MAX_DEPTH = 3
MAX_PAYLOADS = 24
_MAX_LENGTH = 20_000
_FREQUENT = frozenset(
    "the of and to in a is that for it as with you your all my me be are on not this do any say tell ignore previous "
    "instructions prompt from now what how was were have will can shall or at by an please system print".split()
)
_WORD = re.compile(r"[a-z']+", re.IGNORECASE)
_LANGUAGE = 0.12
_STRETCH = re.compile(r"[^.!?\n]{16,600}")
_SAMPLE = 1500
_FEW_WORDS = 3
_TURNED_TABLE = str.maketrans(TURNED)
_HEX_INSIDE = re.compile(r"[0-9a-fA-F]{24,}|[01 ]{48,}")


def payloads(text: str, /, *, depth: int = MAX_DEPTH, read: Reading | None = None) -> list[Payload]:
    """Return what is encoded in `text`, decoded, and what is encoded in that, to `depth` layers.

    `read` is the text in small letters (`lowered`), if that was read before.
    Linear in the length of the text; at most `MAX_PAYLOADS` are returned.
    """
    found: list[Payload] = []
    frontier = [Payload(text, 0, len(text), "")]
    for _ in range(max(depth, 0)):
        inner = [_inside(outer, item) for outer in frontier for item in _layer(outer.text, None if found else read)]
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


def _layer(text: str, read: Reading | None) -> Iterator[Payload]:
    raw = text.encode("ascii", "replace")
    for run in _RUNS:
        for match in run.matches(text, raw):
            plain = run.decode(match.group()[:_MAX_LENGTH])
            if plain is not None and readable(plain):
                yield Payload(plain, match.start(), match.end(), run.name)
    yield from smuggled(text)
    yield from _turned_back(text, read or lowered(text))


def _turned_back(text: str, read: Reading) -> Iterator[Payload]:
    """The text as a whole or a sentence of it, turned back, where that makes language of what is none."""
    whole, *stretches = (0, min(_SAMPLE, len(text))), *(match.span() for match in _STRETCH.finditer(text))
    plain, *are_plain = _are_plain(read, [whole, *stretches])
    if plain or _is_language(text[:_SAMPLE]):
        apart = [span for span, is_plain in zip(stretches, are_plain, strict=True) if not is_plain]
        spans = [(start, end) for start, end in apart if not _is_language(text[start : min(end, start + _SAMPLE)])]
    else:
        spans = [(0, len(text))]
    for start, end in spans:
        yield from _turns(text[start:end], start)


def _turns(text: str, start: int) -> Iterator[Payload]:
    for name, turned in (("rot13", codecs.decode(text, "rot13")), ("reversed", text[::-1]), ("turned", _upright(text))):
        after = _WORD.findall(turned[:_SAMPLE])
        if _language(after) >= 0.25 and _language(after) * len(after) >= _FEW_WORDS - 1:
            yield Payload(turned, start, start + len(text), name)


def _upright(text: str) -> str:
    """Return what letters on their heads say when the page is turned, or nothing where there are none."""
    if text.isascii() or sum(char in TURNED_ONLY for char in text) < _FEW_WORDS:
        return ""
    return text[::-1].translate(_TURNED_TABLE)


def _is_language(text: str) -> bool:
    """Whether a text has too few words to tell, or frequent ones among them."""
    words = _WORD.findall(text)
    return len(words) < _FEW_WORDS or _language(words) > _LANGUAGE


def _are_plain(read: Reading, spans: Sequence[tuple[int, int]]) -> list[bool]:
    """Return whether `_is_language` holds of stretches of a text; where this is false, it may all the same.

    The words at the ends may be cut, and an apostrophe may be a word or part of one.
    """
    import numpy as np  # noqa: PLC0415  (at the first search)

    places = np.searchsorted(read.starts, spans)
    frequent, words = (sums(read.of(column))[places] for column in (_FREQUENT_ONES, _PARTS))
    marks = [read.text.count("'", *span) for span in spans] if "'" in read.text else 0
    few = frequent[:, 1] - frequent[:, 0] - 1 - 2 * np.asarray(marks)
    return (few > _LANGUAGE * (words[:, 1] - words[:, 0] + 1 + np.asarray(marks))).tolist()


def _language(words: list[str]) -> float:
    return sum(map(_FREQUENT.__contains__, map(str.lower, words))) / max(len(words), 1)


def readable(text: str, /) -> bool:
    """Whether decoded characters are words: letters and spaces, hardly anything else."""
    if len(text) < 6:
        return False
    letters = sum(char.isalpha() or char in " .,!?'\"\n:;-=" for char in text)
    vowels = sum(char in "aeiouAEIOU" for char in text)
    if _HEX_INSIDE.fullmatch(text):
        return True
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


def _base64_lines(run: str) -> str | None:
    return _base64(re.sub(r"\s", "", run))


def _base32(run: str) -> str | None:
    try:
        return base64.b32decode(run.rstrip("=") + "=" * (-len(run.rstrip("=")) % 8)).decode("utf-8")
    except (binascii.Error, ValueError):
        return None


def _decimal(run: str) -> str | None:
    codes = [int(code) for code in re.findall(r"\d+", run)]
    return "".join(map(chr, codes)) if all(32 <= code < 127 for code in codes) else None


def _quoted(run: str) -> str | None:
    digits = re.sub(r"[^0-9a-fA-F]", "", run)
    return bytes.fromhex(digits[: len(digits) // 2 * 2]).decode("utf-8", errors="replace")  # a long run is cut


_SPACES = b" \t\n\r\x0b\x0c\x1c\x1d\x1e\x1f?"
_DIGITS = b"0123456789"


@dataclass(frozen=True, slots=True)
class _Run:
    """How an encoding looks, and how it is decoded.

    A run of it has at least `fewest` characters of `alphabet` in a row, if those of `between` are left out, and the
    `sign`; without an alphabet it has the sign at least so often. Where none is left out, it begins where such a row
    does. Both are looked for in the text in ASCII, where any other character is a question mark: so a page without a
    run is told in a few microseconds.
    """

    name: str
    pattern: re.Pattern[str]
    decode: Callable[[str], str | None]
    fewest: int
    alphabet: bytes = b""
    between: bytes = b""
    sign: bytes = b""
    marks: bytes = field(init=False, default=b"")

    def __post_init__(self) -> None:
        marks = bytes(ord("x") if code in self.alphabet else ord(".") for code in range(256))
        object.__setattr__(self, "marks", marks)

    def matches(self, text: str, raw: bytes) -> Iterator[re.Match[str]]:
        """Yield what the pattern finds in a text, which in ASCII is `raw`."""
        if not self.alphabet:
            yield from self.pattern.finditer(text) if raw.count(self.sign) >= self.fewest else ()
        elif self.sign in raw:
            marks, row = raw.translate(self.marks, self.between), b"x" * self.fewest
            if not self.between:
                yield from self._at_rows(text, marks, row)
            elif row in marks:
                yield from self.pattern.finditer(text)

    def _at_rows(self, text: str, marks: bytes, row: bytes) -> Iterator[re.Match[str]]:
        """Look only where rows of the alphabet begin: few words of a page are so long."""
        at = marks.find(row)
        while at >= 0:
            match = self.pattern.match(text, at)
            end = match.end() if match else marks.find(b".", at)
            if match:
                yield match
            at = marks.find(row, end) if end >= 0 else -1


_FREQUENT_ONES = Column(_FREQUENT.__contains__, "i8")
_PARTS = Column(lambda word: len(_WORD.findall(word)), "i8")
_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_BOTH_CASES = _LETTERS + _LETTERS.lower()
_RUNS = (
    _Run(
        "base64",
        re.compile(r"(?<![A-Za-z0-9+/_\-])[A-Za-z0-9+/_\-]{16,}={0,2}"),
        _base64,
        16,
        _BOTH_CASES + _DIGITS + b"+/_-",
    ),
    _Run(
        "base64",
        re.compile(
            r"(?<![A-Za-z0-9+/_\-])(?:[A-Za-z0-9+/]{12,100}\s{1,4}){1,200}[A-Za-z0-9+/]{4,100}={0,2}(?![A-Za-z0-9])"
        ),
        _base64_lines,
        12,
        _BOTH_CASES + _DIGITS + b"+/",
        sign=b"\n",
    ),
    _Run("base32", re.compile(r"(?<![A-Za-z0-9])[A-Z2-7]{24,}={0,6}(?![A-Za-z0-9])"), _base32, 24, _LETTERS + _DIGITS),
    _Run(
        "decimal",
        re.compile(r"(?<![\d.])\d{2,3}[ ,;]{1,2}(?:\d{2,3}[ ,;]{1,2}){9,}\d{2,3}(?![\d.])"),
        _decimal,
        22,
        _DIGITS + b"?",
        b" ,;",
        b"1",
    ),
    _Run("quoted-printable", re.compile(r"(?:=[0-9A-Fa-f]{2}){8,}"), _quoted, 8, sign=b"="),
    _Run(
        "hex",
        re.compile(r"(?<![0-9a-zA-Z])(?:(?:0x|\\x)?[0-9a-fA-F]{2}[ :,]?){8,}(?![0-9a-zA-Z])"),
        _hexadecimal,
        16,
        _DIGITS + b"abcdefABCDEF",
        b" :,x\\",
    ),
    _Run("binary", re.compile(r"(?<!\d)(?:[01]{8}\s?){6,}(?!\d)"), _binary, 48, b"01", _SPACES),
    _Run("percent", re.compile(r"(?:%[0-9a-fA-F]{2}[A-Za-z0-9.,!?'+_\-]{0,3}){4,}"), _percent, 4, sign=b"%"),
    _Run(
        "entities",
        re.compile(r"(?:&(?:#\d{2,6}|#x[0-9a-fA-F]{2,5}|[a-z]{2,8});[A-Za-z ]{0,3}){4,}"),
        html.unescape,
        4,
        sign=b"&",
    ),
    _Run("escapes", re.compile(r"(?:\\u\{?[0-9a-fA-F]{4}\}?[A-Za-z ]{0,3}){4,}"), _escapes, 4, sign=b"\\u"),
)
