"""Whether a sentence that ends early has lost a verb or the rest of a list."""

import re

_TOKEN = re.compile(r"[\w’']+(?:-[\w’']+)*|[,;:.()]")
_SUBORDINATORS = frozenset(
    "that which who whom whose where when whenever if whether because while until unless although though what".split()
)
_PREPOSITIONS = frozenset(
    """of to for by with from at in on into onto under upon pursuant through throughout via as against among amongst
    between within without during before after since over above below about across along around behind beyond near
    towards toward per regarding concerning""".split()
)
_MODALS = frozenset("shall will may must can cannot could should would might".split())
_AUXILIARIES = frozenset("is are was were has have had do does did am".split())
_VERBS = frozenset(
    """agrees agree grants means represents limits applies governs survives includes excludes pays owns retains begins
    ends continues remains requires provides prevails bears becomes commences leases sells appoints engages assigns
    releases warrants acknowledges undertakes terminates expires fails arises relates exceeds occurs breaches infringes
    constitutes contains exists results causes affects holds makes gives takes receives refuses elects wishes intends
    defaults ceases dies consents extends covers falls states says finds found held concludes affirms reverses denies
    ruled wrote gave took became began brought sought paid sold bought made knew said told went came left lost met sent
    apply arise relate exceed occur exist fall remain require belong survive constitute""".split()
)
_DETERMINERS = frozenset("the a an any all its their his her our your each every such this these those no".split())
_IDIOM = re.compile(
    r"\b(?:if|where|when|as)\s+(?:any|applicable|necessary|appropriate|required|requested|needed|possible)\b"
)
_CONJUNCTION = re.compile(r"[,;]?\s*(?:and/or|and|or|nor|as well as|together with)\b\s*", re.IGNORECASE)
_HANGING = re.compile(r"(?:^|[\s,])(?:and|or|nor|to|the|an?)[\s,]*$")
_JOINS = frozenset({"and", "or", "nor"})
_ASIDE = frozenset({"including", "pursuant", "namely", "being", "provided", "however", "inclusive", "respectively"})
_STOPS = frozenset(".;:")


def breaks_off(head: str, tail: str) -> bool:
    """Tell whether a sentence that ends after `head` says something else than `head` and `tail` together.

    It does where the verb of a clause begun in `head` stands in `tail` ("a claim that the use of the software |
    infringes"), and where `tail` goes on with a list begun in `head` ("the roof, the walls | and the heating").
    Verbs are known by a list and by where they stand; in doubt the answer is yes.

    Args:
        head: the words kept, from the beginning of the sentence or of a clause that can stand alone.
        tail: the words left out after them, with the mark they begin with.
    """
    rest = _tokens(tail)
    if not any(word.isalnum() or len(word) > 1 for word in rest):
        return False
    if _HANGING.search(head):
        return True
    unfinished = open_clauses(head)
    if unfinished > 1 or (unfinished == 1 and (_subordinate_open(head) or _has_verb(rest))):
        return True
    return _list_goes_on(head, tail)


def open_clauses(head: str) -> int:
    """Count the clauses, the main one among them, that `head` begins and gives no finite verb."""
    words = _tokens(head)
    waiting, last_verb = 1, -9
    for place, word in enumerate(words):
        if word in _SUBORDINATORS and not _demonstrative(words, place):
            waiting, last_verb = waiting + 1, -9
        elif place - last_verb > 3 and _finite(words, place):
            waiting, last_verb = max(0, waiting - 1), place
    return waiting


def _tokens(text: str) -> list[str]:
    return _TOKEN.findall(_IDIOM.sub("", text.lower()))


def _subordinate_open(head: str) -> bool:
    """Whether the last clause that a "that" or "which" begins has no verb yet."""
    words = _tokens(head)
    begins = [n for n, word in enumerate(words) if word in _SUBORDINATORS and not _demonstrative(words, n)]
    return bool(begins) and not _has_verb(words[begins[-1] :])


def _demonstrative(words: list[str], place: int) -> bool:
    """Whether "that" points ("of that date") and begins no clause."""
    if words[place] != "that" or not place:
        return words[place] == "that"
    return words[place - 1] in _PREPOSITIONS - {"in"}


def _has_verb(words: list[str]) -> bool:
    return any(_finite(words, place) for place in range(len(words)))


def _finite(words: list[str], place: int) -> bool:
    """Whether a word carries a clause: known as a verb, or by its ending and the words beside it."""
    word = words[place]
    before = words[place - 1] if place else ""
    if before == "to":
        return False
    if word in _MODALS or word in _AUXILIARIES:
        return True
    if before in _DETERMINERS or before in _PREPOSITIONS:
        return False
    if word in _VERBS:
        return True
    after = words[place + 1] if place + 1 < len(words) else ""
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return before in ("that", "which", "who") or after in _DETERMINERS
    if not word.endswith("ed") or not before:
        return False
    relative = any(item in _SUBORDINATORS for item in words[:place])
    return before in ("which", "who", "that") or (not relative and after != "by" and before not in ",;:()")


def _clause_follows(words: list[str]) -> bool:
    """Whether words begin with a clause of their own: a verb before any mark or subordinate clause."""
    for place, word in enumerate(words):
        if word in _SUBORDINATORS or (word in _STOPS) or (word == "," and place > 0):
            return False
        if _finite(words, place):
            return True
    return False


def _list_goes_on(head: str, tail: str) -> bool:
    rest = tail.strip()
    if match := _CONJUNCTION.match(rest):
        return not _clause_follows(_tokens(rest[match.end() :]))
    words = _tokens(rest)
    if words[0] == "," and ";" in words and not _clause_follows(_unjoined(words[words.index(";") + 1 :])):
        return True  # items in a row, each closed by a semicolon
    if words[0] in (",", ";"):
        return _item_follows(words[1:], semicolon=words[0] == ";")
    if words[0] in (".", ":", "("):
        return False
    return _joined_later(_tokens(head), words)


def _unjoined(words: list[str]) -> list[str]:
    return words[1:] if words[:1] and words[0] in _JOINS else words


def _item_follows(words: list[str], *, semicolon: bool) -> bool:
    """Whether what follows a comma is one more item of a list."""
    if not words:
        return False
    first = words[0]
    if first == "to":
        return True
    if semicolon:
        return not _clause_follows(words)
    if first in _PREPOSITIONS or first in _SUBORDINATORS or first in _ASIDE:
        return False
    if first.endswith(("ing", "ed", "ly")) and not _joined_later([","], words):
        return False
    return not _clause_follows(words)


def _joined_later(head: list[str], words: list[str]) -> bool:
    """Whether a phrase that goes on after the cut is followed by "and the …" of the list it stands in."""
    last = len(head) - 1 - head[::-1].index(",") if "," in head else -1
    item_open = last >= 0 and not _JOINS & set(head[last:]) and not _has_verb(head[last:])
    for place, word in enumerate(words):
        if word in _STOPS:
            return False
        if word in _JOINS:
            following = words[place + 1] if place + 1 < len(words) else ""
            joins = item_open or following in _DETERMINERS or following in _PREPOSITIONS
            return joins and not _clause_follows(words[place + 1 :])
    return False
