"""The command doctor: what is installed, configured and reachable, and what is not."""

import asyncio
import importlib.util
import json
import os
import platform
import shutil
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import typer

from agentkit.calls import LedgerQuery
from agentkit.cli import options as o
from agentkit.egress import EgressPolicy, proxies
from agentkit.errors import AgentKitError
from agentkit.quiet import PHONES, loud

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agentkit.changes import Lag
    from agentkit.config import Config
    from agentkit.config.following import FollowConfig
    from agentkit.ports import Ledger

_CORE = ("langgraph", "langgraph-checkpoint-sqlite", "nemoguardrails", "pydantic", "pypdfium2", "python-docx", "lxml")
_EXTRAS = {
    "litellm": "litellm",
    "llamaindex": "llama_index.core",
    "crewai": "crewai",
    "ner": "spacy",
    "presidio": "presidio_analyzer",
    "yara": "yara",
    "local": "xllamacpp",
    "otel": "opentelemetry.sdk",
    "postgres": "asyncpg",
    "kafka": "confluent_kafka",
    "redis": "redisvl",
    "ocr": "pytesseract",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the examination."""

    topic: str
    ok: bool
    detail: str


def doctor(
    config: o.ConfigFile = None,
    rails: o.RailsDir = None,
    model: o.Model = None,
    format: o.OutputFormat = o.Format.text,  # noqa: A002  (the documented option)
) -> int:
    """Say what is installed, configured and reachable, and what is not."""
    findings = [*_installed(), *_extras(), _ocr(), *_configured(config, rails, model)]
    if format is o.Format.json:
        typer.echo(json.dumps([{"topic": f.topic, "ok": f.ok, "detail": f.detail} for f in findings], indent=2))
    else:
        for finding in findings:
            typer.echo(f"{'ok ' if finding.ok else '-- '} {finding.topic:28} {finding.detail}")
    required = [
        finding
        for finding in findings
        if finding.topic.startswith(("core", "config", "home", "rails", "ledger", "writer"))
    ]
    return 0 if all(finding.ok for finding in required) else 6


def _installed() -> list[Finding]:
    rows = [Finding("core python", True, platform.python_version())]
    for name in _CORE:
        try:
            rows.append(Finding(f"core {name}", True, version(name)))
        except PackageNotFoundError:
            rows.append(Finding(f"core {name}", False, "not installed"))
    return rows


def _extras() -> list[Finding]:
    rows: list[Finding] = []
    for extra, module in _EXTRAS.items():
        found = _importable(module)
        hint = "installed" if found else f"pip install 'governed-agentkit[{extra}]'"
        rows.append(Finding(f"extra {extra}", found, hint))
    return rows


def _importable(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ImportError:
        return False


def _ocr() -> Finding:
    path = shutil.which("tesseract")
    return Finding("tesseract", path is not None, path or "not installed; scanned pages cannot be read")


def _configured(path: Path | None, rails: str | None, model: str | None) -> list[Finding]:
    from agentkit.cli import session
    from agentkit.composition import check_privacy, make_rails, rails_folder
    from agentkit.config import home_directory
    from agentkit.modelling import make_model

    try:
        config = session.configure(path, rails=rails, model=model)
        check_privacy(config)
    except AgentKitError as error:
        return [Finding("config", False, str(error))]
    rows = [Finding("config", True, str(path or "embedded defaults"))]
    home = home_directory()
    parent = next(folder for folder in (home, *home.parents) if folder.exists())
    rows.append(Finding("home", os.access(parent, os.W_OK), str(home)))
    try:
        make_rails(config.rails.folder, config)
        rows.append(Finding("rails", True, rails_folder(config.rails.folder).name))
    except AgentKitError as error:
        rows.append(Finding("rails", False, str(error)))
    rows.append(_ledger(config, home))
    rows += _door(EgressPolicy.parse(config.privacy.egress))
    writer = config.roles.writer
    for name in [writer] if isinstance(writer, str) else writer:
        try:
            # Making a model contacts nobody: a name nobody knows is found here, and not in a run.
            asyncio.run(make_model([name], config).aclose())
            rows.append(Finding("writer", True, name))
        except AgentKitError as error:
            rows.append(Finding("writer", False, str(error)))
    rows += [finding for feed in config.follow for finding in _feed(config, feed)]
    return rows + [_reachable(item.model_name, item.litellm_params.api_base) for item in config.models]


def _ledger(config: "Config", home: Path) -> Finding:
    """Say where calls are booked, how many rows there are, and whether more can be written."""
    from agentkit.composition import make_ledger

    file = home / "ledger.db" if config.ledger.adapter == "sqlite" else None
    where = str(file or config.ledger.adapter)
    try:
        ledger = make_ledger(config, home)
        if ledger is None:
            return Finding("ledger", True, "none: calls are not booked")
        if file is not None and not file.exists():
            return Finding("ledger", True, f"{where}, nothing is booked yet")
        return Finding("ledger", True, f"{where}, {asyncio.run(_rows(ledger)):,} rows")
    except AgentKitError as error:
        return Finding("ledger", False, f"{where}: {error}")


async def _rows(ledger: "Ledger") -> int:
    """Return how many rows there are, of a ledger that can be written."""
    try:
        await ledger.settle("", [])
        totals = await ledger.totals(LedgerQuery(), by="tenant")
    finally:
        await ledger.aclose()
    return sum(total.calls + total.cache_hits for total in totals)


def _door(policy: EgressPolicy) -> list[Finding]:
    """Say who may be contacted, which proxies the environment names, and which libraries are not kept silent."""
    rows = [Finding("egress", True, policy.text)]
    for proxy in proxies():
        allowed = policy.allows(proxy.host)
        what = "allowed" if allowed else "not allowed: calls that it would carry are refused (see NO_PROXY)"
        rows.append(Finding(f"proxy {proxy.variable}", allowed, f"{proxy.host}, {what}"))
    if not proxies():
        rows.append(Finding("proxy", True, "none in the environment"))
    talking = loud()
    off = f"all of {len(PHONES)} switches are off"
    rows.append(Finding("telemetry", not talking, f"you have set {', '.join(talking)}" if talking else off))
    return rows


def _feed(config: "Config", chosen: "FollowConfig") -> list[Finding]:
    """Say how far behind a feed is, and for whom its server keeps changes that nobody reads."""
    from agentkit.following.opening import make_feed

    async def asked() -> "tuple[Lag, Mapping[str, int]]":
        feed = make_feed(config, chosen)
        try:
            return await feed.lag(), await feed.unread()
        finally:
            await feed.aclose()

    try:
        lag, unread = asyncio.run(asked())
    except AgentKitError as error:
        return [Finding(f"feed {chosen.name}", False, str(error))]
    told = f"{lag.behind:,} {lag.unit} behind"
    if lag.lost:
        told = "the server keeps nothing for it: agentkit follow reads every row"
    rows = [Finding(f"feed {chosen.name}", not lag.lost, told)]
    for name, kept in unread.items():
        what = f"nobody reads it now; the server keeps {kept:,} bytes for it"
        if not lag.bounded:
            what += ", without a limit (max_slot_wal_keep_size)"
        rows.append(Finding(f"slot {name}", kept <= chosen.max_lag_mb * 1_000_000, what))
    return rows


def _reachable(name: str, api_base: str | None) -> Finding:
    import socket

    if api_base is None:
        return Finding(f"model {name}", True, "hosted; not contacted")
    where = urlsplit(api_base)
    port = where.port or (443 if where.scheme == "https" else 80)
    try:
        with socket.create_connection((where.hostname or "", port), timeout=3):
            return Finding(f"model {name}", True, f"{where.hostname}:{port} answers")
    except (OSError, AgentKitError) as error:
        return Finding(f"model {name}", False, f"{where.hostname}:{port}: {error}")


COMMANDS = {"doctor": doctor}
