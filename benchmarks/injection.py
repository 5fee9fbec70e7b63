"""How well injections are told from honest texts, and what a rail check costs.

    python benchmarks/injection.py --data ../shared/data/dev
    python benchmarks/injection.py --data ../shared/data/dev --sources

Rows have `text`, `label` (1 is an attack), `kind` and `source`. The threshold of TPR@FPR lies on the pooled negatives.
The baselines: a list of ten patterns as many projects carry, the same list over normalised text, and logistic
regression over TF-IDF of words. What is fitted is fitted on the other folds (near-duplicates together). The written
texts (`injection_written.json`, fifteen languages, made for this purpose) were never fitted on; the lists of words
were extended after each of the sets had been scored for the first time. Set 4 (`injection_unseen.json`: law,
insurance, banking, hospital, manuals, help desk, fiction) and sets 5 and 6 (`injection_second.json`: attacks by class;
every honest text has words of attacks) have first-sight figures in `RESULTS.md`; what is printed is how they stand.

`--sources` leaves out one source at a time, with what was made of the same material: the classifier and the baseline
are fitted on the others, and every text is scored by a fit that saw neither its source nor a near-duplicate.
"""

import argparse
import asyncio
import json
import re
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import train_injection
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import Pipeline, make_pipeline

from agentkit.reading import read_document
from agentkit.text.injection import combine, evidence_of_rules, score, with_classifier
from agentkit.text.injection_classifier import likelihood
from agentkit.text.normalize import normalize
from agentkit.text.splitting import split_document

ROOT = Path(__file__).parents[1]
TYPICAL = [
    r"ignore (?:all |any )?(?:the )?(?:previous|prior|above) (?:instructions|prompts|directions)",
    r"disregard (?:all |any )?(?:the )?(?:previous|prior|above)",
    r"forget (?:everything|all|your)",
    r"you are now",
    r"act as (?:a|an|if)",
    r"pretend (?:to be|you are)",
    r"system prompt",
    r"(?:developer|dan|jailbreak) mode",
    r"do anything now",
    r"(?:reveal|show|print) (?:me )?your (?:instructions|prompt)",
]
WRITTEN = ("injection_written.json", "injection_unseen.json", "injection_second.json")
HARD = ("benign_hard", "benign_document_hard")
GROUPS = {
    "direct": (("direct",), ("benign", "benign_hard")),
    "jailbreak": (("jailbreak",), ("benign", "benign_hard")),
    "indirect": (("indirect",), ("benign_document", "benign_document_hard")),
}


def scores(texts: Sequence[str]) -> list[float]:
    """Our score of each text."""
    return [score(text).score for text in texts]


def rules_only(texts: Sequence[str]) -> list[float]:
    """The score without the classifier, which was fitted on the development data."""
    found = (sorted(evidence_of_rules(text), key=lambda item: -item.weight) for text in texts)
    return [combine(evidence) for evidence in found]


def typical(texts: Sequence[str]) -> list[float]:
    """How many of ten usual patterns match."""
    patterns = [re.compile(pattern, re.IGNORECASE) for pattern in TYPICAL]
    return [min(1.0, 0.6 * sum(bool(p.search(text)) for p in patterns)) for text in texts]


def typical_normalised(texts: Sequence[str]) -> list[float]:
    """The same, after our normalisation."""
    return typical([normalize(text).text for text in texts])


def regression() -> Pipeline:
    return make_pipeline(
        TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2),
        LogisticRegression(C=10, class_weight="balanced", max_iter=2000),
    )


def by_folds(texts: Sequence[str], labels: np.ndarray) -> list[float]:
    """TF-IDF and logistic regression, each text scored by a model that saw none like it."""
    guess = np.zeros(len(texts))
    every = np.array(texts, dtype=object)
    for train, test in GroupKFold(6).split(every, labels, train_injection.groups(list(texts))):
        guess[test] = regression().fit(every[train], labels[train]).predict_proba(every[test])[:, 1]
    return guess.tolist()


def ours_by_folds(folder: Path) -> Callable[[Sequence[str]], list[float]]:
    """Our score with a classifier that saw no text like the one it judges."""
    data = train_injection.load(folder)
    guess = train_injection.by_folds(data, train_injection.matrix(data.texts))
    known = dict(zip(data.texts, guess.tolist(), strict=True))

    def guess_of(text: str) -> float:
        return known[text] if text in known else likelihood(normalize(text).text)

    return lambda asked: [with_classifier(evidence_of_rules(text), text, guess_of(text)).score for text in asked]


def family(source: str) -> str:
    """What is left out together: sources made of the same material."""
    together = {"giskard_jailbreak": "garak", "giskard_hijacking": "hijacking"}
    return together.get(source) or source.partition("_")[0]


