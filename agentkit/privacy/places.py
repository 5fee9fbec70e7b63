"""Places and peoples by lists, by the words around them, and last of all by guess."""
# ruff: noqa: E501
# A pattern is a table: it reads best on one line.

import itertools
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from agentkit.privacy.letters import UPPER
from agentkit.privacy.lists import load_lists
from agentkit.privacy.names import PLACE_STARTS
from agentkit.privacy.tokens import Run, Token, base_kind, place_like
from agentkit.text.anchored import anchored, places, uncased
from agentkit.types import Entity

_WORD = rf"[{UPPER}][\w'’-]{{1,30}}"
_OF_PLACES = (  # what stands before " of ", in small letters
    *("county", "state", "city", "town", "village", "district", "commonwealth", "province", "republic", "island", "isle", "parish", "borough", "port"),
    *("gulf", "bay", "kingdom", "tehsil", "taluka", "taluk", "mandal", "mouza", "mauza", "police station", "p.s.", "capital"),
)  # fmt: skip
_PLACE_OF = re.compile(
    rf"\b(?:(?i:{'|'.join(map(re.escape, _OF_PLACES))}) of (?:the )?"
    rf"|(?:[Vv]illage|[Tt]ehsil|[Tt]aluka|[Dd]istrict|[Dd]istt\.?|[Dd]ist\.?|P\.S\.|[Pp]olice [Ss]tation|[Mm]ouza|[Mm]auza)[ ,-]{{1,2}})"
    rf"({_WORD}(?: {_WORD}){{0,2}})"
)
_TITLED = ("illage", "ehsil", "aluka", "istrict", "istt", "ist.", "ist ", "ist,", "ist-", "olice ", "ouza", "auza")
"""What stands right before a place, without its first letter, which may be a capital."""
_LIVING = ("live", "living", "born", "moved", "based", "resid", "grew", "grown", "originally", "raised", "trip", "travel", "flew", "arrived")  # fmt: skip
_NEW_NAMES = tuple(f" {name} " for name in "New Mount Port Fort San Santa Saint Los Las Lake".split())
_BEFORE_NEW = 4  # characters of the longest preposition
_REGIONS = frozenset("county district province island islands taluka tehsil township village".split())
_WATERS = frozenset(
    "harbor harbour river bay lake creek sea ocean channel canyon valley hills island islands peninsula".split()
)
_STREETS = frozenset(
    "street avenue road drive square lane boulevard highway park building house tower towers yard plaza gardens nagar".split()
)
_STATE_OF = re.compile(r"\b(?:commonwealth|republic|kingdom|federation|sultanate) of (?:the )?$", re.IGNORECASE)
_LIVES = re.compile(
    r"\b(?i:live[sd]?|living|born|moved(?: here)?|based|reside[sd]?|residing|grew up|grown up|originally|raised|trip|travel(?:ed|led)?|flew|arrived) (?i:in|to|at|from) "
    r"([^\W\d_][\w'’-]{2,30}(?: [^\W\d_a-z][\w'’-]{1,30}){0,3})"
)
_IN = re.compile(r"\b(?:in|at|from|near|to|of|via|around|outside|within|visit(?:ed)?) (?:the )?$", re.IGNORECASE)
_NEW = re.compile(rf"\b(?:in|at|near|from|to) ((?:New|Mount|Port|Fort|San|Santa|Saint|Los|Las|Lake) ({_WORD}))")
_FUN = re.compile(r" (?:was|is) (?:super fun|a (?:city|town|country|village|beautiful place))")
_UNKNOWN = set("uym")
_SHORT_WORDS = frozenset("us uk usa uae up mp ap hp jk nct nyc la dc can man van".split())
_NUMBERED = frozenset({"no", "nos"})  # "CRLA No. 412": a docket
_SAINTS = frozenset({"St. ", "Mt. ", "Ft. ", "Ste "})


@lru_cache(maxsize=1)
def _index() -> dict[str, list[tuple[str, ...]]]:
    index: dict[str, list[tuple[str, ...]]] = {}
    lists = load_lists()
    for phrase in sorted(lists.places | lists.organisations, key=len, reverse=True):
        index.setdefault(phrase[0], []).append(phrase)
    return index


_PLAIN_WORD = re.compile(r"(?:[^\W\d_]\.){2,4}|[^\W\d_]+(?:['’&-][^\W\d_]+)*")

_CAPITAL_WORD = re.compile(rf"(?<![^\W\d_])(?<![^\W\d_]['’&-])(?=[{UPPER}])(?:{_PLAIN_WORD.pattern})")


