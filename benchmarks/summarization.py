"""Summaries of the embedded model beside lead-k, LexRank and TextRank, at the same length.

    python benchmarks/summarization.py [--data ../shared/data/dev] [--task keyfacts|plain|judgments]

*keyfacts*: the share of the clauses that lawyers marked in a contract that a summary of 400 words covers: it
has the answer's words, or half of the pairs of neighbouring words among the first forty of the clause.
*plain*: ROUGE-2 F1 (stemmed) of 20 words against one plain sentence about a clause of terms of service.
*judgments*: ROUGE-2 F1 against the headnote, at a quarter of the judgment and 600 words at most. The twelve
judgments and their headnotes are our own, written for this purpose in the manner of law reports of India, England,
the United States and Australia (`benchmarks/judgments`); they compare methods, and say little about a court's own.
"""

import argparse
import asyncio
import json
import re
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

from rouge_score import rouge_scorer
from sumy.nlp.stemmers import Stemmer
from sumy.parsers.plaintext import PlaintextParser
from sumy.summarizers.lex_rank import LexRankSummarizer
from sumy.summarizers.text_rank import TextRankSummarizer

from agentkit.adapters.embedded import ExtractiveBackend
from agentkit.prompts import combine_prompt, parse_keep, parse_summary, summarize_prompt
from agentkit.text.sentences import split_sentences
from agentkit.text.splitting import split_document
from agentkit.text.structure import find_sections
from agentkit.types import Claim, Document, Limits, SafePassage

HERE = Path(__file__).parent
Summarize = Callable[[str, int], str]
SCORER = rouge_scorer.RougeScorer(["rouge2"], use_stemmer=True)


def passages_of(text: str) -> list[SafePassage]:
    document = Document(0, "bench.txt", "text/plain", "", text, sections=find_sections(text))
    return [
        SafePassage(p.id, p.source, p.start, p.end, p.text, p.page, p.locator, p.section, p.kind)
        for p in split_document(document)
    ]


def kept(text: str, max_words: int | None, focus: str = "") -> list[Claim]:
    return asyncio.run(_kept(text, Limits(max_words=max_words), focus))


async def _kept(text: str, limits: Limits, focus: str) -> list[Claim]:
    model, passages = ExtractiveBackend(), passages_of(text)
    first = await model.complete(summarize_prompt(passages, focus=focus, limits=Limits()))
    claims = parse_summary(first.text, passages, prefix="c").claims
    chosen = await model.complete(combine_prompt(claims, focus=focus, limits=limits))
    return parse_keep(chosen.text, claims) or []


def ours(text: str, max_words: int, _id: str = "") -> str:
    return " ".join(claim.text for claim in kept(text, max_words))


def lead(text: str, max_words: int) -> str:
    return " ".join(text.split()[:max_words])


class _Tokenizer:
    """Our sentences for sumy, whose own tokenizer downloads its data."""

    def to_sentences(self, paragraph: str) -> tuple[str, ...]:
        if any(char.isupper() for char in paragraph):
            return tuple(paragraph[start:end] for start, end in split_sentences(paragraph))
        return tuple(part for part in re.split(r"(?<=[.;?!])\s+", paragraph) if part.strip())

    def to_words(self, sentence: str) -> tuple[str, ...]:
        return tuple(re.findall(r"[a-z0-9]+", sentence.lower()))


def sumy(algorithm: type[LexRankSummarizer | TextRankSummarizer]) -> Summarize:
    def summarize(text: str, max_words: int) -> str:
        parser = PlaintextParser.from_string(text, _Tokenizer())
        found = algorithm(Stemmer("english"))(parser.document, max(1, max_words // 22) + 3)
        return " ".join(str(sentence) for sentence in found)

    return summarize


def tokens(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", text.lower())


def pairs(words: list[str]) -> set[tuple[str, str]]:
    return set(pairwise(words))


def covered(fact: dict, summary: str) -> bool:
    answer = " ".join(tokens(fact["answer"] or ""))
    words = tokens(summary)
    if len(answer) >= 4 and answer not in ("yes", "no") and f" {answer} " in f" {' '.join(words)} ":
        return True
    said = pairs(words)
    return any(gold and len(gold & said) >= len(gold) / 2 for gold in (pairs(tokens(t)[:40]) for t in fact["texts"]))


def rows(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def keyfacts(data: Path) -> Iterator[tuple[str, int, Callable[[str], float]]]:
    for row in rows(data / "summarization" / "cuad_keyfacts.jsonl"):
        facts = row["facts"]
        yield row["text"], 400, lambda s, facts=facts: sum(covered(fact, s) for fact in facts) / len(facts)


def plain(data: Path) -> Iterator[tuple[str, int, Callable[[str], float]]]:
    for row in rows(data / "summarization" / "plain_english_contracts.jsonl"):
        yield row["text"], 20, lambda s, gold=row["reference"]: SCORER.score(gold, s)["rouge2"].fmeasure


def judgments(_: Path) -> Iterator[tuple[str, int, Callable[[str], float]]]:
    for path in sorted((HERE / "judgments").glob("*.txt")):
        text, headnote = path.read_text(encoding="utf-8").split("\n===\n")
        yield text, min(600, len(text.split()) // 4), lambda s, gold=headnote: SCORER.score(gold, s)["rouge2"].fmeasure


TASKS = {"keyfacts": keyfacts, "plain": plain, "judgments": judgments}
SYSTEMS: dict[str, Summarize] = {
    "embedded/extractive": ours,
    "lead-k": lead,
    "LexRank (sumy)": sumy(LexRankSummarizer),
    "TextRank (sumy)": sumy(TextRankSummarizer),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=HERE.parent.parent / "shared" / "data" / "dev")
    parser.add_argument("--task", choices=[*TASKS], action="append")
    options = parser.parse_args()
    print(f"{'task':10} {'system':20} {'n':>4} {'score':>7} {'words':>6} {'CPU s':>6}")
    for task in options.task or TASKS:
        items = list(TASKS[task](options.data))
        for name, summarize in SYSTEMS.items():
            started, scores, words = time.process_time(), [], 0
            for text, budget, score in items:
                shown = summarize(text, budget).split()[:budget]
                words += len(shown)
                scores.append(score(" ".join(shown)))
            spent = time.process_time() - started
            mean = sum(scores) / len(scores)
            print(f"{task:10} {name:20} {len(items):4} {mean:7.3f} {words / len(items):6.0f} {spent:6.1f}")


if __name__ == "__main__":
    main()
