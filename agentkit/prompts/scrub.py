"""Keys that providers echo, taken out of their words."""

import re

from agentkit.text.secrets import find_secrets

_TOKEN = re.compile(
    r"\b(?:sk|pk|rk|hf|gsk|xai|ghp)[-_][\w*.-]{4,}|\bAIza\S{8,}|(?i:\b(?:Bearer|Basic)\s+\S+)"
    r"|(?=[A-Za-z+/_=%*-]*\d)[\w+/=%*-]{20,}|\S{0,64}\*{3,}\S{0,64}"
)
_WINDOW = 6
"""A stretch of the key so long is taken for the key: providers echo it shortened or masked."""


def scrub(text: str, secret: str | None) -> str:
    """Return a text without the secret, whole or in part, and without what looks like a secret of anybody's.

    Args:
        text: a provider's words, which may echo what it was sent.
        secret: the key that was sent with the call.
    """
    if secret:
        text = text.replace(secret, "[key]")
        windows = {secret[at : at + _WINDOW] for at in range(len(secret) - _WINDOW + 1)}
        hidden = [at for at in range(len(text) - _WINDOW + 1) if text[at : at + _WINDOW] in windows]
        marked = bytearray(len(text))
        for at in hidden:
            marked[at : at + _WINDOW] = b"\x01" * _WINDOW
        text = "".join("\0" if mark else char for char, mark in zip(text, marked, strict=True))
        text = re.sub("\0+", "[key]", text)
    for found in reversed(find_secrets(text)):
        text = text[: found.start] + "[key]" + text[found.end :]
    return _TOKEN.sub("[key]", text)
