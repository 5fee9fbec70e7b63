"""One door to the formats that are text."""

from collections.abc import Callable

from agentkit.errors import UsageError
from agentkit.rendering.html import render_html
from agentkit.rendering.markdown import render_markdown
from agentkit.rendering.terminal import render_terminal
from agentkit.report import Report


def render(report: Report, format: str) -> str:  # noqa: A002  (the word of the command line)
    """Return the report in a format that is text.

    Args:
        report: the report.
        format: "text" (80 columns, no colours), "json", "md" or "html". A DOCX is bytes: see `render_docx`.

    Raises:
        UsageError: there is no such format.
    """
    renderers: dict[str, Callable[[Report], str]] = {
        "text": lambda shown: render_terminal(shown, colour=False),
        "json": Report.to_json,
        "md": render_markdown,
        "html": render_html,
    }
    if format not in renderers:
        raise UsageError(f"There is no text format “{format}”: choose one of {', '.join(renderers)}.")
    return renderers[format](report)
