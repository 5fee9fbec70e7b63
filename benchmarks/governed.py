"""What a whole governed run costs, beside other stacks that do the same two calls with less around them.

    python benchmarks/governed.py [--rounds 5] [--runs 128] [--haystack PYTHON] [--side NAME] [--profile NAME]

The job: retrieve, one call that answers from the passages, one call that judges the answer; 64 at once. Models are a
canned server on loopback, in a process of its own, which answers at once. Each side is a process of its own; all are
warm, take turns in every round, and send the very requests that agentkit sends (CrewAI and Haystack, their texts).
CPU time is user and system time of the side's process per run. The processor's speed changes from second to second,
so each round stands between two runs of a fixed calibration job, and its time is scaled to the fastest of all those;
the figure is the median of the rounds. Memory is the resident set after the last round. The table of parts is of one
round that is not scaled, by a profiler's shares.

*agentkit* is governed: rails on question, passages and answer, redaction, budget, ledger, trace and run record, and a
checkpoint of every step. The others read no file, and check, redact, book and save nothing, but NeMo, which runs two
patterns on the question and two on the answer, and *each step saved*, which saves its three steps with agentkit's
checkpointer: nothing that is durable on LangGraph takes less.
"""

import argparse
import asyncio
import contextlib
import cProfile
import importlib.util
import json
import os
import pstats
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path

from door import Canned

CONCURRENT = 64
LETTER = """Dear Ms Helen Carter,

we confirm the lease of the shop beside the mill.
The rent is EUR 2,450 a month, payable on the first day of each month.
Either party may end the lease by notice in writing of three months.
The tenant keeps the inside of the shop in good repair, and the landlord the roof and the walls.
You reach us at office@mill-leases.example.

Kind regards
"""
QUOTE = "The rent is EUR 2,450 a month, payable on the first day of each month."
ANSWER = {"answered": True, "claims": [{"text": "Rent of EUR 2,450 is payable monthly in advance.", "citations": []}]}
JUDGED = {"label": "supported", "score": 0.9, "reason": "Each month, on its first day, is monthly in advance."}
QUESTION = "What is the rent of shop number {}?"
JUDGE_MARK = b"contradicted"
Run = Callable[[int], Awaitable[object]]
Requests = Sequence[Mapping[str, object]]


# The server and what is asked of it.


class Model(Canned):
    """Answers the judge's request with a verdict, any other with a claim."""

    def data_received(self, data: bytes) -> None:
        self._rest += data
        while (end := self._rest.find(b"\r\n\r\n")) >= 0:
            at = self._rest[:end].lower().find(b"content-length:")
            length = int(self._rest[at + 15 : end].split(b"\r\n", 1)[0]) if at >= 0 else 0
            if len(self._rest) < end + 4 + length:
                return
            body, self._rest = self._rest[end + 4 : end + 4 + length], self._rest[end + 4 + length :]
            self._transport.write(self._stream if JUDGE_MARK in body else self._whole)  # type: ignore[attr-defined]


async def serve() -> None:
    from agentkit.testing.server import chat_reply

    claim = {**ANSWER["claims"][0], "citations": [{"passage": "d0p0", "quote": QUOTE}]}  # type: ignore[index]
    answers = [json.dumps({**ANSWER, "claims": [claim]}), json.dumps(JUDGED)]
    wholes: list[bytes] = []
    for answer in answers:
        body = chat_reply(answer).body
        head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(body)
        wholes.append(head + body)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Model(*wholes), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


async def requests_of(home: Path) -> Requests:
    """Return the two requests of one run of agentkit, as they go over the wire."""
    from agentkit.testing.server import ModelServer, Received, Reply, chat_reply

    claim = {**ANSWER["claims"][0], "citations": [{"passage": "d0p0", "quote": QUOTE}]}  # type: ignore[index]

    def reply(request: Received) -> Reply:
        judged = JUDGE_MARK in json.dumps(request.body).encode()
        return chat_reply(json.dumps(JUDGED if judged else {**ANSWER, "claims": [claim]}))

    async with ModelServer([reply]) as server:
        run, close = await agentkit_side(server.url, home, client="openai")
        await run(0)
        await close()
        return [received.body for received in server.received]


