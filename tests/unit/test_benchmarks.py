"""The benchmarks start, explain themselves and measure rightly on a tiny sample; no time is asserted."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPTS = sorted((ROOT / "benchmarks").glob("*.py"))
LIGHT = [
    path for path in SCRIPTS if path.stem in {"budgets", "cache", "ledger", "reading", "redaction", "review", "run"}
]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=False
    )


@pytest.mark.parametrize("path", LIGHT, ids=lambda path: path.stem)
def test_a_script_explains_itself_and_takes_a_data_folder(path: Path) -> None:
    done = run(str(path), "--help")
    assert done.returncode == 0, done.stderr
    assert "--data" in done.stdout


def test_every_script_that_measures_is_run_by_make_bench() -> None:
    named = run("-c", "from benchmarks.run import SCRIPTS; print(*SCRIPTS)").stdout.split()
    assert {*named, "run", "train_injection", "needed_words", "needed_pairs"} == {path.stem for path in SCRIPTS}


def test_without_the_labelled_sets_make_bench_says_so(tmp_path: Path) -> None:
    page = tmp_path / "RESULTS.md"
    done = run("-m", "benchmarks.run", "--data", str(tmp_path), "--results", str(page))
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert str(tmp_path) in done.stderr
    assert not page.exists()


def test_a_table_is_replaced_and_the_words_around_it_stay() -> None:
    page = "Before.\n<!-- begin ask -->\nold\n<!-- end ask -->\nAfter.\n"
    code = (
        "import sys; from benchmarks.run import insert; sys.stdout.write(insert(sys.argv[1], sys.argv[2], 'new \\\\1'))"
    )
    assert run("-c", code, page, "ask").stdout == page.replace("old", "new \\1")
    assert run("-c", code, page, "review").stdout.startswith(page.rstrip())
    assert run("-c", code, page.replace("<!-- end ask -->", ""), "ask").returncode == 1


def test_the_pipeline_is_measured_on_a_tiny_contract(tmp_path: Path) -> None:
    text = (
        "SERVICES AGREEMENT\n\n1. Term. This Agreement lasts three years from 1 March 2031.\n\n2. Fees. The Client "
        "shall pay EUR 900 a month.\n\n3. Governing Law. This Agreement is governed by the laws of Ireland.\n"
    )
    law = "This Agreement is governed by the laws of Ireland."
    facts = [{"category": "Governing Law", "answer": "Ireland", "texts": [law]}]
    (tmp_path / "summarization").mkdir()
    (tmp_path / "ask").mkdir()
    (tmp_path / "summarization/cuad_keyfacts.jsonl").write_text(json.dumps({"text": text, "facts": facts}) + "\n")
    (tmp_path / "ask/a.txt").write_text(text)
    asked = [
        {"document": "a.txt", "question": "Which law governs the agreement?", "absent": False, "answers": [law]},
        {"document": "a.txt", "question": "Is there a cap on liability?", "absent": True, "answers": []},
    ]
    (tmp_path / "ask/questions.jsonl").write_text("".join(json.dumps(row) + "\n" for row in asked))
    done = run(str(ROOT / "benchmarks/pipeline.py"), "--data", str(tmp_path))
    assert done.returncode == 0, done.stderr
    rows = {line[:36].strip(): line[36:].split() for line in done.stdout.splitlines()}
    assert rows["agentkit summarize"][0] == "1.000"
    assert rows["agentkit ask"] == ["1.000", "1.000", "1.000", "1.000"]
