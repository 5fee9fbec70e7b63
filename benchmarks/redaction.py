"""How much personal data redaction finds, beside Presidio and beside plain patterns; and what a long contract costs.

    python benchmarks/redaction.py --data ../shared/data/dev [--presidio PYTHON] [--spacy MODEL]

Leak recall: the share of labelled spans of which at least 80 % of the characters other than white space are covered
by what was found, whatever type it was given; this is what keeps names from a model. Typed precision, recall and F1:
one-to-one with the same type and an overlap (intersection over union) of at least one half; only types that a set
labels count against precision. Redacted: the share of characters covered; a tool that covers everything leaks nothing
and is of no use. The pipeline's row is what `privacy.redact` replaces by default: direct identifiers only, sure ones
only; organisations and places stay, so its recall counts the labelled persons and other identifiers alone.
Six sets lie beside this script, invented, with their labels in the text (`[John Smith|PERSON]`). `redaction_mixed.txt`
and `redaction_judgments.txt` were read while the rules were written. Of `redaction_mixed_blind.txt` no error was ever
looked at. `redaction_judgments_blind.txt`, `_wide.txt` and, after the rules for these, `_last.txt` were each labelled
before anything was run on them, and their errors were looked at after their first measurement.
Presidio runs where `presidio-analyzer` and a spaCy model (--spacy, default en_core_web_sm) are installed, here or in
another environment (--presidio, its Python).
"""

import argparse
import asyncio
import json
import re
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from agentkit.privacy import EmbeddedRecognizer, MatterVault, Policy
from agentkit.privacy.aliases import FullNames, mentions_of
from agentkit.privacy.placeholders import with_literals
from agentkit.text.spans import replace_spans
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
        begin = time.process_time()
        found = recognize(text)
        tally.seconds += time.process_time() - begin
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


ASK_PRESIDIO = """
import json, sys, time
import tldextract.tldextract as suffixes
suffixes.TLD_EXTRACTOR = suffixes.TLDExtract(suffix_list_urls=())  # it would ask the network for them
from presidio_analyzer import AnalyzerEngine
from presidio_analyzer.nlp_engine import NlpEngineProvider
import importlib
if "/" not in sys.argv[1]:
    importlib.import_module(sys.argv[1])  # Presidio would download a model that is not installed
settings = {"nlp_engine_name": "spacy", "models": [{"lang_code": "en", "model_name": sys.argv[1]}]}
analyzer = AnalyzerEngine(nlp_engine=NlpEngineProvider(nlp_configuration=settings).create_engine())
analyzer.analyze("Warm up.", language="en")
for text in json.load(sys.stdin):
    began = time.process_time()
    found = analyzer.analyze(text, language="en")
    print(json.dumps([time.process_time() - began, [[r.entity_type, r.start, r.end, r.score] for r in found]]))
"""


