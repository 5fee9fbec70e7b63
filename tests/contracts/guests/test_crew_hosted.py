"""Crews in a host: at once, cancelled, in graphs, on real models, and nothing left behind."""

import asyncio
import os
import sys
import warnings
from pathlib import Path
from typing import TypedDict

import pytest
from crews import MARKS, NAME, OTHER, PASSAGE, files, solo
from langgraph.graph import END, START, StateGraph

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # CrewAI's own, while it is imported
    from crewai.events import crewai_event_bus

    from agentkit.adapters.crewai import House, crew_node, release, run_crew

from agentkit.deps import Deps
from agentkit.errors import UsageError
from agentkit.gateway import Gateway
from agentkit.lending import lending
from agentkit.policy import EdgeGuards
from agentkit.privacy.recognizer import EmbeddedRecognizer
from agentkit.records.run_store import in_memory
from agentkit.testing.fakes import MemoryRecord, WordRails
from agentkit.testing.server import Reply, chat_reply
from agentkit.types import Document, Passage
from agentkit.wrappers import SilentTracer
from agentkit.wrappers.railed import RailedBackend

pytestmark = MARKS


WATCHED = """
import runpy, sys
seen = ("socket.connect", "socket.getaddrinfo", "socket.sendto")
sys.addaudithook(lambda event, given: print("NETWORK", event, given) if event in seen else None)
runpy.run_path(sys.argv.pop(), run_name="__main__")
"""


def listeners() -> dict[str, int]:
    handlers = vars(crewai_event_bus)["_sync_handlers"]
    return {kind.__name__: len(found) for kind, found in handlers.items()}


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
    await asyncio.wait_for(here.server.hung_up.wait(), 120)
    assert len(here.server.received) == 1


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


async def test_a_crew_contacts_nobody_and_keeps_no_text_in_crewais_files(tmp_path: Path) -> None:
    example = Path(__file__).parents[3] / "examples" / "crew_review.py"
    environ = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PYTHONPATH": str(example.parents[1])}
    pipe = asyncio.subprocess.PIPE
    command = [sys.executable, "-c", WATCHED, str(example)]
    child = await asyncio.create_subprocess_exec(*command, env=environ, cwd=tmp_path, stdout=pipe, stderr=pipe)
    out, err = await child.communicate()
    assert child.returncode == 0, err.decode()
    assert b"five years" in out
    assert b"NETWORK" not in out
    assert b"five years" not in files(tmp_path)


async def test_crewai_itself_never_holds_an_original(inn) -> None:
    here, kept = await inn(), list[str]()
    crew = solo(task_callback=lambda output: kept.append(output.model_dump_json()))
    await run_crew(crew, {"text": f"the lease of Ms. {NAME}"}, house=here.house)
    assert "<PERSON_" in kept[0]
    assert "Quxzov" not in kept[0]
