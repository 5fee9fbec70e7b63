"""The reference pages name everything there is, with the defaults it has."""

import dataclasses
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from doc_blocks import ROOT, blocks, pages
from pydantic import BaseModel

from agentkit import errors, report
from agentkit.adapters.nemo.settings import setting_names
from agentkit.cli.main import app
from agentkit.config import (
    AgentConfig,
    BudgetPeriod,
    Config,
    Deployment,
    EdgeConfig,
    Hardware,
    LabelConfig,
    ModelParams,
)
from agentkit.config.access import PrincipalConfig
from agentkit.config.following import FollowConfig, FollowedTable
from agentkit.config.sections import AccessRule
from agentkit.reading.checklist import load_checklist
from agentkit.types import RailResult, RemovedClaim

REFERENCE = ROOT / "docs" / "reference"


def _rows(model: type[BaseModel], prefix: str) -> Iterator[str]:
    for name, field in model.model_fields.items():
        if name == "litellm_params":
            continue
        default = "required" if field.is_required() else f"`{json.dumps(field.get_default(call_default_factory=True))}`"
        yield f"| `{prefix}{name}` | {default} |"


def test_every_configuration_key_is_there_with_its_default_and_no_other() -> None:
    text = (REFERENCE / "configuration.md").read_text(encoding="utf-8")
    expected = [
        *_rows(Deployment, "models[]."),
        *_rows(ModelParams, "models[].litellm_params."),
        *_rows(Hardware, "models[].hardware."),
        *_rows(LabelConfig, "labels.NAME."),
        *_rows(BudgetPeriod, "budget.periods[]."),
        *_rows(EdgeConfig, "rails.edges.NAME."),
        *_rows(FollowConfig, "follow[]."),
        *_rows(FollowedTable, "follow[].tables[]."),
        *_rows(AgentConfig, "agents[]."),
        *_rows(AccessRule, "index.access[]."),
        *_rows(PrincipalConfig, "principals.NAME."),
    ]
    for name, field in Config.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            expected += _rows(field.annotation, f"{name}.")
        elif name not in {"models", "labels"}:
            expected.append(f"| `{name}` | `{json.dumps(field.get_default(call_default_factory=True))}` |")
    shown = re.findall(r"^\| `[\w.\[\]]+` \| (?:required|`[^`]+`) \|", text, re.MULTILINE)
    assert sorted(shown) == sorted(expected)


def test_every_field_of_a_report_is_there() -> None:
    text = (REFERENCE / "report.md").read_text(encoding="utf-8")
    kinds = [value for value in vars(report).values() if dataclasses.is_dataclass(value)]
    names = {field.name for kind in (*kinds, RailResult, RemovedClaim) for field in dataclasses.fields(kind)}
    assert {name for name in names - {"texts", "page_starts"} if f"`{name}`" not in text} == set()


def test_every_exit_code_is_there() -> None:
    text = (REFERENCE / "cli.md").read_text(encoding="utf-8")
    codes = {
        value.exit_code
        for value in vars(errors).values()
        if isinstance(value, type) and issubclass(value, errors.AgentKitError)
    }
    assert set(map(int, re.findall(r"^\| (\d+) \|", text, re.MULTILINE))) == codes | {0, 4, 130}


def test_every_command_is_there() -> None:
    text = (REFERENCE / "cli.md").read_text(encoding="utf-8")
    shown = set(re.findall(r"^## agentkit (\w+)$", text, re.MULTILINE))
    assert {command.name for command in app.registered_commands} == shown


def test_every_shipped_rail_and_setting_is_there() -> None:
    text = (REFERENCE / "rails.md").read_text(encoding="utf-8")
    config = (ROOT / "guardrails" / "legal" / "config.yml").read_text(encoding="utf-8")
    flows = set(re.findall(r"^ {6}- (agentkit .+)$", config, re.MULTILINE))
    assert flows == set(re.findall(r"^\| (agentkit [\w ]+?) \|", text, re.MULTILINE))
    settings = re.findall(r"^\| `(\w+\.\w+|topics)` \| .+ \|$", text, re.MULTILINE)
    theirs = ("presidio.", "lakera.")  # of NeMo's own rails: the guide to rails tells them
    assert sorted(settings) == sorted(name for name in setting_names() if not name.startswith(theirs))


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_every_configuration_and_checklist_shown_is_valid(page: Path, tmp_path: Path) -> None:
    for block in blocks(page):
        name = block.argument("write") or ""
        if not name.endswith(".yaml") or name == "wrong.yaml":
            continue
        path = tmp_path / name
        path.write_text(block.body, encoding="utf-8")
        if "items:" in block.body:
            assert load_checklist(str(path))
        else:
            assert Config.load(path, environ={})
