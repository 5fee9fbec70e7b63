"""Where a claim and its evidence run in step, and whether what the claim leaves out or adds is harmless."""

from dataclasses import dataclass
from difflib import SequenceMatcher

from agentkit.text.support_items import Item

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
    matched: int
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


def align(claim: list[Item], evidence: list[Item]) -> Alignment | None:
    """Lay a claim's items beside those of its evidence; None where nothing matches."""
    matcher = SequenceMatcher(None, [item.key for item in evidence], [item.key for item in claim], autojunk=False)
    blocks = [block for block in matcher.get_matching_blocks() if block.size]
    if not blocks:
        return None
    gaps: list[Gap] = []
    first, last = blocks[0], blocks[-1]
    end_source, end_claim = first.a, 0
    matched = content = 0
    for block in blocks:
        if block.b > end_claim or block.a > end_source:
            gaps.append(Gap(claim[end_claim : block.b], evidence[end_source : block.a]))
        run = claim[block.b : block.b + block.size]
        matched += len(run)
        content += sum(item.kind != "light" for item in run)
        end_source, end_claim = block.a + block.size, block.b + block.size
    if end_claim < len(claim):
        gaps.append(Gap(claim[end_claim:], evidence[end_source : end_source + len(claim) - end_claim]))
    total = sum(item.kind != "light" for item in claim)
    span = (evidence[first.a].start, evidence[last.a + last.size - 1].end)
    return Alignment(gaps, matched, content, total, evidence[: first.a], evidence[last.a + last.size :], span, evidence)


def is_exact(alignment: Alignment) -> bool:
    """Whether the claim's words stand together in the evidence."""
    return not alignment.gaps


def harmless(alignment: Alignment, source: str, *, negative: bool) -> bool:
    """Whether every difference inside the matched stretch leaves the meaning alone.

    Args:
        alignment: claim beside evidence.
        source: the text that the offsets of the evidence refer to.
        negative: whether the claim forbids or denies, so that leaving out a limit makes it stronger.
    """
    return all(_gap_harmless(gap, source, negative=negative) for gap in alignment.gaps)


def _gap_harmless(gap: Gap, source: str, *, negative: bool) -> bool:
    if any(item.key not in _ARTICLES for item in gap.claim):
        return False
    if all(item.key in _FILLERS for item in gap.source):
        return True
    if heavy(gap.source):
        return False
    if gap.claim:
        return False
    return _set_off(gap.source, source) or (not negative and _adverbs(gap.source)) or _listed(gap.source)


def heavy(items: list[Item]) -> bool:
    """Whether a stretch holds a duty, a number, a date, a negation or a condition."""
    return any(item.kind in ("modal", "quantity", "date") or item.key in HEAVY for item in items)


def _set_off(items: list[Item], source: str) -> bool:
    """Whether commas or brackets set a stretch off from the sentence."""
    return _before(items[0], source)[-1:] in tuple(",;(\u2014\u2013[") and _after(items[-1], source)[:1] in tuple(
        ",;).\u2014\u2013]"
    )


def _adverbs(items: list[Item]) -> bool:
    return all(item.key.endswith("ly") or item.key in _FILLERS for item in items)


def _listed(items: list[Item]) -> bool:
    """Whether a stretch only names more of the same: "sell, transfer or" in "sell, transfer or assign"."""
    joining = {"and", "or"}
    if any(item.cap for item in items) or any(item.kind == "light" and item.key not in joining for item in items):
        return False
    if items[-1].key in joining:
        return len(items) <= 6
    return items[0].key in joining and len(items) <= 3


def _before(item: Item, source: str) -> str:
    return source[max(0, item.start - 6) : item.start].rstrip()


def _after(item: Item, source: str) -> str:
    return source[item.end : item.end + 6].lstrip()


def lead_harmless(alignment: Alignment, source: str) -> bool:
    """Whether the words before the matched stretch, in its sentence, may be left out."""
    lead = alignment.lead
    if not lead or all(item.key in _OPENING or item.kind == "quantity" for item in lead):
        return True
    if heavy(lead):
        return False
    before = source[max(0, alignment.evidence[0] - 8) : alignment.evidence[0]].rstrip(" \t\n\"'(\u201c")
    return before[-1:] in tuple(",;:.!?") or lead[-1].key in ("that", "and")


def trail_harmless(alignment: Alignment, source: str, *, negative: bool) -> bool:
    """Whether the words after the matched stretch, in its sentence, may be left out."""
    trail = alignment.trail
    if not trail:
        return True
    bounded = source[alignment.evidence[1] :].lstrip()[:1] in tuple(_BOUNDARY)
    following = trail[0]
    if following.key in HEAVY or (not bounded and heavy(_phrase(trail, source))):
        return False
    if bounded:
        if following.key == "and" and any(item.kind == "modal" for item in trail[1:4]):
            return True  # a further duty, not a limit of this one
        closed = source[alignment.evidence[1] :].lstrip()[:1] in (".", ";")
        return not _conditional(trail[:2] if closed else trail[:12])
    joined = following.key in _PREPOSITIONS or following.key in ("and", "or", "which", "who")
    return joined and not negative and not _conditional(trail[:12])


def _phrase(items: list[Item], source: str) -> list[Item]:
    """Return the items up to the next comma or stop, at most 16."""
    for number, item in enumerate(items[:16], 1):
        if _after(item, source)[:1] in tuple(",;:."):
            return items[:number]
    return items[:16]


def _conditional(items: list[Item]) -> bool:
    limits = {"unless", "except", "provided", "only", "if", "subject", "until", "without", "excluding", "not", "but"}
    return any(item.key in limits for item in items)
