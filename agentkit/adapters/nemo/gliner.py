"""NeMo's GLiNER rail, which says what it found. The request and the reading of the answer are NeMo's own."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# NeMo's configuration is built at import and untyped; the server's answer is JSON.

import os
from typing import Any

from nemoguardrails.actions import action
from nemoguardrails.actions.rail_outcome import RailOutcome
from nemoguardrails.library.gliner.request import gliner_request
from nemoguardrails.rails.llm.config import RailsConfig


@action(name="gliner_detect_pii", is_system_action=False)
async def gliner_detect_pii(source: str, text: str, config: RailsConfig, **_: object) -> RailOutcome:
    """Block a text in which the GLiNER server finds personal data; the metadata name the types.

    Raises:
        Exception: the server cannot be reached, or its answer cannot be read.
    """
    settings: Any = config.rails.config.gliner
    answer = await gliner_request(
        text=text,
        server_endpoint=settings.server_endpoint,
        enabled_entities=getattr(settings, source).entities or None,
        threshold=settings.threshold,
        chunk_length=settings.chunk_length,
        overlap=settings.overlap,
        flat_ner=settings.flat_ner,
        api_key=os.environ.get(settings.api_key_env_var or ""),
        model=settings.model,
    )
    found = sorted({str(entity["suggested_label"]).upper() for entity in answer["entities"]})
    if not found and not answer.get("total_entities"):
        return RailOutcome.allow(metadata={"detections": []})
    return RailOutcome.block(reason=f"personal data ({', '.join(found)})", metadata={"detections": found})
