"""Endpoints that speak OpenAI's chat protocol, reached directly: vLLM, llama.cpp, TGI, Ollama, OpenAI itself."""

from agentkit.adapters.openai.backend import OpenAIBackend

__all__ = ["OpenAIBackend"]
