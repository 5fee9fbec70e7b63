"""Checklists: what a lawyer looks for in a document, as a YAML file."""

import difflib
import re
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from agentkit.errors import ConfigError
from agentkit.types import ChecklistItem

SHIPPED = ("commercial", "lease", "nda")
"""Names of the checklists that come with agentkit."""

_TOP = ("title", "items")
_KEYS = ("name", "question", "terms", "id")
_TEXT_TAG = "tag:yaml.org,2002:str"
_MAX_BYTES = 1_000_000


def load_checklist(name: str | Path) -> list[ChecklistItem]:
    """Read a checklist.

    A checklist is a list of items, or a mapping with `items` (and a `title`). An item is a name, or a
    mapping with `name` and `question`, `terms` (a word, or a list of them) or both. An item with a name
    alone is looked for by its name.

    Args:
        name: the path of a YAML file, or the name of a shipped list ("commercial", "lease", "nda"). A file
            of that name wins.
    Returns:
        The items in order, at least one, each with an id of its own. No two share a name.
    Raises:
        ConfigError: there is no such file or list, or it is not well formed; the message says where.
    """
    path = Path(name)
    text = _read(path) if path.exists() or str(name) not in SHIPPED else _shipped(str(name))
    return parse_checklist(text, path=path.name)


def parse_checklist(text: str, *, path: str) -> list[ChecklistItem]:
    """Read a checklist from YAML text; `path` is what errors call it.

    Raises:
        ConfigError: the text is not a checklist.
    """
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise ConfigError(f"This is not YAML: {error.problem or 'it cannot be read'}.", path=path, line=line) from error
    except (yaml.YAMLError, RecursionError) as error:
        raise ConfigError("This is not YAML.", path=path) from error
    nodes = _items(root, path)
    items = [_item(node, path) for node in nodes]
    if not items:
        raise ConfigError("The checklist has no items.", path=path, line=1)
    _refuse_repeated(items, nodes, path)
    return _numbered(items)


def _refuse_repeated(items: Sequence[ChecklistItem], nodes: Sequence[Node], path: str) -> None:
    """Refuse a name or an id that two items share: a report could not tell them apart."""
    taken: dict[tuple[str, str], int] = {}
    for item, line in zip(items, map(_line, nodes), strict=True):
        for key, value in (("name", item.name), ("id", item.id)):
            first = taken.get((key, value.casefold()))
            if value and first is not None:
                raise ConfigError(f"The {key} `{value}` is that of the item in line {first}.", path=path, line=line)
            taken[key, value.casefold()] = line


def _read(path: Path) -> str:
    if not path.is_file():
        near = difflib.get_close_matches(str(path), SHIPPED, n=1)
        hint = f" Did you mean {near[0]}?" if near else f" Shipped lists: {', '.join(SHIPPED)}."
        raise ConfigError(f"There is no checklist {path.name}.{hint}", path=str(path))
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise ConfigError("The checklist is larger than 1 MB.", path=path.name)
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError("The checklist is not UTF-8 text.", path=path.name) from error
    except OSError as error:
        raise ConfigError(f"The checklist cannot be read: {error.strerror}.", path=path.name) from error


def _shipped(name: str) -> str:
    return files("agentkit.legal").joinpath("checklists", f"{name}.yaml").read_text("utf-8")


def _items(root: Node | None, path: str) -> Sequence[Node]:
    if isinstance(root, MappingNode):
        pairs = _pairs(root, _TOP, path)
        if "items" not in pairs:
            raise ConfigError("A checklist needs `items`.", path=path, line=_line(root))
        root = pairs["items"]
    if root is None:
        return []
    if not isinstance(root, SequenceNode):
        raise ConfigError("The items of a checklist are a list: begin each with a dash.", path=path, line=_line(root))
    return list[Node](root.value)


def _item(node: Node, path: str) -> ChecklistItem:
    if isinstance(node, ScalarNode):
        return ChecklistItem(id="", name=_text(node, path))
    if not isinstance(node, MappingNode):
        raise ConfigError("An item is a name, or has `name`, `question` and `terms`.", path=path, line=_line(node))
    pairs = _pairs(node, _KEYS, path)
    texts = {key: _text(value, path) for key, value in pairs.items() if key != "terms"}
    terms = _terms(pairs["terms"], path) if "terms" in pairs else []
    name = texts.get("name") or texts.get("question") or ", ".join(terms)
    if not name:
        raise ConfigError("An item needs a `name`.", path=path, line=_line(node))
    return ChecklistItem(id=texts.get("id", ""), name=name, question=texts.get("question", ""), terms=terms)


def _terms(node: Node, path: str) -> list[str]:
    if isinstance(node, ScalarNode):
        return [_text(node, path)]
    if isinstance(node, SequenceNode):
        return [_text(value, path) for value in node.value]
    raise ConfigError("`terms` is a word or a list of words.", path=path, line=_line(node))


def _pairs(node: MappingNode, known: Sequence[str], path: str) -> dict[str, Node]:
    pairs: dict[str, Node] = {}
    for key_node, value in node.value:
        key = _text(key_node, path)
        if key not in known:
            near = difflib.get_close_matches(key.lower(), known, n=1, cutoff=0.5)
            hint = f"did you mean `{near[0]}`?" if near else f"known are {', '.join(f'`{k}`' for k in known)}."
            raise ConfigError(f"Unknown key `{key}`: {hint}", path=path, line=_line(key_node))
        if key in pairs:
            raise ConfigError(f"`{key}` is given twice.", path=path, line=_line(key_node))
        pairs[key] = value
    return pairs


def _text(node: Node, path: str) -> str:
    if not isinstance(node, ScalarNode) or not str(node.value).strip():
        raise ConfigError("Text is expected here.", path=path, line=_line(node))
    if node.tag != _TEXT_TAG:
        raise ConfigError(f"Text is expected here: put `{node.value}` in quotes.", path=path, line=_line(node))
    return " ".join(str(node.value).split())


def _line(node: Node) -> int:
    return node.start_mark.line + 1


def _numbered(items: Sequence[ChecklistItem]) -> list[ChecklistItem]:
    """Give every item an id: its own, else its name in small letters; names that come out alike get a number."""
    taken: dict[str, int] = {}
    named: list[ChecklistItem] = []
    for item in items:
        base = item.id or re.sub(r"[^a-z0-9]+", "-", item.name.lower()).strip("-") or "item"
        taken[base] = taken.get(base, 0) + 1
        ident = base if taken[base] == 1 else f"{base}-{taken[base]}"
        named.append(ChecklistItem(id=ident, name=item.name, question=item.question, terms=item.terms))
    return named
