"""A file of cases, one JSON object a line → what is asked, and what a right answer is."""

import difflib
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, cast

from agentkit.calls import Message
from agentkit.errors import UsageError
from agentkit.evaluation.jsonschemas import is_schema

Kind = Literal["ask", "summarize", "chat"]
_KEYS: Mapping[Kind, frozenset[str]] = {
    "ask": frozenset({"id", "path", "text", "question", "answer", "must_contain", "unanswerable"}),
    "summarize": frozenset({"id", "path", "text", "task", "focus", "facts", "max_words"}),
    "chat": frozenset({"id", "messages", "prompt", "expected", "schema", "regex"}),
}
_ROLES = ("system", "user", "assistant")


@dataclass(frozen=True, slots=True)
class Case:
    """One thing to ask, and what a right answer is.

    Args:
        id: names it in results.
        kind: *ask* and *summarize* read a document, *chat* is a conversation.
        path: the document; None where `text` is it.
        text: the document's text.
        question: what is asked, or the focus of a summary.
        answers: right answers, any of which will do.
        must_contain: what an answer has to hold.
        unanswerable: whether the document does not say.
        facts: what a summary has to hold; of each, any of its wordings.
        max_words: the longest right summary.
        messages: the conversation.
        schema: the JSON schema of a right answer.
        regex: what a right answer matches.
    """

    id: str
    kind: Kind
    path: Path | None = None
    text: str = ""
    question: str = ""
    answers: list[str] = field(default_factory=list[str])
    must_contain: list[str] = field(default_factory=list[str])
    unanswerable: bool = False
    facts: list[list[str]] = field(default_factory=list[list[str]])
    max_words: int | None = None
    messages: list[Message] = field(default_factory=list[Message])
    schema: Mapping[str, object] | None = None
    regex: str = ""


@dataclass(frozen=True, slots=True)
class Dataset:
    """Cases, a hash of them and of the documents they name, and a sentence for each line that is none."""

    cases: list[Case]
    digest: str
    faults: list[str]


class _Bad(Exception):  # noqa: N818 - carries a sentence from the reader to its line
    pass


