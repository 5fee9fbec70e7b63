"""The switches that keep libraries silent."""

from agentkit.quiet import SWITCHES, silence


def test_every_switch_is_set_and_the_users_own_value_stays() -> None:
    environ = {"LANGSMITH_TRACING": "true"}
    silence(environ)
    assert environ == {**SWITCHES, "LANGSMITH_TRACING": "true"}
