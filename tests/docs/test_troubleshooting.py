"""Every error that a user can meet has an entry that says what to do."""

import re

from doc_blocks import ROOT

from agentkit import errors

PAGE = ROOT / "docs" / "troubleshooting.md"


def _public() -> set[str]:
    classes = {name: value for name, value in vars(errors).items() if isinstance(value, type)}
    return {name for name, value in classes.items() if issubclass(value, errors.AgentKitError)}


def _entries() -> dict[str, str]:
    parts = re.split(r"^### (\w+)\n", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_every_error_has_an_entry_and_every_entry_an_error() -> None:
    assert set(_entries()) == _public()


def test_every_entry_stands_under_its_exit_code() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for heading, body in re.findall(r"^## ([^\n]+)\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL):
        code = re.search(r"exit code (\d)", heading)
        for name in re.findall(r"^### (\w+)$", body, re.MULTILINE):
            assert code is not None, heading
            assert getattr(errors, name).exit_code == int(code[1]), name


def test_every_entry_says_something_of_its_own() -> None:
    said = [" ".join(body.split()) for body in _entries().values()]
    assert all(len(body) > 60 for body in said)
    assert len(set(said)) == len(said)
