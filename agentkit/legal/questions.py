"""What a question asks for: its words, the kind of value that would answer it, the clauses it means."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from agentkit.legal.answering_kinds import KIND_WORDS
from agentkit.legal.answering_words import DOCUMENT_STEMS, STOP, WEAK_STEMS, stem, synonyms, words
from agentkit.legal.clauses import ClauseType, match_question
from agentkit.legal.cues import fold

_MONEY = (
    "price|rent|salary|wage|wages|fee|fees|premium|cost|costs|amount|sum|deposit|fine|penalty|charge|bonus|damages"
    "|award|compensation|dividend|total|value|balance|principal|budget|payment|deductible|excess|commission|royalty|tax"
)
_KIND_RULES: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"\b(tele)?phone|\be-?mail address|\bfax number|\bwebsite\b", ("contact",)),
    (
        r"\b(policy|account|case|claim|reference|docket|file|invoice|registration|contract|passport|hull)"
        r" (number|no)\b",
        ("identifier",),
    ),
    (r"(?<!within )\b(what|which) (hours|time)\b(?! limit)|\bopening hours\b", ("time",)),
    (r"\bhow (large|big|high) (may|can|must|shall)\b", ("amount", "measure", "percentage", "duration")),
    (r"\bhow (large|big|high)\b", ("measure", "amount", "percentage")),
    (r"\bhow (tall|wide|deep|large|big|far|heavy|old|thick|fast)\b", ("measure",)),
    (r"\bhow (often|frequently)\b", ("frequency",)),
    (r"\b(by when|by (what|which) (date|day)|until when|deadline)\b", ("deadline", "date", "duration")),
    (r"\bhow much (notice|time|warning)|\bhow (long|soon|quickly|fast|often|frequently|early)\b", ("duration", "date")),
    (r"\b(notice period|period of notice|what notice|how many (days|weeks|months|years))\b", ("duration",)),
    (
        r"\b(within (what|which|how)|deadline|by when|what (is the )?(time limit|period|duration|length))\b",
        ("duration", "date"),
    ),
    (
        r"\b(to what extent|by how much|what (percentage|percent|share|proportion|rate)|(interest|tax|royalty) rate)\b",
        ("percentage", "amount"),
    ),
    (r"\bhow much\b|\b(how high|how large) (is|was) the\b", ("amount", "percentage")),
    (r"\bhow many\b", ("number",)),
    (
        r"\bwhat (does|do|did|will|would) .{3,80} (cost|charge|earn|pay)\b|\bwhat (is|was|are) .{3,60} paid\b",
        ("amount", "percentage"),
    ),
    (r"\b(when|(what|which|on what|on which) (date|day|year|month))\b|\bdate of (?!birth)", ("date", "duration")),
    (r"\bdate of birth|\bborn\b", ("date",)),
    (r"\b(which|what|in which|in what|to which) (courts?|tribunal|forum)\b", ("court",)),
    (r"\b(which|what) (section|statute|act|article|provision|laws?(?! firm)|rules?|ordinance|regulation)\b", ("law",)),
    (
        r"^(and )?(who|whom|whose|to whom|by whom|with whom|for whom)\b"
        r"|\b(which|what) (person|company|firm|party|judge|bank|lawyer|law firm|parties|people)\b"
        r"|\bnames? of\b|\bwhat (is|was) .{3,60} (called|named)\b",
        ("name", "role"),
    ),
    (
        r"\bwhere\b|\b(which|what) (city|cities|country|countries|places?|towns?|states?|locations?)\b"
        r"|\b(which|what) (territory|regions?|areas?)\b",
        ("place",),
    ),
    (r"\b(?<!e-mail )(?<!email )address(es)?\b(?!ed)", ("address",)),
    (
        rf"\bwhat( is| was| are| were)?( the| an?| his| her| their| its)?( \w+){{0,2}} ({_MONEY})\b",
        ("amount", "percentage"),
    ),
    (r"^why\b|\bfor what reason\b|\bon what ground", ("reason",)),
)
_RULES = tuple((re.compile(pattern), kinds) for pattern, kinds in _KIND_RULES)
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
_STREET = re.compile(
    r"(?:[A-Z][\w'’-]{1,30} ){1,3}(?:Street|St|Road|Avenue|Lane|Drive|Way|Square|Row|Court|Place|Crescent|Terrace|Close"
    r"|Gardens|Boulevard|Quay|Grove|Hill|Park)\b"
)
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
            "employ:employer let:landlord sublet:tenant license:licensor guarantee:guarantor chair:chair"
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
_NOT_NAMES = frozenset("i ii iii iv act agreement contract lease court note will eu".split())


@dataclass(frozen=True, slots=True)
class Concept:
    """A word a question rests on. `alternatives` are stems that may stand for it; `weight` in (0, 1].

    A word of a street's name (`is_address`) may be hidden behind a placeholder in the documents.
    """

    stem: str
    alternatives: frozenset[str]
    weight: float
    is_name: bool
    is_document: bool
    in_focus: bool
    is_head: bool
    in_clause: bool
    is_kind: bool
    is_address: bool


@dataclass(frozen=True, slots=True)
class Question:
    """A question, understood. `kinds` are the kinds of value that answer it, the best first, or none.

    `clauses` are the types it means, best first; `generic` is True where it says nothing beyond them.
    `defines` is the stem of a term whose meaning is asked for, or empty. `identity` is True for "who is
    the …", which only a name answers, and `role` the stem asked for; `verbal` for "who signed …"; `decides`
    for a court's own decision, and `correspondent` the stem of whoever wrote or received a letter. `counted`
    are the stems of what "how many" counts.
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


