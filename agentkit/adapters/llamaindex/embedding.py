# pyright: reportUnknownMemberType=false
# LlamaIndex's base class is partly untyped.
"""Any LlamaIndex `BaseEmbedding` as what embeds passages and queries."""

import math
from collections.abc import Sequence

from llama_index.core.base.embeddings.base import BaseEmbedding

from agentkit.errors import ConfigError, UnavailableError


class LlamaIndexEmbedding:
    """Passages by `aget_text_embedding_batch`, queries by `aget_query_embedding`; vectors are brought to length 1.

    Args:
        inner: the embedding.
        name: says which model it is; by default its `model_name`.

    Raises:
        UnavailableError: it cannot embed: its size is found out at once.
    """

    def __init__(self, inner: BaseEmbedding, *, name: str = "") -> None:
        self._inner = inner
        self.name = name or inner.model_name
        try:
            self.dimensions = len(inner.get_text_embedding("passage"))
        except Exception as error:
            raise _failed(inner, error) from error

    @classmethod
    def of(cls, given: object, *, name: str) -> "LlamaIndexEmbedding":
        """Take an embedding, or what makes one when it is called.

        Raises:
            ConfigError: it is neither.
            UnavailableError: it cannot embed.
        """
        made = given() if callable(given) and not isinstance(given, BaseEmbedding) else given
        if not isinstance(made, BaseEmbedding):
            raise ConfigError(f"{name} is no LlamaIndex BaseEmbedding, nor makes one.")
        return cls(made, name=name if made.model_name == "unknown" else made.model_name)

    async def embed_passages(self, texts: Sequence[str], /) -> list[list[float]]:
        try:
            found = await self._inner.aget_text_embedding_batch(list(texts))
        except Exception as error:
            raise _failed(self._inner, error) from error
        return [_unit(vector) for vector in found]

    async def embed_query(self, text: str, /) -> list[float]:
        try:
            return _unit(await self._inner.aget_query_embedding(text))
        except Exception as error:
            raise _failed(self._inner, error) from error


def _unit(vector: Sequence[float]) -> list[float]:
    length = math.sqrt(sum(value * value for value in vector)) or 1.0
    return [value / length for value in vector]


def _failed(inner: BaseEmbedding, error: Exception) -> UnavailableError:
    return UnavailableError(f"The embedding {type(inner).__name__} cannot be used: {type(error).__name__}.")
