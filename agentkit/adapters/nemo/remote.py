"""Where rails send the texts they check: refused at load under an egress policy that forbids it.

NeMo's manifests say which of its rails ask a remote service, not where that is: the address stands in the rail's
section of the configuration, in a variable of the environment, or in NeMo's source. An action of your own says it with
`sends_text`.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# NeMo's configuration is built at import, and hands custom data on as plain dictionaries.

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from nemoguardrails.manifests import RailManifest
from nemoguardrails.rails.llm.config import RailsConfig
from pydantic import BaseModel

from agentkit.adapters.nemo.faults import Fault
from agentkit.adapters.nemo.library import manifest_of
from agentkit.adapters.nemo.loaded import Folder, Listed
from agentkit.egress import EgressPolicy, host_of

_Action = TypeVar("_Action", bound=Callable[..., Any])
_ATTRIBUTE = "agentkit_remote"
_FIXED: Mapping[str, Sequence[str]] = {
    "activefence": ["https://apis.activefence.com"],
    "cleanlab": ["https://api.cleanlab.ai"],
    "crowdstrike_aidr": ["https://api.crowdstrike.com"],
    "gcp_moderate_text": ["https://language.googleapis.com"],
    "pangea": ["https://ai-guard.aws.us.pangea.cloud"],
    "patronusai": ["https://api.patronus.ai"],
    "policyai": ["https://api.musubilabs.ai"],
}
"""Where rails send texts unless the environment says otherwise; from NeMo's source and the services' clients."""
_DOWNLOADS = {"fastembed", "sentencetransformers", "default"}
_HUB = "https://huggingface.co"
_HOSTED = {"openai": "https://api.openai.com", "nim": "https://integrate.api.nvidia.com"}


@dataclass(frozen=True, slots=True)
class Remote:
    """The service an action sends texts to, its addresses, and the variables of the environment it needs."""

    service: str
    urls: Callable[[RailsConfig], Sequence[str]]
    environment: Callable[[RailsConfig], Sequence[str]]


def sends_text(
    service: str,
    /,
    *,
    urls: Callable[[RailsConfig], Sequence[str]],
    environment: Callable[[RailsConfig], Sequence[str]] = lambda _: (),
) -> Callable[[_Action], _Action]:
    """Mark an action as one that sends the text it checks elsewhere, so that the egress policy is held to at load."""

    def mark(action: _Action) -> _Action:
        setattr(action, _ATTRIBUTE, Remote(service, urls, environment))
        return action

    return mark


def remote_faults(folder: Folder, egress: EgressPolicy, /) -> Iterator[Fault]:
    """Yield every rail, and every other part of a folder, that would send texts where they may not go."""
    for rail in folder.rails():
        for service, urls in _destinations(folder, rail):
            if not urls:
                yield folder.fault_at(rail, f'the rail "{rail.name}" sends texts to {service}, and nothing says where')
            for url in urls:
                if not egress.allows(host_of(url)):
                    yield folder.fault_at(rail, _forbidden(f'the rail "{rail.name}"', service, url, egress))
    yield from _other_faults(folder, egress)


def _forbidden(what: str, service: str, url: str, egress: EgressPolicy) -> str:
    host = host_of(url) or url
    return f"{what} sends texts to {service} at {host}, which privacy.egress ({egress.text}) does not allow"


def _other_faults(folder: Folder, egress: EgressPolicy) -> Iterator[Fault]:
    server = folder.config.actions_server_url
    if server and not egress.allows(host_of(server)):
        yield folder.fault(
            _forbidden("actions_server_url", "an action server", server, egress), ("actions_server_url",)
        )
    for number, model in enumerate(folder.config.models):
        url = _embedding_url(model) if model.type == "embeddings" else None
        if url and not egress.allows(host_of(url)):
            sentence = _forbidden(f"the embedding model {model.engine}/{model.model}", "its provider", url, egress)
            yield folder.fault(sentence, ("models", number))


def _embedding_url(model: Any) -> str | None:
    engine, parameters = str(model.engine).lower(), model.parameters
    if engine in _DOWNLOADS:
        return None if os.path.isdir(str(model.model)) else _HUB
    return str(parameters.get("base_url") or _HOSTED.get(engine) or "") or None


def _destinations(folder: Folder, rail: Listed) -> Iterator[tuple[str, Sequence[str]]]:
    """The services a rail sends texts to, each with its addresses; no address means that none is known."""
    for remote in remote_of(folder, rail):
        yield remote.service, remote.urls(folder.config)
    manifest = None if rail.name in folder.flows else manifest_of(rail.stage, rail.name)
    if manifest is not None and manifest.spec.privacy.remote_services and not runs_here(folder, rail, manifest):
        yield ", ".join(manifest.spec.privacy.remote_services), _urls(folder, rail, manifest)


def remote_of(folder: Folder, rail: Listed, /) -> list[Remote]:
    """Return what the actions of a folder's own flow say about services they ask."""
    flow = folder.flows.get(rail.name)
    executed = [folder.actions.get(str(element.get("action_name"))) for element in flow["elements"]] if flow else []
    return [found for action in executed if (found := getattr(action, _ATTRIBUTE, None)) is not None]


def runs_here(folder: Folder, rail: Listed, manifest: RailManifest, /) -> bool:
    """Whether a rail that can ask a service is configured to compute in this process."""
    section = _section(folder, manifest)
    if manifest.name == "jailbreak_detection":
        return not (section.server_endpoint or section.nim_base_url)
    if manifest.name == "hf_classifier":
        chosen = _classifier(section, rail)
        return chosen is not None and not hasattr(chosen, "base_url")
    # NeMo asks a model of the folder here, through our door; its other rail asks the service.
    return rail.name == "patronus lynx check output hallucination"


def _section(folder: Folder, manifest: RailManifest) -> Any:
    key = manifest.config_schema.key if manifest.config_schema else ""
    return getattr(folder.config.rails.config, key, None)


def _classifier(section: Any, rail: Listed) -> Any:
    return (section or {}).get(rail.parameters.get("classifier", ""))


def _urls(folder: Folder, rail: Listed, manifest: RailManifest) -> Sequence[str]:
    section = _section(folder, manifest)
    if manifest.name == "hf_classifier":
        section = _classifier(section, rail)
    if manifest.name == "factchecking.align_score":
        section = folder.config.rails.config.fact_checking
    named = [os.environ.get(item.name, "") for item in manifest.spec.requirements.env_vars]
    written: Any = section.model_dump() if isinstance(section, BaseModel) else section
    found = [url for url in (*named, *_addresses(written)) if url.startswith(("http://", "https://"))]
    return found or _FIXED.get(manifest.name, [])


def _addresses(value: Any) -> Iterator[str]:
    """Every address in a section of the configuration."""
    if isinstance(value, str) and value.startswith(("http://", "https://")):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _addresses(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _addresses(inner)
