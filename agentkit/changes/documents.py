"""What a row is to an index: a document, with its passages, its name, and who may see it."""

import hashlib
import json
import string
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import cast
from urllib.parse import quote

from agentkit.changes import Incoming, Key, Put, Table
from agentkit.errors import ConfigError, DocumentError
from agentkit.indexed import Entry, Known
from agentkit.reading import read_document
from agentkit.text.splitting import split_document
from agentkit.text.structure import find_sections
from agentkit.types import Document

_CUT = 2
"""Changes with how rows are cut into passages: another number has every row read again."""


class Documents:
    """Makes documents of rows.

    Args:
        feed: the name of the feed; the keys of its documents begin with it.
        tables: which columns are what.
        max_chars: the longest passage.
    """

    def __init__(self, feed: str, tables: Sequence[Table], *, max_chars: int) -> None:
        self._feed = feed
        self._tables = {table.name: table for table in tables}
        self._max_chars = max_chars
        told = json.dumps([_CUT, max_chars, *(asdict(table) for table in tables)])
        self.fingerprint = hashlib.sha256(told.encode()).hexdigest()[:16]
        self.prefix = f"{feed}:"

    def prefix_of(self, table: str) -> str:
        """Return what the keys of a table's documents begin with."""
        return f"{self.prefix}{table}/"

    def key_of(self, table: str, key: Key) -> str:
        """Return the key of a row's document."""
        return self.prefix_of(table) + "/".join(quote(value, safe="", errors="surrogatepass") for value in key)

    def document(self, row: Put) -> Incoming | None:
        """Return the document of a row; None where it has no text.

        Raises:
            DocumentError: the file that it names is not there, or not where files may be.
        """
        table, key = self._tables[row.table], self.key_of(row.table, row.key)
        matter = row.values.get(table.matter) or ""
        labels = labels_in(row.values.get(table.labels) or "")
        name = _guarded(_named(table, row.values), matter, labels) or key
        title = " ".join((row.values.get(table.title) or "").split())
        stamp = hashlib.sha256(json.dumps([self.fingerprint, title]).encode())
        if table.path:
            path = _file(table, row.values.get(table.path))
            if path is None:
                return None
            stamp.update(path.read_bytes())
            known = Known(key, name, stamp.hexdigest(), matter, labels)
            return Incoming(known, lambda name: self._of_file(path, replace(known, name=name), title))
        text = row.values.get(table.text) or ""
        if not text.strip():
            return None
        stamp.update(text.encode("utf-8", "surrogatepass"))
        known = Known(key, name, stamp.hexdigest(), matter, labels)
        return Incoming(known, lambda name: self._of_text(text, replace(known, name=name), title))

    def _of_file(self, path: Path, known: Known, title: str) -> list[Entry]:
        return self._cut(read_document(path, index=0), known, title)

    def _of_text(self, text: str, known: Known, title: str) -> list[Entry]:
        digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
        document = Document(0, known.name, "text/plain", digest, text, title, sections=find_sections(text))
        return self._cut(document, known, title)

    def _cut(self, document: Document, known: Known, title: str) -> list[Entry]:
        passages = split_document(document, max_chars=self._max_chars)
        return [
            Entry(
                id=f"{known.name}#{number}",
                document=known.name,
                title=" > ".join(part for part in (title, passage.section) if part),
                start=passage.start,
                end=passage.end,
                text=passage.text,
                page=passage.page,
                locator=passage.locator,
                kind=passage.kind,
                matter=known.matter,
                labels=known.labels,
                version=document.sha256,
            )
            for number, passage in enumerate(passages)
            if passage.kind != "contents"
        ]


def labels_in(text: str) -> tuple[str, ...]:
    """Return the labels in a column: an array of Postgres or JSON, or words parted by commas; sorted, each once."""
    inner = text.strip()
    if inner.startswith("[") and inner.endswith("]"):
        try:
            read = cast(object, json.loads(inner))
        except ValueError:
            read = inner
        if isinstance(read, list):
            return tuple(sorted({str(item).strip() for item in cast(list[object], read)} - {""}))
    if inner.startswith("{") and inner.endswith("}"):
        return tuple(sorted(set(_array(inner[1:-1])) - {"", "NULL"}))
    return tuple(sorted({part.strip() for part in inner.split(",")} - {""}))


def _array(inner: str) -> list[str]:
    """Return the items of an array as Postgres writes it: in quotes where they hold anything but letters."""
    items, item, is_quoted, escaped = list[str](), "", False, False
    for char in inner:
        if escaped or (char not in '\\"' and (is_quoted or char != ",")):
            item, escaped = item + char, False
        elif char == "\\":
            escaped = True
        elif char == '"':
            is_quoted = not is_quoted
        else:
            items, item = [*items, item], ""
    return [*items, item]


def check_table(table: Table) -> None:
    """Refuse a table that cannot be made into documents.

    Raises:
        ConfigError: says what is missing.
    """
    if bool(table.text) == bool(table.path):
        raise ConfigError(f"{table.name}: name the column of the text under `text`, or that of a file under `path`.")
    if table.path and not table.folder:
        raise ConfigError(f"{table.name}: say under `folder` where the files are that `{table.path}` names.")
    try:
        list(string.Formatter().parse(table.label_as))
    except ValueError as error:
        raise ConfigError(f"{table.name}: `name` is {table.label_as!r}: columns stand in braces: {{title}}.") from error


def _named(table: Table, values: Mapping[str, str | None]) -> str:
    """Return what a row's document is called: columns stand in braces."""
    parts = [
        literal + ((values.get(field) or "") if field else "")
        for literal, field, _, _ in string.Formatter().parse(table.label_as)
    ]
    return " ".join("".join(parts).split())


def _guarded(name: str, matter: str, labels: Sequence[str]) -> str:
    """Return a name of which two in two matters tell nothing of each other."""
    told = f"{matter}[{','.join(labels)}]" if labels else matter
    return f"{told}/{name}" if told and name else name


def _file(table: Table, value: str | None) -> Path | None:
    if not value:
        return None
    folder = Path(table.folder).resolve()
    path = (folder / value).resolve()
    if not path.is_relative_to(folder):
        raise DocumentError(f"{value} lies outside of {table.folder}.", name=value)
    if not path.is_file():
        raise DocumentError(f"There is no file {value} in {table.folder}.", name=value)
    return path
