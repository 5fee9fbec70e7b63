# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false
# ONNX Runtime and tokenizers are typed in part only.
"""Names by a GLiNER model in ONNX form, everything else by the embedded rules."""

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from agentkit.errors import ConfigError, MissingExtraError
from agentkit.privacy.mixed import beside_rules
from agentkit.types import Entity

try:
    import numpy as np
    import onnxruntime
    from tokenizers import Tokenizer
except ImportError as error:
    raise MissingExtraError("gliner", needed_for="privacy.recognizer: gliner:…") from error

_LABELS = {
    "person": "PERSON",
    "organization": "ORGANIZATION",
    "location": "LOCATION",
    "street address": "STREET_ADDRESS",
}
_MODELS = ("model.onnx", "onnx/model.onnx", "model_quantized.onnx", "onnx/model_quantized.onnx")
_INPUTS = {"input_ids", "attention_mask", "words_mask", "text_lengths", "span_idx", "span_mask"}
_WORD = re.compile(r"\w+(?:[-_]\w+)*|\S")
_ENTITY, _SEPARATOR = "<<ENT>>", "<<SEP>>"
_THRESHOLD = 0.5  # a likelihood; GLiNER's own default
_MOST_WORDS = 300  # of one call; models are trained on sentences and short paragraphs


class GlinerRecognizer:
    """A span-level GLiNER model's names beside what the embedded rules are sure of (port `Recognizer`).

    Source: Zaratiana et al., NAACL 2024, arXiv:2311.08526; the inputs are those of the project's ONNX export.
    """

    def __init__(self, folder: str) -> None:
        """Load a model from a folder with `gliner_config.json`, `tokenizer.json` and `model.onnx`; nothing is fetched.

        Raises:
            ConfigError: a file is missing or damaged, or the model is of another kind (token-level, GLiNER2).
        """
        root = Path(folder).expanduser()
        try:
            settings = json.loads((root / "gliner_config.json").read_text(encoding="utf-8"))
            self._width = int(settings["max_width"])
            self._words = min(int(settings.get("max_len", _MOST_WORDS)), _MOST_WORDS)
            model = next(root / name for name in _MODELS if (root / name).is_file())
            self._tokenizer = Tokenizer.from_file(str(root / "tokenizer.json"))
            self._session = onnxruntime.InferenceSession(str(model), providers=["CPUExecutionProvider"])
        except StopIteration as error:
            raise ConfigError(
                f"privacy.recognizer: {folder!r} holds no model.onnx; export it with GLiNER's script."
            ) from error
        except Exception as error:  # ONNX Runtime and tokenizers raise their own, and plain Exception
            raise ConfigError(
                f"privacy.recognizer: the GLiNER model in {folder!r} cannot be loaded: {error}"
            ) from error
        if {item.name for item in self._session.get_inputs()} != _INPUTS:
            raise ConfigError(f"privacy.recognizer: the model in {folder!r} is no span-level GLiNER model.")
        self._prompt = [part for label in _LABELS for part in (_ENTITY, label)] + [_SEPARATOR]

    def recognize(self, text: str, /) -> list[Entity]:
        return beside_rules(text, self._named(text))

    def _named(self, text: str) -> Iterator[Entity]:
        spans = [match.span() for match in _WORD.finditer(text)]
        step = max(1, self._words - self._width)  # a name at the end of one piece is whole in the next
        for start in range(0, len(spans), step):
            yield from self._in_piece(text, spans[start : start + self._words])
            if start + self._words >= len(spans):
                return

    def _in_piece(self, text: str, spans: Sequence[tuple[int, int]]) -> Iterator[Entity]:
        words = [text[start:end] for start, end in spans]
        encoded = self._tokenizer.encode([*self._prompt, *words], is_pretokenized=True)
        likelihoods = self._likelihoods(encoded.ids, encoded.word_ids, len(words))
        kinds = list(_LABELS.values())
        for first, width, kind in np.argwhere(likelihoods > _THRESHOLD):
            if first + width < len(words):
                score = float(likelihoods[first, width, kind])
                yield Entity(kinds[kind], spans[first][0], spans[first + width][1], score)

    def _likelihoods(self, ids: Sequence[int], owners: Sequence[int | None], count: int) -> "np.ndarray":
        """Return how likely the words from `first` on are of a kind: words × widths × kinds, each in 0 to 1."""
        mask = np.zeros((1, len(ids)), dtype=np.int64)
        last = None
        for position, owner in enumerate(owners):
            if owner is not None and owner >= len(self._prompt) and owner != last:
                mask[0, position] = owner - len(self._prompt) + 1  # the first piece of each word bears its number
            last = owner
        starts = np.repeat(np.arange(count), self._width)
        ends = starts + np.tile(np.arange(self._width), count)
        inside = ends < count
        logits = self._session.run(
            None,
            {
                "input_ids": np.array([ids], dtype=np.int64),
                "attention_mask": np.ones((1, len(ids)), dtype=np.int64),
                "words_mask": mask,
                "text_lengths": np.array([[count]], dtype=np.int64),
                "span_idx": (np.stack([starts, ends], axis=-1) * inside[:, None])[None].astype(np.int64),
                "span_mask": inside[None],
            },
        )[0]
        return 1 / (1 + np.exp(-np.asarray(logits)[0]))
