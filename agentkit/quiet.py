"""Switches off every phone-home of the libraries we build on; call it before any of them is imported.

Each switch was verified by running the library under a socket guard outside of pytest and CI, because
some libraries hide their telemetry there. A value the user has set is respected.
"""

import os
from collections.abc import Generator, Mapping, MutableMapping
from contextlib import contextmanager

SWITCHES = {
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS": "True",
    "LITELLM_LOCAL_BLOG_POSTS": "True",
    "LITELLM_LOCAL_POLICY_TEMPLATES": "True",
    "LITELLM_LOCAL_AUTOROUTER_PRESETS": "True",
    "LITELLM_LOG": "ERROR",
    "LITELLM_MODE": "PRODUCTION",  # its development mode loads a .env file at import
    "NEMO_GUARDRAILS_NO_USAGE_STATS": "1",
    "CREWAI_DISABLE_TELEMETRY": "true",
    "CREWAI_TRACING_ENABLED": "false",
    "LANGSMITH_TRACING": "false",
    "ORT_DISABLE_TELEMETRY": "1",
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HAYSTACK_TELEMETRY_ENABLED": "False",
    "DEEPEVAL_TELEMETRY_OPT_OUT": "1",
    "RAGAS_DO_NOT_TRACK": "true",
    "ANONYMIZED_TELEMETRY": "False",
    "PHOENIX_TELEMETRY_ENABLED": "false",
    "VLLM_NO_USAGE_STATS": "1",
    "DO_NOT_TRACK": "1",
}
"""Environment variables and the values that keep the libraries silent."""
_LOCAL = {"LITELLM_LOG", "LITELLM_MODE"}  # what these say stays on the machine
_YES, _NO = {"1", "true", "yes", "on"}, {"0", "false", "no", "off"}
_SAME = {**dict.fromkeys(_YES, _YES), **dict.fromkeys(_NO, _NO)}
PHONES = tuple(name for name in SWITCHES if name not in _LOCAL)
"""The switches that keep libraries from calling home."""


def silence(environ: MutableMapping[str, str] | None = None) -> None:
    """Set every switch that the user has not set.

    Args:
        environ: the environment to change; by default this process's own.
    """
    target = os.environ if environ is None else environ
    for name, value in SWITCHES.items():
        target.setdefault(name, value)


def loud(environ: Mapping[str, str] | None = None) -> list[str]:
    """Return the switches whose value would let a library speak, as `NAME=value`; an unset one is not silenced yet.

    Args:
        environ: the environment to look at; by default this process's own.
    """
    target = os.environ if environ is None else environ
    return [
        f"{name}={target.get(name, '')}"
        for name in PHONES
        if target.get(name, "").strip().lower() not in _SAME[SWITCHES[name].lower()]
    ]


@contextmanager
def importing_quietly(name: str) -> Generator[None]:
    """Set one switch while a library that reads it at import is imported, where the user has not; then take it back.

    Raises:
        KeyError: there is no such switch.
    """
    if name in os.environ:
        yield
        return
    os.environ[name] = SWITCHES[name]
    try:
        yield
    finally:
        os.environ.pop(name, None)
