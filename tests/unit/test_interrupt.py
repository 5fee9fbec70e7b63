"""Ctrl-C: the command stops, leaves nothing half-written, and says how to continue where that is possible."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from agentkit.cli.session import Progress, options_again
from agentkit.records.run_record import list_runs

LEASE = "1. Rent. The Tenant shall pay the Landlord rent of $2,500 per month on the first day of each month.\n"


def after(*nodes: str) -> Progress:
    """Return the progress of a run that began these nodes."""
    progress = Progress(enabled=False)
    progress({"event": "run_started", "run_id": "r1"})
    for node in nodes:
        progress({"event": "node_started", "node": node})
    return progress


def test_a_run_is_continued_with_the_options_it_was_started_with() -> None:
    again = options_again(Path("my settings.yaml"), rails="base", model="ollama/llama3.1")
    assert after("screen_request").parting([Path("a.pdf")], again=again) == (
        "\nagentkit: Continue with: agentkit runs --resume r1"
        " --config 'my settings.yaml' --rails base --model ollama/llama3.1\n"
    )
    assert options_again(None) == ""


def test_a_run_that_has_saved_nothing_is_not_offered_to_be_continued() -> None:
    assert "resume" not in Progress(enabled=False).parting([Path("a.pdf")], again="")
    assert "resume" not in after().parting([Path("a.pdf")], again="")


@pytest.mark.parametrize("path", ["/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"])
def test_standard_input_is_continued_only_once_it_was_read(path: str) -> None:
    assert "resume" not in after("screen_request", "read").parting([Path(path)], again="")
    assert "--resume r1" in after("screen_request", "read", "retrieve").parting([Path(path)], again="")


class _Silent(BaseHTTPRequestHandler):
    """A model server that tells the test it was asked, and answers nobody."""

    asked: threading.Event
    over: threading.Event

    def do_POST(self) -> None:
        self.asked.set()
        self.over.wait()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (the server's name for it)
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[type[_Silent]]:
    handler = type("Handler", (_Silent,), {"asked": threading.Event(), "over": threading.Event()})
    with HTTPServer(("127.0.0.1", 0), handler) as http:
        handler.port = http.server_address[1]
        thread = threading.Thread(target=http.serve_forever)
        thread.start()
        yield handler
        handler.over.set()
        http.shutdown()
        thread.join()


def test_ctrl_c_ends_a_run_that_waits_for_a_model_and_says_how_to_continue(
    server: type[_Silent], tmp_path: Path, home: Path
) -> None:
    (tmp_path / "lease.txt").write_text(LEASE, encoding="utf-8")
    (tmp_path / "agentkit.yaml").write_text(
        "models:\n- model_name: slow\n  litellm_params:\n    model: openai/slow\n"
        f"    api_base: http://127.0.0.1:{server.port}/v1\n",
        encoding="utf-8",
    )
    command = [sys.executable, "-c", "from agentkit.cli.main import entry; entry()", "summarize"]
    options = ["lease.txt", "--config", "agentkit.yaml", "--model", "slow", "--out", "report"]
    with subprocess.Popen(
        [*command, *options], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    ) as process:  # fmt: skip
        assert server.asked.wait(120)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=120)
    assert (process.returncode, out) == (130, "")
    (run,) = list_runs(home)
    assert run.resumable
    assert f"Continue with: agentkit runs --resume {run.run_id} --config agentkit.yaml --model slow\n" in err
    assert err.endswith("agentkit: Interrupted.\n")
    assert not (tmp_path / "report").exists()


def test_ctrl_c_does_not_wait_for_what_a_thread_computes() -> None:
    program = """
import asyncio, os, signal, threading
from agentkit.cli import session

session._GRACE_S = 600.0

def compute() -> None:
    os.kill(os.getpid(), signal.SIGINT)
    threading.Event().wait(600)

session.run(asyncio.to_thread(compute), parting=lambda: "agentkit: Continue with ...\\n")
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=False,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (130, "")
    assert done.stderr == "agentkit: Continue with ...\nagentkit: Interrupted.\n"
