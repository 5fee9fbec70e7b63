"""What the parts of a search add that benchmarks/retrieval.py does not leave out one by one.

    python benchmarks/components.py --data ../shared/data/dev

How words are cut, from words as they stand to our own stems, all ranked by bm25s with the same two numbers; the first
stage alone, which adds synonyms and weights of words; the second stage; and a static embedding (wordllama) fused with
it by reciprocal rank, which the embedded default does not do. nDCG at ten over the tasks of retrieval.py.

No query of these names a section or asks what a term means. So these are asked of the contracts of DATA/ask, by rules
that know nothing of our search: each numbered section of a contract ("What does section 4.2 say?"; right is the passage
that begins with the number), and each term that is written in quotation marks and "means" or "shall mean" something
("What does “Territory” mean?"; right is that passage).
"""

import argparse
import asyncio
import logging
import re
import sys
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import bm25s
import numpy as np
import Stemmer

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from retrieval import TASKS, Ask, Task, engine, load, scores, show  # noqa: E402

from agentkit.adapters.memory.corpus import as_entries, by_document  # noqa: E402
from agentkit.adapters.memory.segment import build  # noqa: E402
from agentkit.adapters.wordllama import WordLlamaEmbedding  # noqa: E402
from agentkit.indexed import Entry  # noqa: E402
from agentkit.legal.answering_words import stems  # noqa: E402
from agentkit.legal.cues import fold  # noqa: E402
from agentkit.legal.ranking import WEIGHTS, Weights  # noqa: E402
from agentkit.reading import read_document  # noqa: E402
from agentkit.searching import embedded_text  # noqa: E402
from agentkit.text.splitting import split_document  # noqa: E402

Cut = Callable[[str], list[str]]
TOP, FUSED, K = 10, 60, 60
NUMBERED = re.compile(r"\W{0,3}(?:section |article )?(\d{1,2}(?:\.\d{1,2})+)\.?\s", re.IGNORECASE)
DEFINED = re.compile(r"[\"“]([A-Z][^\"“”\n]{2,40})[\"”],?\s+(?:means|shall mean)\b")
logging.getLogger("bm25s").setLevel(logging.WARNING)
ENGLISH = Stemmer.Stemmer("english")


def plain(text: str) -> list[str]:
    return re.findall(r"\w\w+", text.lower())


CUTS: dict[str, Cut] = {
    "bm25s, words as they stand": plain,
    "bm25s, English stems": lambda text: ENGLISH.stemWords(plain(text)),
    "bm25s, our stems": lambda text: stems(fold(text)),
}


def bm25(task: Task, cut: Cut) -> Ask:
    tokens = {entry.id: cut(embedded_text(entry)) for entry in task.passages}

    @cache
    def index(document: str | None) -> tuple[list[Entry], bm25s.BM25]:
        held = [entry for entry in task.passages if document in {None, entry.document}]
        made = bm25s.BM25(k1=1.2, b=0.6)
        made.index([tokens[entry.id] for entry in held], show_progress=False)
        return held, made

    def ask(text: str, document: str | None) -> list[str]:
        held, made = index(document)
        found, _ = made.retrieve([cut(text)], k=min(TOP, len(held)), show_progress=False)
        return [held[place].id for place in found[0]]

    return ask


def fused(task: Task, first: Ask) -> Ask:
    """Add the order of a static embedding by reciprocal rank."""
    embedding = WordLlamaEmbedding()
    made = asyncio.run(embedding.embed_passages([embedded_text(entry) for entry in task.passages]))
    vectors, names = np.array(made), np.array([entry.id for entry in task.passages])
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True) + 1e-9
    documents = np.array([entry.document for entry in task.passages])

    def ask(text: str, document: str | None) -> list[str]:
        near = vectors @ np.array(asyncio.run(embedding.embed_query(text)))
        near = near if document is None else np.where(documents == document, near, -2.0)
        gained: dict[str, float] = defaultdict(float)
        for order in (first(text, document), names[np.argsort(-near)[:FUSED]]):
            for place, name in enumerate(order):
                gained[str(name)] += 1 / (K + place + 1)
        return sorted(gained, key=lambda name: -gained[name])[:TOP]

    return ask


def many(task: Task, weights: Weights = WEIGHTS) -> Ask:
    return engine(build(list(by_document(task.passages).items())), weights)


def asked_by_rule(data: Path) -> dict[str, Task]:
    """Return what asks for sections and what asks for the meaning of terms."""
    passages = [
        entry
        for path in sorted((data / "ask").glob("*.txt"))
        for entry in as_entries(split_document(read_document(path, index=0)), path.name, version="")
    ]
    made: dict[str, Task] = {}
    for name, wanted, question in (
        ("sections", NUMBERED.match, "What does section {} say?"),
        ("terms", DEFINED.search, "What does “{}” mean?"),
    ):
        right: dict[str, set[str]] = defaultdict(set)
        queries: dict[str, tuple[str, str, str | None, str]] = {}
        for entry in passages:
            if found := wanted(entry.text):
                key = f"{entry.document}::{found[1]}"
                right[key].add(entry.id)
                queries[key] = key, question.format(found[1]), entry.document, name
        made[name] = Task(passages, list(queries.values()), right)
    return made


def table(tasks: dict[str, Task], rows: dict[str, Callable[[Task], Ask]]) -> None:
    print(f"{'nDCG at 10':32}" + "".join(f"{name:>13}" for name in tasks))
    print(f"{'queries':32}" + "".join(f"{len(task.queries):13}" for task in tasks.values()))
    for label, ask in rows.items():
        show(label, {name: scores(task, ask(task)) for name, task in tasks.items()})


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT / "../shared/data/dev")
    options = parser.parse_args(arguments)
    words: dict[str, Callable[[Task], Ask]] = {
        label: lambda task, cut=cut: bm25(task, cut) for label, cut in CUTS.items()
    }
    alone = replace(WEIGHTS, **dict.fromkeys(Weights.__slots__, 0.0))
    table(
        {name: load(options.data, name) for name in TASKS},
        words
        | {
            "agentkit, first stage alone": lambda task: many(task, alone),
            "agentkit": many,
            "agentkit fused with wordllama": lambda task: fused(task, many(task)),
        },
    )
    print()
    table(
        asked_by_rule(options.data),
        words
        | {
            "agentkit": many,
            "without section references": lambda task: many(task, replace(WEIGHTS, section=0.0)),
            "without defined terms": lambda task: many(task, replace(WEIGHTS, defined=0.0)),
        },
    )


if __name__ == "__main__":
    main()
