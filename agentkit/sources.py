"""The documents of a request: read, and cut into passages."""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from agentkit.config.sections import RetrievalConfig
from agentkit.errors import DocumentError
from agentkit.privacy import coverage_warning
from agentkit.reading import read_document
from agentkit.state import Task
from agentkit.text.splitting import split_document
from agentkit.types import ChecklistItem, Document, Passage


@dataclass(frozen=True, slots=True)
class Request:
    """One run as asked for.

    Args:
        task: what to do, without the user's words.
        paths: the documents.
        words: the focus or the question as typed.
        checklist: what to look for.
        matter: whose vault is used; empty for the run's own.
        password: for encrypted documents.
    """

    task: Task
    paths: Sequence[Path]
    words: str = ""
    checklist: Sequence[ChecklistItem] = ()
    matter: str = ""
    password: str | None = field(default=None, repr=False)


async def read_aside(request: Request, cut: RetrievalConfig) -> tuple[list[Document], list[Passage]]:
    """Read the documents of a request in a thread (see `read_all`)."""
    return await asyncio.to_thread(
        read_all, request, max_chars=cut.max_chars, max_document_chars=cut.max_document_chars
    )


def read_all(request: Request, *, max_chars: int, max_document_chars: int) -> tuple[list[Document], list[Passage]]:
    """Read the documents of a request and cut them into passages.

    Raises:
        DocumentError: a document that was named cannot be read or is too long, or nothing can be read.
    """
    documents = [_document(path, index, request) for index, path in enumerate(request.paths)]
    longest = max(documents, key=lambda document: len(document.text))
    if len(longest.text) > max_document_chars:
        raise DocumentError(
            f"{longest.name} has {len(longest.text):,} characters, and {max_document_chars:,} are the limit: split it, "
            "or raise retrieval.max_document_chars.",
            name=longest.name,
        )
    if not any(document.text for document in documents):
        raise DocumentError(
            f"Nothing readable was found: {documents[0].warnings[0] if documents else 'no documents'}",
            name=documents[0].name if documents else "",
        )
    passages = [passage for document in documents for passage in split_document(document, max_chars=max_chars)]
    return documents, passages


def warned(document: Document) -> Document:
    """Say where personal names may have been missed, rather than leave it to be found out."""
    warning = coverage_warning(document.text)
    return replace(document, warnings=[*document.warnings, warning]) if warning else document


def _document(path: Path, index: int, request: Request) -> Document:
    try:
        return read_document(path, index=index, password=request.password, ocr=request.task.ocr)
    except DocumentError as error:
        if index not in request.task.found:
            raise
        digest = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
        return Document(index, path.name, "application/octet-stream", digest, "", warnings=[str(error)])
