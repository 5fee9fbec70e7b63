"""What is wrong in `roles` is told at its own line."""

from pathlib import Path

import pytest

from agentkit import Config
from agentkit.app import AgentKit
from agentkit.errors import ConfigError
from agentkit.specialists import AgentContext, agent


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ("writter: embedded/extractive", "there is no role writter: did you mean writer"),
        ("risk: [1]", "name its model, or a list of models"),
        ("'a b': embedded/extractive", "is no name of a role"),
    ],
)
def test_a_wrong_role_is_told_at_its_own_line(wrong: str, told: str, tmp_path: Path) -> None:
    path = tmp_path / "agentkit.yaml"
    path.write_text(f"privacy: {{}}\n\nroles:\n  judge: embedded/extractive\n  {wrong}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=told) as error:
        AgentKit.from_config(path)
    assert f"{path}:5:" in str(error.value)


def test_an_agent_whose_role_is_almost_named_is_told_at_the_line_of_that_role(tmp_path: Path) -> None:
    @agent(role="risks")
    async def panel(ctx: AgentContext) -> None: ...

    path = tmp_path / "agentkit.yaml"
    path.write_text("roles:\n  writer: embedded/extractive\n  risk: embedded/extractive\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="has the role risks; roles has risk") as error:
        AgentKit(Config.load(path)).with_agent(panel, before="report")
    assert f"{path}:3:" in str(error.value)
