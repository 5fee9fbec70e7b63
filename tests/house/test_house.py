"""Rules of the house that no linter checks."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = sorted((ROOT / "agentkit").rglob("*.py"))
TRACKED = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.split()
MAX_LINES = 300
VENDORS = ("langgraph", "nemoguardrails", "litellm", "llama_index", "crewai", "pydantic", "numpy", "lxml", "docx")


def child(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    return done.stdout.strip()


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_is_short_enough_to_be_read_at_once(module: Path) -> None:
    assert len(module.read_text(encoding="utf-8").splitlines()) <= MAX_LINES


def test_importing_agentkit_loads_no_vendor() -> None:
    loaded = child("import sys, agentkit; print(' '.join(sorted({name.split('.')[0] for name in sys.modules})))")
    assert not set(loaded.split()) & set(VENDORS)


def test_help_loads_neither_graph_nor_rails() -> None:
    code = "import sys; from agentkit.cli.main import main; main(['--help']); print('|', *sys.modules)"
    loaded = {name.split(".")[0] for name in child(code).split("|")[-1].split()}
    assert not loaded & set(VENDORS)


def test_reading_a_text_loads_no_parser(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("The rent is due on the first day of each month.", encoding="utf-8")
    code = (
        "import sys; from pathlib import Path; from agentkit.reading import read_document;"
        f"read_document(Path({str(tmp_path / 'a.txt')!r}), index=0); print(*sys.modules)"
    )
    loaded = {name.split(".")[0] for name in child(code).split()}
    assert not loaded & {"pypdfium2", "pypdf", "lxml", "docx", "markdown_it"}


def test_no_committed_file_names_a_registry_or_a_path_of_the_machine_that_made_it() -> None:
    forbidden = re.compile(
        "py" + r"pi\.org|python" + r"hosted|registry\.np" + r"mjs|deb\.deb" + r"ian|/home/[a-z]|/ro" + "ot/"
    )
    offenders = [
        name
        for name in TRACKED
        if (ROOT / name).is_file()
        and (ROOT / name).suffix not in {".pdf", ".docx", ".png"}
        and forbidden.search((ROOT / name).read_text(encoding="utf-8", errors="ignore"))
    ]
    assert offenders == []


def test_every_pyright_exception_for_a_whole_file_says_why() -> None:
    bare = [
        str(path.relative_to(ROOT))
        for path in MODULES
        if (match := re.search(r"^# pyright: .*\n(.*)$", path.read_text(encoding="utf-8"), re.MULTILINE))
        and not match.group(1).startswith("#")
    ]
    assert bare == []


def test_the_shipped_rails_are_in_the_wheel() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert 'guardrails = "agentkit/_guardrails"' in text
    assert {path.name for path in (ROOT / "guardrails").iterdir() if path.is_dir()} >= {"base", "legal"}