class Presidio:
    """Presidio's analyzer with every recognizer it ships, in a process of its own; asked for many texts at once."""

    def __init__(self, python: str, model: str) -> None:
        self._command = [python, "-c", ASK_PRESIDIO, model]
        self._known: dict[str, tuple[float, list[Entity]]] = {}
        self.missing = ""

    def ask(self, texts: list[str]) -> bool:
        """Look at texts; return False, and say why in `missing`, where Presidio cannot."""
        given = json.dumps(texts)
        try:
            done = subprocess.run(self._command, input=given, capture_output=True, text=True, timeout=900, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            self.missing = str(error)
            return False
        if done.returncode:
            self.missing = (done.stderr.strip() or "it failed").splitlines()[-1]
            return False
        for text, line in zip(texts, done.stdout.splitlines(), strict=True):
            seconds, found = json.loads(line)
            self._known[text] = (seconds, [Entity(*entity) for entity in found])
        return True

    def recognize(self, text: str) -> list[Entity]:
        return self._known[text][1]

    def seconds(self, text: str) -> float:
        return self._known[text][0]


MARK = re.compile(r"\[((?:\[[^\]]*\]|[^\[\]|])*)\|([A-Z_]+)\]")
PAGES, PAGE = 500, 3_000  # characters of a page
PASSAGE = 2_000  # characters that are screened at once: about 500 tokens


def load(path: Path) -> list[dict]:
    """Return the labelled texts of a file: JSON lines, or texts with their labels inside, parted by "==="."""
    content = path.read_text(encoding="utf-8")
    if path.suffix == ".jsonl":
        return [json.loads(line) for line in content.splitlines() if line]
    return [unmarked(block) for block in re.split(r"^===\n", content, flags=re.MULTILINE)]


def unmarked(block: str) -> dict:
    parts: list[str] = []
    spans: list[dict] = []
    position = length = 0
    for match in MARK.finditer(block):
        parts += [block[position : match.start()], match[1]]
        length += match.start() - position
        spans.append({"start": length, "end": length + len(match[1]), "label": match[2]})
        length += len(match[1])
        position = match.end()
    return {"text": "".join([*parts, block[position:]]), "spans": spans}


async def screen(passages: list[str]) -> float:
    """CPU seconds of the retrieval rails of `guardrails/legal` over passages."""
    from agentkit.adapters.nemo.rails import NemoRails

    rails = NemoRails.from_folder(Path(__file__).parents[1] / "guardrails" / "legal")
    await rails.check(passages[0], stage="retrieval")
    began = time.process_time()
    await rails.check_many(passages, stage="retrieval")
    return time.process_time() - began


def cost(contracts: list[str], ours: EmbeddedRecognizer, other: Presidio) -> None:
    """Print what a contract of 500 pages costs, made of the sample contracts one after another."""
    whole = "\n\n".join(contracts)
    text = (whole * (PAGES * PAGE // max(1, len(whole)) + 1))[: PAGES * PAGE]
    policy = Policy(ours)
    began = time.process_time()
    chosen = policy.find(text)
    found = time.process_time()
    vault = MatterVault(matter="")
    entities = with_literals(text, chosen)
    placeholders = vault.assign(mentions_of([(e.type, text[e.start : e.end]) for e in entities], known=FullNames()))
    spans = [(e.start, e.end, placeholder) for e, placeholder in zip(entities, placeholders, strict=True)]
    replace_spans(text, spans, offset=0)
    redacting = time.process_time() - began
    screening = asyncio.run(screen([text[i : i + PASSAGE] for i in range(0, len(text), PASSAGE)]))
    print(f"\na contract of {PAGES} pages ({len(text):,} characters), CPU seconds on one core")
    print(f"  recognized {found - began:.1f}, redacted {redacting:.1f} in all, screened {screening:.1f}")
    print(f"  screened and redacted {redacting + screening:.1f}")
    sample = text[:60_000]
    if other.ask([sample]):
        theirs = other.seconds(sample) * len(text) / len(sample)
        print(f"  Presidio, recognized, from {len(sample):,} characters: {theirs:.0f}, ratio {theirs / redacting:.0f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(__file__).parents[2] / "shared/data/dev")
    parser.add_argument(
        "--spacy", default="en_core_web_sm", help="the spaCy model that Presidio uses: a name or a folder"
    )
    parser.add_argument("--presidio", default=sys.executable, metavar="PYTHON", help="the Python that has Presidio")
    arguments = parser.parse_args()
    ours = EmbeddedRecognizer()
    ours.recognize("Warm up.")
    other = Presidio(arguments.presidio, arguments.spacy)
    sets = [*sorted((arguments.data / "pii").glob("*.jsonl")), *sorted(Path(__file__).parent.glob("redaction_*.txt"))]
    for path in sets:
        rows = load(path)
        names: list[tuple[str, Recognize, set[str] | None]] = [("plain patterns", plain, None)]
        if not other.missing and other.ask([row["text"] for row in rows]):
            names.append(("Presidio", other.recognize, None))
        names += [("embedded", ours.recognize, None), ("embedded, as the pipeline", Policy(ours).find, DIRECT)]
        heading = "leak recall precision  recall     F1  redacted  ms/1,000 chars"
        print(f"\n{path.stem}: {len(rows)} texts\n{'':28} {heading}")
        for name, recognize, only in names:
            tally = measure(rows, recognize, only=only)
            if name == "Presidio":
                tally.seconds = sum(other.seconds(row["text"]) for row in rows)
            print(tally.row(name))
    contracts = [path.read_text(encoding="utf-8") for path in sorted((arguments.data / "ask").glob("*.txt"))]
    if contracts:
        cost(contracts, ours, other)
    if other.missing:
        print(f"\nPresidio is left out: {other.missing}")


if __name__ == "__main__":
    main()
