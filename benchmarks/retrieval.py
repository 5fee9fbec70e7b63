"""How well the embedded search ranks, what each component adds, how robust that is, and what it costs.

    python benchmarks/retrieval.py --data ../shared/data/dev [--passages 100000]

Three tasks (DATA/retrieval): a statement to be entailed by a passage of one agreement (contractnli), a question for a
clause in one contract (cuad), the same over all of them (cuad_global, the question names its contract). nDCG at ten.
Beside it, in the same run, bm25s with its English stemmer, and the search with one component left out or its weight
changed. Robust: the spread over five random halves of the documents, and questions of our own in plain words in place
of those of the set, for which our table of questions was not made. The index is measured on passages recombined from
the sets' sentences, with CPU time of one core.
"""

import argparse
import json
import math
import random
import resource
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import bm25s
import numpy as np
import psutil
import Stemmer

from agentkit.adapters.memory import segment as segments
from agentkit.adapters.memory.corpus import Corpus, by_document
from agentkit.adapters.memory.engine import Engine, whole
from agentkit.adapters.memory.segment import build
from agentkit.adapters.memory.store import writing
from agentkit.indexed import Entry, Known, Principal
from agentkit.legal import clauses, search
from agentkit.legal.ranking import WEIGHTS, Weights

ROOT = Path(__file__).parents[1]
TASKS = ("contractnli", "cuad", "cuad_global")
# Questions as a client would put them. The first letters say which label of the set they stand for.
PLAIN = {
    "Governing Law": "If we end up quarrelling, the rules of which country or state count?",
    "Expiration Date": "Until when does this run?",
    "Renewal Term": "Does it carry on by itself once it is over, and for how long?",
    "Notice Period To Terminate Renewal": "How early do I have to tell them that I do not want to carry on?",
    "Anti-Assignment": "Can they hand this over to someone else without asking us?",
    "Cap On Liability": "Is there a most that one side would ever have to pay the other?",
    "Insurance": "Does anybody have to be covered by an insurer?",
    "Audit Rights": "May somebody come and look through the books?",
    "Exclusivity": "Are they the only ones we may work with?",
    "Non-Compete": "Is somebody kept from running a rival business?",
    "Termination For Convenience": "Can somebody walk away without giving a reason?",
    "Revenue/Profit Sharing": "Who gets a cut of the takings?",
    "Minimum Commitment": "What is the least that must be bought?",
    "License Grant": "What are they allowed to do with our brand or software?",
    "Ip Ownership Assignment": "Who owns what is made along the way?",
    "Post-Termination Services": "What still has to be done after the end?",
    "Warranty Duration": "How long do they stand behind what they delivered?",
    "Change Of Control": "What happens if one of the companies is sold?",
    "Liquidated Damages": "Is a fixed sum due if it goes wrong or ends early?",
    "Third Party Beneficiary": "Can an outsider rely on this?",
}


@dataclass(frozen=True, slots=True)
class Task:
    """Passages, queries (id, text, document or None, label) and the ids of the right passages of each."""

    passages: list[Entry]
    queries: list[tuple[str, str, str | None, str]]
    right: dict[str, set[str]]


def rows(path: Path) -> Iterator[dict[str, str]]:
    return (json.loads(line) for line in path.read_text("utf-8").splitlines())


def load(data: Path, name: str) -> Task:
    base, anywhere = name.removesuffix("_global"), name.endswith("_global")
    folder = data / "retrieval"
    passages = [
        Entry(row["_id"], row["doc_id"], row.get("title", ""), 0, len(row["text"]), row["text"])
        for row in rows(folder / f"{base}_corpus.jsonl")
    ]
    right: dict[str, set[str]] = defaultdict(set)
    for row in rows(folder / f"{base}_qrels.jsonl"):
        right[row["qid"]].add(row["pid"])
    queries = [
        (q["_id"], q["text_global" if anywhere else "text"], None if anywhere else q["doc_id"], q.get("category", ""))
        for q in rows(folder / f"{base}_queries.jsonl")
        if q["_id"] in right
    ]
    return Task(passages, queries, right)


def ndcg(found: Sequence[str], right: set[str]) -> float:
    gained = sum(1 / math.log2(place + 2) for place, one in enumerate(found[:10]) if one in right)
    return gained / sum(1 / math.log2(place + 2) for place in range(min(10, len(right))))


def mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else float("nan")


Ask = Callable[[str, str | None], list[str]]


