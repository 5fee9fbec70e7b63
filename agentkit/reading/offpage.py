"""What a file carries beside its pages (properties, comments, alternative texts, attachments): read by no model.

It stays out of the document's text. Where it gives orders to a machine, the reader of the report is told.
"""

from collections.abc import Iterable
from itertools import islice

from agentkit.reading.draft import Draft
from agentkit.text.injection import score

SHORTEST = 12
"""A shorter text gives no order."""
_DECISION = 0.5
_SEEN, _MOST, _LONGEST = 20_000, 2000, 4000
"""So many texts of a kind are looked at, so many different ones judged, and so many characters of each."""


def gives_orders(text: str, /) -> bool:
    """Tell whether a text beside the page reads like an instruction to a machine."""
    words = " ".join(text[:_LONGEST].split())
    return len(words) >= SHORTEST and score(words).score >= _DECISION


def note_orders(draft: Draft, place: str, texts: Iterable[str], /) -> None:
    """Add a warning if one of the texts at a place ("a comment", "an alternative text") gives orders."""
    different = dict.fromkeys(text for text in islice(texts, _SEEN) if len(text) >= SHORTEST)
    if any(map(gives_orders, islice(different, _MOST))):
        _warn(draft, place)


def own_title(draft: Draft, title: str, /) -> str:
    """Return the title that a file's properties give, or nothing where it gives orders instead."""
    title = " ".join(title.split())
    if gives_orders(title):
        _warn(draft, "the title of the file's properties")
        return ""
    return title


def note_files(draft: Draft, count: int, kind: str, /) -> None:
    """Say that there are files inside the file ("PDF"), which were not read."""
    if count:
        several = count > 1
        draft.warnings.append(
            f"{count} file{'s' if several else ''} inside the {kind} {'were' if several else 'was'} not read."
        )


def _warn(draft: Draft, place: str) -> None:
    draft.warnings.append(f"Instructions to whoever reads this by machine stand in {place}; they were left out.")
