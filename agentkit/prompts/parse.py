"""A model's answer → types. Tolerates broken JSON; invents nothing."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, cast

from json_repair import repair_json

from agentkit.text.spans import WITHHELD, to_source
from agentkit.types import Citation, Claim, Label, SafePassage, Summary

_LABELS: dict[str, Label] = {
    "supported": "supported",
    "unsupported": "unsupported",
    "contradicted": "contradicted",
    "unverified": "unverified",
}
_MAX_ANSWER = 400_000
_MAX_DEPTH = 100
_MAX_FAULTS = 5
_BRACKET = re.compile(r"[\[{]|[\]}]")
# What both parsers return; json and json_repair leave it untyped, so it is named once, in `read_json`.
Json = dict[str, "Json"] | list["Json"] | str | int | float | bool | None


def parse_summary(text: str, passages: Sequence[SafePassage], *, prefix: str) -> Summary:
    """Read claims from a model's answer.

    A citation survives only if its quote stands in the passage it names (white space and case aside);
    a quote found in exactly one other passage of the prompt is moved there. A claim whose citations
    all fail is kept without any, so that the reviewer rejects it in the open.

    Args:
        text: the answer; JSON, possibly broken, possibly wrapped in prose.
        passages: those of the prompt.
        prefix: claim ids are `{prefix}1`, `{prefix}2`, …
    """
    data = read_json(text)
    rows = data.get("claims")
    problems = [] if isinstance(rows, list) else ["the answer holds no list of claims"]
    by_id = {passage.id: passage for passage in passages}
    claims: list[Claim] = []
    for row in _mappings(rows):
        words = " ".join(_string(row.get("text")).split())
        if not words or WITHHELD in words:
            continue
        citations = [found for item in _mappings(row.get("citations")) if (found := _citation(item, by_id))]
        claims.append(
            Claim(
                id=f"{prefix}{len(claims) + 1}",
                text=words,
                citations=list(dict.fromkeys(citations)),
                section=by_id[citations[0].passage].section if citations else "",
                salience=_number(row.get("salience")),
                topic=_string(row.get("topic")),
            )
        )
    return Summary(claims=claims, answered=data.get("answered") is not False and bool(claims), problems=problems)


def parse_keep(text: str, claims: Sequence[Claim]) -> list[Claim] | None:
    """Return the claims whose ids a model chose, in its order, or None when it named none of them."""
    chosen = read_json(text).get("keep")
    by_id = {claim.id: claim for claim in claims}
    ids = [item for item in chosen if isinstance(item, str)] if isinstance(chosen, list) else []
    kept = [by_id[item] for item in dict.fromkeys(ids) if item in by_id]
    return kept or None


def parse_verdict(text: str) -> tuple[Label, float, str] | None:
    """Return a judge's label, score in [0, 1] and reason, or None when the answer has no known label."""
    data = read_json(text)
    label = _LABELS.get(_string(data.get("label")).strip().lower())
    if label is None:
        return None
    return label, min(1.0, max(0.0, _number(data.get("score")))), _string(data.get("reason"))


def read_json(text: str) -> Mapping[str, Json]:
    """Return the JSON object in a model's answer, repaired where broken, or an empty mapping."""
    body = text[:_MAX_ANSWER]
    try:
        data = cast(Json, json.loads(body))
    except (ValueError, RecursionError):
        data = _repaired(body)
    if isinstance(data, list):
        data = next(_mappings(data), None)
    return data if isinstance(data, dict) else {}


def object_of(arguments: str) -> dict[str, object] | None:
    """Return the arguments that a model wrote for a tool, or None where they are not a JSON object; none are empty."""
    try:
        value = cast(object, json.loads(arguments or "{}"))
    except (ValueError, RecursionError):
        return None
    return cast(dict[str, object], value) if isinstance(value, dict) else None


def told_faults(rows: Iterable[Mapping[str, Any]]) -> str:
    """Say what is wrong with an answer, without repeating it.

    Args:
        rows: pydantic's errors, each with the place (`loc`) and the sentence (`msg`).
    """
    told = [f"{'.'.join(str(part) for part in row['loc']) or 'the answer'}: {row['msg'].lower()}" for row in rows]
    more = [f"and {len(told) - _MAX_FAULTS} more"] if len(told) > _MAX_FAULTS else []
    return "; ".join(told[:_MAX_FAULTS] + more)


def is_too_deep(text: str) -> bool:
    """Return whether brackets nest as no answer's do: to repair such a text takes seconds, and then fails."""
    depth = 0
    for match in _BRACKET.finditer(text):
        depth = depth + 1 if match[0] in "[{" else max(0, depth - 1)
        if depth > _MAX_DEPTH:
            return True
    return False


def _repaired(text: str) -> Json:
    begin = text.find("{")
    if begin < 0 or is_too_deep(text):
        return None
    try:
        return cast(Json, repair_json(text[begin:], return_objects=True))
    except (ValueError, RecursionError):
        return None


def _mappings(value: Json) -> Iterator[dict[str, Json]]:
    if isinstance(value, list):
        yield from (item for item in value if isinstance(item, dict))


def _string(value: Json) -> str:
    return value if isinstance(value, str) else ""


def _number(value: Json) -> float:
    number = float(value) if isinstance(value, (int, float)) else 0.0
    return number if number == number and abs(number) < 1e9 else 0.0


def _citation(row: Mapping[str, Json], by_id: Mapping[str, SafePassage]) -> Citation | None:
    quote = _string(row.get("quote")).strip()
    passage = by_id.get(_string(row.get("passage")).strip("[]() "))
    span = _find(passage.text, quote, row.get("start")) if passage else None
    if span is None and quote:
        homes = [(other, found) for other in by_id.values() if (found := _find(other.text, quote, None))]
        if len(homes) == 1:
            passage, span = homes[0]
    if passage is None or span is None or passage.quarantined or WITHHELD in passage.text[slice(*span)]:
        return None
    start, end = to_source(passage, *span)
    return Citation(source=passage.source, start=start, end=end, passage=passage.id)


def _find(text: str, quote: str, start: Json) -> tuple[int, int] | None:
    """Find a quote: where the model says, else exactly, else with white space and case ignored."""
    if len(quote.strip(" .…\"'“”")) < 2:
        return None
    if isinstance(start, int) and start >= 0 and text.startswith(quote, start):
        return start, start + len(quote)
    position = text.find(quote)
    if position >= 0:
        return position, position + len(quote)
    words = quote.strip(' …"“”').split()[:400]
    match = re.search(r"\s+".join(re.escape(word) for word in words), text, re.IGNORECASE) if words else None
    return match.span() if match else None
