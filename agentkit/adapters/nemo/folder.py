"""Load a NeMo configuration folder with NeMo's own parsers, and refuse a broken one with the file and the line.

NeMo itself ignores a misspelled key, swallows an `actions.py` that fails, and finds out about a missing flow, action,
package or model when a user's text arrives; here all of that is an error of the folder.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# NeMo hands out parsed flows as plain dictionaries and actions as plain functions.

import importlib.util
import inspect
import os
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nemoguardrails import utils
from nemoguardrails.manifests import parse_configured_surface
from nemoguardrails.rails.llm.config import RailsConfig
from pydantic import ValidationError

from agentkit.adapters.nemo.asked import Asking
from agentkit.adapters.nemo.colang import action_faults, colang_faults, download_faults
from agentkit.adapters.nemo.compiled import awaitable
from agentkit.adapters.nemo.faults import Fault
from agentkit.adapters.nemo.keys import Located, key_faults, read_yaml
from agentkit.adapters.nemo.listed import kept_faults, listed_faults
from agentkit.adapters.nemo.loaded import STAGES, Folder, located, parse, repaired
from agentkit.adapters.nemo.needs import need_faults
from agentkit.adapters.nemo.remote import remote_faults
from agentkit.adapters.nemo.settings import setting_faults
from agentkit.egress import EgressPolicy
from agentkit.errors import ConfigError

_READ = (".yml", ".yaml", ".co")
Resolve = Callable[[str], str]


def load_folder(path: Path, /, *, egress: EgressPolicy | None = None, resolve: Resolve | None = None) -> Folder:
    """Load and check a folder.

    Args:
        path: the folder.
        egress: where texts may be sent; by default to this machine.
        resolve: says what is wrong with the name of a model, if anything.
    Raises:
        ConfigError: the folder is missing, or could not be used as it stands; `path` and `line` say where.
    """
    folder, faults = examine(path, egress=egress, resolve=resolve)
    if folder is None or faults:
        raise faults[0].error
    return folder


def examine(
    path: Path, /, *, egress: EgressPolicy | None = None, resolve: Resolve | None = None
) -> tuple[Folder | None, list[Fault]]:
    """Return a folder, if NeMo can read it at all, and everything that is wrong with it (see `load_folder`)."""
    found = _Examination(path, egress or EgressPolicy.parse("loopback"), resolve)
    folder = found.run()
    return folder, list(dict.fromkeys(found.faults))


@dataclass(slots=True)
class _Examination:
    """One look at a folder."""

    path: Path
    egress: EgressPolicy
    resolve: Resolve | None
    faults: list[Fault] = field(default_factory=list[Fault])
    refusal: list[Fault] = field(default_factory=list[Fault])

    def run(self) -> Folder | None:
        folder = self._examined()
        if not self.faults:  # NeMo's own words, where ours do not say it better
            self.faults += self.refusal
        return folder

    def _examined(self) -> Folder | None:
        if not self.path.is_dir():
            self.faults.append(Fault("there is no such rails folder", str(self.path)))
            return None
        self.faults += _unread_files(self.path)
        documents = self._documents(self.path)
        colang = sorted(self.path.rglob("*.co"))
        self.faults += [fault for file in colang for fault in colang_faults(file)]
        actions = self._actions(self.path)
        if not documents:
            if not self.faults:
                self.faults.append(Fault("the rails folder has no config.yml", str(self.path)))
            return None
        config = self._parsed(documents, actions)
        return None if config is None else self._whole(config, documents, colang, actions)

    def _add(self, found: Iterator[Fault]) -> None:
        """Add what a look at the whole finds. It may stumble over what is known to be wrong, and over nothing else."""
        try:
            self.faults += list(found)
        except Exception:
            if not self.faults:
                raise

    def _documents(self, root: Path) -> list[Located]:
        """The YAML files of a folder, in NeMo's order: of two with the same section, the later counts."""
        found: list[Located] = []
        for file in _files(root):
            if file.suffix not in {".yml", ".yaml"} or file.relative_to(root).parts[0] == "kb":
                continue
            try:
                document = read_yaml(file)
            except ConfigError as error:
                self.faults.append(Fault.of(error))
                continue
            found.append(document)
            self.faults += [*key_faults(document), *setting_faults(document)]
        return found

    def _actions(self, root: Path) -> dict[str, Callable[..., Any]]:
        try:
            return _load_actions(root)
        except ConfigError as error:
            self.faults.append(Fault.of(error))
            return {}

    def _parsed(self, documents: Sequence[Located], actions: Mapping[str, Callable[..., Any]]) -> RailsConfig | None:
        try:
            config = parse(self.path)
        except ValidationError as error:
            asking = Asking(documents, _asked_for(self.path, actions), self.resolve)
            wrong = [*_unreadable(documents), *asking.faults()]
            if any(item["loc"] for item in error.errors()):
                known = {(fault.path, fault.line) for fault in self.faults}
                wrong += [fault for fault in _refused(documents, error) if (fault.path, fault.line) not in known]
            self.faults += wrong
            self.refusal += _refused(documents, error)
            return repaired(self.path, *asking.completed())
        except Exception as error:  # noqa: BLE001 - NeMo raises anything
            self.faults += _unreadable(documents)
            if not self.faults:
                place = ("import_paths",) if "Import path" in str(error) else ()
                where = located(documents, place) if place else (str(self.path), None)
                self.faults.append(Fault(f"NeMo Guardrails refuses the folder: {_first_line(error)}", *where))
            return None
        if config.colang_version != "1.0":
            sentence = f'colang_version must be "1.0", not "{config.colang_version}"'
            self.faults.append(Fault(sentence, *located(documents, ("colang_version",))))
        return config

    def _whole(
        self, config: RailsConfig, documents: list[Located], colang: list[Path], actions: dict[str, Callable[..., Any]]
    ) -> Folder:
        """Check what can be checked only of the whole, imports included."""
        for place in _imported(config):
            documents += self._documents(place)
            actions |= self._actions(place)
            colang += sorted(place.rglob("*.co"))
        has_code = any((place / "config.py").exists() for place in [self.path, *_imported(config)])
        flows = {flow["id"]: flow for flow in config.flows}
        folder = Folder(self.path, config, flows, actions, has_code, documents)
        asking = Asking(documents, _asked_for(self.path, actions), self.resolve)
        for found in (
            kept_faults(folder),
            listed_faults(folder),
            action_faults(folder, colang),
            download_faults(folder, colang),
            asking.faults(),
            need_faults(folder),
            _engine_faults(folder),
            remote_faults(folder, self.egress),
        ):
            self._add(found)
        return folder


