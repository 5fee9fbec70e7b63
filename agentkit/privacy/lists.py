"""The lists of names and words shipped with the package, loaded when first needed."""

from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

_PLURAL_EXCEPT = ("s", "h", "ese", "sh", "ch")


@dataclass(frozen=True, slots=True)
class Lists:
    """Names and words, all case-folded. `places` are split at white space, so that phrases can be matched."""

    given: frozenset[str]
    surnames: frozenset[str]
    common: frozenset[str]
    nationalities: frozenset[str]
    places: frozenset[tuple[str, ...]]
    organisations: frozenset[tuple[str, ...]]


@lru_cache(maxsize=1)
def load_lists() -> Lists:
    """Return the lists; they are read from the package once."""
    nationalities = _words("nationalities.txt")
    plurals = {word + "s" for word in nationalities if not word.endswith(_PLURAL_EXCEPT)}
    return Lists(
        given=_words("given.txt"),
        surnames=_words("surnames.txt"),
        common=_words("common.txt") | _words("roles.txt"),
        nationalities=nationalities | plurals,
        places=_phrases("places.txt"),
        organisations=_phrases("organisations.txt"),
    )


def _lines(name: str) -> list[str]:
    text = files("agentkit.privacy").joinpath("data", name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def _words(name: str) -> frozenset[str]:
    return frozenset(word.casefold() for line in _lines(name) for word in line.split())


def _phrases(name: str) -> frozenset[tuple[str, ...]]:
    items = (item for line in _lines(name) for item in line.split(";"))
    return frozenset(tuple(item.casefold().replace(".", "").split()) for item in items if item.strip())
