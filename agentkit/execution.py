# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# LangGraph's stream is untyped.
"""One run of the graph, from request to report: store, record, dependencies, clean-up."""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

from langchain_core.runnables import RunnableConfig

from agentkit.adapters.memory.retriever import Bm25Retriever
from agentkit.config import Config
from agentkit.egress import record_hosts
from agentkit.errors import AgentKitError, RunNotFoundError, UsageError
from agentkit.graph import Deps, Graph, Settings
from agentkit.ports import ModelBackend, Rails, Recognizer, Retriever
from agentkit.privacy.selection import DEFAULT_REDACT, Policy
from agentkit.reading import read_document
from agentkit.records.run_record import FileRunRecord
from agentkit.records.run_store import FileRunStore
from agentkit.report import Report
from agentkit.reporting import Spent, make_report
from agentkit.state import Start, State, Task
from agentkit.text.splitting import split_document
from agentkit.types import ChecklistItem, Document, Limits, Passage, TaskKind

# Of ours: a run has about ten steps and two more for each revision.
_STEPS = 60


@dataclass(frozen=True, slots=True)
class Request:
    """One run as asked for. `words` is the focus or the question as typed."""

    kind: TaskKind
    paths: Sequence[Path]
    words: str = ""
    limits: Limits = field(default_factory=Limits)
    checklist: list[ChecklistItem] = field(default_factory=list[ChecklistItem])
    matter: str = ""
    password: str | None = field(default=None, repr=False)
    keep_redacted: bool = False
    ocr: bool = False


@dataclass(frozen=True, slots=True)
class Engine:
    """The parts that every run shares."""

    graph: Graph
    config: Config
    home: Path
    writer: ModelBackend
    judge: ModelBackend | None
    rails: Rails
    recognizer: Recognizer
    retriever: Retriever | None

    async def run(self, request: Request | str) -> AsyncIterator[Mapping[str, object]]:
        """Carry out a request, or continue the run of that id; the last event holds the report.

        A run that fails or is interrupted keeps its encrypted store, so that it can be continued; a
        finished one keeps its record only.
        """
        resumed = isinstance(request, str)
        store = self._open(request) if isinstance(request, str) else self._create(request)
        record = FileRunRecord(self.home, store.run_id)
        request = self._recall(store) if isinstance(request, str) else request
        if not resumed:
            store.save()
            record.add("run_started", fields=self._facts(request))
        yield {"event": "run_started", "run_id": store.run_id}
        try:
            with record_hosts() as hosts:
                async for event in self._steps(None if resumed else request, store, record, request):
                    yield event
                state = await self._last_state(store.run_id)
                report = make_report(
                    state, store, spent=Spent(), hosts=sorted(hosts), keep_redacted=request.keep_redacted
                )
            fields = {"status": report.status, "claims": len(report.claims), "cost_usd": report.usage.cost_usd}
            record.add("run_finished", fields=fields)
            await self._forget(store)
        except BaseException as error:
            self._failed(error, store, record)
            raise
        finally:
            record.close()
        for claim in report.claims:
            yield {"event": "claim", "claim": claim}
        yield {"event": "report", "report": report}
