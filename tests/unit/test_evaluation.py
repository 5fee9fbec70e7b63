"""Measuring models on one's own cases: what is asked, how it is scored, what is printed, written and remembered."""

import asyncio
import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from agentkit.cli.main import main
from agentkit.errors import UsageError
from agentkit.evaluation import Score, draw, load_cases, place, summarize_outcomes
from agentkit.evaluation.jsonschemas import fits
from agentkit.evaluation.metrics import contains, exact, recall, says
from agentkit.evaluation.outcomes import Outcome, interval
from agentkit.records.evaluations import remembered
from agentkit.testing.server import ModelServer, Received, Reply, chat_reply, json_reply

RENT = "The Tenant shall pay rent of EUR 1,250 on the first day of each month."
LEASE = f"1. Term. This lease begins on 1 May 2025.\n\n2. Rent. {RENT}\n"
Script = Sequence[Reply | Callable[[Received], Reply]]
Run = Callable[..., tuple[int, str, str]]


@contextmanager
def serving(*scripts: Script) -> Iterator[list[ModelServer]]:
    """Run model servers in a thread of their own, for commands that bring their own loop."""
    servers = [ModelServer(script) for script in scripts]
    started, stop, loop = threading.Event(), asyncio.Event(), asyncio.new_event_loop()

    async def serve() -> None:
        for server in servers:
            await server.__aenter__()
        started.set()
        await stop.wait()
        for server in servers:
            await server.__aexit__(None, None, None)

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    started.wait()
    try:
        yield servers
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()


@pytest.fixture
def agentkit(capfd: pytest.CaptureFixture[str]) -> Run:
    def run(*arguments: str | Path) -> tuple[int, str, str]:
        code = main([str(argument) for argument in arguments])
        out, err = capfd.readouterr()
        return code, out, err

    return run


def written(folder: Path, *rows: object, name: str = "cases.jsonl") -> Path:
    path = folder / name
    lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def config(folder: Path, *servers: ModelServer, **more: object) -> Path:
    prices = [{"input_price": 1.0 * number, "output_price": 1.0 * number} for number in range(1, len(servers) + 1)]
    models = [
        {
            "model_name": f"m{number}",
            "client": "openai",
            "litellm_params": {"model": "openai/served", "api_base": server.url},
            **price,
        }
        for number, (server, price) in enumerate(zip(servers, prices, strict=True), 1)
    ]
    data = {"models": models, "roles": {"writer": ["m1"]}, "gateway": {"attempts": 1}, **more}
    return written(folder, data, name="agentkit.yaml")


def chat(name: str, prompt: str, **wanted: object) -> dict[str, object]:
    return {"id": name, "prompt": prompt, **wanted}


# Comparing texts


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("The lease begins on 2025-05-01.", "1 May 2025"),
        ("It starts May 1st, 2025, at noon.", "1 May 2025"),
        ("The rent is €1,250.00 a month.", "EUR 1,250"),
        ("The duties continue for 5 years.", "five years"),
        ("It ends after 60 months.", "five years"),
        ("“German  Law” governs.", '"german law"'),
        ("Rent is paid monthly by the Tenant.", "the Tenant pays rent every month"),
        ("Subletting is forbidden, and the Tenant shall insure the Premises.", "the Tenant insures the Premises"),
        ("The Tenant may not sublet.", "the Tenant may not sublet"),
    ],
)
def test_the_same_thing_in_another_notation_is_said(text: str, wanted: str) -> None:
    assert says(text, wanted)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("The lease begins on 2 May 2025.", "1 May 2025"),
        ("The rent is USD 1,250.", "EUR 1,250"),
        ("The rent is EUR 12,500.", "EUR 1,250"),
        ("The duties continue for five months.", "five years"),
        ("The Tenant may not sublet the Premises.", "the Tenant may sublet the Premises"),
        ("The Tenant may sublet the Premises.", "the Tenant may not sublet the Premises"),
        ("The Tenant pays rent. The Landlord insures the Premises.", "the Tenant insures the Premises"),
        ("A contractual penalty applies.", "contract"),
        ("Anything", "the of"),
        ("", "rent"),
    ],
)
def test_another_thing_is_not(text: str, wanted: str) -> None:
    assert not says(text, wanted)


