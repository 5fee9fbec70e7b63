# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# LlamaIndex's node metadata is untyped.
"""Our reading and splitting in LlamaIndex's ingestion: whole documents in, passages with exact spans out."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

from llama_index.core.node_parser.interface import NodeParser
from llama_index.core.readers.base import BaseReader
from llama_index.core.schema import BaseNode, MetadataMode, NodeRelationship, RelatedNodeInfo
from llama_index.core.schema import Document as LlamaDocument
from pydantic import Field

from agentkit.adapters.llamaindex.entries import entry_to_node
from agentkit.indexed import Entry
from agentkit.reading import expand_paths, read_document
from agentkit.text.splitting import split_document
from agentkit.text.structure import find_sections
from agentkit.types import Document, Page, Section

_STRUCTURE = "agentkit_structure"
_OURS = frozenset({_STRUCTURE, "document", "matter", "labels", "file_name"})


class AgentKitReader(BaseReader):
    """Reads files and folders as every command of ours does: one LlamaIndex `Document` for each file.

    Its text is the one that offsets refer to; `AgentKitNodeParser` finds its pages, sections, tables and notes again.
    """

    def lazy_load_data(
        self, path: str | Path, *, matter: str = "", labels: Sequence[str] = (), password: str | None = None
    ) -> Iterable[LlamaDocument]:
        """Yield the documents at a path.

        Args:
            path: a file or a folder.
            matter: the matter they belong to.
            labels: what one who sees them must hold.
            password: opens encrypted PDF files.

        Raises:
            DocumentError: one cannot be read; says which and what to do.
        """
        for number, file in enumerate(expand_paths([Path(path)])):
            yield _offered(read_document(file, index=number, password=password), matter, labels)


class AgentKitNodeParser(NodeParser):
    """Splits documents by their structure into nodes with exact spans, headings, page and access labels.

    The nodes are those of `entry_to_node`. Documents of other readers are split, too: their text as it is, under the
    name that `document` or `file_name` in their metadata gives; `matter` and `labels` there say who may see them.

    Args:
        max_chars: the longest passage, in characters, at least 100.
    """

    max_chars: int = Field(default=1200, ge=100)

    def _parse_nodes(self, nodes: Sequence[BaseNode], show_progress: bool = False, **kwargs: Any) -> list[BaseNode]:  # noqa: ARG002, FBT001, FBT002 - LlamaIndex's signature
        return [node for given in nodes for node in self._split(given)]

    def _postprocess_parsed_nodes(
        self,
        nodes: list[BaseNode],
        parent_doc_map: dict[str, LlamaDocument],  # noqa: ARG002 - LlamaIndex's signature
    ) -> list[BaseNode]:
        # LlamaIndex's own looks for each text anew, and finds a heading's words in the passage before it.
        return nodes

    def _split(self, given: BaseNode) -> list[BaseNode]:
        data, document = given.metadata, _document_of(given)
        made: list[BaseNode] = []
        for passage in split_document(document, max_chars=self.max_chars):
            if passage.kind == "contents":
                continue
            entry = Entry(
                id=f"{document.name}#{passage.id.split('p')[-1]}",
                document=document.name,
                title=passage.section,
                start=passage.start,
                end=passage.end,
                text=passage.text,
                page=passage.page or _page_of(data),
                locator=passage.locator,
                kind=passage.kind,
                matter=str(data.get("matter") or ""),
                labels=tuple(sorted(_labels_of(data))),
                version=document.sha256,
            )
            node = entry_to_node(entry)
            node.metadata = {key: value for key, value in data.items() if key not in _OURS} | node.metadata
            node.relationships[NodeRelationship.SOURCE] = RelatedNodeInfo(node_id=given.node_id, hash=given.hash)
            made.append(node)
        for one, other in pairwise(made):
            one.relationships[NodeRelationship.NEXT] = other.as_related_node_info()
            other.relationships[NodeRelationship.PREVIOUS] = one.as_related_node_info()
        return made


def _offered(document: Document, matter: str, labels: Sequence[str]) -> LlamaDocument:
    structure = {
        "media_type": document.media_type,
        "sha256": document.sha256,
        "text": _digest(document.text),
        "pages": [asdict(page) for page in document.pages],
        "sections": [asdict(section) for section in document.sections],
        "tables": document.tables,
        "footnotes": document.footnotes,
    }
    metadata = {"file_name": document.name, "document": document.name, "matter": matter}
    metadata |= {"labels": json.dumps(sorted(set(labels))), _STRUCTURE: json.dumps(structure)}
    return LlamaDocument(
        text=document.text,
        metadata=metadata,
        excluded_embed_metadata_keys=[*metadata],
        excluded_llm_metadata_keys=[_STRUCTURE, "matter", "labels", "document"],
    )


def _document_of(node: BaseNode) -> Document:
    data, text = node.metadata, node.get_content(metadata_mode=MetadataMode.NONE)
    name = str(data.get("document") or data.get("file_name") or node.node_id)
    kept = cast(dict[str, Any], json.loads(data.get(_STRUCTURE, "{}")))
    # A transformation before this one may have changed the text.
    if kept.get("text") != _digest(text):
        return Document(0, name, "text/plain", _digest(text), text, sections=find_sections(text, headings=[]))
    return Document(
        0,
        name,
        kept["media_type"],
        kept["sha256"],
        text,
        pages=[Page(**page) for page in kept["pages"]],
        sections=[Section(**section) for section in kept["sections"]],
        tables=[(start, end) for start, end in kept["tables"]],
        footnotes=[(start, end) for start, end in kept["footnotes"]],
    )


def _labels_of(data: dict[str, Any]) -> list[str]:
    given = data.get("labels") or []
    if isinstance(given, str):
        try:
            given = json.loads(given)
        except ValueError:
            given = [given]
    return [str(label) for label in (given if isinstance(given, list) else [given])]


def _page_of(data: dict[str, Any]) -> int | None:
    page = str(data.get("page_label") or "")
    return int(page) if page.isascii() and page.isdigit() else None


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
