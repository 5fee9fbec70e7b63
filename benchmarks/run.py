"""Measure everything again and write the tables of benchmarks/RESULTS.md; what stands around them stays.

    python -m benchmarks.run [--data ../shared/data/dev] [--only NAME]

Each script runs in a process of its own, one after the other, for at most as long as its line below says. A table is
replaced where its script ended well; else its old table stays and the end of its output goes to standard error.
"""

import argparse
import os
import platform
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "RESULTS.md"
# Each script's seconds: three times what it takes on two busy cores.
SCRIPTS = {
    "summarization": 600,
    "pipeline": 900,
    "ask": 600,
    "checklist": 300,
    "review": 300,
    "redaction": 600,
    "rails": 300,
    "output_rails": 300,
    "injection": 300,
    "redteam": 1200,
    "reading": 600,
    "ingestion": 300,
    "retrieval": 1200,
    "components": 600,
    "stores": 3600,
    "peers": 5400,
    "follow": 1200,
    "budgets": 900,
    "door": 600,
    "serving": 300,
    "cache": 1800,
    "ledger": 600,
    "governed": 900,
}


@dataclass(frozen=True, slots=True)
class Run:
    """How a script ended: its exit code (124: out of time), what it printed, and what it complained of."""

    code: int
    output: str
    errors: str


def command(name: str) -> str:
    return f"python benchmarks/{name}.py --data ../shared/data/dev"


def measure(name: str, data: Path) -> Run:
    script = [sys.executable, str(ROOT / "benchmarks" / f"{name}.py"), "--data", str(data.resolve())]
    try:
        done = subprocess.run(
            script, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", timeout=SCRIPTS[name], check=False
        )
    except subprocess.TimeoutExpired:
        return Run(124, "", f"not finished within {SCRIPTS[name]} s")
    return Run(done.returncode, done.stdout, done.stderr)


def machine() -> str:
    """Say when and on what kind of machine, without its name."""
    kind = f"{platform.machine()}, {os.cpu_count()} cores, {platform.system()}"
    return f"{datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()}, {kind}"


def table(name: str, output: str, where: str) -> str:
    shown = "\n".join(line.rstrip() for line in output.rstrip().lstrip("\n").splitlines())
    return f"`{command(name)}` ({where})\n\n```text\n{shown}\n```"


def insert(page: str, name: str, text: str) -> str:
    """Put a table between its markers; a page without them gets them, under a heading, at its end.

    Raises:
        ValueError: only one of the two markers is there.
    """
    begin, end = f"<!-- begin {name} -->", f"<!-- end {name} -->"
    if (begin in page) != (end in page):
        raise ValueError(f"RESULTS.md has one of the markers of {name} without the other.")
    block = f"{begin}\n{text}\n{end}"
    if begin not in page:
        return f"{page.rstrip()}\n\n## {name}\n\n{block}\n"
    return re.sub(f"{re.escape(begin)}.*?{re.escape(end)}", lambda _: block, page, count=1, flags=re.DOTALL)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared/data/dev")
    parser.add_argument("--only", choices=[*SCRIPTS], action="append")
    parser.add_argument("--results", type=Path, default=RESULTS, help="the page to write")
    options = parser.parse_args(arguments)
    if not (options.data / "summarization").is_dir():
        print(f"The labelled sets are not in {options.data}: say with --data where they are.", file=sys.stderr)
        return 2
    where, failed = machine(), []
    for name in options.only or SCRIPTS:
        began = time.monotonic()
        done = measure(name, options.data)
        print(
            f"{name}: {'done' if done.code == 0 else f'exit {done.code}'}, {time.monotonic() - began:.0f} s", flush=True
        )
        if done.code:
            failed.append(name)
            print(done.errors[-2000:], file=sys.stderr)
            continue
        page = options.results.read_text("utf-8") if options.results.exists() else "# Results\n"
        options.results.write_text(insert(page, name, table(name, done.output, where)), "utf-8")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
