# ruff: noqa: E501 - a table of patterns
"""Find keys, tokens and passwords that must not leave: by their issuers' formats, and by name and randomness."""

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agentkit.text.anchored import anchored, places, uncased


@dataclass(frozen=True, slots=True)
class Secret:
    """A span that looks like a secret, and its kind ("aws_key", "private_key", …)."""

    start: int
    end: int
    kind: str


_PATTERNS: dict[str, tuple[str, re.Pattern[str]]] = {  # kind: (what a match begins with, apart by blanks; format)
    "private_key": ("-----BEGIN", re.compile(r"-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----(?:[^-]{0,12000}-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----)?")),
    "aws_key": ("AKIA ASIA ABIA ACCA", re.compile(r"\b(?:AKIA|ASIA|ABIA|ACCA)[0-9A-Z]{16}\b")),
    "github_token": ("ghp_ gho_ ghu_ ghs_ ghr_ github_pat_", re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{22,255})\b")),
    "gitlab_token": ("glpat- glptt- gldt- glrt- glsoat-", re.compile(r"\bgl(?:pat|ptt|dt|rt|soat)-[A-Za-z0-9_\-]{20,64}")),
    "openai_key": ("sk-", re.compile(r"\bsk-(?:proj-|svcacct-|admin-|ant-(?:api|admin)\d\d-|or-v1-)?[A-Za-z0-9_\-]{20,200}")),
    "model_key": ("gsk_ pplx- xai- r8_", re.compile(r"\b(?:gsk_|pplx-|xai-|r8_)[A-Za-z0-9]{32,100}\b")),
    "google_key": ("AIza GOCSPX- ya29.", re.compile(r"\bAIza[0-9A-Za-z_\-]{35}|\bGOCSPX-[0-9A-Za-z_\-]{20,40}|\bya29\.[0-9A-Za-z_\-]{20,400}")),
    "slack_token": ("xox https://hooks.slack", re.compile(r"\bxox[abeoprs]-[A-Za-z0-9-]{10,250}|https://hooks\.slack\.com/services/[A-Za-z0-9/]{20,80}")),
    "stripe_key": ("sk_ rk_ whsec_", re.compile(r"\b(?:sk|rk|whsec)_(?:(?:live|test)_)?[0-9A-Za-z]{20,120}\b")),
    "huggingface_token": ("hf_", re.compile(r"\bhf_[A-Za-z0-9]{30,50}\b")),
    "nvidia_key": ("nvapi-", re.compile(r"\bnvapi-[A-Za-z0-9_\-]{40,100}")),
    "npm_token": ("npm_", re.compile(r"\bnpm_[A-Za-z0-9]{36}\b")),
    "pypi_token": ("pypi-", re.compile(r"\bpypi-[A-Za-z0-9_\-]{50,250}")),
    "sendgrid_key": ("SG.", re.compile(r"\bSG\.[A-Za-z0-9_\-]{16,32}\.[A-Za-z0-9_\-]{32,64}")),
    "twilio_key": ("SK AC", re.compile(r"\b(?:SK|AC)[0-9a-f]{32}\b")),
    "azure_key": ("AccountKey= SharedAccessSignature=", re.compile(r"\bAccountKey=[A-Za-z0-9+/=]{40,120}|\bSharedAccessSignature=sr=[^\s]{20,300}")),
    "host_token": ("dop_v1_ dapi shpat_ shpca_ shppa_ shpss_ hvs. glsa_ ATATT3 dp.pt.", re.compile(
        r"\b(?:dop_v1_[a-f0-9]{64}|dapi[a-f0-9]{32}|shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}|hvs\.[A-Za-z0-9_-]{24,200}|glsa_[A-Za-z0-9_]{30,60}|ATATT3[A-Za-z0-9_=-]{50,300}|dp\.pt\.[A-Za-z0-9]{40,50})")),
    "app_token": ("ntn_ secret_ lin_api_ sq0atp- sq0csp- AGE-SECRET-KEY-1 :AA", re.compile(
        r"\b(?:ntn_[A-Za-z0-9]{40,60}|secret_[A-Za-z0-9]{43}|lin_api_[A-Za-z0-9]{32,60}|sq0(?:atp|csp)-[A-Za-z0-9_-]{20,60}|AGE-SECRET-KEY-1[0-9A-Z]{50,70}|\d{8,10}:AA[A-Za-z0-9_-]{32,36})")),
    "jwt": ("eyJ", re.compile(r"\beyJ[A-Za-z0-9_\-]{10,2000}\.eyJ[A-Za-z0-9_\-]{10,4000}\.[A-Za-z0-9_\-]{10,1000}")),
    "url_password": ("://", re.compile(r"\b[a-z][a-z0-9+.\-]{2,20}://[^\s:/@]{0,64}:[^\s:/@]{3,128}@[^\s/@]{3,200}")),
    "bearer_token": ("bearer authorization:", re.compile(r"(?i)\b(?:bearer\s{1,4}[A-Za-z0-9_\-.=]{20,2000}|authorization:\s{0,3}basic\s{1,4}[A-Za-z0-9+/=]{12,400})")),
}  # fmt: skip
_Format = tuple[str, re.Pattern[str], Sequence[str], int]
_AHEAD = {"app_token": 10, "url_password": 21}
"""Characters that may stand in front of what tells a format, for those that do not begin with it."""
_ANY_CASE = "bearer_token"
_FORMATS: list[_Format] = [
    (kind, pattern, told.split(" "), _AHEAD.get(kind, 0)) for kind, (told, pattern) in _PATTERNS.items()
]
_SPACED = {"private_key", "openai_key", "slack_token", "url_password", "bearer_token"}
_SHORT = [item for item in _FORMATS if item[0] in _SPACED]
"""Formats that may lack a run of twenty characters, which any other has, and few pages of prose."""
_LONG = [item for item in _FORMATS if item[0] not in _SPACED]
_SIGNS = frozenset("_-.=/:+")
_RUNS = bytes(ord("a" if code < 128 and (chr(code) in _SIGNS or chr(code).isalnum()) else " ") for code in range(256))
_LONG_RUN, _RUN = b"a" * 20, re.compile(r"[A-Za-z0-9_.=/:+-]{20,}")
_NAMED = re.compile(
    r"(?i)\b(?:api[ _\-]?key|secret(?:[ _\-]?(?:access[ _\-]?)?key)?|access[ _\-]?token|auth[ _\-]?token|client[ _\-]?secret|"
    r"passw(?:or)?d|pwd|passphrase|private[ _\-]?key|encryption[ _\-]?key)\b[\"']?\s{0,3}(?:[:=]|is)\s{0,3}[\"']?([^\s\"',;]{8,200})"
)
_QUOTED = re.compile(
    r"(?i)\b[\w.-]{0,30}(?:secret|token|passw(?:or)?d|pwd|passphrase|api_?key)[\"']?\s{0,3}[:=]\s{0,3}([\"'])(?![<{$*x]|your|change|enter|example)([^\s\"']{6,200})\1"
)
_NAMES = ("key", "secret", "token", "passw", "pwd", "passphrase")
_BEFORE_NAME, _BEFORE_QUOTED = 11, 34
"""Characters of a match of each in front of its first name, at most."""
_NAME_AND_SIGN = 48
"""Characters from the first name of a match to the end of the sign that gives the value, at most."""
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
    lower = uncased(text)
    found = [
        Secret(match.start(), match.end(), kind)
        for kind, pattern, told, ahead in (*_SHORT, *_long(text))
        for match in anchored(pattern, text, places(lower if kind == _ANY_CASE else text, told), before=ahead)
    ]
    found += [Secret(*match.span(group), "named") for match, group in _named(text, lower)]
    found += [Secret(m.start(), m.end(), "configured") for source in extra for m in re.finditer(source, text)]
    return sorted(found, key=lambda secret: (secret.start, secret.end))


