"""How well injections are told from honest texts, and what a rail check costs.

    python benchmarks/injection.py --data ../shared/data/dev

Rows have `text`, `label` (1 is an attack), `kind` and `source`. The threshold of TPR@FPR lies on the pooled negatives.
The baselines: a list of ten patterns as many projects carry, and the same list over normalised text.
"""

import argparse
import asyncio
import json
import re
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from agentkit.text.injection import combine, evidence_of_rules, score
from agentkit.text.normalize import normalize

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
    began = time.perf_counter()
    got = detect([item["text"] for item in data])
    took = (time.perf_counter() - began) / len(data) * 1000
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
    return f"| {name} | " + " | ".join(f"{number:.3f}" for number in numbers) + f" | {took:.2f} |"


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
    folder: Path = parser.parse_args().data / "injection"
    lines = [line for file in sorted(folder.glob("*.jsonl")) for line in file.read_text("utf-8").split("\n") if line]
    data = [item for item in map(json.loads, lines) if item.get("core", True)]
    print("| detector | AUC | TPR@1% | TPR@5% | F1 | FPR | FPR hard | AUC direct | jailbreak | indirect | ms/text |")
    print("|---|---|---|---|---|---|---|---|---|---|---|")
    print(row("agentkit, rules only", rules_only, data))
    print(row("agentkit, with the classifier (*)", scores, data))
    print(row("ten usual patterns", typical, data))
    print(row("ten usual patterns, normalised", typical_normalised, data))
    print("\n(*) fitted on the development data: train_injection.py prints what it is worth on texts it has not seen.")
    print("\n| one input check | CPU ms |\n|---|---|")
    questions = [item["text"] for item in data if item["kind"] == "benign"][:100]
    print("\n".join(asyncio.run(rail_cost(questions))))


if __name__ == "__main__":
    main()
