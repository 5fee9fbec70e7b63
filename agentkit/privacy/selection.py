"""Which of the personal data found is replaced before a model reads a text."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from agentkit.ports import Recognizer
from agentkit.privacy.placeholders import normal
from agentkit.types import Entity

DEFAULT_REDACT = (
    "PERSON", "EMAIL_ADDRESS", "PHONE_NUMBER", "STREET_ADDRESS", "DATE_OF_BIRTH", "CREDIT_CARD", "IBAN_CODE",
    "US_SSN", "US_ITIN", "US_PASSPORT", "US_DRIVER_LICENSE", "US_BANK_NUMBER", "UK_NINO", "UK_NHS", "PASSPORT",
    "MEDICAL_LICENSE", "IN_PAN", "IN_AADHAAR", "IP_ADDRESS", "MAC_ADDRESS", "CRYPTO", "NATIONAL_ID", "TAX_ID",
    "DRIVER_LICENSE", "MEDICAL_RECORD", "VEHICLE_ID", "BANK_CODE", "CREDENTIAL",
)  # fmt: skip
"""What the pipeline replaces by default: what points at one person or account.

Organisations and their numbers, dockets, dates, places, ages, web addresses and nationalities stay: a contract's
parties, terms and places of jurisdiction are what a summary is about.
"""

SURE = 0.6
"""What a recognizer is less sure of than this is a guess: `agentkit redact` shows it, the pipeline leaves it."""

_NAME = r"[^\W\d_][\w.'’&-]{0,30}"
_CAPITAL = r"(?=[^\W\d_a-z])"
_SIDE = rf"{_CAPITAL}{_NAME}(?:,? (?:(?:of|the|and|&|for|ex rel\.) )?{_CAPITAL}{_NAME}){{0,6}}"
_CASE = re.compile(rf"(?<!\w){_SIDE} (?:v|vs)\.? {_SIDE}")
_JUDGE_BEFORE = re.compile(
    r"\b(?:Chief |Associate |Hon'?ble |Mr\.? |Ms\.? |Mrs\.? |Lord |Lady )*(?:Justice|Judge|Lord|Lady|Baroness)\s$"
)
_JUDGE_AFTER = re.compile(r",?\s(?:C\.\s?J|J\.\s?A|JJ|J|L\.\s?J|LJ|CJ|J\.\s?C)\.?(?=\W|$)")  # fmt: skip


def select(entities: Sequence[Entity], text: str, *, redact: Sequence[str], keep: Sequence[str]) -> list[Entity]:
    """Return the entities to replace.

    A person's name stays where it is part of the name of a case ("Smith v. Jones") or is a judge's
    ("Justice Holmes", "Holmes J."): these are how lawyers cite the law, and they are public. What scores
    below `SURE` stays, too.

    Args:
        entities: what was found in `text`.
        text: where it was found.
        redact: entity types to replace.
        keep: entity types, or names (in any case), that stay nevertheless.
    """
    kept = {name.casefold() for name in keep}
    names = {normal("PERSON", name) for name in keep}
    names |= {name.split()[-1] for name in names if name}
    wanted = [e for e in entities if e.type in redact and e.type.casefold() not in kept and e.score >= SURE]
    wanted = [e for e in wanted if normal("PERSON", text[e.start : e.end]) not in names]
    people = [e for e in wanted if e.type == "PERSON"]
    if not people:
        return wanted
    judges = {normal("PERSON", text[e.start : e.end]) for e in people if _is_judge(e, text)}
    cases = [match.span() for match in _CASE.finditer(text)]
    public = [e for e in people if _is_public(e, text, judges=judges, cases=cases)]
    # A full name that is private anywhere is private everywhere: half a redaction protects nobody.
    private = {normal("PERSON", text[e.start : e.end]) for e in people if e not in public}
    stays = {e for e in public if (name := normal("PERSON", text[e.start : e.end])) not in private or " " not in name}
    return [e for e in wanted if e not in stays]


def _is_judge(entity: Entity, text: str) -> bool:
    before = text[max(0, entity.start - 40) : entity.start]
    own = re.match(r"(?:Mr\.? |Mrs\.? |Ms\.? )?(?:Justice|Judge|Lord|Lady)\b", text[entity.start : entity.end])
    return bool(own or _JUDGE_BEFORE.search(before) or _JUDGE_AFTER.match(text, entity.end))


def _is_public(entity: Entity, text: str, *, judges: set[str], cases: Sequence[tuple[int, int]]) -> bool:
    if normal("PERSON", text[entity.start : entity.end]) in judges:
        return True
    return any(start <= entity.start < end for start, end in cases)


@dataclass(frozen=True, slots=True)
class Policy:
    """How personal data is found, and which of it is replaced."""

    recognizer: Recognizer
    redact: Sequence[str] = DEFAULT_REDACT
    keep: Sequence[str] = ()

    def find(self, text: str) -> list[Entity]:
        """Return the entities of `text` to replace, in order, none overlapping another."""
        return self.select(self.recognizer.recognize(text), text)

    def select(self, entities: Sequence[Entity], text: str) -> list[Entity]:
        """Return those of the entities found in `text` that are replaced."""
        return select(entities, text, redact=self.redact, keep=self.keep)
