import re
from importlib.resources import files

import pytest

from agentkit.privacy import DEFAULT_REDACT, KNOWN_TYPES, check_keep, check_types


def test_every_type_that_is_found_or_replaced_is_known() -> None:
    sources = [path.read_text("utf-8") for path in files("agentkit.privacy").iterdir() if path.name.endswith(".py")]
    written = re.findall(r'(?:Entity|_Rule|_shape|_labelled)\(\s*"([A-Z_]+)"', "\n".join(sources))
    assert set(written) | set(DEFAULT_REDACT) <= set(KNOWN_TYPES)
    assert len(set(written)) > 20


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("PERSN", "PERSON"),
        ("person", "PERSON"),
        ("email address", "EMAIL_ADDRESS"),
        ("EMAIL", "EMAIL_ADDRESS"),
        ("PHONE", "PHONE_NUMBER"),
        ("ADDRESS", "EMAIL_ADDRESS or IP_ADDRESS or MAC_ADDRESS or STREET_ADDRESS"),
        ("ORGANISATION", "ORGANIZATION"),
    ],
)
def test_a_misspelled_type_is_refused_with_a_suggestion(name: str, meant: str) -> None:
    told = check_types(["PERSON", name])
    assert told is not None
    assert told.startswith(f"There is no entity type {name!r}; did you mean {meant}")


def test_a_word_like_no_type_is_refused_with_the_list_of_types() -> None:
    assert "the types are AGE, BANK_CODE" in (check_types(["XQZW"]) or "")


def test_types_that_exist_are_accepted() -> None:
    assert check_types([]) is None
    assert check_types(DEFAULT_REDACT) is None
    assert check_keep(KNOWN_TYPES) is None


@pytest.mark.parametrize("name", ["Pearson", "IBM", "ACME", "Jane Persson", "person", "SIEMENS", ""])
def test_a_literal_name_may_be_kept(name: str) -> None:
    assert check_keep([name]) is None


@pytest.mark.parametrize("name", ["PERSN", "PERSONS", "EMAIL_ADRESS", "STREET_ADDRES"])
def test_a_misspelled_type_is_not_kept_as_a_name(name: str) -> None:
    assert "did you mean" in (check_keep(["Jane", name]) or "")
