"""Requests and replies of OpenAI's chat protocol, translated both ways."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentkit import errors
from agentkit.adapters.serving import replies
from agentkit.adapters.serving.wire import RequestError, read_request
from agentkit.calls import CallOptions, Completion, Message, Tool, ToolCall, Usage
from agentkit.prompts.wire import Sampling, chat_request
from agentkit.types import Prompt

NAMED = replies.Named("chatcmpl-1", "m", 1)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
KNOWN = st.sampled_from(
    "model messages tools tool_choice response_format stream stream_options temperature max_tokens stop n top_p "
    "role content type text file function name parameters json_schema schema tool_calls id arguments".split()
)
LIKELY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["user", "assistant", "tool", "text", "function"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KNOWN, inner, max_size=5),
    max_leaves=20,
)
WORDS = st.text(st.characters(codec="utf-8"), max_size=40)
NAMES = st.from_regex(r"[A-Za-z0-9_.-]{1,20}", fullmatch=True)
CALLS = st.lists(st.builds(ToolCall, NAMES, NAMES, WORDS), max_size=3)
MESSAGES = st.one_of(
    st.builds(Message, st.sampled_from(["system", "user"]), WORDS),
    st.builds(Message, st.just("assistant"), WORDS, CALLS),
    st.builds(Message, st.just("tool"), WORDS, st.just([]), NAMES),
)


@given(JSON | LIKELY | st.dictionaries(KNOWN, LIKELY))
def test_any_body_is_read_or_refused_in_one_sentence(body: object) -> None:
    try:
        said = str(type(read_request(body)).__name__) + "."
    except RequestError as error:
        said = str(error)
    assert said.endswith(".")
    assert "\n" not in said


@given(
    st.lists(MESSAGES, min_size=1, max_size=5),
    st.lists(st.builds(Tool, NAMES, WORDS, st.just({"type": "object", "properties": {}})), max_size=3),
    st.builds(
        CallOptions,
        st.none() | st.integers(1, 9000),
        st.none() | st.floats(0, 2),
        st.lists(WORDS.filter(bool), max_size=4).map(tuple),
    ),
)
def test_what_our_own_client_writes_is_read_as_it_was_meant(messages, tools, options) -> None:
    prompt = Prompt("writer", "chat", "t", "", messages=messages, tools=tools, options=options)
    body = chat_request(prompt, sampling=Sampling(100, 0.0, None))
    asked = read_request(json.loads(json.dumps({"model": "m", **body})))
    assert asked.messages == messages
    assert asked.tools == tools
    assert asked.options.stop == options.stop
    assert asked.options.max_output_tokens == (options.max_output_tokens or 100)


@given(WORDS, CALLS, st.integers(0, 10**6), st.integers(0, 10**6), st.sampled_from(["stop", "length", "unknown"]))
def test_a_reply_says_the_same_whole_and_in_pieces(text, calls, took, gave, reason) -> None:
    completion = Completion(text, "m", Usage(took, gave), reason, tool_calls=calls)
    whole = replies.whole(completion, NAMED)
    events = [*replies.ending(completion, NAMED, include_usage=True)]
    assert events[-1] == b"data: [DONE]\n\n"
    told = [json.loads(event.removeprefix(b"data: ")) for event in events[:-1]]
    assert told[-1]["usage"] == whole["usage"] == replies.usage_of(completion.usage)
    assert told[-2]["choices"][0]["finish_reason"] == whole["choices"][0]["finish_reason"]
    pieces = [call for row in told[:-1] for call in row["choices"][0]["delta"].get("tool_calls", [])]
    assert [call["function"] for call in pieces] == [
        call["function"] for call in whole["choices"][0]["message"].get("tool_calls", [])
    ]


def test_an_answer_counts_as_whole_only_where_somebody_said_so() -> None:
    assert replies.reason_of(Completion("x", "m", finish_reason="unknown")) == "length"
    assert replies.reason_of(Completion("x", "m", finish_reason="stop")) == "stop"
    assert replies.reason_of(Completion("", "m", tool_calls=[ToolCall("1", "a", "{}")])) == "tool_calls"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"messages": []}, "messages is not a list of 1 to"),
        ({"messages": [{"role": "judge", "content": "x"}]}, r"messages\[0\]\.role is none of"),
        ({"messages": [{"role": "user"}]}, r"messages\[0\]\.content is missing"),
        ({"messages": [{"role": "tool", "content": "x"}]}, "tool_call_id is missing"),
        ({"messages": [{"role": "user", "content": "\ud800"}]}, "not valid Unicode"),
        ({"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}, "of type 'image_url'"),
        ({"model": 7}, "model is missing"),
        ({"n": 2}, "n is not supported here other than 1"),
        ({"top_p": 0.5}, "top_p is not supported"),
        ({"temperature": True}, "temperature is not a number"),
        ({"max_tokens": 0}, "max_completion_tokens is not"),
        ({"stop": ["a"] * 5}, "stop is neither"),
        ({"stream": "yes"}, "stream is neither true nor false"),
        ({"tools": [{"type": "web_search"}]}, "is no function"),
        ({"tool_choice": "look"}, "names none of the tools"),
        ({"response_format": {"type": "xml"}}, "none of text, json_object, json_schema"),
        ({"functions": []}, "functions is not supported"),
    ],
)
def test_what_cannot_be_carried_out_is_refused_and_named(change: dict[str, object], said: str) -> None:
    with pytest.raises(RequestError, match=said):
        read_request({"model": "m", "messages": [{"role": "user", "content": "hi"}], **change})


def test_a_file_comes_with_a_message_under_its_base_name() -> None:
    file = {"filename": "../../etc/lease.txt", "file_data": "data:text/plain;base64,aGk="}
    parts = [{"type": "text", "text": "Who pays?"}, {"type": "file", "file": file}]
    asked = read_request({"model": "m", "messages": [{"role": "user", "content": parts}]})
    assert (asked.files[0].name, asked.files[0].data, asked.messages[0].content) == ("lease.txt", b"hi", "Who pays?")


def test_every_public_error_has_a_status_and_tells_no_more_than_its_sentence() -> None:
    ours = (errors.UsageError, errors.RefusedError, errors.BudgetExceededError, errors.UnavailableError)
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, Exception)]
    for kind in kinds:
        status, body, headers = replies.failed(kind.__new__(kind, "No."))
        assert 400 <= status <= 504
        assert (status == 500) == (not issubclass(kind, ours)), kind
        assert set(body["error"]) == {"message", "type", "param", "code"}
        assert headers["x-should-retry"] in {"true", "false"}
    assert "secret" not in str(replies.failed(ValueError("secret")))
