"""Every listed word that demeans is found where it is aimed at somebody, and threats however they are disguised."""

from importlib.resources import files

import pytest

from agentkit.text.toxicity import find_toxic

AIM = {"en": "you", "de": "du bist", "fr": "tu es", "es": "eres", "it": "sei", "pt": "seu", "nl": "jij", "pl": "ty"}
LISTED = [
    line.split()
    for line in files("agentkit.text").joinpath("toxicity.txt").read_text(encoding="utf-8").splitlines()
    if line.strip() and not line.startswith("#")
]


@pytest.mark.parametrize(("kind", "language", "words"), [(row[0], row[1], row[2:]) for row in LISTED])
def test_each_listed_word_is_found_where_it_is_aimed(kind: str, language: str, words: list[str]) -> None:
    aim = AIM.get(language, "ты") if kind == "insult" else "the"
    for word in words:
        said = f"The seller said: {aim} {word.replace('*', 'x').replace('-', ' ')}, and left."
        assert (kind, language) in {(item.kind, item.language) for item in find_toxic(said)}, said


@pytest.mark.parametrize(
    "threat",
    [
        "I know where you live.",
        "Watch your back, and keep the gas on.",
        "You're dead meat.",
        "We hope you rot.",
        "They will bury him.",
        "We are going to burn your family.",
        "You deserve to be shot.",
        "Go kill yourself.",
        "Women should be beaten.",
        "Screw you.",
        "Burn in hell.",
        "Ik ga je vermoorden.",
        "Wij slaan niet: wij steek jou neer.",
    ],
)
@pytest.mark.parametrize("disguise", [str, str.upper, lambda text: text.replace("e", "é").replace("u", "ü")])
def test_a_threat_is_found_in_capitals_and_under_accents(threat: str, disguise: type[str]) -> None:
    assert "threat" in {item.kind for item in find_toxic(disguise(threat))}


@pytest.mark.parametrize(
    "text",
    [
        "The parties live in Delaware and watch the market; a dead letter is returned.",
        "The Recipient shall destroy the Confidential Information, and the Lessee shall not suffer waste.",
        "Oil, gas and minerals may be cut, burned or broken by the Lessee; the sale defines the connection.",
    ],
)
def test_words_of_a_threat_alone_are_none(text: str) -> None:
    assert find_toxic(text) == []
