"""How well each sentence answers a question: the words it shares, and the kind of value it holds."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from agentkit.legal.answering_evidence import Evidence, Search, search
from agentkit.legal.answering_index import Index, Unit
from agentkit.legal.answering_kinds import counts, has_kind, labels
from agentkit.legal.answering_words import stem
from agentkit.legal.questions import Question

_AROUND = 0.6
_CANDIDATES = 40
_MISSING = 0.2
_OTHER_DOCUMENT, _NO_DOCUMENT = 0.5, 0.35
_OTHER_TYPE_OF_DOCUMENT = 0.6
_NOT_ITS_TOPIC, _TELLING = 0.85, 0.5
_OTHER_NUMBER = 0.6
_ONLY_A_ROLE, _OTHER_LABEL, _OTHER_COURT = 0.5, 0.6, 0.4
_VALUES = frozenset({"amount", "percentage", "date", "duration", "number"})
_SAYS_IT, _AS_WELL, _BESIDE = 0.9, 0.6, 0.6
_UNNAMED = 0.4
_ELSEWHERE = 0.65
_CLAUSE_GAIN = 0.15
_RIGHT_KIND, _NEXT_KIND, _WRONG_KIND, _SURE_KIND, _MUST_HAVE_KIND = 1.15, 0.07, 0.6, 0.38, 0.3
_DEFINED, _NOT_DEFINED = 1.5, 0.8
_SAID_WHERE_EXPECTED = 1.6
_IN_ORDER = 1.1
_BARELY = 0.3
_TITLE = 90
_FRAGMENT, _BARE_HEADING = 0.6, 0.3
_FORMULA = re.compile(r"^(?:dear |re:|cc:|subject:)")
_CAPITALISED = re.compile(r"\b[A-Z][\w’']*")
_GOES_ON = re.compile(r"(?:it|this|these|those|they|he|she|such|the same)\b")
_GOES_ON_AS_SUBJECT = r"(?:and|or|has|have|is|are|shall|will|may|must|agrees?|represents?)\b"
_LABEL = re.compile(r"(?:[^\W\d_][\w&'’-]*,?\s+){0,7}[^\W\d_][\w&'’-]*")
_ORDER = re.compile(
    r"\b(after|before|during|without|until|under|against|by) (?:the |an? |his |her |its |their )?([\w'-]+)"
)


@dataclass(frozen=True, slots=True)
class Ranked:
    """A sentence and how well it answers: 1 is well; a little more is possible."""

    unit: Unit
    score: float


def rank(index: Index, question: Question, *, among: Collection[int] | None = None) -> list[Ranked]:
    """Return sentences that share words with a question, best first; `among` (places) limits which."""
    found = search(index, question)
    if among is None:
        among = {place for item in found.evidence for place in item.own} | found.clause.keys()
    rough = sorted(among, key=lambda place: (-found.coverage(place)[0], place))
    ranked = [_judge(found, place) for place in rough[:_CANDIDATES]]
    ranked = _beside(found, ranked)
    return sorted(ranked, key=lambda item: (-item.score, item.unit.place))


def _beside(found: Search, ranked: Sequence[Ranked]) -> list[Ranked]:
    """Lower what stands far from a sentence that says all the question says, but not the value it asks for."""
    own = {item.unit.place: found.coverage(item.unit.place)[1] for item in ranked}
    told = max(own, key=lambda place: own[place], default=-1)
    kinds = found.question.kinds
    if told < 0 or own[told] < _SAYS_IT or not kinds or kinds[0] not in _VALUES:
        return list(ranked)
    if any(has_kind(found.index.units[told].text, kind) for kind in kinds):
        return list(ranked)
    return [
        item
        if own[item.unit.place] > _AS_WELL * own[told]
        or (item.unit.place == told + 1 and _GOES_ON.match(item.unit.folded))
        else Ranked(item.unit, item.score * _BESIDE)
        for item in ranked
    ]


def _judge(found: Search, place: int) -> Ranked:
    unit, question = found.index.units[place], found.question
    covered, own = found.coverage(place)
    score = (_AROUND * covered + (1.0 - _AROUND) * own) * _missing_factor(found, place)
    score *= _document_factor(found, unit)
    score *= _kind_factor(question, unit)
    score *= _focus_factor(found, place) * _label_factor(found, place)
    score *= _defining_factor(question, unit) * _correspondent_factor(found, place)
    score *= _order_factor(question, unit)
    if _is_fragment(unit) and not question.decides:
        score *= _BARE_HEADING if unit.kind == "numbered" else _FRAGMENT
    return Ranked(unit, score + _CLAUSE_GAIN * found.clause.get(place, 0.0))


def _is_fragment(unit: Unit) -> bool:
    """Return True for headings, salutations and the like, which say nothing by themselves."""
    if len(unit.text) < _TITLE and not any(map(str.islower, unit.text)):
        return True
    if len(unit.text) < _TITLE and _LABEL.fullmatch(unit.text):
        return True
    return unit.kind in {"heading", "numbered", "contents", "signatures"} or _FORMULA.match(unit.folded) is not None


def _missing_factor(found: Search, place: int) -> float:
    """Return less than 1 where part of the question is not met at all, beyond what that part weighs."""
    total = sum(item.weight for item in found.evidence) or 1.0
    missing = sum(item.weight for item in found.evidence if found.match(item, place)[1] < _MISSING)
    return 1.0 - 0.5 * missing / total


def _document_factor(found: Search, unit: Unit) -> float:
    """Return less than 1 in a document without a name asked about, or of another type than one asked about."""
    factor = _ELSEWHERE + (1.0 - _ELSEWHERE) * found.documents.get(unit.source, 1.0)
    named = [item.documents for item in found.evidence if item.concept.is_name and not item.hidden]
    if any(unit.source not in documents for documents in named):
        factor *= _OTHER_DOCUMENT if all(named) else _NO_DOCUMENT
    if any(unit.source not in item.documents for item in found.evidence if _is_topic(item)):
        factor *= _NOT_ITS_TOPIC
    typed = [
        item.openings
        for item in found.evidence
        if item.concept.is_document and not item.concept.is_kind and item.openings
    ]
    court = found.question.court
    if court and not any(court in other.folded for other in found.index.units if other.source == unit.source):
        factor *= _OTHER_COURT
    if any(item.concept.stem[:1].isdigit() and unit.source not in item.documents for item in found.evidence):
        factor *= _OTHER_NUMBER
    if typed and not any(unit.source in openings for openings in typed):
        factor *= _OTHER_TYPE_OF_DOCUMENT
    return factor


def _is_topic(item: Evidence) -> bool:
    """Return True for a telling word that few documents have."""
    concept = item.concept
    plain = not (concept.is_name or concept.is_kind or concept.in_clause or concept.is_document)
    return plain and bool(item.documents) and concept.weight > _TELLING


def _kind_factor(question: Question, unit: Unit) -> float:
    """Return more than 1 where the sentence holds the best kind of value, less where it holds none."""
    if not question.kinds:
        return 1.0
    if question.kinds[0] == "number" and question.counted:
        return _RIGHT_KIND if counts(unit.folded, question.counted) else _MUST_HAVE_KIND
    text = _without_asked(question, unit.text)
    for position, kind in enumerate(question.kinds):
        if has_kind(text, kind):
            if kind == "role" and question.identity:
                return _ONLY_A_ROLE
            other = kind == "duration" and question.unit and question.unit not in unit.folded
            return _RIGHT_KIND - _NEXT_KIND * (position + (2 if other else 0))
    must = question.kinds[0] in {"contact", "measure", "age", "address", "identifier", "time"} or (
        question.identity and question.kinds[0] == "name"
    )
    if must:
        return _MUST_HAVE_KIND
    return _SURE_KIND if question.kinds[0] in {"amount", "percentage", "date", "duration"} else _WRONG_KIND


def _label_factor(found: Search, place: int) -> float:
    """Return less than 1 where the amounts of a sentence are said to be something else than what is asked for."""
    heads = [item for item in found.evidence if item.concept.is_head]
    if not heads or found.question.kinds[:1] != ("amount",):
        return 1.0
    said = labels(found.index.units[place].folded)
    meant = {root for item in heads for root in (item.concept.stem, *item.concept.alternatives, *item.concept.related)}
    return _OTHER_LABEL if said and said.isdisjoint(meant) else 1.0


def _without_asked(question: Question, text: str) -> str:
    """Return a text without the names and titles a question itself gives, which cannot answer who it is."""
    if not question.identity or question.kinds[0] != "name":
        return text
    known = {concept.stem for concept in question.concepts if concept.is_name or concept.is_head}
    return _CAPITALISED.sub(lambda match: "" if stem(match.group().lower()) in known else match.group(), text)


def _focus_factor(found: Search, place: int) -> float:
    """Return less than 1 where what is asked for is not mentioned here."""
    heads = [item for item in found.evidence if item.concept.in_focus and item.concept.weight > 0.5]
    if not heads:
        return 1.0
    met = [_mention(found, item, place) for item in heads]
    head = max((m for m, item in zip(met, heads, strict=True) if item.concept.is_head), default=max(met))
    if found.question.identity and head <= _BARELY:
        return _UNNAMED
    least = (0.8 if head > _BARELY else 0.4) if found.question.verbal else 0.55
    return least + (1.0 - least) * (0.6 * head + 0.4 * sum(met) / len(met))


def _mention(found: Search, item: Evidence, place: int) -> float:
    """Return how well a word is met nearby: what the document says elsewhere counts half."""
    own, both = found.match(item, place)
    if own:
        return min(1.0, own)
    return 0.9 * both if place in item.under else 0.5 * both


def _defining_factor(question: Question, unit: Unit) -> float:
    """Return more than 1 where a term is defined, a party is introduced, or a court names itself."""
    if question.defines:
        defined = (
            rf"\"[\w -]{{0,40}}{re.escape(question.defines)}\w*[^\"]{{0,30}}\" (?:means|includes|shall mean|is|has)"
        )
        return _DEFINED if re.search(defined, unit.folded) else _NOT_DEFINED
    if question.role and (question.identity or question.verbal):
        role = re.escape(question.role)
        role = (
            rf"[\"(](?:the )?{role}\w*[\")](?! (?:means|includes|shall mean))|\b{role}\w{{0,3}}:"
            rf"|(?<!whereas), {role}\w{{0,3}}\b(?!'|,? {_GOES_ON_AS_SUBJECT})"
        )
        named = rf"(?i:\b{re.escape(question.role)}\w{{0,3}}) (?:is|are|was|were|shall be) (?:<|[A-Z])"
        if re.search(role, unit.folded) or re.search(named, unit.text):
            return _SAID_WHERE_EXPECTED
        return _NOT_DEFINED if question.role in unit.folded else 1.0
    if question.kinds[:1] == ("court",) and question.decides:
        titled = unit.opening and len(unit.folded) < _TITLE and has_kind(unit.text, "court")
        return _SAID_WHERE_EXPECTED if titled else _NOT_DEFINED
    return 1.0


def _correspondent_factor(found: Search, place: int) -> float:
    """Return more than 1 where a letter names the one who wrote or received it, if that is asked."""
    known = found.index.postings.get(found.question.correspondent, ())
    return 1.0 if not known else _SAID_WHERE_EXPECTED if place in known else _NOT_DEFINED


def _order_factor(question: Question, unit: Unit) -> float:
    """Return more than 1 where "after probation" and the like are repeated as asked."""
    for first, second in _ORDER.findall(question.folded):
        if re.search(rf"\b{first} (?:\w+ ){{0,3}}{re.escape(second[:6])}", unit.folded):
            return _IN_ORDER
    return 1.0
