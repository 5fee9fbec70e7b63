from pathlib import Path

import pytest

from agentkit.errors import ConfigError

spacy = pytest.importorskip("spacy")


def model(folder: Path) -> str:
    nlp = spacy.blank("en")
    ruler = nlp.add_pipe("entity_ruler")
    ruler.add_patterns([{"label": "PERSON", "pattern": "zyx vut"}, {"label": "GPE", "pattern": "Atlantia"}])
    nlp.to_disk(folder)
    return str(folder)


def test_a_models_names_stand_beside_the_rules_in_a_long_text(tmp_path: Path) -> None:
    from agentkit.adapters.spacy import SpacyRecognizer  # noqa: PLC0415 - only where spaCy is installed

    text = "Notice to zyx vut at a@example.com in Atlantia. " * 1000
    found = SpacyRecognizer(model(tmp_path / "model")).recognize(text)
    assert [text[e.start : e.end] for e in found] == ["zyx vut", "a@example.com", "Atlantia"] * 1000
    assert {e.type for e in found} == {"PERSON", "EMAIL_ADDRESS", "LOCATION"}


def test_a_model_that_is_not_installed_is_named() -> None:
    from agentkit.adapters.spacy import SpacyRecognizer  # noqa: PLC0415 - only where spaCy is installed

    with pytest.raises(ConfigError, match="no_such_model"):
        SpacyRecognizer("no_such_model")
