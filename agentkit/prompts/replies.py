"""What a model server answered, whole or in pieces → `Completion`, or the reason why it cannot be used."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from agentkit.calls import Price, ToolCall, Usage
from agentkit.errors import ContentFilterError, InvalidResponseError
from agentkit.prompts.cut import whole_items
from agentkit.prompts.wire import is_list
from agentkit.types import Completion, Prompt

_OPEN, _CLOSE = "<think>", "</think>"
# What some servers call the protocol's own reasons.
_REASONS = {
    "model_length": "length",
    "model_context_window_exceeded": "length",
    "max_tokens": "length",
    "eos_token": "stop",
    "stop_sequence": "stop",
    "end_turn": "stop",
    "tool_use": "tool_calls",
}
# A count beyond it is no count: it is as if the server had told none.
_MOST_TOKENS = 10**9
# The server gave the answer up; what came of it is no answer.
_GIVEN_UP = frozenset({"error", "abort"})


@dataclass(frozen=True, slots=True)
class Answer:
    """What came, before it is judged. `finish_reason` is empty where the server gave none."""

    text: str
    finish_reason: str
    usage: Usage = field(default_factory=Usage)
    tool_calls: list[ToolCall] = field(default_factory=list[ToolCall])
    declined: bool = False


def judge(answer: Answer, prompt: Prompt, *, name: str) -> Completion:
    """Return the usable answer.

    JSON that was cut at its longest allowed length is kept without its last, unfinished item; `finish_reason`
    stays "length".

    Raises:
        ContentFilterError: the provider withheld it, or the model declined.
        InvalidResponseError: there is none, it was cut too early, or it asks for a tool that was not offered.
    """
    usage = answer.usage
    if answer.finish_reason == "content_filter":
        raise ContentFilterError(
            f"The content filter of {name} withheld the answer.", model=name, billed="yes", usage=usage
        )
    if answer.declined:
        raise ContentFilterError(f"{name} declined to answer.", model=name, billed="yes", usage=usage)
    if answer.finish_reason in _GIVEN_UP:
        raise InvalidResponseError(
            f"{name} gave up in the middle of its answer.", model=name, passing=True, billed="yes", usage=usage
        )
    fault = _tool_fault(answer, prompt)
    if not fault and not answer.tool_calls and not answer.text and answer.finish_reason != "length":
        fault = "answered with no text"
    if fault:
        raise InvalidResponseError(f"{name} {fault}.", model=name, billed="yes", usage=usage)
    text = answer.text
    if answer.finish_reason == "length" and not answer.tool_calls:
        text = _what_is_left(answer.text, prompt)
        if not text:
            raise InvalidResponseError(
                f"{name} was cut off before its answer ended: raise max_tokens.",
                model=name,
                billed="yes",
                usage=usage,
            )
    return Completion(
        text=text,
        model=name,
        usage=usage,
        finish_reason=answer.finish_reason or "unknown",
        tool_calls=answer.tool_calls,
    )


def whole(choice: object, usage: object, *, price: Price) -> Answer:
    """Read one choice of a whole response; `choice` is the protocol's object, as a mapping or by attribute."""
    message = part(choice, "message")
    return Answer(
        text=without_thoughts(words(part(message, "content"))),
        finish_reason=reason_of(words(part(choice, "finish_reason"))),
        usage=read_usage(usage, price=price),
        tool_calls=_calls(part(message, "tool_calls")),
        declined=bool(part(message, "refusal")) and not part(message, "content"),
    )


def read_usage(usage: object, *, price: Price) -> Usage:
    """Read a count of tokens in the wording of OpenAI, Anthropic or DeepSeek; what is missing counts as none."""
    sent, received = _count(usage, "prompt_tokens"), _count(usage, "completion_tokens")
    cached = max(
        _count(part(usage, "prompt_tokens_details"), "cached_tokens"),
        _count(usage, "cache_read_input_tokens"),
        _count(usage, "prompt_cache_hit_tokens"),
    )
    cached = min(cached, sent)
    written = max(
        _count(part(usage, "prompt_tokens_details"), "cache_creation_tokens"),
        _count(usage, "cache_creation_input_tokens"),
    )
    written = min(written, sent - cached)
    cost = price.of(input_tokens=sent, output_tokens=received, cached_tokens=cached, written_tokens=written)
    return Usage(sent, received, cached, cost, written)


def part(value: object, name: str) -> object:
    """Return a field of a mapping or of an object; None where there is none."""
    if isinstance(value, Mapping):
        found: object = value.get(name)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        return found  # pyright: ignore[reportUnknownVariableType]
    return getattr(value, name, None)


def words(value: object) -> str:
    """Return a text, or an empty one where the value is none."""
    return value if isinstance(value, str) else ""


def reason_of(said: str) -> str:
    """Return why an answer ended in the protocol's words, where a server has its own."""
    return _REASONS.get(said, said)


