"""One clause of a question in an order that does not depend on its wording: who acts, the act, its object, the rest."""

from collections.abc import Sequence

from agentkit.text.support_tokens import lemma
from agentkit.wrappers.cache_words import (
    ACTORS,
    ARTICLES,
    BE,
    DO,
    DOCUMENT,
    HAVE,
    HELD,
    NO_MANNER,
    PARTICIPLES,
    PLURALS,
    POINTING,
    SAME,
    SHORT,
    STRONG,
    SUBORDINATORS,
    TIES,
    TURNING,
)  # fmt: skip

_ARGUMENTS = frozenset("?who ?what ?much ?many ?whose".split())
_PRONOUNS = frozenset("i you he she it we they his her its their our my your".split())
_REFERENCES = frozenset("the this our".split())
_KEEPS_DOCUMENT = frozenset("over against before after from by with without".split())
_DANGLING = frozenset("to into in under of".split())
_SOMEBODY = "∅"
_UNCLEAR = "∂"
_MEASURED = frozenset("each every all any both monthly yearly annually quarterly daily weekly once twice".split())
_DOCUMENT = "@"


def arranged(words: Sequence[str]) -> tuple[str, ...]:
    """Return the clause's marks: its conjunction, its modal verbs, then its words in the order of who does what."""
    rest = _referred(words)
    lead = [rest.pop(0)] if rest and rest[0] in SUBORDINATORS else []
    stated = _stated(rest)
    modals, plain = _modals(stated)
    ordered = _tied(_active(plain))
    return (*lead, *modals, *_final(ordered))


def _referred(words: Sequence[str]) -> list[str]:
    """Write "the agreement" as one mark: which one is meant is part of the cache's partition."""
    found: list[str] = []
    for index, word in enumerate(words):
        following = words[index + 1].lower() if index + 1 < len(words) else ""
        if lemma(word.lower()) in DOCUMENT and found and found[-1] in _REFERENCES and not _noun_follows(following):
            found[-1] = _DOCUMENT
        else:
            found.append(word)
    return found


def _noun_follows(word: str) -> bool:
    """Whether "agreement" may only begin a longer name ("the agreement date"): a verb after it reads the same."""
    return lemma(word) in {"date", "dat", "number", "price", "term", "period", "party"}


def _stated(words: list[str]) -> list[str]:
    """Undo the order of a question."""
    if not words:
        return []
    if words[0].startswith("?"):
        return _answered(words)
    if words[0] in DO or (words[0].startswith("!") and words[0] != "!not"):
        return [*words[1:2], words[0], *words[2:]] if words[0].startswith("!") else words[1:]
    return words


def _answered(words: list[str]) -> list[str]:
    """Put the question word, or the noun it asks about, where an answer would stand."""
    mark = words[0]
    place = next((i for i, word in enumerate(words) if i and _is_auxiliary(word)), None)
    if place is None or (place > 1 and _begins_subject(words[1:place])):
        return _embedded(words)
    asked, auxiliary, rest = words[1:place], words[place], words[place + 1 :]
    if mark == "?by":
        return [auxiliary, *rest, "by", "?who"]
    if mark not in _ARGUMENTS:
        return [*(rest if auxiliary in DO else [auxiliary, *rest]), *asked]
    noun = ["?what" if mark in ("?much", "?many") else mark, *asked]
    if auxiliary in BE:
        return _of_being(noun, [auxiliary, *rest])
    if auxiliary in DO and asked and rest and rest[-1] in HAVE:
        return [*rest[:-1], "'s", *asked]
    if auxiliary in DO or (_begins_subject(rest) and (auxiliary not in HAVE or _has_participle(rest))):
        return [*(rest if auxiliary in DO else [auxiliary, *rest]), *noun]
    return [*noun, auxiliary, *rest]


def _embedded(words: list[str]) -> list[str]:
    """Order a question that stands in a statement's order: "(tell me) what the price is", "who pays"."""
    mark, rest = words[0], words[1:]
    if mark not in _ARGUMENTS:
        return rest
    mark = "?what" if mark in ("?much", "?many") else mark
    if not _begins_subject(rest):
        return [mark, *rest]
    return rest if rest[-1] in BE else [*rest, mark]


