"""What a file carries beside its pages (properties, comments, alternative texts, attachments): read by no model.

It stays out of the document's text. Where it gives orders to a machine, the reader of the report is told.
"""

from collections.abc import Iterable

from agentkit.reading.draft import Draft
from agentkit.text.injection import score

_DECISION = 0.5
_SHORTEST = 12
_MOST, _LONGEST = 2000, 4000
"""So many texts of a kind are judged, and so many characters of each."""


def gives_orders(text: str, /) -> bool:
    """Tell whether a text beside the page reads like an instruction to a machine."""
    words = " ".join(text[:_LONGEST].split())
    return len(words) >= _SHORTEST and score(words).score >= _DECISION


def note_orders(draft: Draft, place: str, texts: Iterable[str], /) -> None:
    """Add a warning if one of the texts at a place ("a comment", "an alternative text") gives orders."""
    seen: set[str] = set()
    for text in texts:
        if text and text not in seen and len(seen) < _MOST:
            seen.add(text)
            if gives_orders(text):
                draft.warnings.append(
                    f"Instructions to whoever reads this by machine stand in {place}; they were left out."
                )
                return


def own_title(draft: Draft, title: str, /) -> str:
    """Return the title that a file's properties give, or nothing where it gives orders instead."""
    title = " ".join(title.split())
    if gives_orders(title):
        note_orders(draft, "the title of the file's properties", [title])
        return ""
    return title
