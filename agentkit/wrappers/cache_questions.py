"""The form of a question: what must be equal before two questions may share an answer.

The form keeps every word that carries meaning, in an order that no longer depends on wording: who acts, the act,
what it is done to, the rest. Active and passive, "the tenant's duties" and "the duties of the tenant", "must" and
"is required to" come to the same form; another number, name, negation, modal verb, comparison, role or kind of answer
does not. A wording it does not know gives a form of its own: the question is then asked, not guessed.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from agentkit.text.support_dates import MONTHS
from agentkit.text.support_tokens import Token, clean, lemma, tokenize
from agentkit.wrappers.cache_clauses import arranged, is_participle
from agentkit.wrappers.cache_words import (
    ARTICLES,
    BE,
    COMMANDS,
    DOCUMENT,
    EMBEDDED,
    IDLE,
    LETTERED,
    LONGEST,
    PAST,
    PASTS,
    PHRASES,
    SAYING,
    SPANS,
    SUBORDINATORS,
    SUMS,
)  # fmt: skip

_LONGEST_QUESTION = 600
_NEGATIVE = re.compile(r"(?<![\w)-])[-\u2212](?=\s?[$\u20ac\u00a3]?\d)")
_PLACEHOLDER = re.compile(r"<[A-Z][A-Z_]*_\d+>")
# Signs that the words alone do not show ("fees > 5"): such a question is compared with none.
_STRANGE = re.compile(r"[^\w\s.,;:!?'\"()/&%$€£¥§\-\u2018\u2019\u201c\u201d\u2013\u2014\u2011\u00a0]")
_CONDITION_FIRST = re.compile(
    r"^(?P<condition>(?:if|where|unless|once|when|because|provided|whenever)\b[^,?]+), "
    r"(?P<main>(?:what|which|who|whom|when|where|why|how|does|do|did|is|are|was|were|can|may|must|shall|should|will|has|have|could|would)\b.+)$",
    re.IGNORECASE,
)
_OPENING = re.compile(
    r"^\s*(?:(?:please|kindly|hi|hello|so|and|also|now)\b[\s,:!.]*"
    r"|(?:can|could|would|will) you (?:please |kindly )?(?:(?:" + EMBEDDED + r")\b[\s,:]*)"
    r"|(?:i|we) (?:would|'d) like to (?:know|find out|understand)\b[\s,:]*|(?:i|we) (?:want|need|wish) to know\b[\s,:]*"
    r"|(?:tell me|let me know|do you know)\b[\s,:]*"
    r"|(?:according to|under|pursuant to|in) (?:the|this|our) (?:agreement|contract|document)\s*,\s*)",
    re.IGNORECASE,
)
_ASIDE = re.compile(
    r"\s*,?\s*\b(?:according to|under|pursuant to|in) (?:the|this|our) (?:agreement|contract|document)"
    r"(?=\s*[?.!,]|\s*$)",
    re.IGNORECASE,
)
_CLOSING = re.compile(r"[\s,]*\b(?:please|thanks|thank you)\b[\s.!]*(?=\?*$)|[\s?.!]+$", re.IGNORECASE)
_NAMES = "|".join(sorted(MONTHS, key=len, reverse=True))
# Names that would be taken for other words without their capital.
_LOST_AS_NAMES = frozenset("may will us it who can march mark bill art so then".split())
_DATES = (
    re.compile(rf"\b(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?: day)?(?: of)? (?P<m>{_NAMES})\.?,? (?P<y>\d{{4}})\b", re.I),
    re.compile(rf"\b(?P<m>{_NAMES})\.? (?P<d>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<y>\d{{4}})\b", re.I),
    re.compile(r"\b(?P<y>\d{4})-(?P<m>\d\d)-(?P<d>\d\d)\b"),
)
_MONEY = re.compile(
    r"(?<!\w)(?P<sign>[$€£¥])\s?(?P<sum>\d[\d,]*(?:\.\d+)?)(?:\s?(?P<scale>million|billion|thousand|m|k|bn)\b)?"
)
_SIGNS = {"$": "dollar", "€": "euro", "£": "pound", "¥": "yen"}
_NUMERALS = {
    word: str(value)
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen twenty".split()
    )
} | {"thirty": "30", "forty": "40", "fifty": "50", "sixty": "60", "seventy": "70", "eighty": "80", "ninety": "90",
     "%": "percent", "$": "dollar", "€": "euro", "£": "pound"}  # fmt: skip
_THIS = r"(?:the|this) (?:agreement|contract|document)"
# Turns of phrase that are no matter of single words.
_SPECIAL = tuple(
    (re.compile(pattern, re.IGNORECASE), plain)
    for pattern, plain in (
        (rf"^(?:which|what) law (?:governs|applies to)(?: {_THIS})?$", "what is the governing law"),
        (r"^who (?:is|are) the owners? of\b", "who owns"),
        (rf"^does {_THIS} (?:contain|include|have|provide for)\b", "is there"),
        (rf"^((?:is|are) there .*) in {_THIS}$", r"\1"),
        (r"^((?:is|are) there) any\b", r"\1"),
        (r"\bhave any\b", "have"),
        (r"\brate of interest\b", "interest rate"),
        (r"\blimitation of liability\b", "liability limitation"),
    )
)


@dataclass(frozen=True, slots=True)
class Form:
    """A question's form.

    Args:
        kind: what is asked for ("?when", "?who", "?whether" …).
        clauses: the main clause, then the others in order of the alphabet; each begins with its tense.
    """

    kind: str = ""
    clauses: tuple[tuple[str, ...], ...] = ()


@lru_cache(maxsize=1024)
def form_of(question: str) -> Form:
    """Return the form of a redacted question; without clauses where it has none that could be compared."""
    if not question.strip() or len(question) > _LONGEST_QUESTION or _STRANGE.search(_PLACEHOLDER.sub("", question)):
        return Form()
    parts = _clauses(_marked(_plain(question)))
    kind = next((word for word in parts[0] if word.startswith("?")), "")
    kind, main = _kind(kind, parts[0], arranged(parts[0]))
    others = sorted((_tense(part), *arranged(part)) for part in parts[1:])
    return Form(kind, ((_tense(parts[0]), *main), *others)) if main else Form()


def _plain(question: str) -> str:
    """Take away politeness, asides and closing marks; write dates, amounts and special turns in one way."""
    text = " ".join(clean(question).split())
    if text.isupper() and "<" not in text:
        text = text.lower()
    before = ""
    while before != text:
        before, text = text, _OPENING.sub("", text, count=1)
    text = _CLOSING.sub("", _CLOSING.sub("", _ASIDE.sub("", text)))
    text = re.sub(r"\b(who|what|where|when|how|which|there)'s\b", r"\1 is", text, flags=re.IGNORECASE)
    text = _CONDITION_FIRST.sub(lambda m: f"{m['main']} {m['condition'][0].lower()}{m['condition'][1:]}", text)
    for pattern in _DATES:
        text = pattern.sub(_iso, text)
    text = _NEGATIVE.sub(" minus ", text)
    text = _MONEY.sub(lambda m: " ".join(filter(None, (m["sum"], m["scale"], _SIGNS[m["sign"]]))), text)
    for pattern, plain in _SPECIAL:
        text = pattern.sub(plain, text)
    return text


def _iso(match: re.Match[str]) -> str:
    month = MONTHS.get(match["m"].lower()) or int(match["m"])
    return f"{match['y']}{month:02}{int(match['d']):02}"


def _marked(text: str) -> list[str]:
    """Return the words as lemmas and marks; a capital inside the sentence makes a word a name ("May", "Will")."""
    tokens = tokenize(text)
    words: list[str] = []
    index = 0
    while index < len(tokens):
        size, mark = _phrase(tokens, index, first=not words)
        if size:
            words.append(mark)
            index += size
            continue
        token = tokens[index]
        words.append(_word(text, token, tokens[index + 1] if index + 1 < len(tokens) else None, first=index == 0))
        if token.text.lower().endswith(("'s", "s'")):
            words.append("'s")
        index += 1
    return [word for word in words if word not in IDLE]


def _phrase(tokens: Sequence[Token], index: int, *, first: bool) -> tuple[int, str]:
    """Return how many words from here make a mark, and which; nothing where a capital or an article makes a noun."""
    if index and tokens[index - 1].norm in ARTICLES:
        return 0, ""
    for size in range(min(LONGEST, len(tokens) - index), 0, -1):
        chosen = tokens[index : index + size]
        if index and any(token.text[:1].isupper() for token in chosen):
            continue
        mark = PHRASES.get(tuple(token.norm for token in chosen))
        if mark is not None and (first or not mark.startswith("?") or size > 1):
            told = chosen[0].norm not in COMMANDS or _is_told(tokens[index + size : index + size + 1])
            return (size, mark) if told else (0, "")
    return 0, ""


def _is_told(following: Sequence[Token]) -> bool:
    """Whether "name", "state" or "list" is a command: an object follows that needs an article."""
    return bool(following) and following[0].norm in {"the", "all", "each", "every", "any", "me"}


def _word(text: str, token: Token, following: Token | None, *, first: bool) -> str:
    """Return a word in lower case, a number in digits, a name with its capital, a letter that is a name with "^"."""
    raw = token.text
    if raw.startswith("<") or token.norm[0].isdigit():
        return raw if raw.startswith("<") else token.norm
    if len(raw) == 1 and raw.isalpha() and _is_letter(text, token, following, first=first):
        return "^" + raw  # "clause 5a" and "clause 5A" may be two
    if not raw[0].isupper() or first:
        return _NUMERALS.get(token.norm, token.norm)
    if token.norm in _LOST_AS_NAMES or raw.isupper():
        return "^" + token.norm
    return token.norm.capitalize()


def _is_letter(text: str, token: Token, following: Token | None, *, first: bool) -> bool:
    """Whether a single letter is a name ("Party A", "clause 7(a)", "section 12a") and no article or pronoun."""
    raw, before = token.text, text[: token.start].rstrip()
    if token.start and (not text[token.start - 1].isspace() and text[token.start - 1] not in "'\""):
        return True
    if raw.isupper() and not first:
        return raw != "I" or _lettered(before)
    bare = following is None or not following.text[0].isalpha() or (first and following.text[0].isupper())
    return raw in {"a", "A"} and (bare or _lettered(before))


def _lettered(before: str) -> bool:
    words = before.lower().split()
    return bool(words) and (words[-1].rstrip("s") in LETTERED or words[-1][-1].isdigit())


def _clauses(words: Sequence[str]) -> list[list[str]]:
    """Cut at conjunctions that begin a condition, reason or time; the main clause comes first."""
    parts: list[list[str]] = [[]]
    for word in words:
        if word in SUBORDINATORS and parts[-1]:
            parts.append([])
        parts[-1].append(word)
    if parts[0] and parts[0][0] in SUBORDINATORS:
        parts.append(parts.pop(0))
    return parts


def _tense(words: Sequence[str]) -> str:
    """Return "past", "perfect", "future" or "present", by the first finite verb."""
    for index, word in enumerate(words):
        if word in PAST:
            return "past"
        if word == "!will":
            return "future"
        if word == "!not":
            continue
        if word in ("has", "have") and any(_past(other) for other in words[index + 1 :]):
            return "perfect"
        if word in BE or word in ("do", "does", "has", "have", "there") or word.startswith("!"):
            return "present"
    return "past" if any(_past(word) for word in words) else "present"


def _past(word: str) -> bool:
    return word in PASTS or is_participle(word)


def _kind(kind: str, words: Sequence[str], main: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """Say what is asked for; nouns that say the same as the question word go ("the end date of")."""
    last = main[-1] if main else ""
    if kind in ("?what", "?when") and last in ("dat", "date"):
        return "?when", main[:-1]
    if kind in ("?what", "?when") and last in ("deadlin", "deadline"):
        return "?when", main
    if kind in ("?what", "?long") and last in (lemma("duration"), "length"):
        return "?long", main[:-1] or ("@",)
    if kind == "?long" and last in ("last", "run"):
        return kind, main[:-1] or ("@",)
    return _valued(kind, words, main, last)


def _valued(kind: str, words: Sequence[str], main: tuple[str, ...], last: str) -> tuple[str, tuple[str, ...]]:
    if kind in ("?what", "?much") and last in ("=sum",):
        return "?much", main[:-1]
    if kind == "?what" and last in SPANS:
        return "?long", main
    asked = {lemma(word) for word in _asked(words)}
    if kind == "?what" and (last in SUMS or asked & SUMS):
        return "?much", main
    if kind == "?what" and "=clause" in main and SAYING.intersection(lemma(word) for word in words):
        return kind, tuple(word for word in main if word not in (*SAYING, "=supply", "?what"))
    return {"": "?whether", "?by": "?who"}.get(kind, kind), main


def _asked(words: Sequence[str]) -> list[str]:
    """Return the words right after the question word, up to the verb."""
    found: list[str] = []
    for word in words[1:]:
        if word in BE or word in ("do", "does", "did") or word.startswith("!") or word in DOCUMENT:
            break
        found.append(word)
    return found
