"""What a question on the command line is about."""

from pathlib import Path
from typing import NamedTuple

from agentkit.errors import UsageError


class Asked(NamedTuple):
    """A question about documents, or about an index."""

    paths: list[Path]
    question: str
    store: str


def asked_of(words: list[Path], question: str, *, where: str, configured: str) -> Asked:
    """Return what is asked of what.

    Args:
        words: what stands where documents are named; where an index is asked, it may be the question.
        question: the option.
        where: the index that the command names, or "".
        configured: the configuration's, which counts where no documents are named.

    Raises:
        UsageError: there are neither documents nor an index, or both, or there is no question.
    """
    said = bool(words) and not question and not any(word.exists() for word in words)
    index = where or (configured if said or not words else "")
    if words and (question or not said) and where:
        raise UsageError("Name documents, or the index to ask, and not both.")
    if not index and not words:
        raise UsageError("Say what to read: documents or folders, or an index with --index DIR.")
    asked = " ".join(map(str, words)) if index and said else question
    if not asked.strip():
        raise UsageError("The question is empty: give one with --question.")
    return Asked([] if index else words, asked, index)