# The sides. Each returns what does one run, and what ends it.


async def agentkit_side(
    url: str, home: Path, *, client: str, checkpoint: str = "sqlite", cache: str = "none"
) -> tuple[Run, Callable[[], Awaitable[None]]]:
    from agentkit import AgentKit, Config

    letter = home / "letter.txt"
    letter.write_text(LETTER, encoding="utf-8")
    config = Config.model_validate(
        {
            "models": [
                {
                    "model_name": "served",
                    "client": client,
                    "max_concurrency": 256,
                    "input_price": 0.1,
                    "output_price": 0.4,
                    "litellm_params": {"model": "openai/served", "api_base": url},
                }
            ],
            "roles": {"writer": "served", "reviewer": "served"},
            "budget": {"usd": 1.0, "periods": [{"per": "day", "usd": 1000.0}]},
            "tracing": {"adapter": "file", "path": str(home / "spans.jsonl")},
            "checkpoint": {"adapter": checkpoint},
            "cache": {"adapter": cache},
        }
    )
    kit = AgentKit(config, home=home)

    async def run(number: int) -> object:
        report = await kit.ask([letter], QUESTION.format(number))
        found = (report.status, [claim.verdict.method for claim in report.claims], report.usage.model_calls)
        if found != ("approved", ["judge"], 2):
            raise RuntimeError(f"agentkit did not do the job: {found}")
        return report

    return run, kit.aclose


Call = Callable[[Mapping[str, object]], Awaitable[str]]


def two_calls(call: Call, requests: Requests, *, saver: object = None) -> object:
    """Return a LangGraph graph of three nodes around a way to call the model."""
    from typing import TypedDict

    from langgraph.graph import END, START, StateGraph

    class State(TypedDict, total=False):
        question: str
        passages: list[str]
        answer: str
        verdict: str

    def retrieve(state: State) -> State:
        words = set(state["question"].lower().split())
        ranked = sorted(LETTER.split("\n"), key=lambda line: -len(words & set(line.lower().split())))
        return {"passages": ranked[:5]}

    async def write(_: State) -> State:
        return {"answer": json.loads(await call(requests[0]))["claims"][0]["text"]}

    async def review(_: State) -> State:
        return {"verdict": json.loads(await call(requests[1]))["label"]}

    graph = StateGraph(State)
    for before, name, node in (
        (START, "retrieve", retrieve),
        ("retrieve", "write", write),
        ("write", "review", review),
    ):
        graph.add_node(name, node)
        graph.add_edge(before, name)
    graph.add_edge("review", END)
    return graph.compile(saver)


def litellm_call(url: str) -> Call:
    from agentkit.adapters.litellm.vendor import litellm

    async def call(request: Mapping[str, object]) -> str:
        told = await litellm.acompletion(**{**request, "model": "openai/served"}, api_base=url, api_key="none")
        return told.choices[0].message.content

    return call


async def langgraph_side(
    url: str, requests: Requests, *, client: str, home: Path | None = None
) -> tuple[Run, Callable[[], Awaitable[None]]]:
    import aiohttp

    from agentkit.adapters.sqlite.checkpoints import SqliteCheckpoints

    session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
    saver = SqliteCheckpoints(home / "checkpoints.db") if home else None

    async def post(request: Mapping[str, object]) -> str:
        async with session.post(f"{url}/chat/completions", json=request) as response:
            return (await response.json())["choices"][0]["message"]["content"]

    graph = two_calls(litellm_call(url) if client == "litellm" else post, requests, saver=saver)

    async def run(number: int) -> object:
        given = {"question": QUESTION.format(number)}
        if saver is None:
            done = await graph.ainvoke(given)  # type: ignore[attr-defined]
        else:
            thread = {"configurable": {"thread_id": str(number)}}
            done = await graph.ainvoke(given, thread, durability="sync")  # type: ignore[attr-defined]
            await saver.adelete_thread(str(number))
        assert done["verdict"] == "supported", done
        return done

    async def calls(_: int) -> object:
        return [json.loads(await post(request)) for request in requests]

    async def close() -> None:
        await session.close()
        if saver is not None:
            await saver.aclose()

    return calls if client == "none" else run, close


