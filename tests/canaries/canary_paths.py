"""A process that goes every way there is, with everything it could say written down: started by the test as a child.

Its only argument is a file of settings: the server, the documents, and the words of the user.
"""

import asyncio
import contextlib
import io
import json
import logging
import os
import sys
import traceback
from collections.abc import Awaitable, Callable
from pathlib import Path

PLAN = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
WRITTEN: set[str] = set()
FAILED: dict[str, str] = {}


def _note(event: str, arguments: tuple[object, ...]) -> None:
    """Keep the path of every file that is opened for writing."""
    if event == "open" and isinstance(arguments[1], str | None) and isinstance(arguments[0], str | bytes | os.PathLike):
        flags = arguments[2] if isinstance(arguments[2], int) else 0
        if flags & (os.O_WRONLY | os.O_RDWR):
            WRITTEN.add(os.fsdecode(arguments[0]))


sys.addaudithook(_note)
logging.basicConfig(level=logging.DEBUG, stream=sys.stderr, format="%(name)s %(message)s %(args)s")

from langchain_core.messages import HumanMessage, SystemMessage  # noqa: E402 - what is imported here shall be heard
from pydantic import BaseModel  # noqa: E402

from agentkit.adapters.crewai import House, release, run_crew  # noqa: E402
from agentkit.adapters.langchain import ChatAgentKit  # noqa: E402
from agentkit.app import AgentKit, Options  # noqa: E402
from agentkit.cli.main import main  # noqa: E402
from agentkit.composition import make_rails  # noqa: E402
from agentkit.config import Config  # noqa: E402
from agentkit.gateway import Gateway  # noqa: E402
from agentkit.policy import EdgeGuards  # noqa: E402
from agentkit.types import ChecklistItem  # noqa: E402

from crewai import Agent, Crew, Task  # noqa: E402 # isort: skip  - it is silenced by then

SELF_CHECK = """models:
  - type: main
    engine: agentkit
    model: judge
rails:
  input:
    flows:
      - self check input
prompts:
  - task: self_check_input
    content: |
      Should this be blocked? "{{ user_input }}"
      Answer Yes or No.
"""
BROKEN_RAIL = """from nemoguardrails.actions import action
from nemoguardrails.actions.rail_outcome import RailOutcome

@action(name="look", is_system_action=True)
async def look(text):
    raise ValueError("this rail is broken")
"""
BROKEN_CONFIG = "models: []\nrails:\n  input:\n    flows:\n      - check it\n"
BROKEN_FLOW = """define subflow check it
  $outcome = execute look(text=$user_message)
  if $outcome.is_blocked
    bot refuse to respond
    stop
"""


def say(*words: object) -> None:
    """Print what a program might."""
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


class Note(BaseModel):
    who: str
    note: str


def settings(model: str = "served", **more: object) -> dict[str, object]:
    def entry(name: str, served: str, client: str, **rest: object) -> dict[str, object]:
        params = {"model": f"openai/{served}", "api_base": f"{PLAN['url']}/v1", "timeout": 20}
        return {"model_name": name, "litellm_params": params, "client": client, **rest}

    models = [entry(name, name, "openai") for name in ("served", "flaky", "broken", "babbling", "no", "yes", "deadly")]
    models += [entry(f"litellm-{name}", name, "litellm") for name in ("served", "flaky", "broken")]
    return {
        "models": models,
        "roles": {"writer": model, "judge": "no"},
        "gateway": {"longest_pause": 0.01, "attempts": 2},
        "review": {"max_revisions": 1},
        "cache": {"semantic": True},
        "tracing": {"adapter": "file", "path": f"{PLAN['work']}/spans.jsonl"},
        **more,
    }


def kit(model: str = "served", **more: object) -> AgentKit:
    return AgentKit(Config.model_validate(settings(model, **more)), retriever=None)


def options(**more: object) -> Options:
    items = [ChecklistItem(**item) for item in PLAN["checklist"]]
    return Options(matter=PLAN["matter"], checklist=items, **more)


