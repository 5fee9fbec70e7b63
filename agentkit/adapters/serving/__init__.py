"""The other side of OpenAI's chat protocol: our doors as an endpoint for any client that speaks it."""

from agentkit.errors import MissingExtraError

try:
    import uvicorn
    from starlette.types import ASGIApp
except ImportError as error:
    raise MissingExtraError("serve", needed_for="A server") from error

from agentkit.adapters.serving.admission import Admission
from agentkit.adapters.serving.app import House, Visit, chat_app
from agentkit.adapters.serving.wire import Asked, File, RequestError

__all__ = ["ASGIApp", "Admission", "Asked", "File", "House", "RequestError", "Visit", "chat_app", "uvicorn"]
