"""What `agentkit search` prints of the passages it found."""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import typer

from agentkit.adapters.memory.corpus import Corpus
from agentkit.adapters.memory.engine import Found
from agentkit.adapters.memory.explaining import definitions_for, explain_hit
from agentkit.cli.replacing import Editions
from agentkit.cli.rows import rows
from agentkit.cli.stores import StoreCorpus
from agentkit.indexed import Principal
from agentkit.legal.lineages import Later
from agentkit.rendering.words import line

Searched = Corpus | StoreCorpus


def answer_one(
    corpus: Searched, query: str, asks: Principal | None, top_k: int, *, explain: bool, as_json: bool
) -> None:
    """Print what one query finds."""
    ordered = Editions().ordered(corpus, corpus.search(query, top_k=top_k, principal=asks), asks)
    if as_json:
        answer = {"hits": _hits(corpus, query, ordered, explain=explain)} | _version(corpus)
        typer.echo(json.dumps(answer, ensure_ascii=False))
        return
    for hit, later in ordered:
        entry = hit.entry
        place = f"{line(entry.document)} {entry.start}-{entry.end}"
        typer.echo(f"{hit.ranked.score:7.2f}  {place}\n         {line(entry.text)[:160]}")
        for one in later:
            typer.echo(f"         {line(one.words())}")
        if explain:
            typer.echo(_explained(corpus, query, hit))


def answer_all(corpus: Searched, queries: Path, asks: Principal | None, top_k: int, *, explain: bool) -> int:
    """Print a line for each query of a file; return the exit code."""
    code, editions = 0, Editions()
    for number, row in enumerate(rows(queries), start=1):
        text, document = row.get("query"), row.get("document")
        if not isinstance(text, str):
            result: dict[str, object] = {"id": row.get("id"), "error": f"Line {number} has no query."}
            code = 2
        else:
            within = str(document) if document is not None else None
            hits = corpus.search(text, top_k=top_k, document=within, principal=asks)
            shown = _hits(corpus, text, editions.ordered(corpus, hits, asks), explain=explain)
            result = {"id": row.get("id"), "hits": shown} | _version(corpus)
        sys.stdout.write(json.dumps(result, ensure_ascii=False) + "\n")
    return code


def _version(corpus: Searched) -> dict[str, object]:
    return {"version": corpus.version} if corpus.version else {}


def _hits(
    corpus: Searched, query: str, hits: Sequence[tuple[Found, Sequence[Later]]], *, explain: bool
) -> list[dict[str, object]]:
    shown: list[dict[str, object]] = []
    for hit, later in hits:
        entry, score = hit.entry, round(hit.ranked.score, 6)
        row: dict[str, object] = {"id": entry.id, "score": score, "document": entry.document}
        row |= {"start": entry.start, "end": entry.end, "section": entry.title, "page": entry.page}
        row |= {"locator": entry.locator, "kind": entry.kind, "version": entry.version}
        row |= {"matter": entry.matter, "labels": list(entry.labels)} if entry.matter or entry.labels else {}
        row |= {"superseded_by": [asdict(one) for one in later]} if later else {}
        told = explain_hit(query, hit, corpus.document_of(hit)) if explain else None
        definitions = told.definitions if told else definitions_for(entry, corpus.document_of(hit))
        row |= {"definitions": [asdict(one) for one in definitions]} if definitions else {}
        row |= {"explain": asdict(told)} if told else {}
        shown.append(row)
    return shown


def _explained(corpus: Searched, query: str, hit: Found) -> str:
    told = explain_hit(query, hit, corpus.document_of(hit))
    shown = [f"{name} {value:.2f}" for name, value in told.components.items() if abs(value) >= 0.005]
    lines = [" + ".join(shown).replace("+ short -", "- short ")]
    lines += [f"found: {', '.join(f'{word} ({asked})' for word, asked in told.words.items())}"] if told.words else []
    lines += [f"clause: {told.clause}"] if told.clause else []
    lines += [f"definition: {one.term}, {one.start}-{one.end}" for one in told.definitions]
    return "\n".join(f"         {line(told)}" for told in lines)
