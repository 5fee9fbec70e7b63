"""Commands about a corpus: index and search."""

import json
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agentkit.cli import access as who
from agentkit.cli import options as o
from agentkit.errors import UsageError
from agentkit.types import Document, Passage

if TYPE_CHECKING:
    from agentkit.adapters.memory.indexing import Outcome

IndexDir = Annotated[
    str | None,
    typer.Option(
        "--index", help="Directory of the index, or a store's address.", metavar="DIR|URL", show_default=False
    ),
]
At = Annotated[
    str | None,
    typer.Option("--at", help="An earlier version, by its first characters.", metavar="VERSION", show_default=False),
]
Keep = Annotated[
    int | None, typer.Option("--keep", min=0, help="Keep so many earlier versions (5 unless told).", show_default=False)
]
Jobs = Annotated[
    int | None,
    typer.Option("--jobs", min=1, help="Read in so many processes; by default one per core.", show_default=False),
]


def index(
    paths: Annotated[list[Path] | None, typer.Argument(help="Documents, or folders of them.")] = None,
    where: IndexDir = None,
    passages: Annotated[
        Path | None, typer.Option("--passages", help="Passages that are already cut.", metavar="FILE.jsonl")
    ] = None,
    matter: who.Matter = None,
    label: who.Labels = None,
    everyone: who.Everyone = False,
    at: At = None,
    keep: Keep = None,
    jobs: Jobs = None,
    config: o.ConfigFile = None,
    password: o.Password = None,
    format: o.OutputFormat = o.Format.json,  # noqa: A002  (the documented option)
) -> int:
    """Build or update an index of documents, or of passages; or go back to an earlier version of it."""
    from agentkit.adapters.memory.indexing import restore, update
    from agentkit.adapters.memory.manifest import is_guarded
    from agentkit.cli import indexing, ingesting, rows, session, stores

    loaded = session.configure(config)
    where = where or loaded.index.url
    if where is None:
        raise UsageError("Say where the index goes: --index DIR, or index.url in the configuration.")
    url, directory = _place(where, at)
    if at is not None:
        if paths or passages is not None:
            raise UsageError("--at takes up what the index held: leave out the documents, or leave out --at.")
        return _tell(directory, restore(directory, at), format)
    guarded = stores.is_guarded(url, loaded) if url is not None else is_guarded(directory)
    rules = who.rules(loaded, matter=matter, labels=label, everyone=everyone, guarded=guarded)
    if passages is not None:
        files, sources, covered = indexing.of_passages(passages, rows.rows(passages), rules=rules)
    else:
        files, sources, covered = indexing.of_files(
            paths or [], password=password, max_chars=loaded.retrieval.max_chars, rules=rules
        )
    sizes = ingesting.sizes_of(files)
    progress = ingesting.Ingestion.on_terminal(sizes)
    reader = progress.watched(ingesting.choose_reader(files, sizes, jobs))
    if url is not None:
        outcome = stores.update(url, loaded, progress.along(sources), covered=covered, reader=reader)
    else:
        outcome = update(directory, progress.along(sources), covered=covered, reader=reader, keep=keep)
    progress.close()
    return _tell("The store" if url else directory, outcome, format)


def _place(where: str, at: str | None) -> tuple[str | None, Path]:
    """Return the address that is meant, or None, and the folder."""
    from agentkit.opening import is_address

    if is_address(where) and at is not None:
        raise UsageError("A store keeps no earlier versions: leave out --at, or name the directory of an index.")
    return (where if is_address(where) else None), Path(where)


def _tell(directory: object, outcome: "Outcome", format_: o.Format) -> int:
    for row in outcome.quarantined:
        typer.echo(f"agentkit: left out: {row.reason}", err=True)
    for _, name, warnings in outcome.warned:
        for warning in warnings:
            typer.echo(f"agentkit: {name}: {warning}", err=True)
    if format_ is o.Format.text:
        moved = f" Passages new: {outcome.new}; kept: {outcome.kept}; removed: {outcome.dropped}."
        shown = moved if (outcome.new and outcome.kept) or outcome.dropped else ""
        typer.echo(f"{directory} holds {outcome.passages} passages; documents: {outcome.documents}.{shown}")
        return 0
    counts: dict[str, object] = {"passages": outcome.passages, "documents": outcome.documents}
    told: dict[str, object] = {"unchanged": outcome.unchanged, "removed": outcome.removed}
    told |= {"new_passages": outcome.new, "kept_passages": outcome.kept, "removed_passages": outcome.dropped}
    told["quarantined"] = [{"path": row.key, "reason": row.reason} for row in outcome.quarantined]
    told["warnings"] = [{"path": key, "warnings": list(warnings)} for key, _, warnings in outcome.warned]
    told["version"] = outcome.version
    typer.echo(json.dumps(counts | {name: value for name, value in told.items() if value}, ensure_ascii=False))
    return 0


def search(
    paths: Annotated[list[Path] | None, typer.Argument(help="Documents, in place of --index; and the query.")] = None,
    where: IndexDir = None,
    query: Annotated[str, typer.Option("--query", help="What to look for.", show_default=False)] = "",
    queries: Annotated[
        Path | None, typer.Option("--queries", help='Lines of {"id","query","document"?}.', metavar="FILE.jsonl")
    ] = None,
    top_k: Annotated[int, typer.Option("--top-k", min=1, help="How many passages.")] = 10,
    explain: Annotated[
        bool, typer.Option("--explain", help="Say what each part of a score is, and which words were found.")
    ] = False,
    principal: who.AsPrincipal = None,
    matter: who.Matters = None,
    label: who.Held = None,
    at: At = None,
    config: o.ConfigFile = None,
    password: o.Password = None,
    format: o.OutputFormat = o.Format.text,  # noqa: A002  (the documented option)
) -> int:
    """Find passages, best first, in an index or in documents."""
    from agentkit.adapters.memory.corpus import Corpus, from_documents
    from agentkit.cli import finding, session, stores
    from agentkit.cli.asking import spoken

    loaded = session.configure(config)
    asks = who.principal(loaded, name=principal, matters=matter, labels=label)
    paths, query = spoken(paths or [], query)
    where = where if paths else where or loaded.index.url
    url, directory = _place(where, at) if where is not None else (None, None)
    with ExitStack() as stack:
        if url is not None:
            corpus = stack.enter_context(closing(stores.StoreCorpus(url, loaded)))
        elif directory is not None:
            corpus = Corpus.load(directory, version=at)
        else:
            corpus = from_documents(*_read(paths or [], password=password, max_chars=loaded.retrieval.max_chars))
        if queries is not None:
            return finding.answer_all(corpus, queries, asks, top_k, explain=explain)
        if not query.strip():
            raise UsageError("Say what to look for: in quotes, with --query TEXT, or --queries FILE.jsonl.")
        finding.answer_one(corpus, query, asks, top_k, explain=explain, as_json=format is not o.Format.text)
    return 0


def _read(paths: list[Path], *, password: str | None, max_chars: int) -> tuple[list[Document], list[Passage]]:
    from agentkit.reading import expand_paths, read_document
    from agentkit.text.splitting import split_document

    if not paths:
        raise UsageError("Say what to read: documents or folders, or an index with --index DIR.")
    o.check_paths(paths)
    files = expand_paths(paths)
    documents = [read_document(path, index=number, password=password) for number, path in enumerate(files)]
    return documents, [p for document in documents for p in split_document(document, max_chars=max_chars)]


COMMANDS = {"index": index, "search": search}
