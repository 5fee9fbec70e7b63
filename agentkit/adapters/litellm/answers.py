"""A provider's response → `Completion`, or the reason why it cannot be used."""
# pyright: reportUnknownMemberType=false
# LiteLLM's response object is read by attribute, because providers leave fields out.

import re

from agentkit.adapters.litellm.models import Price
from agentkit.errors import ContentFilterError, InvalidResponseError
from agentkit.prompts.cut import whole_items
from agentkit.types import Completion, Usage

_THOUGHT = re.compile(r"<think>.*?</think>", re.DOTALL)


def read(response: object, *, name: str, price: Price) -> Completion:
    """Return the usable answer.

    An answer that was cut at its longest allowed length is kept without its last, unfinished item, and
    its `finish_reason` stays "length".

    Raises:
        ContentFilterError: the provider withheld it.
        InvalidResponseError: there is none, or it was cut before its first item ended.
    """
    choices = getattr(response, "choices", None)
    if not choices:
        raise InvalidResponseError(f"{name} answered without any choice.", model=name)
    reason = str(getattr(choices[0], "finish_reason", None) or "unknown")
    content = getattr(getattr(choices[0], "message", None), "content", None)
    if reason == "content_filter":
        raise ContentFilterError(f"The content filter of {name} withheld the answer.", model=name)
    text = _THOUGHT.sub("", content).strip() if isinstance(content, str) else ""
    if reason == "length":
        text = whole_items(text)
        if not text:
            raise InvalidResponseError(
                f"{name} was cut off before its answer ended: raise max_output_tokens.", model=name
            )
    if not text:
        raise InvalidResponseError(f"{name} answered with no text.", model=name)
    return Completion(text=text, model=name, usage=_usage(response, price), finish_reason=reason)


def _usage(response: object, price: Price) -> Usage:
    usage = getattr(response, "usage", None)
    sent, received = _count(usage, "prompt_tokens"), _count(usage, "completion_tokens")
    return Usage(
        input_tokens=sent,
        output_tokens=received,
        cached_tokens=_count(getattr(usage, "prompt_tokens_details", None), "cached_tokens"),
        cost_usd=sent * price.input_usd + received * price.output_usd,
    )


def _count(usage: object, field: str) -> int:
    value = getattr(usage, field, None)
    return value if isinstance(value, int) and value > 0 else 0
