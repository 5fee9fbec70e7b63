"""The redactor: finds what no model may see."""

import asyncio
import threading
from collections.abc import Sequence

from agentkit.ports import Recognizer
from agentkit.privacy.phrases import across, everywhere
from agentkit.privacy.selection import select
from agentkit.types import Document, Entity


async def redact(
    documents: Sequence[Document], *, recognizer: Recognizer, redact: Sequence[str], keep: Sequence[str]
) -> dict[int, list[Entity]]:
    """Find the personal data to replace, by document index; a name found in one document is found in all.

    Runs in a thread, so that other tasks and an interrupt are not held up.

    Args:
        documents: what was read.
        recognizer: finds personal data in a text.
        redact: entity types to replace (`privacy.redact`).
        keep: entity types or names that stay (`privacy.keep`).
    """
    stop = threading.Event()

    def work() -> dict[int, list[Entity]]:
        found: dict[int, list[Entity]] = {}
        for document in documents:
            found[document.index] = [] if stop.is_set() else recognizer.recognize(document.text)
        texts = {document.index: document.text for document in documents}
        complete = across(texts, found)
        chosen = {index: select(complete[index], texts[index], redact=redact, keep=keep) for index in texts}
        return everywhere(texts, chosen)

    try:
        return await asyncio.to_thread(work)
    finally:
        stop.set()  # nobody waits for the other documents any more