def understand(question: str, *, terms: Sequence[str] = ()) -> Question:
    """Return what a question (or, where it is empty, a list of key terms) asks for."""
    text = question if question.strip() else " or ".join(terms)
    folded = fold(text)
    clauses = tuple(match_question(folded))
    covered = vocabulary(clauses[0][0]) if clauses else None
    kinds = next((kinds for pattern, kinds in _RULES if pattern.search(folded)), ())
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
        counted=frozenset(root for c in concepts if c.is_head for root in (c.stem, *c.alternatives)),
    )


_Vocabulary = tuple[frozenset[str], tuple[str, ...]]


def _concepts(text: str, folded: str, covered: _Vocabulary | None, kind: str) -> tuple[Concept, ...]:
    names = {word for found in _CAPITAL.findall(text) for word in words(fold(found))} - _NOT_NAMES
    names |= {word for word in words(folded) if re.fullmatch(r"(?:19|20)\d\d", word)}
    streets = {word for found in _STREET.findall(text) for word in words(fold(found))}
    focused = _focus(folded)
    concepts: dict[str, Concept] = {}
    for word in words(folded):
        root = stem(word)
        if word in STOP or root in concepts:
            continue
        concepts[root] = Concept(
            stem=root,
            alternatives=synonyms().get(root, frozenset()) if word not in names else frozenset(),
            weight=_weight(root, is_name=word in names),
            is_name=word in names,
            is_document=root in DOCUMENT_STEMS,
            in_focus=word in focused,
            is_head=word == focused[-1] if focused else False,
            is_address=word in streets,
            is_kind=word in KIND_WORDS.get(kind, "").split(),
            in_clause=word not in names and _speaks(covered, word, root),
        )
    return tuple(concepts.values())


def _role(concepts: Sequence[Concept], *, verbal: bool) -> str:
    """Return the stem of the role asked for: "who is the seller", or "who sold"."""
    head = next((concept.stem for concept in concepts if concept.is_head), "")
    return _AGENTS.get(head, "") if verbal else head


def _focus(folded: str) -> list[str]:
    """Return the words that name what is asked for, the most telling last."""
    match = _FOCUS.search(folded)
    if match is None and (noun := re.search(r"\b(?:which|what) ((?!do |does |did |is |are |was |were )\w+)", folded)):
        return [word for word in words(noun.group(1)) if word not in STOP]
    if match is None or re.match(r"what (do|does|did|will|would|has|have|must|may) ", folded):
        return []
    found = [word for word in words(match.group(1)) if word not in STOP]
    return found[:1] if _VERBAL.match(folded) else found


def _weight(root: str, *, is_name: bool) -> float:
    if is_name:
        return 0.6
    if root.isdigit():
        return 0.4
    return 0.35 if root in WEAK_STEMS else 0.7 if root in DOCUMENT_STEMS else 1.0


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
