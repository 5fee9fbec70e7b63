"""Answers as validated objects, from any model: schema where it is honoured, repair and one more attempt where not."""

from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Generic, TypeVar, cast

from json_repair import repair_json
from pydantic import BaseModel, ValidationError
from pydantic_core import from_json

from agentkit.calls import Completion, Message
from agentkit.errors import StructuredOutputError
from agentkit.ports import ModelBackend
from agentkit.prompts.parse import is_too_deep, told_faults
from agentkit.prompts.schemas import strict_schema
from agentkit.streams import stream_of
from agentkit.types import Prompt

T = TypeVar("T", bound=BaseModel)
_MAX_ANSWER = 400_000


@dataclass(frozen=True, slots=True)
class Partial(Generic[T]):
    """What a streamed object holds so far; `whole` is the validated object, once it is complete."""

    data: Mapping[str, object]
    whole: T | None = None


async def complete_as(door: ModelBackend, prompt: Prompt, schema: type[T], *, attempts: int = 2) -> T:
    """Ask a model for an object.

    An answer that is not JSON is repaired (json-repair); one that does not fit is shown to the model with what is
    wrong, and asked for again, `attempts` times in all.

    Raises:
        StructuredOutputError: no answer fits; says what is wrong with the last.
        BackendError: the model failed.
    """
    asked = with_schema(prompt, schema)
    fault = ""
    for _ in range(max(1, attempts)):
        completion = await door.complete(asked)
        try:
            return read_as(completion.text, schema)
        except ValidationError as error:
            fault = faults(error)
        asked = _again(asked, completion, fault)
    raise StructuredOutputError(
        f"{door.name} gave no {schema.__name__} in {max(1, attempts)} attempts: {fault}.", model=door.name, billed="yes"
    )


async def stream_as(door: ModelBackend, prompt: Prompt, schema: type[T]) -> AsyncIterator[Partial[T]]:
    """Ask a model for an object and yield it as it grows; the last item has it whole.

    Raises:
        StructuredOutputError: the finished answer does not fit. It is not asked for again: pieces were passed on.
        BackendError: the model failed.
    """
    text, seen = "", dict[str, object]()
    async with aclosing(stream_of(door, with_schema(prompt, schema))) as chunks:
        async for chunk in chunks:
            text += chunk.text
            data = _so_far(text)
            if data and data != seen:
                seen = data
                yield Partial(data)
    try:
        whole = read_as(text, schema)
    except ValidationError as error:
        message = f"{door.name} gave no {schema.__name__}: {faults(error)}."
        raise StructuredOutputError(message, model=door.name, billed="yes") from None
    yield Partial(whole.model_dump(mode="json"), whole)


def with_schema(prompt: Prompt, schema: type[BaseModel]) -> Prompt:
    """Return the prompt, asking for an object of a pydantic class."""
    return replace(prompt, schema=strict_schema(cast(Mapping[str, object], schema.model_json_schema())))


def read_as(text: str, schema: type[T]) -> T:
    """Return the object in a model's answer, repaired where it is no JSON.

    Raises:
        ValidationError: it does not fit; pydantic's own error.
    """
    body = text[:_MAX_ANSWER]
    try:
        return schema.model_validate_json(body)
    except ValidationError:
        if is_too_deep(body):
            raise
        found = cast(object, repair_json(body, return_objects=True, skip_json_loads=True))
    # Prose around an object is read as a list of what could be made of it.
    items = cast(list[object], found) if isinstance(found, list) else []
    objects: list[object] = list(filter(_is_object, items))
    return schema.model_validate(objects[0] if objects else cast(object, found))


def faults(error: ValidationError) -> str:
    """Say what is wrong with an answer, without repeating it."""
    return told_faults(error.errors(include_url=False, include_context=False, include_input=False))


def _again(prompt: Prompt, completion: Completion, fault: str) -> Prompt:
    """Show a model its answer and what is wrong with it. A document task is asked again as it is."""
    if prompt.task != "chat":
        return prompt
    reply = f"That does not fit: {fault}. Answer again with one JSON object that fits, and nothing else."
    turns = [Message("assistant", completion.text or "(nothing)"), Message("user", reply)]
    return replace(prompt, messages=[*prompt.messages, *turns])


def _is_object(value: object) -> bool:
    return isinstance(value, dict)


def _so_far(text: str) -> dict[str, object]:
    begin = text.find("{")
    if begin < 0:
        return {}
    try:
        data = cast(object, from_json(text[begin:], allow_partial="trailing-strings"))
    except ValueError:
        return {}
    return cast(dict[str, object], data) if isinstance(data, dict) else {}
