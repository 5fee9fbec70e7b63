"""Checks of an answer's text: claims without a citation, redacted data named after all, a recited prompt."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from agentkit.text.folded import Folded, fold
from agentkit.text.normalize import normalize

_WORD = re.compile(r"\w+")
_SHINGLE = 8
"""So many words in a row shared with the system prompt are no accident."""
_RETOLD, _FEWEST_STEMS = 0.7, 6
"""Two sentences with so large a share of an instruction's words tell it again; with fewer words it is no proof."""
_SENTENCE_END = re.compile(r"[.!?;\n]+\s*")
_STEM, _SHORT_WORD = 5, 2
_FUNCTION_WORDS = frozenset(
    "the and that this these those them they their its his her for from with without into onto are was were been being "
    "has have had not nor but you your our who whom which what when where how all any each every such as can will may "
    "should would could than then there here one only use used other others".split()
)
_SHORTEST, _SHORTEST_NUMBER = 3, 5
_EVERYDAY = frozenset(
    "may will mark bill grant frank rich art hope faith grace june april august case price law banks read long short "
    "young king page lane park hill wood woods stone green brown white black gray grey day week month year summer "
    "winter north south east west bond cash chase drew earl duke major general miles pace pierce reed rose ruby sky "
    "sue tab ty van wade ward wells wise witt worth county state city court judge bishop church cook carter mason "
    "miller porter potter taylor turner walker weaver landlord tenant buyer seller company none unknown".split()
)
_CONFESSING = [
    (frozenset(said.split()), frozenset(beside.split()))
    for said, beside in (
        ("prompt instructions", "system initial original hidden my"),
        ("instructed programmed told prompted configured", "i"),
    )
]
"""Pairs of words of which a confession in words holds one each."""
_RECITES = re.compile(
    r"\b(?:my|the) (?:system prompt|(?:initial|original|hidden|system) instructions) (?:is|are|says?|reads?|states?)\b|"
    r"\bi (?:was|am|have been) (?:instructed|programmed|told|prompted|configured) (?:to|not to|that)\b|"
    r"\b(?:here (?:is|are)|these are) my (?:system prompt|(?:initial |system |original |full )?instructions)\b|"
    r"<\|?(?:system|im_start)\|?>"
)


_MALFORMED = re.compile(r"\[(?:[dp]\d+|d\d*[ ._:-]?p\d*)\]", re.IGNORECASE)
"""What a model writes that imitates a marker: `[d0]`, `[p12]`, `[d0-p12]`."""


def cites(text: str, marker: str, /) -> bool:
    """Whether a text carries a marker (a regular expression) or something that imitates one."""
    return re.search(marker, text) is not None or _MALFORMED.search(text) is not None


def uncited(text: str, marker: str, /, *, min_words: int = 3) -> list[tuple[int, int]]:
    """Return the spans of lines that claim something and carry no marker (a regular expression).

    A heading (`# …`, `…:`), a rule, and a line of fewer than `min_words` words are no claims.
    """
    pattern = re.compile(marker)
    spans: list[tuple[int, int]] = []
    position = 0
    for line in text.splitlines(keepends=True):
        if pattern.search(line) is None and _claims(line.strip(), min_words):
            spans.append((position, position + len(line.rstrip())))
        position += len(line)
    return spans


def _claims(line: str, min_words: int) -> bool:
    if line.startswith("#") or line.endswith(":"):
        return False
    return sum(1 for _ in islice(_WORD.finditer(line), min_words)) == min_words


def named(text: str, originals: Sequence[str], /) -> list[str]:
    """Return the originals that occur in `text`, however they are disguised or spaced; whole words only.

    An original that is itself an everyday word or a short number is passed over: it would forbid honest claims.
    """
    if not originals:
        return []
    folded = f" {' '.join(fold(text).words)} "
    dense = folded.replace(" ", "")
    found: list[str] = []
    for original in originals:
        words = _plain(original)
        digits = words.replace(" ", "")
        if _ambiguous(words):
            continue
        spaced = len(digits) >= 7 and any(c.isdigit() for c in digits) and digits in dense  # a number
        if f" {words} " in folded or spaced:
            found.append(original)
    return found


def _ambiguous(words: str) -> bool:
    """Whether a redacted text cannot be told from an everyday word or number: "May", "Grant", "42"."""
    return len(words) < _SHORTEST or words in _EVERYDAY or (words.isdigit() and len(words) < _SHORTEST_NUMBER)


