"""Every model that LiteLLM reaches: Ollama, vLLM, llama.cpp, hosted APIs."""

from agentkit.adapters.litellm.backend import LiteLLMBackend
from agentkit.adapters.litellm.models import known, near

__all__ = ["LiteLLMBackend", "known", "near"]
