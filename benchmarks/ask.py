"""How well questions are answered, and declined where the documents do not say.

    python benchmarks/ask.py --data ../shared/data/dev

Two kinds of questions: 41 clause types over contracts that experts labelled (DATA/ask), and plain questions of our
own over short documents (tests/unit/qa; first: developed with; the others: first
used blind, then developed with, too).
"Answered" means: the expert's words, or half of their word pairs (of the first 40 words), are in the first claim, or
the first three; for our own questions, the expected words are. "Declined" means: no claim where there is none to make.
The baselines are BM25 over the same sentences: the best three, never declining,
and declining below the score that suits this very data best, which no user could know.

Then the clause types over an index: of these contracts, and of them among the agreements of DATA/faithfulness. A
question names its contract by title and parties, by title alone, or not at all; then it is answered where one of the
contracts is, and declined where none of them says. A claim counts only from the contract that is asked for. What is
kept of the passages that the index finds is a share of the best one's score (`agentkit.gathering`): half of it as
shipped, and other shares beside it.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import bm25s
import yaml

from agentkit import gathering
from agentkit.adapters.memory.corpus import Corpus
from agentkit.config import Config
from agentkit.legal.answering import answer
from agentkit.legal.answering_index import build_index
from agentkit.reading.document import read_document
from agentkit.text.splitting import split_document
from agentkit.text.structure import find_sections
from agentkit.types import Document, Passage, SafePassage

ROOT = Path(__file__).parents[1]
KEPT = (0.0, 0.25, 0.5, 0.75)


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
    return [safe_passage(passage) for passage in split_document(document)]


def safe_passage(p: Passage) -> SafePassage:
    return SafePassage(p.id, p.source, p.start, p.end, p.text, p.page, p.locator, p.section, p.kind)


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def labelled(data: Path) -> list[Row]:
    rows = lines(data / "ask/questions.jsonl")
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
        tell(title, *measure(rows, answers, exact=exact, floor=floor))


def tell(label: str, first: float, three: float, declined: float) -> None:
    print(f"  {label:34}{first:.3f}   {three:.3f}   {declined:.3f}      {(three + declined) / 2:.3f}", flush=True)


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


@dataclass(frozen=True, slots=True)
class Wanted:
    """A question to an index, and the right words by contract; none where no contract says."""

    question: str
    answers: dict[str, list[str]]


def wanted(data: Path) -> dict[str, list[Wanted]]:
    """Return what is asked by how it names its contract."""
    rows = lines(data / "ask/questions.jsonl")
    by_label: dict[str, list[dict[str, object]]] = defaultdict(list)
    for row in rows:
        by_label[row["id"].partition(":")[2]].append(row)
    titles = {row["document"]: row["answers"][0] for row in by_label["Document Name"]}
    parties = {row["document"]: "; ".join(row["answers"]) for row in by_label["Parties"]}

    def one(row: dict[str, object], name: str) -> Wanted:
        gold = {} if row["absent"] else {row["document"]: row["answers"]}
        return Wanted(f"Consider the {name}: {row['question']}", gold)

    anywhere = [
        Wanted(group[0]["question"], {row["document"]: row["answers"] for row in group if not row["absent"]})
        for group in by_label.values()
    ]
    return {
        "title and parties": [
            one(row, f"{titles[row['document']]} between {parties[row['document']]}") for row in rows
        ],
        "title": [one(row, titles[row["document"]]) for row in rows],
        "not named": anywhere,
    }


class Asked:
    """An index of files that answers as `agentkit ask --index` does, but for rails, redaction and review."""

    def __init__(self, index: str, files: Path) -> None:
        self.corpus = Corpus.load(Path(index))
        self.names = sorted(path.name for path in files.iterdir())
        self.passages = {
            passage.id: passage
            for number, name in enumerate(self.names)
            for passage in split_document(read_document(files / name, index=number))
        }
        self.places = {name: number for number, name in enumerate(self.names)}

    def found(self, question: str, shares: Sequence[float]) -> Iterator[list[str]]:
        """Yield the passages that the embedded model is given, for each share of the best score that is kept."""
        searched = self.corpus.search(question, top_k=gathering._HITS)  # noqa: SLF001  (a benchmark sets what users cannot)
        hits = gathering._telling(question, searched)  # noqa: SLF001
        for share in shares:
            near = [hit for hit in hits if hit.ranked.score >= share * hits[0].ranked.score]
            documents = list(dict.fromkeys(hit.entry.document for hit in near))[: gathering.MOST_DOCUMENTS]
            held = [gathering._Words.of(hit.entry) for hit in near if hit.entry.document in documents]  # noqa: SLF001
            found = gathering._found(held, self.places, list(self.passages.values()))  # noqa: SLF001
            yield found[: Config().retrieval.top_k]

    def claims(self, question: str, found: Sequence[str]) -> list[tuple[str, str]]:
        """Return claims and their files; none where it is declined."""
        made = answer(question, [safe_passage(self.passages[name]) for name in found])
        told = [(claim.text, self.names[self.passages[claim.passage].source]) for claim in made.claims]
        return told if made.answered else []


@contextmanager
def index_of(texts: dict[str, str]) -> Iterator[Asked]:
    """Index texts by `agentkit index`."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "files"
        folder.mkdir()
        for name, text in texts.items():
            (folder / name).write_text(text, "utf-8")
        command = [sys.executable, "-m", "agentkit", "index", str(folder), "--index", f"{scratch}/index"]
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
        yield Asked(f"{scratch}/index", folder)


