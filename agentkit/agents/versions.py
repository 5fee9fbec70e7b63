"""What becomes of claims where documents replace one another. No model is asked."""

from collections.abc import Sequence
from dataclasses import replace

from agentkit.legal.versions import Versions
from agentkit.types import Citation, Claim, Passage


def apart(claims: Sequence[Claim], versions: Versions) -> list[Claim]:
    """Return the claims, of which none cites two versions of one document: such a claim becomes one for each.

    The words are the same; the review tells which of the versions says them.
    """
    result: list[Claim] = []
    for claim in claims:
        groups = _groups(claim.citations, versions) if versions else []
        if len(groups) < 2:
            result.append(claim)
            continue
        result += [
            replace(claim, id=f"{claim.id}v{number}" if number else claim.id, citations=group)
            for number, group in enumerate(groups)
        ]
    return result


def _groups(citations: Sequence[Citation], versions: Versions) -> list[list[Citation]]:
    """Put citations into as few groups as keep versions apart; what belongs to no version goes with the first."""
    groups: list[list[Citation]] = []
    for citation in citations:
        fitting = (
            group for group in groups if not any(versions.apart(citation.source, other.source) for other in group)
        )
        group = next(fitting, None)
        if group is None:
            groups.append([citation])
        else:
            group.append(citation)
    return groups


def _is_old(claim: Claim, versions: Versions) -> bool:
    """Tell whether a claim cites words that a later document replaced."""
    return any(versions.replaced(citation.source, citation.start) for citation in claim.citations)


def holding(claims: Sequence[Claim], versions: Versions) -> tuple[list[Claim], list[Claim]]:
    """Return the claims whose words hold, and those whose words were replaced, each in its order.

    Those that were replaced are worth less than any that holds, so that limits drop them first.
    """
    if not versions:
        return list(claims), []
    old = [claim for claim in claims if _is_old(claim, versions)]
    gone = {claim.id for claim in old}
    return [claim for claim in claims if claim.id not in gone], [
        replace(claim, salience=claim.salience - 1.0) for claim in old
    ]


def last(claims: Sequence[Claim], versions: Versions) -> list[Claim]:
    """Put the claims whose words were replaced behind all others."""
    return sorted(claims, key=lambda claim: _is_old(claim, versions)) if versions else list(claims)


def newest_first(passages: Sequence[str], known: Sequence[Passage], versions: Versions) -> list[str]:
    """Return passages (ids) document by document, a document before those it replaces."""
    sources = {passage.id: passage.source for passage in known}
    return sorted(passages, key=lambda item: (versions.rank(sources[item]), sources[item]))
