"""The agent card and the task endpoint, as routes of an ASGI application."""

from collections import OrderedDict
from collections.abc import Callable

from a2a.auth.user import User
from a2a.server.agent_execution import AgentExecutor
from a2a.server.context import ServerCallContext
from a2a.server.request_handlers import DefaultRequestHandler
from a2a.server.routes import create_agent_card_routes, create_jsonrpc_routes
from a2a.server.routes.common import DefaultServerCallContextBuilder
from a2a.server.tasks import InMemoryTaskStore
from a2a.types import AgentCard, Task
from starlette.requests import Request
from starlette.routing import Route

_KEPT = 100


def a2a_routes(
    executor: AgentExecutor, card: AgentCard, *, path: str = "/a2a", tenant_of: Callable[[Request], str]
) -> list[Route]:
    """Return the routes of an agent: its card at the well-known path, its tasks at `path`.

    Tasks are kept in memory, the latest hundred; each tenant sees its own.

    Args:
        executor: carries out tasks.
        card: what is told of the agent.
        path: the endpoint's.
        tenant_of: says who sent a request.
    """
    handler = DefaultRequestHandler(agent_executor=executor, task_store=_LatestTasks(), agent_card=card)
    callers = _Callers(tenant_of)
    return [*create_agent_card_routes(card), *create_jsonrpc_routes(handler, path, context_builder=callers)]


class _LatestTasks(InMemoryTaskStore):
    """Forgets the oldest tasks."""

    def __init__(self) -> None:
        super().__init__()
        self._latest: OrderedDict[str, ServerCallContext] = OrderedDict()

    async def save(self, task: Task, context: ServerCallContext) -> None:
        await super().save(task, context)
        self._latest[task.id] = context
        while len(self._latest) > _KEPT:
            oldest, owner = self._latest.popitem(last=False)
            await super().delete(oldest, owner)


class _Tenant(User):
    """Who sent a request, by the key it came with."""

    def __init__(self, name: str) -> None:
        self._name = name

    @property
    def is_authenticated(self) -> bool:
        return bool(self._name)

    @property
    def user_name(self) -> str:
        return self._name


class _Callers(DefaultServerCallContextBuilder):
    """Tells the SDK who sent a request; headers, which hold a key, are not kept with the task."""

    def __init__(self, tenant_of: Callable[[Request], str]) -> None:
        self._tenant_of = tenant_of

    def build(self, request: Request) -> ServerCallContext:
        context = super().build(request)
        headers = request.headers.items()
        context.state["headers"] = {name: value for name, value in headers if name.lower() != "authorization"}
        return context

    def build_user(self, request: Request) -> User:
        return _Tenant(self._tenant_of(request))
