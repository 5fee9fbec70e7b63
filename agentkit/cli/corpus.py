"""Commands about a corpus: index and search."""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import Field, asdict
from pathlib import Path
from typing import Annotated, ClassVar, Protocol, cast

import typer

from agentkit.cli import options as o
from agentkit.errors import UsageError
from agentkit.types import Document, Passage

IndexDir = Annotated[
    Path | None, typer.Option("--index", help="Directory of the index.", metavar="DIR", show_default=False)
]


def index(
    paths: Annotated[list[Path] | None, typer.Argument(help="Documents, or folders of them.")] = None,
    directory: IndexDir = None,
    passages: Annotated[
        Path | None, typer.Option("--passages", help="Passages that are already cut.", metavar="FILE.jsonl")
    ] = None,
    config: o.ConfigFile = None,
    password: o.Password = None,
    format: o.OutputFormat = o.Format.json,  # noqa: A002  (the documented option)
) -> int:
    """Build or update an index of documents, or of passages."""
    from agentkit.adapters.memory.corpus import from_documents, from_rows
    from agentkit.cli import session

    if directory is None:
        raise UsageError("Say where the index goes: --index DIR.")
    loaded = session.configure(config)
    if passages is not None:
        corpus = from_rows(_rows(passages))
    else:
        corpus = from_documents(*_read(paths or [], password=password, max_chars=loaded.retrieval.max_chars))
    corpus.save(directory)
    counts = {"passages": len(corpus.entries), "documents": len({entry.document for entry in corpus.entries})}
    sentence = f"{directory} holds {counts['passages']} passages; documents: {counts['documents']}."
    typer.echo(sentence if format is o.Format.text else json.dumps(counts))
    return 0


def search(
    paths: Annotated[list[Path] | None, typer.Argument(help="Documents, in place of --index.")] = None,
    directory: IndexDir = None,
    query: Annotated[str, typer.Option("--query", help="What to look for.", show_default=False)] = "",
    queries: Annotated[
        Path | None, typer.Option("--queries", help='Lines of {"id","query","document"?}.', metavar="FILE.jsonl")
    ] = None,
    top_k: Annotated[int, typer.Option("--top-k", min=1, help="How many passages.")] = 10,
    config: o.ConfigFile = None,
    password: o.Password = None,
    format: o.OutputFormat = o.Format.text,  # noqa: A002  (the documented option)
) -> int:
    """Find passages, best first, in an index or in documents."""
    from agentkit.adapters.memory.corpus import Corpus, from_documents
    from agentkit.cli import session

    loaded = session.configure(config)
    if directory is not None:
        corpus = Corpus.load(directory)
    else:
        corpus = from_documents(*_read(paths or [], password=password, max_chars=loaded.retrieval.max_chars))
    if queries is not None:
        return _answer_all(corpus, queries, top_k)
    if not query.strip():
        raise UsageError("Say what to look for: --query TEXT or --queries FILE.jsonl.")
    hits = corpus.search(query, top_k=top_k)
    if format is o.Format.text:
        by_id = {entry.id: entry for entry in corpus.entries}
        for hit in hits:
            words = " ".join(by_id[hit.id].text.split())
            typer.echo(f"{hit.score:7.2f}  {hit.document} {hit.start}-{hit.end}\n         {words[:160]}")
    else:
        typer.echo(json.dumps({"hits": [asdict(hit) for hit in hits]}, ensure_ascii=False))
    return 0


class _Hit(Protocol):
    __dataclass_fields__: ClassVar[dict[str, Field[object]]]


class _Searchable(Protocol):
    def search(self, query: str, *, top_k: int, document: str | None = None) -> Sequence[_Hit]: ...


def _answer_all(corpus: _Searchable, queries: Path, top_k: int) -> int:
    code = 0
    for number, row in enumerate(_rows(queries), start=1):
        text, document = row.get("query"), row.get("document")
        if not isinstance(text, str):
            result: dict[str, object] = {"id": row.get("id"), "error": f"Line {number} has no query."}
            code = 2
        else:
            hits = corpus.search(text, top_k=top_k, document=str(document) if document is not None else None)
            result = {"id": row.get("id"), "hits": [asdict(hit) for hit in hits]}
        sys.stdout.write(json.dumps(result, ensure_ascii=False) + "\n")
    return code


def _read(paths: list[Path], *, password: str | None, max_chars: int) -> tuple[list[Document], list[Passage]]:
    from agentkit.reading import expand_paths, read_document
    from agentkit.text.splitting import split_document

    if not paths:
        raise UsageError("Say what to read: documents or folders, or an index with --index DIR.")
    o.check_paths(paths)
    files = expand_paths(paths)
    documents = [read_document(path, index=number, password=password) for number, path in enumerate(files)]
    return documents, [p for document in documents for p in split_document(document, max_chars=max_chars)]


def _rows(path: Path) -> Iterator[Mapping[str, object]]:
    if not path.is_file():
        raise UsageError(f"There is no file {path}.")
    with path.open(encoding="utf-8", errors="replace") as stream:
        for number, line in enumerate(stream, start=1):
            if not line.strip():
                continue
            try:
                row = cast(object, json.loads(line))
            except ValueError as error:
                raise UsageError(f"{path.name}, line {number} is not JSON.") from error
            if not isinstance(row, dict):
                raise UsageError(f"{path.name}, line {number} is not a JSON object.")
            yield cast(dict[str, object], row)


COMMANDS = {"index": index, "search": search}
