"""Attacks on the user's own pipeline, judged by their effect, with rates by OWASP's Top 10."""

from agentkit.evaluation.redteam.corpus import FAMILIES, corpus
from agentkit.evaluation.redteam.owasp import CATEGORIES, EDITION
from agentkit.evaluation.redteam.results import SCHEMA, highest, row, to_data
from agentkit.evaluation.redteam.running import Outcome, Plan, run_redteam
from agentkit.evaluation.redteam.stand import AGAINST, Against

__all__ = [
    "AGAINST",
    "CATEGORIES",
    "EDITION",
    "FAMILIES",
    "SCHEMA",
    "Against",
    "Outcome",
    "Plan",
    "corpus",
    "highest",
    "row",
    "run_redteam",
    "to_data",
]