@given(st.text(max_size=200), st.text(max_size=60))
def test_comparing_never_fails_and_what_is_the_same_is_contained(text: str, wanted: str) -> None:
    assert not exact(text, wanted) or not wanted.strip() or contains(text, wanted) or not any(map(str.isalnum, wanted))
    assert not contains(text, wanted) or says(text, wanted)
    assert 0.0 <= recall(text, [[wanted]]) <= 1.0


def test_recall_takes_any_wording_of_a_fact() -> None:
    assert recall(RENT, [["EUR 1,250"], ["no such", "first day"], ["EUR 99"]]) == pytest.approx(2 / 3)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=40))
def test_an_interval_holds_the_mean_and_stays_within_bounds(values: list[float]) -> None:
    low, high = interval(values)
    mean = sum(values) / len(values)
    assert 0.0 <= low <= mean + 1e-9
    assert mean - 1e-9 <= high <= 1.0
    assert interval(values) == (low, high)


def test_ten_right_answers_are_no_proof_of_perfection_and_more_cases_narrow_it() -> None:
    assert interval([1.0] * 10) == (pytest.approx(0.722, abs=0.001), pytest.approx(1.0))
    low, high = interval([0.0, 1.0] * 20)
    assert (low, high) == (pytest.approx(0.35, abs=0.03), pytest.approx(0.65, abs=0.03))
    wide, narrow = interval([0.0, 1.0] * 5), interval([0.0, 1.0] * 200)
    assert narrow[1] - narrow[0] < wide[1] - wide[0]
    assert interval([]) == (0.0, 1.0)


def test_cases_that_could_not_be_asked_are_no_part_of_the_mean() -> None:
    score = summarize_outcomes(
        [Outcome("a", "chat", 1.0), Outcome("b", "chat", None, error="down"), Outcome("c", "ask", 0)]
    )
    assert (score.cases, score.failed, score.score) == (2, 1, 0.5)


def test_a_schema_that_points_elsewhere_fits_nothing_and_fetches_nothing() -> None:
    assert fits({"a": 1}, {"type": "object", "required": ["a"]})
    assert not fits({"a": "1"}, {"properties": {"a": {"type": "integer"}}})
    assert not fits({"a": 1}, {"$ref": "http://127.0.0.1:9/schema.json"})


# Reading cases


BEGINS = {"question": "When does the lease begin?", "answer": "1 May 2025"}
SYSTEM = {"role": "system", "content": "x"}
BAD = {
    "it is not JSON": "nope",
    "it is not a JSON object": "[1]",
    "it has no id": {"prompt": "x", "expected": "y"},
    "it asks nothing": {"id": "a", "text": "x"},
    "there is no key 'expcted', did you mean expected": {"id": "a", "prompt": "x", "expcted": "y"},
    "a conversation needs expected, regex or schema": {"id": "a", "prompt": "x"},
    "its regex is none": {"id": "a", "prompt": "x", "regex": "("},
    "its schema is no JSON schema": {"id": "a", "prompt": "x", "schema": {"type": "objekt"}},
    "its messages do not end with one of the user": {"id": "a", "messages": [SYSTEM], "regex": "y"},
    "a message has a role": {"id": "a", "messages": [{"role": "robot", "content": "x"}], "regex": "y"},
    "there is no document no.txt": {"id": "a", "path": "no.txt", "question": "x", "answer": "y"},
    "either the path of a document, or a text": {"id": "a", "question": "x", "answer": "y"},
    "a question has an answer or must_contain": {"id": "a", "text": "t", "question": "x"},
    'or is "unanswerable": true': {"id": "a", "text": "t", "question": "x", "answer": "y", "unanswerable": True},
    "a summary needs facts": {"id": "a", "text": "t", "task": "summarize"},
    "max_words must be a whole number": {"id": "a", "text": "t", "task": "summarize", "facts": ["x"], "max_words": 0},
    "stands in an earlier line, too": {"id": "good", "prompt": "x", "expected": "y"},
}  # fmt: skip


