"""What a question asks for: its words, the kind of value that would answer it, the clauses it means."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from agentkit.legal.answering_kinds import KIND_WORDS
from agentkit.legal.answering_phrases import companions, reword
from agentkit.legal.answering_words import DOCUMENT_STEMS, PARTY_STEMS, STOP, WEAK_STEMS, related, stem, synonyms, words
from agentkit.legal.clauses import ClauseType, match_question
from agentkit.legal.cues import fold
from agentkit.legal.questions_kinds import MONEY, kinds_asked

_DEFINITION = re.compile(
    r"^(?:what (?:is|are) (?:an? )?(?:meant by )?|what does (?:the term )?|how is |definition of )"
    r"(.{3,60}?)(?: mean| defined)?\??$"
)
_FOCUS = re.compile(
    r"(?:what|which|how many|how much|who|whose)(?:'s| is| are| was| were| kind of| type of| sort of)?"
    r"(?: the| an?| any| this)? "
    r"(?:names? of (?:the )?|amount of (?:the )?|number of (?:the )?)?"
    r"((?:[\w'&-]+ ){0,3}?[\w'&-]+)"
    r"(?= (?:of|for|under|in|on|to|at|by|from|with|about|does|do|did|is|are|was|were|has|have|had|may|can|must|shall"
    r"|will|should|would|per|each)\b|\?|$)"
)
_CAPITAL = re.compile(r"(?<=[\w.,;:'’\"”)] )[\"“‘]?(?:[A-Z][\w&'’-]*|<[A-Z_]+_\d+>)")
_COURT = re.compile(
    r"\b(?:[A-Z]\w+ )*Court of (?:the )?[A-Z]\w+"
    r"|\b(?:Supreme|High|Constitutional|Crown|County) Court\b"
)
_PERSON = re.compile(r"(?<=[\w.,;:'’\"”)] )[A-Z][a-z’'-]+[a-z](?=\W|$)(?! (?:Act|Code|Court|Ltd|Inc|Road|Street))")
_VERB_FORM = re.compile(r"\w{2,}(?:ed|ing)")
_STREET = re.compile(
    r"(?:[A-Z][\w'’-]{1,30} ){1,3}(?:Street|St|Road|Avenue|Lane|Drive|Way|Square|Row|Court|Place|Crescent|Terrace|Close"
    r"|Gardens|Boulevard|Quay|Grove|Hill|Park)\b"
)
_WHO_DID = re.compile(
    r"^(?:and )?who (?:has |have |had |will |would |must |may |can |shall |should )?"
    r"(?!is\b|are\b|was\b|were\b)(\w+)"
)
_ACTED = re.compile(r"(?<=\w) (?:\w+ed|(?!\w+ss\b)\w+s(?= \w))\b.*$")
_IDENTITY = re.compile(r"(?:who|which \w+|what) (?:is|are|was|were) (?:the|an?|his|her|its|their) ")
_VERBAL = re.compile(r"who(?!se|m? (?:is|are|was|were|'s) (?:the|an?|my|our|his|her|its|their|\w+'s)\b)")
_DECIDES = re.compile(
    r"\b(?:decided|decides|heard|hears|gave|issued|delivered|ruled|rendered|handed|made)\b(?! disputes)"
)
_WHO = re.compile(r"who (?:is|are|was|were) (?:the|an?) ")
_AGENTS = {
    stem(verb): role
    for verb, role in (
        pair.split(":")
        for pair in (
            "sell:seller buy:buyer purchase:buyer lend:lender borrow:borrower supply:supplier insure:insurer "
            "employ:employer let:landlord sublet:tenant license:licensor guarantee:guarantor chair:chair "
            "rent:tenant lease:tenant own:owner owe:borrower"
        ).split()
    )
}
_CORRESPONDENTS = (
    (
        re.compile(r"^who (?:wrote|signed|sent|authored|drafted)|^by whom\b|\b(?:author|sender|writer|signatory) of"),
        "sender",
    ),
    (
        re.compile(r"^(?:to whom|who) .{0,60}\b(?:addressed|sent|written|directed)\b|\b(?:addressee|recipient) of"),
        "addressee",
    ),
)
_WEAK, _WEAK_HEAD, _PARTY = 0.35, 0.6, 0.7
_MONEY_STEMS = frozenset(map(stem, MONEY.split("|")))
_DWELLINGS = frozenset("flat apartment house home property premises".split())
_NOT_NAMES = frozenset("i ii iii iv act agreement contract lease court note will eu".split())


@dataclass(frozen=True, slots=True)
class Concept:
    """A word a question rests on; `weight` in (0, 1]. `alternatives` are stems that stand for it, `related` may.

    A word of a street's or (perhaps) a person's name may be hidden behind a placeholder in the documents.
    """

    stem: str
    alternatives: frozenset[str]
    related: frozenset[str]
    weight: float
    is_name: bool
    is_document: bool
    in_focus: bool
    is_head: bool
    in_clause: bool
    is_kind: bool
    is_address: bool
    is_person: bool
    is_verb: bool


@dataclass(frozen=True, slots=True)
class Question:
    """A question, understood. `kinds` are the kinds of value that answer it, the best first, or none.

    `clauses` are the types it means, best first; `generic` is True where it says nothing beyond them.
    `defines` is the stem of a term whose meaning is asked for, or empty. `identity` is True for "who is
    the …", which only a name answers, and `role` the stem asked for; `verbal` for "who signed …"; `decides`
    for a court's own decision, and `correspondent` the stem of whoever wrote or received a letter. `counted`
    are the stems of what "how many" counts, `unit` the unit of time it asks for ("day"),
    and `court` a court it names.
    """

    folded: str
    kinds: tuple[str, ...]
    concepts: tuple[Concept, ...]
    clauses: tuple[tuple[ClauseType, float], ...]
    generic: bool
    defines: str
    identity: bool
    role: str
    verbal: bool
    decides: bool
    correspondent: str
    counted: frozenset[str]
    unit: str
    court: str


def understand(question: str, *, terms: Sequence[str] = ()) -> Question:
    """Return what a question (or, where it is empty, a list of key terms) asks for."""
    text = question if question.strip() else " or ".join(terms)
    folded = fold(text)
    clauses = tuple(match_question(folded))
    covered = vocabulary(clauses[0][0]) if clauses else None
    kinds = kinds_asked(folded)
    concepts = _concepts(text, folded, covered, kinds[0] if kinds else "")
    residual = [c for c in concepts if not (c.in_clause or c.is_document or c.weight < 0.5)]
    return Question(
        folded=folded,
        kinds=kinds,
        concepts=concepts,
        clauses=clauses,
        generic=bool(clauses) and not residual and not (_WHO.match(folded) and "party" not in clauses[0][0].kinds),
        defines=_defined(folded),
        identity=_IDENTITY.match(folded) is not None,
        role=_role(concepts, verbal=_VERBAL.match(folded) is not None),
        verbal=_VERBAL.match(folded) is not None,
        correspondent=next((stem(role) for pattern, role in _CORRESPONDENTS if pattern.search(folded)), ""),
        decides=_DECIDES.search(folded) is not None,
        court=fold(court.group()) if (court := _COURT.search(text)) else "",
        unit=next(iter(re.findall(r"\bhow many (hour|day|week|month|year)s\b", folded)), ""),
        counted=frozenset(root for c in concepts if c.is_head for root in (c.stem, *c.alternatives)),
    )


_Vocabulary = tuple[frozenset[str], tuple[str, ...]]


def _concepts(text: str, folded: str, covered: _Vocabulary | None, kind: str) -> tuple[Concept, ...]:
    names = {word for found in _CAPITAL.findall(text) for word in words(fold(found))} - _NOT_NAMES
    names |= {word for word in words(folded) if re.fullmatch(r"(?:19|20)\d\d", word)}
    persons = {word for found in _PERSON.findall(text) for word in words(fold(found))}
    streets = {word for found in _STREET.findall(text) for word in words(fold(found))}
    plain = reword(folded)
    focused = _focus(plain)
    concepts: dict[str, Concept] = {}
    for word in words(plain):
        root = stem(word)
        if (word in STOP and not (word == "may" and word in names)) or root in concepts:
            continue
        concepts[root] = Concept(
            stem=root,
            alternatives=_alternatives(word, root) if word not in names else frozenset(),
            related=related().get(root, frozenset()) if word not in names else frozenset(),
            weight=_weight(root, is_name=word in names, is_head=bool(focused) and word == focused[-1]),
            is_name=word in names,
            is_document=root in DOCUMENT_STEMS,
            in_focus=word in focused,
            is_head=word == focused[-1] if focused else False,
            is_address=word in streets or word in _DWELLINGS,
            is_person=word in persons,
            is_verb=re.search(rf"\b(?:is|are|was|were|be|been)\b.* {re.escape(word)}\b", plain) is not None
            and _VERB_FORM.fullmatch(word) is not None,
            is_kind=word in KIND_WORDS.get(kind, "").split(),
            in_clause=word not in names and _speaks(covered, word, root),
        )
    return tuple(concepts.values())


def _alternatives(word: str, root: str) -> frozenset[str]:
    return synonyms().get(root, frozenset()) | {stem(other) for other in companions().get(word, ())}


def _role(concepts: Sequence[Concept], *, verbal: bool) -> str:
    """Return the stem of the role asked for: "who is the seller", or "who sold"."""
    head = next((concept.stem for concept in concepts if concept.is_head), "")
    return _AGENTS.get(head, "") if verbal else head


def _focus(folded: str) -> list[str]:
    """Return the words that name what is asked for, the most telling last."""
    if verb := _WHO_DID.match(folded):
        return [word for word in words(verb.group(1)) if word not in STOP]
    match = _FOCUS.search(folded)
    if match is None and (noun := re.search(r"\b(?:which|what) ((?!do |does |did |is |are |was |were )\w+)", folded)):
        return [word for word in words(noun.group(1)) if word not in STOP]
    if match is None or re.match(r"what (do|does|did|will|would|has|have|must|may) ", folded):
        return []
    found = [word for word in words(_ACTED.sub("", match.group(1))) if word not in STOP]
    return found[:1] if _VERBAL.match(folded) else found


def _weight(root: str, *, is_name: bool, is_head: bool) -> float:
    if is_name:
        return 0.6
    if root.isdigit():
        return 0.4
    if root in WEAK_STEMS:
        return _WEAK_HEAD if is_head and root in _MONEY_STEMS else _WEAK
    return _PARTY if root in PARTY_STEMS else 0.7 if root in DOCUMENT_STEMS else 1.0


@cache
def vocabulary(clause: ClauseType) -> tuple[frozenset[str], tuple[str, ...]]:
    """Return the words a clause type speaks with, as stems and as beginnings: in a question they add nothing."""
    rows = [clause.name.lower(), *(pattern for _, pattern in (*clause.asks, *clause.cues))]
    found = [word for row in rows for word in re.findall(r"[a-z]{3,}\*?", row)]
    return frozenset(stem(word) for word in found), tuple({word[:-1] for word in found if word.endswith("*")})


def _speaks(covered: tuple[frozenset[str], tuple[str, ...]] | None, word: str, root: str) -> bool:
    return covered is not None and (root in covered[0] or word.startswith(covered[1]))


def _defined(folded: str) -> str:
    match = _DEFINITION.match(folded)
    if match is None or not re.match(r"what (is|are) (an? )|what (does|is meant)|how is|definition|what are ", folded):
        return ""
    inner = [word for word in words(match.group(1)) if word not in STOP]
    return stem(inner[-1]) if 0 < len(inner) <= 4 else ""