def _files(root: Path) -> Iterator[Path]:
    """The files that NeMo reads, in its order."""
    for place, _, names in os.walk(root, followlinks=True):
        yield from (Path(place) / name for name in names)


def _unread_files(root: Path) -> Iterator[Fault]:
    """Files that NeMo would pass over without a word: by a `.railsignore`, or because of how their path begins."""
    ignoring = utils.get_railsignore_path(str(root))
    patterns = utils.get_railsignore_patterns(ignoring) if ignoring else set[str]()
    for file in _files(root):
        first = str(file.relative_to(root))
        if file.suffix not in _READ:
            continue
        if utils.is_ignored_by_railsignore(file.name, patterns):
            yield Fault(f"NeMo would not read this file: {ignoring} excludes it", str(file))
        elif first.startswith("kb") and not first.startswith(f"kb{os.sep}"):
            yield Fault('NeMo would not read this file as rails: its path begins with "kb"', str(file))


def _asked_for(path: Path, actions: Mapping[str, Callable[..., Any]]) -> list[str] | None:
    """The types of models that the folder's own actions ask for; None if they may ask for any."""
    wanted = {name for action in actions.values() for name in inspect.signature(action).parameters}
    if (path / "config.py").exists() or (path / "actions").is_dir() or wanted & {"llms", "llm_task_manager"}:
        return None
    return [name.removesuffix("_llm") for name in wanted if name.endswith("_llm")]


def _engine_faults(folder: Folder) -> Iterator[Fault]:
    """Settings that would make NeMo's engine write down the texts it checks."""
    if folder.config.tracing.enabled:
        sentence = "NeMo's own tracing would write texts to a file: use `tracing` in agentkit.yaml"
        yield folder.fault(sentence, ("tracing", "enabled"))


def _refused(documents: Sequence[Located], error: ValidationError) -> Iterator[Fault]:
    for item in error.errors(include_url=False, include_input=False):
        path, line = located(documents, item["loc"])
        message = item["msg"].removeprefix("Value error, ")
        yield Fault(f"NeMo Guardrails refuses the folder: {message}", path, line or _named(documents, message))


def _unreadable(documents: Sequence[Located]) -> Iterator[Fault]:
    """Entries of the lists of rails on which NeMo stumbles."""
    for document in documents:
        for stage in STAGES:
            for entry, line in document.items(("rails", stage, "flows")):
                try:
                    parse_configured_surface(entry)
                except ValueError as error:
                    yield Fault(f'the {stage} rail "{entry}" cannot be read: {error}', str(document.path), line)


def _named(documents: Sequence[Located], message: str) -> int | None:
    """The line of the rail that a message speaks of."""
    for document in documents:
        for stage in STAGES:
            for entry, line in document.items(("rails", stage, "flows")):
                if entry in message:
                    return line
    return None


def _first_line(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[min(len(lines) - 1, 2)] if lines else type(error).__name__


def _imported(config: RailsConfig) -> list[Path]:
    """The folders that `import_paths` brought in."""
    return [place for path in (config.imported_paths or {}).values() if (place := Path(path)).is_dir()]


def _load_actions(folder: Path) -> dict[str, Callable[..., Any]]:
    """Import `actions.py` as NeMo does, but let its errors be seen; ordinary functions run in a thread."""
    file = folder / "actions.py"
    if not file.exists():
        return {}
    spec = importlib.util.spec_from_file_location(file.name, file)
    if spec is None or spec.loader is None:
        raise ConfigError("this file cannot be imported", path=str(file))
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except SyntaxError as error:
        raise ConfigError(f"Python: {error.msg}", path=str(file), line=error.lineno) from error
    except Exception as error:
        ours = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(file)]
        line = ours[-1] if ours else None
        raise ConfigError(f"Python: {type(error).__name__}: {error}", path=str(file), line=line) from error
    members = (value for _, value in inspect.getmembers(module) if hasattr(value, "action_meta"))
    return {value.action_meta["name"]: awaitable(value) for value in members}
