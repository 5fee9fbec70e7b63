"""The tools that a server of ours offers, and the form of what they return."""

from collections.abc import Mapping

from mcp import types

Schema = dict[str, object]
_PATHS: Schema = {
    "type": "array",
    "items": {"type": "string", "minLength": 1, "maxLength": 4096},
    "maxItems": 500,
    "description": "Documents, or folders of them, in the folders that the server opened; without it, all of these.",
}
_WHOLE: Schema = {"type": "integer", "minimum": 1}
_SPAN: Schema = {
    "start": {"type": "integer", "minimum": 0},
    "end": {"type": "integer", "minimum": 0},
}


def _object(properties: Mapping[str, object], *, optional: tuple[str, ...] = ()) -> Schema:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": [name for name in properties if name not in optional],
        "additionalProperties": False,
    }


def _text(what: str, *, longest: int = 20_000) -> Schema:
    return {"type": "string", "minLength": 1, "maxLength": longest, "description": what}


_CITATION = _object(
    {
        "document": {"type": "string"},
        "page": {"type": ["integer", "null"]},
        "locator": {"type": ["string", "null"]},
        **_SPAN,
        "quote": {"type": "string"},
    }
)
_LATER = _object(
    {
        "document": {"type": "string"},
        "relation": {"enum": ["amends", "restates"]},
        "sections": {"type": "array", "items": {"type": "string"}},
    }
)
_CLAIM = _object(
    {
        "text": {"type": "string"},
        "label": {"enum": ["supported", "unsupported", "contradicted", "unverified"]},
        "reason": {"type": "string"},
        "citations": {"type": "array", "items": _CITATION},
        "superseded_by": {"type": "array", "items": _LATER},
    }
)
_REPORT = _object(
    {
        "run_id": {"type": "string"},
        "status": {"enum": ["approved", "needs_review", "unanswered", "refused"]},
        "title": {"type": "string"},
        "claims": {"type": "array", "items": _CLAIM},
        "removed_claims": {"type": "integer"},
        "rails": {"type": "array", "items": {"type": "string"}},
        "report": {"type": "string", "description": "The URI of the whole report, for as long as the session lasts."},
    }
)
_HIT = _object(
    {
        "document": {"type": "string"},
        **_SPAN,
        "text": {"type": "string"},
        "page": {"type": ["integer", "null"]},
        "locator": {"type": ["string", "null"]},
        "superseded_by": {"type": "array", "items": _LATER},
    }
)
_VERDICT = _object(
    {
        "label": {"enum": ["supported", "unsupported", "contradicted", "unverified"]},
        "score": {"type": "number", "minimum": 0, "maximum": 1},
        "reason": {"type": "string"},
        "evidence": {"anyOf": [_object(_SPAN), {"type": "null"}]},
    }
)
_PAIR = _object({"claim": _text("A sentence."), "source": _text("The text it rests on.", longest=200_000)})


def _tool(name: str, title: str, description: str, given: Schema, returned: Schema) -> types.Tool:
    # It reads what was opened, and asks the configured models; it changes nothing a client could see.
    hints = types.ToolAnnotations(
        title=title, readOnlyHint=True, destructiveHint=False, idempotentHint=True, openWorldHint=False
    )
    return types.Tool(
        name=name,
        title=title,
        description=description,
        inputSchema=given,
        outputSchema=returned,
        annotations=hints,
    )


TOOLS = (
    _tool(
        "summarize",
        "Summarize documents",
        "Summarizes documents, as a whole or with a focus; every claim is cited, reviewed and checked.",
        _object(
            {
                "paths": _PATHS,
                "focus": _text("What the summary is about."),
                "max_claims": _WHOLE,
                "max_words": _WHOLE,
            },
            optional=("paths", "focus", "max_claims", "max_words"),
        ),
        _REPORT,
    ),
    _tool(
        "ask",
        "Ask documents",
        'Answers a question from documents, best claim first; status "unanswered" means that they do not say.',
        _object(
            {"paths": _PATHS, "question": _text("A whole question."), "max_claims": _WHOLE},
            optional=("paths", "max_claims"),
        ),
        _REPORT,
    ),
    _tool(
        "search",
        "Search documents",
        "Finds the passages of documents that are about something, best first.",
        _object(
            {
                "paths": _PATHS,
                "query": _text("What to look for, in a few words."),
                "top_k": {**_WHOLE, "maximum": 50},
            },
            optional=("paths", "top_k"),
        ),
        _object({"hits": {"type": "array", "items": _HIT}}),
    ),
    _tool(
        "check",
        "Check claims",
        "Says of each claim whether the text beside it supports it: a review by code, without a model.",
        _object({"claims": {"type": "array", "items": _PAIR, "minItems": 1, "maxItems": 200}}),
        _object({"verdicts": {"type": "array", "items": _VERDICT}}),
    ),
)
