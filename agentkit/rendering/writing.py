"""A report on disk: all of it, or nothing.

A report is built in a hidden directory beside its place, flushed to disk and then renamed, so that at
no moment half a report can be seen, whatever happens to the process or the machine.
"""

import contextlib
import os
import re
import secrets
import shutil
import time
from collections.abc import Generator
from pathlib import Path

from agentkit.durable import sync
from agentkit.errors import AgentKitError, OutputError
from agentkit.rendering.exchange import exchange
from agentkit.rendering.html import render_html
from agentkit.rendering.markdown import render_markdown
from agentkit.rendering.word import render_docx
from agentkit.report import Report

_MAX_STEM = 80
_OURS = frozenset({"report.json", "report.md", "report.docx", "report.html", "report.status.json", "sources"})
_STALE_S = 3600.0  # a hidden directory this old was left by a process that was killed


def check_writable(out: Path, *, force: bool) -> None:
    """Refuse early, before any work is done, a place where no report can be written.

    Raises:
        OutputError: `out` exists and `force` is False; it is a file, or a directory that holds anything
            but a report; or its nearest existing parent does not let us write.
    """
    place = _resolved(out)
    if os.path.lexists(place):
        _check_replaceable(place, out, force=force)
    parent = _existing_parent(place)
    if not parent.is_dir():
        raise OutputError(f"Cannot write the report to {out}: {parent} is not a directory.")
    if not os.access(parent, os.W_OK | os.X_OK):
        raise OutputError(f"Cannot write the report to {out}: {parent} does not let us write.")


def write_report(report: Report, out: Path, *, force: bool) -> list[Path]:
    """Write `report.json`, `.md`, `.docx`, `.html` and the exact source texts into the directory `out`.

    Returns:
        The files written, the JSON first.

    Raises:
        OutputError: as in `check_writable`, or the disk refused; nothing was changed then.
    """
    files = _rendered(report)
    check_writable(out, force=force)
    place = _resolved(out)
    try:
        with _parents(place.parent), _building(place) as building:
            _write_files(building, files)
            _put_in_place(building, place, force=force)
    except OSError as error:
        raise OutputError(f"Cannot write the report to {out}: {error.strerror or error}.") from error
    return [out / name for name in files]


def _resolved(out: Path) -> Path:
    try:
        return out.expanduser().resolve()
    except (OSError, RuntimeError) as error:
        raise OutputError(f"Cannot write the report to {out}: the path cannot be resolved.") from error


def _check_replaceable(place: Path, out: Path, *, force: bool) -> None:
    if not place.is_dir():
        raise OutputError(f"Cannot write the report to {out}: there is a file of that name.")
    if not force:
        raise OutputError(f"{out} exists already: choose another place, or --force to replace the report in it.")
    try:
        held = {entry.name for entry in place.iterdir()}
    except OSError as error:
        raise OutputError(f"Cannot replace {out}: {error.strerror}.") from error
    foreign = sorted(held - _OURS)
    if foreign:
        raise OutputError(f"Will not replace {out}, even with --force: it holds {foreign[0]!r}, which is not ours.")
    if held and "report.json" not in held:
        raise OutputError(f"Will not replace {out}, even with --force: it holds no report.json, so it is not a report.")


def _existing_parent(place: Path) -> Path:
    return next((parent for parent in place.parents if parent.exists()), Path(place.anchor))


def _rendered(report: Report) -> dict[str, bytes]:
    """Make every file in memory first: what cannot be rendered leaves no trace on disk."""
    texts = {
        "report.json": report.to_json(),
        "report.md": render_markdown(report),
        "report.html": render_html(report),
    }
    for source, text in zip(report.sources, report.texts, strict=True):
        if not re.fullmatch(r"sources/[^/\x00]{1,200}\.txt", source.text) or source.text in texts:
            raise AgentKitError(f"A source of the report has an impossible file name: {source.text!r}.")
        texts[source.text] = text
    try:
        files = {name: text.encode("utf-8") for name, text in texts.items()}
    except UnicodeEncodeError as error:
        raise OutputError("The report cannot be written: a text in it holds half of a surrogate pair.") from error
    return {**files, "report.docx": render_docx(report)}


@contextlib.contextmanager
def _parents(parent: Path) -> Generator[None]:
    """Create missing parent directories, and remove them again if the report does not get there."""
    missing = [path for path in (parent, *parent.parents) if not path.exists()]
    try:
        parent.mkdir(parents=True, exist_ok=True)
        yield
    except BaseException:
        for path in missing:
            with contextlib.suppress(OSError):
                path.rmdir()
        raise


@contextlib.contextmanager
def _building(place: Path) -> Generator[Path]:
    """Lend a hidden directory beside `place`; whatever is in it afterwards is removed."""
    stem = f".{place.name[:_MAX_STEM]}."
    _sweep(place.parent, stem)
    building = place.with_name(f"{stem}{secrets.token_hex(6)}.part")
    try:
        building.mkdir()
        yield building
    finally:
        shutil.rmtree(building, ignore_errors=True)


def _sweep(parent: Path, stem: str) -> None:
    for entry in parent.iterdir():
        if re.fullmatch(re.escape(stem) + r"[0-9a-f]{12}\.part", entry.name):
            with contextlib.suppress(OSError):
                if time.time() - entry.stat().st_mtime > _STALE_S:
                    shutil.rmtree(entry, ignore_errors=True)


def _write_files(building: Path, files: dict[str, bytes]) -> None:
    (building / "sources").mkdir()
    for name, content in files.items():
        with (building / name).open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    sync(building / "sources")
    sync(building)


def _put_in_place(building: Path, place: Path, *, force: bool) -> None:
    if place.exists():
        _check_replaceable(place, place, force=force)  # it may have appeared since the first look
        exchange(building, place)
    else:
        building.rename(place)
    sync(place.parent)