def _plain(text: str) -> str:
    return " ".join(_WORD.findall(text.lower() if text.isascii() else normalize(text).text))


def leaked(text: str, prompt: str, fragments: Sequence[str], /, *, prompts: Sequence[str] = ()) -> bool:
    """Whether `text` recites a system prompt.

    Args:
        text: an answer.
        prompt: a system prompt that nobody prepared; eight of its words in a row are no accident.
        fragments: words that may never appear, in any case and spacing.
        prompts: prompts of which no sentence may be told again: its words in a row, or most of its words in another
            order and other forms.
    """
    folded = fold(text)
    if _confesses(folded) or any(part and part in folded.text for part in map(_part, fragments)):
        return True
    if prompt and not _shingles(prompt).isdisjoint(_runs(folded.words)):
        return True
    return bool(prompts) and _retold(folded, _instructions(tuple(prompts)))


def _confesses(folded: Folded) -> bool:
    """Whether a text speaks of its own instructions; one without any of the words is not searched."""
    known = folded.known
    said = any(not (one.isdisjoint(known) or other.isdisjoint(known)) for one, other in _CONFESSING)
    return (said or "<" in folded.text) and _RECITES.search(folded.text) is not None


@dataclass(frozen=True, slots=True)
class _Instructions:
    """Prompts: the stems of each sentence that is long enough to be known by them, and their runs of eight words.

    A run stands with its words, under the longest of them: few texts hold that one, and fewer the others.
    """

    runs: Mapping[str, Sequence[tuple[str, frozenset[str]]]]
    rare: frozenset[str]
    sentences: Sequence[frozenset[str]]
    stems: frozenset[str]


def _retold(folded: Folded, told: _Instructions) -> bool:
    stems = told.stems.intersection([word[:_STEM] for word in folded.known - _FUNCTION_WORDS])
    likely = [sentence for sentence in told.sentences if _shared(sentence, stems) >= _RETOLD]
    windows = [_stems(_WORD.findall(part)) for part in _windows(folded.text)] if likely else []
    if any(_shared(sentence, window) >= _RETOLD for sentence in likely for window in windows):
        return True
    runs = (item for word in told.rare & folded.known for item in told.runs[word])
    possible = [run for run, words in runs if words <= folded.known]
    text = f" {' '.join(folded.words)} " if possible else ""
    return any(f" {run} " in text for run in possible)


def _shared(sentence: frozenset[str], stems: frozenset[str]) -> float:
    return len(sentence & stems) / len(sentence)


def _windows(folded: str) -> list[str]:
    """Each two neighbouring sentences: a long instruction may be told in two."""
    parts = [part for part in _SENTENCE_END.split(folded) if part.strip()]
    return [" ".join(parts[i : i + 2]) for i in range(max(len(parts) - 1, 1))]


@lru_cache(maxsize=64)
def _instructions(prompts: tuple[str, ...]) -> _Instructions:
    sentences: set[frozenset[str]] = set()
    for prompt in prompts:
        stems: frozenset[str] = frozenset()
        for part in _SENTENCE_END.split(normalize(prompt).text):
            stems |= _stems(_WORD.findall(part))
            if len(stems) >= _FEWEST_STEMS:  # a short sentence is known by the next one
                sentences.add(stems)
                stems = frozenset()
    runs: dict[str, list[tuple[str, frozenset[str]]]] = {}
    for run in sorted(frozenset[str]().union(*map(_shingles, prompts))):
        runs.setdefault(max(run.split(), key=len), []).append((run, frozenset(run.split())))
    ordered = sorted(sentences, key=sorted)
    return _Instructions(runs, frozenset(runs), ordered, frozenset[str]().union(*ordered))


@lru_cache(maxsize=64)
def _shingles(prompt: str) -> frozenset[str]:
    return frozenset(_runs(_WORD.findall(normalize(prompt).text)))


def _runs(words: Sequence[str]) -> list[str]:
    return [" ".join(words[i : i + _SHINGLE]) for i in range(len(words) - _SHINGLE + 1)]


def _stems(words: Iterable[str]) -> frozenset[str]:
    """The words that carry meaning, cut so that "follows" and "following" are one."""
    return frozenset(word[:_STEM] for word in words if len(word) > _SHORT_WORD and word not in _FUNCTION_WORDS)


@lru_cache(maxsize=256)
def _part(fragment: str) -> str:
    return normalize(fragment).text.strip()
