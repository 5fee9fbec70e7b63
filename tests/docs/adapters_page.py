"""The reference page of the adapters, made from what each exports: `python tests/docs/adapters_page.py` writes it."""

import ast
from pathlib import Path

from doc_blocks import ROOT

PAGE = ROOT / "docs" / "reference" / "adapters.md"
_HEAD = """# Adapters

One package for each outside system; each is imported late, and says which extra it needs where that is missing. This
page is made from what they export (`python tests/docs/adapters_page.py`).
"""


def page() -> str:
    """Return the page's text."""
    parts = [_HEAD]
    for package in sorted((ROOT / "agentkit" / "adapters").glob("*/__init__.py")):
        told, names = _exports(package)
        own = [name for name in names if _is_ours(package.parent, name)]
        if own:
            entries = "".join(f"\n::: agentkit.adapters.{package.parent.name}.{name}\n" for name in own)
            parts.append(f"\n## {package.parent.name}\n\n{told}\n{entries}")
    return "".join(parts)


def _exports(path: Path) -> tuple[str, list[str]]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in tree.body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__":
            return ast.get_docstring(tree) or "", list(ast.literal_eval(node.value))
    return "", []


def _is_ours(folder: Path, name: str) -> bool:
    """Tell whether a name is a class or function of this package, and not the vendor's."""
    kinds = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    trees = (ast.parse(path.read_text(encoding="utf-8")) for path in folder.glob("*.py"))
    return any(isinstance(node, kinds) and node.name == name for tree in trees for node in tree.body)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
