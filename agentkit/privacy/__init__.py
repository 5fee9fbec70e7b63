"""Finding personal data and keeping the originals behind placeholders."""

from agentkit.privacy.recognizer import EmbeddedRecognizer
from agentkit.privacy.redaction import RedactedEntity, redact_text
from agentkit.privacy.selection import DEFAULT_REDACT, Policy, select
from agentkit.privacy.vault import MatterVault, Mention

__all__ = [
    "DEFAULT_REDACT",
    "EmbeddedRecognizer",
    "MatterVault",
    "Mention",
    "Policy",
    "RedactedEntity",
    "redact_text",
    "select",
]
