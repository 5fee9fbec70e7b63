"""What starting, summarizing and governing cost, as ratios of CPU time, beside what they are measured against.

    python benchmarks/budgets.py [--data ../shared/data/dev] [--rounds 5] [--part start|memory|whole|governed|profile]

CPU time is user and system time of the child process, the least of several rounds; the sides of each ratio take
turns, so that a slow machine slows all. Peak memory is the child's resident set. The contracts of 40 and 500 pages
are the sample lease's text, repeated with other numbers. *governed*: 64 questions at once about a short letter, with
a canned model (no time of a model or network is in it), in one process, after a warm-up.
"""

import argparse
import asyncio
import cProfile
import json
import os
import pstats
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LEASE = ROOT / "examples/documents/lease.pdf"
AGENTKIT = [str(Path(sys.executable).parent / "agentkit")]
FOREIGN = (
    "import sys; before = set(sys.modules); import agentkit; new = {m.split('.')[0] for m in set(sys.modules) - before}"
    "; print(*sorted(new - set(sys.stdlib_module_names) - {'agentkit'}) or ['nothing'])"
)
CONCURRENT = 64
LETTER = """Dear Ms Helen Carter,

we confirm the lease of the shop beside the mill.
The rent is EUR 2,450 a month, payable on the first day of each month.
Either party may end the lease by notice in writing of three months.

Kind regards
"""

Cost = tuple[float, float]


def child(command: Sequence[str], home: Path) -> Cost:
    """Run a command to its end; return its CPU seconds and its peak memory in MB."""
    quiet = {"CREWAI_DISABLE_TELEMETRY": "true", "OTEL_SDK_DISABLED": "true", "AGENTKIT_HOME": str(home)}
    with (home / "output.txt").open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, cwd=ROOT, env={**os.environ, **quiet})
        _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in {0, 4}:
        said = (home / "output.txt").read_text("utf-8", errors="replace")[-500:]
        raise SystemExit(f"{' '.join(command)[:90]} ended with {process.returncode}: {said}")
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def summarize(path: Path, home: Path) -> list[str]:
    return [*AGENTKIT, "summarize", str(path), "--out", str(home / "report"), "--force"]


def make(pages: int, home: Path) -> Path:
    """Write a lease of that many pages, in a process of its own: this one stays small."""
    path = home / f"lease-{pages}.pdf"
    child([sys.executable, __file__, "--make", f"{pages}={path}"], home)
    return path


