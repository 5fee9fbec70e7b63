"""Finding personal data and keeping the originals behind placeholders."""

from agentkit.privacy.coverage import coverage_warning
from agentkit.privacy.entity_types import KNOWN_TYPES, check_keep, check_types
from agentkit.privacy.recognizer import EmbeddedRecognizer
from agentkit.privacy.redaction import RedactedEntity, redact_text
from agentkit.privacy.selection import DEFAULT_REDACT, Policy, select
from agentkit.privacy.vault import MatterVault, Mention

__all__ = [
    "DEFAULT_REDACT",
    "KNOWN_TYPES",
    "EmbeddedRecognizer",
    "MatterVault",
    "Mention",
    "Policy",
    "RedactedEntity",
    "check_keep",
    "check_types",
    "coverage_warning",
    "redact_text",
    "select",
]
