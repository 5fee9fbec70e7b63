"""The doors of an endpoint: the configured models and roles, and our own runs as models of their own."""

import tempfile
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from agentkit.adapters.serving import Asked, RequestError, Visit
from agentkit.app import AgentKit
from agentkit.calls import Completion, Usage
from agentkit.common import Common
from agentkit.errors import RefusedError, UnknownModelError
from agentkit.gateway import Gateway
from agentkit.modelling import EXTRACTIVE
from agentkit.offering import report_of
from agentkit.policy import objections
from agentkit.reading.files import sent_name
from agentkit.service.runs import Runs
from agentkit.types import ModelRole, Prompt

ROLES: dict[str, ModelRole] = {"writer": "writer", "reviewer": "reviewer", "judge": "judge", "router": "router"}
OWN = ("agentkit/ask", "agentkit/summarize")


class Doors:
    """Opens a door for each request: a gateway of its own, so that budgets, vaults and records do not mix.

    Args:
        kit: has configuration, rails and home.
        runs: carries out what `agentkit/ask` and `agentkit/summarize` are asked for.
        documents: what those read where a request brings no files.
        home: where the ledger, caches and vaults live; by default `$AGENTKIT_HOME`.
    """

    def __init__(
        self,
        kit: AgentKit,
        runs: Runs,
        *,
        documents: Callable[[], Sequence[Path]] | None = None,
        home: Path | None = None,
    ) -> None:
        self._kit = kit
        self._runs = runs
        self._documents = documents
        # Every request has a vault of its own, so that no answer that was kept could ever be given again.
        unkept = kit.config.cache.model_copy(update={"adapter": "none"})
        config = kit.config.model_copy(update={"cache": unkept})
        self._common = Common(config, home=home or kit.home, recognizer=kit.recognizer)

    async def aclose(self) -> None:
        """Close what the requests had in common."""
        await self._common.aclose()

    def models(self) -> list[str]:
        """Return the configured models, the roles that have one which holds conversations, and our own runs."""
        config = self._kit.config
        ladders = {name: config.roles.ladder(role) for name, role in ROLES.items()}
        roles = [name for name, ladder in ladders.items() if ladder and EXTRACTIVE not in ladder]
        return [*dict.fromkeys([*(item.model_name for item in config.models), *roles, *OWN])]

    @asynccontextmanager
    async def visit(self, asked: Asked, tenant: str) -> AsyncGenerator[Visit]:
        """Open the door that a request asks for.

        Raises:
            UnknownModelError: there is no such model.
            RequestError: files come to a model that reads none.
        """
        if asked.model not in self.models():
            raise UnknownModelError(f"There is no model {asked.model[:80]!r} here: ask /v1/models.")
        if asked.model in OWN:
            with tempfile.TemporaryDirectory(prefix="agentkit-") as folder:
                yield self._own(asked, Path(folder), tenant)
            return
        if asked.files:
            raise RequestError(f"{asked.model} reads no files: send them to {' or '.join(OWN)}.", param="messages")
        configured = {item.model_name for item in self._kit.config.models}
        named = asked.model if asked.model in configured else None
        role = "writer" if named else ROLES[asked.model]
        async with Gateway(model=named, tenant=tenant, rails=self._kit.rails, common=self._common) as gateway:
            yield Visit(gateway.door(role), {"run_id": gateway.run_id})

    def _own(self, asked: Asked, folder: Path, tenant: str) -> Visit:
        run = _Run(asked.model, self._runs, self._paths(asked, folder), tenant)
        return Visit(run, run.told)

    def _paths(self, asked: Asked, folder: Path) -> list[Path]:
        if not asked.files:
            if self._runs.index and asked.model == OWN[0]:
                return []
            found = list(self._documents()) if self._documents else []
            if not found:
                raise RequestError(
                    f"{asked.model} has nothing to read: send a file with the message.", param="messages"
                )
            return found
        paths: list[Path] = []
        for number, file in enumerate(asked.files):
            place = folder / str(number)
            place.mkdir()
            paths.append(place / sent_name(file.name, otherwise="document"))
            paths[-1].write_bytes(file.data)
        return paths


class _Run:
    """A run of ours behind the port of a model: it answers with the report's claims."""

    context_tokens = 1_000_000
    deterministic = False

    def __init__(self, name: str, runs: Runs, paths: Sequence[Path], tenant: str) -> None:
        self.name = name
        self._runs = runs
        self._paths = paths
        self._tenant = tenant
        self.told: dict[str, object] = {}

    async def complete(self, prompt: Prompt, /) -> Completion:
        words = next((message.content for message in reversed(prompt.messages) if message.role == "user"), "").strip()
        asking = self.name == OWN[0]
        if asking and not words:
            raise RequestError("The last message of the user holds no question.", param="messages")
        question, focus = (words, "") if asking else ("", words)
        report = await report_of(self._runs.run(self._paths, question=question, focus=focus, tenant=self._tenant))
        if report.status == "refused":
            raise RefusedError(f"A rail held back what was asked ({objections(report.rails)}).")
        self.told |= {"run_id": report.run_id, "report": report.to_dict()}
        usage = Usage(report.usage.input_tokens, report.usage.output_tokens, cost_usd=report.usage.cost_usd)
        return Completion(str(report), self.name, usage)

    async def aclose(self) -> None:
        """Release nothing: the run is over."""