def from_right(one: Wanted, claims: Sequence[tuple[str, str]]) -> bool:
    return any(covered(gold, [text for text, name in claims if name == right]) for right, gold in one.answers.items())


def over_index(title: str, index: Asked, questions: Sequence[Wanted]) -> None:
    there = sum(bool(one.answers) for one in questions)
    print(f"\n{title}: {there} with an answer, {len(questions) - there} without")
    print(f"  {'share of the best that is kept':34}first   three   declined   mean of three and declined")
    told: dict[float, list[list[tuple[str, str]]]] = defaultdict(list)
    for one in questions:
        known: dict[tuple[str, ...], list[tuple[str, str]]] = {}
        for share, found in zip(KEPT, index.found(one.question, KEPT), strict=True):
            if tuple(found) not in known:
                known[tuple(found)] = index.claims(one.question, found)
            told[share].append(known[tuple(found)])
    for share, answers in told.items():
        scored = list(zip(questions, answers, strict=True))
        first = sum(from_right(one, claims[:1]) for one, claims in scored) / there
        three = sum(from_right(one, claims[:3]) for one, claims in scored) / there
        declined = sum(not claims for one, claims in scored if not one.answers) / (len(questions) - there)
        tell(f"{share:.2f}", first, three, declined)
    # Over the sentences of all files, and generously: right is what covers the expert's words, wherever it stands.
    passages = [safe_passage(passage) for passage in index.passages.values()]
    rows = [Row(one.question, passages, [text for gold in one.answers.values() for text in gold]) for one in questions]
    tell("BM25, three best, never declines", *measure(rows, bm25(rows), exact=False, floor=-1.0))


def over_indexes(data: Path) -> None:
    texts = {path.name: path.read_text("utf-8") for path in sorted((data / "ask").glob("*.txt"))}
    others = {f"{row['doc_id']}.txt": row["text"] for row in lines(data / "faithfulness/contractnli_docs.jsonl")}
    asked = wanted(data)
    with index_of(texts) as index:
        for naming, questions in asked.items():
            over_index(f"An index of {len(texts)} contracts, {naming}", index, questions)
    with index_of(texts | others) as index:
        for naming in ("title and parties", "title"):
            over_index(f"Among {len(others)} other agreements, {naming}", index, asked[naming])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT / "../shared/data/dev")
    arguments = parser.parse_args()
    rows = labelled(arguments.data)
    report("Clause types, labelled contracts", rows, exact=False)
    for path in sorted((ROOT / "tests/unit/qa").glob("*.yaml")):
        report(f"Plain questions, {path.stem} set", own(path.stem), exact=True)
    over_indexes(arguments.data)
    speed(rows)


if __name__ == "__main__":
    main()
