"""What the small model is asked, and how its choice of a tool is read."""

import json

from agentkit.adapters.smollm2.schema import narrow_schema
from agentkit.calls import Message, ToolCall
from agentkit.prompts.replies import Answer
from agentkit.prompts.wire import Sampling, chat_request, message_body
from agentkit.types import Prompt

_DEFAULT = Sampling(max_output_tokens=0, temperature=0.0, seed=0)  # 0: the backend's own length


def small_request(prompt: Prompt) -> dict[str, object]:
    """Return the engine's request: grammar where the answer has a form, free text where it has none.

    The model was not trained on tools: where one is required, the grammar makes it name one; else it just answers.
    """
    request = chat_request(prompt, sampling=_DEFAULT, answer_format="none")
    request.pop("tools", None)
    request.pop("tool_choice", None)
    schema = _tool_schema(prompt) or (dict(prompt.schema) if prompt.schema else None)
    if schema is None and prompt.task != "chat":
        schema = narrow_schema(prompt)
    if schema is not None:
        form = {"name": "answer", "schema": schema}
        request["response_format"] = {"type": "json_schema", "json_schema": form}
    if _must_call(prompt):
        listed = "\n".join(f"{tool.name}: {tool.description}" for tool in prompt.tools)
        messages = request["messages"]
        asked = message_body(Message("system", f"Choose one of these tools and its arguments:\n{listed}"))
        request["messages"] = [asked, *messages] if isinstance(messages, list) else [asked]
    return request | {"repeat_penalty": 1.1, "stream": True, "stream_options": {"include_usage": True}}


def with_tool_call(answer: Answer, prompt: Prompt) -> Answer:
    """Return the answer with the tool call that its JSON stands for, where one was required."""
    if not _must_call(prompt):
        return answer
    try:
        data = json.loads(answer.text)
        call = ToolCall("call_1", str(data["tool"]), json.dumps(data["arguments"]))
    except (ValueError, KeyError, TypeError):
        return answer
    return Answer("", "tool_calls", usage=answer.usage, tool_calls=[call])


def _must_call(prompt: Prompt) -> bool:
    return bool(prompt.tools) and prompt.options.tool_choice not in {None, "auto", "none"}


def _tool_schema(prompt: Prompt) -> dict[str, object] | None:
    if not _must_call(prompt):
        return None
    named = [tool for tool in prompt.tools if tool.name == prompt.options.tool_choice] or prompt.tools
    forms: list[dict[str, object]] = [
        {
            "type": "object",
            "properties": {"tool": {"const": tool.name}, "arguments": dict(tool.parameters)},
            "required": ["tool", "arguments"],
            "additionalProperties": False,
        }
        for tool in named
    ]
    return forms[0] if len(forms) == 1 else {"anyOf": forms}
