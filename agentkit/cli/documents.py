"""Commands about documents: summarize, ask, text."""

import json
import os
import shutil
import sys
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Protocol, TypeVar

import typer

from agentkit.cli import access as who
from agentkit.cli import options as o
from agentkit.cli.asking import asked_of
from agentkit.cli.corpus import At, IndexDir
from agentkit.errors import UsageError, WaitingError
from agentkit.report import Report
from agentkit.types import ChecklistItem

if TYPE_CHECKING:
    from agentkit.config import Config

T = TypeVar("T")


class _Closing(Protocol):
    async def aclose(self) -> None: ...


class _Watching(Protocol):
    def parting(self, paths: Sequence[Path], *, again: str) -> str: ...


_FACTS = ("name", "title", "media_type", "sha256", "warnings")
_EXIT = {"approved": 0, "unanswered": 0, "needs_review": 4, "refused": 3}


def summarize(
    paths: o.Paths,
    focus: Annotated[str, typer.Option("--focus", help="What the summary is about.", show_default=False)] = "",
    max_claims: o.MaxClaims = None,
    max_words: o.MaxWords = None,
    checklist: o.Checklist = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print what would be done and its worst cost.")] = False,
    config: o.ConfigFile = None,
    rails: o.RailsDir = None,
    model: o.Model = None,
    format: o.OutputFormat = o.Format.text,  # noqa: A002  (the documented option)
    out: o.Out = None,
    force: o.Force = False,
    keep_redacted: o.KeepRedacted = False,
    password: o.Password = None,
    matter: o.Matter = "",
    tenant: o.Tenant = "",
    label: o.Label = None,
    ocr: o.Ocr = False,
) -> int:
    """Summarize documents: every sentence cited, reviewed and checked."""
    from agentkit.cli import session

    check_output(format, out, force)
    chosen = session.configure(config, rails=rails, model=model)
    _check_paths(paths)
    from agentkit.app import AgentKit, Options

    options = Options(
        max_claims=max_claims,
        max_words=max_words,
        checklist=_checklist(checklist),
        matter=matter,
        tenant=tenant,
        labels=label or [],
        password=password,
        keep_redacted=keep_redacted,
        ocr=ocr,
    )
    kit = AgentKit(chosen)
    if dry_run:
        typer.echo(session.run(_closing(kit, kit.plan(paths, options=options))).render())
        return 0
    progress = session.Progress.on_terminal()
    work = kit.summarize(paths, focus=focus, options=options, progress=progress)
    report = to_report(kit, work, progress, paths, again=session.options_again(config, rails=rails, model=model))
    return deliver(report, format, out, force, paths)


def ask(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(help="Documents, or folders of them; and the question.", show_default=False),
    ] = None,
    question: Annotated[str, typer.Option("--question", help="What to answer.", show_default=False)] = "",
    where: IndexDir = None,
    at: At = None,
    principal: who.AsPrincipal = None,
    max_claims: o.MaxClaims = None,
    max_words: o.MaxWords = None,
    config: o.ConfigFile = None,
    rails: o.RailsDir = None,
    model: o.Model = None,
    format: o.OutputFormat = o.Format.text,  # noqa: A002  (the documented option)
    out: o.Out = None,
    force: o.Force = False,
    keep_redacted: o.KeepRedacted = False,
    password: o.Password = None,
    matter: o.Matter = "",
    tenant: o.Tenant = "",
    label: o.Label = None,
    ocr: o.Ocr = False,
) -> int:
    """Answer a question from documents, or from an index of them, with citations, best claim first."""
    from agentkit.cli import session

    chosen = session.configure(config, rails=rails, model=model)
    paths, question, index = asked_of(paths or [], question, where=where or "", configured=chosen.index.url or "")
    check_output(format, out, force)
    asks = who.principal(chosen, name=principal, matters=[matter] if matter else None, labels=label) if index else None
    if index:
        label = None  # of an index, they say what the one who asks may see
    elif principal is not None or at is not None:
        raise UsageError("--as and --at are about an index: name one with --index.")
    else:
        _check_paths(paths)
    from agentkit.app import AgentKit, Options

    kit = AgentKit(chosen)
    options = Options(
        max_claims=max_claims,
        max_words=max_words,
        index=index,
        at=at or "",
        principal=asks,
        matter=matter,
        tenant=tenant,
        labels=label or [],
        password=password,
        keep_redacted=keep_redacted,
        ocr=ocr,
    )
    progress = session.Progress.on_terminal()
    work = kit.ask(paths, question, options=options, progress=progress)
    report = to_report(kit, work, progress, paths, again=session.options_again(config, rails=rails, model=model))
    return deliver(report, format, out, force, paths, asked=(chosen, index))


