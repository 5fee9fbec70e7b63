"""Originals back in their places: by what stands where a claim points, not by a name's fullest form."""

from bisect import bisect_right
from collections.abc import Callable, Sequence

from agentkit.ports import Vault
from agentkit.privacy.placeholders import shapes
from agentkit.text.spans import replace_spans
from agentkit.types import Citation, Document

Spans = Sequence[tuple[int, int, str]]


def originals_at(document: Document, spans: Spans, citation: Citation) -> list[tuple[str, str]]:
    """Return `(placeholder, the characters it stands for)` of what is replaced within a citation, in order."""
    return [
        (placeholder, document.text[start:end])
        for start, end, placeholder in spans
        if start < citation.end and citation.start < end
    ]


def restore_at(text: str, cited: Sequence[tuple[str, str]], *, vault: Vault) -> str:
    """Replace placeholders by the characters that stand at the cited places, in their order there.

    One person may be "Ada Marlow" here and "Ms. Marlow" there, under one placeholder; a claim gets the
    words of the place it cites. What the cited places do not hold comes from the vault.
    """
    forms: dict[str, list[str]] = {}
    for placeholder, original in cited:
        forms.setdefault(placeholder, []).append(original)
    parts: list[str] = []
    position = 0
    for start, end, kind, number in shapes(text):
        there = forms.get(f"<{kind}_{number}>")
        original = (there.pop(0) if len(there) > 1 else there[0]) if there else vault.restore(text[start:end])
        # One pass: an original may itself look like a placeholder.
        parts += [text[position:start], original]
        position = end
    parts.append(text[position:])
    return "".join(parts)


def redacted(document: Document, spans: Spans) -> tuple[str, Callable[[int], int]]:
    """Return a document's whole text with placeholders, and how its offsets move into that text.

    An offset inside an original moves to the start of its placeholder.
    """
    text, replacements = replace_spans(document.text, spans, offset=0)
    starts = [item.source_start for item in replacements]

    def moved(offset: int) -> int:
        before = bisect_right(starts, offset) - 1
        if before < 0:
            return offset
        item = replacements[before]
        return item.start if offset < item.source_end else item.end + offset - item.source_end

    return text, moved
