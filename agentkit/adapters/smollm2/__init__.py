"""A small language model in this process: no server, no key, no download at run time."""

from agentkit.adapters.smollm2.backend import SmolLM2Backend

__all__ = ["SmolLM2Backend"]
