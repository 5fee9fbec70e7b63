"""Topics that a policy forbids: names and patterns of the policy's own."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from agentkit.text.folded import fold
from agentkit.text.normalize import normalize

TopicMode = Literal["block", "flag"]


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic: `terms` are words or phrases, found as whole words in any case; `patterns` regular expressions.

    What it mentions is blocked, or (*flag*) passes with a word in the report.
    """

    name: str
    terms: Sequence[str] = ()
    patterns: Sequence[str] = ()
    mode: TopicMode = "block"


def mentioned(text: str, topics: Sequence[Topic], /) -> list[tuple[Topic, str]]:
    """Return the topics that a text mentions, each with the first words that say so.

    Terms are compared after undoing disguises (case, look-alike and invisible characters, white space).

    Raises:
        re.error: a pattern is no regular expression.
    """
    folded = fold(text).line if topics else ""
    found: list[tuple[Topic, str]] = []
    for topic in topics:
        terms, patterns = _compiled(tuple(topic.terms), tuple(topic.patterns))
        matches = [*([terms.search(folded)] if terms else []), *(pattern.search(text) for pattern in patterns)]
        said = next((match[0] for match in matches if match and match[0]), None)
        if said is not None:
            found.append((topic, said))
    return found


@lru_cache(maxsize=128)
def _compiled(
    terms: tuple[str, ...], patterns: tuple[str, ...]
) -> tuple[re.Pattern[str] | None, tuple[re.Pattern[str], ...]]:
    folded = [" ".join(normalize(term).text.split()) for term in terms if term.strip()]
    words = "|".join(re.escape(term) for term in sorted(folded, key=len, reverse=True))
    return re.compile(rf"(?<!\w)(?:{words})(?!\w)") if words else None, tuple(map(re.compile, patterns))
