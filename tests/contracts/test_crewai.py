"""Real CrewAI over the whole governed door, and crews as guests."""

import asyncio
import json
import os
import sys
import warnings
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import TypedDict

import pytest
from langgraph.graph import END, START, StateGraph
from pydantic import BaseModel

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # CrewAI's own, while it is imported
    from crewai import Agent, Crew, Process, Task
    from crewai.events import LLMCallCompletedEvent, LLMCallFailedEvent, LLMCallStartedEvent, crewai_event_bus
    from crewai.tools import tool

    from agentkit.adapters.crewai import (
        CrewLLM,
        CrewReviewer,
        House,
        PipelineTool,
        RetrieverTool,
        combine_verdicts,
        crew_node,
        release,
        run_crew,
    )

from agentkit.adapters.memory.retriever import Bm25Retriever
from agentkit.app import AgentKit
from agentkit.calls import Completion, LedgerQuery, ToolCall
from agentkit.composition import make_ledger, make_rails
from agentkit.config import Config
from agentkit.deps import Deps
from agentkit.errors import BudgetExceededError, RefusedError, UsageError
from agentkit.gateway import Gateway
from agentkit.lending import lending
from agentkit.policy import EdgeGuards
from agentkit.privacy.recognizer import EmbeddedRecognizer
from agentkit.records.run_store import in_memory
from agentkit.testing.fakes import MemoryRecord, ScriptedBackend, WordRails
from agentkit.testing.server import ModelServer, Received, Reply, chat_reply
from agentkit.types import Citation, Claim, Document, Passage, SafePassage, Verdict
from agentkit.wrappers import SilentTracer
from agentkit.wrappers.railed import RailedBackend

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::UserWarning"),
    pytest.mark.timeout(120),
]
NAME, OTHER = "Mary Quxzovbadeko", "Peter Quxzovdugini"
TEXT = f"The rent of Ms. {NAME} is EUR 1,250. It is due on the first day of each month. Notice is three months."
PASSAGE = Passage("d0p0", 0, 100, 100 + len(TEXT), TEXT)


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # What building a crew makes CrewAI write, before we see it, goes here.
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


def agent(role: str, **more: object) -> Agent:
    return Agent(role=role, goal=f"work as {role}", backstory="A lawyer.", **more)


def task(words: str, who: Agent | None, **more: object) -> Task:
    return Task(description=words, expected_output="a sentence", agent=who, **more)


def solo(**more: object) -> Crew:
    one = agent("analyst")
    return Crew(agents=[one], tasks=[task("Analyse {text}", one)], **more)


def echo(request: Received) -> Reply:
    """Repeat what the user said last, as a final answer."""
    words = str(request.body["messages"][-1]["content"])
    return chat_reply(f"Thought: I know.\nFinal Answer: {words.partition('Analyse ')[2][:400] or words[:400]}")


def config(url: str, **more: object) -> Config:
    params = {"model": "openai/served", "api_base": url}
    served = {"model_name": "served", "litellm_params": params, "client": "openai"}
    return Config.model_validate({"models": [served], "roles": {"writer": "served"}, **more})


class Inn:
    """A gateway to a scripted server, with rails that obey words."""

    def __init__(self, server: ModelServer, home: Path, **more: object) -> None:
        self.server, self.rails = server, WordRails()
        matter = str(more.pop("matter", ""))
        self.gateway = Gateway(config(server.url, **more), home=home, matter=matter)
        self.house = House.of_gateway(self.gateway, EdgeGuards(self.rails), [PASSAGE])

    def sent(self) -> str:
        return json.dumps([request.body for request in self.server.received])


@pytest.fixture
async def inn(tmp_path: Path) -> AsyncIterator[Callable[..., Inn]]:
    opened: list[tuple[ModelServer, Inn]] = []

    async def make(*replies: Reply | Callable[[Received], Reply], **more: object) -> Inn:
        server = await ModelServer(replies or [echo]).__aenter__()
        opened.append((server, Inn(server, tmp_path / f"home{len(opened)}", **more)))
        return opened[-1][1]

    yield make
    for server, one in opened:
        await one.gateway.aclose()
        await server.__aexit__(None, None, None)


