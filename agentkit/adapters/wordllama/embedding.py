# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false, reportMissingTypeStubs=false
# WordLlama is untyped.
"""The embedding that WordLlama's wheel carries."""

import asyncio
import threading
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import wordllama

from agentkit.errors import UnavailableError

_DIMENSIONS = 256


class WordLlamaEmbedding:
    """256 numbers a text, a thousand passages a second on one core; loads at the first use, from the package alone."""

    dimensions = _DIMENSIONS

    def __init__(self) -> None:
        self.name = f"wordllama-{version('wordllama')}"
        self._model: Any = None
        self._loading = threading.Lock()

    async def embed_passages(self, texts: Sequence[str], /) -> list[list[float]]:
        return await asyncio.to_thread(self._embed, texts)

    async def embed_query(self, text: str, /) -> list[float]:
        (vector,) = await asyncio.to_thread(self._embed, [text])
        return vector

    def _embed(self, texts: Sequence[str]) -> list[list[float]]:
        if not texts:
            return []
        # Half of a character is no text to its tokenizer.
        found = self._loaded().embed([text.encode("utf-8", "replace").decode() or " " for text in texts])
        vectors = np.asarray(found, np.float32)
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        # A text without a known word is as near to one as to another.
        vectors = np.where(lengths > 0, vectors / np.maximum(lengths, 1e-9), np.eye(1, _DIMENSIONS, dtype=np.float32))
        return vectors.tolist()

    def _loaded(self) -> Any:
        with self._loading:
            if self._model is None:
                package = Path(wordllama.__file__).parent
                try:
                    self._model = wordllama.WordLlama.load(dim=_DIMENSIONS, cache_dir=package, disable_download=True)
                except (OSError, ValueError) as error:
                    raise UnavailableError("The package wordllama lacks its weights: install it again.") from error
            return self._model
