"""How often honest sentences trip the rules behind the output rails; `rails.py` says what the rails cost.

    python benchmarks/output_rails.py --data ../shared/data/dev

Sentences of agreements, and of business letters and calls, none of which is an attack; nothing is passed as cited, so
that no sentence is excused as a quotation. The other column is what somebody would write first: a list of words, or the
plain pattern of a tag, a link, a number of nine digits or an "@". For *personal*, sentences that do hold a number or an
address of a person are stopped rightly here: in a run, the source that they cite holds it.
"""

import argparse
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from agentkit.adapters.nemo.output_settings import PERSONAL_TYPES
from agentkit.privacy.answers import foreign_identifiers
from agentkit.prompts.instructions import own_instructions
from agentkit.text.advice import find_advice
from agentkit.text.answers import leaked
from agentkit.text.markup import find_markup
from agentkit.text.sentences import split_sentences
from agentkit.text.toxicity import find_toxic

RULES: dict[str, tuple[Callable[[str], object], re.Pattern[str]]] = {
    "toxicity": (find_toxic, re.compile(r"(?i)\b(?:kill|die|stupid|idiot|bastard|rape|hate|scum|execute)\b")),
    "advice": (find_advice, re.compile(r"(?i)\byou (?:should|must|may)\b|\b(?:advise|recommend)\b")),
    "markup": (lambda text: find_markup(text, links=False), re.compile(r"<\w|\]\(|\w+:/|javascript")),
    "personal": (lambda text: foreign_identifiers(text, "", types=PERSONAL_TYPES), re.compile(r"@|(?:\d[ -]?){9}")),
    "leakage": (lambda text: leaked(text, "", [], prompts=own_instructions()), re.compile(r"(?i)instructions|prompt")),
}


def sentences(data: Path) -> Iterator[str]:
    """Yield the sentences of the agreements, letters and calls of the development data."""
    texts = [path.read_text("utf-8") for path in sorted((data / "ask").glob("*.txt"))]
    for name, key in (("retrieval/cuad_corpus.jsonl", "text"), ("faithfulness/summedits.jsonl", "doc")):
        path = data / name
        rows = path.read_text("utf-8").splitlines() if path.is_file() else []
        texts += dict.fromkeys(str(json.loads(row)[key]) for row in rows)
    for text in texts:
        yield from (text[start:end].strip() for start, end in split_sentences(text) if end - start > 10)


def false_alarms(found: list[str]) -> None:
    print(f"of {len(found):,} sentences  ours  plain pattern")
    for name, (ours, plain) in RULES.items():
        print(
            f"{name:<19} {sum(bool(ours(text)) for text in found):>4}  {sum(bool(plain.search(t)) for t in found):>13}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="the folder with ask, retrieval and faithfulness")
    false_alarms(list(sentences(parser.parse_args().data)))


if __name__ == "__main__":
    main()