def scores(task: Task, ask: Ask) -> dict[str, float]:
    return {key: ndcg(ask(text, document), task.right[key]) for key, text, document, _ in task.queries}


def bm25(task: Task) -> Ask:
    """Rank by bm25s with its English stemmer and stop words, over the document asked for or all passages."""
    stemmer = Stemmer.Stemmer("english")
    indexes: dict[str | None, tuple[list[Entry], bm25s.BM25]] = {}

    def ask(text: str, document: str | None) -> list[str]:
        if document not in indexes:
            held = [entry for entry in task.passages if document in {None, entry.document}]
            index = bm25s.BM25(k1=1.2, b=0.6)
            texts = [f"{entry.title}\n{entry.text}" for entry in held]
            index.index(
                bm25s.tokenize(texts, stopwords="en", stemmer=stemmer, show_progress=False), show_progress=False
            )
            indexes[document] = held, index
        held, index = indexes[document]
        asked = bm25s.tokenize([text], stopwords="en", stemmer=stemmer, show_progress=False)
        found, _ = index.retrieve(asked, k=min(10, len(held)), show_progress=False)
        return [held[place].id for place in found[0]]

    return ask


def engine(segment: segments.Segment, weights: Weights) -> Ask:
    made = Engine([whole(segment)], weights=weights)
    return lambda text, document: [hit.entry.id for hit in made.search(text, top_k=10, document=document)]


def without_synonyms(ask: Ask) -> Ask:
    def plain(text: str, document: str | None) -> list[str]:
        kept = search._SYNONYM, search._RELATED  # noqa: SLF001  (the ablation sets what users cannot)
        search._SYNONYM = search._RELATED = 1e-9  # noqa: SLF001
        search.read_query.cache_clear()
        found = ask(text, document)
        search._SYNONYM, search._RELATED = kept  # noqa: SLF001
        search.read_query.cache_clear()
        return found

    return plain


CHANGED: dict[str, dict[str, float]] = {
    "words alone": dict.fromkeys(Weights.__slots__, 0.0),
    "without the clause's type": {"clause": 0.0, "stated": 0.0},
    "  half of it": {"clause": WEIGHTS.clause / 2, "stated": WEIGHTS.stated / 2},
    "without coverage": {"coverage": 0.0},
    "  twice": {"coverage": WEIGHTS.coverage * 2},
    "without neighbours": {"neighbour": 0.0},
    "  twice ": {"neighbour": WEIGHTS.neighbour * 2},
    "without lists": {"lead": 0.0, "items": 0.0},
    "  half of them": {"lead": WEIGHTS.lead / 2, "items": WEIGHTS.items / 2},
    "without what short ones lose": {"short": 0.0},
    "without the named document": {"document": 0.0},
    "  half of it ": {"document": WEIGHTS.document / 2},
}


def ranking(data: Path) -> None:
    tasks = {name: load(data, name) for name in TASKS}
    built = {name: build(list(by_document(task.passages).items())) for name, task in tasks.items()}
    print(f"{'nDCG at 10':32}" + "".join(f"{name:>13}" for name in TASKS))
    print(f"{'queries':32}" + "".join(f"{len(task.queries):13}" for task in tasks.values()))
    show("bm25s", {name: scores(task, bm25(task)) for name, task in tasks.items()})
    full = {name: scores(task, engine(built[name], WEIGHTS)) for name, task in tasks.items()}
    show("agentkit", full)
    for label, changes in CHANGED.items():
        weights = replace(WEIGHTS, **changes)
        show(label, {name: scores(task, engine(built[name], weights)) for name, task in tasks.items()})
    show(
        "without synonyms",
        {name: scores(task, without_synonyms(engine(built[name], WEIGHTS))) for name, task in tasks.items()},
    )
    halves(tasks, full)
    plain(tasks["cuad"], built["cuad"])


def show(label: str, found: dict[str, dict[str, float]]) -> None:
    print(f"{label:32}" + "".join(f"{mean(list(row.values())):13.3f}" for row in found.values()), flush=True)


