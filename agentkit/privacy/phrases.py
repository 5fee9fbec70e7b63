"""Finding known originals again, in time linear in the text however many there are."""

import re
from collections.abc import Mapping, Sequence

from agentkit.privacy.placeholders import disjoint
from agentkit.types import Entity

_WORD = re.compile(r"\w+")
_MIN_CHARACTERS = 6
_SHARED = frozenset(
    {"PERSON", "EMAIL_ADDRESS", "PHONE_NUMBER", "IBAN_CODE", "CREDIT_CARD", "US_SSN", "UK_NINO", "STREET_ADDRESS"}
)


class Phrases:
    """Originals to look for: whole words, any white space between them.

    Case may differ, but a person's name must begin with a capital, and one of a single word must be
    written as it was or all in capitals ("May I" is no mention of Ms May's shouting).
    """

    def __init__(self, phrases: Sequence[tuple[str, str]]) -> None:
        """Prepare `(type, original)` pairs; the longest of those that begin alike wins."""
        self._count = len(phrases)
        self._index: dict[str, list[tuple[int, str, str]]] = {}
        self._patterns: dict[tuple[str, str], re.Pattern[str]] = {}
        seen: set[tuple[str, str]] = set()
        for kind, original in sorted(phrases, key=lambda item: -len(item[1])):
            first = _WORD.search(original)
            if first is None or (kind, original) in seen:
                continue
            seen.add((kind, original))
            self._index.setdefault(first[0].casefold(), []).append((first.start(), kind, original))

    def __len__(self) -> int:
        """Return how many pairs were given."""
        return self._count

    def find(self, text: str) -> list[Entity]:
        """Return where the originals stand in `text`, in order, none overlapping another."""
        result: list[Entity] = []
        position = 0
        for word in _WORD.finditer(text) if self._index else ():
            for before, kind, original in self._index.get(word[0].casefold(), ()):
                start = word.start() - before
                match = self._compiled(kind, original).match(text, start) if start >= position else None
                if match:
                    result.append(Entity(kind, start, match.end(), 0.9))
                    position = match.end()
                    break
        return result

    def _compiled(self, kind: str, original: str) -> re.Pattern[str]:
        """Return the pattern of an original; most of those known to a matter begin like no word of a given text."""
        key = kind, original
        if key not in self._patterns:
            self._patterns[key] = _pattern(kind, original)
        return self._patterns[key]


def _pattern(kind: str, original: str) -> re.Pattern[str]:
    words = original.split()
    body = r"\s+".join(re.escape(word) for word in words)
    if kind != "PERSON":
        return re.compile(rf"(?<!\w)(?i:{body})(?!\w)")
    if len(words) > 1:
        return re.compile(rf"(?<!\w)(?![a-z])(?i:{body})(?!\w)")
    return re.compile(rf"(?<!\w)(?:{body}|{re.escape(words[0].upper())})(?!\w)")


def across(texts: Mapping[int, str], found: Mapping[int, Sequence[Entity]]) -> dict[int, list[Entity]]:
    """Return the entities of several texts with those that identify a person found in every text.

    Args:
        texts: by index.
        found: what recognition found in each.
    """
    if len(texts) < 2:
        return {index: list(found.get(index, ())) for index in texts}
    pairs = {
        (entity.type, " ".join(texts[index][entity.start : entity.end].split()))
        for index, entities in found.items()
        for entity in entities
        if entity.type in _SHARED
    }
    phrases = Phrases([pair for pair in sorted(pairs) if pair[0] != "PERSON" or " " in pair[1]])
    return {
        index: disjoint([*found.get(index, ()), *phrases.find(text)], limit=len(text)) for index, text in texts.items()
    }


def everywhere(texts: Mapping[int, str], chosen: Mapping[int, Sequence[Entity]]) -> dict[int, list[Entity]]:
    """Return the entities that were chosen for replacement, with every other place where the same words stand.

    What is replaced in one place and readable in another is not protected: a name inside a company's or a
    case's goes with the person's. Short originals and single words without digits are left out, because
    the same letters are usually something else.
    """
    pairs = {(e.type, texts[index][e.start : e.end]) for index, entities in chosen.items() for e in entities}
    phrases = Phrases([pair for pair in sorted(pairs) if _is_distinctive(pair[1])])
    return {
        index: disjoint([*entities, *phrases.find(texts[index])], limit=len(texts[index]))
        for index, entities in chosen.items()
    }


def _is_distinctive(original: str) -> bool:
    words = _WORD.findall(original)
    return sum(map(len, words)) >= _MIN_CHARACTERS and (len(words) > 1 or any(c.isdigit() for c in original))
