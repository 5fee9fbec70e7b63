"""What is wrong with a folder's models and prompts: what a rail asks for and is not there, and what nobody asks for."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# YAML as Python values.

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from nemoguardrails.llm.taskmanager import LLMTaskManager
from nemoguardrails.llm.types import Task
from nemoguardrails.rails.llm.config import RailsConfig

from agentkit.adapters.nemo.faults import Fault, did_you_mean
from agentkit.adapters.nemo.keys import Located
from agentkit.adapters.nemo.library import manifest_of, surface_of
from agentkit.adapters.nemo.listed import NEVER
from agentkit.adapters.nemo.loaded import STAGES, Listed, split_entry

PARAMETERS = ("temperature", "max_tokens", "model", "model_name")
"""What the parameters of a model may say: the rest is agentkit.yaml's."""
_ALWAYS = {"main", "embeddings", "jailbreak_detection"}
_PER_MODEL = {"content safety check input", "content safety check output", "topic safety check input"}
_PER_VARIANT = {"self check input", "self check output"}
_PROMPTED = {
    *_PER_MODEL,
    *_PER_VARIANT,
    "llama guard check input",
    "llama guard check output",
    "patronus lynx check output hallucination",
    "self check facts",
}


@dataclass(frozen=True, slots=True)
class _Item:
    """A model or a prompt as it is written."""

    values: Mapping[str, Any]
    path: str
    line: int

    def fault(self, sentence: str) -> Fault:
        return Fault(sentence, self.path, self.line)


@dataclass(frozen=True, slots=True)
class Asking:
    """The models, the prompts and the listed rails of some files, as they are written.

    Args:
        documents: the files.
        free: types of models and tasks that actions of the folder ask for themselves; None if they may ask for any.
        resolve: says what is wrong with a model's name, if anything; None where nothing is known about names.
    """

    documents: Sequence[Located]
    free: Collection[str] | None = ()
    resolve: Callable[[str], str] | None = None
    models: list[_Item] = field(init=False)
    prompts: list[_Item] = field(init=False)
    rails: list[tuple[Listed, str, int]] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "models", self._items("models"))
        object.__setattr__(self, "prompts", self._items("prompts"))
        listed = [
            (Listed(stage, entry, *split_entry(entry)), str(document.path), line)
            for document in self.documents
            for stage in STAGES
            for entry, line in document.items(("rails", stage, "flows"))
        ]
        object.__setattr__(self, "rails", listed)

    def _items(self, key: str) -> list[_Item]:
        return [
            _Item(value, str(document.path), line)
            for document in self.documents
            for value, line in document.values((key,))
            if isinstance(value, dict)
        ]

    def faults(self) -> Iterator[Fault]:
        """Yield everything that is wrong."""
        for rail, path, line in self.rails:
            if surface_of(rail.stage, rail.name) is not None and rail.name not in NEVER:
                for sentence in (*self._no_model(rail), *self._no_prompt(rail)):
                    yield Fault(sentence, path, line)
        for model in self.models:
            yield from map(model.fault, self._model_sentences(model.values))
        for prompt in self.prompts:
            yield from map(prompt.fault, self._prompt_sentences(prompt.values))

    def completed(self) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
        """Return models and prompts to add, so that NeMo accepts the listed rails and the rest can be looked at."""
        types = {name for rail, _, _ in self.rails for name in _model_types(rail)[:1]} - self._types()
        tasks = {name for rail, _, _ in self.rails for name in _tasks_of(rail)[:1]} - self._tasks()
        models = [{"type": name, "engine": "agentkit", "model": "missing"} for name in sorted(types)]
        return models, [{"task": name, "content": "missing"} for name in sorted(tasks)]

    def _types(self) -> set[str]:
        return {str(model.values.get("type")) for model in self.models}

    def _tasks(self) -> set[str]:
        return {str(prompt.values.get("task")) for prompt in self.prompts}

    def _no_model(self, rail: Listed) -> Iterator[str]:
        wanted = _model_types(rail)
        if wanted and not set(wanted) & self._types():
            near = did_you_mean(wanted[0], self._types())
            yield f'the rail "{rail.name}" asks a model of type "{wanted[0]}", and `models` has none; {near}'

    def _no_prompt(self, rail: Listed) -> Iterator[str]:
        wanted = _tasks_of(rail)
        if wanted and not set(wanted) & self._tasks():
            near = did_you_mean(wanted[0], self._tasks())
            yield f'the rail "{rail.name}" needs a prompt with `task: {wanted[0]}`, and `prompts` has none; {near}'

    def _model_sentences(self, model: Mapping[str, Any]) -> Iterator[str]:
        kind, parameters = str(model.get("type")), model.get("parameters")
        used = {*_ALWAYS, *(name for rail, _, _ in self.rails for name in _model_types(rail))}
        if "type" in model and self.free is not None and kind not in {*used, *self.free}:
            yield f'no listed rail asks a model of type "{kind}"; {did_you_mean(kind, used)}'
        if kind == "embeddings":
            return
        if model.get("mode") == "text":
            yield '"models.mode" has no effect: agentkit asks every model in chat'
        for name in parameters if isinstance(parameters, dict) else {}:
            if name not in PARAMETERS:
                near = did_you_mean(name, PARAMETERS, prefix="models.parameters.")
                yield (
                    f'"models.parameters.{name}" has no effect: agentkit asks every model through the door of the run; '
                    f"say it in agentkit.yaml, under models ({near.rstrip('?')})"
                )
        wrong = self.resolve(model_name(model)) if self.resolve and model.get("model") else ""
        if wrong:
            yield wrong

    def _prompt_sentences(self, prompt: Mapping[str, Any]) -> Iterator[str]:
        task = str(prompt.get("task"))
        known = {*_known_tasks(), *(name for rail, _, _ in self.rails for name in _tasks_of(rail))}
        if self.free is not None and task not in {*known, *self.free}:
            near = did_you_mean(task, known, cutoff=0.7)
            yield f"no rail asks for a prompt with `task: {task}`; {near}"
        parser = prompt.get("output_parser")
        if isinstance(parser, str) and self.free is not None and parser not in _parsers():
            yield f'there is no output parser "{parser}"; {did_you_mean(parser, _parsers())}'
        yield from self._unused(prompt, task)

    def _unused(self, prompt: Mapping[str, Any], task: str) -> Iterator[str]:
        never = f"the prompt for {task} would never be used"
        mode = prompt.get("mode", "standard")
        written = [doc.value(("prompting_mode",)) for doc in self.documents if doc.line_at(("prompting_mode",))]
        chosen = written[-1] if written else "standard"
        if mode not in {"standard", chosen}:
            yield f'{never}: its mode is "{mode}", and prompting_mode is "{chosen}"'
        names = [f"{model.values.get('engine')}/{model.values.get('model')}".lower() for model in self.models]
        only = prompt.get("models")
        if isinstance(only, list) and only and not any(str(part).lower() in name for part in only for name in names):
            yield f"{never}: it is for {', '.join(map(str, only))}, and no model here is"


