"""Agents that a configuration names."""

import importlib
import sys
from pathlib import Path

from agentkit.errors import ConfigError


def load_agent(name: str) -> object:
    """Return the agent that a configuration names as `module:name`; modules beside the caller are found, too.

    Raises:
        ConfigError: there is none.
    """
    module, _, attribute = name.partition(":")
    here = str(Path.cwd())
    sys.path.insert(0, here)
    try:
        return getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError, ValueError) as error:
        raise ConfigError(f"There is no agent {name}: write MODULE:NAME ({error}).") from error
    except Exception as error:
        told = f"{type(error).__name__}: {error}"
        raise ConfigError(f"The module of the agent {name} cannot be loaded: {told}.") from error
    finally:
        if here in sys.path:  # the module may have removed it
            sys.path.remove(here)