def load_cases(path: Path) -> Dataset:
    """Read a file of cases; paths of documents count from its folder.

    Raises:
        UsageError: there is no such file, or no line of it is a case.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"There is no file of cases {path}: {error.strerror}.") from error
    cases, faults = _read(data.decode("utf-8", "replace").split("\n"), path.parent)
    if not cases:
        raise UsageError(f"{path.name} holds no case. {' '.join(faults[:3])}".strip())
    digest = hashlib.sha256(data)
    for case in cases:
        if case.path is not None:
            digest.update(hashlib.sha256(case.path.read_bytes()).digest())
    return Dataset(cases, digest.hexdigest()[:16], faults)


def _read(lines: Sequence[str], folder: Path) -> tuple[list[Case], list[str]]:
    cases: dict[str, Case] = {}
    faults: list[str] = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            case = _case(line, folder)
        except _Bad as error:
            faults.append(f"Line {number} is left out: {error}.")
            continue
        if cases.setdefault(case.id, case) is not case:
            faults.append(f"Line {number} is left out: its id {case.id!r} stands in an earlier line, too.")
    return list(cases.values()), faults


def _case(line: str, folder: Path) -> Case:
    try:
        row = cast(object, json.loads(line))
    except (ValueError, RecursionError):
        raise _Bad("it is not JSON") from None
    if not isinstance(row, dict):
        raise _Bad("it is not a JSON object")
    data = cast(dict[str, object], row)
    kind = _kind(data)
    for key in data:
        if key not in _KEYS[kind]:
            near = difflib.get_close_matches(key, _KEYS[kind], n=1)
            raise _Bad(f"there is no key {key!r}" + (f", did you mean {near[0]}" if near else ""))
    name = data.get("id")
    if not isinstance(name, str | int) or name == "":
        raise _Bad("it has no id")
    return _CASES[kind](str(name), data, folder)


def _kind(data: Mapping[str, object]) -> Kind:
    if "messages" in data or "prompt" in data:
        return "chat"
    if data.get("task") == "summarize":
        return "summarize"
    if "question" in data:
        return "ask"
    raise _Bad('it asks nothing: give a question, "task": "summarize", or a prompt or messages')


def _ask(name: str, data: Mapping[str, object], folder: Path) -> Case:
    path, text = _document(data, folder)
    unanswerable = data.get("unanswerable", False)
    answers, parts = _texts(data, "answer"), _texts(data, "must_contain")
    if not isinstance(unanswerable, bool) or bool(answers or parts) == unanswerable:
        raise _Bad('a question has an answer or must_contain, or is "unanswerable": true')
    question = _text(data, "question")
    return Case(name, "ask", path, text, question, answers, must_contain=parts, unanswerable=unanswerable)


def _summarize(name: str, data: Mapping[str, object], folder: Path) -> Case:
    path, text = _document(data, folder)
    facts = data.get("facts")
    listed = cast(list[object], facts) if isinstance(facts, list) else []
    wordings = [_texts({"facts": item}, "facts") for item in listed]
    words = data.get("max_words")
    if not wordings or not all(wordings):
        raise _Bad("a summary needs facts: a list of texts, or of lists of wordings")
    if words is not None and (not isinstance(words, int) or words < 1):
        raise _Bad("max_words must be a whole number above 0")
    focus = _text(data, "focus") if "focus" in data else ""
    return Case(name, "summarize", path, text, focus, facts=wordings, max_words=words)


def _chat(name: str, data: Mapping[str, object], folder: Path) -> Case:  # noqa: ARG001 - as the other kinds
    given, schema = data.get("messages"), data.get("schema")
    listed = cast(list[object], given) if isinstance(given, list) else []
    messages = [Message("user", _text(data, "prompt"))] if "prompt" in data else [_message(item) for item in listed]
    answers, regex = _texts(data, "expected"), _text(data, "regex") if "regex" in data else ""
    if not messages or messages[-1].role != "user":
        raise _Bad("its messages do not end with one of the user")
    if not answers and not regex and schema is None:
        raise _Bad("a conversation needs expected, regex or schema")
    if schema is not None and not is_schema(schema):
        raise _Bad("its schema is no JSON schema")
    checked = cast(Mapping[str, object], schema) if schema is not None else None
    try:
        re.compile(regex)
    except re.error as error:
        raise _Bad(f"its regex is none: {error}") from None
    return Case(name, "chat", answers=answers, messages=messages, schema=checked, regex=regex)


_CASES = {"ask": _ask, "summarize": _summarize, "chat": _chat}


def _message(item: object) -> Message:
    row = cast(dict[str, object], item) if isinstance(item, dict) else {}
    role = next((role for role in _ROLES if role == row.get("role")), None)
    if role is None:
        raise _Bad(f"a message has a role ({', '.join(_ROLES)}) and content")
    return Message(cast(Literal["system", "user", "assistant"], role), _text(row, "content"))


def _document(data: Mapping[str, object], folder: Path) -> tuple[Path | None, str]:
    if ("path" in data) == ("text" in data):
        raise _Bad("it needs either the path of a document, or a text")
    if "text" in data:
        return None, _text(data, "text")
    path = folder / _text(data, "path")
    if not path.is_file():
        raise _Bad(f"there is no document {data['path']}")
    return path, ""


def _text(data: Mapping[str, object], key: str) -> str:
    value = data.get(key)
    if not isinstance(value, str) or not value.strip():
        raise _Bad(f"{key} must be a text")
    return value


def _texts(data: Mapping[str, object], key: str) -> list[str]:
    value = data.get(key, [])
    items: Sequence[object] = cast(list[object], value) if isinstance(value, list) else [value]
    return [_text({key: str(item) if isinstance(item, int | float) else item}, key) for item in items]