RAILS = """
models: []
rails:
  config:
    regex_detection:
      input: {patterns: ["ignore (all|previous) instructions", "system prompt"]}
      output: {patterns: ["[A-Z]{2}\\\\d{2}[A-Z0-9]{11,30}", "\\\\d{3}-\\\\d{2}-\\\\d{4}"]}
  input: {flows: [regex check input]}
  output: {flows: [regex check output]}
"""


async def nemo_side(url: str, requests: Requests) -> tuple[Run, Callable[[], Awaitable[None]]]:
    from langchain_core.runnables import RunnableLambda
    from nemoguardrails import RailsConfig
    from nemoguardrails.integrations.langchain.runnable_rails import RunnableRails

    graph = two_calls(litellm_call(url), requests)

    async def answer(given: Mapping[str, object]) -> dict[str, object]:
        done = await graph.ainvoke({"question": given["input"]})  # type: ignore[attr-defined]
        return {"output": done["answer"]}

    def never(_: object) -> dict[str, object]:
        raise NotImplementedError

    config = RailsConfig.from_content(yaml_content=RAILS)
    rails = RunnableRails(config, passthrough=True, runnable=RunnableLambda(never, afunc=answer))

    async def run(number: int) -> object:
        done = await rails.ainvoke({"input": QUESTION.format(number)})
        assert "2,450" in str(done), done
        return done

    async def close() -> None:
        pass

    return run, close


def text_of(request: Mapping[str, object], role: str) -> str:
    messages: Sequence[Mapping[str, str]] = request["messages"]  # type: ignore[assignment]
    return "\n".join(message["content"] for message in messages if message["role"] == role)


async def crewai_side(url: str, requests: Requests) -> tuple[Run, Callable[[], Awaitable[None]]]:
    os.environ |= {"CREWAI_DISABLE_TELEMETRY": "true", "CREWAI_TRACING_ENABLED": "false"}
    from crewai import LLM, Agent, Crew, Task

    llm = LLM(model="openai/served", base_url=url, api_key="none")

    async def run(_: int) -> object:
        agents = [Agent(role=role, goal=role, backstory=role, llm=llm) for role in ("writer", "judge")]
        tasks = [
            Task(
                description=f"{text_of(request, 'system')}\n{text_of(request, 'user')}".replace("{", "(").replace(
                    "}", ")"
                ),
                expected_output="JSON",
                agent=agent,
            )
            for request, agent in zip(requests, agents, strict=True)
        ]
        done = await Crew(agents=agents, tasks=tasks).akickoff()
        assert json.loads(done.raw)["label"] == "supported", done.raw
        return done

    async def close() -> None:
        pass

    return run, close


async def haystack_side(url: str, requests: Requests) -> tuple[Run, Callable[[], Awaitable[None]]]:
    os.environ |= {"HAYSTACK_TELEMETRY_ENABLED": "False"}
    from haystack import Document, Pipeline
    from haystack.components.builders import ChatPromptBuilder
    from haystack.components.generators.chat import OpenAIChatGenerator
    from haystack.components.retrievers.in_memory import InMemoryBM25Retriever
    from haystack.dataclasses import ChatMessage
    from haystack.document_stores.in_memory import InMemoryDocumentStore
    from haystack.utils import Secret

    store = InMemoryDocumentStore()
    store.write_documents([Document(content=line) for line in LETTER.split("\n") if line])
    pipeline = Pipeline()
    pipeline.add_component("retrieve", InMemoryBM25Retriever(store, top_k=5))
    for name, request, after in (("write", requests[0], "documents"), ("judge", requests[1], "replies")):
        text = f"{{% raw %}}{text_of(request, 'user')}{{% endraw %}}{{% if not {after} %}}?{{% endif %}}"
        template = [ChatMessage.from_system(text_of(request, "system")), ChatMessage.from_user(text)]
        pipeline.add_component(f"{name} prompt", ChatPromptBuilder(template, required_variables="*"))
        generator = OpenAIChatGenerator(Secret.from_token("none"), model="served", api_base_url=url)
        pipeline.add_component(name, generator)
        pipeline.connect(f"{name} prompt.prompt", f"{name}.messages")
    pipeline.connect("retrieve.documents", "write prompt.documents")
    pipeline.connect("write.replies", "judge prompt.replies")

    async def run(number: int) -> object:
        done = await pipeline.run_async({"retrieve": {"query": QUESTION.format(number)}})
        assert "supported" in done["judge"]["replies"][0].text, done
        return done

    async def close() -> None:
        pass

    return run, close


