"""Every edge of agentkit's graph where text crosses has rails, and each of them is heeded."""

import json
from pathlib import Path

import pytest

from agentkit.app import AgentKit, Options
from agentkit.calls import Message
from agentkit.cli.main import main
from agentkit.config import Config
from agentkit.coverage import OURS
from agentkit.errors import RefusedError
from agentkit.graph import build_graph
from agentkit.guarding import edges_of
from agentkit.lending import borrow
from agentkit.records.run_record import read_events
from agentkit.report import Report
from agentkit.testing.fakes import ScriptedBackend, WordRails
from agentkit.testing.server import ModelServer, chat_reply
from agentkit.types import ChecklistItem, Passage, Prompt

FEE = "The Client shall pay a fee of EUR 400 each month."
LAW = "This Agreement is governed by the laws of Ireland."
CONTRACT = f"SERVICES AGREEMENT\n\n1. Fee\n\n1.1 {FEE}\n\n2. Law\n\n2.1 {LAW}\n"
KEEP = json.dumps({"keep": ["c1", "c2"]})


def _answer(*texts: str) -> str:
    claims = [{"text": text, "citations": [{"passage": "d0p1", "quote": FEE}]} for text in texts]
    return json.dumps({"answered": True, "claims": claims})


def _verdict(reason: str) -> str:
    return json.dumps({"label": "supported", "score": 0.9, "reason": reason})


async def _run(
    folder: Path,
    *replies: str,
    text: str = CONTRACT,
    focus: str = "",
    options: Options | None = None,
    edges: dict[str, object] | None = None,
    rails: WordRails | None = None,
) -> Report:
    (folder / "agreement.txt").write_text(text, encoding="utf-8")
    config = Config.model_validate({"rails": {"edges": edges or {}}, "review": {"max_revisions": 0}})
    model = ScriptedBackend(*replies) if replies else None
    async with AgentKit(config, model=model, rails=rails or WordRails()) as kit:
        return await kit.summarize([folder / "agreement.txt"], focus=focus, options=options)


def _verdicts(home: Path, report: Report) -> list[tuple[str, str]]:
    events = [event for event in read_events(home, report.run_id) if event["event"] == "rail"]
    return [(str(event["edge"]), str(event["action"])) for event in events]


# --- what the table says is what the graph has


def test_every_edge_of_the_graph_is_declared_and_no_other() -> None:
    assert set(edges_of(build_graph())) == set(OURS)


# --- user → graph


async def test_a_guilty_question_is_refused(tmp_path: Path, home: Path) -> None:
    report = await _run(tmp_path, focus="input:bad")
    assert report.status == "refused"
    assert _verdicts(home, report) == [("user_to_graph", "blocked")]


async def test_a_guilty_checklist_is_refused(tmp_path: Path, home: Path) -> None:
    options = Options(checklist=[ChecklistItem("1", "Fee", question="Is there a fee? input:bad")])
    report = await _run(tmp_path, options=options)
    assert report.status == "refused"
    assert _verdicts(home, report) == [("user_to_graph", "blocked")]


async def test_what_a_rail_makes_of_the_question_is_what_everybody_reads(tmp_path: Path) -> None:
    model = ScriptedBackend(lambda prompt: KEEP if prompt.task == "combine" else _answer(FEE))
    (tmp_path / "agreement.txt").write_text(CONTRACT.replace("each month", "as changed"), encoding="utf-8")
    item = ChecklistItem("1", "Fee", question="input:change", terms=["fee"])
    async with AgentKit(model=model, rails=WordRails()) as kit:
        options = Options(checklist=[item])
        await kit.summarize([tmp_path / "agreement.txt"], focus="input:change", options=options)
    asked = [prompt.question for prompt in model.prompts if prompt.task in {"summarize", "ask"}]
    assert asked == ["changed", "changed"]


# --- document → passage


async def test_a_guilty_passage_is_withheld_and_recorded_with_its_reason(tmp_path: Path, home: Path) -> None:
    report = await _run(tmp_path, text=CONTRACT.replace("2.1 ", "2.1 retrieval:bad "))
    assert {"document_to_passage"} == {edge for edge, _ in _verdicts(home, report)}
    assert not any("Ireland" in claim.text for claim in report.claims)
    (event, *_) = [event for event in read_events(home, report.run_id) if event["event"] == "rail"]
    assert str(event["reason"]).startswith("word: ")


