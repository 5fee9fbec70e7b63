"""Proxies in the environment: every client we use obeys them, so what they would carry, and where, is known first.

Read as `urllib`, httpx and LiteLLM do: lower case before upper case, `NO_PROXY` by suffix. Networks ("10.0.0.0/8")
in `NO_PROXY` exempt nobody, because those clients do not read them. Proxies that macOS and Windows configure outside
of the environment are left to the guard on connections.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from agentkit.egress.hosts import host_of

_SCHEMES = ("https", "http", "all")


@dataclass(frozen=True, slots=True)
class Proxy:
    """The variable that names a proxy, and the proxy's host; its user name and password are not kept."""

    variable: str
    host: str


def proxy_for(url: str, environ: Mapping[str, str] | None = None) -> Proxy | None:
    """Return the proxy that would carry a request, or None where it goes straight to its host.

    Args:
        url: the whole URL; anything without `http:` or `https:` goes straight.
        environ: by default this process's environment.
    """
    scheme, separator, _ = url.strip().partition("://")
    scheme = scheme.lower()
    if not separator or scheme not in {"http", "https"}:
        return None
    values = os.environ if environ is None else environ
    found = _named(scheme, values) or _named("all", values)
    return None if found is None or _is_exempt(url, values) else found


def proxies(environ: Mapping[str, str] | None = None) -> list[Proxy]:
    """Return every proxy that the environment names."""
    values = os.environ if environ is None else environ
    return [found for scheme in _SCHEMES if (found := _named(scheme, values)) is not None]


def _named(scheme: str, environ: Mapping[str, str]) -> Proxy | None:
    for variable in (f"{scheme}_proxy", f"{scheme.upper()}_PROXY"):
        value = environ.get(variable)
        if value is None or (variable == "HTTP_PROXY" and "REQUEST_METHOD" in environ):
            continue  # under CGI, a visitor sets HTTP_PROXY by sending a header "Proxy"
        return Proxy(variable, host_of(value)) if value.strip() else None
    return None


def _is_exempt(url: str, environ: Mapping[str, str]) -> bool:
    rules = environ.get("no_proxy", environ.get("NO_PROXY", ""))
    if not rules.strip():
        return False
    if rules.strip() == "*":
        return True
    host, port = host_of(url), _port(url)
    return any(_matches(rule.strip().lower(), host, port) for rule in rules.split(","))


def _matches(rule: str, host: str, port: str) -> bool:
    name, colon, wanted = rule.rpartition(":")
    if colon and wanted.isdigit() and name.count(":") == 0:
        if wanted != port:
            return False
        rule = name
    rule = rule.strip("[]").removeprefix("*").lstrip(".")
    return bool(rule) and (host == rule or host.endswith(f".{rule}"))


def _port(url: str) -> str:
    try:
        return str(urlsplit(url.strip()).port or "")
    except ValueError:
        return ""