SIDES: dict[str, str] = {
    "direct": "agentkit, client openai",
    "memory": "  its checkpoints in memory",
    "cached": "  and the answer cache, no hit",
    "litellm": "agentkit, LiteLLM",
    "plain": "LangGraph + LiteLLM",
    "saved": "LangGraph + aiohttp, each step saved",
    "thin": "LangGraph + aiohttp",
    "calls": "aiohttp, the two calls alone",
    "haystack": "Haystack",
    "nemo": "NeMo RunnableRails, LangGraph, LiteLLM",
    "crewai": "CrewAI, two agents",
}
GOVERNED = {"direct", "memory", "cached", "litellm"}


async def side(name: str, url: str, home: Path, requests: Requests) -> tuple[Run, Callable[[], Awaitable[None]]]:
    match name:
        case "direct" | "memory" | "cached":
            adapter, cache = ("memory" if name == "memory" else "sqlite"), ("sqlite" if name == "cached" else "none")
            return await agentkit_side(url, home, client="openai", checkpoint=adapter, cache=cache)
        case "litellm":
            return await agentkit_side(url, home, client="litellm")
        case "plain" | "thin" | "saved" | "calls":
            client = {"plain": "litellm", "calls": "none"}.get(name, "aiohttp")
            return await langgraph_side(url, requests, client=client, home=home if name == "saved" else None)
        case "nemo":
            return await nemo_side(url, requests)
        case "crewai":
            return await crewai_side(url, requests)
        case _:
            return await haystack_side(url, requests)


# One side's process: a line in, a round, a line out.


def calibrate() -> float:
    """Return the CPU seconds of a fixed job."""
    begun = time.process_time()
    table: dict[int, str] = {}
    for number in range(60_000):
        table[number % 997] = str(number)
    json.loads(json.dumps(table))
    return time.process_time() - begun


async def many(run: Run, *, runs: int, first: int) -> None:
    numbers = iter(range(first, first + runs))

    async def worker() -> None:
        for number in numbers:
            await run(number)

    await asyncio.gather(*(worker() for _ in range(CONCURRENT)))


def resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


async def work(name: str, url: str, home: Path) -> None:
    requests: Requests = json.loads((home / "requests.json").read_text("utf-8"))
    run, close = await side(name, url, home, requests)
    done = 0
    for line in sys.stdin:
        runs = int(line)
        before = calibrate()
        begun = time.process_time()
        await many(run, runs=runs, first=done)
        spent = time.process_time() - begun
        done += runs
        calibration = (before + calibrate()) / 2
        print(json.dumps([spent * 1000 / runs, calibration, resident_mb()]), flush=True)
    await close()


