"""The switches that keep libraries silent."""

import os

import pytest

from agentkit.quiet import PHONES, SWITCHES, importing_quietly, loud, silence


def test_every_switch_is_set_and_the_users_own_value_stays() -> None:
    environ = {"LANGSMITH_TRACING": "true"}
    silence(environ)
    assert environ == {**SWITCHES, "LANGSMITH_TRACING": "true"}


def test_what_the_user_switched_on_is_told() -> None:
    environ = {"LANGSMITH_TRACING": "true", "DO_NOT_TRACK": "yes", "LITELLM_LOG": "DEBUG"}
    silence(environ)
    assert loud(environ) == ["LANGSMITH_TRACING=true"]
    assert len(loud({})) == len(PHONES)


def test_a_switch_is_set_while_a_library_is_imported_and_then_taken_back(monkeypatch: pytest.MonkeyPatch) -> None:
    name = "HAYSTACK_TELEMETRY_ENABLED"
    monkeypatch.delenv(name, raising=False)
    seen: list[str] = []

    def import_it() -> None:
        with importing_quietly(name):
            seen.append(os.environ[name])
            raise ImportError

    with pytest.raises(ImportError):
        import_it()
    assert seen == ["False"]
    assert name not in os.environ


def test_what_the_user_says_holds_while_a_library_is_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HAYSTACK_TELEMETRY_ENABLED", "true")
    with importing_quietly("HAYSTACK_TELEMETRY_ENABLED"):
        assert os.environ["HAYSTACK_TELEMETRY_ENABLED"] == "true"
    assert os.environ["HAYSTACK_TELEMETRY_ENABLED"] == "true"
