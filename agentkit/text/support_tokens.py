"""Words as the review compares them: tokens with offsets, their inflection-free form and their root."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

PLACEHOLDER = re.compile(r"<[A-Z][A-Z_]*_\d+>")
_TOKEN = re.compile(
    r"<[A-Z][A-Z_]*_\d+>"
    r"|\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)*"
    r"|[^\W\d_]+(?:['\u2019][^\W\d_]+)*(?:\.(?:[^\W\d_]\.)+)?|[%$\u20ac\u00a3\u00a5\u00a7]"
)
_HYPHENATED = re.compile(r"(?<=[a-z])-[ \t]*\n[ \t]*(?=[a-z])")
_CONTRACTIONS = {"ca": "can", "wo": "will", "sha": "shall"}

STOPWORDS = frozenset(
    """a an the of to in and or for on by with at from as is are was were be been being am this that these those it its
    i you he she we they him her his their them our us me my your who whom whose which what there here so such than then
    do does did done doing has have had having will would shall should may might must can could not no nor also any all
    each if but while when where into onto upon about over under between during through because since until after before
    up down out off again further both more most other some own same too very just herein hereof hereby hereto hereunder
    thereof therein thereto thereunder hereinafter aforesaid said how why whether via per against within without among
    however moreover furthermore accordingly therefore thus hence nobody none nothing neither anyone everyone
    someone anything something mr mrs ms dr according etc""".split()
)
_IRREGULAR = {
    form: base
    for base, forms in (
        line.split(":")
        for line in """be:is are was were been being am's
