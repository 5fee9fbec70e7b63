"""The user's pipeline on a test stand: its own configuration, and stores of its own that are thrown away."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from agentkit.app import AgentKit
from agentkit.config import CheckpointConfig, Config, Deployment, LedgerConfig, ModelParams, TracingConfig
from agentkit.evaluation.redteam.obedient import ObedientModel
from agentkit.testing.server import ModelServer

Against = Literal["configured", "obedient", "hostile"]
AGAINST: dict[Against, str] = {
    "configured": "the configured model",
    "obedient": "a model that obeys every order it can read",
    "hostile": "a model that carries out the attack unread",
}
_LOST = "redteam-lost"


@dataclass(slots=True)
class Trap:
    """A port that nobody has a reason to connect to; it counts who does."""

    port: int = 0
    contacts: int = 0
    _server: asyncio.Server | None = field(default=None, init=False)

    async def open(self) -> None:
        """Listen on loopback, at a port of the kernel's choice."""
        self._server = await asyncio.start_server(self._caught, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    def close(self) -> None:
        """Stop listening."""
        if self._server is not None:
            self._server.close()

    def _caught(self, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.contacts += 1
        writer.close()


@dataclass(slots=True)
class Stand:
    """A pipeline under test, the lost model behind it (None for the configured one), and the trap."""

    kit: AgentKit
    config: Config
    model: ObedientModel | None
    trap: Trap
    folder: Path

    @property
    def name(self) -> str:
        """The model that writes."""
        return ", ".join(self.config.roles.ladder("writer")) if self.model is None else _LOST


def prepared(config: Config) -> Config:
    """Return a configuration whose stores are local: a test leaves nothing in anybody's ledger, cache or traces."""
    # The limits of a run hold; those of a month are kept for other work.
    changes: dict[str, object] = {
        "ledger": LedgerConfig(adapter="sqlite"),
        "tracing": TracingConfig(),
        "checkpoint": CheckpointConfig(adapter="memory"),
        "budget": config.budget.model_copy(update={"periods": []}),
    }
    if config.cache.adapter == "redis":
        changes["cache"] = config.cache.model_copy(update={"adapter": "sqlite", "url": None})
    return config.model_copy(update=changes)


def with_lost_model(config: Config, url: str) -> Config:
    """Return a configuration in which the lost model does what every configured language model did.

    It writes, and where somebody judges or reviews, it does that, too. Rules, floors and routing are left as they
    are, but for the writer's floor, which nobody has measured it for.
    """
    roles = config.roles
    taken: dict[str, object] = {"writer": _LOST}
    taken |= {
        role: _LOST for role in ("reviewer", "judge") if roles.ladder("reviewer" if role == "reviewer" else "judge")
    }
    params = ModelParams(model="openai/lost", api_base=url, max_tokens=200_000)
    deployment = Deployment(model_name=_LOST, litellm_params=params, context_tokens=1_000_000, client="openai")
    tags = sorted({tag for label in config.labels.values() for tag in label.requires})
    deployment = deployment.model_copy(update={"tags": tags, "input_price": 1e-6, "output_price": 1e-6})
    return config.model_copy(
        update={
            "models": [*config.models, deployment],
            "roles": roles.model_copy(update=taken),
            "gateway": config.gateway.model_copy(update={"floors": {}}),
            "privacy": config.privacy.model_copy(update={"egress": with_loopback(config.privacy.egress)}),
        }
    )


def with_loopback(egress: str | list[str]) -> str | list[str]:
    """Return an egress policy that reaches this machine, where the lost model is."""
    if isinstance(egress, str):
        return "loopback" if egress == "none" else egress
    return egress if "loopback" in egress else [*egress, "loopback"]


@asynccontextmanager
async def standing(config: Config, against: Against, folder: Path) -> AsyncGenerator[Stand]:
    """Set up a pipeline on a stand of its own.

    Raises:
        ConfigError: the configuration or its rails folder is wrong.
        UnavailableError: the configured model cannot be used.
    """
    home, trap = folder / f"home-{against}", Trap()
    await trap.open()
    chosen = prepared(config)
    try:
        if against == "configured":
            async with AgentKit(chosen, home=home) as kit:
                yield Stand(kit, chosen, None, trap, folder)
            return
        model = ObedientModel(always=against == "hostile")
        async with ModelServer([model.answer]) as server:
            chosen = with_lost_model(chosen, server.url)
            async with AgentKit(chosen, home=home) as kit:
                yield Stand(kit, chosen, model, trap, folder)
    finally:
        trap.close()