def model_name(model: Mapping[str, Any]) -> str:
    """Return the name by which the door knows a model of a folder."""
    return str(model["model"]) if model.get("engine") == "agentkit" else f"{model.get('engine')}/{model['model']}"


def _model_types(rail: Listed) -> list[str]:
    """The types of models a rail may ask; the first is what to write."""
    surface, manifest = surface_of(rail.stage, rail.name), manifest_of(rail.stage, rail.name)
    if surface is None or manifest is None:
        return []
    for binding in surface.bindings:
        if binding.resource == "model":
            name = binding.value if binding.kind == "literal" else rail.parameters.get(binding.key or "")
            return [str(name)] if name else []
    if any(model.type == "llm" for model in manifest.spec.requirements.models):
        return ["main", rail.name.replace(" ", "_"), *filter(None, [rail.parameters.get("variant")])]
    return []


def _tasks_of(rail: Listed) -> list[str]:
    """The tasks, one of which the folder must have a prompt for; the first is what to write."""
    if rail.name not in _PROMPTED or surface_of(rail.stage, rail.name) is None:
        return []
    plain, variant = rail.name.replace(" ", "_"), rail.parameters.get("variant")
    if rail.name in _PER_MODEL:
        return [f"{plain} $model={rail.parameters.get('model')}"]
    return [f"{plain} $variant={variant}", variant] if variant else [plain]


@cache
def _known_tasks() -> frozenset[str]:
    return frozenset(str(task.value) for task in Task)


@cache
def _parsers() -> frozenset[str]:
    return frozenset(str(name) for name in LLMTaskManager(RailsConfig(models=[])).output_parsers if name)
