# ruff: noqa: E501
# A pattern is a table: it reads best on one line.
"""Persons' names by lists and by how names are put together."""
# A pattern is a table: it reads best on one line.

import re
from collections.abc import Iterable, Iterator, Sequence

from agentkit.privacy.lists import load_lists
from agentkit.privacy.tokens import Run, Token
from agentkit.types import Entity

# Over the letters of a run's kinds (see Token). The first alternative that fits wins.
_PERSON = re.compile(
    r"(?P<titled>h[hk]{0,4}(?P<t>v?[gsbmuywqi]{1,4}p?)j?)"
    r"|(?P<full>[gb]i{0,3}[gsbmuyw]{1,3}j?|[gb]i{0,3}q(?![lo])j?|[gb]i{0,3}p$|[gb]i{1,3}v|[wq]i{0,2}[gsbm][sbm]?j?|[wq]i{1,2}[sbmuwq]j?)"
    r"|(?P<initials>i{1,3}[sbmq][sbmguy]?j?|i{2,3}[guy][sbmguy]?j?)"
    r"|(?P<built>[uymsb]i{0,2}[uy]?[sbmg]{1,2}[uy]?j?|s[gy]{1,2}|[gsbm]i{1,2}j?|[uy]i{1,2}[uy]j?|^[sb]w$)"
    r"|(?P<role>k(?P<r>[gsbmuq][gsbmuwqyi]{0,3})j?)"
)
_SCORES = {"titled": 0.9, "full": 0.85, "initials": 0.75, "built": 0.65, "role": 0.7}
PLACE_STARTS = frozenset(
    "san santa santo são sao los las el fort port saint st lake mount new north south east west avenida rua rodovia calle rue avenue via "
    "praça estrada ponte camp cape point".split()
)
_SHOUTED = {"titled", "full", "initials"}
_ORGANISATION_AFTER = re.compile(
    r",? (?:Inc|LLC|Ltd|Corp|LLP|L\.L\.C|L\.P|PLC|GmbH|(?:and|&) (?:Sons|Company|Co|Associates|Partners|Bros)\b)",
    re.IGNORECASE,
)
_FIRM = re.compile(r"\w,? & $")


def full_names(run: Run, text: str) -> Iterator[Entity]:
    """Yield names of several words, and names after a title, within one run."""
    kinds, shout = run.kinds, run.shout
    position = 0
    while match := _PERSON.search(kinds, position):
        position = match.end()
        name = match.lastgroup if match.lastgroup in _SCORES else _group(match)
        group = {"titled": "t", "role": "r"}.get(name, name)
        first, last = run.tokens[match.start(group)], run.tokens[match.end() - 1]
        following = kinds[match.end() : match.end() + 1]
        if following and following in "col" and name not in {"titled"}:
            continue
        if name not in {"titled", "role"} and first.word.casefold() in PLACE_STARTS:
            yield Entity("LOCATION", first.start, last.end, 0.6)
            continue
        if shout and name == "initials" and not text.startswith(".", first.end):
            continue
        if (shout and name not in _SHOUTED) or _ORGANISATION_AFTER.match(text, last.end):
            continue
        if name not in _SHOUTED and (
            text.startswith(" & ", last.end) or _FIRM.search(text, max(0, first.start - 5), first.start)
        ):
            continue
        yield Entity("PERSON", first.start, last.end, _SCORES[name])


def _group(match: re.Match[str]) -> str:
    return next(name for name in _SCORES if match[name] is not None)


def single_names(run: Run, text: str) -> Iterator[Entity]:
    """Yield a given name or a surname that stands alone, with less confidence; "288 Tam. 51" is a law report."""
    token = run.tokens[-1]
    # "Did Orazio call": the first word of a sentence is no part of the name.
    alone = len(run.tokens) == 1 or (len(run.tokens) == 2 and run.tokens[0].kind == "v" and _begins(text, run))
    if alone and not run.shout and not text[max(0, token.start - 2) : token.start - 1].isdigit():
        if token.kind in "gbs":
            yield Entity("PERSON", token.start, token.end, 0.6)
        elif token.kind == "m":
            yield Entity("PERSON", token.start, token.end, 0.5)


def _begins(text: str, run: Run) -> bool:
    before = text[max(0, run.tokens[0].start - 3) : run.tokens[0].start].rstrip(" \"'“‘(")
    return not before or before[-1] in ".!?:;\n"


_POSTS = frozenset("j ja jj jja lj cj cji aja acj adp dcj hhj hcj qc kc sc ors anr".split())
_RANKS = frozenset("si asi psi pi pc hc pw dw cw pp app agp aga ps po io sp dsp acp dcp sho cpi spp apo ld m".split())
_SUFFIX = re.compile(r",? (?:Jr|Sr|JR|SR|III|II|IV)\b\.?")
_BESIDE = frozenset("gsbmuyqwi")  # kinds of words that may belong to the name beside them


