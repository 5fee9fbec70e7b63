"""Redaction of one text, on its own: what `agentkit redact` prints."""

from typing import TypedDict

from agentkit.ports import Recognizer
from agentkit.privacy.aliases import FullNames, mentions_of, title_before
from agentkit.privacy.placeholders import with_literals
from agentkit.privacy.vault import MatterVault
from agentkit.text.spans import replace_spans


class RedactedEntity(TypedDict):
    """One replaced span of the input: offsets in code points, its placeholder, and the recognizer's confidence."""

    type: str
    start: int
    end: int
    placeholder: str
    score: float


def redact_text(text: str, recognizer: Recognizer) -> tuple[str, list[RedactedEntity]]:
    """Return `text` with every entity replaced, and the entities in order; one person's names have one placeholder.

    Text that only looks like a placeholder is replaced as type `LITERAL`, so that the result is unambiguous.
    """
    entities = with_literals(text, recognizer.recognize(text))
    vault = MatterVault(matter="")
    titles = [title_before(text, e.start) for e in entities]
    mentions = mentions_of([(e.type, text[e.start : e.end]) for e in entities], known=FullNames(), titles=titles)
    placeholders = vault.assign(mentions)
    pairs = list(zip(entities, placeholders, strict=True))
    redacted = replace_spans(text, [(e.start, e.end, placeholder) for e, placeholder in pairs], offset=0)[0]
    return redacted, [
        RedactedEntity(type=e.type, start=e.start, end=e.end, placeholder=placeholder, score=round(e.score, 4))
        for e, placeholder in pairs
    ]
