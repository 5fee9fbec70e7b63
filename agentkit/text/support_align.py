"""Where a claim and its evidence run in step, and whether what the claim leaves out or adds is harmless."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from agentkit.text.support_cut import breaks_off
from agentkit.text.support_items import Item
from agentkit.text.support_source import Source, span_of

# Words whose loss or addition can change what a sentence means.
HEAVY = frozenset(
    """no not nor never neither none nothing nobody without unless except excluding excepting save only solely if
    whether until but fail refuse other less more most least maximum minimum exceed excess after before provided
    subject extent
    long upon during while when where consent approval otherwise than rather instead event case condition conditional
    void exclusion except exclusively jointly severally hardly rarely barely any each either both every all some within
    non non-""".split()
)
_ARTICLES = frozenset("the a an this that these such said such its their his her our your".split())
_FILLERS = _ARTICLES | frozenset(
    """herein hereof hereby hereto hereunder thereof therein thereto thereunder also however therefore thus hence
    accordingly furthermore moreover further and in addition then namely additionally consequently so""".split()
)
_PREPOSITIONS = frozenset(
    "to of for by with from at in on into under pursuant through via as against among between".split()
)
_OPENING = frozenset(
    """and or but however therefore thus accordingly furthermore moreover further in addition additionally provided that
    notwithstanding without limiting the foregoing subject to except as otherwise set forth stated herein this agreement
    lease contract for avoidance of doubt consequently hereby it is agreed section clause article paragraph provisions
    any other provision to contrary hereof generality""".split()
)
_RESTRICTING = frozenset("subject unless except if notwithstanding save".split())
# "Notwithstanding anything to the contrary in this Agreement" takes nothing from what follows.
_GENERAL = frozenset(
    """anything any other provision provisions to the contrary in of this agreement lease contract herein hereof
    foregoing contained set forth elsewhere""".split()
)
# "All claims by the Licensor" is less than "all claims", and "no liability for fraud" less than "no liability".
_UNIVERSAL = frozenset("all any every each no none nothing nobody never neither whatever entire sole".split())
_NEAR = 8
_QUOTES = " \t\n\"'\u201c\u201d\u2018\u2019"
_BOUNDARY = ',;:.()[]\u2014\u2013-\n"'


@dataclass(frozen=True, slots=True)
class Gap:
    """A place where claim and evidence differ: what each has there."""

    claim: list[Item]
    source: list[Item]


@dataclass(slots=True)
class Alignment:
    """A claim's sentence laid beside its evidence. `evidence` spans the source from first to last match."""

    gaps: list[Gap]
    matched_content: int
    content: int
    lead: list[Item]
    trail: list[Item]
    evidence: tuple[int, int]
    items: list[Item]

    @property
    def share(self) -> float:
        """The share of the claim's own words that run in step."""
        return self.matched_content / self.content if self.content else 0.0


def align(claim: list[Item], source: Source, number: int, *, around: int) -> Alignment | None:
    """Lay a claim's items beside a sentence of the source and `around` more on both sides; None without a match."""
    offset, end = span_of(source, number, around=around)
    evidence = source.facts.items[offset:end]
    matcher = SequenceMatcher(None, [item.key for item in evidence], [item.key for item in claim], autojunk=False)
    blocks = [block for block in matcher.get_matching_blocks() if block.size]
    if not blocks:
        return None
    gaps: list[Gap] = []
    end_source, end_claim = blocks[0].a, 0
    content = 0
    for block in blocks:
        if block.b > end_claim or block.a > end_source:
            gaps.append(Gap(claim[end_claim : block.b], evidence[end_source : block.a]))
        content += sum(item.kind != "light" for item in claim[block.b : block.b + block.size])
        end_source, end_claim = block.a + block.size, block.b + block.size
    if end_claim < len(claim):
        gaps.append(Gap(claim[end_claim:], evidence[end_source : end_source + len(claim) - end_claim]))
    return _alignment(claim, source, (offset + blocks[0].a, offset + end_source), gaps, content)