async def test_what_could_not_be_checked_is_withheld_unless_the_policy_allows_it(tmp_path: Path) -> None:
    text = CONTRACT.replace("2.1 ", "2.1 retrieval:unsure ")
    strict = await _run(tmp_path, text=text)
    assert not any("Ireland" in claim.text for claim in strict.claims)
    lenient = await _run(tmp_path, text=text, edges={"document_to_passage": {"unchecked": "allow"}})
    assert any("Ireland" in claim.text for claim in lenient.claims)
    assert "unchecked" in {item.action for item in lenient.rails}


# --- model → agent, agent → agent, graph → user


@pytest.mark.parametrize(
    ("off", "edge"),
    [
        ([], "model_to_agent"),
        (["model_to_agent"], "agent_to_agent"),
        (["model_to_agent", "agent_to_agent"], "graph_to_user"),
    ],
)
async def test_a_guilty_claim_stops_at_the_first_edge_that_has_rails(
    tmp_path: Path, home: Path, off: list[str], edge: str
) -> None:
    edges = {name: {"stage": "none"} for name in off}
    report = await _run(tmp_path, _answer(FEE, f"output:bad {FEE}"), KEEP, edges=edges)
    assert _verdicts(home, report) == [(edge, "blocked")]
    assert [claim.text for claim in report.claims] == [FEE]
    assert not any("output:bad" in item.text for item in report.removed_claims)
    assert any("word rail" in item.reason for item in report.removed_claims)


async def test_with_no_rails_at_all_it_would_have_shipped(tmp_path: Path) -> None:
    edges = {name: {"stage": "none"} for name in ("model_to_agent", "agent_to_agent", "graph_to_user")}
    report = await _run(tmp_path, _answer(f"output:bad {FEE}"), KEEP, edges=edges)
    assert any("output:bad" in text for text in [item.text for item in (*report.claims, *report.removed_claims)])


async def test_the_rails_are_asked_once_about_a_text_that_crosses_several_edges(tmp_path: Path) -> None:
    rails = WordRails()
    await _run(tmp_path, _answer(FEE), KEEP, rails=rails)
    claims = [text for text in rails.asked if text.startswith(f"{FEE} [")]
    assert len(claims) == 1


async def test_the_record_counts_what_crossed_each_edge(tmp_path: Path, home: Path) -> None:
    report = await _run(tmp_path, _answer(FEE), KEEP, focus="fees")
    nodes = {event["node"]: event.get("rails") for event in read_events(home, report.run_id) if "node" in event}
    assert nodes["screen_request"] == {"user_to_graph": {"allowed": 1}}
    assert nodes["summarize"] == {"model_to_agent": {"allowed": 1}, "agent_to_agent": {"allowed": 1}}
    answer = nodes["screen_answer"]
    assert isinstance(answer, dict)
    assert set(answer) == {"graph_to_user"}
    assert set(answer["graph_to_user"]) == {"allowed"}


async def test_a_model_that_floods_a_checklist_is_held_to_what_it_was_asked_for(tmp_path: Path) -> None:
    flood = _answer(*[f"{FEE} This is said {number} times." for number in range(40)])
    (tmp_path / "agreement.txt").write_text(CONTRACT, encoding="utf-8")
    model = ScriptedBackend(lambda prompt: KEEP if prompt.task == "combine" else flood)
    config = Config.model_validate({"review": {"max_revisions": 0, "unsupported": "flag"}})
    async with AgentKit(config, model=model, rails=WordRails()) as kit:
        options = Options(checklist=[ChecklistItem("1", "Fee", terms=["fee"])], max_claims=60)
        report = await kit.summarize([tmp_path / "agreement.txt"], options=options)
    assert len(report.checklist[0].claims) == 3


