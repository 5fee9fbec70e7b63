"""A lease, and agents and data that several of these files use."""

import json
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, Field

from agentkit.app import AgentKit
from agentkit.report import Report
from agentkit.specialists import AgentContext
from agentkit.testing.fakes import ScriptedBackend
from agentkit.types import Claim, Prompt, Verdict

LEASE = """1. Rent. The Tenant shall pay EUR 2,450 a month to Maria Keller, maria.keller@example.org.

2. Term. The lease ends on 31 March 2031. It is not renewed.

3. Law. The laws of Scotland govern this lease.
"""
QUOTE = "The Tenant shall pay EUR 2,450 a month"
DRAFT = json.dumps(
    {"answered": True, "claims": [{"text": f"{QUOTE}.", "citations": [{"passage": "d0p0", "quote": QUOTE}]}]}
)


@dataclass
class Note:
    words: str
    weight: int = 1


class Grade(BaseModel):
    level: int


@dataclass
class Bag:
    held: dict[str, object]


class Aliased(BaseModel):
    level: int = Field(alias="Level")


def talkative(reply: str = "Well said.", *, name: str = "scripted") -> ScriptedBackend:
    """Return a model that drafts when it is asked for a draft, and chats otherwise."""

    def answer(prompt: Prompt) -> str:
        return DRAFT if prompt.task in {"ask", "summarize"} else reply

    return ScriptedBackend(answer, name=name)


async def approve(ctx: AgentContext, claims: list[Claim]) -> list[Verdict]:
    return [Verdict(claim.id, "supported", 1.0, "verbatim", "The cited text has these words.") for claim in claims]


async def run(kit: AgentKit, path: Path) -> Report:
    async with kit:
        return await kit.summarize([path])