def widened(entities: Sequence[Entity], runs: Sequence[Run], text: str) -> list[Entity]:
    """Return the entities, persons among them grown over the words of their run that may be names and are nobody's.

    "Salomi Topno" is found by her surname alone where others of that name were named before: her own name goes
    with it. For texts that name many people, as decisions do: elsewhere more of such words are no names.
    """
    covering = _covering(sorted(entities, key=lambda entity: entity.start), runs)
    kept = {entity.start: entity for entity in entities}
    for run in runs:
        part: list[Token] = []
        for token in [*run.tokens, None]:
            if token and _belongs(token, covering.get(token.start), after_name=bool(part)):
                part.append(token)
                continue
            _merge(_without_ranks(part, covering), kept, covering)
            part = []
    whole = (_with_suffix(entity, text) if entity.type == "PERSON" else entity for entity in kept.values())
    return sorted(whole, key=lambda entity: entity.start)


def _covering(entities: Sequence[Entity], runs: Sequence[Run]) -> dict[int, Entity]:
    """Return the entity in which each word stands that is in one, by the word's start."""
    covering: dict[int, Entity] = {}
    index = 0
    for token in (token for run in runs for token in run.tokens):
        while index < len(entities) and entities[index].end <= token.start:
            index += 1
        if index < len(entities) and entities[index].start <= token.start:
            covering[token.start] = entities[index]
    return covering


def _belongs(token: Token, entity: Entity | None, *, after_name: bool) -> bool:
    """Return whether a word may be a part of a person's name, alone or as what was found there."""
    word = token.word.casefold()
    if word in _POSTS:
        return False
    if entity is not None:  # a place may be what people are called after, too: "Israel Cota"
        return entity.type == "PERSON" or (
            entity.type == "LOCATION" and token.kind == "q" and (entity.start, entity.end) == (token.start, token.end)
        )
    unlisted = token.kind == "v" and len(word) > 3 and word not in load_lists().common  # "Glasser"
    return token.kind in _BESIDE or (after_name and unlisted)


def _with_suffix(entity: Entity, text: str) -> Entity:
    suffix = _SUFFIX.match(text, entity.end)
    return Entity("PERSON", entity.start, suffix.end(), entity.score) if suffix else entity


def _merge(part: list[Token], kept: dict[int, Entity], covering: dict[int, Entity]) -> None:
    if len(part) < 2:
        return
    found = {entity.start: entity for token in part if (entity := covering.get(token.start))}
    people = [entity for entity in found.values() if entity.type == "PERSON"]
    loose = any(token.start not in covering for token in part)
    called = part[0].kind == "q" and part[1].start not in covering and part[1].kind in "gsbmuy"
    if not (people and (loose or len(people) < len(found))) and not (found and called):
        return
    start = min(part[0].start, *found)
    end = max(part[-1].end, *(entity.end for entity in found.values()))
    for key in found:
        kept.pop(key, None)
    kept[start] = Entity("PERSON", start, end, max((entity.score for entity in people), default=0.6))


def _without_ranks(part: list[Token], covering: dict[int, Entity]) -> list[Token]:
    """Return the tokens without initials at the end, and without those at the front that are a rank's ("S.I.")."""
    first, last = 0, len(part)
    while last and part[last - 1].kind == "i" and part[last - 1].start not in covering:
        last -= 1
    while first < last and part[first].kind == "i" and part[first].start not in covering:
        first += 1
    rank = "".join(token.word for token in part[:first]).casefold()
    return part[first if rank in _RANKS else 0 : last]


class Known:
    """Words of names found in full, to find them again where they stand alone."""

    def __init__(self, names: Iterable[str], kinds: dict[str, str]) -> None:
        """Take full names, and the kind of each of their words."""
        self._words: set[str] = set()
        self._surnames: set[str] = set()
        for name in names:
            words = [word.casefold() for word in re.findall(r"[^\W\d_]+(?:['’-][^\W\d_]+)*", name) if len(word) > 2]
            if len(words) > 1:
                self._words |= {word for word in words if kinds.get(word, "u") in "gsbmuyq"}
                self._surnames |= {words[-1]}

    def find(self, token: Token) -> Entity | None:
        """Return the token as a person where it is a part of a known name."""
        word = token.word.casefold()
        # A surname that is also a town's ("Markham") is the person's where the person was named in full.
        if (word in self._words and token.kind in "gsbmuyq") or (word in self._surnames and token.kind == "p"):
            return Entity("PERSON", token.start, token.end, 0.75)
        return None
