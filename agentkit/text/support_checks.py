"""The exact comparisons: what a claim says otherwise than its evidence, or says without it."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from agentkit.text.support_align import Alignment, Gap
from agentkit.text.support_binding import misplaced
from agentkit.text.support_dates import Date
from agentkit.text.support_items import Item
from agentkit.text.support_modals import modal_mismatch, negation_mismatch
from agentkit.text.support_names import names, titled
from agentkit.text.support_numbers import Quantity
from agentkit.text.support_roles import swapped
from agentkit.text.support_similarity import look_up
from agentkit.text.support_source import Source
from agentkit.text.support_thesaurus import opposed, opposites_of
from agentkit.text.support_tokens import lemma
from agentkit.types import Label

_CLOSE = 0.6
_RELATED = 0.3
_NARROW = 5
# What every contract calls by some name: its absence tells nothing.
_GENERIC = frozenset(
    "receiving disclosing recipient discloser party parties agreement contract confidential information".split()
)
# Acts with which a party takes on, keeps or loses something: none is said without a word for it.
_ACTS = frozenset(
    lemma(word)
    for word in """indemnify guarantee warrant waive assign terminate forfeit insure reimburse compensate refund release
    license transfer pay deliver disclose sue arbitrate renew purchase sell lend borrow lease sublet mortgage pledge
    solicit compete audit inspect vacate surrender return destroy repair maintain notify appoint resign merge
    dissolve convert redeem invoice escrow sublicense publish delete withhold suspend extend defend""".split()
)
_DIRECTIONS = (
    frozenset({"least", "minimum"}),
    frozenset({"most", "maximum"}),
)
_QUANTIFIERS = {"any": "any", "all": "all", "every": "all", "each": "all", "no": "no", "some": "some", "only": "only",
                "none": "no", "solely": "only", "unless": "unless", "except": "except", "if": "if"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Finding:
    """One exact reason against a claim."""

    method: str
    label: Label
    reason: str


@dataclass(frozen=True, slots=True)
class Claimed:
    """One sentence of a claim, with the values in it."""

    text: str
    items: list[Item]
    quantities: list[Quantity]
    dates: list[Date]


def findings(claimed: Claimed, source: Source, alignment: Alignment | None, evidence: list[Item]) -> list[Finding]:
    """Compare exactly; the first finding is the one to tell."""
    found = [
        *_numbers(claimed, source, evidence),
        *_dates(claimed, source, evidence),
        *_names(claimed, source),
        *_titles(claimed, source),
    ]
    if alignment is not None and alignment.share >= _RELATED:
        found += _roles(claimed, source, alignment.items)
    found += _duties(claimed, source)
    mismatches = [modal_mismatch(claimed.items, evidence)]
    if alignment is not None and alignment.share >= _CLOSE:
        found += [finding for gap in alignment.gaps for finding in _gap(gap, evidence)]
        mismatches.append(negation_mismatch(claimed.items, alignment.items))
    for mismatch in mismatches:
        if mismatch is not None:
            found.append(Finding(mismatch[0], "contradicted", mismatch[1]))
    return found


def _inside(start: int, evidence: Sequence[Item]) -> bool:
    return bool(evidence) and evidence[0].start <= start <= evidence[-1].end


def _numbers(claimed: Claimed, source: Source, evidence: list[Item]) -> list[Finding]:
    found: list[Finding] = []
    for mine in claimed.quantities:
        if source.equal(mine):
            other = misplaced(mine, claimed.items, source)
            if other is not None:
                reason = f"The cited text says {_said(mine.text)} of something else; here it says {_said(other.text)}."
                found.append(Finding("numbers", "contradicted", reason))
            continue
        theirs = source.facts.quantities
        near = [other for other in theirs if _inside(other.start, evidence) and mine.comparable(other)]
        if _harmless_one(mine) or (mine.kind == "rate" and not near):
            continue
        same = [other for other in near if other.unit == mine.unit] or near
        label: Label = "contradicted" if near else "unsupported"
        says = f"the cited text says {_said(same[0].text)}." if near else "the cited text does not."
        found.append(Finding("numbers", label, f"The claim says {_said(mine.text)}; {says}"))
    return found


def _harmless_one(quantity: Quantity) -> bool:
    """Whether the word is as likely an article or a figure of speech as a count."""
    return not quantity.unit and quantity.text.lower() in ("one", "first", "second", "half", "double", "twice")


def _dates(claimed: Claimed, source: Source, evidence: list[Item]) -> list[Finding]:
    found: list[Finding] = []
    for mine in claimed.dates:
        if any(mine.agrees(other) for other in source.facts.dates):
            continue
        near = [other for other in source.facts.dates if _inside(other.start, evidence) and mine.clashes(other)]
        says = f"the cited text says {_said(near[0].text)}." if near else "the cited text does not."
        label: Label = "contradicted" if near else "unsupported"
        found.append(Finding("dates", label, f"The claim says {_said(mine.text)}; {says}"))
    return found


def _said(text: str) -> str:
    return " ".join(text.split())


def _names(claimed: Claimed, source: Source) -> list[Finding]:
    found: list[Finding] = []
    for name in names(claimed.text, claimed.items):
        missing = [word for word in name.words if not _known(word, source)]
        if missing and not _initials(name.words, source):
            found.append(Finding("names", "unsupported", f"The cited text does not name “{_said(name.text)}”."))
    return found


def _titles(claimed: Claimed, source: Source) -> list[Finding]:
    found: list[Finding] = []
    for name, mine in titled(claimed.items).items():
        theirs = source.titles.get(name)
        if theirs and not mine & theirs:
            reason = f"The claim and the cited text give “{name.capitalize()}” different titles."
            found.append(Finding("names", "contradicted", reason))
    return found


def _duties(claimed: Claimed, source: Source) -> list[Finding]:
    """Find a weighty act that a claim commands, allows or forbids and the source has no word for."""
    if not any(item.key in ("!oblige", "!forbid", "!free") for item in claimed.items):
        return []
    for before, item in pairwise(claimed.items):
        if before.key == "or":
            continue  # one of two ways, and the source may have the other
        if item.kind == "word" and item.key in _ACTS and not look_up(item, source).credit:
            act = item.token.text.lower()
            return [Finding("duty", "unsupported", f"The cited text says nothing of a duty or right to “{act}”.")]
    return []


def _roles(claimed: Claimed, source: Source, evidence: list[Item]) -> list[Finding]:
    pair = swapped(claimed.text, claimed.items, source.facts.text, evidence)
    if pair is None:
        return []
    one, two = (name.title() for name in pair)
    return [Finding("roles", "contradicted", f"The claim puts “{one}” where the cited text has “{two}”.")]


def _known(word: str, source: Source) -> bool:
    return word in source.words or word in _GENERIC or (len(word) > 1 and word.isalpha() and word in source.lemmas)


def _initials(words: tuple[str, ...], source: Source) -> bool:
    """Whether an acronym's letters open words that follow each other in the source."""
    return len(words) == 1 and 2 <= len(words[0]) <= 6 and words[0] in source.acronyms