@pytest.mark.parametrize("told", BAD)
def test_a_bad_line_is_one_sentence_and_leaves_the_others(told: str, tmp_path: Path) -> None:
    dataset = load_cases(written(tmp_path, chat("good", "x", expected="y"), "", BAD[told]))
    assert [case.id for case in dataset.cases] == ["good"]
    assert len(dataset.faults) == 1
    assert dataset.faults[0].startswith("Line 3 is left out: ")
    assert told in dataset.faults[0]


def test_a_file_without_cases_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"holds no case. Line 1 is left out"):
        load_cases(written(tmp_path, "nope"))
    with pytest.raises(UsageError, match="There is no file of cases"):
        load_cases(tmp_path / "none.jsonl")


def test_the_hash_of_a_dataset_covers_its_documents(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("one", encoding="utf-8")
    path = written(tmp_path, {"id": 1, "path": "a.txt", "question": "x", "answer": 3})
    first = load_cases(path)
    (tmp_path / "a.txt").write_text("two", encoding="utf-8")
    assert first.cases[0].answers == ["3"]
    assert load_cases(path).digest != first.digest


# The commands


def test_the_embedded_model_is_measured_on_documents(agentkit: Run, tmp_path: Path, home: Path) -> None:
    (tmp_path / "lease.txt").write_text(LEASE, encoding="utf-8")
    cases = written(
        tmp_path,
        {"id": "begin", "path": "lease.txt", "question": "When does the lease begin?", "answer": "2025-05-01"},
        {"id": "wrong", "path": "lease.txt", "question": "When does the lease begin?", "answer": "2 May 2025"},
        {"id": "dog", "path": "lease.txt", "question": "Who insures the aircraft?", "unanswerable": True},
        {"id": "rent", "text": LEASE, "task": "summarize", "facts": ["EUR 1,250", "no such fact"], "max_words": 60},
        "nope",
    )
    code, out, err = agentkit("eval", cases, "--out", tmp_path / "out.jsonl", "--format", "json")
    assert code == 2
    assert err == "agentkit: Line 5 is left out: it is not JSON.\n"
    score = json.loads(out)
    assert (score["model"], score["cases"], score["left_out"]) == ("embedded/extractive", 4, 1)
    *rows, last = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()]
    assert {row["id"]: row["score"] for row in rows} == {"begin": 1.0, "wrong": 0.0, "dog": 1.0, "rent": 0.5}
    assert all(row["metrics"].get("citations_exact", 1.0) == 1.0 and row["latency_ms"] > 0 for row in rows)
    assert last["summary"]["score"] == score["score"] == 0.625
    (kept,) = remembered(home)
    assert (kept.model, kept.role, kept.score, kept.cases) == ("embedded/extractive", "writer", 0.625, 4)


def test_a_model_behind_a_server_is_measured_with_its_cost(agentkit: Run, tmp_path: Path, home: Path) -> None:
    def reply(received: Received) -> Reply:
        asked = str(received.body["messages"])
        text = "Paris." if "France" in asked else '```json\n{"n": 3}\n```' if "count" in asked else "I do not know"
        return chat_reply(text, input_tokens=100, output_tokens=10)

    cases = written(
        tmp_path,
        chat("capital", "Capital of France?", expected=["paris", "Paris, France"]),
        chat("count", "Please count.", schema={"type": "object", "required": ["n"]}),
        chat("date", "Which day?", regex=r"\d{4}-\d\d-\d\d"),
        {"id": "turns", "messages": [{"role": "user", "content": "Capital of France?"}], "expected": "Rome"},
    )
    with serving([reply]) as (server,):
        code, out, err = agentkit("eval", cases, "--config", config(tmp_path, server), "--format", "json")
    score = json.loads(out)
    assert (code, err, score["score"]) == (0, "", 0.5)
    assert score["cost_usd"] == pytest.approx(110e-6)
    assert score["metrics"] == {"answer": 0.5, "contains": 0.5, "exact": 0.5, "json": 0.0, "regex": 0.0, "schema": 1.0}
    assert len(server.received) == 4
    assert remembered(home)[-1].cost_usd == pytest.approx(110e-6)


