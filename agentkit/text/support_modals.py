"""Who may, must or must not do what: duties, permissions and negations, compared by the act they govern."""

from collections.abc import Iterator
from dataclasses import dataclass

from agentkit.text.support_items import Item
from agentkit.text.support_polarity import is_negator
from agentkit.text.support_thesaurus import synonyms

_WORDS = {
    "!oblige": "must",
    "!permit": "may",
    "!forbid": "must not",
    "!free": "need not",
    "!deny": "does not",
    "!advise": "should",
    "!maybe": "might",
}
# What a claim's word allows in its evidence: a future "will" reads as a plain statement, too.
_COMPATIBLE = {
    "!oblige": frozenset({"!oblige"}),
    "!permit": frozenset({"!permit", "!maybe"}),
    "!forbid": frozenset({"!forbid", "!deny"}),
    "!free": frozenset({"!free"}),
    "!deny": frozenset({"!deny", "!forbid", "!free"}),
    "!advise": frozenset({"!advise", "!oblige"}),
    "!maybe": frozenset({"!maybe", "!permit"}),
}
_NEGATIVE = frozenset({"!forbid", "!free", "!deny"})
_AUXILIARY = frozenset("be have do".split())
_REACH = 6


@dataclass(frozen=True, slots=True)
class Act:
    """A verb under a modal: who acts (the word before), how, and what."""

    modal: Item
    verb: Item
    actor: Item | None


def acts(items: list[Item]) -> Iterator[Act]:
    """Yield the acts that modals govern, in order."""
    actor: Item | None = None
    latest: Item | None = None
    for index, item in enumerate(items):
        if item.kind == "modal":
            if not index or items[index - 1].key not in ("and", "or", "but"):
                actor = latest  # otherwise the one who acted before acts on
            verb = _verb(items, index)
            if verb is not None:
                yield Act(item, verb, actor)
        elif item.kind == "word":
            latest = item


def _verb(items: list[Item], index: int) -> Item | None:
    for item in items[index + 1 : index + 1 + _REACH]:
        if item.kind == "modal":
            return None
        if item.kind == "word" and not item.key.endswith("ly") and item.key not in _AUXILIARY:
            return item
    return None


def modal_mismatch(claim: list[Item], evidence: list[Item]) -> tuple[str, str] | None:
    """Return method and reason where the evidence governs the same act otherwise, or None."""
    theirs = list(acts(evidence))
    if not theirs:
        return None
    for mine in acts(claim):
        same = [act for act in theirs if synonyms(mine.verb.token, act.verb.token) and _same_actor(mine, act)]
        if not same or any(act.modal.key in _COMPATIBLE[mine.modal.key] for act in same):
            continue
        other = same[0].modal
        if mine.modal.key in ("!advise", "!maybe") or other.key in ("!advise", "!maybe"):
            continue
        method = "negation" if (mine.modal.key in _NEGATIVE) != (other.key in _NEGATIVE) else "modality"
        return method, _says(mine.modal, other, mine.verb)
    return None


def _same_actor(mine: Act, theirs: Act) -> bool:
    return mine.actor is None or theirs.actor is None or synonyms(mine.actor.token, theirs.actor.token)


def _says(mine: Item, theirs: Item, verb: Item) -> str:
    act = verb.token.text.lower()
    return f"The claim says “{_WORDS[mine.key]} {act}”; the cited text says “{_WORDS[theirs.key]} {act}”."


def negation_mismatch(claim: list[Item], evidence: list[Item]) -> tuple[str, str] | None:
    """Return method and reason where one side negates what the other states of the same words, or None."""
    for mine in acts(claim):
        if mine.modal.key != "!deny":
            continue
        plain = [item for item in evidence if item.key == mine.verb.key]
        if plain and not any(is_negator(item) for item in evidence):
            return "negation", f"The claim denies “{mine.verb.token.text.lower()}”; the cited text states it."
    for theirs in acts(evidence):
        if theirs.modal.key not in _NEGATIVE:
            continue
        plain = [item for item in claim if item.key == theirs.verb.key]
        if plain and not any(item.kind == "modal" or is_negator(item) for item in claim):
            return "negation", f"The claim states “{plain[0].token.text.lower()}”; the cited text denies it."
    return None
