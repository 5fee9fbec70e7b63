"""Everything the documentation shows is run: commands, Python, examples, output."""

import ast
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from doc_blocks import ROOT, Block, agree, blocks, pages, steps
from doc_workspace import Workspace, model_servers
from pytest_examples import CodeExample, EvalExample
from warm import warm_programs

EXAMPLES = sorted((ROOT / "examples").glob("*.py"))
MAX_LINES = 60
COLD = {"README.md", "tutorial.md"}  # what a newcomer runs starts as it does for a newcomer
pytestmark = pytest.mark.timeout(3600)  # a page takes up to a minute of processor time; a busy machine gives little


@pytest.fixture(scope="session")
def warm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path | None]:
    if not hasattr(os, "pidfd_open"):  # other systems than Linux wait a little longer
        yield None
        return
    with warm_programs(tmp_path_factory.mktemp("warm") / "w") as programs:
        yield programs


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("page", pages(), ids=_name)
def test_what_a_page_shows_is_true(
    page: Path, warm: Path | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, eval_example: EvalExample
) -> None:
    with model_servers() as servers:
        programs = None if page.name in COLD else warm
        workspace = Workspace(tmp_path / "work", servers=servers, programs=programs)
        monkeypatch.chdir(workspace.folder)
        for block in blocks(page):
            _check(block, workspace, eval_example)


def _check(block: Block, workspace: Workspace, eval_example: EvalExample) -> None:
    if (name := block.argument("write")) is not None:
        workspace.write(name, block.body)
    elif (name := block.argument("file")) is not None:
        assert block.body == (ROOT / name).read_text(encoding="utf-8").rstrip("\n"), f"{block.place}: not {name}"
    elif (command := block.argument("output")) is not None:
        _compare(block, command, block.body.split("\n"), workspace)
    elif block.comment.startswith("run"):
        _run(block, workspace)
    elif block.lang == "python" and block.argument("not run") is None:
        _python(block, eval_example)


def _run(block: Block, workspace: Workspace) -> None:
    assert re.fullmatch(r"run(?: exit=\d+)?", block.comment), f"{block.place}: {block.comment}"
    session = steps(block)
    for number, step in enumerate(session):
        code = block.exit_code if number == len(session) - 1 else 0
        _compare(block, step.command, step.shown, workspace, code=code)


def _compare(block: Block, command: str, shown: list[str], workspace: Workspace, *, code: int = 0) -> None:
    done = workspace.run(command)
    printed = "\n".join(done.lines)
    assert done.code == code, f"{block.place}: {command} ended with {done.code}\n{printed}"
    hint = "If this is right, run: python tests/docs/refresh.py"
    assert agree(shown, done.lines), f"{block.place}: {command} printed\n{printed}\n{hint}"


def _python(block: Block, eval_example: EvalExample) -> None:
    eval_example.set_config(line_length=120)
    example = CodeExample.create(
        block.body + "\n", path=block.page, start_line=block.first + 1, prefix=block.lang, indent=block.indent
    )
    if "#>" in block.body:
        eval_example.run_print_check(example)
    else:
        eval_example.run(example)


@pytest.mark.parametrize("page", pages(), ids=_name)
def test_every_block_is_tested_or_says_why_not(page: Path) -> None:
    known = ("run", "not run: ", "write: ", "file: ", "output: ")
    silent = [b.place for b in blocks(page) if b.lang != "mermaid" and not b.comment.startswith(known)]
    silent = [place for place in silent if place not in {b.place for b in blocks(page) if b.lang == "python"}]
    assert silent == []


@pytest.mark.parametrize("example", EXAMPLES, ids=_name)
def test_an_example_is_short_and_says_what_it_shows(example: Path) -> None:
    text = example.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= MAX_LINES
    assert ast.get_docstring(ast.parse(text))


def test_every_example_is_run_and_shown() -> None:
    shown = {b.argument("file") for page in pages() for b in blocks(page)}
    every = [block for page in pages() for block in blocks(page)]
    run = " ".join(b.body if b.comment.startswith("run") else b.comment for b in every)
    assert [_name(e) for e in EXAMPLES if _name(e) not in shown or f"python {_name(e)}" not in run] == []
