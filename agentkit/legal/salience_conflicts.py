"""Find clauses that lay the same burden on different parties, so that a reader sees both."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from agentkit.legal.salience_rank import content

CONTRADICTION = "contradiction"  # how the names of such pairs begin
_BEARS = re.compile(
    r"(?:^|[,.;:]\s)(?:The |Each |Any )?(?P<who>[A-Z][\w’'&-]*(?: [A-Z][\w’'&-]*){0,2})\s+"
    r"(?:shall|must|will|agrees to|undertakes to)\b(?P<what>.+)",
    re.DOTALL,
)
_OWN_COST = re.compile(r"\bat (?:its|his|her|their)(?: own| sole| sole and own)? (?:cost|expense)", re.IGNORECASE)
_DUTY = re.compile(
    r"\b(?:keep|maintain|repair|replace|renew|insure|pay|clean|service|decorate|rebuild)\b", re.IGNORECASE
)
_DENIED = re.compile(r"^\s*(?:not|never|in no event)\b", re.IGNORECASE)
_EITHER = re.compile(r"^(?:Each|Either|Both|Neither|No|Any)\b|\bPart(?:y|ies)\b", re.IGNORECASE)
_VAGUE = frozenset(
    "cost expens keep maintain sole own time term order good condit agreement lease reason times includ part "
    "parts".split()
)
_LEAST_SHARED, _LEAST_SHARE = 3, 0.4
_COMMON = 12  # a word that so many duties share names no object of its own


def contradictions(texts: Sequence[str], places: Sequence[tuple[int, int, int]]) -> dict[int, dict[str, float]]:
    """Return, by index, a mark of each pair of texts that put one burden on two parties.

    A pair shares three objects or more ("the roof, the structural columns and the exterior walls"), is to be kept
    up or paid for by each, and names different parties. Each half has a mark of its own, so that neither makes
    the other superfluous.

    Args:
        texts: claims, forms of one sentence among them.
        places: where each claim stands, `(source, start, end)`; two of one place are no pair.
    """
    duties = dict(_duties(texts))
    spread = Counter(word for place in {places[i]: i for i in duties}.values() for word in duties[place][1])
    own = {who for who, _ in duties.values()}
    objects = {
        i: frozenset(w for w in words if spread[w] <= _COMMON and w not in own) for i, (_, words) in duties.items()
    }
    marks: dict[int, dict[str, float]] = {}
    for one, other in _pairs(objects):
        if duties[one][0] == duties[other][0] or places[one][0] != places[other][0] or places[one] == places[other]:
            continue
        shared = len(objects[one] & objects[other])
        if shared >= _LEAST_SHARED and shared >= _LEAST_SHARE * min(len(objects[one]), len(objects[other])):
            name = f"{CONTRADICTION} {sorted((places[one], places[other]))}"
            for index in (one, other):
                marks.setdefault(index, {})[f"{name} {places[index]}"] = 1.0
    return marks


def contradict(one: Mapping[str, float], other: Mapping[str, float]) -> bool:
    """Tell from their marks whether two claims are halves of one pair."""
    return bool(_pairs_of(one) & _pairs_of(other))


def _pairs_of(scores: Mapping[str, float]) -> set[str]:
    return {name[: name.index("]") + 1] for name in scores if name.startswith(CONTRADICTION)}


def _duties(texts: Sequence[str]) -> Iterator[tuple[int, tuple[str, frozenset[str]]]]:
    for index, text in enumerate(texts):
        match = _BEARS.search(text)
        if match is None or _DENIED.match(match["what"]) or _EITHER.search(match["who"]):
            continue
        if not (_OWN_COST.search(text) or _DUTY.search(match["what"][:120])):
            continue
        if _DUTY.search(match["what"]):
            yield index, (match["who"].lower(), frozenset(content(match["what"])) - _VAGUE)


def _pairs(objects: Mapping[int, frozenset[str]]) -> Iterator[tuple[int, int]]:
    """Yield the pairs that share a word, each once."""
    places: dict[str, list[int]] = {}
    seen: set[tuple[int, int]] = set()
    for index, words in objects.items():
        for word in words:
            for other in places.setdefault(word, []):
                if (other, index) not in seen:
                    seen.add((other, index))
                    yield other, index
            places[word].append(index)