def _gap(gap: Gap, evidence: list[Item]) -> list[Finding]:
    if max(len(gap.claim), len(gap.source)) > _NARROW:
        return []  # too wide to tell what stands for what
    mine = [item for item in gap.claim if _tells(item)]
    theirs = [item for item in gap.source if _tells(item)]
    for one in mine:
        for two in theirs:
            finding = _against(one, two, evidence)
            if finding is not None:
                return [finding]
    return []


def _tells(item: Item) -> bool:
    return item.kind != "light" or item.key in _QUANTIFIERS or bool(opposites_of(item.key))


def _against(one: Item, two: Item, evidence: list[Item]) -> Finding | None:
    """Say how two items at the same place of claim and evidence exclude each other, or None."""
    says = f"The claim says “{_said(one.token.text)}”; the cited text says “{_said(two.token.text)}” there."
    if _named(one) and _named(two) and one.kind == two.kind == "word" and _elsewhere(one, evidence):
        return Finding("roles", "contradicted", says)
    if opposed(one.key, two.key) or _directions(one.key, two.key):
        return Finding("direction", "contradicted", says)
    if one.key in _QUANTIFIERS and two.key in _QUANTIFIERS and _QUANTIFIERS[one.key] != _QUANTIFIERS[two.key]:
        return Finding("condition", "contradicted", says)
    if one.kind == two.kind and one.kind in ("quantity", "date") and _same_unit(one.key, two.key):
        return Finding("numbers", "contradicted", says)
    return None


def _directions(one: str, two: str) -> bool:
    low, high = _DIRECTIONS
    return (one in low and two in high) or (one in high and two in low)


def _same_unit(one: str, two: str) -> bool:
    return one.split(":")[0] == two.split(":")[0]


def _named(item: Item) -> bool:
    return item.cap and item.token.norm not in _GENERIC


def _elsewhere(one: Item, evidence: list[Item]) -> bool:
    """Whether a name of the claim has another place in the evidence."""
    return any(item.key == one.key for item in evidence)
