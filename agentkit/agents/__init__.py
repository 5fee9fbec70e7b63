"""One specialist function each: data in, one type out."""

from agentkit.agents.editor import (
    Policy,
    in_order,
    merge_revised,
    rejected,
    renumber,
    settle,
    status,
    within,
    worth_revising,
)
from agentkit.agents.handover import hand_over, listen
from agentkit.agents.panel import combine_verdicts, screen_data, weighed
from agentkit.agents.redactor import redact
from agentkit.agents.retriever import retrieve
from agentkit.agents.reviewer import review
from agentkit.agents.screener import Screening, screen_aside, screen_claims, screen_passages, screen_request
from agentkit.agents.shown import Shown
from agentkit.agents.summarizer import answer, batches, combine, revise, summarize
from agentkit.agents.versions import apart, holding, last, newest_first

__all__ = [
    "Policy",
    "Screening",
    "Shown",
    "answer",
    "apart",
    "batches",
    "combine",
    "combine_verdicts",
    "hand_over",
    "holding",
    "in_order",
    "last",
    "listen",
    "merge_revised",
    "newest_first",
    "redact",
    "rejected",
    "renumber",
    "retrieve",
    "review",
    "revise",
    "screen_aside",
    "screen_claims",
    "screen_data",
    "screen_passages",
    "screen_request",
    "settle",
    "status",
    "summarize",
    "weighed",
    "within",
    "worth_revising",
]
