"""The embedded recognizer: patterns, checksums, document structure and lists of names; no model."""

import re
from collections.abc import Iterable, Sequence

from agentkit.privacy.addresses import addresses
from agentkit.privacy.captions import caption_names, initials, is_decision
from agentkit.privacy.courts import bodies, courts
from agentkit.privacy.lists import load_lists
from agentkit.privacy.mailboxes import mailbox_names, written_out
from agentkit.privacy.names import Known, full_names, single_names, widened
from agentkit.privacy.organisations import organisations
from agentkit.privacy.patterns import identifiers
from agentkit.privacy.places import guesses, listed, peoples, surrounded
from agentkit.privacy.structure import structured_names
from agentkit.privacy.tokens import Run, runs
from agentkit.types import Entity

_WORD = re.compile(r"[^\W\d_]+")
_DIGIT = re.compile(r"\d")
_STREET = 0.8  # of an address that its words alone tell
_EDGE = " \t\n\r,>"
_SHORTEST = 8  # characters of an address that are worth keeping when it is cut
_LEGAL_FORM = 0.9  # of an organisation whose name says what it is ("Acme Ltd")
_SURE = 0.6  # from here on a name is worth looking for in the rest of the document


class _Found:
    """Entities, where an earlier one keeps its place against a later one."""

    def __init__(self, text: str) -> None:
        self.entities: list[Entity] = []
        self._text = text
        self._taken = bytearray(len(text))

    def add(self, entities: Iterable[Entity]) -> None:
        """Take what is free, the longest first; of an address, the stretches that other entities leave."""
        for entity in sorted(entities, key=lambda e: (e.start - e.end, e.start)):
            if self._taken.find(1, entity.start, entity.end) < 0:
                self._put(entity.type, entity.start, entity.end, entity.score)
            elif entity.type == "STREET_ADDRESS":
                stretches = self._free(entity.start, entity.end)
                # A name whose number turned out to be something else's is no street.
                for start, end in (s for s in stretches if entity.score >= _STREET or _DIGIT.search(self._text, *s)):
                    self._put(entity.type, start, end, entity.score)

    def _free(self, start: int, end: int) -> list[tuple[int, int]]:
        """Return the stretches within `start:end` that are free and not too short to mean anything."""
        free: list[tuple[int, int]] = []
        while start < end:
            taken = self._taken.find(1, start, end)
            stop = taken if taken >= 0 else end
            if stop - start >= _SHORTEST:
                free.append((start, stop))
            following = self._taken.find(0, stop, end)
            start = following if following >= 0 else end
        return free

    def _put(self, kind: str, start: int, end: int, score: float) -> None:
        while start < end and self._text[end - 1] in _EDGE:
            end -= 1
        while start < end and self._text[start] in _EDGE:
            start += 1
        if start < end:
            self._taken[start:end] = b"\1" * (end - start)
            self.entities.append(Entity(kind, start, end, score))


class EmbeddedRecognizer:
    """Finds personal data by rules (port `Recognizer`), in time linear in the text.

    Scores say how sure a rule is: 0.9 and more for checksums and labels, 0.6 for a given name alone, below
    0.5 for unknown capitalised words.
    """

    def recognize(self, text: str, /) -> list[Entity]:
        """Return the entities in `text`, in order of position, none overlapping another."""
        codes = [*identifiers(text), *written_out(text)]  # in the text as it is: capitals would change a token
        return self._recognize(_with_capitals(text), codes)

    def _recognize(self, text: str, codes: list[Entity]) -> list[Entity]:
        found = _Found(text)
        found.add(entity for entity in codes if entity.type != "ZIP_CODE")
        found.add(addresses(text))
        found.add(codes)
        words = list(runs(text))
        lists = list(listed(text))
        phrases = [entity for entity in lists if " " in text[entity.start : entity.end]]
        found.add(entity for entity in phrases if entity.type == "ORGANIZATION")
        companies = organisations(text, words)
        tribunals = list(courts(text))
        decision = is_decision(text)
        if decision:
            found.add(entity for entity in companies if entity.score >= _LEGAL_FORM)
            found.add([*tribunals, *bodies(text)])
            found.add(caption_names(text))
            found.add(initials(text))
        found.add(mailbox_names(text, codes))
        found.add(structured_names(text))
        found.add(
            entity for run in words for entity in full_names(run, text) if entity.score >= _SURE and "h" in run.kinds
        )
        found.add([*(entity for entity in companies if entity.score >= _SURE), *tribunals])
        around = list(surrounded(text, words))
        found.add([*phrases, *around])
        found.add(entity for run in words for entity in full_names(run, text))
        self._add_known(found, text, words)
        found.add([*lists, *around])
        found.add(companies)
        found.add(entity for run in words for entity in single_names(run, text))
        found.add(peoples(text))
        found.add(entity for run in words for entity in guesses(run, text))
        if decision:
            return widened(found.entities, words, text)
        return sorted(found.entities, key=lambda entity: entity.start)

    def _add_known(self, found: _Found, text: str, words: Sequence[Run]) -> None:
        names = [text[e.start : e.end] for e in found.entities if e.type == "PERSON" and e.score >= _SURE]
        tokens = [token for run in words for token in run.tokens]
        known = Known(names, {token.word.casefold(): token.kind for token in tokens})
        found.add(entity for entity in map(known.find, tokens) if entity is not None)


def _with_capitals(text: str) -> str:
    """Return a text that has no capital at all with one at each word that may be a name."""
    if any(map(str.isupper, text)):
        return text
    common = load_lists().common
    return _WORD.sub(lambda m: m[0] if m[0] in common else _capital(m[0][0]) + m[0][1:], text)


def _capital(letter: str) -> str:
    return letter.upper() if len(letter.upper()) == 1 else letter