def without_thoughts(text: str) -> str:
    """Return an answer without the thoughts that a reasoning model wrote before it; white space is trimmed."""
    text = text.strip()
    if not text.startswith(_OPEN):
        return text
    return text.partition(_CLOSE)[2].strip()


class Pieces:
    """Collects a streamed answer: `add` returns what of each piece may be shown, `answer` the whole at the end.

    White space around the answer and thoughts before it are left out of both, so that the pieces join to the text.
    """

    def __init__(self) -> None:
        self._text: list[str] = []
        self._held: str = ""
        self._begun = False
        self._calls: dict[int, ToolCall] = {}
        self._declined = False
        self._last = ""
        self._pieces = 0
        self._repeats = 0
        self.finish_reason = ""
        self.usage: object = None

    def add(self, chunk: object) -> str:
        """Take in one chunk of the protocol, as a mapping or by attribute; return the text to show."""
        self.usage = part(chunk, "usage") or self.usage
        choices = part(chunk, "choices")
        if not is_list(choices) or not choices:
            return ""
        choice = choices[0]
        self.finish_reason = reason_of(words(part(choice, "finish_reason"))) or self.finish_reason
        delta = part(choice, "delta")
        calls = part(delta, "tool_calls")
        for call in calls if is_list(calls) else ():
            self._add_call(call)
        self._declined = self._declined or bool(part(delta, "refusal"))
        return self._add_text(words(part(delta, "content")))

    @property
    def begun(self) -> bool:
        """Whether anything of the answer came."""
        return self._pieces > 0 or bool(self._calls)

    def rest(self) -> str:
        """Return the text that was held back as the beginning of a thought, once it is known to be none."""
        held = "" if self._begun or self._held.lstrip().startswith(_OPEN) else self._held.strip()
        self._begun = True
        self._held = ""
        if held:
            self._text.append(held)
        return held

    def repeated(self) -> bool:
        """Return whether pieces came twice, as far as that can be known.

        A model may well say "no no"; but neighbours that are the same, and more pieces than the tokens that the
        server counted, are a fault of the wire.
        """
        counted = _count(self.usage, "completion_tokens")
        return self._repeats > 0 and 0 < counted < self._pieces

    def answer(self, *, price: Price) -> Answer:
        """Return what came in all."""
        text = "".join(self._text)
        return Answer(
            text=text,
            finish_reason=self.finish_reason,
            usage=read_usage(self.usage, price=price),
            tool_calls=[self._calls[index] for index in sorted(self._calls)],
            declined=self._declined and not text,
        )

    def _add_text(self, piece: str) -> str:
        if not piece:
            return ""
        self._pieces += 1
        self._repeats += piece == self._last
        self._last = piece
        self._held += piece
        if not self._begun:
            start = self._held.lstrip()
            if not start or _OPEN.startswith(start):
                return ""
            if start.startswith(_OPEN):
                head, closed, rest = start.partition(_CLOSE)
                self._held = rest if closed else head
                if not closed or not rest.strip():
                    return ""
            self._held = self._held.lstrip()
            self._begun = True
        shown = self._held.rstrip()
        self._held = self._held[len(shown) :]
        if shown:
            self._text.append(shown)
        return shown

    def _add_call(self, call: object) -> None:
        index = part(call, "index")
        at = index if isinstance(index, int) else len(self._calls)
        old = self._calls.get(at, ToolCall("", "", ""))
        function = part(call, "function")
        self._calls[at] = ToolCall(
            id=old.id or words(part(call, "id")),
            name=old.name or words(part(function, "name")),
            arguments=old.arguments + _arguments(function),
        )


def _what_is_left(text: str, prompt: Prompt) -> str:
    """Return what of a cut answer can be used: of the task's own JSON whole items, of free text everything."""
    if prompt.schema:
        try:
            json.loads(text)
        except ValueError:
            return ""
        return text
    return text if prompt.task == "chat" else whole_items(text)


def _tool_fault(answer: Answer, prompt: Prompt) -> str:
    offered = {tool.name for tool in prompt.tools} if prompt.options.tool_choice != "none" else set[str]()
    unknown = next((call.name for call in answer.tool_calls if call.name not in offered), None)
    if unknown is None:
        return ""
    return "asked for a tool that was not offered" if offered else "asked for a tool where none was offered"


def _calls(value: object) -> list[ToolCall]:
    calls = value if is_list(value) else ()
    return [
        ToolCall(
            id=words(part(call, "id")),
            name=words(part(part(call, "function"), "name")),
            arguments=_arguments(part(call, "function")),
        )
        for call in calls
    ]


def _arguments(function: object) -> str:
    """Return a tool's arguments as text; some servers send the object itself."""
    found = part(function, "arguments")
    return json.dumps(found) if isinstance(found, dict) else words(found)


def _count(usage: object, name: str) -> int:
    value = part(usage, name)
    return value if isinstance(value, int) and 0 < value <= _MOST_TOKENS else 0
