"""What is known of a run besides its texts: who asked for what, of which documents, and which replaces which."""

from collections.abc import Sequence

from agentkit.legal.versions import Versions
from agentkit.records.run_data import RunData
from agentkit.types import ChecklistItem


class RunFacts:
    """The request behind a run's documents, and how they belong together."""

    def __init__(self, data: RunData) -> None:
        self._data = data
        self._versions: tuple[int, Versions] | None = None

    @property
    def run_id(self) -> str:
        """The run's id."""
        return self._data.run_id

    @property
    def matter(self) -> str:
        """The matter's name; the run's id where the run has a vault of its own."""
        return self._data.matter

    @property
    def paths(self) -> list[str]:
        """The paths as the user gave them."""
        return list(self._data.paths)

    @property
    def question(self) -> str:
        """The question or focus as typed, or an empty string."""
        return self._data.question

    @property
    def checklist(self) -> list[ChecklistItem]:
        """What to look for, as typed, or as a rail rewrote it."""
        return self._data.checklist

    def look_for(self, checklist: Sequence[ChecklistItem], /) -> None:
        """Keep what to look for."""
        self._data.checklist = list(checklist)

    def rephrase(self, question: str, /) -> None:
        """Go on with a question that a rail rewrote."""
        self._data.question = question

    @property
    def versions(self) -> Versions:
        """Which of the documents replaces another."""
        count = len(self._data.documents)  # an adopted passage is a new one
        if self._versions is None or self._versions[0] != count:
            self._versions = count, Versions.of(self._data.documents)
        return self._versions[1]

    @property
    def index(self) -> tuple[str, str] | None:
        """The index that was asked, without secrets, and the version it was of."""
        return self._data.index

    def asked(self, url: str, version: str) -> None:
        """Keep which index was asked, and its version."""
        self._data.index = url, version
