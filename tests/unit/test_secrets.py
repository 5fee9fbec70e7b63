"""Credentials are covered whole, and a contract's words about keys are none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentkit.privacy import DEFAULT_REDACT, EmbeddedRecognizer
from agentkit.text.secrets import find_secrets

BODY = "\n".join(["MIIEpAIBAAKCAQEA7c" + "Ab9" * 15] * 6)
PEM = f"-----BEGIN RSA PRIVATE KEY-----\n{BODY}\n-----END RSA PRIVATE KEY-----"


@pytest.mark.parametrize(
    "secret",
    [
        PEM,
        "AKIA" + "IOSFODNN7EXAMPLE",
        "ghp_" + "a1B2" * 9,
        "sk-ant-api03-" + "aB3-" * 8,
        "xoxb-" + "123456789012-abcDEF",
        "postgres://bob:s3cr3tpw@db.example.org",
        "redis://:p4ssw0rdp4ss@cache.example.org",
        "dop_v1_" + "0a" * 32,
        "gsk_" + "aB3d" * 12,
        "123456789:AA" + "Bc4-" * 8 + "xyz",
        "Authorization: Basic " + "dXNlcjpwYXNzd29yZDEy",
        "eyJ" + "hbGciOiJIUzI1NiJ9.eyJ" + "zdWIiOiIxMjM0NTY3.dozjgNryP4J3jVmN",
    ],
)
@pytest.mark.parametrize("frame", ["{}", "Use {} for access, please.", "line\n{}\nline"])
def test_a_credential_is_covered_from_end_to_end(secret: str, frame: str) -> None:
    text = frame.format(secret)
    entities = [e for e in EmbeddedRecognizer().recognize(text) if e.type == "CREDENTIAL"]
    assert [text[e.start : e.end] for e in entities] == [secret]
    assert "CREDENTIAL" in DEFAULT_REDACT


@pytest.mark.parametrize("text", ['db_password = "correcthorse"', "'api_key': 'zyxwvutsrq'"])
def test_a_quoted_value_of_a_password_is_a_secret_though_it_is_a_word(text: str) -> None:
    assert len(find_secrets(text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "The password is confidential and the Licensee keeps each token secret.",
        'password: "your-password-here", secret = "<from the vault>", token="${TOKEN}"',
        "a key employee; the private key of a Party; bearer securities; see https://example.org/a:b",
    ],
)
def test_words_about_keys_are_none(text: str) -> None:
    assert find_secrets(text) == []


@given(st.text(alphabet="aA1:/@.-_= skgh\"'", max_size=80))
def test_spans_lie_in_any_text(text: str) -> None:
    assert all(0 <= s.start < s.end <= len(text) for s in find_secrets(text))
