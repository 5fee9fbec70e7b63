"""Run what the pages show and write the output it has now into them: `python tests/docs/refresh.py [PAGE…]`."""

import sys
import tempfile
from pathlib import Path

from doc_blocks import ROOT, Block, Step, blocks, pages, refreshed, steps
from doc_workspace import Workspace, model_servers


def new_body(block: Block, workspace: Workspace) -> str:
    """Return the block's text as it should be."""
    if (name := block.argument("file")) is not None:
        return (ROOT / name).read_text(encoding="utf-8").rstrip("\n")
    if (command := block.argument("output")) is not None:
        return "\n".join(_shown(block, Step(command, block.body.split("\n")), workspace, code=0))
    if block.comment.startswith("run"):
        lines: list[str] = []
        session = steps(block)
        for number, step in enumerate(session):
            code = block.exit_code if number == len(session) - 1 else 0
            lines += [f"$ {step.command}", *_shown(block, step, workspace, code=code)]
        return "\n".join(lines)
    if (name := block.argument("write")) is not None:
        workspace.write(name, block.body)
    return block.body


def _shown(block: Block, step: Step, workspace: Workspace, *, code: int) -> list[str]:
    done = workspace.run(step.command)
    if done.code != code:
        raise SystemExit("\n".join([f"{block.place}: {step.command} ended with {done.code}", *done.lines]))
    return refreshed(step.shown, done.lines)


def refresh(page: Path) -> bool:
    """Rewrite one page; return whether anything changed."""
    lines = page.read_text(encoding="utf-8").splitlines()
    with tempfile.TemporaryDirectory() as folder, model_servers() as servers:
        workspace = Workspace(Path(folder) / "work", servers=servers)
        bodies = [(block, new_body(block, workspace)) for block in blocks(page)]
    for block, body in reversed(bodies):
        lines[block.first + 1 : block.last] = [(" " * block.indent + line).rstrip() for line in body.split("\n")]
    text = "\n".join(lines) + "\n"
    changed = text != page.read_text(encoding="utf-8")
    page.write_text(text, encoding="utf-8")
    return changed


if __name__ == "__main__":
    chosen = [Path(name).resolve() for name in sys.argv[1:]] or pages()
    for page in chosen:
        sys.stdout.write(f"{'changed' if refresh(page) else 'as it was'}  {page.relative_to(ROOT)}\n")
