"""WordLlama: static embeddings from a package, without a download and without a framework."""

from agentkit.errors import MissingExtraError

try:
    import wordllama as wordllama
except ImportError as error:
    raise MissingExtraError("embeddings", needed_for="index.embedding wordllama") from error

from agentkit.adapters.wordllama.embedding import WordLlamaEmbedding

__all__ = ["WordLlamaEmbedding"]