def files(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


async def test_what_is_personal_in_a_crews_inputs_stays_behind_placeholders(inn, tmp_path: Path) -> None:
    here = await inn()
    result = await run_crew(solo, {"text": f"the lease of Ms. {NAME}"}, house=here.house)
    assert here.server.received
    assert "Quxzov" not in here.sent()
    assert "Quxzov" not in result.text
    assert "<PERSON_" in result.text
    assert NAME in (await release(result, here.house)).text
    assert b"Quxzov" not in files(tmp_path)


async def test_the_trace_and_the_ledger_show_every_call_of_a_crew(inn, tmp_path: Path) -> None:
    here = await inn()
    result = await run_crew(solo, {"text": "a lease"}, house=here.house)
    assert result.calls == len(here.server.received) == here.gateway.usage().model_calls == 1
    await here.gateway.aclose()
    events = [json.loads(line) for path in tmp_path.rglob("*.jsonl") for line in path.read_text().splitlines()]
    assert [event["task"] for event in events if event.get("event") == "call"] == ["chat"]
    ledger = make_ledger(here.gateway.config, tmp_path / "home0")
    rows = await ledger.rows(LedgerQuery(run=here.gateway.run_id))
    await ledger.aclose()
    assert [(row.task, row.outcome) for row in rows] == [("chat", "ok")]


async def test_a_rail_blocks_what_a_crew_brings(inn) -> None:
    here = await inn(chat_reply("Thought: ok\nFinal Answer: retrieval:bad"))
    with pytest.raises(RefusedError, match="what the crew brought"):
        await run_crew(solo, {"text": "a lease"}, house=here.house)


async def test_a_rail_blocks_what_a_model_tells_a_crew(inn) -> None:
    here = await inn(chat_reply("Thought: ok\nFinal Answer: output:bad"))
    with pytest.raises(RefusedError, match="what served brought"):
        await run_crew(solo, {"text": "a lease"}, house=here.house)
    assert len(here.server.received) == 1  # CrewAI would try again


async def test_a_rail_of_the_exit_blocks_what_is_released(inn) -> None:
    here = await inn()
    result = await run_crew(solo, {"text": "a lease"}, house=here.house)
    guilty = type(result)(text="output:bad")
    with pytest.raises(RefusedError):
        await release(guilty, here.house)


def wishing(name: str, arguments: dict[str, str]) -> Reply:
    function = {"name": name, "arguments": json.dumps(arguments)}
    return chat_reply(None, tool_calls=[{"id": "c1", "type": "function", "function": function}])


@tool
def look_up(query: str) -> str:
    """Look something up."""
    return f"Ms. {NAME} owes EUR 5. {query}"


def looking() -> Crew:
    one = agent("analyst", tools=[look_up])
    return Crew(agents=[one], tasks=[task("Analyse {text}", one)])


async def test_what_a_tool_finds_is_in_placeholders_before_any_model_reads_it(inn, tmp_path: Path) -> None:
    here = await inn(wishing("look_up", {"query": "debts"}), chat_reply("Somebody owes EUR 5."))
    await run_crew(looking, {"text": "a lease"}, house=here.house)
    last = here.server.received[-1].body["messages"]
    assert next(message["content"] for message in last if message["role"] == "tool").startswith("Ms. <PERSON_")
    assert "Quxzov" not in here.sent()
    assert here.server.received[0].body["tools"][0]["function"]["name"] == "look_up"


async def test_what_a_tool_finds_passes_the_rails_or_ends_the_crew(inn) -> None:
    here = await inn(wishing("look_up", {"query": "retrieval:bad"}), chat_reply("never asked"))
    with pytest.raises(RefusedError, match="what the tool look_up brought"):
        await run_crew(looking, {"text": "a lease"}, house=here.house)
    assert len(here.server.received) == 1


async def test_a_crew_that_loops_is_stopped_by_the_budget(inn) -> None:
    here = await inn(wishing("look_up", {"query": "again"}), budget={"calls": 3})
    with pytest.raises(BudgetExceededError):
        await run_crew(looking, {"text": "a lease"}, house=here.house)
    assert len(here.server.received) == 3


async def test_a_manager_and_a_planner_ask_our_models_only(inn) -> None:
    def crew() -> Crew:
        one = agent("analyst")
        return Crew(agents=[one], tasks=[task("Analyse {text}", None)], process=Process.hierarchical, planning=True,
                    manager_llm="gpt-4o")  # fmt: skip

    def answer(request: Received) -> Reply:
        if "response_format" in request.body or "plan" in str(request.body["messages"][-1]["content"])[:300].lower():
            plan = [{"task_number": 1, "task": "Analyse", "plan": "Read it."}]
            return chat_reply(json.dumps({"list_of_plans_per_task": plan}))
        return chat_reply("Thought: ok\nFinal Answer: It is a lease.")

    here = await inn(answer)
    result = await run_crew(crew, {"text": f"the lease of {NAME}"}, house=here.house)
    assert "lease" in result.text
    assert result.calls == len(here.server.received) >= 2
    assert "Quxzov" not in here.sent()


async def test_a_guardrail_in_words_asks_our_model(inn) -> None:
    def crew() -> Crew:
        one = agent("analyst", llm="gpt-4o")
        return Crew(agents=[one], tasks=[task("Analyse {text}", one, guardrail="It is polite.")])

    def answer(request: Received) -> Reply:
        asked = str(request.body["messages"])
        return chat_reply(json.dumps({"valid": True, "feedback": None}) if "guardrail" in asked.lower() else "A lease.")

    here = await inn(answer)
    assert (await run_crew(crew, {"text": "a lease"}, house=here.house)).text == "A lease."
    assert len(here.server.received) >= 2


@pytest.mark.parametrize(
    ("crew", "why"),
    [
        (lambda: solo(memory=True), "has memory"),
        (lambda: Crew(agents=[a := agent("x")], tasks=[task("t", a, human_input=True)]), "has human_input"),
        (lambda: Crew(agents=[a := agent("x")], tasks=[task("t", a, output_file="out.txt")]), "has output_file"),
        (lambda: solo(output_log_file="log.txt"), "has output_log_file"),
    ],
)
async def test_what_cannot_be_governed_is_refused_before_any_call(inn, crew, why: str) -> None:
    here = await inn()
    with pytest.raises(UsageError, match=why):
        await run_crew(crew, {"text": "x"}, house=here.house)
    assert here.server.received == []


async def test_a_model_that_a_part_of_the_crew_brings_along_is_refused(inn) -> None:
    here = await inn()
    asked: list[object] = []

    class Own(CrewLLM.__mro__[1]):
        def call(self, messages, *args, **kwargs):
            asked.append(messages)
            return "stolen"

    def smuggle(output):
        own = agent("smuggler", llm=Own(model="own"))
        return True, own.kickoff(output.raw).raw

    def crew() -> Crew:
        one = agent("analyst")
        return Crew(agents=[one], tasks=[task("Analyse {text}", one, guardrail=smuggle)])

    with pytest.raises(UsageError, match="a model of its own"):
        await run_crew(crew, {"text": "a lease"}, house=here.house)
    assert asked == []


async def test_telemetry_that_is_switched_on_is_refused(inn, monkeypatch: pytest.MonkeyPatch) -> None:
    here = await inn()
    for name in ("CREWAI_DISABLE_TELEMETRY", "CREWAI_DISABLE_TRACKING", "OTEL_SDK_DISABLED"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(UsageError, match="telemetry is on"):
        await run_crew(solo, {"text": "x"}, house=here.house)


async def test_two_crews_at_once_do_not_mix(inn) -> None:
    one, two = await inn(matter="one"), await inn(matter="two", budget={"calls": 1})
    crew = solo()  # one crew for both: each run has a copy of its own
    first, second = await asyncio.gather(
        run_crew(crew, {"text": f"the lease of Ms. {NAME}"}, house=one.house),
        run_crew(crew, {"text": f"the will of Mr. {OTHER}"}, house=two.house),
    )
    assert NAME in (await release(first, one.house)).text
    assert OTHER in (await release(second, two.house)).text
    assert ("the lease" in one.sent(), "the will" in one.sent()) == (True, False)
    assert (len(one.server.received), len(two.server.received)) == (1, 1)
    assert one.gateway.usage().model_calls == two.gateway.usage().model_calls == 1
    assert "{text}" in crew.tasks[0].description  # the host's crew is as it was


def listeners() -> dict[str, int]:
    handlers = vars(crewai_event_bus)["_sync_handlers"]
    return {kind.__name__: len(found) for kind, found in handlers.items()}


async def test_a_crew_leaves_the_host_as_it_was(inn) -> None:
    here = await inn()
    await run_crew(solo, {"text": "a lease"}, house=here.house)  # CrewAI sets itself up once
    before = dict(os.environ), listeners()
    loop = asyncio.get_running_loop()
    await run_crew(solo, {"text": "a lease"}, house=here.house)
    after = dict(os.environ), listeners()
    assert (before, loop) == (after, asyncio.get_running_loop())


async def test_cancelling_ends_the_crew(inn) -> None:
    here = await inn(Reply(end="open", pieces=[b"{"], headers={"content-type": "application/json"}))
    work = asyncio.create_task(run_crew(solo, {"text": "a lease"}, house=here.house))
    await here.server.arrived.wait()
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    await asyncio.wait_for(here.server.hung_up.wait(), 20)
    assert len(here.server.received) == 1


async def test_a_quote_that_stands_in_a_passage_becomes_a_citation_and_any_other_is_flagged(inn) -> None:
    said = f'The rent "of Ms. {NAME}  is EUR 1,250". The tenant may sublet, "with consent". It is high.'
    here = await inn(lambda _: chat_reply(said.replace(NAME, here.gateway.safe_text(NAME))))
    result = await release(await run_crew(solo, {"text": f"the lease of Ms. {NAME}"}, house=here.house), here.house)
    cited, unknown, bare = result.claims
    quote = cited.citations[0]
    assert TEXT[quote.start - 100 : quote.end - 100] == f"of Ms. {NAME} is EUR 1,250"
    assert (unknown.citations, bare.citations) == ([], [])
    assert [verdict.label for verdict in result.verdicts][1:] == ["unverified", "unverified"]


async def test_a_crew_is_a_node_of_a_graph(inn) -> None:
    class Given(TypedDict, total=False):
        text: str
        crew: object

    here = await inn()
    graph = StateGraph(Given).add_node("crew", crew_node(solo, house=here.house))
    done = await graph.add_edge(START, "crew").add_edge("crew", END).compile().ainvoke({"text": f"Ms. {NAME}'s lease"})
    assert "<PERSON_" in done["crew"].text


async def test_in_a_run_of_ours_a_crew_takes_its_doors_store_rails_and_passages(inn) -> None:
    class Given(TypedDict, total=False):
        text: str
        passages: list[str]
        crew: object

    here = await inn(lambda _: chat_reply('It says "The rent of the Tenant is EUR 1,250".'))
    guards, store = here.house.guards, in_memory()
    rent = Document(0, "lease.txt", "text/plain", "", "The rent of the Tenant is EUR 1,250.")
    store.set_documents([rent], [Passage("d0p0", 0, 0, len(rent.text), rent.text)])
    store.set_entities({0: []})

    async def read() -> tuple[list[Document], list[Passage]]:
        return store.documents(), store.passages()

    parts = (store, here.gateway.door(), guards, EmbeddedRecognizer(), MemoryRecord(), SilentTracer(), read)
    graph = StateGraph(Given, context_schema=Deps).add_node("crew", crew_node(solo))
    compiled = graph.add_edge(START, "crew").add_edge("crew", END).compile()
    with lending(lambda name: RailedBackend(here.gateway.lend(name), guards=guards)):
        done = await compiled.ainvoke({"text": "the lease", "passages": ["d0p0"]}, context=Deps(*parts))
    assert [(item.start, item.end) for item in done["crew"].claims[0].citations] == [(0, 35)]
    assert here.gateway.usage().model_calls == 1
    with pytest.raises(UsageError, match="needs a house"):
        await compiled.ainvoke({"text": "the lease", "passages": []})


async def test_an_account_number_that_the_crew_was_given_may_come_back_through_the_shipped_rails(inn) -> None:
    account = "DE89 3704 0044 0532 0130 00"
    here = await inn(lambda _: chat_reply(f"The rent is paid to {here.gateway.safe_text(account)}."))
    house = House.of_gateway(here.gateway, EdgeGuards(make_rails("base")))
    result = await run_crew(solo, {"text": f"the account {account} of the Tenant"}, house=house)
    assert account not in result.text
    assert account in (await release(result, house)).text


async def test_an_account_number_of_a_passage_is_no_leak_of_the_embedded_model(tmp_path: Path) -> None:
    account = "DE89 3704 0044 0532 0130 00"
    text = f"{TEXT} The rent is due to the account {account} of the Landlord."
    passage = Passage("d0p0", 0, 0, len(text), text)
    async with Gateway(home=tmp_path / "home") as gateway:
        house = House.of_gateway(gateway, EdgeGuards(make_rails("base")), [passage])
        result = await run_crew(solo, {"text": "when the rent is due"}, house=house)
        assert account not in result.text
        assert account in (await release(result, house)).text


async def test_a_crew_runs_on_the_embedded_model_which_answers_in_quotes(tmp_path: Path) -> None:
    async with Gateway(home=tmp_path / "home") as gateway:
        house = House.of_gateway(gateway, EdgeGuards(WordRails()), [PASSAGE])
        result = await run_crew(solo, {"text": "when the rent is due"}, house=house)
    assert result.claims
    assert all(claim.citations for claim in result.claims)
    assert {verdict.label for verdict in result.verdicts} == {"supported"}


async def test_a_crew_runs_on_the_local_model_and_what_it_does_not_quote_is_flagged(tmp_path: Path) -> None:
    pytest.importorskip("xllamacpp")
    async with Gateway(model="embedded/smollm2", home=tmp_path / "home") as gateway:
        house = House.of_gateway(gateway, EdgeGuards(WordRails()), [PASSAGE])
        result = await run_crew(solo, {"text": "when the rent is due"}, house=house)
        assert gateway.usage().model_calls == result.calls >= 1
    assert result.claims
    flagged = [
        verdict.label for claim, verdict in zip(result.claims, result.verdicts, strict=True) if not claim.citations
    ]
    assert set(flagged) <= {"unverified"}


async def test_a_crew_reviews_claims_and_the_worst_verdict_counts(inn) -> None:
    def crew() -> Crew:
        one = agent("reviewer")
        return Crew(agents=[one], tasks=[task("Is it so? {claim} | {source}", one)])

    here = await inn(
        lambda request: chat_reply(
            json.dumps({"label": "unsupported" if "2,000" in str(request.body) else "supported", "score": 0.9})
        )
    )
    cite = [Citation(0, 100, 110, "p")]
    claims = [Claim("a", "The rent is EUR 2,000.", cite), Claim("b", "It is due monthly.", cite), Claim("c", "x")]
    found = await CrewReviewer(crew, house=here.house).review(claims, [SafePassage("p", 0, 100, 200, TEXT)])
    assert [verdict.label for verdict in found] == ["unsupported", "supported", "unverified"]
    assert "Quxzov" not in here.sent()
    code = [Verdict("a", "supported", 1.0, "code"), Verdict("b", "contradicted", 0.2, "code", "Quarterly.")]
    combined = combine_verdicts(code, found)
    assert [(verdict.label, verdict.method) for verdict in combined[:2]] == [
        ("unsupported", "crew"),
        ("contradicted", "code"),
    ]


WATCHED = """
import runpy, sys
seen = ("socket.connect", "socket.getaddrinfo", "socket.sendto")
sys.addaudithook(lambda event, given: print("NETWORK", event, given) if event in seen else None)
runpy.run_path(sys.argv.pop(), run_name="__main__")
"""


async def test_a_crew_contacts_nobody_and_keeps_no_text_in_crewais_files(tmp_path: Path) -> None:
    example = Path(__file__).parents[2] / "examples" / "crew_review.py"
    environ = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PYTHONPATH": str(example.parents[1])}
    pipe = asyncio.subprocess.PIPE
    command = [sys.executable, "-c", WATCHED, str(example)]
    child = await asyncio.create_subprocess_exec(*command, env=environ, cwd=tmp_path, stdout=pipe, stderr=pipe)
    out, err = await child.communicate()
    assert child.returncode == 0, err.decode()
    assert b"five years" in out
    assert b"NETWORK" not in out
    assert b"five years" not in files(tmp_path)


async def test_without_the_extra_the_message_names_it() -> None:
    program = "import sys; sys.modules['crewai'] = None; import agentkit.adapters.crewai"
    pipe = asyncio.subprocess.PIPE
    child = await asyncio.create_subprocess_exec(sys.executable, "-c", program, stdout=pipe, stderr=pipe)
    _, err = await child.communicate()
    assert b"A crew needs an optional part: pip install 'governed-agentkit[crewai]'." in err


async def test_crewai_itself_never_holds_an_original(inn) -> None:
    here, kept = await inn(), list[str]()
    crew = solo(task_callback=lambda output: kept.append(output.model_dump_json()))
    await run_crew(crew, {"text": f"the lease of Ms. {NAME}"}, house=here.house)
    assert "<PERSON_" in kept[0]
    assert "Quxzov" not in kept[0]


async def test_a_budget_that_crewai_would_get_over_ends_the_crew_all_the_same(inn) -> None:
    def crew() -> Crew:
        one = agent("analyst")
        return Crew(agents=[one], tasks=[task("Analyse {text}", one, guardrail="It is polite.")])

    here = await inn(budget={"calls": 1})
    with pytest.raises(BudgetExceededError):
        await run_crew(crew, {"text": "a lease"}, house=here.house)


class Rent(BaseModel):
    euros: int


def heard() -> tuple[list[object], object]:
    events: list[object] = []
    return events, crewai_event_bus.scoped_handlers()


@pytest.mark.parametrize("way", ["call", "acall"])
async def test_a_call_emits_crewais_events_and_counts_its_tokens(way: str) -> None:
    events, scope = heard()
    llm = CrewLLM(door=ScriptedBackend("It is due."))
    with scope:
        for kind in (LLMCallStartedEvent, LLMCallCompletedEvent, LLMCallFailedEvent):
            crewai_event_bus.on(kind)(lambda _, event: events.append(event))
        said = await llm.acall("When?") if way == "acall" else await asyncio.to_thread(llm.call, "When?")
        crewai_event_bus.flush()
    assert said == "It is due."
    assert sorted(event.type for event in events) == ["llm_call_completed", "llm_call_started"]
    assert len({event.call_id for event in events}) == 1
    assert llm.get_token_usage_summary().total_tokens == 15


async def test_a_failed_call_emits_that_it_failed() -> None:
    events, scope = heard()
    llm = CrewLLM(door=ScriptedBackend(UsageError("no")))
    with scope:
        crewai_event_bus.on(LLMCallFailedEvent)(lambda _, event: events.append(event.error))
        with pytest.raises(UsageError):
            await llm.acall("When?")
        crewai_event_bus.flush()
    assert events == ["no"]


async def test_an_answer_is_an_object_where_crewai_asks_for_one() -> None:
    door = ScriptedBackend('{"euros": 1250}')
    assert await CrewLLM(door=door).acall("How much?", response_model=Rent) == Rent(euros=1250)
    assert door.prompts[0].schema["properties"]["euros"]["type"] == "integer"


async def test_stop_words_end_an_answer_also_of_a_model_that_ignores_them() -> None:
    door = ScriptedBackend("Action: look\nObservation: made up")
    assert await CrewLLM(door=door, stop=["\nObservation:"]).acall("Act.") == "Action: look"
    assert door.prompts[0].options.stop == ("\nObservation:",)


async def test_tools_are_called_where_functions_are_given_and_wished_for_elsewhere() -> None:
    described = [{"type": "function", "function": {"name": "add", "description": "Adds.", "parameters": {}}}]
    wish = Completion("", "m", tool_calls=[ToolCall("7", "add", '{"a": 1, "b": 2}')])
    llm = CrewLLM(door=ScriptedBackend(wish))
    functions = {"add": lambda a, b: a + b}
    assert await llm.acall("Add.", tools=described, available_functions=functions) == "3"
    assert (await llm.acall("Add.", tools=described))[0]["function"]["name"] == "add"


async def test_a_picture_is_refused_in_one_sentence() -> None:
    picture = [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:,"}}]}]
    with pytest.raises(UsageError, match="only text can be sent"):
        await CrewLLM(door=ScriptedBackend("x")).acall(picture)


async def test_our_retriever_and_our_pipeline_are_tools_of_a_crew(tmp_path: Path) -> None:
    lease = tmp_path / "lease.txt"
    lease.write_text("LEASE\n\n1. Rent. The rent is EUR 1,250 a month.\n\n2. Term. The term is five years.\n")
    found = RetrieverTool(Bm25Retriever(lambda: [PASSAGE]))
    assert found.run(query="rent due").startswith("[d0p0] The rent of")
    async with AgentKit(home=tmp_path / "home") as kit:
        asked = PipelineTool(kit, [lease])
        said = await asyncio.to_thread(asked.run, question="What is the rent?")
    assert "EUR 1,250" in said
    assert "supported" in said