def halves(tasks: dict[str, Task], full: dict[str, dict[str, float]]) -> None:
    chance = random.Random(7)  # noqa: S311
    cells: list[str] = []
    for name in tasks:
        documents = sorted({key.split("::")[0] for key in full[name]})
        drawn = [set(chance.sample(documents, len(documents) // 2)) for _ in range(5)]
        values = [mean([value for key, value in full[name].items() if key.split("::")[0] in half]) for half in drawn]
        cells.append(f"{min(values):.3f}-{max(values):.3f}")
    print(f"{'five halves of the documents':32}" + "".join(f"{cell:>13}" for cell in cells))


def plain(task: Task, segment: segments.Segment) -> None:
    """Ask in a client's words what the set asks in a lawyer's."""
    queries = [(key, PLAIN[label], document, label) for key, _, document, label in task.queries if label in PLAIN]
    asked = replace(task, queries=queries)
    labels = {label for *_, label in queries}
    print(f"\n{len(queries)} questions of {len(labels)} labels of cuad in a client's words, nDCG at 10")
    print(f"  bm25s {mean(list(scores(asked, bm25(asked)).values())):.3f}", end="")
    for name, weights in (("agentkit", WEIGHTS), ("words alone", replace(WEIGHTS, **CHANGED["words alone"]))):
        print(f"   {name} {mean(list(scores(asked, engine(segment, weights)).values())):.3f}", end="")
    print()


def synthetic(data: Path, count: int) -> Iterator[tuple[str, list[Entry]]]:
    """Recombine the sets' sentences to contracts of fifty passages, a tenth of their words exchanged."""
    sentences = [entry.text for name in TASKS[:2] for entry in load(data, name).passages if 40 < len(entry.text) < 900]
    words = [word for sentence in sentences for word in sentence.split()]
    chance = random.Random(1)  # noqa: S311
    for number in range(count // 50):
        name, start, group = f"contract-{number}", 0, list[Entry]()
        for place in range(50):
            found = " ".join(chance.choices(sentences, k=3)).split()
            for _ in range(len(found) // 10):
                found[chance.randrange(len(found))] = chance.choice(words)
            text = f"{place + 1}. Party{chance.randrange(count // 5)} {' '.join(found)}"[:600]
            group.append(Entry(f"{name}#{place}", name, f"Agreement {number}", start, start + len(text), text))
            start += len(text) + 1
        yield name, group


ALL, HALF = Principal(matters=frozenset({"one", "other"})), Principal(matters=frozenset({"one"}))


def speed(data: Path, count: int) -> None:
    """Measure an index of two matters: as it was written, in ten segments, and joined."""
    with tempfile.TemporaryDirectory() as scratch:
        folder, chars, seconds = Path(scratch) / "index", 0, 0.0
        with writing(folder) as writer:
            documents = synthetic(data, count)
            while batch := list(islice(documents, count // 500)):
                held = [(name, [replace(one, matter=matter(name)) for one in group]) for name, group in batch]
                began = time.process_time()
                writer.add(build(held), [Known(name, name, "", matter=matter(name)) for name, _ in held])
                seconds += time.process_time() - began
                chars += sum(len(entry.text) for _, group in held for entry in group)
            writer.commit()
        texts = list(dict.fromkeys(text for name in TASKS[:2] for _, text, _, _ in load(data, name).queries))
        texts += PLAIN.values()
        print(f"\n{count} passages, {chars / 1e6:.0f} million characters; CPU ms of a search, {len(texts)} queries")
        searched(folder, texts, "ten segments")
        with writing(folder) as writer:
            writer.compact()
            writer.commit()
        searched(folder, texts, "one segment")
        size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        print(
            f"  indexing {chars / 1e6 / seconds:.1f} million characters a second (CPU), index / text {size / chars:.2f}"
        )


def matter(name: str) -> str:
    return "one" if int(name.split("-")[1]) % 2 else "other"


def searched(folder: Path, texts: Sequence[str], label: str) -> None:
    clauses.warm_up()  # as `agentkit serve` does
    began = time.perf_counter()
    corpus = Corpus.load(folder)
    opened = (time.perf_counter() - began) * 1000
    for who, principal in (("all of it", ALL), ("half of it", HALF)):
        for state in ("first", "again"):
            search.read_query.cache_clear()
            spent: list[float] = []
            for text in texts:
                began = time.process_time()
                corpus.search(text, top_k=10, principal=principal)
                spent.append((time.process_time() - began) * 1000)
            median, high = np.percentile(spent, [50, 95])
            print(f"  {label:13}{who:11}{state}  p50 {median:3.0f}  p95 {high:3.0f}", flush=True)
    print(f"  {label:13}opening {opened:.0f} ms, resident {psutil.Process().memory_info().rss / 1e6:.0f} MB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT / "../shared/data/dev")
    parser.add_argument("--passages", type=int, default=100_000)
    options = parser.parse_args()
    ranking(options.data)
    speed(options.data, options.passages)
    print(f"  largest memory of this process {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    sys.exit(main())
