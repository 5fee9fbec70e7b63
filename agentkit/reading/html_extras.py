"""What a web page carries beside what it shows: comments, descriptions, alternative texts, scripts."""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (lxml comes without types.)

import html
import re
from collections.abc import Iterator
from typing import Any

from agentkit.reading.draft import Draft
from agentkit.reading.offpage import SHORTEST, note_orders

_COMMENT = re.compile(r"<!--(.{12,4000}?)-->", re.DOTALL)
_ATTRIBUTES = frozenset(
    ("alt", "title", "aria-label", "aria-description", "placeholder", "summary", "content", "value", "label")
)
_UNREAD = ("noscript", "template", "object", "svg", "select", "datalist", "button", "nav")


def note_extras(root: Any, source: str, draft: Draft) -> None:
    """Warn of orders in a page's comments, in its attributes, and in elements that are not read."""
    comments = (html.unescape(match.group(1)) for match in _COMMENT.finditer(source))
    note_orders(draft, "a comment of the page's source", comments)
    note_orders(draft, "an alternative text or a description of the page", _attributes(root))
    unread = (" ".join(node.itertext()) for node in root.iter(*_UNREAD))
    note_orders(draft, "a part of the page that is not read", unread)


def _attributes(root: Any) -> Iterator[str]:
    for node in root.iter():
        for name, text in node.items():
            if len(text) >= SHORTEST and (name in _ATTRIBUTES or name.startswith("data-")):
                yield text
