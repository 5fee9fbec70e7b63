"""Serve cited answers from a FastAPI application, claim by claim, as server-sent events.

Run as `python examples/fastapi_service.py PORT`; a browser reads `/ask` with `new EventSource(…)`.
"""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated

import uvicorn
from fastapi import Depends, FastAPI, HTTPException
from fastapi.sse import EventSourceResponse, ServerSentEvent

from agentkit import AgentKit, AgentKitError
from agentkit.report import Report, ReportClaim

DOCUMENTS = {path.name: path for path in (Path(__file__).parent / "documents").iterdir()}


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Keep one kit for all requests."""
    async with AgentKit() as kit:
        app.state.kit = kit
        yield


app = FastAPI(lifespan=lifespan)


def path_of(document: str) -> Path:
    """Return a document's path; nothing outside the folder has a name."""
    if document not in DOCUMENTS:
        raise HTTPException(404, f"There is no document {document}.")
    return DOCUMENTS[document]


@app.get("/ask", response_class=EventSourceResponse)
async def ask(path: Annotated[Path, Depends(path_of)], question: str) -> AsyncIterator[ServerSentEvent]:
    """Answer a question: a `step` as each begins, then the claims, then the `status`. Who hangs up ends the run."""
    kit: AgentKit = app.state.kit
    try:
        async for event in kit.stream([path], question=question):
            match event:
                case {"event": "node_started", "node": node}:
                    yield ServerSentEvent(event="step", data=node)
                case {"event": "claim", "claim": ReportClaim() as claim}:
                    yield ServerSentEvent(event="claim", data={"text": claim.text, "citations": claim.citations})
                case {"event": "report", "report": Report() as report}:
                    yield ServerSentEvent(event="status", data=report.status)
    except AgentKitError as error:
        yield ServerSentEvent(event="error", data=str(error))


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
