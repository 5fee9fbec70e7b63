"""Words that mean nearly the same, and words that mean the opposite."""

from functools import lru_cache
from importlib.resources import files

from agentkit.text.support_tokens import Token, lemma, root


def _read(name: str) -> list[str]:
    text = files("agentkit.text").joinpath(name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


@lru_cache(maxsize=1)
def _groups() -> dict[str, frozenset[int]]:
    found: dict[str, set[int]] = {}
    for number, line in enumerate(_read("support_synonyms.txt")):
        for word in line.split():
            for form in (lemma(word), root(word)):
                found.setdefault(form, set()).add(number)
    return {form: frozenset(numbers) for form, numbers in found.items()}


@lru_cache(maxsize=1)
def _opposites() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for line in _read("support_antonyms.txt"):
        left, right = (side.split() for side in line.split("|"))
        for one in left:
            for two in right:
                found.setdefault(lemma(one), set()).add(lemma(two))
                found.setdefault(lemma(two), set()).add(lemma(one))
    return {form: frozenset(forms) for form, forms in found.items()}


def groups_of(token: Token) -> frozenset[int]:
    """Return the numbers of the synonym groups a word belongs to."""
    groups = _groups()
    found = groups.get(token.lemma) or groups.get(token.root)
    return found or groups.get(positive(token.lemma), frozenset())


def synonyms(one: Token, two: Token) -> bool:
    """Whether two words can stand for each other."""
    return one.root == two.root or bool(groups_of(one) & groups_of(two))


def opposites_of(word: str) -> frozenset[str]:
    """Return the lemmas that mean the opposite of a lemma."""
    return _opposites().get(word) or _opposites().get(positive(word), frozenset())


def positive(word: str) -> str:
    """Return the adjective that a comparative or superlative lemma comes from ("cheaper" → "cheap"), or the word."""
    for ending in ("er", "est"):
        base = word.removesuffix(ending)
        if base == word:
            continue
        for form in (base, base[:-1] + "y" if base.endswith("i") else base):
            if form in _opposites():
                return form
    return word


def opposed(one: str, two: str) -> bool:
    """Whether two lemmas mean the opposite of each other."""
    return two in opposites_of(one) or _prefixed(one, two) or _prefixed(two, one)


def _prefixed(one: str, two: str) -> bool:
    """Whether one word is the other with a negating prefix ("lawful", "unlawful")."""
    return len(two) > 4 and any(one == prefix + two for prefix in ("un", "in", "im", "ir", "il", "non", "dis"))