async def profile(name: str, url: str, home: Path, runs: int, *, detailed: bool = True) -> None:
    """Print what dominates a run, by the time under each function, in this thread."""
    run, close = await side(name, url, home, json.loads((home / "requests.json").read_text("utf-8")))
    await many(run, runs=CONCURRENT, first=0)
    process, thread = time.process_time(), time.thread_time()
    await many(run, runs=runs, first=CONCURRENT)
    whole, here = (time.process_time() - process) * 1000 / runs, (time.thread_time() - thread) * 1000 / runs
    profiler = cProfile.Profile(time.thread_time)
    profiler.enable()
    await many(run, runs=runs, first=CONCURRENT + runs)
    profiler.disable()
    await close()
    stats = pstats.Stats(profiler).stats
    total = sum(row[2] for row in stats.values())
    elsewhere, profiled = whole - here, total * 1000 / runs
    print(
        f"\n{SIDES[name]}: {whole:.1f} ms a run, {elsewhere:.1f} of them in other threads ({profiled:.1f} if profiled)"
    )
    print(f"{'ms a run':>9} {'share':>6}  part of the {here:.1f} ms in this thread, by the profiler's shares")
    for part, share in sorted(parts(stats).items(), key=lambda item: -item[1]):
        print(f"{share * here:9.2f} {share:6.1%}  {part}")
    if not detailed:
        return
    for column, title in ((3, "with what they call"), (2, "by themselves")):
        print(f"\n{'ms a run':>9} {'share':>6} {'calls':>7}  functions {title}")
        ranked = sorted(stats.items(), key=lambda item: -item[1][column])
        for (path, line, function), row in ranked[: 110 if column == 3 else 40]:
            place = "/".join(Path(path).parts[-3:])
            figures = f"{row[column] * 1000 / runs:9.2f} {row[column] / total:6.1%} {row[1] / runs:7.1f}"
            print(f"{figures}  {place}:{line} {function}")


PARTS = {
    "checkpoints": ("sqlite/checkpoints", "langgraph/checkpoint", "/uuid"),
    "LangGraph": ("langgraph", "langchain_core", "agentkit/graph.py", "/dataclasses.py", "/typing.py", "langsmith"),
    "trace": ("opentelemetry", "adapters/otel"),
    "rails": ("adapters/nemo", "nemoguardrails", "text/injection", "text/normalize", "agents/screener"),
    "run store": ("records/run_store", "records/run_data", "privacy/sealed", "text/spans"),
    "redaction": ("agentkit/privacy", "records/safe_texts", "agents/redactor", "records/restoring"),
    "run record": ("records/run_record",),
    "budget, ledger, retries, routes": ("agentkit/wrappers", "records/ledger", "agentkit/governance", "deployments"),
    "model client": (
        "adapters/openai",
        "aiohttp",
        "yarl",
        "agentkit/prompts",
        "multidict",
        "agentkit/egress",
        "litellm",
    ),
    "review": ("text/support", "agents/reviewer", "text/sentences"),
    "reading": ("agentkit/reading", "text/structure", "text/splitting", "pathlib"),
    "retrieving": ("adapters/memory", "agents/retriever", "legal/"),
    "event loop": ("/asyncio/", "selectors", "/contextlib.py", "/threading.py", "/concurrent/"),
    "the rest of agentkit": ("agentkit/",),
}


def part_of(path: str) -> str:
    return next((part for part, keys in PARTS.items() if any(key in path for key in keys)), "")


def parts(stats: Mapping[tuple[str, int, str], tuple]) -> dict[str, float]:
    """Return each part's share of the time; what belongs to none (C code, JSON, ...) counts where it was called."""
    shares: dict[str, float] = {}
    total = sum(row[2] for row in stats.values())

    def give(key: tuple[str, int, str], amount: float, depth: int) -> None:
        part = part_of(key[0])
        callers = stats[key][4] if key in stats else {}
        weight = sum(row[2] for row in callers.values())
        if part or depth > 6 or not weight:
            name = part or "other"
            shares[name] = shares.get(name, 0.0) + amount / total
            return
        for caller, row in callers.items():
            give(caller, amount * row[2] / weight, depth + 1)

    for key, row in stats.items():
        give(key, row[2], 0)
    return shares


# All sides.


