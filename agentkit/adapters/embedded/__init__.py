"""The model that comes with agentkit: deterministic, in process, without weights."""

from agentkit.adapters.embedded.extractive import ExtractiveBackend

__all__ = ["ExtractiveBackend"]
