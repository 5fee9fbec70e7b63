"""What models were shown, and what that makes of a text they wrote: its grounds, for the rails of an answer."""

from collections.abc import Callable, Sequence

from agentkit.privacy.placeholders import shapes, write
from agentkit.text.grounds import Grounds
from agentkit.types import Claim, SafePassage


class Shown:
    """The passages that claims cite, and where else a placeholder may come from.

    Args:
        cited: the passages that the claims cite.
        everything: returns every passage of the run; asked only for a placeholder that no cited passage holds.
        asked: returns the question or focus, redacted; asked for as rarely.
    """

    def __init__(
        self,
        cited: Sequence[SafePassage],
        *,
        everything: Callable[[], Sequence[SafePassage]],
        asked: Callable[[], str],
    ) -> None:
        self._cited = {passage.id: passage for passage in cited}
        self._everything = everything
        self._asked = asked

    def grounds(self, claim: Claim) -> Grounds:
        """Return what a claim rests on: the passages it cites, and those of its placeholders that were given out."""
        named = dict.fromkeys(citation.passage for citation in claim.citations)
        cited = "\n\n".join(self._cited[name].text for name in named if name in self._cited)
        return Grounds(self._given_out(claim.text, cited), cited)

    def note(self, text: str) -> Grounds:
        """Return what a text rests on that cites nothing, such as a reviewer's reason."""
        return Grounds(self._given_out(text, ""))

    def _given_out(self, text: str, cited: str) -> frozenset[str]:
        tokens = {write(kind, number) for _, _, kind, number in shapes(text)}
        missing = {token for token in tokens if token not in cited}
        if not missing:
            return frozenset(tokens)
        elsewhere = "\n".join([self._asked(), *(f"{item.section}\n{item.text}" for item in self._everything())])
        return frozenset(token for token in tokens if token not in missing or token in elsewhere)
