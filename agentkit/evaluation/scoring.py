"""Answers → scores: which comparisons a case asks for."""

import json
import re
from collections.abc import Mapping
from typing import cast

from agentkit.evaluation.cases import Case
from agentkit.evaluation.jsonschemas import fits
from agentkit.evaluation.metrics import contains, exact, recall, says
from agentkit.prompts.parse import read_json
from agentkit.report import Report

Metrics = dict[str, float]


def score_report(case: Case, report: Report) -> tuple[float, Metrics]:
    """Score a report: fact recall or the right answer, times the share of citations that are exact.

    An answer where the document does not say, or none where it does, scores 0; so does a summary that is too long.
    """
    text = answer_text(report)
    cited = [
        citation.quote == report.texts[citation.source][citation.start : citation.end]
        for claim in report.claims
        for citation in claim.citations
    ]
    bare = sum(not claim.citations for claim in report.claims)
    sound = sum(cited) / (len(cited) + bare) if cited or bare else 1.0
    if case.kind == "summarize":
        found, words = recall(text, case.facts), len(" ".join(claim.text for claim in report.claims).split())
        fits = case.max_words is None or words <= case.max_words
        return found * sound * fits, {"fact_recall": found, "within_length": float(fits), "citations_exact": sound}
    refused = report.status in ("unanswered", "refused")
    if case.unanswerable:
        right = float(report.status == "unanswered")
        return right, {"refusal": right}
    if refused:
        return 0.0, {"refusal": 0.0}
    value, metrics = score_text(case, text)
    return value * sound, {"refusal": 1.0, **metrics, "citations_exact": sound}


def answer_text(report: Report) -> str:
    """Return the text of all claims, one a line."""
    return "\n".join(claim.text for claim in report.claims)


def score_text(case: Case, text: str) -> tuple[float, Metrics]:
    """Score a text by everything the case asks for; the score is the product."""
    metrics: Metrics = {}
    if case.answers:
        metrics["exact"] = float(any(exact(text, wanted) for wanted in case.answers))
        metrics["contains"] = float(any(contains(text, wanted) for wanted in case.answers))
        metrics["answer"] = float(any(says(text, wanted) for wanted in case.answers))
    if case.must_contain:
        metrics["must_contain"] = recall(text, [[wanted] for wanted in case.must_contain])
    if case.regex:
        metrics["regex"] = float(re.search(case.regex, text) is not None)
    if case.schema is not None:
        metrics["json"], metrics["schema"] = _fits(text, case.schema)
    value = 1.0
    for name in ("answer", "must_contain", "regex", "schema"):
        value *= metrics.get(name, 1.0)
    return value, metrics


def _fits(text: str, schema: Mapping[str, object]) -> tuple[float, float]:
    """Return whether a text is JSON, and whether it fits a schema: repaired where it is none, as callers get it."""
    try:
        strict, data = 1.0, cast(object, json.loads(text))
    except ValueError:
        strict, data = 0.0, dict(read_json(text))
        if not data:
            return 0.0, 0.0
    return strict, float(fits(data, schema))
