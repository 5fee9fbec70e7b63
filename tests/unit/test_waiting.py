"""A run that waits for a person, and kits in other graphs."""

import os
import subprocess
import sys
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypedDict

import pytest
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, StateGraph
from langgraph.types import Command, interrupt

from agentkit import Config
from agentkit.adapters.langchain import ChatAgentKit
from agentkit.adapters.sqlite.checkpoints import serializer
from agentkit.app import AgentKit
from agentkit.cli.main import main
from agentkit.composition import make_rails
from agentkit.errors import ConfigError, RefusedError, UsageError, WaitingError
from agentkit.guarding import guard
from agentkit.policy import EdgeGuards
from agentkit.records.run_record import list_runs, read_events
from agentkit.specialists import AgentContext
from agentkit.testing.fakes import ScriptedBackend, WordRails
from agentkit.types import Claim

LEASE = (
    "1. Rent. The Tenant shall pay EUR 2,450 a month to Maria Keller.\n\n2. Term. The lease ends on 31 March 2031.\n"
)
AGENT = """
from dataclasses import dataclass

from agentkit import AgentKit
from agentkit.specialists import AgentContext


@dataclass
class Decision:
    words: str


async def partner(ctx: AgentContext) -> Decision:
    return Decision(await ctx.ask_human(f"Release {len(ctx.claims)} claims about {ctx.documents[0]}?"))


async def quiet(ctx: AgentContext) -> Decision:
    return Decision("nothing to say")


kit = AgentKit().with_agent(partner, before="report")
"""


@dataclass
class Decision:
    words: str


async def partner(ctx: AgentContext) -> Decision:
    return Decision(await ctx.ask_human("May this be released to Maria Keller?"))


@pytest.fixture
def lease(tmp_path: Path) -> Path:
    path = tmp_path / "lease.txt"
    path.write_text(LEASE, encoding="utf-8")
    return path


async def test_a_run_waits_for_a_person_and_another_kit_goes_on_with_the_answer(lease: Path, home: Path) -> None:
    async with AgentKit().with_agent(partner, before="report") as kit:
        with pytest.raises(WaitingError) as waits:
            await kit.summarize([lease])
    assert waits.value.exit_code == 7
    assert (waits.value.agent, waits.value.question) == ("partner", "May this be released to Maria Keller?")
    (row,) = list_runs(home)
    assert (row.state, row.resumable) == ("waiting", True)
    kept = b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())
    assert b"Maria Keller" not in kept
    lease.unlink()
    async with AgentKit().with_agent(partner, before="report") as other:
        with pytest.raises(WaitingError, match="May this be released to Maria Keller"):
            await other.resume(row.run_id)
        report = await other.resume(row.run_id, answer="Yes, but call Maria Keller and Zelda Quillington first.")
    assert report.agents[0].data == {"words": "Yes, but call Maria Keller and Zelda Quillington first."}
    assert report.claims
    kept = b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())
    assert b"Quillington" not in kept
    with pytest.raises(UsageError, match="is unknown, or it is finished"):
        await other.resume(row.run_id, answer="Again.")


async def test_an_answer_is_checked_as_what_a_user_typed(lease: Path, home: Path) -> None:
    async with AgentKit(rails=WordRails()).with_agent(partner, before="report") as kit:
        with pytest.raises(WaitingError):
            await kit.summarize([lease])
        run_id = list_runs(home)[0].run_id
        with pytest.raises(RefusedError, match="A rail held back the answer"):
            await kit.resume(run_id, answer="input:bad")
        assert list_runs(home)[0].state == "waiting"
        assert (await kit.resume(run_id, answer="Yes.")).agents[0].data == {"words": "Yes."}


async def test_a_question_is_checked_before_a_person_reads_it(lease: Path) -> None:
    async def rude(ctx: AgentContext) -> None:
        await ctx.ask_human("output:bad")

    async with AgentKit(rails=WordRails()).with_agent(rude, before="report") as kit:
        with pytest.raises(RefusedError, match="A rail held back the question of the agent rude"):
            await kit.summarize([lease])