have:has had having|do:does did done doing|say:said says|go:went gone goes|make:made|take:took taken|give:gave given
get:got gotten|come:came|see:saw seen|know:knew known|find:found|think:thought|tell:told|become:became|leave:left
feel:felt|bring:brought|begin:began begun|keep:kept|hold:held|write:wrote written|stand:stood|hear:heard|mean:meant
meet:met|run:ran|pay:paid|sit:sat|speak:spoke spoken|lie:lay lain|lead:led|grow:grew grown|lose:lost|fall:fell fallen
send:sent|build:built|understand:understood|draw:drew drawn|break:broke broken|spend:spent|rise:rose risen
drive:drove driven|buy:bought|wear:wore worn|choose:chose chosen|seek:sought|throw:threw thrown|catch:caught
deal:dealt|win:won|forget:forgot forgotten|sell:sold|fight:fought|teach:taught|eat:ate eaten|sing:sang sung
strike:struck|shoot:shot|bear:bore borne|steal:stole stolen|flee:fled|bind:bound|arise:arose arisen|swear:swore sworn
withdraw:withdrew withdrawn|undertake:undertook undertaken|withhold:withheld|forgo:forwent forgone|lend:lent
die:died dying|beat:beaten|blow:blew blown|fly:flew flown|hide:hid hidden
ride:rode ridden|wake:woke woken|forbid:forbade forbidden
overrun:overran|oversee:oversaw overseen|uphold:upheld|overcome:overcame|person:people persons|child:children|man:men
woman:women|wife:wives|life:lives|party:parties|agree:agreed agrees agreeing
guarantee:guaranteed|decree:decreed|free:freed|foot:feet|half:halves|copy:copies copied""".replace("\n", "|").split("|")
    )
    for form in forms.split()
}
_DERIVED = (
    ("ment", ""),  # codespell:ignore ment
    ("ization", "ize"), ("isation", "ize"), ("ational", "ate"), ("ication", "y"), ("ations", "ate"), ("ation", "ate"),
    ("ution", "ute"), ("ision", "ide"), ("ption", "pt"), ("ction", "ct"), ("ition", "it"), ("ssion", "t"),
    ("sion", "d"), ("tion", "t"), ("osure", "ose"), ("ness", ""), ("ance", ""), ("ence", ""),
    ("ancy", ""), ("ency", ""), ("ally", "al"), ("able", ""), ("ible", ""), ("ical", ""), ("ious", ""), ("ality", ""),
    ("ity", ""), ("ive", ""), ("ful", ""), ("ous", ""), ("ant", ""), ("ent", ""), ("ise", "ize"), ("al", ""),
    ("ly", ""), ("ic", ""), ("th", ""),
    ("ure", ""),  # codespell:ignore ure
)  # fmt: skip
_ROLE_ENDINGS = ("or", "ee", "er")


@dataclass(frozen=True, slots=True)
class Token:
    """One word, number, sign or placeholder: its span, lower-case form, lemma and root."""

    start: int
    end: int
    text: str
    norm: str
    lemma: str
    root: str


@lru_cache(maxsize=65536)
def lemma(word: str) -> str:
    """Return a lower-case word without its inflection ("notices" → "notice", "paid" → "pay")."""
    if word in _IRREGULAR:
        base = _IRREGULAR[word]
        return _repair(base) if len(base) > 3 else base
    if len(word) < 4 or not word.isalpha():
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes", "zes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return _ending(word[:-1])
    return _ending(word)


def _ending(word: str) -> str:
    for suffix in ("ing", "ed"):
        if word.endswith(suffix) and len(word) - len(suffix) >= 3 and re.search("[aeiouy]", word[: -len(suffix)]):
            if suffix == "ed" and word.endswith("eed"):
                return word
            return _repair(word[: -len(suffix)])
    return _repair(word) if word.endswith("e") else word


def _repair(stem: str) -> str:
    """Undo what inflection did to a stem, so that "disclos(ing)" and "disclose" agree."""
    if stem.endswith("i") and len(stem) > 3:
        return stem[:-1] + "y"
    if len(stem) > 3 and stem[-1] == stem[-2] and stem[-1] not in "lseo":
        return stem[:-1]
    if stem.endswith("e") and not stem.endswith("ee") and len(stem) > 3:
        return stem[:-1]
    return stem


@lru_cache(maxsize=65536)
def root(word: str) -> str:
    """Return a shorter form that related words share ("disclosure", "disclosing" → "disclos").

    The names of the two sides of a relation (lessor, lessee) keep their endings.
    """
    base = lemma(word)
    if len(base) < 6 or not base.isalpha() or base.endswith(_ROLE_ENDINGS):
        return base
    for suffix, replacement in _DERIVED:
        if base.endswith(suffix) and len(base) - len(suffix) + len(replacement) >= 4:
            return _repair(base[: -len(suffix)] + replacement)
    return base


def clean(text: str) -> str:
    """Return the text with typographic variants made plain, character for character."""
    return text.translate(_PLAIN)


_PLAIN = str.maketrans({"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u2013": "-", "\u2014": "-",
                        "\u2011": "-", "\u00a0": " ", "\u00ad": "-"})  # fmt: skip


def tokenize(text: str) -> list[Token]:
    """Return the words, numbers and signs of a text, in order; hyphenated words come in parts.

    "don't" yields "do" and "not"; a possessive loses its ending; a word hyphenated at a line's end is
    one word.
    """
    tokens: list[Token] = []
    for start, end in _spans(text):
        raw = text[start:end]
        norm = _HYPHENATED.sub("", raw).lower().replace("\u2019", "'")
        if norm.endswith("n't") and len(norm) > 3:
            auxiliary = _CONTRACTIONS.get(norm[:-3], norm[:-3])
            tokens += [_token(start, end - 3, auxiliary), _token(end - 3, end, "not")]
            continue
        tokens.append(_token(start, end, _plain_word(norm), raw))
    return tokens


def _plain_word(norm: str) -> str:
    for ending in ("'s", "'", "'re", "'ve", "'ll", "'d", "'m"):
        if norm.endswith(ending) and len(norm) > len(ending):
            return norm[: -len(ending)]
    if norm == "u.s.":
        return "usa"  # not the pronoun
    return norm.replace(".", "") if "." in norm and norm[0].isalpha() else norm


def _token(start: int, end: int, norm: str, raw: str = "") -> Token:
    if norm[:1].isdigit():
        norm = norm.replace(",", "")
    return Token(start, end, raw or norm, norm, lemma(norm), root(norm))


def _spans(text: str) -> Iterator[tuple[int, int]]:
    """Yield the spans of tokens, joining the halves of a word that a line's end hyphenates."""
    joints = {match.start(): match.end() for match in _HYPHENATED.finditer(text)}
    pending = -1
    for match in _TOKEN.finditer(text):
        start = match.start() if pending < 0 else pending
        if match.end() in joints:
            pending = start
            continue
        pending = -1
        yield start, match.end()