def start(home: Path, rounds: int) -> None:
    forty = make(40, home)
    commands = {
        "python -c pass": [sys.executable, "-c", "pass"],
        "import agentkit": [sys.executable, "-c", "import agentkit"],
        "agentkit --help": [*AGENTKIT, "--help"],
        "summarize the sample lease": summarize(LEASE, home),
        "summarize 40 pages": summarize(forty, home),
        "import crewai": [sys.executable, "-c", "import crewai"],
    }
    costs: dict[str, list[Cost]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            costs[name].append(child(command, home))
    least = {name: min(cpu for cpu, _ in taken) for name, taken in costs.items()}
    empty, crew = least["python -c pass"], least["import crewai"]
    print(f"{'cold process':28}{'CPU ms':>8}{'over an empty one':>19}{'of import crewai':>18}{'peak MB':>9}")
    for name, cpu in least.items():
        peak = max(peak for _, peak in costs[name])
        print(f"{name:28}{cpu * 1000:8.0f}{(cpu - empty) * 1000:+19.0f}{cpu / crew:18.2f}{peak:9.0f}")
    child([sys.executable, "-c", FOREIGN], home)
    print(f"import agentkit loads, beside the standard library: {(home / 'output.txt').read_text('utf-8').strip()}")


def memory(home: Path, data: Path) -> None:
    print(f"{'summarize':44}{'pages':>6}{'CPU s':>7}{'peak MB':>9}")
    real = sorted((data / "documents").glob("*.pdf"), key=lambda path: path.stat().st_size)[-2:]
    for path in (LEASE, make(40, home), make(500, home), *real):
        cpu, peak = child(summarize(path, home), home)
        source = json.loads((home / "report/report.json").read_text("utf-8"))["sources"][0]
        name = "a contract of DATA" if path in real else path.stem
        print(f"{name:44}{source['pages']:6}{cpu:7.1f}{peak:9.0f}")


def make_lease(given: str) -> None:
    from fpdf import FPDF

    from agentkit.reading import read_document

    pages, path = given.split("=", 1)
    text = read_document(LEASE, index=0).text.encode("latin-1", "replace").decode("latin-1")
    pdf = FPDF()
    pdf.set_font("Helvetica", size=11)
    copy = 0
    pdf.add_page()
    while pdf.page_no() < int(pages):
        changed = re.sub(r"\d+", lambda number, copy=copy: str(int(number[0]) + copy), text)
        for line in changed.splitlines():
            if pdf.page_no() == int(pages) and pdf.get_y() > pdf.h - 40:
                break
            pdf.multi_cell(0, 5, line or " ", new_x="LMARGIN", new_y="NEXT")
        copy += 1
    pdf.output(path)


def whole(rounds: int) -> None:
    """The wall time of a warm run beside the sum of its nodes' times."""
    from agentkit import AgentKit

    async def measure() -> None:
        async with AgentKit() as kit:
            best: tuple[float, float, Mapping[str, float]] = (float("inf"), 0, {})
            for _ in range(rounds):
                began = time.perf_counter()
                report = await kit.summarize([LEASE])
                took = (time.perf_counter() - began) * 1000
                best = min(best, (took, sum(report.timings_ms.values()), report.timings_ms), key=lambda item: item[0])
            print(f"the sample lease, warm: {best[0]:.0f} ms, {best[0] / best[1]:.2f} times the sum of its nodes")
            print("  " + ", ".join(f"{node} {ms:.0f}" for node, ms in best[2].items() if ms >= 1))

    asyncio.run(measure())


def canned() -> object:
    """A model that cites the rent, whatever it is asked, and takes no time."""
    from agentkit.testing.fakes import ScriptedBackend

    def reply(prompt: object) -> str:
        quote = "The rent is EUR 2,450 a month, payable on the first day of each month."
        passage = next(item for item in prompt.passages if quote in item.text)
        claim = {"text": quote, "citations": [{"passage": passage.id, "quote": quote}]}
        return json.dumps({"answered": True, "claims": [claim]})

    return ScriptedBackend(reply, deterministic=True)


async def plain_graph(_: int) -> None:
    """LangGraph alone: as many nodes as a governed question runs through, none of which does anything."""
    from langgraph.graph import END, START, StateGraph

    if not _PLAIN:
        graph = StateGraph(dict)
        names = [f"n{number}" for number in range(9)]
        for before, name in zip([START, *names], names, strict=False):
            graph.add_node(name, lambda _: {})
            graph.add_edge(before, name)
        graph.add_edge(names[-1], END)
        _PLAIN.append(graph.compile())
    await _PLAIN[0].ainvoke({"question": "?"})


_PLAIN: list = []


async def cpu_ms(run: Callable[[int], Awaitable[object]], rounds: int) -> float:
    """Return the CPU milliseconds of one of 64 concurrent runs: the least of several rounds, after one more."""
    best = float("inf")
    for _ in range(rounds + 1):
        began = time.process_time()
        await asyncio.gather(*(run(number) for number in range(CONCURRENT)))
        best = min(best, time.process_time() - began)
    return best / CONCURRENT * 1000


async def governed(home: Path, rounds: int, *, profile: bool = False) -> None:
    from agentkit import AgentKit, Config

    letter = home / "letter.txt"
    letter.write_text(LETTER, encoding="utf-8")
    if not profile:
        print(f"{CONCURRENT} at once, canned model{'':22}{'CPU ms a run':>14}")
        print(f"{'LangGraph alone, nine empty nodes':44}{await cpu_ms(plain_graph, rounds):14.1f}")
    for adapter in ["sqlite"] if profile else ["memory", "sqlite"]:
        config = Config.load().model_copy(update={"checkpoint": type(Config.load().checkpoint)(adapter=adapter)})
        async with AgentKit(config, model=canned(), home=home / adapter) as kit:

            async def ask(_: int, kit: AgentKit = kit) -> None:
                report = await kit.ask([letter], "What is the rent?")
                assert report.status == "approved", report.status

            if profile:
                await cpu_ms(ask, 0)
                await profiled(ask)
            else:
                print(f"{f'agentkit ask, checkpoints: {adapter}':44}{await cpu_ms(ask, rounds):14.1f}")


async def profiled(ask: Callable[[int], Awaitable[object]]) -> None:
    """Print what dominates a governed run, by the time under each function, in this thread."""
    profiler = cProfile.Profile(time.thread_time)  # without waiting, and without the threads of SQLite
    profiler.enable()
    await asyncio.gather(*(ask(number) for number in range(CONCURRENT)))
    profiler.disable()
    table = pstats.Stats(profiler).stats
    total = sum(row[2] for row in table.values())
    print(
        f"{total / CONCURRENT * 1000:.1f} ms a run in this thread, under the profiler, which slows small functions most"
    )
    for column, title in ((3, "with what they call"), (2, "by themselves")):
        print(f"\n{'ms a run':>9} {'share':>6}  functions {title}")
        ranked = sorted(table.items(), key=lambda item: -item[1][column])[: 45 if column == 3 else 15]
        for (path, line, name), row in ranked:
            place = "/".join(Path(path).parts[-3:])
            print(f"{row[column] / CONCURRENT * 1000:9.2f} {row[column] / total:6.1%}  {place}:{line} {name}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared/data/dev")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--part", choices=["start", "memory", "whole", "governed", "profile"], action="append")
    parser.add_argument("--make", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.make:
        return make_lease(options.make)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        os.environ["AGENTKIT_HOME"] = folder
        jobs = {
            "start": lambda: start(home, options.rounds),
            "memory": lambda: memory(home, options.data),
            "whole": lambda: whole(options.rounds),
            "governed": lambda: asyncio.run(governed(home, options.rounds)),
            "profile": lambda: asyncio.run(governed(home, 0, profile=True)),
        }
        for part in options.part or ["start", "memory", "whole", "governed"]:
            jobs[part]()
            print()
    return None


if __name__ == "__main__":
    main()
