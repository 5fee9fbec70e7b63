"""What NeMo's own rails need and a folder does not give them: packages, keys, models, prompts, and their settings."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# NeMo's configuration is built at import and untyped.

import importlib.util
import os
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from nemoguardrails.manifests import RailManifest

from agentkit.adapters.nemo import presidio
from agentkit.adapters.nemo.faults import Fault, did_you_mean
from agentkit.adapters.nemo.library import manifest_of, manifests
from agentkit.adapters.nemo.loaded import STAGES, Folder, Listed
from agentkit.adapters.nemo.remote import remote_of, runs_here

_MODULES = {
    "presidio-analyzer": "presidio_analyzer",
    "presidio-anonymizer": "presidio_anonymizer",
    "yara-python": "yara",
    "google-cloud-language": "google.cloud.language_v2",
    "cleanlab-studio": "cleanlab_studio",
    "guardrails-ai": "guardrails",
}
_ADVICE = {
    "presidio-analyzer": "pip install 'governed-agentkit[presidio]'",
    "presidio-anonymizer": "pip install 'governed-agentkit[presidio]'",
    "spacy": "pip install 'governed-agentkit[presidio]'",
    "yara-python": "pip install 'governed-agentkit[yara]'",
}
_ONLY_HERE = {"jailbreak_detection", "hf_classifier"}
"""Rails whose packages are needed only where they compute in this process."""


def need_faults(folder: Folder, /) -> Iterator[Fault]:
    """Yield everything that a listed rail of NeMo's library needs and does not have."""
    for rail in folder.rails():
        manifest = None if rail.name in folder.flows else manifest_of(rail.stage, rail.name)
        if manifest is None:
            yield from _variable_faults(folder, rail, _own_variables(folder, rail))
            continue
        missing = list(_missing(folder, rail, manifest))
        yield from missing
        wanted = [item.name for item in manifest.spec.requirements.env_vars if item.required]
        yield from _variable_faults(folder, rail, wanted)
        check = _CHECKS.get(manifest.name)
        if check is not None and not missing:
            yield from check(folder, rail)
    yield from _section_faults(folder)


def _missing(folder: Folder, rail: Listed, manifest: RailManifest) -> Iterator[Fault]:
    if manifest.name in _ONLY_HERE and not runs_here(folder, rail, manifest):
        return
    for package in manifest.spec.requirements.optional_dependencies:
        if not _importable(_MODULES.get(package, package)):
            advice = _ADVICE.get(package, f"pip install {package}")
            yield folder.fault_at(rail, f'the rail "{rail.name}" needs {package}, which is not installed: {advice}')
            return


