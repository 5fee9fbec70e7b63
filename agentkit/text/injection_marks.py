"""What gives a document away as a letter, and program code that stands in one: a page is told by a few signs."""

import re
from collections.abc import Iterable

_CODE = re.compile(r"```|\bimport (?:os|sys|socket|subprocess|requests|urllib|shutil|ctypes)\b|\b(?:subprocess|os)\.(?:call|run|system|popen)|\beval\(|\bexec\(|\b(?:code (?:snippet|block|excerpt|segment|fragment)|(?:following|below|subsequent|provided) code)\b", re.IGNORECASE)  # fmt: skip  # noqa: E501
_GREETING = re.compile(r"(?i)[ \t]{0,8}(?:subject:|from:|hi\b|dear\b|hello\b)")
_MAIL = re.compile(r"(?i)email_from:|unsubscribe|@\w{1,60}\.\w")
_MAIL_SIGNS = ("@", "email_from:", "unsubscribe")
_CODE_SIGNS = (
    *("```", "eval(", "exec(", "s.call", "s.run", "s.system", "s.popen", "import os", "import sys", "import socket"),
    *("import subprocess", "import requests", "import urllib", "import shutil", "import ctypes"),
    *(f"code {part}" for part in ("snippet", "block", "excerpt", "segment", "fragment")),
    *(f"{which} code" for which in ("following", "below", "subsequent", "provided")),
)
"""One of these is in whatever `_CODE` matches."""
_FIELDS = re.compile(r"(?<=\")[:,] ?(?=\")")
_FIELD_SIGNS = ('":"', '": "', '","', '", "')
"""One of these is in whatever `_FIELDS` matches, with the quotation marks around it."""
CODE_WORDS = frozenset(("code", "eval", "exec", "import", "os", "subprocess"))
"""One of these words is in whatever `_CODE` matches, or three backticks."""
_CASELESS = re.compile("[\u0130\u0131\u017f\u212a]")
"""Beyond ASCII, these are letters of ASCII in another case."""


def _may_hold(text: str, signs: Iterable[str]) -> bool:
    """Whether a text holds one of the signs in any case; with letters that only some call the same it may."""
    return any(map(text.lower().__contains__, signs)) or is_caseless(text)


def is_caseless(text: str, /) -> bool:
    """Whether a text has letters beyond ASCII that are letters of ASCII in another case."""
    return not text.isascii() and _CASELESS.search(text) is not None


def is_letter(text: str, /) -> bool:
    """Whether a text begins a line as letters and mails do, or holds an address of mail."""
    if any(map(_GREETING.match, text.split("\n"))):
        return True
    return _may_hold(text, _MAIL_SIGNS) and _MAIL.search(text) is not None


def code_in(text: str, /) -> re.Match[str] | None:
    """Return the first program code, or words for it, in a text."""
    return _CODE.search(text) if _may_hold(text, _CODE_SIGNS) else None


def fields_apart(text: str, /) -> str:
    """Return a text of the same length in which the fields of a record are lines of their own."""
    recorded = '"' in text and any(map(text.__contains__, _FIELD_SIGNS))
    return _FIELDS.sub(lambda gap: "\n" * len(gap.group()), text) if recorded else text