def test_an_evaluation_is_answered_by_the_model_and_by_nothing_in_its_place(agentkit: Run, tmp_path: Path) -> None:
    with serving([chat_reply("Paris")], [chat_reply("Rome")]) as servers:
        path = config(
            tmp_path,
            *servers,
            gateway={"rules": [{"name": "r", "pattern": "Capital", "answer": "Oslo"}], "floors": {"writer": 1.0}},
        )
        cases = written(tmp_path, chat("capital", "Capital?", expected="Paris"))
        for _ in range(2):  # nothing is kept, either
            code, out, _ = agentkit("eval", cases, "--config", path, "--format", "json")
            assert (code, json.loads(out)["score"]) == (0, 1.0)
        assert len(servers[0].received) == 2
        code, out, _ = agentkit("eval", cases, "--config", path, "--format", "json", "--model", "m2")
    assert json.loads(out)["score"] == 0.0


def test_what_could_not_be_asked_is_no_measurement(agentkit: Run, tmp_path: Path, home: Path) -> None:
    cases = written(tmp_path, *(chat(str(number), "Capital?", expected="Paris") for number in range(6)))
    with serving([json_reply({"error": {"message": "down"}}, status=503)]) as (server,):
        code, out, err = agentkit("eval", cases, "--config", config(tmp_path, server))
    assert code == 6
    assert "0 scored, 6 could not be asked" in out
    assert len(server.received) == 3  # then the rest was not asked
    assert "case 5: It was not asked" in err
    assert remembered(home) == []


def test_a_budget_ends_an_evaluation(agentkit: Run, tmp_path: Path, home: Path) -> None:
    cases = written(tmp_path, *(chat(str(number), "Capital?", expected="Paris") for number in range(3)))
    with serving([chat_reply("Paris")]) as (server,):
        code, _, err = agentkit("eval", cases, "--config", config(tmp_path, server, budget={"calls": 2}))
    assert (code, len(server.received)) == (5, 2)
    assert "calls" in err
    assert remembered(home) == []


def test_a_budget_ends_one_models_part_of_a_bench_and_not_the_others(agentkit: Run, tmp_path: Path, home: Path) -> None:
    cases = written(tmp_path, *(chat(str(number), "Capital?", expected="Paris") for number in range(3)))
    with serving([chat_reply("Paris")], [chat_reply("Rome", input_tokens=1)]) as servers:
        path = config(tmp_path, *servers, budget={"tokens": 30_000})
        dear = json.loads(path.read_text(encoding="utf-8"))
        dear["models"][0]["context_tokens"] = 40_000
        dear["models"][0]["litellm_params"]["max_tokens"] = 40_000
        path.write_text(json.dumps(dear), encoding="utf-8")
        code, out, err = agentkit("bench", cases, "--config", path, "--format", "json")
    assert code == 5
    assert "m1, case (the rest): " in err
    assert {row["model"]: row["cases"] for row in json.loads(out)["models"]}["m2"] == 3
    assert "m1" not in {row.model for row in remembered(home)}


def test_a_judge_is_asked_only_where_code_found_no_right_answer(agentkit: Run, tmp_path: Path) -> None:
    def judge(received: Received) -> Reply:
        return chat_reply(json.dumps({"agrees": "capital city of the Republic" in str(received.body["messages"])}))

    cases = written(
        tmp_path,
        chat("found", "The town?", expected="the capital"),
        chat("words", "Which city?", expected="Paris, obviously"),
        chat("wrong", "Another?", expected="Rome"),
    )
    answers = [chat_reply("It is the capital"), chat_reply("The capital city of the Republic"), chat_reply("Oslo")]
    with serving(answers, [judge]) as servers:
        path = config(tmp_path, *servers, roles={"writer": "m1", "judge": "m2"})
        code, out, _ = agentkit("eval", cases, "--config", path, "--format", "json")
        assert (code, len(servers[1].received)) == (0, 2)
    score = json.loads(out)
    assert score["score"] == pytest.approx(2 / 3)
    assert score["metrics"]["judge"] == 0.5


