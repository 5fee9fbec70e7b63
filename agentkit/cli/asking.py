"""What a question on the command line is about."""

from pathlib import Path
from typing import NamedTuple

from agentkit.errors import UsageError


class Asked(NamedTuple):
    """A question about documents, or about an index."""

    paths: list[Path]
    question: str
    store: str


def spoken(words: list[Path], said: str) -> tuple[list[Path], str]:
    """Return documents and what was said: of what stands where documents are named, the sentence that names none.

    Args:
        words: what stands there.
        said: the option, which leaves them all documents.
    """
    sentence = None if said else next((word for word in words if " " in str(word) and not word.exists()), None)
    return (words, said) if sentence is None else ([word for word in words if word is not sentence], str(sentence))


def asked_of(words: list[Path], question: str, *, where: str, configured: str) -> Asked:
    """Return what is asked of what.

    Args:
        words: what stands where documents are named; one of them may be the question.
        question: the option.
        where: the index that the command names, or "".
        configured: the configuration's, which counts where no documents are named.

    Raises:
        UsageError: there are neither documents nor an index, or both, or there is no question.
    """
    words, question = spoken(words, question)
    said = bool(words) and not question and not any(word.exists() for word in words)
    index = where or (configured if said or not words else "")
    if words and (question or not said) and where:
        raise UsageError("Name documents, or the index to ask, and not both.")
    if not index and not words:
        raise UsageError("Say what to read: documents or folders, or an index with --index DIR.")
    asked = " ".join(map(str, words)) if index and said else question
    if not asked.strip():
        raise UsageError("The question is empty: give one in quotes, or with --question.")
    return Asked([] if index else words, asked, index)
