"""A model's names beside what the rules are sure of."""

from collections.abc import Iterable

from agentkit.privacy.recognizer import EmbeddedRecognizer
from agentkit.privacy.selection import SURE
from agentkit.types import Entity

_RULES = EmbeddedRecognizer()


def beside_rules(text: str, named: Iterable[Entity]) -> list[Entity]:
    """Return what the embedded rules are sure of, and of a model's entities those that overlap none of it, in order.

    Args:
        text: any text.
        named: a model's entities, in any order; of two that overlap, the surer counts, of equals the longer.
    """
    found = [entity for entity in _RULES.recognize(text) if entity.score >= SURE]
    taken = bytearray(len(text))
    for entity in found:
        taken[entity.start : entity.end] = b"\1" * (entity.end - entity.start)
    for entity in sorted(named, key=lambda e: (-e.score, e.start - e.end)):
        if taken.find(1, entity.start, entity.end) < 0:
            taken[entity.start : entity.end] = b"\1" * (entity.end - entity.start)
            found.append(entity)
    return sorted(found, key=lambda entity: entity.start)