def _named(text: str, lower: str) -> Iterator[tuple[re.Match[str], int]]:
    """Yield what is given as the value of a key or password, each with the group that holds it."""
    names = [(at, lower[at : at + _NAME_AND_SIGN]) for at in places(lower, _NAMES)]
    given = [at for at, near in names if ":" in near or "=" in near]
    told = [at for at, near in names if ":" in near or "=" in near or "is" in near]
    yield from ((match, 1) for match in anchored(_NAMED, text, told, before=_BEFORE_NAME) if _random(match[1]))
    yield from ((match, 2) for match in anchored(_QUOTED, text, given, before=_BEFORE_QUOTED))


def _long(text: str) -> list[_Format]:
    """The formats of long runs whose beginning stands in one."""
    if _LONG_RUN not in text.encode("ascii", "replace").translate(_RUNS):
        return []
    runs = " ".join(_RUN.findall(text))
    return [item for item in _LONG if any(word in runs for word in item[2])]


def _random(value: str) -> bool:
    """Whether a value is no word: mixed kinds of characters, and high entropy for its length."""
    if value.startswith("<") or not any(char.isdigit() for char in value):
        return False
    counts = Counter(value)
    bits = -sum(n / len(value) * math.log2(n / len(value)) for n in counts.values())
    return bits >= _BITS and any(char.isalpha() for char in value)
