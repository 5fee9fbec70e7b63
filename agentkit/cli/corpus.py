"""Commands about a corpus: index and search."""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from agentkit.cli import options as o
from agentkit.errors import UsageError
from agentkit.types import Document, Passage

if TYPE_CHECKING:
    from agentkit.adapters.memory.corpus import Corpus
    from agentkit.adapters.memory.engine import Found

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
    from agentkit.adapters.memory.indexing import update
    from agentkit.cli import indexing, session

    if directory is None:
        raise UsageError("Say where the index goes: --index DIR.")
    loaded = session.configure(config)
    if passages is not None:
        sources, covered = indexing.of_passages(passages, rows(passages))
    else:
        sources, covered = indexing.of_files(paths or [], password=password, max_chars=loaded.retrieval.max_chars)
    outcome = update(directory, sources, covered=covered)
    counts: dict[str, object] = {"passages": outcome.passages, "documents": outcome.documents}
    for row in outcome.quarantined:
        typer.echo(f"agentkit: left out: {row.reason}", err=True)
    if format is o.Format.text:
        typer.echo(f"{directory} holds {counts['passages']} passages; documents: {counts['documents']}.")
        return 0
    told: dict[str, object] = {"unchanged": outcome.unchanged, "removed": outcome.removed}
    told["quarantined"] = [{"path": row.key, "reason": row.reason} for row in outcome.quarantined]
    typer.echo(json.dumps(counts | {name: value for name, value in told.items() if value}, ensure_ascii=False))
    return 0


def search(
    paths: Annotated[list[Path] | None, typer.Argument(help="Documents, in place of --index.")] = None,
    directory: IndexDir = None,
    query: Annotated[str, typer.Option("--query", help="What to look for.", show_default=False)] = "",
    queries: Annotated[
        Path | None, typer.Option("--queries", help='Lines of {"id","query","document"?}.', metavar="FILE.jsonl")
    ] = None,
    top_k: Annotated[int, typer.Option("--top-k", min=1, help="How many passages.")] = 10,
    explain: Annotated[
        bool, typer.Option("--explain", help="Say what each part of a score is, and which words were found.")
    ] = False,
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
        return _answer_all(corpus, queries, top_k, explain=explain)
    if not query.strip():
        raise UsageError("Say what to look for: --query TEXT or --queries FILE.jsonl.")
    hits = corpus.search(query, top_k=top_k)
    if format is not o.Format.text:
        typer.echo(json.dumps({"hits": _hits(corpus, query, hits, explain=explain)}, ensure_ascii=False))
        return 0
    for hit in hits:
        entry = hit.entry
        words = " ".join(entry.text.split())
        typer.echo(f"{hit.ranked.score:7.2f}  {entry.document} {entry.start}-{entry.end}\n         {words[:160]}")
        if explain:
            typer.echo(_explained(corpus, query, hit))
    return 0


def _answer_all(corpus: "Corpus", queries: Path, top_k: int, *, explain: bool) -> int:
    code = 0
    for number, row in enumerate(rows(queries), start=1):
        text, document = row.get("query"), row.get("document")
        if not isinstance(text, str):
            result: dict[str, object] = {"id": row.get("id"), "error": f"Line {number} has no query."}
            code = 2
        else:
            hits = corpus.search(text, top_k=top_k, document=str(document) if document is not None else None)
            result = {"id": row.get("id"), "hits": _hits(corpus, text, hits, explain=explain)}
        sys.stdout.write(json.dumps(result, ensure_ascii=False) + "\n")
    return code


def _hits(corpus: "Corpus", query: str, hits: "Sequence[Found]", *, explain: bool) -> list[dict[str, object]]:
    from agentkit.adapters.memory.explaining import explain_hit

    shown: list[dict[str, object]] = []
    for hit in hits:
        entry, score = hit.entry, round(hit.ranked.score, 6)
        row: dict[str, object] = {"id": entry.id, "score": score, "document": entry.document}
        row |= {"start": entry.start, "end": entry.end}
        if explain:
            row["explain"] = asdict(explain_hit(query, hit, corpus.document_of(hit)))
        shown.append(row)
    return shown


def _explained(corpus: "Corpus", query: str, hit: "Found") -> str:
    from agentkit.adapters.memory.explaining import explain_hit

    told = explain_hit(query, hit, corpus.document_of(hit))
    shown = [f"{name} {value:.2f}" for name, value in told.components.items() if abs(value) >= 0.005]
    lines = [" + ".join(shown).replace("+ short -", "- short ")]
    lines += [f"found: {', '.join(f'{word} ({asked})' for word, asked in told.words.items())}"] if told.words else []
    lines += [f"clause: {told.clause}"] if told.clause else []
    lines += [f"definition: {one.term}, {one.start}-{one.end}" for one in told.definitions]
    return "\n".join(f"         {line}" for line in lines)


def _read(paths: list[Path], *, password: str | None, max_chars: int) -> tuple[list[Document], list[Passage]]:
    from agentkit.reading import expand_paths, read_document
    from agentkit.text.splitting import split_document

    if not paths:
        raise UsageError("Say what to read: documents or folders, or an index with --index DIR.")
    o.check_paths(paths)
    files = expand_paths(paths)
    documents = [read_document(path, index=number, password=password) for number, path in enumerate(files)]
    return documents, [p for document in documents for p in split_document(document, max_chars=max_chars)]


def rows(path: Path) -> Iterator[Mapping[str, object]]:
    """Yield the objects of a file of JSON lines.

    Raises:
        UsageError: there is no such file, or a line is no JSON object.
    """
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
