"""A task: a run of ours, told step by step, whose report is its artifact."""

import json
import tempfile
from pathlib import Path

from a2a.server.agent_execution import AgentExecutor, RequestContext
from a2a.server.events import EventQueue
from a2a.server.tasks import TaskUpdater
from a2a.types import Message, Part, Task, TaskState, TaskStatus
from google.protobuf.json_format import ParseDict
from google.protobuf.struct_pb2 import Value

from agentkit.adapters.a2a.messages import Wish, read_message, without_files
from agentkit.errors import AgentKitError, UsageError
from agentkit.offering import Running, report_of
from agentkit.policy import objections
from agentkit.report import Report


class ReportExecutor(AgentExecutor):
    """Carries out tasks; documents lie in a folder of the task for as long as it lasts.

    Args:
        run: carries out summaries and answers.
    """

    def __init__(self, run: Running) -> None:
        self._run = run

    async def execute(self, context: RequestContext, event_queue: EventQueue) -> None:
        """Carry out one task; what goes wrong is its last status, in one sentence."""
        message, task_id, context_id = context.message, context.task_id or "", context.context_id or ""
        assert message is not None  # the SDK lets in no request without one
        status = TaskStatus(state=TaskState.TASK_STATE_SUBMITTED)
        task = Task(id=task_id, context_id=context_id, status=status, history=[without_files(message)])
        await event_queue.enqueue_event(task)
        updater = TaskUpdater(event_queue, task_id, context_id)
        try:
            wish = read_message(message)
            await updater.start_work()
            report = await self._carried_out(wish, context.call_context.user.user_name, updater)
        except UsageError as error:
            await updater.reject(_words(updater, error))
        except AgentKitError as error:
            await updater.failed(_words(updater, error))
        except Exception as error:  # noqa: BLE001  (the last resort: a sentence, not a traceback)
            await updater.failed(_said(updater, f"This is a fault of the agent: {type(error).__name__}."))
        else:
            await _ended(report, updater)

    async def cancel(self, context: RequestContext, event_queue: EventQueue) -> None:
        """Say that a task was cancelled; the run itself ends with `execute`."""
        await TaskUpdater(event_queue, context.task_id or "", context.context_id or "").cancel()

    async def _carried_out(self, wish: Wish, tenant: str, updater: TaskUpdater) -> Report:
        async def tell(step: str) -> None:
            await updater.update_status(TaskState.TASK_STATE_WORKING, message=_said(updater, step))

        with tempfile.TemporaryDirectory(prefix="agentkit-") as folder:
            asking = wish.skill == "ask"
            run = self._run(
                _written(wish, Path(folder)),
                question=wish.words if asking else "",
                focus="" if asking else wish.words,
                max_claims=wish.max_claims,
                max_words=wish.max_words,
                tenant=tenant,
            )
            return await report_of(run, tell=tell)


async def _ended(report: Report, updater: TaskUpdater) -> None:
    data = ParseDict(json.loads(report.to_json()), Value())
    parts = [Part(text=str(report)), Part(data=data, media_type="application/json")]
    await updater.add_artifact(parts, name="report", last_chunk=True)
    if report.status == "refused":
        await updater.reject(_said(updater, f"A rail held back what was asked ({objections(report.rails)})."))
    else:
        await updater.complete(_said(updater, report.status.replace("_", " ")))


def _written(wish: Wish, folder: Path) -> list[Path]:
    paths: list[Path] = []
    for number, (name, data) in enumerate(wish.files):
        place = folder / str(number)
        place.mkdir()
        paths.append(place / name)
        paths[-1].write_bytes(data)
    return paths


def _words(updater: TaskUpdater, error: Exception) -> Message:
    return _said(updater, " ".join(str(error).split()))


def _said(updater: TaskUpdater, text: str) -> Message:
    return updater.new_agent_message([Part(text=text)])
