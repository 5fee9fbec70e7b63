"""How well questions are answered, and declined where the documents do not say.

    python benchmarks/ask.py --data ../shared/data/dev

Two kinds of questions: 41 clause types over contracts that experts labelled (DATA/ask), and plain questions of our
own over short documents (tests/unit/qa; first: developed with; the others: first
used blind, then developed with, too).
"Answered" means: the expert's words, or half of their word pairs (of the first 40 words), are in the first claim, or
the first three; for our own questions, the expected words are. "Declined" means: no claim where there is none to make.
The baselines are BM25 over the same sentences: the best three, never declining,
and declining below the score that suits this very data best, which no user could know.
"""

import argparse
import json
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import bm25s
import yaml

from agentkit.legal.answering import answer
from agentkit.legal.answering_index import build_index
from agentkit.reading.document import read_document
from agentkit.text.splitting import split_document
from agentkit.text.structure import find_sections
from agentkit.types import Document, SafePassage

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Row:
    """A question over passages; no `answers` where the documents do not say."""

    question: str
    passages: list[SafePassage]
    answers: list[str]


Answers = list[tuple[float, list[str]]]
Answerer = Callable[[Sequence[Row]], Answers]


def words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", text.lower())


def covered(gold: Sequence[str], claims: Sequence[str]) -> bool:
    """Whether the expert's words, or half of the pairs among the first forty, are in the claims."""
    texts = [words(claim) for claim in claims]
    pairs = {pair for text in texts for pair in pairwise(text)}
    joined = " | ".join(f" {' '.join(text)} " for text in texts)
    for answer_words in (words(text)[:40] for text in gold):
        wanted = set(pairwise(answer_words))
        if f" {' '.join(answer_words)} " in joined or (wanted and 2 * len(wanted & pairs) >= len(wanted)):
            return True
    return False


def safe(document: Document) -> list[SafePassage]:
    return [
        SafePassage(p.id, p.source, p.start, p.end, p.text, p.page, p.locator, p.section, p.kind)
        for p in split_document(document)
    ]


def labelled(data: Path) -> list[Row]:
    rows = [json.loads(line) for line in (data / "ask/questions.jsonl").read_text("utf-8").splitlines()]
    read = {name: safe(read_document(data / "ask" / name, index=0)) for name in {row["document"] for row in rows}}
    return [Row(row["question"], read[row["document"]], [] if row["absent"] else row["answers"]) for row in rows]


def own(name: str) -> list[Row]:
    rows: list[Row] = []
    for group in yaml.safe_load((ROOT / f"tests/unit/qa/{name}.yaml").read_text("utf-8")):
        read: list[SafePassage] = []
        for index, (title, text) in enumerate(group["documents"].items()):
            read += safe(Document(index, title, "text/plain", "", text, sections=find_sections(text)))
        rows += [Row(row["q"], read, row["a"]) for row in group["questions"]]
    return rows


def ours(rows: Sequence[Row]) -> Answers:
    found = (answer(row.question, row.passages) for row in rows)
    return [(float(item.answered), [claim.text for claim in item.claims]) for item in found]


def bm25(rows: Sequence[Row]) -> Answers:
    """The three sentences that BM25 ranks first, with the score of the best."""
    answers: Answers = []
    built: dict[int, tuple[bm25s.BM25, list[str]]] = {}
    for row in rows:
        if id(row.passages) not in built:
            sentences = [unit.text for unit in build_index(row.passages).units]
            engine = bm25s.BM25()
            engine.index(bm25s.tokenize(sentences, stopwords="en", show_progress=False), show_progress=False)
            built[id(row.passages)] = engine, sentences
        engine, sentences = built[id(row.passages)]
        query = bm25s.tokenize(row.question, stopwords="en", show_progress=False)
        places, scores = engine.retrieve(query, k=min(3, len(sentences)), show_progress=False)
        answers.append((float(scores[0][0]), [sentences[place] for place in places[0]]))
    return answers


def right(row: Row, claims: Sequence[str], *, exact: bool) -> bool:
    if exact:
        return any(" ".join(gold.split()) in " ".join(claim.split()) for gold in row.answers for claim in claims)
    return covered(row.answers, claims)


def measure(rows: Sequence[Row], answers: Answers, *, exact: bool, floor: float = 0.0) -> tuple[float, float, float]:
    """Return the shares answered in the first claim, in the first three, and declined."""
    scored = list(zip(rows, answers, strict=True))
    present = [(row, claims) for row, (score, claims) in scored if row.answers and score > floor]
    there = sum(bool(row.answers) for row in rows)
    absent = [score for row, (score, _) in scored if not row.answers]
    first = sum(right(row, claims[:1], exact=exact) for row, claims in present)
    three = sum(right(row, claims[:3], exact=exact) for row, claims in present)
    return first / there, three / there, sum(score <= floor for score in absent) / len(absent)


def report(name: str, rows: Sequence[Row], *, exact: bool) -> None:
    there = sum(bool(row.answers) for row in rows)
    print(f"\n{name}: {there} with an answer, {len(rows) - there} without")
    print(f"  {'':34}first   three   declined   mean of three and declined")
    ranked = bm25(rows)
    floors = sorted({score for score, _ in ranked})
    best = max(floors, key=lambda floor: sum(measure(rows, ranked, exact=exact, floor=floor)[1:]))
    for title, answers, floor in (
        ("agentkit", ours(rows), 0.0),
        ("BM25, three best, never declines", ranked, -1.0),
        ("BM25, declines at the best score", ranked, best),
    ):
        first, three, declined = measure(rows, answers, exact=exact, floor=floor)
        print(f"  {title:34}{first:.3f}   {three:.3f}   {declined:.3f}      {(three + declined) / 2:.3f}")


def speed(rows: Sequence[Row]) -> None:
    """CPU seconds over the longest contract: the first question, the next, and forty-one."""
    row = max(rows, key=lambda item: sum(len(p.text) for p in item.passages))
    questions = list(dict.fromkeys(item.question for item in rows))
    fresh = [SafePassage(f"x{p.id}", p.source, p.start, p.end, p.text, section=p.section) for p in row.passages]
    start = time.process_time()
    answer("Who pays the lender's costs?", fresh)
    first = time.process_time()
    for question in questions:
        answer(question, fresh)
    end = time.process_time()
    size = sum(len(passage.text) for passage in fresh)
    each = (end - first) / len(questions)
    print(f"\n{size} characters: first question {first - start:.3f} s, the next {each:.4f} s each")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT / "../shared/data/dev")
    arguments = parser.parse_args()
    rows = labelled(arguments.data)
    report("Clause types, labelled contracts", rows, exact=False)
    for path in sorted((ROOT / "tests/unit/qa").glob("*.yaml")):
        report(f"Plain questions, {path.stem} set", own(path.stem), exact=True)
    speed(rows)


if __name__ == "__main__":
    main()
