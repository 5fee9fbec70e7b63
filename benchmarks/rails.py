"""Rails: CPU of one check of a 500-token passage, as we drive a NeMo folder and as stock NeMo Guardrails does.

Run from the project's folder: python benchmarks/rails.py [--data DIR]
The passages are cut from the contracts in DIR/summarization. No passage is seen in two rounds; words are remembered,
as in a long contract. The folder is guardrails/legal, and one with NeMo's own regex rail of fifty patterns. A stock
`LLMRails` runs input and output rails only while nothing is generated, so the retrieval rails have no stock figure. No
model is asked. Rounds of all sides take turns; a processor may change its speed within seconds, so each round's time is
scaled by a fixed job that runs just before and after it.
"""

import argparse
import asyncio
import json
import logging
import os
import statistics
import tempfile
import time
import warnings
from collections.abc import Awaitable, Callable
from pathlib import Path

from agentkit.adapters.nemo.compiled import compile_flow, run_flow
from agentkit.adapters.nemo.folder import load_folder
from agentkit.adapters.nemo.loaded import Folder, parse
from agentkit.adapters.nemo.rails import NemoRails
from agentkit.text.injection import score
from agentkit.types import Stage

ROOT = Path(__file__).resolve().parents[1]
TOKENS, CHARACTERS = 500, 2_250
PASSAGES, ROUNDS = 20, 5
DETECTOR = "the search for instructions, without any rail"
BUDGET_MS = 2.0
Check = Callable[[str], Awaitable[object]]
REGEX = """models: []
rails:
  config:
    regex_detection:
      input: {{patterns: {patterns}, case_insensitive: true}}
      output: {{patterns: {patterns}, case_insensitive: true}}
      retrieval: {{patterns: {patterns}, case_insensitive: true}}
  input: {{flows: [regex check input]}}
  output: {{flows: [regex check output]}}
  retrieval: {{flows: [regex check retrieval]}}
"""


def passages(data: Path) -> list[list[str]]:
    """Cut passages of about 500 tokens from real contracts, others for each round, each round's from all contracts."""
    found: list[str] = []
    for path in sorted((data / "summarization").glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            text = str(json.loads(line).get("text", ""))
            found += [text[at : at + CHARACTERS] for at in range(0, len(text) - CHARACTERS, CHARACTERS)]
    return [found[number :: ROUNDS + 1][:PASSAGES] for number in range(ROUNDS + 1)]


def fixed_job() -> float:
    began = time.process_time()
    sum(index * index % 7 for index in range(60_000))
    return time.process_time() - began


async def spent(check: Check, texts: list[str]) -> float:
    """Return CPU milliseconds a text of one round, at the speed of the fixed job."""
    before = fixed_job()
    began = time.process_time()
    for text in texts:
        await check(text)
    taken = time.process_time() - began
    return taken * 1000 / len(texts) / ((before + fixed_job()) / 2)


def regex_folder(root: Path) -> Path:
    patterns = [rf"\bmatter[- ]{number:03d}\b" for number in range(50)]
    (root / "config.yml").write_text(REGEX.format(patterns=json.dumps(patterns)), encoding="utf-8")
    return root


def ours(rails: NemoRails, stage: Stage) -> Check:
    marker = " [d0p1]" if stage == "output" else ""
    return lambda text: rails.check(text + marker, stage=stage)


def stock(folder: Path, stage: Stage) -> Check:
    """NeMo as it comes: one `LLMRails`, asked for the rails of one stage."""
    from nemoguardrails import LLMRails
    from nemoguardrails.rails.llm.options import RailType

    rails = LLMRails(parse(folder))
    marker, role = (" [d0p1]", "assistant") if stage == "output" else ("", "user")
    return lambda text: rails.check_async([{"role": role, "content": text + marker}], rail_types=[RailType(stage)])


def sides(scratch: Path) -> dict[str, tuple[Check, str]]:
    """Every side: how it checks a text, and which side is its baseline."""
    legal, regex = ROOT / "guardrails" / "legal", regex_folder(scratch)
    found: dict[str, tuple[Check, str]] = {}
    for name, folder in (("legal", legal), ("50 patterns", regex)):
        loaded = NemoRails.from_folder(folder)
        for stage in ("input", "output"):
            found[f"{name}, {stage}: stock LLMRails"] = stock(folder, stage), ""
            found[f"{name}, {stage}: as we drive it"] = ours(loaded, stage), f"{name}, {stage}: stock LLMRails"
        found[f"{name}, retrieval: as we drive it"] = ours(loaded, "retrieval"), ""

    async def detector(text: str) -> object:
        return score(text)

    found[DETECTOR] = detector, ""
    folder = load_folder(legal)
    return found | {
        f"  {stage}: {name}": (alone(folder, name, variable), "")
        for stage, variable in (("retrieval", "relevant_chunks"), ("output", "bot_message"))
        for name in folder.listed(stage)
    }


def alone(folder: Folder, name: str, variable: str) -> Check:
    """One rail by itself."""
    flow = compile_flow(folder.flows[name], folder.actions)
    assert flow is not None
    return lambda text: run_flow(flow, {variable: text}, folder.config)


async def measure(data: Path, scratch: Path) -> dict[str, tuple[float, str]]:
    """Return, by side, the median CPU milliseconds a text and the baseline's name."""
    texts, chosen = passages(data), sides(scratch)
    rounds: dict[str, list[float]] = {name: [] for name in chosen}
    jobs = [fixed_job() for _ in range(5)]
    for number in range(ROUNDS + 1):
        for name, (check, _) in chosen.items():
            taken = await spent(check, texts[number])
            if number:
                rounds[name].append(taken)
            jobs.append(fixed_job())
    return {name: (statistics.median(rounds[name]) * min(jobs), chosen[name][1]) for name in chosen}


def show(found: dict[str, tuple[float, str]]) -> str:
    lines = [f"{'CPU of one check, about 500 tokens':46} {'ms':>8} {'stock/ours':>11}"]
    for name, (taken, baseline) in found.items():
        ratio = f"{found[baseline][0] / taken:10.1f}x" if baseline else ""
        lines.append(f"{name:46} {taken:8.3f} {ratio:>11}")
    whole = found["legal, retrieval: as we drive it"][0]
    lines.append(f"budget {BUDGET_MS:g} ms for all rails of a passage: {'kept' if whole <= BUDGET_MS else 'missed'}")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data" / "dev", help="the labelled sets")
    data = parser.parse_args().data
    os.environ.setdefault("NEMO_GUARDRAILS_NO_USAGE_STATS", "1")
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    with tempfile.TemporaryDirectory() as scratch:
        print(show(asyncio.run(measure(data, Path(scratch)))))


if __name__ == "__main__":
    main()
