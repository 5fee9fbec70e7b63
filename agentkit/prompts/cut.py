"""Answers that were cut at their longest allowed length."""

import json

from agentkit.prompts.parse import Json, read_json

_LISTS = ("claims", "keep")


def whole_items(text: str) -> str:
    """Return a cut answer without what the cut left unfinished.

    An answer that is whole JSON all the same (the cut fell into white space) is returned as it is. Of a
    claim that was cut among its citations, the earlier ones stay; one that was cut before is left out.
    Where nothing is left, the result is empty.
    """
    try:
        json.loads(text)
    except ValueError:
        data = dict(read_json(text))
    else:
        return text
    for key in _LISTS:
        items = data.get(key)
        if isinstance(items, list) and items:
            kept = items[:-1] + _begun(items[-1])
            return json.dumps({**data, key: kept}, ensure_ascii=False) if kept else ""
    return ""


def _begun(item: Json) -> list[Json]:
    citations = item.get("citations") if isinstance(item, dict) else None
    if isinstance(item, dict) and isinstance(citations, list) and len(citations) > 1:
        return [{**item, "citations": citations[:-1]}]
    return []
