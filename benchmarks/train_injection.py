"""Fit the weights of `agentkit.text.injection_classifier`, and say honestly what they are worth.

    python benchmarks/train_injection.py --data ../shared/data/dev [--write]

Fitted on messages (direct attacks, jailbreaks, honest and frightening questions) and, as honest texts, on documents,
questions about contracts, sentences of contracts, and conversations. Documents with attacks in them are left out: from
them it learns that documents are attacks. The cross-validation keeps texts that share eight words in a row on one side;
the second table leaves out one source at a time, and shows how little such a model knows beyond its sources
(`injection.py --sources` has all layers beside a baseline).
"""

import argparse
import base64
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold

from agentkit.text import injection_classifier as classifier
from agentkit.text.injection import evidence_of_rules, with_classifier
from agentkit.text.normalize import normalize
from agentkit.text.sentences import split_sentences

STRENGTH = 3.0
TARGET = Path(__file__).parents[1] / "agentkit" / "text" / "injection_weights.json"
QUESTIONS = (
    ("ask/questions", "question"),
    ("retrieval/cuad_queries", "text"),
    ("retrieval/contractnli_queries", "text"),
)
SENTENCES = 1500


def lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text("utf-8").split("\n") if line]


@dataclass(frozen=True, slots=True)
class Texts:
    """Texts, labels (1 is an attack), sources, kinds ("" where none is given), and whether a text is learned from."""

    texts: list[str]
    labels: np.ndarray
    sources: np.ndarray
    kinds: np.ndarray

    @property
    def learned(self) -> np.ndarray:
        return self.kinds != "indirect"


