"""A rails folder that NeMo has read: its configuration, flows and actions, and where in its files a name stands."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# NeMo hands out parsed flows as plain dictionaries and actions as plain functions.

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nemoguardrails.manifests import parse_configured_surface
from nemoguardrails.rails.llm.config import RailsConfig
from pydantic import ValidationError

from agentkit.adapters.nemo.faults import Fault
from agentkit.adapters.nemo.keys import Located
from agentkit.types import Stage

STAGES: tuple[Stage, ...] = ("input", "retrieval", "output")


@dataclass(frozen=True, slots=True)
class Listed:
    """One rail as `rails.STAGE.flows` lists it: the whole entry, the flow's name and its parameters (`$model=…`)."""

    stage: Stage
    entry: str
    name: str
    parameters: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder that NeMo accepted: its configuration, its own flows by name and its own actions by name.

    `has_code` is True where a `config.py` wants NeMo's engine to initialise it. `documents` are its YAML files, then
    those of the folders it imports.
    """

    path: Path
    config: RailsConfig
    flows: Mapping[str, Mapping[str, Any]]
    actions: Mapping[str, Callable[..., Any]]
    has_code: bool
    documents: Sequence[Located]

    def listed(self, stage: str) -> list[str]:
        """The flows that run at a stage, in order, as listed."""
        return list(getattr(self.config.rails, stage).flows)

    def rails(self) -> Iterator[Listed]:
        """Yield every rail of every stage."""
        for stage in STAGES:
            for entry in self.listed(stage):
                yield Listed(stage, entry, *split_entry(entry))

    def fault(self, sentence: str, place: Sequence[str | int]) -> Fault:
        """Return a fault at a place of the configuration; at the first file where it is written nowhere."""
        path, line = located(self.documents, place)
        return Fault(sentence, path, line)

    def fault_at(self, rail: Listed, sentence: str) -> Fault:
        """Return a fault at the line that lists a rail."""
        for document in self.documents:
            for name, line in document.items(("rails", rail.stage, "flows")):
                if name == rail.entry:
                    return Fault(sentence, str(document.path), line)
        return Fault(sentence, str(self.path))


def split_entry(entry: str) -> tuple[str, Mapping[str, str]]:
    """Return a listed rail's name and parameters; what cannot be read as such has no parameters."""
    try:
        return parse_configured_surface(entry)
    except ValueError:
        return entry.partition("$")[0].partition("(")[0].strip(), {}


def located(documents: Sequence[Located], place: Sequence[str | int]) -> tuple[str, int | None]:
    """The file and the line of a place in the configuration, or the first file."""
    for document in documents:
        if (line := document.line_at(place)) is not None:
            return str(document.path), line
    return str(documents[0].path), None


def parse(path: Path, /) -> RailsConfig:
    """Let NeMo read a folder, without its warnings about its own deprecated fields.

    Raises:
        Exception: whatever NeMo raises.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return RailsConfig.from_path(str(path))


def repaired(path: Path, models: Sequence[Any], prompts: Sequence[Any], /) -> RailsConfig | None:
    """Let NeMo read a folder that it refused, without what it refused: only to look at the rest of it.

    Args:
        path: the folder.
        models: models to add.
        prompts: prompts to add.
    Returns:
        The configuration, or None if NeMo cannot be made to read it.
    """

    class Repaired(RailsConfig):
        @classmethod
        def parse_object(cls, obj: dict[str, Any]) -> RailsConfig:
            obj["models"] = [*(obj.get("models") or []), *models]
            obj["prompts"] = [*(obj.get("prompts") or []), *prompts]
            while True:
                try:
                    return RailsConfig.parse_object(obj)
                except ValidationError as error:
                    if not any(_removed(obj, item["loc"]) for item in error.errors()):
                        raise

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            return Repaired.from_path(str(path))
    except Exception:  # noqa: BLE001 - NeMo raises anything; what is wrong has been said
        return None


def _removed(value: Any, place: Sequence[Any]) -> bool:
    """Remove what stands at a place, or the deepest thing that holds it; return whether there was anything."""
    if not place:
        return False
    key, rest = place[0], place[1:]
    inside = isinstance(value, dict) and key in value
    inside = inside or (isinstance(value, list) and isinstance(key, int) and key < len(value))
    if not inside:
        return False
    if not _removed(value[key], rest):
        del value[key]
    return True
