"""Names of models → deployments behind their doors. Adapters are imported here, late, and only if chosen."""

import difflib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol, TypedDict

from agentkit.calls import Price
from agentkit.config import Config, Deployment, GatewayConfig
from agentkit.deployments import Deployed, Model
from agentkit.egress import EgressPolicy
from agentkit.errors import AgentKitError, ConfigError, UnknownModelError
from agentkit.ports import ModelBackend
from agentkit.quiet import silence
from agentkit.wrappers import Circuit, RetryPolicy
from agentkit.wrappers.held import HeldBackend
from agentkit.wrappers.shared import shared_circuit, shared_gate

EXTRACTIVE = "embedded/extractive"
SMOLLM2 = "embedded/smollm2"
# A model in this process answers one call at a time, and slowly where the processor is slow.
_LOCAL_SECONDS, _LOCAL_LINE = 900.0, 10_000
_ROLES = ("writer", "reviewer", "judge", "router")


class PricedBackend(ModelBackend, Protocol):
    """A remote model that knows its price and its longest answer."""

    @property
    def price(self) -> Price:
        """Dollars per token."""
        ...

    @property
    def priced(self) -> bool:
        """Whether anybody knows the price."""
        ...

    @property
    def max_output_tokens(self) -> int:
        """The longest answer asked for."""
        ...

    @property
    def host(self) -> str:
        """The host that is called."""
        ...


def make_model(names: Sequence[str], config: Config) -> Model:
    """Return the model behind a role's ladder of names: built-in ones, configured deployments, LiteLLM model strings.

    Raises:
        UnknownModelError: there is no such model; says what is near.
        MissingExtraError: the model needs a part that is not installed.
        EgressDeniedError: its server may not be contacted.
    """
    deployments = [item for rung, name in enumerate(names) for item in _deployments(name, config, rung=rung)]
    return Model(names[0], deployments)


def _deployments(name: str, config: Config, *, rung: int) -> list[Deployed]:
    """Return what answers for one name: its deployments, then its fallbacks in order."""
    configured = [item for item in config.models if item.model_name == name]
    found = [_configured(item, config, number) for number, item in enumerate(configured, 1)] or [_builtin(name, config)]
    fallbacks = list(dict.fromkeys(other for item in configured for other in item.fallbacks if other != name))
    for rank, other in enumerate(fallbacks, 1):
        behind = [item for item in config.models if item.model_name == other]
        spare = [_configured(item, config, number) for number, item in enumerate(behind, 1)]
        found += [replace(item, rank=rank) for item in spare or [_builtin(other, config)]]
    return [replace(item, rung=rung) for item in found]


def _builtin(name: str, config: Config) -> Deployed:
    """Return a model that needs no entry in the file."""
    if name == EXTRACTIVE:
        from agentkit.adapters.embedded.extractive import ExtractiveBackend

        return Deployed(ExtractiveBackend(), host="")
    silence()
    if name == SMOLLM2:
        from agentkit.adapters.smollm2 import SmolLM2Backend

        backend = SmolLM2Backend()
        patient = replace(_policy(config.gateway), attempt_s=_LOCAL_SECONDS, deadline_s=10 * _LOCAL_SECONDS)
        guard = shared_gate(name, identity=name, max_concurrent=1, max_waiting=_LOCAL_LINE)
        return Deployed(
            backend,
            identity=SMOLLM2,
            max_output_tokens=backend.max_output_tokens,
            tags=frozenset({"local"}),
            policy=patient,
            gate=guard,
            circuit=_circuit(name, name, config.gateway),
            host="",
        )
    if name.startswith("embedded/"):
        raise _unknown(name, config)
    try:
        return _litellm(name, config)
    except UnknownModelError:
        if "/" not in name:
            raise _unknown(name, config) from None
        raise


def _litellm(name: str, config: Config) -> Deployed:
    from agentkit.adapters.litellm.backend import LiteLLMBackend

    backend = LiteLLMBackend(name=name, model=name, egress=EgressPolicy.parse(config.privacy.egress))
    _check_priced(name, priced=backend.priced, config=config)
    return Deployed(
        HeldBackend(backend, egress=EgressPolicy.parse(config.privacy.egress)),
        identity=name,
        max_output_tokens=backend.max_output_tokens,
        price=backend.price,
        policy=_policy(config.gateway),
        gate=shared_gate(name, identity=name),
        circuit=_circuit(name, name, config.gateway),
        host=backend.host,
    )


