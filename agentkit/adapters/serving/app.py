"""`/v1/models` and `/v1/chat/completions` as an ASGI application over governed doors."""

import asyncio
import json
import logging
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import AbstractAsyncContextManager, aclosing
from dataclasses import dataclass, field
from typing import Protocol, cast

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import Lifespan, Receive, Scope, Send

from agentkit.adapters.serving import replies
from agentkit.adapters.serving.admission import TENANT
from agentkit.adapters.serving.shapes import check_schema, fitting
from agentkit.adapters.serving.streaming import Events, told
from agentkit.adapters.serving.wire import Asked, RequestError, read_request
from agentkit.calls import Chunk, Completion
from agentkit.errors import AgentKitError
from agentkit.ports import ModelBackend
from agentkit.streams import stream_of
from agentkit.types import Prompt

_LOG = logging.getLogger("agentkit")
_VERSION = "openai/1"
_KEEP_ALIVE_S = 15.0  # proxies commonly hang up after thirty or sixty silent seconds


@dataclass(slots=True)
class Visit:
    """One request's stay: a governed door, and what the reply tells of it, read when the answer is there.

    `told` holds `run_id`, by which ledger, record and trace know it, and what else there is to say.
    """

    door: ModelBackend
    told: dict[str, object] = field(default_factory=dict[str, object])


class House(Protocol):
    """Who has the doors."""

    def models(self) -> Sequence[str]:
        """Return the names that may be asked for."""
        ...

    def visit(self, asked: Asked, tenant: str, /) -> AbstractAsyncContextManager[Visit]:
        """Open the door to `asked.model` for one request; what it needs is released at the end.

        Args:
            asked: the request.
            tenant: who pays; empty where no key says so.

        Raises:
            UnknownModelError: there is no such model.
        """
        ...


def chat_app(
    house: House,
    *,
    routes: Sequence[BaseRoute] = (),
    lifespan: Lifespan[Starlette] | None = None,
    keep_alive_s: float = _KEEP_ALIVE_S,
) -> Starlette:
    """Return the application.

    Args:
        house: has the doors.
        routes: more of them.
        lifespan: opens what they need and closes it.
        keep_alive_s: the longest silence in a stream, in seconds; then comes a comment.
    """
    begun = int(time.time())

    async def models(_: Request) -> Response:
        rows = [{"id": name, "object": "model", "created": begun, "owned_by": "agentkit"} for name in house.models()]
        return JSONResponse({"object": "list", "data": rows})

    async def model(request: Request) -> Response:
        name = cast(str, request.path_params["name"])
        if name not in house.models():
            return JSONResponse(_not_found(f"There is no model {name[:80]!r} here."), status_code=404)
        return JSONResponse({"id": name, "object": "model", "created": begun, "owned_by": "agentkit"})

    return Starlette(
        routes=[
            Route("/v1/models", models),
            Route("/v1/models/{name:path}", model),
            Route("/v1/chat/completions", _Chat(house, keep_alive_s), methods=["POST"]),
            *routes,
        ],
        exception_handlers={HTTPException: _http_error, Exception: _fault},
        lifespan=lifespan,
    )


class _Chat:
    """The endpoint: reads, answers, and stops as soon as the client has gone."""

    def __init__(self, house: House, keep_alive_s: float) -> None:
        self._house = house
        self._keep_alive_s = keep_alive_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await Request(scope, receive).body()
        work = asyncio.create_task(self._answer(body, scope, receive, send))
        gone = asyncio.create_task(_gone(receive))
        try:
            await asyncio.wait([work, gone], return_when=asyncio.FIRST_COMPLETED)
            if work.done():
                await work
        finally:
            for task in (work, gone):
                task.cancel()
            await asyncio.wait([work, gone])

    async def _answer(self, body: bytes, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            asked = read_request(_decoded(body))
            if asked.schema is not None:
                check_schema(asked.schema)
            async with self._house.visit(asked, cast(str, scope.get(TENANT, ""))) as visit:
                if asked.stream:
                    await _streamed(asked, visit, send, keep_alive_s=self._keep_alive_s)
                else:
                    await (await _whole(asked, visit))(scope, receive, send)
        except AgentKitError as error:
            await _error(error)(scope, receive, send)
        except Exception as error:  # noqa: BLE001  (the last resort: an envelope, not a traceback)
            _LOG.error("A request failed by a fault of ours: %s.", type(error).__name__)
            await _error(error)(scope, receive, send)


async def _whole(asked: Asked, visit: Visit) -> Response:
    completion = await _complete(asked, visit)
    body = replies.whole(completion, _named(asked, visit))
    return JSONResponse({**body, "agentkit": visit.told})


async def _streamed(asked: Asked, visit: Visit, send: Send, *, keep_alive_s: float) -> None:
    """Answer in events. The first piece is waited for, so that what fails before it has its own status.

    Where it is long in coming, the answer begins without it, with comments that keep the connection open: whatever
    fails then is said in the stream.
    """
    events = Events(send)
    async with aclosing(_chunks(asked, visit)) as chunks:
        try:
            first = await events.after(chunks, keep_alive_s)
            named = _named(asked, visit)
            await events.send(replies.event(replies.piece({"role": "assistant", "content": ""}, named)))
            chunk = first
            while chunk is not None:
                for data in told(chunk, named, include_usage=asked.include_usage):
                    await events.send(data)
                chunk = None if chunk.completion else await events.after(chunks, keep_alive_s)
        except Exception as error:
            if not events.begun:
                raise
            await events.send(replies.event(replies.failed(error)[1]))
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _complete(asked: Asked, visit: Visit) -> Completion:
    completion = await visit.door.complete(_prompt(asked))
    return completion if asked.schema is None or completion.tool_calls else fitting(completion, asked.schema)


async def _chunks(asked: Asked, visit: Visit) -> AsyncGenerator[Chunk]:
    """Yield the answer; one that has to fit a schema in one piece, as it is looked at before it is passed on."""
    if asked.schema is not None:
        completion = await _complete(asked, visit)
        yield Chunk(completion.text, completion)
        return
    async with aclosing(stream_of(visit.door, _prompt(asked))) as chunks:
        async for chunk in chunks:
            yield chunk


def _prompt(asked: Asked) -> Prompt:
    return Prompt(
        role="writer",
        task="chat",
        version=_VERSION,
        instructions="",
        messages=asked.messages,
        schema=asked.schema,
        tools=asked.tools,
        options=asked.options,
    )


def _named(asked: Asked, visit: Visit) -> replies.Named:
    return replies.Named(f"chatcmpl-{visit.told.get('run_id', '')}", asked.model, int(time.time()))


def _decoded(body: bytes) -> object:
    try:
        return cast(object, json.loads(body))
    except (ValueError, RecursionError):
        raise RequestError("The body is not JSON.") from None


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _error(error: Exception) -> JSONResponse:
    status, body, headers = replies.failed(error)
    return JSONResponse(body, status_code=status, headers=headers)


def _not_found(message: str) -> dict[str, object]:
    return replies.envelope(message, "invalid_request_error", code="model_not_found")


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    message = {404: f"There is nothing at {request.url.path[:80]}.", 405: "The method is not allowed here."}
    body = replies.envelope(message.get(error.status_code, error.detail), "invalid_request_error")
    return JSONResponse(body, status_code=error.status_code)


async def _fault(_: Request, error: Exception) -> Response:
    return _error(error)