def test_a_judge_that_cannot_be_asked_leaves_what_code_found(agentkit: Run, tmp_path: Path) -> None:
    cases = written(tmp_path, chat("a", "Which city?", expected="Paris"), chat("b", "Which?", expected="Rome"))
    with serving([chat_reply("It is Rome")], [json_reply({"error": {"message": "no"}}, status=400)]) as servers:
        path = config(tmp_path, *servers, roles={"writer": "m1", "judge": "m2"})
        code, _, _ = agentkit("eval", cases, "--config", path, "--out", tmp_path / "out.jsonl")
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()]
    assert (code, [row.get("score") for row in rows[:2]]) == (0, [0.0, 1.0])
    assert rows[0]["error"] == "The judge could not be asked."


def test_an_unusable_answer_about_a_document_scores_nothing(agentkit: Run, tmp_path: Path, home: Path) -> None:
    cases = written(tmp_path, {"id": "a", "text": LEASE, **BEGINS})
    with serving([chat_reply("I would rather not.")]) as (server,):
        code, out, _ = agentkit("eval", cases, "--config", config(tmp_path, server), "--format", "md")
    assert code == 0
    assert out.startswith("**m1**\n\n- Score: 0.000")
    assert remembered(home)[-1].score == 0.0


@pytest.mark.parametrize("command", ["eval", "bench"])
def test_a_role_nobody_has_is_a_sentence(agentkit: Run, tmp_path: Path, command: str) -> None:
    code, _, err = agentkit(command, written(tmp_path, chat("a", "x", expected="y")), "--role", "judge")
    assert code == 2
    assert "is configured" in err


def test_nobody_judges_himself(agentkit: Run, tmp_path: Path) -> None:
    cases = written(tmp_path, chat("a", "Which city?", expected="Paris"))
    with serving([chat_reply("Rome")]) as (server,):
        path = config(tmp_path, server, roles={"writer": "m1", "judge": "m1"})
        code, out, _ = agentkit("eval", cases, "--config", path, "--format", "json")
    assert (code, json.loads(out)["score"], len(server.received)) == (0, 0.0, 1)


def test_labelled_cases_are_shown_to_cleared_deployments_alone(agentkit: Run, tmp_path: Path) -> None:
    cases = written(tmp_path, chat("a", "Which city?", expected="Paris"), {"id": "b", "text": LEASE, **BEGINS})
    with serving([chat_reply("Paris")], [chat_reply('{"agrees": true}')]) as servers:
        path = config(tmp_path, *servers, labels={"privileged": {"requires": ["local"]}}, roles={"judge": "m2"})
        code, out, err = agentkit("bench", cases, "--config", path, "--label", "privileged", "--format", "json")
        assert [server.received for server in servers] == [[], []]
    assert code == 6
    assert "m1 lacks local" in err
    assert {row["model"]: row["cases"] for row in json.loads(out)["models"]} == {
        "embedded/extractive": 2,
        "m1": 0,
        "m2": 0,
    }


def test_documents_measure_the_writer_alone(agentkit: Run, tmp_path: Path) -> None:
    cases = written(tmp_path, {"id": "a", "text": LEASE, "question": "x?", "answer": "y"})
    code, _, err = agentkit("eval", cases, "--role", "judge", "--model", "embedded/extractive")
    assert code == 2
    assert "give a judge conversations only" in err


def test_an_out_file_that_cannot_be_written_is_a_sentence(agentkit: Run, tmp_path: Path) -> None:
    cases = written(tmp_path, {"id": "a", "text": LEASE, "question": "When does it begin?", "answer": "1 May 2025"})
    code, _, err = agentkit("eval", cases, "--out", tmp_path / "no" / "out.jsonl")
    assert code == 2
    assert "cannot be written" in err