def _of_being(noun: list[str], rest: list[str]) -> list[str]:
    following = rest[1:]
    if any(word.startswith("!") and word != "!not" for word in following) and _begins_subject(following):
        return [*following, *noun]
    act = is_participle(next((word for word in following if word != "!not"), ""))
    equated = len(noun) == 1 and not act and (noun[0] != "?who" or _begins_subject(following))
    return rest if equated else [*noun, *rest]


def _is_auxiliary(word: str) -> bool:
    return word in BE or word in DO or word in HAVE or (word.startswith("!") and word != "!not")


def _begins_subject(words: Sequence[str]) -> bool:
    first = words[0] if words else ""
    return (
        first in ARTICLES or first in POINTING or first in _PRONOUNS or first in ("all", "both", "each", "either")
        or _is_actor(first) or "'s" in words[1:3]
    )  # fmt: skip


def _is_actor(word: str) -> bool:
    return word[:1] in ("<", "^") or word[:1].isupper() or lemma(word) in ACTORS or word in ("?who", _DOCUMENT)


def is_participle(word: str) -> bool:
    """Whether a word may be a past participle."""
    return word.lower() in PARTICIPLES or (word.endswith("ed") and SHORT.get(word, lemma(word)) != word)


def _has_participle(words: Sequence[str]) -> bool:
    return any(is_participle(word) for word in words)