def text(
    path: Annotated[Path, typer.Argument(help="A document.", show_default=False)],
    config: o.ConfigFile = None,
    format: o.OutputFormat = o.Format.text,  # noqa: A002  (the documented option)
    password: o.Password = None,
    ocr: o.Ocr = False,
) -> int:
    """Print the extracted text that offsets refer to."""
    from agentkit.cli import session
    from agentkit.reading import read_document

    if config is not None:
        session.configure(config)
    o.check_paths([path])
    document = read_document(path, index=0, password=password, ocr=ocr)
    if format is o.Format.json:
        facts: dict[str, object] = {name: getattr(document, name) for name in _FACTS}
        result = {**facts, "pages": len(document.pages) or None, "text": document.text}
        sys.stdout.buffer.write(json.dumps(result, ensure_ascii=False).encode("utf-8") + b"\n")
        return 0
    for warning in document.warnings:
        sys.stderr.write(f"agentkit: {warning}\n")
    sys.stdout.buffer.write(document.text.encode("utf-8"))
    return 0


def _checklist(name: str | None) -> list[ChecklistItem]:
    if name is None:
        return []
    from agentkit.reading.checklist import load_checklist

    return load_checklist(name)


def _check_paths(paths: list[Path]) -> None:
    """Find a mistyped path before anything slow is loaded."""
    from agentkit.reading import expand_paths

    o.check_paths(paths)
    expand_paths(paths)


def to_report(
    kit: _Closing, work: Coroutine[object, object, Report], progress: _Watching, paths: Sequence[Path], *, again: str
) -> Report:
    """Run to the report; an interrupted user is told how to continue, where that is possible."""
    from agentkit.cli import session

    try:
        return session.run(_closing(kit, work), parting=lambda: progress.parting(paths, again=again))
    except WaitingError as waits:  # the same options as now are needed then
        asked = {"run_id": waits.run_id, "agent": waits.agent, "question": waits.question}
        raise WaitingError(**asked, again=again) from None


async def _closing(kit: _Closing, work: Coroutine[object, object, T]) -> T:
    try:
        return await work
    finally:
        await kit.aclose()


def check_output(format: o.Format, out: Path | None, force: bool) -> None:  # noqa: A002
    """Find out that a report cannot be delivered before anything is done for it."""
    if format is o.Format.docx and out is None and sys.stdout.isatty():
        raise UsageError("A DOCX report is not for a terminal: redirect it to a file, or use --out DIR.")
    if out is not None:
        from agentkit.rendering.writing import check_writable

        check_writable(out, force=force)


def deliver(
    report: Report,
    format: o.Format,  # noqa: A002
    out: Path | None,
    force: bool,
    paths: Sequence[Path] = (),
    asked: "tuple[Config, str] | None" = None,
) -> int:
    """Write and print a report; return the exit code of its status; `asked` is the index that was, and how it opens."""
    from agentkit import rendering
    from agentkit.cli.registering import note

    if out is not None:
        rendering.write_report(report, out, force=force)
        config, index = asked or (None, "")
        note(report, out, paths, config=config, index=index)
    if format is o.Format.docx:
        sys.stdout.buffer.write(rendering.render_docx(report))
    elif format is o.Format.text:
        text = rendering.render_terminal(
            report,
            width=min(shutil.get_terminal_size((80, 24)).columns, 100),
            colour=sys.stdout.isatty() and "NO_COLOR" not in os.environ,
            unicode=rendering.shows_unicode(sys.stdout.encoding),
            out=out,
        )
        sys.stdout.write(text)
    else:
        # Bytes, so that a terminal's encoding changes nothing in a report.
        sys.stdout.buffer.write(rendering.render(report, format.value).encode("utf-8"))
    return _EXIT[report.status]


COMMANDS = {"summarize": summarize, "ask": ask, "text": text}
