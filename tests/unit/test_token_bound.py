"""The most tokens that a text can be, against tokenizers that LiteLLM ships."""

import os
import string
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentkit.text.token_bound import most_tokens

litellm = pytest.importorskip("litellm")
tiktoken = pytest.importorskip("tiktoken")
tokenizers = pytest.importorskip("tokenizers")
ROOT = Path(__file__).resolve().parents[2]
SHIPPED = Path(litellm.__file__).parent / "litellm_core_utils/tokenizers"
WORDS = (ROOT / "agentkit/text/token_words.txt").read_text("utf-8").split("\n", 1)[1].split()
PROSE = (ROOT / "examples/documents/nda.md").read_text("utf-8")
GERMAN = "Die Kündigung bedarf der Schriftform; mündliche Änderungen dieses Vertrages sind unwirksam. " * 10


@pytest.fixture(scope="module")
def counts() -> Mapping[str, Callable[[str], int]]:
    before = os.environ.get("TIKTOKEN_CACHE_DIR")
    os.environ["TIKTOKEN_CACHE_DIR"] = str(SHIPPED)  # nothing is downloaded: the vocabularies lie there
    try:
        openai = {name: tiktoken.get_encoding(name) for name in ("cl100k_base", "o200k_base", "p50k_base")}
    finally:
        del os.environ["TIKTOKEN_CACHE_DIR"]
        if before is not None:
            os.environ["TIKTOKEN_CACHE_DIR"] = before
    claude = tokenizers.Tokenizer.from_file(str(SHIPPED / "anthropic_tokenizer.json"))
    made: dict[str, Callable[[str], int]] = {
        name: lambda text, tokenizer=tokenizer: len(tokenizer.encode(text, disallowed_special=()))
        for name, tokenizer in openai.items()
    }
    return {**made, "claude": lambda text: len(claude.encode(text, add_special_tokens=False).ids)}


SCRAWL = st.text(string.ascii_lowercase, max_size=120)
MIXED = st.text(string.ascii_letters + string.digits + " \n\t.,;:'’-_(){}$§é", max_size=120)
PIECED = st.lists(
    st.tuples(st.sampled_from(WORDS), st.integers(1, 12), st.sampled_from(["", "s", "'s", "'t", "é", ".", "\n", "1"])),
    max_size=30,
).map(lambda parts: " ".join(word[:size] + end for word, size, end in parts))


@settings(deadline=None, max_examples=300)
@given(text=SCRAWL | MIXED | PIECED)
def test_no_tokenizer_makes_more(text: str, counts: Mapping[str, Callable[[str], int]]) -> None:
    assert {name: count(text) for name, count in counts.items() if count(text) > most_tokens(text)} == {}


@pytest.mark.parametrize("letters", ["qzxjkvw", string.ascii_lowercase], ids=["rare letters", "any letters"])
def test_letters_in_no_order_are_covered(letters: str, counts: Mapping[str, Callable[[str], int]]) -> None:
    text = "".join(letters[(number * number * 7 + number // 3) % len(letters)] for number in range(2000))
    assert max(count(text) for count in counts.values()) <= most_tokens(text)


def test_every_word_of_the_list_is_one_token(counts: Mapping[str, Callable[[str], int]]) -> None:
    text = " " + " ".join(WORDS)
    assert {name: count(text) for name, count in counts.items()} == dict.fromkeys(counts, len(WORDS))


def test_prose_is_not_taken_for_much_more_than_it_is(counts: Mapping[str, Callable[[str], int]]) -> None:
    for text, most in ((PROSE, 2.0), (GERMAN, 3.5)):
        assert most_tokens(text) <= most * max(count(text) for count in counts.values())
