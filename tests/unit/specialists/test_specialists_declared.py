"""Agents of one's own that cannot be: one sentence where they are declared, added or loaded."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from specialist_samples import Note

from agentkit import Config
from agentkit.app import AgentKit
from agentkit.errors import ConfigError
from agentkit.specialists import AgentContext, agent
from agentkit.types import Claim


class TestMisuse:
    """What cannot be is one sentence, and says what can."""

    async def plain(self, ctx: AgentContext) -> None: ...

    @pytest.mark.parametrize(
        ("places", "told"),
        [
            ({"before": "sumarize"}, "There is no step 'sumarize' for the agent plain to stand before: did you mean"),
            ({"before": "nowhere at all"}, "there are summarize, review, report"),
            ({"after": "report"}, "cannot stand after report: an agent stands before it"),
            ({"before": "summarize", "after": "review"}, "has before='summarize' and after='review': name one place"),
            ({"instead_of": "summarize"}, "must give list\\[Claim\\]"),
            ({"beside": "review"}, "gives nothing: verdicts are given beside review"),
        ],
    )
    def test_a_wrong_place(self, places: dict[str, str], told: str) -> None:
        async def plain(ctx: AgentContext) -> None: ...

        with pytest.raises(ConfigError, match=told):
            AgentKit().with_agent(plain, **places)

    def test_a_name_that_is_taken(self) -> None:
        async def risk(ctx: AgentContext) -> None: ...

        async def review(ctx: AgentContext) -> None: ...

        kit = AgentKit().with_agent(risk, before="report")
        with pytest.raises(ConfigError, match=r"There is an agent risk already: .*name='risk_2'"):
            kit.with_agent(risk, after="review")
        with pytest.raises(ConfigError, match="cannot be called review"):
            kit.with_agent(review, before="report")

    def test_what_cannot_be_declared(self) -> None:
        def waiting(ctx: AgentContext) -> None: ...

        async def silent(ctx: AgentContext): ...  # type: ignore[no-untyped-def]

        async def loose(ctx: AgentContext) -> dict[str, object]:
            return {}

        async def crowded(ctx: AgentContext, a: Note, b: Note) -> None: ...

        for given, told in (
            (waiting, "is no async function"),
            (silent, "does not say what it returns"),
            (loose, "dict cannot be checked"),
            (crowded, "takes 3 parameters"),
            (3, "The agent int is no async function"),
        ):
            with pytest.raises(ConfigError, match=told):
                AgentKit().with_agent(given, before="report")
        with pytest.raises(ConfigError, match="budget_share must be above 0"):
            agent(budget_share=0)(self.plain)

    def test_claims_that_nobody_would_review(self) -> None:
        async def late(ctx: AgentContext, claims: list[Claim]) -> list[Claim]:
            return claims

        with pytest.raises(ConfigError, match="nobody would review there"):
            AgentKit().with_agent(late, before="report")

    def test_an_input_that_nobody_gives(self) -> None:
        async def needy(ctx: AgentContext, given: Note) -> None: ...

        with pytest.raises(ConfigError, match="takes Note, which no agent gives"):
            AgentKit().with_agent(needy, before="report")


@pytest.mark.parametrize("name", ["__start__", "__end__", "__interrupt__", "a b", "branch:to:x", "a\n", 3])
def test_a_name_that_is_none_is_refused_where_it_is_given(name: str) -> None:
    async def plain(ctx: AgentContext) -> None: ...

    with pytest.raises(ConfigError, match="is no name for an agent: write letters, digits and _"):
        agent(name=name)(plain)


@pytest.mark.parametrize(
    ("bound", "told"),
    [
        ({"retries": "3"}, "retries must be from 0 to 10"),
        ({"retries": 1.5}, "retries must be from 0 to 10"),
        ({"timeout_s": "x"}, "timeout_s must be above 0"),
        ({"timeout_s": float("nan")}, "timeout_s must be above 0"),
        ({"budget_share": 1.5}, "budget_share must be above 0 and at most 1"),
        ({"budget_share": "0.5"}, "budget_share must be above 0 and at most 1"),
        ({"budget_share": float("nan")}, "budget_share must be above 0 and at most 1"),
        ({"edges": [["a"]]}, "edges must be some of"),
        ({"edges": []}, "edges must be some of"),
        ({"role": 3}, "role must be a name without spaces"),
        ({"role": "a b\n"}, "role must be a name without spaces"),
    ],
    ids=str,
)
def test_a_bound_that_cannot_be_is_one_sentence(bound: Mapping[str, object], told: str) -> None:
    async def plain(ctx: AgentContext) -> None: ...

    with pytest.raises(ConfigError, match=f"The agent plain: {told}"):
        agent(**bound)(plain)  # type: ignore[call-overload]


def test_a_module_that_breaks_when_it_is_loaded_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for number, (body, told) in enumerate((("def", "SyntaxError"), ("raise RuntimeError('no')", "RuntimeError: no"))):
        (tmp_path / f"broken_agents_{number}.py").write_text(body, encoding="utf-8")
        config = Config.model_validate({"agents": [{"use": f"broken_agents_{number}:x", "before": "report"}]})
        with pytest.raises(ConfigError, match=f"The module of the agent broken_agents_{number}:x cannot be .*{told}"):
            AgentKit(config)
