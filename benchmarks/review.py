"""Review: AUC of our support score beside lexical baselines, and claims a second.

Run: python benchmarks/review.py [--data DIR]
"""

from agentkit.text.support import assess


def scores(pairs: list[tuple[str, str]]) -> list[float]:
    """Score (document, claim) pairs, one at a time, as the command line would."""
    return [assess(claim, document).score for document, claim in pairs]
