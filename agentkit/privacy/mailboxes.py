"""Persons whose names their own mailboxes spell: "Ingrid Castellane" beside ingrid.castellane@firm.example."""

import re
from collections.abc import Collection, Iterable, Iterator

from agentkit.privacy.lists import load_lists
from agentkit.privacy.structure import trimmed
from agentkit.types import Entity

_PART = re.compile(r"[^\W\d_]{2,30}")
_WORD = re.compile(r"(?<!\w)[^\W\d_]+(?!\w)")
_BETWEEN = re.compile(r"\s{1,2}(?:[^\W\d_]\.?\s{1,2}){0,2}")
_OWNER = re.compile(
    r"(?<![\w.@-])((?:[A-Z\u00c0-\u00de][\w'\u2019-]{1,30}\s){1,2}[A-Z\u00c0-\u00de][\w'\u2019-]{1,30})\s?[(<\[]\s?$"
)
_BEFORE = 100  # characters in which a name and a bracket before an address stand
_AT = re.compile(r"[\[({]\s?[Aa][Tt]\s?[\])}]")
_WRITTEN_OUT = re.compile(
    r"(?<![\w.@-])[\w+-]{1,40}(?:\.[\w+-]{1,40}){0,4}\s?[\[({]\s?at\s?[\])}]\s?"
    r"[\w-]{1,40}(?:(?:\.|\s?[\[({]\s?dot\s?[\])}]\s?)[\w-]{1,40}){1,4}",
    re.IGNORECASE,
)


def mailbox_names(text: str, entities: Iterable[Entity]) -> Iterator[Entity]:
    """Yield the names, in full, of whoever the mail addresses among `entities` belong to, by spelling or by place."""
    found = [e for e in entities if e.type == "EMAIL_ADDRESS"]
    for entity in found:
        if owner := _OWNER.search(text, max(0, entity.start - _BEFORE), entity.start):
            yield from trimmed(text, owner.start(1), owner.end(1), 0.8)
    addresses = {text[e.start : e.end] for e in found}
    owners = {tuple(_PART.findall(address.partition("@")[0].casefold())) for address in addresses}
    common = load_lists().common  # "legal.notices" is nobody
    pairs = {names for names in owners if len(names) == 2 and common.isdisjoint(names)}
    yield from _spelled(text, pairs | {(last, first) for first, last in pairs})


def _spelled(text: str, pairs: Collection[tuple[str, ...]]) -> Iterator[Entity]:
    """Yield every place where a pair of words stands side by side, in one pass over the text."""
    parts = {part for names in pairs for part in names}
    before: re.Match[str] | None = None
    for match in _WORD.finditer(text) if pairs else ():
        word = match[0].casefold()
        if len(word) == 1:
            continue  # an initial may stand between, and decides nothing
        if before and (before[0].casefold(), word) in pairs and _BETWEEN.fullmatch(text, before.end(), match.start()):
            yield Entity("PERSON", before.start(), match.end(), 0.9)
        before = match if word in parts else None


def written_out(text: str) -> Iterator[Entity]:
    """Yield mail addresses whose sign is spelled: "jane.roe (at) firm.example", "jane [at] firm [dot] example"."""
    for match in _WRITTEN_OUT.finditer(text) if _AT.search(text) else ():
        yield Entity("EMAIL_ADDRESS", match.start(), match.end(), 0.9)