class _AskingRetriever:
    """A guest in a run: it asks a model which words to look for."""

    def __init__(self) -> None:
        self.heard = ""

    async def retrieve(self, query: str, /, *, top_k: int) -> list[Passage]:
        prompt = Prompt(role="writer", task="chat", version="1", instructions="", messages=[Message("user", query)])
        self.heard = (await borrow("writer").complete(prompt)).text
        return []


@pytest.mark.parametrize(("reply", "passes"), [("Look for fees.", True), ("output:bad", False)])
async def test_what_a_model_answers_a_guest_passes_the_rails(tmp_path: Path, reply: str, *, passes: bool) -> None:
    async with ModelServer([chat_reply(reply)]) as server:
        params = {"model": "openai/served", "api_base": server.url}
        models = [{"model_name": "firm", "litellm_params": params}]
        config = Config.model_validate({"models": models, "roles": {"writer": "firm"}})
        (tmp_path / "agreement.txt").write_text(CONTRACT, encoding="utf-8")
        guest = _AskingRetriever()
        async with AgentKit(config, model=ScriptedBackend("{}"), retriever=guest, rails=WordRails()) as kit:
            work = kit.ask([tmp_path / "agreement.txt"], "What is the fee?")
            if passes:
                await work
            else:
                with pytest.raises(RefusedError, match="word rail"):
                    await work
    assert guest.heard == (reply if passes else "")


# --- agentkit rails --coverage


def test_the_shipped_rails_leave_no_edge_unguarded(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rails", "--coverage", "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["unguarded"] == 0
    kinds = {row["edge"] for row in found["edges"]}
    assert kinds >= {"user_to_graph", "document_to_passage", "model_to_agent", "agent_to_agent", "graph_to_user"}
    assert all(row["rails"] and row["guard"] for row in found["edges"] if row["edge"])


def test_an_edge_without_rails_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "agentkit.yaml"
    config.write_text("rails:\n  edges:\n    graph_to_user: {stage: none}\n", encoding="utf-8")
    assert main(["rails", "--coverage", "--config", str(config)]) == 3
    shown = capsys.readouterr().out
    assert [line for line in shown.splitlines() if "UNGUARDED" in line and "report → __end__" in line]
    assert "15 edges, 1 unguarded" in shown


def test_a_folder_without_output_rails_is_found_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "rails"
    folder.mkdir()
    lines = ['colang_version: "1.0"', "models: []", "rails:", "  input:", "    flows: []"]
    (folder / "config.yml").write_text("\n".join(lines), encoding="utf-8")
    assert main(["rails", "--coverage", "--rails", str(folder), "--format", "json"]) == 3
    assert json.loads(capsys.readouterr().out)["unguarded"] == 14


FOREIGN = """
from typing import TypedDict
from langgraph.graph import END, START, StateGraph
from agentkit.composition import make_rails
from agentkit.guarding import guard
from agentkit.policy import EdgeGuards

class Notes(TypedDict):
    text: str

def build():
    graph = StateGraph(Notes)
    graph.add_node("write", lambda state: {"text": "Rent is due."})
    graph.add_edge(START, "write")
    graph.add_edge("write", END)
    return graph

bare = build()
guarded = guard(build(), EdgeGuards(make_rails("base"))).compile()
"""


def test_a_graph_of_ones_own_is_checked_the_same_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "firm_graph.py").write_text(FOREIGN, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert main(["rails", "--coverage", "--graph", "firm_graph:guarded"]) == 0
    assert main(["rails", "--coverage", "--graph", "firm_graph:bare"]) == 3
    assert "2 edges, 2 unguarded" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("firm", "MODULE:NAME"),
        ("no_such_module:graph", "cannot be imported"),
        ("json:graph", "there is no graph in json"),
        ("json:dumps", "this is a function"),
        ("leaves_early:graph", "leaves_early cannot be imported (SystemExit: 0)"),
        ("is_broken:graph", "is_broken cannot be imported (AttributeError: here)"),
    ],
)
def test_what_is_no_graph_is_said_in_a_sentence(
    name: str, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "leaves_early.py").write_text("raise SystemExit(0)", encoding="utf-8")
    (tmp_path / "is_broken.py").write_text("raise AttributeError('here')", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert main(["rails", "--coverage", "--graph", name]) == 2
    assert says in capsys.readouterr().err
