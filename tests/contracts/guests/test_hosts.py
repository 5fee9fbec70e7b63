"""What our adapters leave behind in a host: nothing; and what they say where their framework is missing."""

import asyncio
import json
import os
import sys
from pathlib import Path

import pytest

# Vendors change some of it themselves when they are imported: what is ours begins after that.
HOST = """
import asyncio, json, logging, os, sys, threading, warnings
import {vendor}
import langgraph.graph
environment = dict(os.environ)
import agentkit
assert dict(os.environ) == environment
from opentelemetry import trace

def state():
    loggers = [logging.getLogger(name) for name in (None, "{top}", "langchain", "llama_index", "haystack", "asyncio")]
    return {{
        "environ": dict(os.environ),
        "loggers": [(one.name, one.level, [repr(item) for item in one.handlers], one.propagate) for one in loggers],
        "logging class": str(logging.getLoggerClass()),
        "policy": str(type(asyncio.get_event_loop_policy())),
        "tracer": str(type(trace.get_tracer_provider())),
        "filters": [repr(item) for item in warnings.filters],
        "hooks": [repr(sys.excepthook), repr(threading.excepthook), repr(sys.meta_path), repr(sys.path)],
        "vendor": {{name: {{key: id(value) for key, value in vars(module).items() if not key.startswith("_")}}
                    for name, module in sys.modules.items() if name.split(".")[0] == "{top}" and name in KNOWN}},
    }}

KNOWN = set(sys.modules)
before = state()
{program}
after = state()
for name, attributes in after["vendor"].items():  # what is loaded late is added; what is replaced was patched
    after["vendor"][name] = {{key: value for key, value in attributes.items() if key in before["vendor"][name]}}
print(json.dumps({{key: [before[key], after[key]] for key in before if before[key] != after[key]}}))
"""
DOOR = """
from agentkit import Gateway
from agentkit.testing.fakes import ScriptedBackend
async def main():
    async with Gateway(model=ScriptedBackend("It is due.")) as gateway:
        assert "due" in str(await ask(gateway.door(), gateway))
asyncio.run(main())
"""
WAYS = {
    "langchain": """
from agentkit.adapters.langchain import ChatAgentKit
async def ask(door, gateway):
    return await ChatAgentKit(door=door).ainvoke("When?")
""",
    "llamaindex": """
from agentkit.adapters.llamaindex import AgentKitLLM
async def ask(door, gateway):
    return await AgentKitLLM(door=door).acomplete("When?")
""",
    "haystack": """
from agentkit.adapters.haystack import AgentKitChatGenerator
async def ask(door, gateway):
    return await AgentKitChatGenerator(lambda: gateway).run_async("When?")
""",
    "pydantic_ai": """
from agentkit.adapters.pydantic_ai import AgentKitModel
from pydantic_ai import Agent
async def ask(door, gateway):
    return await Agent(AgentKitModel(door)).run("When?")
""",
}
VENDORS = {
    "langchain": "langchain_core.language_models",
    "llamaindex": "llama_index.core",
    "haystack": "haystack",
    "pydantic_ai": "pydantic_ai",
}


async def run(program: str, home: Path, **more: str) -> tuple[str, str]:
    environ = {"PATH": os.environ["PATH"], "HOME": str(home), "PYTHONPATH": str(Path(__file__).parents[3]), **more}
    pipe = asyncio.subprocess.PIPE
    command = [sys.executable, "-c", program]
    child = await asyncio.create_subprocess_exec(*command, env=environ, cwd=home, stdout=pipe, stderr=pipe)
    out, err = await child.communicate()
    return out.decode(), err.decode()


@pytest.mark.parametrize("framework", WAYS)
async def test_a_host_is_as_it_was(framework: str, tmp_path: Path) -> None:
    vendor = VENDORS[framework]
    program = HOST.format(vendor=vendor, top=vendor.split(".")[0], program=WAYS[framework] + DOOR)
    # Haystack was imported by its host, who switched its telemetry off; the other frameworks have none.
    out, err = await run(program, tmp_path, HAYSTACK_TELEMETRY_ENABLED="False")
    assert out, err
    assert json.loads(out.splitlines()[-1]) == {}


@pytest.mark.parametrize(
    ("framework", "blocked", "message"),
    [
        ("llamaindex", "llama_index", "A part of LlamaIndex needs an optional part: pip install "
         "'governed-agentkit[llamaindex]'."),
        ("haystack", "haystack", "A Haystack component needs an optional part: pip install "
         "'governed-agentkit[haystack]'."),
        ("pydantic_ai", "pydantic_ai", "A Pydantic AI model needs an optional part: pip install "
         "'governed-agentkit[pydantic-ai]'."),
    ],
)  # fmt: skip
async def test_without_the_extra_the_message_names_it(framework: str, blocked: str, message: str, tmp_path) -> None:
    program = f"import sys; sys.modules[{blocked!r}] = None; import agentkit.adapters.{framework}"
    _, err = await run(program, tmp_path)
    assert f"MissingExtraError: {message}" in err


async def test_the_frameworks_are_imported_late(tmp_path: Path) -> None:
    tops = {vendor.split(".")[0] for vendor in VENDORS.values()}
    modules = "agentkit, agentkit.gateway, agentkit.app, agentkit.offering"
    program = f"import sys, {modules}; print(*{tops} & {{*sys.modules}})"
    out, err = await run(program, tmp_path)
    # LangGraph, which the graph is built on, brings langchain-core.
    assert out.split() == ["langchain_core"], err
