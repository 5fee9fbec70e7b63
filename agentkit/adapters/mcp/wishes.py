"""What a tool says of itself, what a model wishes of it, and what it returned, as texts. Pure."""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from typing import cast

from mcp import types

from agentkit.texts_in import texts_in

_LONG_NUMBER = 6
_WORD = 24
_JOINTS = re.compile(r"[\W_]")  # whatever stands between words, not only what looks like a space


def fingerprint(tool: types.Tool) -> str:
    """Return a hash of everything a tool says of itself."""
    told = tool.model_dump(mode="json", by_alias=True, exclude={"icons", "meta"})
    return hashlib.sha256(json.dumps(told, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def described(tool: types.Tool) -> str:
    """Return every text a tool says of itself, those within its schemas included: a model may read all of them."""
    told = tool.model_dump(mode="json", by_alias=True, exclude={"icons", "meta"}, exclude_none=True)
    return "\n".join(
        text for text in texts_in(list(told.values())) if len(text) > _WORD or _JOINTS.search(text.strip())
    )


def is_harmless(tool: types.Tool) -> bool:
    """Return whether a tool says that it only reads; one that says nothing counts as one that does harm."""
    hints = tool.annotations
    return bool(hints and hints.readOnlyHint and not hints.destructiveHint)


def safe_arguments(given: Mapping[str, object], safe: Callable[[str], str]) -> dict[str, object]:
    """Return arguments without personal data, in names and long numbers, too."""
    return {safe(name): _safe(value, safe) for name, value in given.items()}


def said(result: types.CallToolResult) -> str:
    """Return what a tool returned, as text; what is no text, and cannot be looked at, is left out."""
    parts = [_part(block) for block in result.content]
    if not parts and result.structuredContent is not None:
        return json.dumps(result.structuredContent, ensure_ascii=False)
    return "\n".join(parts) or "(nothing)"


def kept(text: str, longest: int) -> str:
    """Return a text, cut where it is too long."""
    return text if len(text) <= longest else f"{text[:longest]}\n[cut after {longest} characters]"


def _safe(value: object, safe: Callable[[str], str]) -> object:
    match value:
        case str():
            return safe(value)
        case bool():
            return value
        case int() | float():
            written = str(value)
            return value if len(written) < _LONG_NUMBER or safe(written) == written else safe(written)
        case list():
            return [_safe(item, safe) for item in cast(list[object], value)]
        case dict():
            return safe_arguments(cast(dict[str, object], value), safe)
        case _:
            return value


def _part(block: types.ContentBlock) -> str:
    match block:
        case types.TextContent():
            return block.text
        case types.EmbeddedResource(resource=types.TextResourceContents() as resource):
            return resource.text
        case types.ResourceLink():
            return f"[a link to {block.name}]"
        case _:
            return f"[withheld: {block.type}]"
