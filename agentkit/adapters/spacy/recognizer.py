# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# spaCy's pipeline is typed in part only.
"""Names by a spaCy model, everything else by the embedded rules."""

from collections.abc import Iterator

from agentkit.errors import ConfigError, MissingExtraError
from agentkit.privacy.mixed import beside_rules
from agentkit.types import Entity

try:
    import spacy
except ImportError as error:
    raise MissingExtraError("ner", needed_for="privacy.recognizer: spacy:…") from error

_TYPES = {
    "PERSON": "PERSON",
    "PER": "PERSON",
    "ORG": "ORGANIZATION",
    "GPE": "LOCATION",
    "LOC": "LOCATION",
    "FAC": "LOCATION",
    "NORP": "NRP",
}
_SCORE = 0.85  # spaCy's models give none; this is Presidio's value for them
_CHUNK = 20_000  # characters; keeps memory bounded whatever the document's length
_UNUSED = ["tagger", "parser", "attribute_ruler", "lemmatizer", "senter"]


class SpacyRecognizer:
    """A spaCy model's names beside what the embedded rules are sure of (port `Recognizer`)."""

    def __init__(self, model: str) -> None:
        """Load a model by its package's name or its folder; nothing is downloaded.

        Raises:
            ConfigError: there is no such model, or it was made for another version of spaCy.
        """
        try:
            self._nlp = spacy.load(model, exclude=_UNUSED)
        except (OSError, ValueError) as error:
            raise ConfigError(
                f"privacy.recognizer: spaCy cannot load {model!r}; install the model's package or give its folder."
            ) from error

    def recognize(self, text: str, /) -> list[Entity]:
        return beside_rules(text, self._named(text))

    def _named(self, text: str) -> Iterator[Entity]:
        chunks = list(_chunks(text))
        offsets = (start for start, _ in chunks)
        for offset, doc in zip(offsets, self._nlp.pipe(chunk for _, chunk in chunks), strict=True):
            for entity in doc.ents:
                if entity.label_ in _TYPES:
                    start, end = offset + entity.start_char, offset + entity.end_char
                    yield Entity(_TYPES[entity.label_], start, end, _SCORE)


def _chunks(text: str) -> Iterator[tuple[int, str]]:
    """Yield the text in pieces that end at a line's end, or at a space where a line is longer than a piece."""
    start = 0
    while start < len(text):
        end = min(len(text), start + _CHUNK)
        if end < len(text):
            cut = max(text.rfind("\n", start, end), -1)
            cut = cut if cut > start else text.rfind(" ", start, end)
            end = cut + 1 if cut > start else end
        yield start, text[start:end]
        start = end