async def test_what_was_paid_before_a_question_is_not_paid_again(lease: Path, home: Path) -> None:
    async def careful(ctx: AgentContext) -> Decision:
        told = await ctx.complete("What should I ask?")
        return Decision(f"{told} {await ctx.ask_human('Well?')} {await ctx.ask_human('Sure?')}")

    model = ScriptedBackend(lambda prompt: "Hm." if prompt.task == "chat" else '{"answered": false, "claims": []}')
    async with AgentKit(model=model).with_agent(careful, before="report") as kit:
        with pytest.raises(WaitingError, match=r"Well\?"):
            await kit.ask([lease], "What is the rent?")
        run_id = list_runs(home)[0].run_id
        with pytest.raises(WaitingError, match=r"Sure\?"):
            await kit.resume(run_id, answer="Yes.")
        report = await kit.resume(run_id, answer="Quite.")
    assert report.agents[0].data == {"words": "Hm. Yes. Quite."}
    assert [prompt.task for prompt in model.prompts] == ["ask", "chat"]


async def test_two_agents_that_ask_at_once_are_answered_one_after_the_other(lease: Path, home: Path) -> None:
    async def one(ctx: AgentContext) -> Decision:
        return Decision(await ctx.ask_human("One?"))

    async def two(ctx: AgentContext) -> Decision:
        return Decision(await ctx.ask_human("Two?"))

    kit = AgentKit().with_agent(one, beside="summarize").with_agent(two, beside="summarize")
    async with kit:
        with pytest.raises(WaitingError) as first:
            await kit.summarize([lease])
        run_id = first.value.run_id
        with pytest.raises(WaitingError) as second:
            await kit.resume(run_id, answer=f"answer to {first.value.agent}")
        assert second.value.agent != first.value.agent
        report = await kit.resume(run_id, answer=f"answer to {second.value.agent}")
    assert {item.name: item.data for item in report.agents} == {
        name: {"words": f"answer to {name}"} for name in ("one", "two")
    }


async def test_a_run_is_continued_with_the_agents_it_began_with(lease: Path, home: Path) -> None:
    async with AgentKit().with_agent(partner, before="report") as kit:
        with pytest.raises(WaitingError):
            await kit.summarize([lease])
    run_id = list_runs(home)[0].run_id
    async with AgentKit() as bare:
        with pytest.raises(UsageError, match="was begun with the agents partner: add them"):
            await bare.resume(run_id, answer="Yes.")
    assert list_runs(home)[0].resumable


async def test_an_answer_to_a_run_that_does_not_wait_is_refused(lease: Path, home: Path) -> None:
    async def broken(ctx: AgentContext) -> None:
        raise ValueError("no")

    async with AgentKit().with_agent(broken, before="report") as kit:
        with pytest.raises(Exception, match="The agent broken failed"):
            await kit.summarize([lease])
        with pytest.raises(UsageError, match="waits for no answer"):
            await kit.resume(list_runs(home)[0].run_id, answer="Yes.")


