"""How much a rule that matched says: less where the words around it tell of contracts, questions or other people."""

import re

from agentkit.text.injection_meanings import HONEST, bits_of, doubt, meanings
from agentkit.text.injection_rules import Rule

_MESSAGE = 110
"""So short a text is a message to the model: that it speaks of "your summary" is no surprise."""

_IN_MESSAGES = {"address.answer": 0.6}
"""Who asks a question may say how it should be answered: in a message such rules count less."""
_NOT_BEFORE = re.compile(r"(?:\b(?:not|never|no|non|ne|nie|não|niet|не|nemoj)|n't)\s+$")
_TOLD_OF = re.compile(
    r"\b(?:was|were|been|had|is|are|being) (?:\w+ )?(?:asked|instructed|directed|told|ordered|invited|advised|"
    r"wrong|right|obliged|required|bound|entitled|free|unable|permitted) to $"
)
"""Narrated: who was asked to ignore something is not the reader."""
_TAKEN_BACK = re.compile(
    r"\b(?:my|that) (?:last |previous |first |earlier )?(?:questions?|messages?|requests?|quer(?:y|ies))$"
)
"""Who takes back what they asked gives no new orders."""
_NOT_INSIDE = re.compile(r"[\W_]*\w+ (?:bitte |please )?(?:nicht|pas|not)\b")
_MENTIONED = frozenset({"override", "jailbreak", "role", "newtask", "output", "meta", "coerce"})
"""What people ask about when they ask about attacks; a question about the prompt itself is one."""

_DUTY = re.compile(
    r"\b(?:shall|may|must|will|agree[sd]?|entitled|obliged|obligated|required|permitted|authori[sz]ed|right|unless|"
    r"fail(?:s|ure)?|refus\w+|cause[sd]?|not|liable|election|discretion)\b[^.;:\n]{0,40}$"
)
_PARTY_MUST = re.compile(
    r"\b(?:the|each|either|neither|any|such|both|no|that) (?:\w+ )?(?:part(?:y|ies)|supplier|customer|tenant|landlord|"
    r"buyer|seller|less(?:or|ee)|licens(?:or|ee)|(?:sub)?contractor|vendor|purchaser|employ(?:ee|er)|company|corporation|bank|"
    r"borrower|lender|trustee|agent|executor|guarantor|insurer|insured|client|consultant|provider|recipient|carrier|"
    r"manufacturer|distributor|owner|manager|court|arbitrator|receiver|board|director)s?,? $"
)
"""Who must, where "must" itself is part of what the rule matched."""
_READER = re.compile(r"\b(?:you|your|assistant|ai|chatbot|model|reader|llm|gpt|chatgpt|i)\b")
_PERSONA = re.compile(
    r"\b(?:you|your|ai|chatgpt|gpt|model|character|persona|responses?|bot|assistant|prompt|dan|llm)\b"
)
MENTION = re.compile(
    r"\b(?:what (?:does|is|are|do|did|happens)|how (?:do|does|can|to|should|would|did)|why (?:do|does|is|are)|explain|"
    r"mean(?:s|ing)?|definition|define|example(?:s)? of|detect|prevent|defend|protect|against|research|paper|article|"
    r"term|phrase|word|expression|called|known as|concept|discuss|attack(?:s|ers?)?|such as)\b"
)
_WORDED = frozenset(
    ("de", "fr", "es", "it", "pt", "nl", "pl", "ru", "tr", "zh", "ja", "ko", "ar", "hi", "sv", "cs", "ro", "id")
)
"""Languages whose words `injection_concepts` knows well enough to doubt a rule."""
_COMMANDING = frozenset(("PRIOR", "ALL", "YOU", "SAY", "AI", "WHIM"))


def weigh(rule: Rule, match: re.Match[str], /) -> float:
    """Return what a match in a folded text says, in [0, 1]: the rule's weight, less what speaks for an honest text."""
    before = match.string[max(match.start() - 90, 0) : match.start()]
    sentence = re.split(r"[.;!?\n]", before)[-1]
    factor = _as_persona(rule, match) * _as_duty(rule, match, sentence)
    if rule.family == "override":
        factor *= _as_order(rule, match, before, sentence)
    if rule.family in _MENTIONED and MENTION.search(sentence):
        factor *= 0.3
    if len(match.string) < _MESSAGE:
        factor *= _IN_MESSAGES.get(rule.id, 0.75 if rule.family == "output" else 1.0)
    return rule.weight * factor


def _as_persona(rule: Rule, match: re.Match[str]) -> float:
    """The factor for who is asked to be someone else: nobody, or not the reader."""
    if rule.family == "jailbreak" and rule.id != "jailbreak.switch":
        near = match.string[max(match.start() - 160, 0) : match.end() + 160]
        return (1.0 if _PERSONA.search(near) else 0.1) * (0.3 if _of_party(match) else 1.0)
    asks = rule.family == "role" and match.string.rstrip().endswith("?")
    return 0.5 if asks and "you" not in match.string else 1.0


def _as_duty(rule: Rule, match: re.Match[str], sentence: str) -> float:
    """The factor for contract language: a third person's duty."""
    bound = rule.duty and (_DUTY.search(sentence + " ") or _PARTY_MUST.search(sentence))
    return 0.12 if bound and not _READER.search(sentence + match.group()) else 1.0


def _as_order(rule: Rule, match: re.Match[str], before: str, sentence: str) -> float:
    """The factor for an order to drop something: negated, narrated, taken back, or in a language of few words."""
    said, factor = match.group(), 1.0
    if rule.id.partition(".")[2] in _WORDED:
        factor = _as_foreign(match)
    told = before + ("to " if said.startswith("to ") else "")
    if _TOLD_OF.search(told) and not _READER.search(sentence + said):
        factor *= 0.12
    if _TAKEN_BACK.search(said):
        factor *= 0.3
    return factor * (0.1 if _NOT_BEFORE.search(before) or _NOT_INSIDE.match(said) else 1.0)


def _of_party(match: re.Match[str]) -> bool:
    """Whether the sentence up to the match tells of a party of a contract."""
    sentence = _sentence(match)
    return doubt(bits_of(meanings(sentence)), sentence) <= HONEST


def _sentence(match: re.Match[str]) -> str:
    text = match.string
    begin = max(text.rfind(mark, 0, match.start()) for mark in ".!?\n") + 1
    return text[max(begin, match.start() - 160) : match.end() + 60]


def _as_foreign(match: re.Match[str]) -> float:
    """The factor for what else a sentence speaks of."""
    sentence = _sentence(match)
    found = meanings(sentence)
    return doubt(bits_of(found), sentence) * (1.0 if found.keys() & _COMMANDING else 0.45)
