"""agentkit: cited, reviewed, redacted and railed answers about documents, on your own machines.

Importing this package loads the standard library only; a name loads its module when it is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agentkit.app import AgentKit
    from agentkit.config import Config
    from agentkit.errors import AgentKitError
    from agentkit.gateway import Gateway
    from agentkit.report import Report

__version__ = "0.1.0"
__all__ = ["AgentKit", "AgentKitError", "Config", "Gateway", "Report", "__version__"]

_HOMES = {
    "AgentKit": "agentkit.app",
    "AgentKitError": "agentkit.errors",
    "Config": "agentkit.config",
    "Gateway": "agentkit.gateway",
    "Report": "agentkit.report",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'agentkit' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
