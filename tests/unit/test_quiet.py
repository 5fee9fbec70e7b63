"""The switches that keep libraries silent."""

from agentkit.quiet import PHONES, SWITCHES, loud, silence


def test_every_switch_is_set_and_the_users_own_value_stays() -> None:
    environ = {"LANGSMITH_TRACING": "true"}
    silence(environ)
    assert environ == {**SWITCHES, "LANGSMITH_TRACING": "true"}


def test_what_the_user_switched_on_is_told() -> None:
    environ = {"LANGSMITH_TRACING": "true", "DO_NOT_TRACK": "yes", "LITELLM_LOG": "DEBUG"}
    silence(environ)
    assert loud(environ) == ["LANGSMITH_TRACING=true"]
    assert len(loud({})) == len(PHONES)
