# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# LlamaIndex's node metadata is untyped.
"""A passage of an index as a LlamaIndex node, and back, with nothing lost on the way."""

import hashlib
import json
from typing import cast, get_args

from llama_index.core.schema import BaseNode, MetadataMode, TextNode

from agentkit.indexed import Entry
from agentkit.types import PassageKind

KINDS = cast(tuple[PassageKind, ...], get_args(PassageKind))
_FORMAT = "agentkit.entry/1"
_UNREAD = ["agentkit_entry", "agentkit_id", "version", "kind", "matter", "labels", "start", "end"]


def entry_to_node(entry: Entry) -> TextNode:
    """Return a node whose metadata are flat, as every vector store takes them; `labels` are a JSON list.

    Stores differ in what they keep of a node beside its text and its metadata, so the span stands in both.
    """
    return TextNode(
        id_=hashlib.sha256(f"{entry.document}\0{entry.id}".encode("utf-8", "surrogatepass")).hexdigest()[:32],
        text=entry.text,
        start_char_idx=entry.start,
        end_char_idx=entry.end,
        metadata={
            "agentkit_entry": _FORMAT,
            "agentkit_id": entry.id,
            "document": entry.document,
            "version": entry.version,
            "section": entry.title,
            "page": entry.page,
            "locator": entry.locator,
            "kind": entry.kind,
            "start": entry.start,
            "end": entry.end,
            "matter": entry.matter,
            "labels": json.dumps(sorted(entry.labels)),
        },
        excluded_embed_metadata_keys=[*_UNREAD, "page", "document"],
        excluded_llm_metadata_keys=_UNREAD,
    )


def node_to_entry(node: BaseNode) -> Entry | None:
    """Return the passage that a node was made from, or None where it is none of ours."""
    data = node.metadata
    if data.get("agentkit_entry") != _FORMAT:
        return None
    page = data.get("page")
    return Entry(
        id=str(data["agentkit_id"]),
        document=str(data["document"]),
        title=str(data["section"]),
        start=int(data["start"]),
        end=int(data["end"]),
        text=node.get_content(metadata_mode=MetadataMode.NONE),
        page=None if page is None else int(page),
        locator=None if data.get("locator") is None else str(data["locator"]),
        kind=kind_of(data.get("kind")),
        matter=str(data["matter"]),
        labels=tuple(json.loads(data["labels"])),
        version=str(data["version"]),
    )


def kind_of(value: object) -> PassageKind:
    """Return the kind that a node names, or that of plain text."""
    return KINDS[KINDS.index(value)] if value in KINDS else "body"