def _configured(deployment: Deployment, config: Config, number: int) -> Deployed:
    silence()
    name, params = deployment.model_name, deployment.litellm_params
    backend = _thin(deployment, config) if deployment.client == "openai" else _through_litellm(deployment, config)
    _check_priced(name, priced=backend.priced, config=config)
    label = name if number == 1 else f"{name}#{number}"
    identity = deployment.model_dump_json(exclude={"fallbacks", "weight", "hardware"})
    return Deployed(
        HeldBackend(backend, egress=EgressPolicy.parse(config.privacy.egress)),
        identity=identity,
        label=label,
        max_output_tokens=backend.max_output_tokens,
        price=backend.price,
        tags=frozenset(deployment.tags),
        weight=deployment.weight,
        policy=replace(_policy(config.gateway), attempt_s=params.timeout),
        gate=shared_gate(
            label,
            identity=identity,
            max_concurrent=deployment.max_concurrency,
            max_waiting=deployment.max_waiting,
        ),
        circuit=_circuit(label, identity, config.gateway),
        host=backend.host,
    )


def _thin(deployment: Deployment, config: Config) -> PricedBackend:
    from agentkit.adapters.openai.backend import OpenAIBackend

    params = deployment.litellm_params
    if params.api_version or params.aws_region_name or params.base_model:
        fault = f"{deployment.model_name}: api_version, aws_region_name and base_model need client: litellm"
        raise config.fault("models", fault)
    return OpenAIBackend(
        **_settings(deployment, config),
        ca_file=Path(params.ca_file) if params.ca_file else None,
        organization=params.organization,
    )


def _through_litellm(deployment: Deployment, config: Config) -> PricedBackend:
    from agentkit.adapters.litellm.backend import LiteLLMBackend
    from agentkit.adapters.litellm.models import ProviderOptions

    params = deployment.litellm_params
    if params.ca_file:
        raise config.fault("models", f"{deployment.model_name}: ca_file needs client: openai")
    return LiteLLMBackend(
        **_settings(deployment, config),
        options=ProviderOptions(
            api_version=params.api_version,
            aws_region_name=params.aws_region_name,
            organization=params.organization,
            base_model=params.base_model,
        ),
    )


class _Settings(TypedDict):
    name: str
    model: str
    api_base: str | None
    api_key_env: str | None
    timeout_s: float
    max_output_tokens: int
    context_tokens: int
    price: Price | None
    temperature: float
    egress: EgressPolicy


def _settings(deployment: Deployment, config: Config) -> _Settings:
    """Return what either client is told."""
    params = deployment.litellm_params
    return _Settings(
        name=deployment.model_name,
        model=params.model,
        api_base=params.api_base,
        api_key_env=params.api_key.removeprefix("os.environ/") if params.api_key else None,
        timeout_s=params.timeout,
        max_output_tokens=params.max_tokens,
        context_tokens=deployment.context_tokens,
        price=_price(deployment),
        temperature=params.temperature,
        egress=EgressPolicy.parse(config.privacy.egress),
    )


def _price(deployment: Deployment) -> Price | None:
    """Return the price in the file, per token; None where it says nothing, and the list price counts."""
    if not deployment.input_price and not deployment.output_price:
        return None
    cached = None if deployment.cached_price is None else deployment.cached_price / 1e6
    written = None if deployment.written_price is None else deployment.written_price / 1e6
    return Price(deployment.input_price / 1e6, deployment.output_price / 1e6, cached, written)


def _policy(gateway: GatewayConfig) -> RetryPolicy:
    return RetryPolicy(attempts=gateway.attempts, deadline_s=gateway.deadline, longest_pause_s=gateway.longest_pause)


def _circuit(name: str, identity: str, gateway: GatewayConfig) -> Circuit:
    return shared_circuit(name, identity=identity, failures=gateway.failures_to_open, open_s=gateway.open_seconds)


def _check_priced(name: str, *, priced: bool, config: Config) -> None:
    limited = config.budget.usd is not None or any(period.usd is not None for period in config.budget.periods)
    if limited and not priced:
        raise ConfigError(
            f"A budget in dollars cannot hold: nobody knows the price of {name}; set its input_price and output_price."
        )


def _unknown(name: str, config: Config) -> UnknownModelError:
    known = [EXTRACTIVE, SMOLLM2, *(item.model_name for item in config.models)]
    near = difflib.get_close_matches(name, known, n=2, cutoff=0.5)
    hint = f"Did you mean {' or '.join(near)}?" if near else f"Known models: {', '.join(known)}, or provider/model."
    return UnknownModelError(f"There is no model {name!r}. {hint}")


def wrong_model(name: str, *, config: Config | None) -> str:
    """Return what is wrong with the name of a model that a rail asks, or nothing; nobody is contacted."""
    if config is None or name in _ROLES:
        return ""
    known = [item.model_name for item in config.models]
    if "/" not in name and name not in known:
        near = difflib.get_close_matches(name, [*known, *_ROLES], n=1)
        hint = f'did you mean "{near[0]}"?' if near else "name a role, or a model of agentkit.yaml."
        return f'the model "{name}" cannot be asked: there is none of that name; {hint}'
    try:
        make_model([name], config)
    except AgentKitError as error:
        return f'the model "{name}" cannot be asked: {error}'
    return ""