class Side:
    """A side's process, and what its rounds took: CPU ms a run, calibration in s, resident MB."""

    def __init__(self, name: str, url: str, home: Path, python: str) -> None:
        folder = home / name
        folder.mkdir()
        (folder / "requests.json").write_bytes((home / "requests.json").read_bytes())
        environment = {**os.environ, "AGENTKIT_HOME": str(folder), "HOME": str(folder), "PYTHONWARNINGS": "ignore"}
        self.errors = folder / "errors.txt"
        self._process = subprocess.Popen(
            [python, __file__, "--work", name, "--url", url, "--home", str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors.open("wb"),
            text=True,
            env=environment,
        )
        self.rounds: list[tuple[float, float, float]] = []

    def round(self, runs: int) -> tuple[float, float, float]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with contextlib.suppress(BrokenPipeError):  # it ended: what it complained of is raised below
            self._process.stdin.write(f"{runs}\n")
            self._process.stdin.flush()
        while line := self._process.stdout.readline():
            if line.startswith("["):
                return tuple(json.loads(line))
        raise RuntimeError(self.errors.read_text("utf-8", errors="replace")[-1500:])

    def close(self) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()


def compare(url: str, home: Path, options: argparse.Namespace) -> None:
    wanted = options.side or [*SIDES]
    absent = "haystack" in wanted and not (options.haystack or importlib.util.find_spec("haystack"))
    wanted = [name for name in wanted if not (absent and name == "haystack")]
    other = {"haystack": options.haystack or sys.executable}
    sides = {name: Side(name, url, home, other.get(name, sys.executable)) for name in wanted}
    runs = {name: CONCURRENT if name == "crewai" else options.runs for name in sides}
    try:
        for name, one in sides.items():
            one.round(runs[name])
        for _ in range(options.rounds):
            for name, one in sides.items():
                one.rounds.append(one.round(runs[name]))
    finally:
        for one in sides.values():
            one.close()
    show(sides)
    if absent:
        print("Haystack: not measured, it is not installed (--haystack PYTHON names an interpreter that has it)")


def show(sides: Mapping[str, Side]) -> None:
    fastest = min(calibration for one in sides.values() for _, calibration, _ in one.rounds)
    scaled = {name: [cpu * fastest / taken for cpu, taken, _ in one.rounds] for name, one in sides.items()}
    middle = {name: statistics.median(figures) for name, figures in scaled.items()}
    plain = middle.get("plain", float("nan"))
    print(
        f"{f'{CONCURRENT} at once':42}{'governed':>9}{'CPU ms a run':>14}{'spread':>14}{'of LG + LiteLLM':>17}{'MB':>6}"
    )
    for name, figures in scaled.items():
        spread = f"{min(figures):.1f} to {max(figures):.1f}"
        governed = "yes" if name in GOVERNED else "rails" if name == "nemo" else "no"
        ratio = middle[name] / plain
        memory = sides[name].rounds[-1][2]
        print(f"{SIDES[name]:42}{governed:>9}{middle[name]:14.2f}{spread:>14}{ratio:17.2f}{memory:6.0f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", help="not needed here; the other scripts take it")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--runs", type=int, default=128)
    parser.add_argument("--side", choices=[*SIDES], action="append")
    parser.add_argument("--profile", choices=[*SIDES])
    parser.add_argument(
        "--haystack",
        default=os.environ.get("HAYSTACK_PYTHON"),
        help="an interpreter that has haystack-ai, if this one has not; by default $HAYSTACK_PYTHON",
    )
    for hidden in ("--work", "--url", "--home"):
        parser.add_argument(hidden, help=argparse.SUPPRESS)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        asyncio.run(serve())
        return
    if options.work:
        asyncio.run(work(options.work, options.url, Path(options.home)))
        return
    server = subprocess.Popen([sys.executable, __file__, "--serve"], stdout=subprocess.PIPE, text=True, env=os.environ)
    try:
        assert server.stdout is not None
        url = f"http://127.0.0.1:{int(server.stdout.readline())}/v1"
        with tempfile.TemporaryDirectory() as folder:
            home = Path(folder)
            os.environ["AGENTKIT_HOME"] = folder
            (home / "requests.json").write_text(json.dumps(asyncio.run(requests_of(home))), "utf-8")
            if not options.profile:
                compare(url, home, options)
            asyncio.run(profile(options.profile or "direct", url, home, options.runs, detailed=bool(options.profile)))
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    main()
