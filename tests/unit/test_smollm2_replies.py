"""What the small model's engine replies, and what becomes of it; the engine itself runs in tests/live."""

import json
from collections.abc import Callable, Iterator

import pytest

from agentkit.adapters.smollm2 import backend
from agentkit.errors import BackendError, ContextWindowError, InvalidResponseError
from agentkit.prompts import summarize_prompt
from agentkit.types import Limits, SafePassage

TEXT = "The rent is EUR 1,250."
PROMPT = summarize_prompt(
    [SafePassage(id="d0p0", source=0, start=0, end=len(TEXT), text=TEXT)], focus="", limits=Limits()
)
ANSWER = '{"answered": true, "claims": [{"text": "The rent is EUR 1,250.", "citations": []}]}'


def reply(text: str, reason: str = "stop") -> dict[str, object]:
    return {
        "choices": [{"message": {"content": text}, "finish_reason": reason}],
        "usage": {"prompt_tokens": 40, "completion_tokens": 20},
    }


class _Engine:
    """In place of llama.cpp: gives the replies it was filled with, and keeps what it was asked."""

    def __init__(self, replies: Iterator[object]) -> None:
        self._replies = replies
        self.asked: list[dict[str, object]] = []
        self.loaded = 0

    def __call__(self, parameters: object) -> "_Engine":
        self.loaded += 1
        self.parameters = parameters
        return self

    def handle_chat_completions(self, request: dict[str, object], take: Callable[[object], object]) -> None:
        self.asked.append(request)
        said = next(self._replies)
        if not isinstance(said, dict) or "usage" not in said:
            take(said)
            return
        choice = said["choices"][0]
        take({"choices": [{"index": 0, "delta": choice["message"]}]})
        take({"choices": [{"index": 0, "delta": {}, "finish_reason": choice["finish_reason"]}]})
        take({"choices": [], "usage": said["usage"]})


def engine(monkeypatch: pytest.MonkeyPatch, *replies: object) -> _Engine:
    fake = _Engine(iter(replies))
    monkeypatch.setattr(backend.xllamacpp, "Server", fake)
    return fake


async def test_the_engine_is_loaded_once_behind_a_locked_door_and_asked_for_the_schema(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fake = engine(monkeypatch, reply(ANSWER), reply(ANSWER))
    model = backend.SmolLM2Backend(threads=1)
    first = await model.complete(PROMPT)
    await model.complete(PROMPT)
    await model.aclose()
    assert (first.text, first.model, first.usage.input_tokens, first.usage.output_tokens) == (
        ANSWER, "embedded/smollm2", 40, 20,
    )  # fmt: skip
    assert fake.loaded == 1
    assert list(fake.parameters.hostnames) == ["127.0.0.1"]
    assert len(fake.parameters.api_keys[0]) > 30
    assert fake.asked[0]["response_format"]["type"] == "json_schema"


async def test_a_model_is_loaded_again_after_it_was_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = engine(monkeypatch, reply(ANSWER), reply(ANSWER))
    model = backend.SmolLM2Backend()
    for _ in range(2):
        await model.complete(PROMPT)
        await model.aclose()
    await model.aclose()
    assert fake.loaded == 2


async def test_an_answer_that_was_cut_off_keeps_its_whole_claims(monkeypatch: pytest.MonkeyPatch) -> None:
    cut = '{"answered": true, "claims": [{"text": "The rent is due.", "citations": []}, {"text": "It is EU'
    engine(monkeypatch, reply(cut, "length"), reply('{"answered": true, "claims": [{"text": "It', "length"))
    model = backend.SmolLM2Backend()
    whole = await model.complete(PROMPT)
    assert [claim["text"] for claim in json.loads(whole.text)["claims"]] == ["The rent is due."]
    with pytest.raises(InvalidResponseError, match="cut off before its answer ended"):
        await model.complete(PROMPT)
    await model.aclose()


@pytest.mark.parametrize(("said", "error", "sentence"), [
    ({"error": {"message": "the request exceeds the available context size"}}, ContextWindowError, "does not fit"),
    ({"error": {"message": "out of memory"}}, BackendError, "embedded/smollm2 failed: .*out of memory"),
    ({"choices": []}, InvalidResponseError, "answered with no text"),
    ("nothing", InvalidResponseError, "answered with no text"),
])  # fmt: skip
async def test_a_reply_that_is_no_answer_is_an_error_that_says_so(
    said: object, error: type[BackendError], sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine(monkeypatch, said)
    model = backend.SmolLM2Backend()
    with pytest.raises(error, match=sentence):
        await model.complete(PROMPT)
    await model.aclose()


async def test_weights_that_cannot_be_loaded_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(parameters: object) -> None:
        raise RuntimeError("bad magic")

    monkeypatch.setattr(backend.xllamacpp, "Server", refuse)
    model = backend.SmolLM2Backend()
    with pytest.raises(BackendError, match=r"The weights .*\.gguf cannot be loaded"):
        await model.complete(PROMPT)
    await model.aclose()