def verbatim(claim: list[Item], source: Source) -> Iterator[Alignment]:
    """Yield the places where a claim's items stand together in the source, sentence ends or not."""
    for first in source.runs([item.key for item in claim]):
        content = sum(item.kind != "light" for item in claim)
        yield _alignment(claim, source, (first, first + len(claim)), [], content)


def _alignment(claim: list[Item], source: Source, matched: tuple[int, int], gaps: list[Gap], content: int) -> Alignment:
    """Add what stands before and after the matched items in their sentences."""
    first, last = matched
    items = source.facts.items
    start, end = source.sentence_at(first)[0], source.sentence_at(last - 1)[1]
    return Alignment(
        gaps=gaps,
        matched_content=content,
        content=sum(item.kind != "light" for item in claim),
        lead=items[start:first],
        trail=items[last:end],
        evidence=(items[first].start, items[last - 1].end),
        items=items[start:end],
    )


def harmless(alignment: Alignment, source: str, *, negative: bool) -> bool:
    """Whether every difference inside the matched stretch leaves the meaning alone.

    Args:
        alignment: claim beside evidence.
        source: the text that the offsets of the evidence refer to.
        negative: whether the claim forbids or denies, so that leaving out a limit makes it stronger.
    """
    return all(_gap_harmless(gap, source, negative=negative) for gap in alignment.gaps)


def _gap_harmless(gap: Gap, source: str, *, negative: bool) -> bool:
    if any(item.token.norm not in _ARTICLES for item in gap.claim):
        return False
    if all(item.token.norm in _FILLERS for item in gap.source):
        return True
    if heavy(gap.source):
        return False
    if gap.claim:
        return False
    return _set_off(gap.source, source) or (not negative and _adverbs(gap.source)) or _listed(gap.source)


def heavy(items: list[Item]) -> bool:
    """Whether a stretch holds a duty, a number, a date, a negation or a condition."""
    return any(item.kind in ("modal", "quantity", "date") or is_heavy(item) for item in items)


def is_heavy(item: Item) -> bool:
    """Whether a word limits, denies or conditions what stands beside it."""
    return item.token.norm in HEAVY or item.key in HEAVY


def _set_off(items: list[Item], source: str) -> bool:
    """Whether commas or brackets set a stretch off from the sentence."""
    return _before(items[0], source)[-1:] in tuple(",;(\u2014\u2013[") and _after(items[-1], source)[:1] in tuple(
        ",;).\u2014\u2013]"
    )


def _adverbs(items: list[Item]) -> bool:
    return all(item.key.endswith("ly") or item.token.norm in _FILLERS for item in items)


def _listed(items: list[Item]) -> bool:
    """Whether a stretch only names more of the same: "sell, transfer or" in "sell, transfer or assign"."""
    joining = {"and", "or"}
    if any(item.cap for item in items) or any(item.kind == "light" and item.key not in joining for item in items):
        return False
    if items[-1].key in joining:
        return len(items) <= 6
    return items[0].key in joining and len(items) <= 3


def _before(item: Item, source: str) -> str:
    return source[max(0, item.start - 6) : item.start].rstrip(_QUOTES)


def _after(item: Item, source: str) -> str:
    return source[item.end : item.end + 6].lstrip(_QUOTES)


# A clause's number, its title and the letter of an item: "8. Insurance. (a) ".
_LABEL = re.compile(
    r"(?:§\s?)?(?:\d{1,3}(?:\.\d{1,3}){0,4}\.?\s+)?(?:[A-Z][\w’'&/-]*(?:,?\s+[\w’'&/-]+){0,5}\.\s+)?"
    r"(?:\(?(?:\d{1,2}|[a-zA-Z]|[ivx]{1,4})[.)]\s*){0,2}[\"“‘]?"
)
# A number and a title that no stop closes, before a sentence: "8.1 Term and Renewal This Agreement …".
_BARE_TITLE = re.compile(
    r"(?:§\s?)?\d{1,3}(?:\.\s?\d{1,3}){0,4}\.?\s+"
    r"(?:[A-Z][\w’'&/-]*,?\s+(?:(?:of|and|the|on|to|for|or|in|by|with|&)\s+)*){1,8}"
    r"(?<!(?i:\s(?:of|to|or|in|by|on|at|as))\s)(?<!(?i:\s(?:and|the|for))\s)(?<!(?i:\s(?:with|from))\s)(?:[-–—]{1,2}\s*)?"
)
_SENTENCE_OPENS = re.compile(
    r"(?:This|These|Neither|Either|The|If|Each|Nothing|No|Any|All|Upon|Both|During|In the event)\b"
)


