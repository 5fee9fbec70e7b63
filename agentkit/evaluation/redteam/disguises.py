"""Ways to write an order so that a filter may not read it and a model may; each knows how it is read back.

The readers are written for this purpose alone and share nothing with the detector, so that what the detector cannot
decode a model still can.
"""

import base64
import binascii
import codecs
import re
import unicodedata
import urllib.parse
from collections.abc import Callable, Iterable
from dataclasses import dataclass

_LEET = str.maketrans("aeiostAEIOST", "431057431057")
_UNLEET = str.maketrans("431057", "aeiost")
_TWINS = str.maketrans("aeocpxyiAEOPCTXHMBK", "аеосрхуіАЕОРСТХНМВК")
_UNTWIN = {ord(twin): plain for plain, twin in zip("aeocpxyiAEOPCTXHMBK", "аеосрхуіАЕОРСТХНМВК", strict=True)}
_GREEK = str.maketrans("aeoiuvnkAEOIYNK", "αεοιυνηκΑΕΟΙΥΝΚ")
_UNGREEK = {ord(twin): plain for plain, twin in zip("aeoiuvnkAEOIYNK", "αεοιυνηκΑΕΟΙΥΝΚ", strict=True)}
_MATH = {ord("a") + n: chr(0x1D41A + n) for n in range(26)} | {ord("A") + n: chr(0x1D400 + n) for n in range(26)}
_MORSE = ".- -... -.-. -.. . ..-. --. .... .. .--- -.- .-.. -- -. --- .--. --.- .-. ... - ..- ...- .-- -..- -.-- --.."
_SIGNALS = dict(zip("abcdefghijklmnopqrstuvwxyz", _MORSE.split(), strict=True))
_LETTERS = {signal: letter for letter, signal in _SIGNALS.items()}
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad\u034f]")


@dataclass(frozen=True, slots=True)
class Disguise:
    """A way of writing: `write` makes it, `read` finds what was written so inside a longer text."""

    name: str
    write: Callable[[str], str]
    read: Callable[[str], str]


def _runs(pattern: str, decode: Callable[[str], str]) -> Callable[[str], str]:
    compiled = re.compile(pattern)

    def read(text: str) -> str:
        return compiled.sub(lambda match: decode(match.group()), text)

    return read


def _unbase64(run: str) -> str:
    try:
        return base64.b64decode(run + "=" * (-len(run) % 4)).decode("utf-8")
    except (binascii.Error, ValueError):
        return run


def _unhex(run: str) -> str:
    try:
        return bytes.fromhex(run).decode("utf-8")
    except ValueError:
        return run


def _tags(text: str) -> str:
    return "".join(chr(0xE0000 + ord(char)) if " " <= char <= "~" else char for char in text)


def _untag(text: str) -> str:
    return "".join(chr(ord(char) - 0xE0000) if 0xE0020 <= ord(char) <= 0xE007E else char for char in text)


def _spread(text: str, between: str) -> str:
    return between.join(text)


def _morse(text: str) -> str:
    return " / ".join(" ".join(_SIGNALS.get(char, char) for char in word) for word in text.lower().split())


def _unmorse(run: str) -> str:
    words = [signals.split() for signals in run.split("/")]
    return " ".join("".join(_LETTERS.get(signal, signal) for signal in word) for word in words)


def _visible(text: str) -> str:
    return _INVISIBLE.sub("", text)


def _unspaced(text: str) -> str:
    return re.sub(r"(?<=\b\w)[ .\-](?=\w\b)", "", text)


DISGUISES: dict[str, Disguise] = {
    item.name: item
    for item in (
        Disguise("plain", str, str),
        Disguise(
            "base64", lambda t: base64.b64encode(t.encode()).decode(), _runs(r"[A-Za-z0-9+/]{16,}={0,2}", _unbase64)
        ),
        Disguise("hex", lambda t: t.encode().hex(), _runs(r"(?:[0-9a-f]{2}){8,}", _unhex)),
        Disguise("rot13", lambda t: codecs.encode(t, "rot13"), lambda t: codecs.decode(t, "rot13")),
        Disguise("reversed", lambda t: t[::-1], lambda t: t[::-1]),
        Disguise("percent", lambda t: "".join(f"%{b:02x}" for b in t.encode()), urllib.parse.unquote),
        Disguise("leet", lambda t: t.translate(_LEET), lambda t: t.translate(_UNLEET)),
        Disguise("cyrillic twins", lambda t: t.translate(_TWINS), lambda t: t.translate(_UNTWIN)),
        Disguise("greek twins", lambda t: t.translate(_GREEK), lambda t: t.translate(_UNGREEK)),
        Disguise("bold letters", lambda t: t.translate(_MATH), lambda t: unicodedata.normalize("NFKC", t)),
        Disguise(
            "combining marks",
            lambda t: "".join(c + "\u0332" if c.isalpha() else c for c in t),
            lambda t: "".join(c for c in t if not unicodedata.combining(c)),
        ),
        Disguise("zero-width", lambda t: _spread(t, "\u200b"), _visible),
        Disguise("soft hyphens", lambda t: re.sub(r"(?<=\w\w)(?=\w\w)", "\u00ad", t), _visible),
        Disguise("bidi", lambda t: f"\u202e{t[::-1]}\u202c", lambda t: _visible(t)[::-1]),
        Disguise("tag characters", lambda t: f"Noted.{_tags(t)}", _untag),
        Disguise("spelled out", lambda t: "   ".join(" ".join(word) for word in t.split()), _unspaced),
        Disguise("morse", _morse, _runs(r"[.\-]+(?: [.\-]+| / [.\-]+)+", _unmorse)),
    )
}


def readable(signs: Iterable[str], text: str) -> bool:
    """Return whether a reader of much patience finds every sign in a text, in any disguise, in any case."""
    wanted = [sign.casefold() for sign in signs]
    left = set(wanted)
    for disguise in DISGUISES.values():
        if not left:
            return True
        found = disguise.read(text).casefold()
        left -= {sign for sign in left if sign in found}
    return not left