def test_the_command_line_tells_who_asks_and_another_process_answers(
    lease: Path, tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    name = f"house_agents_{uuid.uuid4().hex}"
    (tmp_path / f"{name}.py").write_text(AGENT, encoding="utf-8")
    config = tmp_path / "agentkit.yaml"
    config.write_text(f"agents:\n  - {{use: '{name}:partner', before: report}}\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert main(["summarize", str(lease), "--config", str(config)]) == 7
    told = capsys.readouterr().err
    run_id = list_runs(home)[0].run_id
    assert f"agentkit: Run {run_id} waits: partner asks: Release 2 claims about lease.txt?" in told
    assert f"Continue with: agentkit resume {run_id} --config {config} --answer TEXT" in told
    assert main(["runs"]) == 0
    assert "waiting" in (listed := capsys.readouterr().out)
    assert "(continue with --resume and --answer)" in listed
    command = [sys.executable, "-m", "agentkit", "resume", run_id, "--config", str(config), "--answer", "Yes, do."]
    done = subprocess.run(
        [*command, "--format", "json"], capture_output=True, text=True, check=False, cwd=tmp_path, env=os.environ
    )
    assert done.returncode == 0, done.stderr
    assert '"words": "Yes, do."' in done.stdout
    events = [event["event"] for event in read_events(home, run_id)]
    assert events.count("run_waiting") == 1
    assert events[-1] == "run_finished"


def test_one_command_continues_a_run_or_deletes_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runs", "--resume", "a", "--delete", "b"]) == 2
    assert "Either continue a run with --resume, or delete" in capsys.readouterr().err
    assert main(["runs", "--delete", "b", "--answer", "Yes."]) == 2
    assert "Name the run that you answer" in capsys.readouterr().err


def test_a_configuration_that_names_no_agent_says_so(tmp_path: Path) -> None:
    config = Config.model_validate({"agents": [{"use": "no_such_module:agent", "before": "report"}]})
    with pytest.raises(ConfigError, match="There is no agent no_such_module:agent"):
        AgentKit(config)


def test_coverage_lists_the_edges_of_agents_and_fails_where_one_is_unguarded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    name = f"house_agents_{uuid.uuid4().hex}"
    (tmp_path / f"{name}.py").write_text(AGENT, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert main(["rails", "--coverage", "--graph", f"{name}:kit"]) == 0
    table = capsys.readouterr().out
    assert "partner → report     agent_to_agent" in table
    assert "what partner brought" in table
    assert "review → partner" in table
    assert "none unguarded" in table
    bare = tmp_path / "bare.yaml"
    seat = f"agents:\n  - {{use: '{name}:quiet', beside: summarize}}\n"
    bare.write_text(f"{seat}rails:\n  edges:\n    agent_to_agent: {{stage: none}}\n", encoding="utf-8")
    assert main(["rails", "--coverage", "--config", str(bare)]) == 3
    table = capsys.readouterr().out
    assert any(line.startswith("quiet → combine") and "UNGUARDED" in line for line in table.splitlines())


# Kits in other graphs, and other graphs in kits.


class Case(TypedDict, total=False):
    path: str
    first: dict[str, Any]
    second: dict[str, Any]
    decision: str


def thread(name: str) -> RunnableConfig:
    return {"configurable": {"thread_id": name}}


async def test_two_kits_are_nodes_of_one_graph_and_do_not_mix(lease: Path) -> None:
    async def note(ctx: AgentContext) -> Decision:
        return Decision("of the second kit")

    async with AgentKit() as one, AgentKit().with_agent(note, before="report") as two:
        builder = StateGraph(Case)
        builder.add_node("one", one.node(paths=lambda state: [state["path"]], output="first"))
        question = lambda _: "When does the lease end?"  # noqa: E731
        builder.add_node("two", two.node(paths=lambda state: [state["path"]], question=question, output="second"))
        for name in ("one", "two"):
            builder.add_edge(START, name)
            builder.add_edge(name, END)
        done = await builder.compile().ainvoke({"path": str(lease)})
    assert (done["first"]["task"]["kind"], done["second"]["task"]["kind"]) == ("summarize", "ask")
    assert done["first"]["agents"] == []
    assert done["second"]["agents"][0]["data"] == {"words": "of the second kit"}
    assert "2031" in done["second"]["claims"][0]["text"]


async def test_a_question_in_a_kit_interrupts_the_graph_around_it(lease: Path, home: Path) -> None:
    async def twice(ctx: AgentContext) -> Decision:
        return Decision(f"{await ctx.ask_human('First?')} {await ctx.ask_human('Second?')}")

    async def run(given: Any) -> Any:
        async with AgentKit().with_agent(twice, before="report") as kit:  # another object, as in another process
            builder = StateGraph(Case)
            builder.add_node("kit", kit.node(paths=lambda state: [state["path"]], output="first"))
            builder.add_edge(START, "kit")
            builder.add_edge("kit", END)
            return await builder.compile(checkpointer=saver).ainvoke(given, thread("1"))

    saver = InMemorySaver()
    waits = await run({"path": str(lease)})
    assert waits["__interrupt__"][0].value["question"] == "First?"
    waits = await run(Command(resume="one"))
    assert waits["__interrupt__"][0].value["question"] == "Second?"
    done = await run(Command(resume="two"))
    assert done["first"]["agents"][0]["data"] == {"words": "one two"}
    assert [row.state for row in list_runs(home)] == [done["first"]["status"]]


async def test_ours_is_a_subgraph_of_theirs_and_its_claims_hold_placeholders(lease: Path) -> None:
    class Room(TypedDict, total=False):
        paths: list[str]
        status: str
        claims: list[Claim]

    async with AgentKit().with_agent(partner, before="report") as kit:
        builder = StateGraph(Room)
        builder.add_node("ours", kit.subgraph())
        builder.add_edge(START, "ours")
        builder.add_edge("ours", END)
        graph = builder.compile(checkpointer=InMemorySaver(serde=serializer()))
        waits = await graph.ainvoke({"paths": [str(lease)]}, thread("1"))
        assert waits["__interrupt__"][0].value["question"] == "May this be released to <PERSON_1>?"
        done = await graph.ainvoke(Command(resume="Yes."), thread("1"))
    assert done["status"] == "approved"
    assert "<PERSON_1>" in str(done["claims"])
    assert "Maria Keller" not in str(done)


async def test_a_subgraph_that_is_continued_without_its_texts_says_so_and_ships_nothing(lease: Path) -> None:
    class Room(TypedDict, total=False):
        paths: list[str]
        status: str
        claims: list[Claim]

    def room() -> Any:
        builder = StateGraph(Room)
        builder.add_node("ours", AgentKit().with_agent(partner, before="report").subgraph())
        builder.add_edge(START, "ours")
        builder.add_edge("ours", END)
        return builder.compile(checkpointer=saver)

    saver = InMemorySaver(serde=serializer())
    here = room()
    await here.ainvoke({"paths": [str(lease)]}, thread("1"))
    with pytest.raises(UsageError, match=r"The texts of the thread 1.* are not in this process: start it again"):
        await room().ainvoke(Command(resume="Yes."), thread("1"))
    done = await here.ainvoke(Command(resume="Yes."), thread("1"))
    assert done["status"] == "approved"
    again = await here.ainvoke({"paths": [str(lease)]}, thread("1"))
    assert again["__interrupt__"]


async def test_what_a_node_writes_and_asks_holds_placeholders_unless_the_host_wants_originals(lease: Path) -> None:
    async def outcome(*, originals: bool) -> tuple[str, str, dict[str, Any]]:
        async with AgentKit().with_agent(partner, before="report") as kit:
            saver = InMemorySaver()
            builder = StateGraph(Case)
            node = kit.node(paths=lambda state: [state["path"]], output="first", originals=originals)
            builder.add_node("kit", node)
            builder.add_edge(START, "kit")
            builder.add_edge("kit", END)
            graph = builder.compile(checkpointer=saver)
            waits = await graph.ainvoke({"path": str(lease)}, thread("1"))
            done = await graph.ainvoke(Command(resume="Yes."), thread("1"))
            kept = [*saver.blobs.values(), *(item for rows in saver.writes.values() for item in rows.values())]
            return waits["__interrupt__"][0].value["question"], str(kept), done["first"]

    asked, kept, report = await outcome(originals=False)
    assert asked == "May this be released to <PERSON_1>?"
    assert "Keller" not in kept
    assert "<PERSON_1>" in str(report["claims"])
    asked, _, report = await outcome(originals=True)
    assert asked == "May this be released to Maria Keller?"
    assert "Maria Keller" in str(report["claims"])


async def test_theirs_is_a_part_of_ours_under_our_governance(lease: Path, home: Path) -> None:
    class Theirs(TypedDict, total=False):
        about: str
        said: str

    async def counsel(ctx: AgentContext) -> Decision:
        async def think(state: Theirs) -> Theirs:
            answer = await ChatAgentKit(door=ctx.door).ainvoke(f"What of {state['about']}?")
            return {"said": str(answer.content)}

        def confirm(state: Theirs) -> Theirs:
            return {"said": f"{state['said']} {interrupt('Is that so?')}"}

        builder = StateGraph(Theirs)
        builder.add_node("think", think)
        builder.add_node("confirm", confirm)
        builder.add_edge(START, "think")
        builder.add_edge("think", "confirm")
        builder.add_edge("confirm", END)
        done = await builder.compile(checkpointer=True).ainvoke({"about": "Zelda Quillington"})
        return Decision(done["said"])

    model = ScriptedBackend(lambda p: "Nothing." if p.task == "chat" else '{"answered": false, "claims": []}')
    async with AgentKit(model=model).with_agent(counsel, before="report") as kit:
        with pytest.raises(WaitingError, match=r"Is that so\?"):
            await kit.ask([lease], "What is the rent?")
        report = await kit.resume(list_runs(home)[0].run_id, answer="It is.")
    assert report.agents[0].data == {"words": "Nothing. It is."}
    chats = [prompt.messages[-1].content for prompt in model.prompts if prompt.task == "chat"]
    assert chats == ["What of <PERSON_1>?"] or chats == ["What of <PERSON_2>?"]


async def test_a_guarded_graph_takes_a_kit_in(lease: Path) -> None:
    async with AgentKit() as kit:
        builder = StateGraph(Case)
        builder.add_node("kit", kit.node(paths=lambda state: [state["path"]], output="first"))
        builder.add_edge(START, "kit")
        builder.add_edge("kit", END)
        graph = guard(builder, EdgeGuards(make_rails("base"))).compile()
        done = await graph.ainvoke({"path": str(lease)})
    assert done["first"]["status"] == "approved"
