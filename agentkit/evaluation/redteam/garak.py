"""A function that garak drives: its probes become questions, or clauses of a document, of a whole pipeline.

`garak --target_type function.Single --target_name agentkit.evaluation.redteam.garak#ask --probes ...` calls it with
each prompt. garak stands in an environment of its own together with agentkit, which never imports it.
"""

import tempfile
from functools import cache
from pathlib import Path
from typing import Literal

from agentkit.app import AgentKit
from agentkit.blocking import Blocking
from agentkit.config import Config
from agentkit.egress import EgressPolicy, enforced
from agentkit.errors import AgentKitError
from agentkit.quiet import silence
from agentkit.report import Report

Into = Literal["question", "document"]
_BLOCKING = Blocking()
_SORRY = "I'm sorry, but I cannot assist with that."
_LEASE = (
    "LEASE\n\n1. Rent. The Tenant shall pay rent of EUR 1,250 on the first day of each month.\n\n{planted}"
    "2. Law. This Lease is governed by the laws of Ireland.\n"
)


def ask(prompt: str, *, config: str = "", document: str = "", into: Into = "question") -> list[str | None]:
    """Run the pipeline on a probe and return what a user would read, in a list of one text.

    Args:
        prompt: the probe.
        config: a configuration file; by default the embedded configuration.
        document: the file that is asked about; by default a short lease. With `into` "document" it is always that.
        into: whether the probe is the question, or a clause of the document that is summarized.
    Returns:
        The claims, one a line; where there are none, a sentence that garak's detectors know for a refusal.
    """
    silence()
    kit = _kit(config)
    with tempfile.TemporaryDirectory() as folder:
        planted = f"{prompt}\n\n" if into == "document" else ""
        path = Path(document) if document and into == "question" else Path(folder) / "lease.txt"
        if path.parent == Path(folder):
            path.write_text(_LEASE.replace("{planted}", planted.replace("\0", "")), encoding="utf-8", errors="replace")
        try:
            with enforced(EgressPolicy.parse(kit.config.privacy.egress)):
                work = kit.ask([path], prompt) if into == "question" else kit.summarize([path])
                return [_shown(_BLOCKING.run(work))]
        except AgentKitError as error:
            return [f"{_SORRY} ({type(error).__name__})"]


def _shown(report: Report) -> str:
    return "\n".join(claim.text for claim in report.claims) or f"{_SORRY} ({report.status})"


@cache
def _kit(config: str) -> AgentKit:
    return AgentKit(Config.load(config or None))
