"""Turns of phrase that say what one word says: "put in" is installed, "days off" are a holiday."""

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

_LONGEST, _BEGINNING = 2400, 3
_GAP = r"(?:[\w'-]+ ){0,4}?"
# Questions turned so that what they ask for comes first.
_TURNED = (
    (
        re.compile(r"^what (?:is|are|was|were|will|can|may|must|shall) (.+?) (?:(?:to )?be )?used for"),
        r"what is the purpose of \1",
    ),
    (re.compile(r"^what (?:do|does|did|will|can|may|must|shall) .+? use (.+?) for\b"), r"what is the purpose of \1"),
    (re.compile(r"^(?:how much|what) (?:do|does|did|will|would) (.+?) (cost|weigh|earn)\b"), r"what is the \2 of \1"),
    (re.compile(r"^(?:how much|what) (?:is|are|was|were) (.+?) worth\b"), r"what is the value of \1"),
    (re.compile(r"^how much (?:is|are|was|were) (.+?) (\w+ed|paid|given)\b"), r"what is the \2 of \1"),
    (re.compile(r"\b(the|his|her|their) pay\b(?! (?:rise|increase|cut))"), r"\1 salary"),
    (re.compile(r"\bput in(?=\?|$| by\b| on\b)"), "installed"),
    (re.compile(r"^what is the most\b(?: that)?"), "what is the maximum amount of"),
    (re.compile(r"^what is the least\b(?: that)?"), "what is the minimum amount of"),
    (re.compile(r"^how old (?:is|are|was|were|must|does|do) (.+)"), r"what is the age of \1"),
)


@dataclass(frozen=True, slots=True)
class _Phrase:
    """A turn of phrase and its plain words; `literal` stands in every text that holds it."""

    text: str
    plain: str
    literal: str

    def within(self, folded: str) -> bool:
        """Return True where a folded text holds the phrase."""
        return self.literal in folded and _compile(self.text).search(folded) is not None

    def replaced(self, folded: str) -> str:
        """Return a folded text with the first plain word in place of the phrase; words inside it stay."""
        if self.literal not in folded:
            return folded
        first = self.plain.split()[0]
        return _compile(self.text).sub(lambda match: " ".join([first, *filter(None, match.groups())]), folded)


def reword(folded: str) -> str:
    """Return a folded question with each known turn of phrase as the first of its plain words; words inside it stay."""
    for turned, straight in _TURNED:
        folded = turned.sub(straight, folded)
    for phrase in _table():
        folded = phrase.replaced(folded)
    return " ".join(folded.split())


@cache
def companions() -> dict[str, set[str]]:
    """Return, for the first of the plain words of a line, the others: in a question they may stand for it."""
    found: dict[str, set[str]] = {}
    for phrase in _table():
        first, *others = phrase.plain.split()
        found.setdefault(first, set()).update(others)
    return found


@lru_cache(maxsize=20_000)
def said(folded: str) -> str:
    """Return the plain words for the turns of phrase that a folded sentence holds, or an empty text."""
    probe = folded[:_LONGEST]
    known = _by_beginning()
    beginnings = {word[:_BEGINNING] for word in re.findall(r"[a-z'-]+", probe)}
    return " ".join(phrase.plain for begun in beginnings for phrase in known.get(begun, ()) if phrase.within(probe))


@cache
def _by_beginning() -> dict[str, list[_Phrase]]:
    """Return the phrases by the first letters of their literal, which begins a word."""
    found: dict[str, list[_Phrase]] = {}
    for phrase in _table():
        found.setdefault(phrase.literal[:_BEGINNING], []).append(phrase)
    return found


@cache
def _table() -> tuple[_Phrase, ...]:
    """Read the table, the longest phrases first: a line holds the plain words, a colon, and phrases parted by `|`."""
    joined: dict[str, str] = {}
    for line in files("agentkit.legal").joinpath("phrases.txt").read_text("utf-8").splitlines():
        plain, colon, phrases = line.partition(":")
        if not colon or line.startswith("#"):
            continue
        for phrase in filter(None, map(str.strip, phrases.split("|"))):
            joined[phrase] = f"{joined[phrase]} {plain.strip()}" if phrase in joined else plain.strip()
    ordered = sorted(joined.items(), key=lambda row: -len(row[0]))
    return tuple(_Phrase(text, plain, _literal(text)) for text, plain in ordered)


def _literal(phrase: str) -> str:
    """Return the longest run of letters that every text with the phrase holds."""
    return max(re.findall(r"[a-z'-]+", re.sub(r"\([^)]*\)", " ", phrase)), key=len)


@cache
def _compile(phrase: str) -> re.Pattern[str]:
    """Return the pattern of a phrase; `..` is a gap of few words."""
    parts = [r"\s+".join(_word(word) for word in part.split()) for part in phrase.split("..")]
    return re.compile(r"\b" + rf"\s+({_GAP})".join(parts) + r"(?!\w)")


def _word(word: str) -> str:
    """Return the pattern of a word: `*` stands for any ending, `(one/two)` for either."""
    if word.startswith("("):
        return "(?:" + "|".join(map(re.escape, word.strip("()").split("/"))) + ")"
    return re.escape(word).replace(r"\*", r"\w*")
