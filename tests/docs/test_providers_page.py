"""Every recipe of the providers' page is a deployment that is built, and held to the hosts that the page names."""

import re

import pytest
from doc_blocks import ROOT, Block, blocks

from agentkit.config import Config
from agentkit.egress import EgressPolicy
from agentkit.errors import EgressDeniedError
from agentkit.modelling import make_model

PAGE = ROOT / "docs" / "howto" / "providers.md"
RECIPES = [block for block in blocks(PAGE) if (block.argument("write") or "").endswith(".yaml")]


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda block: block.argument("write"))
def test_a_recipe_is_built_and_needs_the_hosts_it_names(
    recipe: Block, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in [*re.findall(r"os\.environ/(\w+)", recipe.body), "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]:
        monkeypatch.setenv(variable, "key-0123456789abcdef")
    path = tmp_path_factory.mktemp("recipe") / "agentkit.yaml"
    path.write_text(recipe.body, encoding="utf-8")
    config = Config.load(path, environ={})
    (name,) = config.roles.ladder("writer")
    (deployed,) = make_model([name], config).deployments
    assert deployed.host
    assert EgressPolicy.parse(config.privacy.egress).allows(deployed.host)
    if deployed.host in {"localhost", "127.0.0.1"}:
        return
    closed = config.model_copy(update={"privacy": config.privacy.model_copy(update={"egress": "loopback"})})
    with pytest.raises(EgressDeniedError):
        make_model([name], closed)
