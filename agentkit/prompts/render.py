"""Prompt → messages, for models that read prose."""

import re
from functools import lru_cache

from agentkit.text.injection import score
from agentkit.types import Claim, Limits, Message, Prompt, SafePassage

_ORDER = 0.5
"""A heading that is as likely an attack is not repeated with the passages under it."""
_FRAME = re.compile(r"<(?=\s*/?\s*(?:passage|claim|rejected)\b)", re.IGNORECASE)

_CLAIMS_SCHEMA: dict[str, object] = {
    "type": "object",
    "properties": {
        "answered": {"type": "boolean"},
        "claims": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "text": {"type": "string"},
                    "citations": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "properties": {"passage": {"type": "string"}, "quote": {"type": "string"}},
                            "required": ["passage", "quote"],
                            "additionalProperties": False,
                        },
                    },
                    "topic": {"type": "string"},
                },
                "required": ["text", "citations", "topic"],
                "additionalProperties": False,
            },
        },
    },
    "required": ["answered", "claims"],
    "additionalProperties": False,
}
_KEEP_SCHEMA: dict[str, object] = {
    "type": "object",
    "properties": {"keep": {"type": "array", "items": {"type": "string"}}},
    "required": ["keep"],
    "additionalProperties": False,
}
_VERDICT_SCHEMA: dict[str, object] = {
    "type": "object",
    "properties": {
        "label": {"type": "string", "enum": ["supported", "unsupported", "contradicted", "unverified"]},
        "score": {"type": "number"},
        "reason": {"type": "string"},
    },
    "required": ["label", "score", "reason"],
    "additionalProperties": False,
}
_EXAMPLES = {
    "claims": '{"answered": true, "claims": [{"text": "…", "citations": [{"passage": "d0p1", "quote": "…"}], '
    '"topic": "payment"}]}',
    "keep": '{"keep": ["c3", "c1"]}',
    "verdict": '{"label": "supported", "score": 0.9, "reason": "…"}',
}


def response_schema(prompt: Prompt) -> dict[str, object]:
    """Return the JSON schema of the answer a prompt expects; empty where it expects free text."""
    if prompt.schema is not None:
        return dict(prompt.schema)
    if prompt.task == "chat":
        return {}
    if prompt.task == "combine":
        return _KEEP_SCHEMA
    return _VERDICT_SCHEMA if prompt.task == "judge" else _CLAIMS_SCHEMA


def render(prompt: Prompt) -> list[Message]:
    """Turn a prompt into messages: the stable instructions first, so that providers can cache them."""
    if prompt.task == "chat":
        return list(prompt.messages)
    kind = {"combine": "keep", "judge": "verdict"}.get(prompt.task, "claims")
    system = f"{prompt.instructions}\nAnswer with one JSON object and nothing else, like this:\n{_EXAMPLES[kind]}"
    parts = [_passage(passage) for passage in prompt.passages]
    parts += [f"<claim id={claim.id!r}>{_inert(claim.text)}</claim>" for claim in prompt.claims]
    parts += [_rejected(item.claim, item.reason) for item in prompt.rejected]
    if prompt.question:
        parts.append(f"{'Question' if prompt.task == 'ask' else 'Focus'}: {_inert(prompt.question)}")
    if prompt.terms:
        parts.append("Look for: " + ", ".join(prompt.terms))
    limits = _limits(prompt.limits)
    return [Message("system", system), Message("user", "\n".join(parts + ([limits] if limits else [])))]


def _passage(passage: SafePassage) -> str:
    if passage.quarantined:
        return f"<passage id={passage.id!r}>(withheld: it carries instructions)</passage>"
    heading = f" section={_inert(passage.section)!r}" if passage.section and not _gives_orders(passage.section) else ""
    return f"<passage id={passage.id!r}{heading}>\n{_inert(passage.text)}\n</passage>"


def _rejected(claim: Claim, reason: str) -> str:
    cited = ", ".join(citation.passage for citation in claim.citations)
    return f"<rejected id={claim.id!r} cites={cited!r} reason={_inert(reason)!r}>{_inert(claim.text)}</rejected>"


def _inert(text: str) -> str:
    """Keep text inside its frame: it cannot close the element it stands in."""
    return _FRAME.sub("< ", text)


@lru_cache(maxsize=4096)
def _gives_orders(heading: str) -> bool:
    """Whether a heading, which stands with every passage under it, speaks to the model."""
    return score(heading).score >= _ORDER


def _limits(limits: Limits) -> str:
    parts: list[str] = []
    if limits.max_claims is not None:
        parts.append(f"at most {limits.max_claims} claims")
    if limits.max_words is not None:
        parts.append(f"at most {limits.max_words} words in all claims together")
    return f"Limits: {' and '.join(parts)}." if parts else ""
