"""Measuring deployments on the user's own cases: what is asked, how answers are scored, and what was found."""

from agentkit.evaluation.cases import Case, Dataset, load_cases
from agentkit.evaluation.comparison import Placed, place
from agentkit.evaluation.outcomes import Outcome, Score, summarize_outcomes
from agentkit.evaluation.plot import draw
from agentkit.evaluation.running import Judge, evaluate
from agentkit.evaluation.targets import Target, targets

__all__ = [
    "Case",
    "Dataset",
    "Judge",
    "Outcome",
    "Placed",
    "Score",
    "Target",
    "draw",
    "evaluate",
    "load_cases",
    "place",
    "summarize_outcomes",
    "targets",
]