def lead_harmless(alignment: Alignment, source: str) -> bool:
    """Whether the words before the matched stretch, in its sentence, may be left out."""
    lead = alignment.lead
    if lead and _restricts(lead):
        return False
    if not lead or all(item.token.norm in _OPENING or item.kind == "quantity" for item in lead):
        return True
    begins = alignment.evidence[0]
    if _LABEL.fullmatch(source, lead[0].start, begins) or _titled(lead, source, begins):
        return True
    mark = source[max(0, alignment.evidence[0] - 8) : alignment.evidence[0]].rstrip(_QUOTES + "(")[-1:]
    if mark in tuple(".!?"):
        return True
    if mark == ";":  # a clause of its own, unless what opens the sentence governs every clause
        governs = ":" in source[lead[0].start : alignment.evidence[0]] or any(is_heavy(item) for item in lead[:3])
        return not governs
    return not heavy(lead) and (mark in (",", ":") or lead[-1].token.norm in ("that", "and"))


def _titled(lead: list[Item], source: str, begins: int) -> bool:
    """Whether what stands before a sentence is a clause's number and title."""
    if not _SENTENCE_OPENS.match(source, begins) or heavy([item for item in lead if item.kind != "quantity"]):
        return False
    return _BARE_TITLE.fullmatch(source, lead[0].start, begins) is not None


def _restricts(lead: list[Item]) -> bool:
    """Whether a sentence opens with what may limit it: "Subject to clause 4, …"."""
    norms = [item.token.norm for item in lead]
    opened = next((place for place, norm in enumerate(norms) if norm in _RESTRICTING), None)
    if opened is None:
        return False
    return norms[opened] != "notwithstanding" or not _GENERAL.issuperset(norms[opened + 1 :])


def trail_harmless(alignment: Alignment, source: str, *, negative: bool) -> bool:
    """Whether the words after the matched stretch, in its sentence, may be left out."""
    trail = alignment.trail
    if not trail:
        return True
    bounded = source[alignment.evidence[1] :].lstrip()[:1] in tuple(_BOUNDARY)
    following = trail[0]
    if breaks_off(source[slice(*alignment.evidence)], source[alignment.evidence[1] : trail[-1].end]):
        return False
    if is_heavy(following) or (not bounded and heavy(_phrase(trail, source))):
        return False
    if bounded:
        if following.key == "and" and any(item.kind == "modal" for item in trail[1:4]):
            return True  # a further duty, not a limit of this one
        closed = source[alignment.evidence[1] :].lstrip()[:1] in (".", ";")
        return not _conditional(trail[:2] if closed else trail[:12])
    joined = following.token.norm in _PREPOSITIONS or following.token.norm in ("and", "or", "which", "who")
    return joined and not negative and not _conditional(trail[:12]) and not _universal(alignment)


def _universal(alignment: Alignment) -> bool:
    """Whether the last words matched speak of all or none of something, which the words after them then narrow."""
    matched = [item for item in alignment.items if item.start < alignment.evidence[1]]
    return any(item.token.norm in _UNIVERSAL for item in matched[-_NEAR:])


def _phrase(items: list[Item], source: str) -> list[Item]:
    """Return the items up to the next comma or stop, at most 16."""
    for number, item in enumerate(items[:16], 1):
        if _after(item, source)[:1] in tuple(",;:."):
            return items[:number]
    return items[:16]


def _conditional(items: list[Item]) -> bool:
    limits = {"unless", "except", "provided", "only", "if", "subject", "until", "without", "excluding", "not", "but"}
    return any(item.token.norm in limits for item in items)
