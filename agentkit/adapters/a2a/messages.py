"""An agent's message → what it asks of us. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from a2a.types import Message, Part
from google.protobuf.json_format import MessageToDict

from agentkit.errors import UsageError
from agentkit.reading.files import sent_name

_SKILLS = ("ask", "summarize")
_NUMBERS = ("max_claims", "max_words")
_MAX_FILES = 100


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked: a skill, its words, its limits, and the documents by their base names."""

    skill: str
    words: str
    files: list[tuple[str, bytes]] = field(repr=False)
    max_claims: int | None = None
    max_words: int | None = None


def read_message(message: Message, /) -> Wish:
    """Read a message: text parts are the question or the focus, raw parts are documents, a data part has settings.

    Settings are `skill`, `question` or `focus`, `max_claims` and `max_words`. Without a skill, a text is a question,
    and documents alone are summarized.

    Raises:
        UsageError: there is no document, a part cannot be read, or a setting is wrong.
    """
    texts: list[str] = []
    files: list[tuple[str, bytes]] = []
    told: dict[str, object] = dict(_plain(message.metadata))
    for part in message.parts:
        match part.WhichOneof("content"):
            case "text":
                texts.append(part.text)
            case "raw":
                files.append((_base_name(part, len(files)), part.raw))
            case "data":
                told |= _data(part)
            case _:
                raise UsageError("A part is no text, data or raw file: nothing is fetched from other places.")
    if not files or len(files) > _MAX_FILES:
        raise UsageError(f"Send 1 to {_MAX_FILES} documents, as raw parts with their file names.")
    words = "\n".join([*texts, *(str(told[name]) for name in ("question", "focus") if told.get(name))]).strip()
    skill = str(told.get("skill") or ("ask" if words else "summarize"))
    if skill not in _SKILLS:
        raise UsageError(f"There is no skill {skill[:40]!r}: use {' or '.join(_SKILLS)}.")
    if skill == "ask" and not words:
        raise UsageError("Send the question as a text part.")
    claims, longest = (_number(told, name) for name in _NUMBERS)
    return Wish(skill, words, files, claims, longest)


def without_files(message: Message, /) -> Message:
    """Return a message whose documents are named and not kept."""
    kept = Message()
    kept.CopyFrom(message)
    del kept.parts[:]
    for part in message.parts:
        kept.parts.append(
            Part(text=f"[{part.filename or 'a document'}]") if part.WhichOneof("content") == "raw" else part
        )
    return kept


def _number(told: Mapping[str, object], name: str) -> int | None:
    value = told.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != int(value) or value < 1:
        raise UsageError(f"{name} is not a whole number from 1 on.")
    return int(value)


def _base_name(part: Part, number: int) -> str:
    return sent_name(part.filename, otherwise=f"document {number + 1}")


def _data(part: Part) -> dict[str, object]:
    value = cast(object, MessageToDict(part.data))
    if not isinstance(value, dict):
        raise UsageError("A data part is no object.")
    return cast(dict[str, object], value)


def _plain(struct: Any) -> dict[str, object]:
    return cast(dict[str, object], MessageToDict(struct))
