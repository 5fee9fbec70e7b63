"""Review: AUC of the support score beside lexical baselines, the labels of mutated sentences, and claims a second.

Run from the project's folder: python benchmarks/review.py [--data DIR]
No model is used. The pairs in `review_pairs.json` were written for this project; the rest is read from DIR.
"""

import argparse
import json
import re
import time
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import pairwise
from math import log, sqrt
from pathlib import Path

from agentkit.text.sentences import split_sentences
from agentkit.text.support import assess

Pair = tuple[str, str, int]
Scorer = Callable[[list[tuple[str, str]]], list[float]]
HERE = Path(__file__).parent


def scores(pairs: list[tuple[str, str]]) -> list[float]:
    """Score (document, claim) pairs, one at a time, as the command line would."""
    return [assess(claim, document).score for document, claim in pairs]


def words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", text.lower())


def token_recall(pairs: list[tuple[str, str]]) -> list[float]:
    """Share of the claim's words that the document has."""
    found: list[float] = []
    for document, claim in pairs:
        have, want = Counter(words(document)), Counter(words(claim))
        found.append(sum((have & want).values()) / max(1, want.total()))
    return found


def longest_common(pairs: list[tuple[str, str]]) -> list[float]:
    """ROUGE-L's precision: the longest common subsequence of words with the best sentence."""
    found: list[float] = []
    for document, claim in pairs:
        want = words(claim)
        best = max((_lcs(want, words(document[a:b])) for a, b in split_sentences(document)), default=0)
        found.append(best / max(1, len(want)))
    return found


def _lcs(one: Sequence[str], two: Sequence[str]) -> int:
    row = [0] * (len(two) + 1)
    for left in one:
        previous = 0
        for index, right in enumerate(two, 1):
            previous, row[index] = row[index], previous + 1 if left == right else max(row[index], row[index - 1])
    return row[-1]


def tfidf_cosine(pairs: list[tuple[str, str]]) -> list[float]:
    """Best cosine of the claim with a sentence; weights by rarity over the document's sentences."""
    found: list[float] = []
    for document, claim in pairs:
        sentences = [Counter(words(document[a:b])) for a, b in split_sentences(document)]
        spread = Counter(word for sentence in sentences for word in sentence)
        idf = {word: log(1 + len(sentences) / count) for word, count in spread.items()}
        found.append(max((_cosine(Counter(words(claim)), sentence, idf) for sentence in sentences), default=0.0))
    return found


def _cosine(one: Counter[str], two: Counter[str], idf: dict[str, float]) -> float:
    top = max(idf.values(), default=1.0)
    dot = sum(count * two[word] * idf[word] ** 2 for word, count in one.items() if word in two)
    sizes = [sqrt(sum((n * idf.get(word, top)) ** 2 for word, n in bag.items())) for bag in (one, two)]
    return dot / (sizes[0] * sizes[1]) if all(sizes) else 0.0


SCORERS: dict[str, Scorer] = {
    "ours": scores, "token recall": token_recall, "ROUGE-L": longest_common, "TF-IDF cosine": tfidf_cosine,
}  # fmt: skip


def load(data: Path) -> dict[str, list[Pair]]:
    """Return the labelled sets by name; those whose files are absent are left out."""
    sets: dict[str, list[Pair]] = {}
    folder = data / "faithfulness"
    if (folder / "contractnli_claims.jsonl").exists():
        texts = {row["doc_id"]: row["text"] for row in _rows(folder / "contractnli_docs.jsonl")}
        claims = _rows(folder / "contractnli_claims.jsonl")
        sets["statements about NDAs"] = [(texts[row["doc_id"]], row["claim"], row["label"]) for row in claims]
    for path in sorted(folder.glob("*.jsonl")):
        if not path.name.startswith("contractnli"):
            sets[path.stem] = [(row["doc"], row["claim"], row["label"]) for row in _rows(path)]
    own = json.loads((HERE / "review_pairs.json").read_text(encoding="utf-8"))
    sets["own news pairs"] = [
        (row["article"], claim, label)
        for row in own
        for key, label in (("holds", 1), ("fails", 0))
        for claim in row[key]
    ]
    return sets


def _rows(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def auc(labels: Sequence[int], values: Sequence[float]) -> float:
    """Return the chance that a supported claim scores above an unsupported one."""
    good = [value for value, label in zip(values, labels, strict=True) if label]
    bad = [value for value, label in zip(values, labels, strict=True) if not label]
    return sum((a > b) + 0.5 * (a == b) for a in good for b in bad) / max(1, len(good) * len(bad))


def balanced(labels: Sequence[int], values: Sequence[float]) -> float:
    """Return the balanced accuracy at 0.5."""
    shares = []
    for wanted in (1, 0):
        mine = [value >= 0.5 for value, label in zip(values, labels, strict=True) if label == wanted]
        shares.append(sum(hit == bool(wanted) for hit in mine) / max(1, len(mine)))
    return sum(shares) / 2


def speed(document: str) -> tuple[float, float]:
    """Return claims a second against a cited sentence, and milliseconds for a claim against a whole document."""
    sentences = [document[a:b] for a, b in split_sentences(document) if 60 < b - a < 500][:300]
    start = time.process_time()
    for one, two in pairwise(sentences):
        assess(two, f"{one} {two[: len(two) // 2]}")
    quotes = len(sentences) / (time.process_time() - start)
    assess(sentences[0], document)
    start = time.process_time()
    for sentence in sentences:
        assess(f"{sentence} It is unreasonable.", document)
    return quotes, 1000 * (time.process_time() - start) / len(sentences)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=HERE.parent.parent / "shared" / "data" / "dev")
    data = parser.parse_args().data
    print("| set | claims | supported | " + " | ".join(SCORERS) + " | balanced accuracy at 0.5 (ours) |")
    print("|---" * (len(SCORERS) + 4) + "|")
    for name, pairs in load(data).items():
        labels = [label for *_, label in pairs]
        values = {scorer: score([pair[:2] for pair in pairs]) for scorer, score in SCORERS.items()}
        cells = " | ".join(f"{auc(labels, value):.3f}" for value in values.values())
        print(f"| {name} | {len(pairs)} | {sum(labels)} | {cells} | {balanced(labels, values['ours']):.3f} |")
    longest = max((path.read_text(encoding="utf-8") for path in (data / "ask").glob("*.txt")), key=len, default="")
    if longest:
        quotes, milliseconds = speed(longest)
        print(f"\n{quotes:.0f} claims a second against a cited passage; ", end="")
        print(f"{milliseconds:.1f} ms a claim against a document of {len(longest)} characters (CPU time).")


if __name__ == "__main__":
    main()