def _modals(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """Take the modal verbs out; "is not allowed to" and "is allowed not to" stay apart."""
    modals: list[str] = []
    plain: list[str] = []
    for index, word in enumerate(words):
        if word.startswith("!") and word != "!not":
            denied = index > 0 and words[index - 1] == "!not"
            if denied:
                plain.pop()
            modals.append("!not" + word if denied else word)
        else:
            plain.append(word)
    return modals, plain


def _active(words: list[str]) -> list[str]:
    """Turn a passive: "the notice was sent by the landlord" becomes "the landlord sent the notice"."""
    being = next((i for i, word in enumerate(words) if word in BE), None)
    if being is None:
        return words
    place = next((i for i in range(being + 1, len(words)) if _is_act(words, i)), None)
    if place is None:
        # "Is the agent paid a fee?" must not look like "Does the agent pay a fee?".
        return [_UNCLEAR, *words] if _has_participle(words[being + 1 :]) else words
    subject = [
        word
        for index, word in enumerate(words[:place])
        if word not in BE and not (word in HAVE and (not index or words[index + 1] in BE))
    ]
    # "Are all claims not paid?" is not "Are not all claims paid?": only what stands beside the verb goes with it.
    denied = words[place - 1] == "!not" or (words[place - 1] in BE and words[place - 2] == "!not")
    patient, denial = (subject[:-1], subject[-1:]) if denied else (subject, [])
    agent, rest = _agent(words[place + 1 :])
    verb = words[place]
    if not agent and lemma(verb) in TURNING:
        return [*patient, *denial, verb, *rest]
    return [*(agent or [_SOMEBODY]), *denial, verb, *patient, *rest]


def _is_act(words: Sequence[str], index: int) -> bool:
    """Whether a participle is the act and not an adjective: no article before it, no noun after it."""
    if not is_participle(words[index]) or words[index - 1] in ARTICLES or words[index - 1] == "'s":
        return False
    following = words[index + 1] if index + 1 < len(words) else ""
    return not following or following.endswith("ly") or following in ARTICLES or _ends_name(following)


def _ends_name(word: str) -> bool:
    return word in STRONG or word in TIES or word in _MEASURED or word[0].isdigit()


def _agent(words: list[str]) -> tuple[list[str], list[str]]:
    """Return who acts, after "by", and what else was said."""
    for index, word in enumerate(words):
        if word != "by" or index + 1 == len(words):
            continue
        end = next((i for i in range(index + 2, len(words)) if _ends_name(words[i])), len(words))
        return words[index + 1 : end], words[:index] + words[end:]
    return [], words


def _tied(words: list[str]) -> list[str]:
    """Turn "the cap on liability" into "liability cap", from the right; what people have only where they have it."""
    words = list(words)
    for index in range(len(words) - 1, 0, -1):
        if words[index] not in TIES:
            continue
        begin = index
        while begin and not _bounds(words[begin - 1]):
            begin -= 1
        end = index + 1
        while end < len(words) and (words[end] in ARTICLES or not _bounds(words[end])):
            end += 1
        head, tied = words[begin:index], words[index + 1 : end]
        if not head or not tied:
            continue
        if _is_tied(head, words[index], tied):
            owned = ["'s"] if _is_owner(tied) else []
            words[begin:end] = [*tied, *owned, *head]
    return words


def _is_tied(head: Sequence[str], preposition: str, tied: Sequence[str]) -> bool:
    last = lemma(head[-1].lower())
    if any(word[0].isdigit() for word in tied):
        return False
    named = list(tied[1:]) if tied[0] in ARTICLES else list[str]()  # "the Lease" is a defined term, "Acme" a name
    if any(_is_actor(word.lower() if word in named else word) for word in tied) and _DOCUMENT not in tied:
        return preposition == "of" and last in HELD
    return preposition == "of" or last in TIES[preposition]


def _bounds(word: str) -> bool:
    """Whether a word cannot stand inside the name of a thing."""
    if word in ARTICLES or word in POINTING or word in STRONG or word in TIES or _is_auxiliary(word):
        return True
    return word in (_SOMEBODY, _UNCLEAR, _DOCUMENT, "!not") or word.startswith(("?", "there"))


def _final(words: Sequence[str]) -> list[str]:
    """Drop what carries no meaning, write synonyms alike; an adverb of manner, if it is the only one, comes last."""
    found: list[str] = []
    for index, word in enumerate(words):
        if word in ARTICLES or word in DO or (word == "'s" and not _is_owner(words[:index])):
            continue
        if word in BE or word in HAVE:
            found += _auxiliary(words, index)
        elif word != _DOCUMENT or (found and found[-1] in _KEEPS_DOCUMENT):
            found.append(_concept(word))
        elif found and found[-1] in _DANGLING:
            found.pop()
    if found and found[-1] == "?what":
        found.pop()
    manner = [concept for concept in found if _is_manner(concept)]
    if len(manner) == 1:
        found = [concept for concept in found if concept != manner[0]] + manner
    return found or ([_DOCUMENT] if _DOCUMENT in words else [])


def _auxiliary(words: Sequence[str], index: int) -> list[str]:
    """Return what is left of a form of "be" or "have": "has a claim" is not "claims", nor "is" it."""
    if _governs(words, index):
        return [_UNCLEAR + words[index]]
    rest = words[index + 1 :]
    helps = (not index and _has_participle(rest)) or (bool(rest) and rest[0] in BE)
    return [] if words[index] in BE or helps else ["have"]


def _is_owner(words: Sequence[str]) -> bool:
    """Whether a name or role ends here; "the Lease" is a defined term and owns nothing."""
    last = words[-1] if words else ""
    return _is_actor(last.lower() if len(words) > 1 and words[-2] in ARTICLES else last) and last != _DOCUMENT


def _governs(words: Sequence[str], index: int) -> bool:
    """Whether a participle follows at once: "liable to be sued" is not "liable to sue"."""
    rest = [word for word in words[index + 1 : index + 3] if word != "!not"]
    return bool(rest) and is_participle(rest[0])


def _is_manner(concept: str) -> bool:
    return (concept.endswith("ly") and concept not in NO_MANNER) or concept in ("=automatically", "early")


def _concept(word: str) -> str:
    if word[0] in "<^?!" or word in (_SOMEBODY, _UNCLEAR, _DOCUMENT):
        return word
    if word.lower() in PLURALS:
        return word.lower()
    base = SHORT.get(word.lower()) or lemma(word.lower())
    # "The indemnifying party" is not the indemnified one.
    return SAME.get(base, base) + ("+ing" if word.endswith("ing") and base != word.lower() else "")
