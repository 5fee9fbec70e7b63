"""A call's arguments and its result in the forms that the tools' schemas give. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from jsonschema import Draft202012Validator

from agentkit.policy import objections
from agentkit.report import Report
from agentkit.text.support import assess

Arguments = Mapping[str, Any]
Result = dict[str, object]


def check_claims(arguments: Arguments) -> tuple[Result, str, str]:
    """Review claims against the texts beside them; the last item, the URI of a report, is empty."""
    verdicts: list[Mapping[str, object]] = []
    for pair in cast(Sequence[Mapping[str, str]], arguments["claims"]):
        result = assess(pair["claim"], pair["source"])
        span = None if result.evidence is None else {"start": result.evidence[0], "end": result.evidence[1]}
        row = {"label": result.label, "score": round(result.score, 6), "reason": result.reason, "evidence": span}
        verdicts.append(row)
    lines = [f"{number}. {row['label']}: {row['reason']}" for number, row in enumerate(verdicts, start=1)]
    return {"verdicts": verdicts}, "\n".join(line.removesuffix(": ") for line in lines), ""


def outline(report: Report) -> Result:
    """Return what a model needs of a report: claims, verdicts, quotes, and where the rest is."""
    names = {source.index: source.path for source in report.sources}
    refused = objections(report.rails)
    return {
        "run_id": report.run_id,
        "status": report.status,
        "title": report.title,
        "claims": [
            {
                "text": claim.text,
                "label": claim.verdict.label,
                "reason": claim.verdict.reason,
                "citations": [
                    {
                        "document": names.get(item.source, ""),
                        "page": item.page,
                        "locator": item.locator,
                        "start": item.start,
                        "end": item.end,
                        "quote": item.quote,
                    }
                    for item in claim.citations
                ],
                "superseded_by": [
                    {"document": names.get(item.source, ""), "relation": item.relation, "sections": item.sections}
                    for item in claim.superseded_by
                ],
            }
            for claim in report.claims
        ],
        "removed_claims": len(report.removed_claims),
        "rails": [refused] if refused else [],
        "report": uri_of(report.run_id),
    }


def fault_of(schema: Mapping[str, object], arguments: Arguments) -> str:
    """Say which argument is wrong, without repeating it."""
    validator = Draft202012Validator(schema)
    found = next(iter(validator.iter_errors(arguments)), None)  # pyright: ignore[reportUnknownMemberType]
    if found is None:
        return ""
    place = ".".join(str(part) for part in found.absolute_path) or "The arguments"
    wish = {"required": "something is missing", "additionalProperties": "one of the names is unknown"}
    rule = f"{found.validator}: {str(cast(object, found.validator_value))[:60]}"
    return f"{place} cannot be taken: {wish.get(str(found.validator), rule)}."


def uri_of(run_id: str) -> str:
    """Return the URI of a run's report."""
    return f"agentkit://reports/{run_id}"
