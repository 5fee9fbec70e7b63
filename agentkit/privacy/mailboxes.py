"""Persons whose names their own mailboxes spell: "Ingrid Castellane" beside ingrid.castellane@firm.example."""

import re
from collections.abc import Iterable, Iterator

from agentkit.privacy.lists import load_lists
from agentkit.privacy.structure import trimmed
from agentkit.types import Entity

_PART = re.compile(r"[^\W\d_]{2,30}")
_BETWEEN = r"\s{1,2}(?:[^\W\d_]\.?\s{1,2}){0,2}"  # initials may stand between
_OWNER = re.compile(
    r"(?<![\w.@-])((?:[A-Z\u00c0-\u00de][\w'\u2019-]{1,30}\s){1,2}[A-Z\u00c0-\u00de][\w'\u2019-]{1,30})\s?[(<\[]\s?$"
)
_BEFORE = 100  # characters in which a name and a bracket before an address stand
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
    for names in sorted({tuple(_PART.findall(address.partition("@")[0].casefold())) for address in addresses}):
        if len(names) != 2 or set(names) & load_lists().common:  # "legal.notices" is nobody
            continue
        for first, last in (names, names[::-1]):
            spelled = re.compile(rf"(?<!\w){re.escape(first)}{_BETWEEN}{re.escape(last)}(?!\w)", re.IGNORECASE)
            for match in spelled.finditer(text):
                yield Entity("PERSON", match.start(), match.end(), 0.9)


def written_out(text: str) -> Iterator[Entity]:
    """Yield mail addresses whose sign is spelled: "jane.roe (at) firm.example", "jane [at] firm [dot] example"."""
    for match in _WRITTEN_OUT.finditer(text):
        yield Entity("EMAIL_ADDRESS", match.start(), match.end(), 0.9)
