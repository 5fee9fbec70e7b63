"""How much personal data redaction finds, beside Presidio and beside plain patterns.

    python benchmarks/redaction.py --data ../shared/data/dev

Leak recall: the share of labelled spans of which at least 80 % of the characters other than white space are covered
by what was found, whatever type it was given; this is what keeps names from a model. Typed precision, recall and F1:
one-to-one with the same type and an overlap (intersection over union) of at least one half; only types that a set
labels count against precision. Redacted: the share of characters covered; a tool that covers everything leaks nothing
and is of no use. The pipeline's row is what `privacy.redact` replaces by default: direct identifiers only, sure ones
only; organisations and places stay, so its recall counts the labelled persons and other identifiers alone.
Presidio runs where `presidio-analyzer` and a spaCy model (--spacy, default en_core_web_sm) are installed.
"""

import argparse
import importlib
import json
import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from agentkit.privacy import EmbeddedRecognizer, Policy
from agentkit.types import Entity

Recognize = Callable[[str], list[Entity]]

SAME = {
    "GPE": "LOCATION", "LOC": "LOCATION", "STREET_ADDRESS": "LOCATION", "ORG": "ORGANIZATION", "COURT": "ORGANIZATION",
    "DOMAIN_NAME": "URL", "DATE": "DATE_TIME", "DATE_OF_BIRTH": "DATE_TIME", "PER": "PERSON",
}  # fmt: skip
NOT_PERSONAL = {"ROLE", "TITLE", "NRP", "STATUTE", "PROVISION", "PRECEDENT", "CASE_NUMBER"}
DIRECT = {"PERSON", "EMAIL_ADDRESS", "PHONE_NUMBER", "CREDIT_CARD", "IBAN_CODE", "US_SSN"}
PLAIN = {
    "EMAIL_ADDRESS": r"[\w.+-]+@[\w-]+\.[\w.]+", "PHONE_NUMBER": r"\+?\d[\d ()-]{7,}\d", "URL": r"https?://\S+",
    "US_SSN": r"\d{3}-\d{2}-\d{4}", "CREDIT_CARD": r"\d{13,16}",
    "PERSON": r"(?:Mr|Ms|Mrs|Dr)\. [A-Z]\w+|[A-Z][a-z]+ [A-Z][a-z]+",
}  # fmt: skip


@dataclass(slots=True)
class Tally:
    """Counts over one set."""

    gold: int = 0
    covered: int = 0
    right: int = 0
    wrong: int = 0
    redacted: int = 0
    characters: int = 0
    seconds: float = 0.0

    def row(self, name: str) -> str:
        precision = self.right / max(1, self.right + self.wrong)
        recall = self.right / max(1, self.gold)
        f1 = 2 * precision * recall / max(1e-9, precision + recall)
        speed = 1e6 * self.seconds / max(1, self.characters)
        share = self.redacted / max(1, self.characters)
        leak = self.covered / max(1, self.gold)
        return f"{name:28} {leak:10.3f} {precision:9.3f} {recall:7.3f} {f1:6.3f} {share:9.3f} {speed:14.2f}"


def kind(label: str) -> str:
    return SAME.get(label, label)


def measure(rows: list[dict], recognize: Recognize, *, only: set[str] | None = None) -> Tally:
    """Score one recognizer over one set, counting only the labels in `only` where given."""
    tally = Tally()
    labelled = {kind(span["label"]) for row in rows for span in row["spans"]} - NOT_PERSONAL
    for row in rows:
        text = row["text"]
        begin = time.perf_counter()
        found = recognize(text)
        tally.seconds += time.perf_counter() - begin
        gold = [(s["start"], s["end"], kind(s["label"])) for s in row["spans"] if kind(s["label"]) not in NOT_PERSONAL]
        count(tally, text, [g for g in gold if only is None or g[2] in only], found, labelled)
    return tally


def count(tally: Tally, text: str, gold: list[tuple[int, int, str]], found: list[Entity], labelled: set[str]) -> None:
    covered = {i for e in found for i in range(e.start, e.end)}
    tally.redacted += len(covered)
    tally.characters += len(text)
    left = list(found)
    for start, end, label in gold:
        inside = [i for i in range(start, end) if not text[i].isspace()]
        tally.gold += 1
        tally.covered += len(covered.intersection(inside)) >= 0.8 * len(inside)
        match = next((e for e in left if kind(e.type) == label and overlap(e, start, end) >= 0.5), None)
        if match:
            left.remove(match)
            tally.right += 1
    tally.wrong += sum(kind(e.type) in labelled for e in left)


def overlap(entity: Entity, start: int, end: int) -> float:
    common = min(entity.end, end) - max(entity.start, start)
    return common / (max(entity.end, end) - min(entity.start, start))


def plain(text: str) -> list[Entity]:
    return [Entity(name, m.start(), m.end(), 1.0) for name, p in PLAIN.items() for m in re.finditer(p, text)]


def presidio(model: str) -> Recognize | None:
    """Return Presidio's analyzer with every recognizer it ships, or None where it is not installed."""
    try:
        analyzer_module = importlib.import_module("presidio_analyzer")
        engine_module = importlib.import_module("presidio_analyzer.nlp_engine")
        importlib.import_module(model)  # Presidio would download a model that is not installed
        extract = importlib.import_module("tldextract.tldextract")
        extract.TLD_EXTRACTOR = extract.TLDExtract(suffix_list_urls=())  # it would ask the network for suffixes
        settings = {"nlp_engine_name": "spacy", "models": [{"lang_code": "en", "model_name": model}]}
        engine = engine_module.NlpEngineProvider(nlp_configuration=settings).create_engine()
    except ImportError as error:
        print(f"Presidio is left out: {error}")
        return None
    analyzer = analyzer_module.AnalyzerEngine(nlp_engine=engine)
    return lambda text: [Entity(r.entity_type, r.start, r.end, r.score) for r in analyzer.analyze(text, language="en")]


def load(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(__file__).parents[2] / "shared/data/dev")
    parser.add_argument("--spacy", default="en_core_web_sm", help="the spaCy model that Presidio uses")
    arguments = parser.parse_args()
    ours = EmbeddedRecognizer()
    ours.recognize("Warm up.")
    other = presidio(arguments.spacy)
    names: Iterable[tuple[str, Recognize, set[str] | None]] = [
        ("plain patterns", plain, None),
        *([("Presidio", other, None)] if other else []),
        ("embedded", ours.recognize, None),
        ("embedded, as the pipeline", Policy(ours).find, DIRECT),
    ]
    for path in sorted((arguments.data / "pii").glob("*.jsonl")):
        rows = load(path)
        print(
            f"\n{path.stem}: {len(rows)} texts\n{'':28} leak recall precision  recall     F1  redacted  ms/1,000 chars"
        )
        for name, recognize, only in names:
            print(measure(rows, recognize, only=only).row(name))


if __name__ == "__main__":
    main()
