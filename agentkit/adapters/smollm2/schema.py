"""What a small model may write: the prompt's schema, narrowed to passages and sentences that exist."""

import copy
from collections.abc import Sequence

from agentkit.prompts import response_schema
from agentkit.text.sentences import split_sentences
from agentkit.types import Prompt, SafePassage

_MAX_CLAIMS = 3
_MAX_CLAIM_CHARACTERS = 240
_MAX_QUOTES = 80

Schema = dict[str, object]


def narrow_schema(prompt: Prompt) -> Schema:
    """Return the answer's JSON schema with ids, quotes and lengths bounded.

    A small model copies badly and does not stop, so it chooses its quotes among the sentences it was
    shown. What it claims about them is still its own invention, which is the reviewer's business.
    """
    schema: Schema = copy.deepcopy(response_schema(prompt))
    if prompt.task == "combine":
        ids: Schema = {"type": "string", "enum": [claim.id for claim in prompt.claims] or [""]}
        return _object({"keep": {"type": "array", "items": ids, "maxItems": _most(prompt)}})
    if prompt.task == "judge":
        labels = ["supported", "unsupported", "contradicted", "unverified"]
        return _object({"label": {"enum": labels}, "score": {"enum": [0, 0.25, 0.5, 0.75, 1]}, "reason": _string(80)})
    return _claims(prompt) if prompt.passages else schema


def _claims(prompt: Prompt) -> Schema:
    shown = [passage for passage in prompt.passages if not passage.quarantined]
    quotes = _sentences(shown)
    quote = {"enum": quotes} if 0 < len(quotes) <= _MAX_QUOTES else _string(_MAX_CLAIM_CHARACTERS)
    citation = _object({"passage": {"enum": [passage.id for passage in shown] or [""]}, "quote": quote})
    claim = _object(
        {
            "text": _string(_MAX_CLAIM_CHARACTERS),
            "citations": {"type": "array", "items": citation, "minItems": 1, "maxItems": 1},
            "topic": _string(24),
        }
    )
    told = prompt.task == "summarize"  # a summary always says something; a question may have no answer
    claims: Schema = {"type": "array", "items": claim, "minItems": int(told), "maxItems": _most(prompt)}
    return _object({"answered": {"enum": [True] if told else [True, False]}, "claims": claims})


def _most(prompt: Prompt) -> int:
    return min(_MAX_CLAIMS, prompt.limits.max_claims or _MAX_CLAIMS)


def _sentences(passages: Sequence[SafePassage]) -> list[str]:
    found = [passage.text[start:end].strip() for passage in passages for start, end in split_sentences(passage.text)]
    return list(dict.fromkeys(sentence for sentence in found if len(sentence) > 1))


def _string(longest: int) -> Schema:
    return {"type": "string", "minLength": 1, "maxLength": longest}


def _object(properties: Schema) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
