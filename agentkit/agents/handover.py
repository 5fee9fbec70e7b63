"""What a model answers and one agent hands to the next: each text passes the rails of the edges that it crosses."""

from collections.abc import Sequence
from dataclasses import replace

from agentkit.agents.screener import Screening, pass_claim, screen_note
from agentkit.agents.shown import Shown
from agentkit.ports import Rails
from agentkit.types import Claim, Verdict


async def hand_over(
    claims: Sequence[Claim], *, rails: Sequence[Rails], forbidden: Sequence[str], shown: Shown | None = None
) -> Screening:
    """Check claims on their way from the model to an agent, or from one agent to the next.

    A claim that cites nothing goes on to the reviewer, which sends it back. The results are of rails that did not
    just pass.

    Args:
        claims: what crosses.
        rails: those of each edge, in the order in which the claims cross them.
        forbidden: originals that were redacted and must not appear.
        shown: what the model was shown.
    """
    given = Screening(results=[], claims=list(claims))
    for edge in rails:
        crossing, given.claims[:] = list(given.claims), []
        for claim in crossing:
            await pass_claim(claim, given, rails=edge, forbidden=forbidden, shown=shown)
    stopped = [result for result in given.results if result.action != "passed"]  # a remark is made where it ships
    return replace(given, results=list(dict.fromkeys(stopped)))


async def listen(
    verdicts: Sequence[Verdict],
    *,
    rails: Sequence[Rails],
    forbidden: Sequence[str],
    shown: Shown | None = None,
    by_all: bool = False,
) -> list[Verdict]:
    """Check the reasons that a judge gave in words of its own; a guilty one is withheld, and the verdict stays.

    With `by_all` every reason is looked at: other reviewers than ours write words of their own.
    """
    heard: list[Verdict] = []
    for verdict in verdicts:
        reason = verdict.reason
        for edge in rails if (by_all or verdict.method == "judge") and reason else ():
            reason, _ = await screen_note(reason, rails=edge, forbidden=forbidden, shown=shown)
        heard.append(verdict if reason == verdict.reason else replace(verdict, reason=reason))
    return heard
