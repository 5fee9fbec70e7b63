# ruff: noqa: E501 - a table of patterns
"""Find keys, tokens and passwords that must not leave: by their issuers' formats, and by name and randomness."""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Secret:
    """A span that looks like a secret, and its kind ("aws_key", "private_key", …)."""

    start: int
    end: int
    kind: str


_PATTERNS: dict[str, re.Pattern[str]] = {
    "private_key": re.compile(r"-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----"),
    "aws_key": re.compile(r"\b(?:AKIA|ASIA|ABIA|ACCA)[0-9A-Z]{16}\b"),
    "github_token": re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{22,255})\b"),
    "gitlab_token": re.compile(r"\bgl(?:pat|ptt|dt|rt|soat)-[A-Za-z0-9_\-]{20,64}"),
    "openai_key": re.compile(r"\bsk-(?:proj-|svcacct-|admin-|ant-(?:api|admin)\d\d-|or-v1-)?[A-Za-z0-9_\-]{20,200}"),
    "google_key": re.compile(r"\bAIza[0-9A-Za-z_\-]{35}|\bGOCSPX-[0-9A-Za-z_\-]{20,40}|\bya29\.[0-9A-Za-z_\-]{20,400}"),
    "slack_token": re.compile(r"\bxox[abeoprs]-[A-Za-z0-9-]{10,250}|https://hooks\.slack\.com/services/[A-Za-z0-9/]{20,80}"),
    "stripe_key": re.compile(r"\b(?:sk|rk|whsec)_(?:(?:live|test)_)?[0-9A-Za-z]{20,120}\b"),
    "huggingface_token": re.compile(r"\bhf_[A-Za-z0-9]{30,50}\b"),
    "nvidia_key": re.compile(r"\bnvapi-[A-Za-z0-9_\-]{40,100}"),
    "npm_token": re.compile(r"\bnpm_[A-Za-z0-9]{36}\b"),
    "pypi_token": re.compile(r"\bpypi-[A-Za-z0-9_\-]{50,250}"),
    "sendgrid_key": re.compile(r"\bSG\.[A-Za-z0-9_\-]{16,32}\.[A-Za-z0-9_\-]{32,64}"),
    "twilio_key": re.compile(r"\b(?:SK|AC)[0-9a-f]{32}\b"),
    "azure_key": re.compile(r"\bAccountKey=[A-Za-z0-9+/=]{40,120}|\bSharedAccessSignature=sr=[^\s]{20,300}"),
    "jwt": re.compile(r"\beyJ[A-Za-z0-9_\-]{10,2000}\.eyJ[A-Za-z0-9_\-]{10,4000}\.[A-Za-z0-9_\-]{10,1000}"),
    "url_password": re.compile(r"\b[a-z][a-z0-9+.\-]{2,20}://[^\s:/@]{1,64}:[^\s:/@]{3,128}@[^\s/@]{3,200}"),
    "bearer_token": re.compile(r"(?i)\bbearer\s{1,4}[A-Za-z0-9_\-.=]{20,2000}"),
}  # fmt: skip
_NAMED = re.compile(
    r"(?i)\b(?:api[ _\-]?key|secret(?:[ _\-]?(?:access[ _\-]?)?key)?|access[ _\-]?token|auth[ _\-]?token|client[ _\-]?secret|"
    r"passw(?:or)?d|pwd|passphrase|private[ _\-]?key|encryption[ _\-]?key)\b[\"']?\s{0,3}(?:[:=]|is)\s{0,3}[\"']?([^\s\"',;]{8,200})"
)
_BITS = 2.8
"""Shannon entropy in bits a character from which a named value counts as random; English words lie below."""


def find_secrets(text: str, /, *, extra: Sequence[str] = ()) -> list[Secret]:
    """Return what looks like a secret, in order of position.

    Args:
        text: any text; the search is linear in its length.
        extra: more regular expressions, of kind "configured".
    Raises:
        re.error: one of `extra` is no regular expression.
    Source:
        Formats as the issuers publish them; entropy after Shannon 1948.
    """
    found = [
        Secret(match.start(), match.end(), kind)
        for kind, pattern in _PATTERNS.items()
        for match in pattern.finditer(text)
    ]
    found += [Secret(*m.span(1), "named") for m in _NAMED.finditer(text) if _random(m[1])]
    found += [Secret(m.start(), m.end(), "configured") for source in extra for m in re.finditer(source, text)]
    return sorted(found, key=lambda secret: (secret.start, secret.end))


def _random(value: str) -> bool:
    """Whether a value is no word: mixed kinds of characters, and high entropy for its length."""
    if value.startswith("<") or not any(char.isdigit() for char in value):
        return False
    counts = Counter(value)
    bits = -sum(n / len(value) * math.log2(n / len(value)) for n in counts.values())
    return bits >= _BITS and any(char.isalpha() for char in value)
