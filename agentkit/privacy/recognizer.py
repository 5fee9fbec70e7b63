"""The embedded recognizer: patterns, checksums, document structure and lists of names; no model."""

import re

from agentkit.privacy.placeholders import disjoint
from agentkit.types import Entity

_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}")


class EmbeddedRecognizer:
    """Finds personal data by rules (port `Recognizer`)."""

    def recognize(self, text: str, /) -> list[Entity]:
        """Return the entities in `text`, in order of position, none overlapping another."""
        return disjoint(
            [Entity("EMAIL_ADDRESS", m.start(), m.end(), 1.0) for m in _EMAIL.finditer(text)], limit=len(text)
        )