def listed(text: str) -> Iterator[Entity]:
    """Yield listed places and organisations, the longest phrase first; they begin with a capital."""
    lists = load_lists()
    index = _index()
    position = 0
    for match in _CAPITAL_WORD.finditer(text):
        start, word = match.start(), match[0].casefold().replace(".", "")
        if start < position or word not in index:
            continue
        longest = max(map(len, index[word]))
        following = list(itertools.islice(_PLAIN_WORD.finditer(text, start), longest))
        words = [(m.end(), m[0].casefold().replace(".", "")) for m in following]
        for phrase in index[word]:
            part = words[: len(phrase)]
            if tuple(item[1] for item in part) == phrase and part[-1][0] - start <= len(" ".join(phrase)) + 4:
                position = part[-1][0]
                if len(phrase) == 1 and not _stands_alone(text, start, position):
                    break
                kind = "ORGANIZATION" if phrase in lists.organisations else "LOCATION"
                state = _STATE_OF.search(text, max(0, start - 24), start) if kind == "LOCATION" else None
                yield Entity(kind, state.start() if state else start, position, 0.8 if len(phrase) > 1 else 0.7)
                break


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Return whether a listed single word means the place or body here: "US" but not "Us", "in Reading" but not "Reading"."""
    word = text[start:end]
    if len(word.replace(".", "")) <= 3 and (word.isupper() or word.casefold() in _SHORT_WORDS):
        return word.isupper()
    return word.casefold() not in load_lists().common or bool(_IN.search(text, max(0, start - 14), start))


def surrounded(text: str, runs: Sequence[Run]) -> Iterator[Entity]:
    """Yield places that the words around them name as such."""
    common = load_lists().common
    lower = uncased(text)
    told = (anchored(_PLACE_OF, text, _titles(text, lower)), anchored(_LIVES, text, places(lower, _LIVING)))
    for match in itertools.chain.from_iterable(told):
        group = match.lastindex or 0
        words = match[group].casefold().split()
        while words and words[0] in common:
            words = words[1:]
        # "moved to dismiss": a place in small letters is one that is listed.
        if words and (not match[group].islower() or tuple(words[:1]) in load_lists().places):
            end = match.end(group)
            start = match.start(group) + match[group].casefold().rfind(" ".join(words))
            yield Entity("LOCATION", start, end, 0.7)
    for match in anchored(_NEW, text, places(text, _NEW_NAMES), before=_BEFORE_NEW):
        if base_kind(match[2].casefold()) not in "vkxoc":
            yield Entity("LOCATION", match.start(1), match.end(1), 0.6)
    yield from _regions(runs)


def _titles(text: str, lower: str) -> list[int]:
    """Return where words may begin that stand before a place, in order."""
    found = {at - 1 for at in places(text, _TITLED)} | set(places(text, ["P.S."]))
    for at in places(text, [" of "]):
        if lower.endswith(_OF_PLACES, 0, at):
            found |= {at - len(word) for word in _OF_PLACES if lower.endswith(word, 0, at)}
    return sorted(found)


def _regions(runs: Sequence[Run]) -> Iterator[Entity]:
    for run in runs:
        for index, (before, token) in enumerate(itertools.pairwise(run.tokens)):
            word = token.word.casefold()
            if before.kind not in "vkxnohci" and word in _REGIONS | _STREETS:
                first = (
                    run.tokens[index - 1] if index and run.tokens[index - 1].word.casefold() in PLACE_STARTS else before
                )
                yield Entity("LOCATION", first.start, token.end, 0.7 if word in _REGIONS else 0.6)
            elif before.kind == "n" and word in _WATERS:
                yield Entity("LOCATION", before.start, token.end, 0.7)


def peoples(text: str) -> Iterator[Entity]:
    """Yield nationalities and religions."""
    nationalities = load_lists().nationalities
    for match in re.finditer(r"[^\W\d_]{3,20}", text):
        if (
            match[0].casefold() in nationalities
            and not (match[0].islower() and match[0] in {"polish", "pole", "thai", "lao"})
            and (match[0][0].isupper() or match[0].endswith("s"))
        ):
            yield Entity("NRP", match.start(), match.end(), 0.7)


def guesses(run: Run, text: str) -> Iterator[Entity]:
    """Yield unknown capitalised words: nobody lists them, so they are likely names; what of is a guess."""
    if (run.shout and len(run.tokens) > 2) or run.tokens[-1].word.casefold() in _NUMBERED:
        return
    tokens = run.tokens[1:] if run.tokens[0].kind in "vkhx" else run.tokens
    unknown = [token for token in tokens if token.kind in _UNKNOWN and len(token.word) > 2]
    if unknown and len(tokens) > 1 and any(token.kind in "vol" for token in tokens):
        yield Entity("ORGANIZATION", tokens[0].start, tokens[-1].end, 0.4)  # "Roadside Zyxo Transit"
    part: list[Token] = []
    for token in [*run.tokens, None]:
        if token is not None and token.kind in "uymsbgqi":
            part.append(token)
            continue
        if part and any(item.kind in _UNKNOWN and len(item.word) > 2 for item in part):
            yield _guess(part, text)
        part = []


def _guess(part: list[Token], text: str) -> Entity:
    start, end = part[0].start, part[-1].end
    acronym = len(part) == 1 and part[0].word.isupper()
    if acronym and text.endswith("the ", 0, start):
        return Entity("ORGANIZATION", start, end, 0.4)
    if text[max(0, start - 4) : start] in _SAINTS:
        return Entity("LOCATION", start - 4, end, 0.4)
    if _IN.search(text, max(0, start - 14), start) or _FUN.match(text, end) or place_like(part[-1].word):
        return Entity("LOCATION", start, end, 0.4)
    if 2 <= len(part) <= 4 and "i" in {token.kind for token in part[:-1]}:
        return Entity("PERSON", start, end, 0.6)
    return Entity("ORGANIZATION" if acronym or len(part) > 2 else "PERSON", start, end, 0.35)
