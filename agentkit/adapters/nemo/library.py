"""NeMo's own library of rails, read from its manifests: which rail runs where, which action it asks, what that needs.

Some of its actions are replaced by ours of the same name, where NeMo's own leaves a trap open or does not say why it
blocks. The replacements read the same configuration.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# NeMo's actions are plain functions.

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from nemoguardrails.manifests import (
    RailDirection,
    RailManifest,
    RailSurface,
    default_rail_catalog,
    resolve_import_ref,
)

from agentkit.adapters.nemo.compiled import CompiledFlow, Step, callable_here
from agentkit.adapters.nemo.gliner import gliner_detect_pii
from agentkit.adapters.nemo.loaded import Listed
from agentkit.adapters.nemo.presidio import detect_sensitive_data, mask_sensitive_data
from agentkit.adapters.nemo.regex import detect_regex_pattern

REPLACED: Mapping[str, Callable[..., Any]] = {
    "detect_regex_pattern": detect_regex_pattern,
    "detect_sensitive_data": detect_sensitive_data,
    "mask_sensitive_data": mask_sensitive_data,
    "gliner_detect_pii": gliner_detect_pii,
}
_DIRECT = {
    "context_bloat_detection", "gliner", "hf_classifier", "injection_detection", "polygraf", "privateai", "regex",
    "sensitive_data_detection",
}  # fmt: skip
_TEXTS = {"user_message", "bot_message", "relevant_chunks"}


def surface_of(stage: str, name: str, /) -> RailSurface | None:
    """Return the rail of NeMo's library with this name at this stage."""
    found = _surfaces().get((stage, name))
    return None if found is None else found[0]


def manifest_of(stage: str, name: str, /) -> RailManifest | None:
    """Return what NeMo's library says about a rail."""
    found = _surfaces().get((stage, name))
    return None if found is None else found[1]


def names_at(stage: str, /) -> list[str]:
    """Return the names of the library's rails of a stage."""
    return [name for at, name in _surfaces() if at == stage]


def manifests() -> list[RailManifest]:
    """Return every manifest of the library."""
    return [record.manifest for record in default_rail_catalog().records.values()]


@cache
def _surfaces() -> Mapping[tuple[str, str], tuple[RailSurface, RailManifest]]:
    return {
        (surface.direction.value, surface.name): (surface, manifest)
        for manifest in manifests()
        for surface in manifest.surfaces
        if surface.direction in {RailDirection.INPUT, RailDirection.OUTPUT, RailDirection.RETRIEVAL}
    }


def compile_surface(rail: Listed, /) -> CompiledFlow | None:
    """Return a rail of NeMo's library as steps that ask its action, or None if that needs the Colang engine.

    The manifest says which action a rail asks, and with what; NeMo's own fast engine (IORails) relies on it, too. Only
    rails whose flow does nothing more than obey the outcome are taken.
    """
    surface, manifest = surface_of(rail.stage, rail.name), manifest_of(rail.stage, rail.name)
    if surface is None or manifest is None or manifest.name not in _DIRECT:
        return None
    given: dict[str, Any] = {}
    for binding in surface.bindings:
        if binding.kind == "literal":
            given[binding.action_param] = binding.value
        elif binding.kind == "surface_param" and (value := rail.parameters.get(str(binding.key))) is not None:
            given[binding.action_param] = value
        elif binding.kind == "context":
            if binding.key not in _TEXTS:
                return None
            given[binding.action_param] = f"${binding.key}"
    return _steps(rail, surface, given)


def _steps(rail: Listed, surface: RailSurface, given: Mapping[str, Any]) -> CompiledFlow | None:
    name = surface.action.name
    action: Callable[..., Any] = REPLACED.get(name) or resolve_import_ref(surface.action)
    call = Step("call", name, "outcome", given)
    if not callable_here(action, call):
        return None
    steps = [call, Step("if", "is_blocked", "outcome", skip=2), Step("stop")]
    target = surface.transform_target
    if target is not None:
        steps += [
            Step("if", "is_transform", "outcome", skip=2),
            Step("set", target.value, "outcome", {"target": target.value}),
        ]
    return CompiledFlow(rail.entry, steps, {name: action})
