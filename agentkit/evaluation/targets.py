"""What is measured: one deployment at a time, without anything that could answer in its place."""

from dataclasses import dataclass

from agentkit.composition import identities
from agentkit.config import Config
from agentkit.types import ModelRole


@dataclass(frozen=True, slots=True)
class Target:
    """One deployment, with a configuration in which nobody else answers in its role.

    Neither rules nor caches nor fallbacks nor other deployments of its name are in it; budgets, redaction, labels,
    rails, retries and the ledger are.
    """

    label: str
    name: str
    identity: str
    config: Config


def targets(name: str, config: Config, *, role: ModelRole) -> list[Target]:
    """Return each deployment behind a model's name; one that the file does not have is one deployment."""
    entries = [item for item in config.models if item.model_name == name]
    found: list[Target] = []
    for number, (label, identity) in enumerate(identities(name, config)):
        others = [item for item in config.models if item.model_name != name]
        alone = [entries[number].model_copy(update={"fallbacks": []})] if entries else []
        changes: dict[str, object] = {
            "models": [*alone, *others],
            "roles": config.roles.model_copy(update={role: name}),
            "cache": config.cache.model_copy(update={"adapter": "none"}),
            "gateway": config.gateway.model_copy(update={"rules": [], "floors": {}}),
        }
        found.append(Target(label, name, identity, config.model_copy(update=changes)))
    return found