async def summaries() -> None:
    async with kit() as one:
        for _ in range(2):  # the second one finds all answers in the cache
            report = await one.summarize(PLAN["documents"], focus=PLAN["focus"], options=options())
            assert report.claims, report.status
        async for event in one.stream(PLAN["small"], question=PLAN["question"]):
            if event["event"] not in ("claim", "report"):
                say(event)
    assert report.usage.cache_hits
    assert all("Quxzov" in claim.text for claim in report.claims)


async def questions() -> None:
    async with kit("litellm-served", roles={"writer": "litellm-served", "judge": "served"}) as one:
        for question in (PLAN["question"], PLAN["reworded"]):
            report = await one.ask(PLAN["documents"], question, options=Options(matter=PLAN["matter"]))
            saved = [saving.step for saving in report.usage.savings]
            say(report.status, saved)
    assert "semantic_cache" in saved


async def refused() -> None:
    async with kit() as one:
        report = await one.ask(PLAN["small"], PLAN["attack"], options=options())
        assert report.status == "refused"


async def rails(check: str) -> None:
    folder = Path(PLAN["work"], f"rails-{check}")
    folder.mkdir()
    (folder / "config.yml").write_text(
        BROKEN_CONFIG if check == "broken" else SELF_CHECK.replace("judge", f'"{check}"'), encoding="utf-8"
    )
    if check == "broken":
        (folder / "rails.co").write_text(BROKEN_FLOW, encoding="utf-8")
        (folder / "actions.py").write_text(BROKEN_RAIL, encoding="utf-8")
    async with kit(rails={"folder": str(folder)}) as one:
        report = await one.ask(PLAN["small"], PLAN["question"], options=options())
    assert (report.status == "refused") == (check != "no"), report.status


class _Failing:
    async def retrieve(self, query: str, /, *, top_k: int) -> list:
        raise RuntimeError("the index is gone")


def crew() -> Crew:
    writer = Agent(role="writer", goal="write letters", backstory="A clerk.")
    checker = Agent(role="checker", goal="check letters", backstory="A lawyer.")
    write = Task(description="Write: {words}", expected_output="a letter", agent=writer)
    check = Task(description="Check: {words}", expected_output="the letter", agent=checker, context=[write])
    return Crew(agents=[writer, checker], tasks=[write, check], verbose=True)


async def crews() -> None:
    async with Gateway(Config.model_validate(settings("flaky")), matter=PLAN["matter"]) as gateway:
        house = House.of_gateway(gateway, EdgeGuards(make_rails("base", gateway.config)))
        for words in PLAN["conversation"]:
            result = await run_crew(crew, {"words": words}, house=house)
            assert "Quxzov" in (await release(result, house)).text
            say(result)


async def failing_node() -> None:
    async with AgentKit(Config.model_validate(settings()), retriever=_Failing()) as one:
        await one.ask(PLAN["small"], PLAN["question"], options=options())


async def failing(model: str) -> None:
    async with kit(model) as one:
        await one.summarize(PLAN["small"], focus=PLAN["focus"], options=options())


async def resumed() -> None:
    async with kit("served") as one:
        report = await one.resume(PLAN["crashed"])
    assert report.claims
    assert all("Quxzov" in claim.text for claim in report.claims if "Mr." in claim.text)


async def collected() -> None:
    tracing = {"adapter": "otlp", "endpoint": f"{PLAN['url']}/v1/traces"}
    async with kit(tracing=tracing) as one:
        await one.ask(PLAN["small"], PLAN["question"], options=options())


async def conversations() -> None:
    async with Gateway(Config.model_validate(settings("flaky")), matter=PLAN["matter"]) as gateway:
        for words in PLAN["conversation"]:
            assert (await gateway.complete(words)).text == f"You said: {words}"
            heard = [chunk.text async for chunk in gateway.stream(words)]
            assert "".join(heard) == f"You said: {words}"
            assert (await gateway.complete(f"schema: {words}", schema=Note)).note.startswith("schema:")
            partial = [item async for item in gateway.stream_as(f"schema: {words}", Note)]
            assert "Quxzov" in partial[-1].whole.note


