"""NeMo's regex rail, evaluated in one pass and blind to disguises of the letters.

NeMo compares case by case unless told otherwise, so that "CONFIDENTIAL" passes a rule against "confidential"; here a
rule holds in either case unless its section says `case_insensitive: false`, and a text is also read as its reader
sees it: compatibility forms and look-alike letters folded, nothing invisible. All patterns of a stage are searched as
one expression; which of them were found is asked only of a text that one of them matches.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# NeMo's configuration is built at import and untyped.

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from nemoguardrails.actions import action
from nemoguardrails.actions.rail_outcome import RailOutcome, TransformTarget
from nemoguardrails.rails.llm.config import RailsConfig

from agentkit.text.normalize import hidden_runs, normalize, without

_ALONE = re.compile(r"\\\d|\\g<|\(\?P|\(\?\(|\(\?[aiLmsux]")
"""What an expression may hold only on its own: numbered and named groups, and flags for the whole."""


class PatternSet:
    """Regular expressions that are searched together."""

    def __init__(self, patterns: Sequence[str], *, folds_case: bool) -> None:
        flags = re.IGNORECASE if folds_case else 0
        self._folds_case = folds_case
        self._single = [(pattern, re.compile(pattern, flags)) for pattern in patterns]
        together = [pattern for pattern in patterns if not _ALONE.search(pattern)]
        alone = [pattern for pattern in patterns if _ALONE.search(pattern)]
        merged = ["|".join(f"(?:{pattern})" for pattern in together)] if together else []
        self.passes = [re.compile(pattern, flags) for pattern in (*merged, *alone)]

    def found(self, text: str) -> list[str]:
        """Return the patterns that match somewhere in the text, or in what its reader sees."""
        views = {text}
        if not text.isascii():
            folded = normalize(text)
            views.add(folded.text if self._folds_case else _as_written(text))
        hit = [view for view in views if any(expression.search(view) for expression in self.passes)]
        return [pattern for pattern, expression in self._single if any(map(expression.search, hit))]


def _as_written(text: str) -> str:
    """The text without disguises of its letters, in the case they were written."""
    return unicodedata.normalize("NFKC", without(text, hidden_runs(text)))


@lru_cache(maxsize=64)
def _pattern_set(patterns: tuple[str, ...], *, folds_case: bool) -> PatternSet:
    return PatternSet(patterns, folds_case=folds_case)


@action(name="detect_regex_pattern", is_system_action=True)
async def detect_regex_pattern(source: str, text: str, config: RailsConfig, **_: object) -> RailOutcome:
    """Block a text (empty a passage) in which one of the stage's patterns is found; the metadata name them."""
    options: Any = getattr(config.rails.config.regex_detection, source)
    folds_case = bool(options.case_insensitive) or "case_insensitive" not in options.model_fields_set
    found = _pattern_set(tuple(options.patterns), folds_case=folds_case).found(text or "")
    metadata = {"is_match": bool(found), "detections": found, "source": source}
    if not found:
        return RailOutcome.allow(metadata=metadata)
    reason = f"matches {', '.join(found[:3])}"
    if source == "retrieval":
        return RailOutcome.transform([(TransformTarget.RELEVANT_CHUNKS, "")], reason=reason, metadata=metadata)
    return RailOutcome.block(reason=reason, metadata=metadata)