def sources(folder: Path, data: Sequence[dict]) -> list[str]:
    """Every text scored by what saw nothing of its source: attacks of each against all honest texts."""
    known = train_injection.load(folder)
    guess = train_injection.by_sources(known, train_injection.matrix(known.texts), family)
    alone = dict(zip(known.texts, guess.tolist(), strict=True))
    texts = np.array([item["text"] for item in data], dtype=object)
    labels, near = np.array([item["label"] for item in data]), train_injection.groups(texts.tolist())
    families, baseline = np.array([family(item["source"]) for item in data]), np.zeros(len(data))
    for name in set(families.tolist()):
        test = families == name
        train = ~test & ~np.isin(near, near[test])
        baseline[test] = regression().fit(texts[train], labels[train]).predict_proba(texts[test])[:, 1]
    systems = {
        "agentkit": np.array([with_classifier(evidence_of_rules(text), text, alone[text]).score for text in texts]),
        "its classifier alone": np.array([alone[text] for text in texts]),
        "TF-IDF and regression": baseline,
    }
    lines = ["| attacks of | detector | AUC | TPR@1% | TPR@5% | TPR at 0.5 |", "|---|---|---|---|---|---|"]
    origins = np.array([item["source"] for item in data])
    for source in [*sorted(set(origins[labels == 1].tolist())), "all"]:
        asked = (labels == 1) & ((origins == source) | (source == "all"))
        for name, got in systems.items():
            attack, honest = got[asked].tolist(), got[labels == 0].tolist()
            figures = [auc(attack, honest), tpr(attack, honest, 0.01), tpr(attack, honest, 0.05)]
            figures.append(statistics.mean(value >= 0.5 for value in attack))
            lines.append(f"| {source} ({len(attack)}) | {name} | " + " | ".join(f"{f:.3f}" for f in figures) + " |")
    return lines


def written(data: Sequence[dict]) -> list[str]:
    """The texts written for this purpose: by set, by kind, by language."""
    rows = [row for name in WRITTEN for row in json.loads(Path(__file__).with_name(name).read_text("utf-8"))]
    texts = [item["text"] for item in rows]
    fitted = regression().fit([item["text"] for item in data], [item["label"] for item in data])
    systems = {
        "agentkit": scores(texts),
        "TF-IDF and regression": fitted.predict_proba(texts)[:, 1].tolist(),
        "ten usual patterns, normalised": typical_normalised(texts),
    }
    lines = [
        "| written set | detector | AUC | TPR@1% | TPR@5% | TPR at 0.5 | FPR at 0.5 |",
        "|---|---|---|---|---|---|---|",
    ]
    for number in range(1, 7):
        for name, got in systems.items():
            part = [(value, item["label"]) for value, item in zip(got, rows, strict=True) if item["set"] == number]
            attack, honest = ([value for value, label in part if label == wanted] for wanted in (1, 0))
            figures = [auc(attack, honest), tpr(attack, honest, 0.01), tpr(attack, honest, 0.05)]
            figures += [statistics.mean(value >= 0.5 for value in values) for values in (attack, honest)]
            lines.append(f"| {number} | {name} | " + " | ".join(f"{figure:.3f}" for figure in figures) + " |")
    for key in ("kind", "language", "class"):
        lines += ["", f"| {key} | attacks found | honest texts flagged |", "|---|---|---|"]
        for value in sorted({item[key] for item in rows if key in item}):
            part = [
                (s >= 0.5, item["label"])
                for s, item in zip(systems["agentkit"], rows, strict=True)
                if item.get(key) == value
            ]
            counts = [(sum(f for f, label in part if label == w), sum(label == w for _, label in part)) for w in (1, 0)]
            lines.append(f"| {value} | " + " | ".join(f"{a} of {b}" if b else "–" for a, b in counts) + " |")
    return lines


def documents(folder: Path) -> list[str]:
    """False alarms over every passage of real documents, and the cost, beside the ten patterns."""
    files = [*sorted((folder / "documents").glob("*.[pt][dx][ft]")), *sorted((folder / "ask").glob("*.txt"))]
    read = [read_document(file, index=0) for file in files]
    passages = [passage.text for document in read for passage in split_document(document)]
    pages = sum(len(document.pages) for document in read)
    on_pages = [p.text for document in read if document.pages for p in split_document(document)]
    lines = ["| detector | passages | false alarms | µs a passage | s for 500 pages |", "|---|---|---|---|---|"]
    for name, detect in (("agentkit", scores), ("ten usual patterns, normalised", typical_normalised)):
        detect(passages[:50])
        began = time.process_time()
        alarms = sum(value >= 0.5 for value in detect(passages))
        each = (time.process_time() - began) / len(passages)
        lines.append(
            f"| {name} | {len(passages)} | {alarms} | {each * 1e6:.0f} | {each * len(on_pages) / pages * 500:.2f} |"
        )
    return lines


