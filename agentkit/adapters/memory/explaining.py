"""Why a passage was found: what each component gave, the words, the clause type, the definitions it rests on."""

from collections.abc import Sequence
from dataclasses import dataclass

from agentkit.adapters.memory.engine import Found
from agentkit.indexed import Entry
from agentkit.legal.answering_words import stem, words
from agentkit.legal.cues import fold
from agentkit.legal.defining import definitions_in, uses
from agentkit.legal.ranking import clause_share
from agentkit.legal.search import Query, read_query

_MOST_DEFINITIONS = 3


@dataclass(frozen=True, slots=True)
class Definition:
    """A defined term that a passage uses, and the passage that defines it."""

    term: str
    id: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a passage was found.

    `components` sum up to the score. `words` are the passage's words that count, each with the word of the query
    that it stands for; `clause` is the type of clause that both query and passage are, or empty.
    """

    components: dict[str, float]
    words: dict[str, str]
    clause: str
    definitions: list[Definition]


def explain_hit(query: str, found: Found, document: Sequence[Entry]) -> Explanation:
    """Explain a passage that a query found, with the passages of its document."""
    read = read_query(query)
    candidate = found.ranked.candidate
    types = [clause for clause in read.clauses if clause_share([clause], candidate, second=1.0) > 0.0]
    return Explanation(
        components={name: round(value, 6) for name, value in found.ranked.parts.items() if round(value, 6)},
        words=_words(read, found.entry.text),
        clause=types[0][0].name if types else "",
        definitions=definitions_for(found.entry, document),
    )


def _words(query: Query, text: str) -> dict[str, str]:
    plain = {stem(word): word for word in words(fold(query.text))}
    asked: dict[str, str] = {}
    for group in sorted(query.groups, key=lambda group: group.weight):
        for other in sorted(group.worth, key=lambda one: group.worth[one]):
            asked[other] = plain.get(group.stem, group.stem)
    asked |= {group.stem: plain.get(group.stem, group.stem) for group in query.groups}
    return {word: asked[root] for word in words(fold(text)) if (root := stem(word)) in asked}


def definitions_for(entry: Entry, document: Sequence[Entry]) -> list[Definition]:
    """Return where the defined terms that a passage uses are defined in its document, the longest three.

    Of a term that is defined several times, as in a schedule of its own, the last definition above the passage
    counts, or else the first below it.
    """
    found = dict[str, Entry]()
    for other in document:
        if other.start == entry.start:
            continue
        for term in definitions_in(other.text):
            if (term not in found or other.start < entry.start) and uses(entry.text, term):
                found[term] = other
    own = frozenset(definitions_in(entry.text))
    # The longer term says more: "Confidential Information" before "Information".
    terms = sorted((term for term in found if term not in own), key=lambda term: -len(term))[:_MOST_DEFINITIONS]
    return [Definition(term, found[term].id, found[term].start, found[term].end) for term in terms]
