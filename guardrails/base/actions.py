"""The actions that rails.co executes. Add your own below: an `@action` that returns a `RailOutcome`."""

from agentkit.adapters.nemo.actions import (
    agentkit_check_advice,
    agentkit_check_characters,
    agentkit_check_injection,
    agentkit_check_leakage,
    agentkit_check_markup,
    agentkit_check_passage,
    agentkit_check_personal,
    agentkit_check_placeholders,
    agentkit_check_redacted,
    agentkit_check_secrets,
    agentkit_check_size,
    agentkit_check_topics,
    agentkit_check_toxicity,
)

__all__ = [
    "agentkit_check_advice",
    "agentkit_check_characters",
    "agentkit_check_injection",
    "agentkit_check_leakage",
    "agentkit_check_markup",
    "agentkit_check_passage",
    "agentkit_check_personal",
    "agentkit_check_placeholders",
    "agentkit_check_redacted",
    "agentkit_check_secrets",
    "agentkit_check_size",
    "agentkit_check_topics",
    "agentkit_check_toxicity",
]