def _importable(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except (ImportError, ValueError):
        return False


def _own_variables(folder: Folder, rail: Listed) -> list[str]:
    return [name for remote in remote_of(folder, rail) for name in remote.environment(folder.config)]


def _variable_faults(folder: Folder, rail: Listed, names: list[str]) -> Iterator[Fault]:
    for name in names:
        if not os.environ.get(name):
            yield folder.fault_at(
                rail, f'the rail "{rail.name}" needs the environment variable {name}, which is not set'
            )


def _presidio_faults(folder: Folder, rail: Listed) -> Iterator[Fault]:
    name = presidio.spacy_model(folder.config)
    if not presidio.has_model(name):
        hint = did_you_mean(name, presidio.installed_models(), cutoff=0.3)
        sentence = f'the rail "{rail.name}" needs the spaCy model {name}, which is not installed; {hint} '
        yield folder.fault_at(rail, f"{sentence}It is custom_data.agentkit.presidio.spacy_model.")
        return
    options = getattr(folder.config.rails.config.sensitive_data_detection, rail.stage)
    place = ("rails", "config", "sensitive_data_detection", rail.stage, "entities")
    if not options.entities:
        yield folder.fault_at(rail, f'the rail "{rail.name}" looks for nothing: {".".join(place)} is empty')
        return
    try:
        known = presidio.known_entities(folder.config)
    except Exception as error:  # noqa: BLE001 - Presidio raises anything
        sentence = f'the rail "{rail.name}" cannot be made: {type(error).__name__}: {error}'
        yield folder.fault(sentence, (*place[:-2], "recognizers"))
        return
    for number, entity in enumerate(options.entities):
        if entity not in known:
            yield folder.fault(f'Presidio knows no "{entity}"; {did_you_mean(entity, known)}', (*place, number))


def _regex_faults(folder: Folder, rail: Listed) -> Iterator[Fault]:
    if not getattr(folder.config.rails.config.regex_detection, rail.stage).patterns:
        place = f"rails.config.regex_detection.{rail.stage}.patterns"
        yield folder.fault_at(rail, f'the rail "{rail.name}" looks for nothing: {place} is empty')


def _yara_faults(folder: Folder, rail: Listed) -> Iterator[Fault]:
    import yara  # noqa: PLC0415 - an optional part
    from nemoguardrails.library.injection_detection.actions import YARA_DIR  # noqa: PLC0415 - loads yara itself

    section = folder.config.rails.config.injection_detection
    place = ("rails", "config", "injection_detection")
    if not section.injections:
        yield folder.fault_at(rail, f'the rail "{rail.name}" looks for nothing: {".".join(place)}.injections is empty')
    root = str(section.yara_path or YARA_DIR)
    files = {name.removesuffix(".yara"): os.path.join(root, name) for name in _files(root) if name.endswith(".yara")}
    rules: Mapping[str, str] = section.yara_rules or files
    how = "sources" if section.yara_rules else "filepaths"
    for number, name in enumerate(section.injections):
        if name not in rules:
            yield folder.fault(
                f'there is no YARA rule "{name}"; {did_you_mean(name, rules)}', (*place, "injections", number)
            )
            continue
        try:
            yara.compile(**{how: {name: rules[name]}})
        except yara.Error as error:
            where = "yara_rules" if section.yara_rules else "yara_path"
            yield folder.fault(f'the YARA rule "{name}" cannot be compiled: {error}', (*place, where, name))


def _files(root: str) -> list[str]:
    return sorted(os.listdir(root)) if os.path.isdir(root) else []


_CHECKS: Mapping[str, Callable[[Folder, Listed], Iterator[Fault]]] = {
    "sensitive_data_detection": _presidio_faults,
    "regex": _regex_faults,
    "injection_detection": _yara_faults,
}


def _section_faults(folder: Folder) -> Iterator[Fault]:
    """Yield settings under `rails.config` that no listed rail reads: what they ask for would not be done."""
    if folder.has_code:
        return
    for document in folder.documents:
        written: Any = document.value(("rails", "config"))
        for key in written if isinstance(written, dict) else {}:
            yield from _unread(folder, key, written[key])


def _unread(folder: Folder, key: str, section: Any) -> Iterator[Fault]:
    owner = next((item for item in manifests() if item.config_schema and item.config_schema.key == key), None)
    if owner is None or not owner.surfaces or _executes(folder, owner):
        return
    stages = [rail.stage for rail in folder.rails() if _reads(rail, owner, folder)]
    names = sorted({surface.name for surface in owner.surfaces})
    if not stages:
        some = ", ".join(f'"{name}"' for name in names[:3])
        sentence = f'"rails.config.{key}" is read by no rail that is listed; its rails are {some}'
        yield folder.fault(sentence, ("rails", "config", key))
        return
    for stage in STAGES:
        if isinstance(section, dict) and stage in section and stage not in stages:
            some = next((s.name for s in owner.surfaces if s.direction.value == stage), "one")
            sentence = f'"rails.config.{key}.{stage}" is read by no rail listed under rails.{stage}.flows; add "{some}"'
            yield folder.fault(sentence, ("rails", "config", key, stage))


def _reads(rail: Listed, owner: RailManifest, folder: Folder) -> bool:
    found = None if rail.name in folder.flows else manifest_of(rail.stage, rail.name)
    return found is not None and found.name == owner.name


def _executes(folder: Folder, owner: RailManifest) -> bool:
    """Whether a flow of the folder itself asks one of the library's actions."""
    names = {ref.name for ref in owner.actions.refs} if owner.actions else set[str]()
    return any(element.get("action_name") in names for flow in folder.flows.values() for element in flow["elements"])
