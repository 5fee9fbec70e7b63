"""What is wrong with the lists of rails: a name that is none, a parameter nobody reads, a list that does not count."""

# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false
# YAML as Python values.

from collections.abc import Iterator, Mapping
from typing import Any

from nemoguardrails.manifests import parse_configured_surface

from agentkit.adapters.nemo.faults import Fault, did_you_mean
from agentkit.adapters.nemo.keys import Located
from agentkit.adapters.nemo.library import names_at, surface_of
from agentkit.adapters.nemo.loaded import STAGES, Folder, Listed

NEVER = {
    "self check facts": "it looks only at answers whose context has check_facts",
    "alignscore check facts": "it looks only at answers whose context has check_facts",
    "self check hallucination": "it looks only at answers whose context has check_hallucination, and passes what it "
    "cannot check",
}
"""Rails of NeMo that its own dialog must ask for, one answer at a time."""
_WHOLE = ("custom_data", "knowledge_base", "core", "tracing", "prompting_mode", "enable_rails_exceptions")


def listed_faults(folder: Folder, /) -> Iterator[Fault]:
    """Yield every listed rail that nobody defines, that belongs elsewhere, or whose parameters nobody reads."""
    for rail in folder.rails():
        if rail.name in folder.flows:
            continue
        surface = surface_of(rail.stage, rail.name)
        if surface is None:
            yield folder.fault_at(rail, _no_such(folder, rail))
        elif rail.name in NEVER:
            yield folder.fault_at(rail, f'the rail "{rail.name}" would never check a text here: {NEVER[rail.name]}')
        else:
            wanted = {b.key: b.required for b in surface.bindings if b.kind == "surface_param" and b.key}
            yield from _parameter_faults(folder, rail, wanted)


def _no_such(folder: Folder, rail: Listed) -> str:
    elsewhere = [stage for stage in STAGES if surface_of(stage, rail.name) is not None]
    here = {*folder.flows, *names_at(rail.stage)}
    hint = did_you_mean(rail.name, here, cutoff=0.6)
    end = f"; {hint}" if hint.startswith("did") else ""
    if elsewhere:
        return f'the rail "{rail.name}" is one of {" and ".join(elsewhere)}, not of {rail.stage}{end}'
    return (
        f'the {rail.stage} rail "{rail.entry}" is defined nowhere: neither in this folder nor in NeMo Guardrails{end}'
    )


def _parameter_faults(folder: Folder, rail: Listed, wanted: Mapping[str, bool]) -> Iterator[Fault]:
    try:
        parse_configured_surface(rail.entry)
    except ValueError as error:
        yield folder.fault_at(rail, f'the rail "{rail.entry}" cannot be read: {error} Write NAME $parameter=VALUE.')
        return
    for name in rail.parameters:
        if name not in wanted:
            yield folder.fault_at(rail, f'the rail "{rail.name}" reads no ${name}; {did_you_mean(name, wanted)}')
    for name, required in wanted.items():
        if required and name not in rail.parameters:
            yield folder.fault_at(rail, f'the rail "{rail.name}" needs ${name}=… behind its name')


def kept_faults(folder: Folder, /) -> Iterator[Fault]:
    """Yield what would silently not count: of several files with one section NeMo takes one whole, not their union."""
    for document in folder.documents:
        for stage in STAGES:
            for name, line in document.items(("rails", stage, "flows")):
                if name not in folder.listed(stage):
                    sentence = (
                        f'the {stage} rail "{name}" would not run: another file or import has a `rails` section, '
                        "which NeMo takes instead"
                    )
                    yield Fault(sentence, str(document.path), line)
    last = {key: doc for doc in folder.documents for key in _WHOLE if doc.line_at((key,)) is not None}
    for document in folder.documents:
        yield from _lost(document, last)
        yield from _lost_sections(document, folder)


def _lost(document: Located, last: Mapping[str, Located]) -> Iterator[Fault]:
    for key, kept in last.items():
        line = document.line_at((key,))
        if document is not kept and line is not None and document.value((key,)) != kept.value((key,)):
            yield Fault(f'"{key}" here is replaced whole by that of {kept.path}', str(document.path), line)


def _lost_sections(document: Located, folder: Folder) -> Iterator[Fault]:
    """The settings of library rails that another file's `rails` section replaces."""
    settings: Any = document.value(("rails", "config"))
    for key in settings if isinstance(settings, dict) else {}:
        last = [doc for doc in folder.documents if doc.line_at(("rails",)) is not None][-1]
        if last is not document and last.value(("rails", "config", key)) != settings[key]:
            sentence = f'"rails.config.{key}" here is replaced by the `rails` section of {last.path}'
            yield Fault(sentence, str(document.path), document.line_at(("rails", "config", key)))
