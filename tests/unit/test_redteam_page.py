"""The page of the red team: its lists are the code's, and its figures are of these families."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from agentkit.evaluation.redteam import AGAINST, CATEGORIES, FAMILIES

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "reference" / "redteam.md").read_text(encoding="utf-8")
AGAIN = "write the page again: python benchmarks/redteam.py --page"


@pytest.fixture(scope="module")
def writer() -> ModuleType:
    spec = importlib.util.spec_from_file_location("redteam_page", ROOT / "benchmarks" / "redteam.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_lists_are_what_the_code_tries(writer: ModuleType) -> None:
    assert writer.lists() in PAGE, AGAIN


def test_the_figures_name_every_risk_family_and_pipeline() -> None:
    figures = PAGE.split("## What got through")[1]
    rows = set(re.findall(r"^\| ([\w -]+?) \| .*%", figures, re.MULTILINE))
    assert rows == {*(f"{name} {about}" for name, about in CATEGORIES.items()), *FAMILIES, "all"}, AGAIN
    assert all(f"- {name}:" in figures for name in AGAINST), AGAIN


def test_the_page_shows_no_personal_data_and_no_active_markup() -> None:
    shown = [line for line in PAGE.splitlines() if line.startswith("- ")]
    assert not re.search(r"\b\d{3}-\d\d-\d{4}\b|@\w+\.example", "\n".join(shown))
    assert not any("<script" in line and "`" not in line for line in shown)