def load(data: Path) -> Texts:
    rows = [(row["text"], row["label"], row["source"], row["kind"]) for row in lines(data / "injection" / "dev.jsonl")]
    for name, key in QUESTIONS:
        rows += [(text, 0, name, "") for text in dict.fromkeys(row[key] for row in lines(data / f"{name}.jsonl"))]
    for name in ("cuad_corpus", "contractnli_corpus"):
        texts = [row["text"] for row in lines(data / "retrieval" / f"{name}.jsonl")]
        sentences = [text[a:b] for text in texts for a, b in split_sentences(text) if b - a > 40]
        rows += [(text, 0, name, "") for text in sentences[:: max(1, len(sentences) * 2 // SENTENCES)]]
    talks = dict.fromkeys(row["doc"] for row in lines(data / "faithfulness" / "summedits.jsonl"))
    parts = [part for talk in talks for part in (talk, *talk.split("\n\n"))]
    rows += [(part, 0, "summedits_corpus", "") for part in parts if len(part) > 20]
    texts, labels, sources, kinds = zip(*rows, strict=True)
    return Texts(list(texts), np.array(labels), np.array(sources), np.array(kinds))


def matrix(texts: list[str]) -> csr_matrix:
    found = [sorted(classifier.features(normalize(text).text)) for text in texts]
    indptr = np.cumsum([0, *(len(row) for row in found)])
    values = np.concatenate([np.full(len(row), 1 / np.sqrt(max(len(row), 1))) for row in found])
    return csr_matrix((values, np.concatenate(found).astype(int), indptr), shape=(len(texts), 1 << classifier.BITS))


def groups(texts: list[str]) -> np.ndarray:
    """Texts that share eight words in a row belong together."""
    parent = list(range(len(texts)))

    def root(item: int) -> int:
        while parent[item] != item:
            item = parent[item]
        return item

    owner: dict[str, int] = {}
    for index, text in enumerate(texts):
        words = re.findall(r"\w+", text.lower())
        for position in range(max(1, len(words) - 7)):
            shingle = " ".join(words[position : position + 8])
            parent[root(index)] = root(owner.setdefault(shingle, index))
    return np.array([root(index) for index in range(len(texts))])


def fit(features: csr_matrix, labels: np.ndarray) -> LogisticRegression:
    return LogisticRegression(C=STRENGTH, class_weight="balanced", max_iter=1000).fit(features, labels)


def rate(labels: np.ndarray, values: np.ndarray, fpr: float) -> float:
    honest = np.sort(values[labels == 0])[::-1]
    return float((values[labels == 1] > honest[int(fpr * len(honest))]).mean())


def show(name: str, labels: np.ndarray, values: np.ndarray) -> None:
    numbers = [roc_auc_score(labels, values), rate(labels, values, 0.01), rate(labels, values, 0.05)]
    numbers += [(values[labels == 1] >= 0.5).mean(), (values[labels == 0] >= 0.5).mean()]
    print(f"| {name} | " + " | ".join(f"{number:.3f}" for number in numbers) + " |")


def by_folds(data: Texts, features: csr_matrix) -> np.ndarray:
    """What a classifier thinks of each text that was fitted on none like it."""
    guess = np.zeros(len(data.texts))
    for train, test in GroupKFold(6).split(features, data.labels, groups(data.texts)):
        learned = train[data.learned[train]]
        guess[test] = fit(features[learned], data.labels[learned]).predict_proba(features[test])[:, 1]
    return guess


def by_sources(data: Texts, features: csr_matrix, family: Callable[[str], str] = str) -> np.ndarray:
    """The same, fitted on other sources than the text's, and on no near-duplicate of what is left out."""
    guess, near = np.zeros(len(data.texts)), groups(data.texts)
    families = np.array([family(source) for source in data.sources])
    for name in sorted(set(families[data.kinds != ""])):
        test = families == name
        train = data.learned & ~test & ~np.isin(near, near[test])
        guess[test] = fit(features[train], data.labels[train]).predict_proba(features[test])[:, 1]
    return guess


def validate(data: Texts) -> None:
    texts, labels, features = data.texts, data.labels, matrix(data.texts)
    known = [evidence_of_rules(text) for text in texts]
    guess = by_folds(data, features)
    rules = np.array([with_classifier(items, text, 0.0).score for text, items in zip(texts, known, strict=True)])
    both = np.array([with_classifier(i, t, p).score for t, i, p in zip(texts, known, guess, strict=True)])
    given = ~np.char.endswith(data.sources, "_corpus")
    print("| six folds, near-duplicates together | AUC | TPR@1% | TPR@5% | TPR at 0.5 | FPR at 0.5 |")
    print("|---|---|---|---|---|---|")
    for name, values in (("classifier", guess), ("rules", rules), ("both", both)):
        show(name, labels[given], values[given])
    print(f"honest sentences of documents at or above 0.5: {(both[~given] >= 0.5).mean():.4f}")
    print("\n| left out | attacks at 0.5 | honest at 0.5 |\n|---|---|---|")
    guess = by_sources(data, features)
    for source in sorted(set(data.sources[data.kinds != ""])):
        part = {label: guess[(data.sources == source) & (labels == label)] for label in (1, 0)}
        print(
            f"| {source} | " + " | ".join(f"{(p >= 0.5).mean():.3f}" if len(p) else "–" for p in part.values()) + " |"
        )


def write(data: Texts) -> None:
    model = fit(matrix(data.texts)[data.learned], data.labels[data.learned])
    scale = float(np.abs(model.coef_).max() / 127)
    weights = np.round(model.coef_[0] / scale).astype(np.int8)
    made = {
        "made_by": "benchmarks/train_injection.py",
        "examples": {"attacks": int(data.labels[data.learned].sum()), "honest": int((1 - data.labels).sum())},
        "scale": scale,
        "intercept": float(model.intercept_[0]),
        "weights": base64.b64encode(weights.tobytes()).decode(),
    }
    TARGET.write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")
    print(f"wrote {TARGET.name}: {TARGET.stat().st_size:,} bytes")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data/dev"))
    parser.add_argument("--write", action="store_true", help="replace the weights file")
    arguments = parser.parse_args()
    data = load(arguments.data)
    validate(data)
    if arguments.write:
        write(data)


if __name__ == "__main__":
    main()
