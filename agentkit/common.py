"""What gateways of one configuration have in common: connections, the ledger, the recognizer, the tracer."""

from collections.abc import Sequence
from pathlib import Path

from agentkit.composition import make_ledger, make_recognizer, make_tracer
from agentkit.config import Config, home_directory
from agentkit.deployments import Model
from agentkit.egress import EgressPolicy
from agentkit.modelling import make_model
from agentkit.ports import Recognizer


class Common:
    """Opens once what many gateways use, one after the other or at once; nothing of a conversation is in it.

    A vault, a budget, rails' verdicts and a record are each gateway's own. Whoever makes it closes it after them.

    Args:
        config: the configuration of all of them.
        home: where the ledger lives; by default `$AGENTKIT_HOME`.
        recognizer: of personal data; by default the configured one.

    Raises:
        ConfigError: a choice in the configuration is wrong.
    """

    def __init__(
        self, config: Config | None = None, *, home: Path | str | None = None, recognizer: Recognizer | None = None
    ) -> None:
        self.config = config or Config.load()
        self.home = Path(home) if home else home_directory()
        self.recognizer = recognizer or make_recognizer(self.config.privacy.recognizer)
        self.tracer = make_tracer(self.config.tracing, egress=EgressPolicy.parse(self.config.privacy.egress))
        self.ledger = make_ledger(self.config, self.home)
        self._models: dict[tuple[str, ...], Model] = {}

    def model(self, names: Sequence[str]) -> Model:
        """Return the model behind a role's ladder of names; its connections are kept.

        Raises:
            UnknownModelError: there is no such model.
        """
        key = tuple(names)
        if key not in self._models:
            self._models[key] = make_model(names, self.config)
        return self._models[key]

    async def aclose(self) -> None:
        """Release connections, and close the ledger and the tracer."""
        for model in self._models.values():
            await model.aclose()
        if self.ledger is not None:
            await self.ledger.aclose()
        self.tracer.close()
