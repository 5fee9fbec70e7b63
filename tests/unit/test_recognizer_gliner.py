"""GLiNER's form, with a tiny model made by `gliner_tiny/make.py`: real runtime, real tokenizer, invented weights."""

import json
import shutil
from pathlib import Path

import pytest

from agentkit.composition import make_recognizer
from agentkit.errors import ConfigError

pytest.importorskip("onnxruntime")
pytest.importorskip("tokenizers")
TINY = Path(__file__).with_name("gliner_tiny")


@pytest.fixture(scope="module")
def recognizer() -> object:
    return make_recognizer(f"gliner:{TINY}")


def found(recognizer: object, text: str) -> list[tuple[str, str]]:
    return [(text[e.start : e.end], e.type) for e in recognizer.recognize(text)]


def test_a_models_names_stand_beside_the_rules(recognizer: object) -> None:
    text = "The notice went to zyx vut (a@example.com) in atlantia."
    assert found(recognizer, text) == [
        ("zyx vut", "PERSON"),
        ("a@example.com", "EMAIL_ADDRESS"),
        ("atlantia", "LOCATION"),
    ]


@pytest.mark.parametrize("before", range(14, 34))
def test_a_name_is_found_whole_wherever_the_text_is_cut(recognizer: object, before: int) -> None:
    text = "Rent " + "is " * before + "zara zyx vut " + "is " * 40 + "vut."
    assert found(recognizer, text) == [("zara zyx vut", "PERSON"), ("vut", "PERSON")]


def test_offsets_are_those_of_the_text_with_wide_characters_and_pieces_of_words(recognizer: object) -> None:
    text = "\U0001f600 Due:\t李  zyx\u00a0Ørsted – rent."
    assert found(recognizer, text) == [("李  zyx\u00a0Ørsted", "PERSON")]


@pytest.mark.parametrize("text", ["", " ", "\n", "…", "\x00"])
def test_empty_texts_are_survived(recognizer: object, text: str) -> None:
    assert found(recognizer, text) == []


@pytest.mark.parametrize("gone", ["model.onnx", "tokenizer.json", "gliner_config.json"])
def test_a_folder_without_a_file_is_refused_by_name(tmp_path: Path, gone: str) -> None:
    folder = shutil.copytree(TINY, tmp_path / "model")
    (folder / gone).unlink()
    with pytest.raises(ConfigError, match=r"privacy\.recognizer.*model"):
        make_recognizer(f"gliner:{folder}")


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json", "gliner_config.json"])
def test_a_damaged_file_is_refused(tmp_path: Path, name: str) -> None:
    folder = shutil.copytree(TINY, tmp_path / "model")
    (folder / name).write_bytes(json.dumps({"no": "width"}).encode())
    with pytest.raises(ConfigError, match="cannot be loaded"):
        make_recognizer(f"gliner:{folder}")
