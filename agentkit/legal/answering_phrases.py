"""Turns of phrase that say what one word says: "put in" is installed, "days off" are a holiday."""

import re
from functools import cache
from importlib.resources import files

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
    (re.compile(r"^how old (?:is|are|was|were|must|does|do) (.+)"), r"what is the age of \1"),
)


def reword(folded: str) -> str:
    """Return a folded question with each known turn of phrase as the first of its plain words; words inside it stay."""
    for turned, straight in _TURNED:
        folded = turned.sub(straight, folded)
    for pattern, plain in _table():
        folded = pattern.sub(
            lambda match, plain=plain: f"{plain.split()[0]} {' '.join(filter(None, match.groups()))}", folded
        )
    return " ".join(folded.split())


@cache
def companions() -> dict[str, set[str]]:
    """Return, for the first of the plain words of a line, the others: in a question they may stand for it."""
    found: dict[str, set[str]] = {}
    for _, plain in _table():
        first, *others = plain.split()
        found.setdefault(first, set()).update(others)
    return found


@cache
def _memory() -> dict[str, str]:
    return {}


def said(folded: str) -> str:
    """Return the plain words for the turns of phrase that a folded sentence holds, or an empty text."""
    known = _memory()
    if folded not in known:
        if len(known) > 20_000:
            known.clear()
        probe = folded[:2400]
        known[folded] = " ".join(plain for pattern, plain in _table() if pattern.search(probe))
    return known[folded]


@cache
def _table() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Read the table: a line holds the plain words, a colon, and phrases parted by `|`; `..` is a gap of few words."""
    rows: list[tuple[str, str]] = []
    for line in files("agentkit.legal").joinpath("phrases.txt").read_text("utf-8").splitlines():
        plain, colon, phrases = line.partition(":")
        if colon and not line.startswith("#"):
            rows += [(phrase.strip(), plain.strip()) for phrase in phrases.split("|") if phrase.strip()]
    joined: dict[str, str] = {}
    for phrase, plain in rows:
        joined[phrase] = f"{joined[phrase]} {plain}" if phrase in joined else plain
    rows = list(joined.items())
    rows.sort(key=lambda row: -len(row[0]))
    return tuple((_compile(phrase), plain) for phrase, plain in rows)


def _compile(phrase: str) -> re.Pattern[str]:
    parts = [r"\s+".join(_word(word) for word in part.split()) for part in phrase.split("..")]
    return re.compile(r"\b" + rf"\s+({_GAP})".join(parts) + r"(?!\w)")


def _word(word: str) -> str:
    """Return the pattern of a word: `*` stands for any ending, `(one/two)` for either."""
    if word.startswith("("):
        return "(?:" + "|".join(map(re.escape, word.strip("()").split("/"))) + ")"
    return re.escape(word).replace(r"\*", r"\w*")
