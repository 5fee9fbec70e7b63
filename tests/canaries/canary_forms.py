"""Canaries: data that exist nowhere else, and a search that finds them in whatever form they come back."""

import base64
import gzip
import random
import re
import urllib.parse
import zlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product

WORD = "quxzov"
"""Every canary of letters holds it; no text of anybody else's does."""
DIGITS = "739146"
"""Every canary of digits holds it; a number that holds it is looked up."""
GIVEN = ("Jonathan", "Mary", "Peter", "Susan", "Robert", "Elena", "David", "Hannah", "Thomas", "Laura")
_SYLLABLES = [a + b for a, b in product("bdfgklmnprst", "aeiou")]
_SEPARATED = re.compile(rb"7[\s().-]{0,2}3[\s().-]{0,2}9[\s().-]{0,2}1[\s().-]{0,2}4[\s().-]{0,2}6")
_CORE = re.compile(WORD.encode() + rb"[a-z]{0,6}")
_NOT_DIGITS, _NOT_LETTERS = re.compile(rb"\D"), re.compile(rb"[^a-z]")
_CONTENT = re.compile(rb'"(?:content|text|delta|arguments)": ?"((?:[^"\\]|\\.)*)"')
_AROUND = 60


@dataclass(frozen=True, slots=True)
class Canary:
    """One planted datum: how it is written, and what nothing else has: letters in lower case, or digits."""

    kind: str
    text: str
    core: str


class Mint:
    """Makes canaries, each once, the same ones for the same seed."""

    def __init__(self, seed: int = 7) -> None:
        self.made: list[Canary] = []
        self._random = random.Random(seed)
        names = ["".join(parts) for parts in product(_SYLLABLES, repeat=3)]
        self._random.shuffle(names)
        self._endings = iter(names)
        self._counts = iter(range(1, 1_000_000))

    def name(self) -> str:
        """Return "Mary Quxzovbadeko"."""
        number = next(self._counts)
        ending = next(self._endings)
        return self._keep("name", f"{GIVEN[number % len(GIVEN)]} {WORD.capitalize()}{ending}", WORD + ending)

    def mail(self) -> str:
        ending, host = next(self._endings), self._random.choice(["example.com", "mail.example.org"])
        return self._keep("mail", f"{self._random.choice(GIVEN).lower()}.{WORD}{ending}@{host}", WORD + ending)

    def phone(self) -> str:
        tail = f"{next(self._counts):04d}"
        return self._keep("phone", f"+44 {DIGITS[:4]} {DIGITS[4:]}{tail[-4:]}", f"{DIGITS}{tail[-4:]}")

    def iban(self) -> str:
        account = f"{DIGITS}{self._random.randrange(10**12):012d}"
        check = 98 - int(account + "131400") % 97
        plain = f"DE{check:02d}{account}"
        return self._keep("iban", " ".join(plain[i : i + 4] for i in range(0, 22, 4)), account)

    def card(self) -> str:
        body = f"4{DIGITS}{next(self._counts):08d}"
        total = sum(sum(divmod(int(d) * (2 if n % 2 == 0 else 1), 10)) for n, d in enumerate(body))
        whole = f"{body}{-total % 10}"
        return self._keep("card", " ".join(whole[i : i + 4] for i in range(0, 16, 4)), whole)

    def account(self) -> str:
        return self._keep("account", number := f"{DIGITS}{next(self._counts):06d}", number)

    def ssn(self) -> str:
        tail = f"{6000 + next(self._counts) % 1000:04d}"
        return self._keep("ssn", f"{DIGITS[:3]}-{DIGITS[3:5]}-{tail}", f"{DIGITS[:5]}{tail}")

    def key(self) -> str:
        secret = "".join(self._random.choices("abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789", k=28))
        ending = next(self._endings)
        return self._keep("key", f"sk-proj-{WORD}{ending}{secret}", WORD + ending)

    def _keep(self, kind: str, text: str, core: str) -> str:
        self.made.append(Canary(kind, text, core))
        return text


@dataclass(frozen=True, slots=True)
class Find:
    """A canary where none may be: the form it has there, and the bytes around it."""

    form: str
    around: bytes