async def langchain() -> None:
    async with Gateway(Config.model_validate(settings("litellm-flaky"))) as gateway:
        chat = ChatAgentKit(door=gateway.door())
        words = [SystemMessage(PLAN["conversation"][0]), HumanMessage(PLAN["conversation"][1])]
        assert "Quxzov" in str((await chat.ainvoke(words)).content)
        assert "Quxzov" in "".join([str(chunk.content) async for chunk in chat.astream(words)])
        assert "Quxzov" in (await chat.with_structured_output(Note).ainvoke(f"schema: {PLAN['conversation'][1]}")).note


def commands() -> None:
    config = Path(PLAN["work"], "agentkit.yaml")
    config.write_text(json.dumps(settings()), encoding="utf-8")
    chosen = ["--config", str(config)]
    documents = PLAN["small"]
    for arguments in (
        ["doctor", *chosen],
        ["cost", *chosen],
        ["cost", "--by", "run", *chosen],
        ["runs"],
        ["runs", "--format", "json"],
        ["summarize", *documents, "--dry-run", "--matter", PLAN["matter"], *chosen],
        ["summarize", *documents, "--model", "broken", "--matter", PLAN["matter"], *chosen],
        ["summarize", *documents, "--model", "litellm-broken", *chosen],
        ["summarize", str(Path(PLAN["work"], "spans.jsonl")), "--model", "babbling", *chosen],
        ["eval", PLAN["cases"], "--model", "served", *chosen],
        ["bench", PLAN["cases"], "--model", "served", "--model", "flaky", *chosen],
    ):
        say("$", *arguments[:1], main(arguments))
    for arguments in (  # what these print is the report
        ["summarize", *documents, "--out", f"{PLAN['reports']}/out", "--matter", PLAN["matter"], *chosen],
        ["ask", *documents, "--question", PLAN["question"], "--format", "json", *chosen],
    ):
        with contextlib.redirect_stdout(io.TextIOWrapper(io.BytesIO(), encoding="utf-8")):
            code = main(arguments)
        say("$", arguments[0], code)


async def crash() -> None:
    async with kit("deadly") as one:
        async for event in one.stream(PLAN["documents"], focus=PLAN["focus"], options=options()):
            say(json.dumps({"run_id": event.get("run_id")}))


def attempt(work: Callable[[], Awaitable[None]] | Callable[[], None], name: str) -> None:
    """Do one thing; what it raises is printed, as a program would."""
    say("---", name)
    try:
        outcome = work()
        if outcome is not None:
            asyncio.run(outcome)
    except Exception as error:  # noqa: BLE001 - whatever it says is looked at
        traceback.print_exc()
        say(name, "failed:", repr(error), str(error))
        FAILED[name] = type(error).__name__


if __name__ == "__main__":
    if PLAN.get("only") == "crash":
        asyncio.run(crash())
        sys.exit("the process was not killed")
    for name, work in {
        "summaries": summaries,
        "questions": questions,
        "refused": refused,
        "rail yes": lambda: rails("yes"),
        "rail no": lambda: rails("no"),
        "rail broken": lambda: rails("broken"),
        "failing node": failing_node,
        "flaky": lambda: failing("flaky"),
        "broken": lambda: failing("broken"),
        "babbling": lambda: failing("babbling"),
        "litellm broken": lambda: failing("litellm-broken"),
        "resumed": resumed,
        "collected": collected,
        "conversations": conversations,
        "langchain": langchain,
        "crews": crews,
        "commands": commands,
    }.items():
        attempt(work, name)
    told = {"written": sorted(WRITTEN), "failed": FAILED}
    Path(PLAN["told"]).write_text(json.dumps(told), encoding="utf-8")
