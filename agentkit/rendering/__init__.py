"""Reports to text, Markdown, HTML, DOCX and back from disk."""

from agentkit.rendering.formats import render
from agentkit.rendering.loading import load_report
from agentkit.rendering.terminal import render_terminal, shows_unicode
from agentkit.rendering.word import render_docx
from agentkit.rendering.writing import check_writable, source_file, write_report

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
