"""What a reader asked a summary to concentrate on."""

from collections.abc import Collection
from dataclasses import dataclass

from agentkit.legal.salience import topics
from agentkit.legal.salience_rank import content

_ELSEWHERE = 0.04


@dataclass(frozen=True, slots=True)
class Focus:
    """A focus such as "termination": the topics it names and the stems of its words; both empty for none."""

    named: frozenset[str] = frozenset()
    stems: frozenset[str] = frozenset()

    def factor(self, text: str, heading: str, about: Collection[str]) -> float:
        """Return in (0, 1] how much a sentence concerns the focus; 1 where there is none."""
        if not self.stems:
            return 1.0
        share = len(self.stems & set(content(text))) / len(self.stems)
        above = len(self.stems & set(content(heading))) / len(self.stems)
        topical = 0.6 if self.named.intersection(about) else 0.0
        return max(_ELSEWHERE, min(1.0, topical + 0.6 * share + 0.25 * above))


def focus_of(question: str) -> Focus:
    """Read a focus; an empty question means none."""
    stems = frozenset(content(question))
    named = {
        name
        for name, topic in topics().items()
        if (topic.heading is not None and topic.heading.search(question)) or stems & set(content(name))
    }
    return Focus(frozenset(named) if stems else frozenset(), stems)