def auc(positive: Sequence[float], negative: Sequence[float]) -> float:
    """The chance that an attack scores above an honest text, ties counting half."""
    ranked = sorted([(value, 1) for value in positive] + [(value, 0) for value in negative])
    total, position = 0.0, 0
    while position < len(ranked):
        end = position
        while end < len(ranked) and ranked[end][0] == ranked[position][0]:
            end += 1
        total += sum(label for _, label in ranked[position:end]) * (position + end + 1) / 2
        position = end
    n, m = len(positive), len(negative)
    return (total - n * (n + 1) / 2) / (n * m)


def tpr(positive: Sequence[float], negative: Sequence[float], fpr: float) -> float:
    """The share of attacks above the threshold that lets `fpr` of the honest texts through."""
    threshold = sorted(negative, reverse=True)[int(fpr * len(negative))]
    return sum(value > threshold for value in positive) / len(positive)


def row(name: str, detect: Callable[[Sequence[str]], list[float]], data: Sequence[dict]) -> str:
    got = detect([item["text"] for item in data])
    pairs = list(zip(data, got, strict=True))

    def values(label: int, kinds: Sequence[str] | None = None) -> list[float]:
        return [v for item, v in pairs if item["label"] == label and (kinds is None or item["kind"] in kinds)]

    positive, negative = values(1), values(0)
    hit, alarm = sum(v >= 0.5 for v in positive), sum(v >= 0.5 for v in negative)
    f1 = 2 * hit / (2 * hit + alarm + len(positive) - hit)
    hard = statistics.mean(v >= 0.5 for v in values(0, HARD))
    groups = [auc(values(1, attack), values(0, honest)) for attack, honest in GROUPS.values()]
    numbers = [auc(positive, negative), tpr(positive, negative, 0.01), tpr(positive, negative, 0.05), f1]
    numbers += [alarm / len(negative), hard, *groups]
    return f"| {name} | " + " | ".join(f"{number:.3f}" for number in numbers) + " |"


async def rail_cost(texts: Sequence[str]) -> list[str]:
    """Milliseconds of one input check: our compiled pass, NeMo's engine by us, and stock `LLMRails.check_async`."""
    from nemoguardrails import LLMRails
    from nemoguardrails.rails.llm.options import RailType

    from agentkit.adapters.nemo.folder import load_folder, parse
    from agentkit.adapters.nemo.rails import NemoRails

    folder = ROOT / "guardrails" / "legal"
    fast, slow = NemoRails.from_folder(folder), NemoRails(load_folder(folder), compiled=False)
    stock = LLMRails(parse(folder))

    async def plain(text: str) -> None:
        await stock.check_async([{"role": "user", "content": text}], rail_types=[RailType.INPUT])

    checks = {
        "`NemoRails.check`, compiled": lambda text: fast.check(text, stage="input"),
        "`NemoRails.check`, every flow in NeMo's engine": lambda text: slow.check(text, stage="input"),
        "`LLMRails.check_async`, same folder": plain,
    }
    lines: list[str] = []
    for name, check in checks.items():
        await check(texts[0])
        began = time.process_time()
        for text in texts:
            await check(text)
        lines.append(f"| {name} | {(time.process_time() - began) / len(texts) * 1000:.2f} |")
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data/dev"))
    parser.add_argument("--sources", action="store_true", help="leave out one source at a time, and nothing else")
    arguments = parser.parse_args()
    folder: Path = arguments.data / "injection"
    lines = [line for file in sorted(folder.glob("*.jsonl")) for line in file.read_text("utf-8").split("\n") if line]
    data = [item for item in map(json.loads, lines) if item.get("core", True)]
    if arguments.sources:
        print("\n".join(sources(folder.parent, data)))
        return
    print("| detector | AUC | TPR@1% | TPR@5% | F1 | FPR | FPR hard | AUC direct | jailbreak | indirect |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    print(row("agentkit, rules only", rules_only, data))
    print(row("agentkit, classifier of the other folds", ours_by_folds(folder.parent), data))
    print(row("agentkit, with the classifier (*)", scores, data))
    labels = np.array([item["label"] for item in data])
    print(row("TF-IDF and regression of the other folds", lambda texts: by_folds(texts, labels), data))
    print(row("ten usual patterns", typical, data))
    print(row("ten usual patterns, normalised", typical_normalised, data))
    print("\n(*) fitted on the development data: the row above it is what it is worth on texts it has not seen.")
    print("\n" + "\n".join(written(data)))
    print("\n" + "\n".join(documents(folder.parent)))
    print("\n| one input check | CPU ms |\n|---|---|")
    questions = [item["text"] for item in data if item["kind"] == "benign"][:100]
    print("\n".join(asyncio.run(rail_cost(questions))))


if __name__ == "__main__":
    main()