class Search:
    """Looks for canaries in bytes: as they are, and in the forms that programs give to text.

    Args:
        canaries: those that must not be found.
        missed: those that are known to be readable; in their plain form they count as nothing.
    """

    def __init__(self, canaries: Iterable[Canary], *, missed: Collection[Canary] = ()) -> None:
        self._missed = {canary.core.encode() for canary in missed}
        self._numbers = {canary.core for canary in canaries if canary.core.isdigit()} - {c.core for c in missed}
        words = [WORD, WORD.capitalize(), WORD.upper(), WORD[::-1]]
        digits = [DIGITS, f"{DIGITS[:4]} {DIGITS[4:]}"]
        self._plain = [("backwards", WORD[::-1].encode())]
        self._plain += [("UTF-16", form) for form in _wide(WORD)]
        self._plain += [("hex", word.encode().hex().encode()) for word in words]
        self._encoded = [("base64", form) for word in [*words, *digits] for form in _base64(word)]
        self._digits = [("UTF-16", form) for text in digits for form in _wide(text)]
        self._digits += [("hex", text.encode().hex().encode()) for text in digits]

    def __call__(self, data: bytes) -> list[Find]:
        """Return what is found, at most one of each form."""
        found: dict[str, Find] = {}
        for way, view in _views(data):
            for form, place in self._in(view):
                around = view[max(0, place - _AROUND) : place + _AROUND]
                found.setdefault(form + way, Find(form + way, around))
        return list(found.values())

    def _in(self, data: bytes) -> Iterator[tuple[str, int]]:
        low = data.lower()
        yield from self._words(low)
        yield from self._digits_in(data, low)
        for form, needle in self._encoded:
            if (place := data.find(needle)) >= 0:
                yield form, place

    def _words(self, low: bytes) -> Iterator[tuple[str, int]]:
        for match in _CORE.finditer(low):
            if not any(core.startswith(match[0]) for core in self._missed):  # a page may end in mid-word
                yield "as it is", match.start()
        for form, needle in self._plain:
            if (place := low.find(needle)) >= 0:
                yield form, place
        if WORD.encode() not in low and (place := _NOT_LETTERS.sub(b"", low).find(WORD.encode())) >= 0:
            yield "in pieces", place

    def _digits_in(self, data: bytes, low: bytes) -> Iterator[tuple[str, int]]:
        for match in _SEPARATED.finditer(data):
            if self._known(data[max(0, match.start() - _AROUND) : match.end() + _AROUND]):
                yield "digits", match.start()
        for form, needle in self._digits:
            if (place := low.find(needle)) >= 0 and self._decoded(form, low, place):
                yield f"digits in {form}", place

    def _known(self, window: bytes) -> bool:
        text = _NOT_DIGITS.sub(b"", window).decode()
        return any(number in text for number in self._numbers)

    def _decoded(self, form: str, data: bytes, place: int) -> bool:
        window = data[max(0, place - 2 * _AROUND) : place + 4 * _AROUND]
        if form == "UTF-16":
            return self._known(window.replace(b"\0", b""))
        return any(self._known(_unhex(window[start:])) for start in (0, 1))


def _wide(text: str) -> list[bytes]:
    return [text.encode("utf-16-le"), text.encode("utf-16-be")]


def _base64(text: str) -> list[bytes]:
    """Return the characters that a text has in base64, wherever in a longer text it stands."""
    forms: list[bytes] = []
    for shift in range(3):
        data = b"\0" * shift + text.encode()
        first, last = -(-shift * 8 // 6), len(data) * 8 // 6
        forms.append(base64.b64encode(data)[first:last])
    return forms


def _unhex(text: bytes) -> bytes:
    pairs = re.findall(rb"[0-9a-f]{2}", text)
    return bytes(int(pair, 16) for pair in pairs)


def _views(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield bytes as they are, and as what is likely to be read out of them."""
    yield "", data
    if b"%" in data:
        yield ", URL", urllib.parse.unquote_to_bytes(data)
    if b"\\u" in data:
        yield ", JSON", re.sub(rb"\\u00([0-7][0-9a-fA-F])", lambda m: bytes([int(m[1], 16)]), data)
    if b"-" in data or b"_" in data:
        yield ", URL-safe", data.replace(b"-", b"+").replace(b"_", b"/")
    if parts := _CONTENT.findall(data):
        yield ", over chunks", b"".join(parts)
    for magic, unpack in ((b"\x1f\x8b\x08", gzip.decompress), (b"\x78", zlib.decompress)):
        if data.startswith(magic):
            try:
                yield ", unpacked", unpack(data)
            except (OSError, zlib.error, EOFError):
                continue


def readable(canaries: Sequence[Canary], text: str, spans: Sequence[tuple[int, int]]) -> set[Canary]:
    """Return the canaries that stand in a text outside of the spans that are replaced."""
    covered = bytearray(len(text))
    for start, end in spans:
        covered[start:end] = b"\1" * (end - start)
    low, left = text.lower(), set[Canary]()
    for canary in canaries:
        place = low.find(canary.text.lower())
        while place >= 0:
            if covered.find(0, place, place + len(canary.text)) >= 0:
                left.add(canary)
            place = low.find(canary.text.lower(), place + 1)
    return left