def test_bench_compares_every_deployment_and_draws_them(agentkit: Run, tmp_path: Path, home: Path) -> None:
    cases = written(
        tmp_path,
        chat("one", "Capital of France?", expected="Paris"),
        chat("two", "Capital of Italy?", expected="Rome"),
        {"id": "three", "text": LEASE, "question": "When does the lease begin?", "answer": "1 May 2025"},
    )
    right = chat_reply("Paris or Rome")
    down = json_reply({"error": {"message": "down"}}, status=503)
    with serving([chat_reply("Paris"), right], [right], [down]) as servers:
        path = config(tmp_path, *servers)
        plot, out = tmp_path / "plot.svg", tmp_path / "out.jsonl"
        code, printed, _ = agentkit("bench", cases, "--config", path, "--plot", plot, "--out", out, "--format", "md")
    assert code == 6  # m3 was down
    lines = printed.splitlines()
    assert lines[0].startswith("| model | score | 95 % interval |")
    assert [line.split(" |")[0] for line in lines[2:6]] == ["| m1", "| m2", "| embedded/extractive", "| m3"]
    assert "could not be asked" in lines[5]
    assert {row.model for row in remembered(home)} == {"m1", "m2", "embedded/extractive"}
    summaries = [
        row["summary"] for row in map(json.loads, out.read_text(encoding="utf-8").splitlines()) if "summary" in row
    ]
    assert [row["model"] for row in summaries] == ["m1", "m2", "m3", "embedded/extractive"]
    svg = plot.read_text(encoding="utf-8")
    assert "m1: quality 0.67" in (parsed(svg).findtext("{http://www.w3.org/2000/svg}desc") or "")


def parsed(svg: str) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314 - we drew it


def score(quality: float, cost: float, latency_ms: float) -> Score:
    return Score(10, 0, quality, max(0.0, quality - 0.1), min(1.0, quality + 0.1), cost, latency_ms, {})


def test_the_front_holds_whom_nobody_beats() -> None:
    placed = {
        item.model: (item.on_cost_front, item.on_latency_front)
        for item in place(
            [
                ("free", score(0.5, 0.0, 900)),
                ("fair", score(0.7, 0.01, 500)),
                ("dear", score(0.7, 0.02, 100)),
                ("best", score(0.9, 0.05, 800)),
                ("worse", score(0.6, 0.04, 700)),
                ("down", Score(0, 3, 0.0, 0.0, 1.0, 0.0, 0.0, {})),
            ]
        )
    }
    assert placed == {
        "best": (True, True),
        "fair": (True, False),
        "dear": (False, True),
        "worse": (False, False),
        "free": (True, False),
        "down": (False, False),
    }


@given(
    st.lists(
        st.tuples(st.text(min_size=1, max_size=12), st.floats(0, 1), st.floats(0, 5), st.floats(0.01, 1e6)),
        max_size=6,
    )
)
@example([("nan", 0.0, 0.0, 1.0), ("href", 0.0, 0.0, 1.0), ("<script", 0.0, 0.0, 1.0)])
def test_any_drawing_is_whole_and_asks_nobody_for_anything(rows: list[tuple[str, float, float, float]]) -> None:
    placed = place([(name, score(quality, cost, latency)) for name, quality, cost, latency in rows])
    svg = draw(placed, title="a <b> & c")
    root = parsed(svg)
    assert root.get("role") == "img"
    assert root.findtext("{http://www.w3.org/2000/svg}title") == "a <b> & c"
    assert not any(element.tag.endswith("script") for element in root.iter())
    told = [row for element in root.iter() for row in element.attrib.items()]
    assert not any("href" in name or "nan" in value for name, value in told)
    assert len(root.findall("{http://www.w3.org/2000/svg}circle")) == 2 * len(rows)
    for circle in root.findall("{http://www.w3.org/2000/svg}circle"):
        assert 0 <= float(circle.get("cx", "-1")) <= 1000
        assert 0 <= float(circle.get("cy", "-1")) <= 430
