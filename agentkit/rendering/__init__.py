"""Reports to text, Markdown, HTML, DOCX and back from disk; each format loads when it is first used."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agentkit.rendering.formats import render
    from agentkit.rendering.loading import load_report
    from agentkit.rendering.names import source_file
    from agentkit.rendering.terminal import render_terminal, shows_unicode
    from agentkit.rendering.word import render_docx
    from agentkit.rendering.writing import check_writable, write_report

__all__ = [
    "check_writable",
    "load_report",
    "render",
    "render_docx",
    "render_terminal",
    "shows_unicode",
    "source_file",
    "write_report",
]
_HOMES = {
    "check_writable": "writing",
    "load_report": "loading",
    "render": "formats",
    "render_docx": "word",
    "render_terminal": "terminal",
    "shows_unicode": "terminal",
    "source_file": "names",
    "write_report": "writing",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'agentkit.rendering' has no attribute {name!r}")
    return getattr(import_module(f"agentkit.rendering.{_HOMES[name]}"), name)
