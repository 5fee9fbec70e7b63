"""Summaries and answers through the whole pipeline (rails, redaction, review), beside the embedded model alone.

    python benchmarks/pipeline.py [--data ../shared/data/dev] [--limit N]

*key facts*: `AgentKit.summarize` with `max_words=400` of each contract; the claims' texts in the report's order are
scored as `summarization.py` does. *ask*: `AgentKit.ask` of each labelled question, scored as `ask.py` does.
*model alone*: the same without rails, redaction and review. *lost*: which key facts the model alone covers and the
pipeline does not, and the other way around.
"""

import argparse
import asyncio
import contextlib
import json
import logging
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from ask import Answers, Row, bm25, labelled, measure, ours
from summarization import covered, keyfacts, lead, rows
from summarization import ours as model_alone

from agentkit import AgentKit
from agentkit.app import Options
from agentkit.report import Report

ROOT = Path(__file__).parents[1]
WORDS = 400


@contextlib.contextmanager
def workplace() -> Iterator[Path]:
    """A folder of its own for texts and runs, named in AGENTKIT_HOME."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["AGENTKIT_HOME"] = str(Path(folder) / "home")
        yield Path(folder)


async def summaries(texts: Sequence[str], folder: Path) -> list[Report]:
    reports: list[Report] = []
    async with AgentKit() as kit:
        for number, text in enumerate(texts):
            path = folder / f"contract-{number}.txt"
            path.write_text(text, encoding="utf-8", newline="")
            reports.append(await kit.summarize([path], options=Options(max_words=WORDS)))
    return reports


async def answers(questions: Sequence[tuple[Path, str]]) -> list[Report]:
    async with AgentKit() as kit:
        return [await kit.ask([path], question) for path, question in questions]


def key_facts(data: Path, folder: Path, *, limit: int | None) -> None:
    entries = rows(data / "summarization" / "cuad_keyfacts.jsonl")[:limit]
    scorers = [score for _, _, score in list(keyfacts(data))[:limit]]
    texts = [entry["text"] for entry in entries]
    began = time.process_time()
    reports = asyncio.run(summaries(texts, folder))
    spent = time.process_time() - began
    whole = [" ".join(claim.text for claim in report.claims) for report in reports]
    alone = [model_alone(text, WORDS) for text in texts]
    print(f"key facts, {len(texts)} contracts, {WORDS} words")
    for name, shown in (
        ("agentkit summarize", whole),
        ("embedded/extractive alone", alone),
        ("lead-k", [lead(text, WORDS) for text in texts]),
    ):
        cut = [" ".join(text.split()[:WORDS]) for text in shown]
        mean = sum(score(text) for score, text in zip(scorers, cut, strict=True)) / len(cut)
        words = sum(len(text.split()) for text in cut) / len(cut)
        print(f"  {name:34}{mean:.3f}   {words:4.0f} words")
    differences([entry["facts"] for entry in entries], alone, whole)
    statuses(reports)
    print(f"  CPU {spent / len(texts):.2f} s a contract")


def differences(facts: Sequence[list[dict]], alone: Sequence[str], whole: Sequence[str]) -> None:
    lost = won = 0
    for marked, first, second in zip(facts, alone, whole, strict=True):
        for fact in marked:
            before, after = covered(fact, first), covered(fact, second)
            lost, won = lost + (before and not after), won + (after and not before)
    print(f"  of {sum(map(len, facts))} facts the pipeline loses {lost} that the model alone covers, and wins {won}")


def statuses(reports: Sequence[Report]) -> None:
    counts = {status: sum(report.status == status for report in reports) for status in {r.status for r in reports}}
    removed = sum(len(report.removed_claims) for report in reports)
    unverified = sum(claim.verdict.label != "supported" for report in reports for claim in report.claims)
    claims = sum(len(report.claims) for report in reports)
    print(f"  {claims} claims, {unverified} not supported, {removed} removed; {counts}")


def asked(data: Path, *, limit: int | None) -> None:
    entries = [json.loads(line) for line in (data / "ask/questions.jsonl").read_text("utf-8").splitlines()]
    labels: list[Row] = labelled(data)
    if limit is not None:
        half = max(1, limit // 2)
        ways = ([n for n, row in enumerate(labels) if bool(row.answers) is there][:half] for there in (True, False))
        chosen = [number for way in ways for number in way]
        entries, labels = [entries[n] for n in chosen], [labels[n] for n in chosen]
    began = time.process_time()
    reports = asyncio.run(answers([(data / "ask" / entry["document"], entry["question"]) for entry in entries]))
    spent = time.process_time() - began
    whole: Answers = [(float(r.status != "unanswered"), [claim.text for claim in r.claims]) for r in reports]
    there = sum(bool(row.answers) for row in labels)
    print(f"\nask: {there} questions with an answer, {len(labels) - there} without")
    print(f"  {'':34}first   three   declined   mean of three and declined")
    for name, given, floor in (
        ("agentkit ask", whole, 0.0),
        ("embedded/extractive alone", ours(labels), 0.0),
        ("BM25, three best, never declines", bm25(labels), -1.0),
    ):
        first, three, declined = measure(labels, given, exact=False, floor=floor)
        print(f"  {name:34}{first:.3f}   {three:.3f}   {declined:.3f}      {(three + declined) / 2:.3f}")
    statuses(reports)
    print(f"  CPU {spent / len(reports):.2f} s a question")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT / "../shared/data/dev")
    parser.add_argument("--limit", type=int, help="so many contracts, and so many questions, half without an answer")
    options = parser.parse_args()
    logging.getLogger("bm25s").setLevel(logging.WARNING)
    with workplace() as folder:
        key_facts(options.data, folder, limit=options.limit)
        asked(options.data, limit=options.limit)


if __name__ == "__main__":
    main()
