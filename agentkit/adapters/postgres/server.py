"""What an address of Postgres leads to, and what went wrong there, said without the address."""

from urllib.parse import parse_qs, urlsplit

from agentkit.egress import EgressPolicy
from agentkit.errors import ConfigError


def hosts_in(url: str, *, said: str, egress: EgressPolicy | None) -> list[str]:
    """Return the hosts that an address leads to; a folder is a socket on this machine, and no host.

    Args:
        url: `postgresql://user@host:port/database`.
        said: what holds it, for the sentence where it is no such address.
        egress: the hosts that may be contacted.

    Raises:
        ConfigError: the address is not one of Postgres.
        EgressDeniedError: a host may not be contacted.
    """
    try:
        parts = urlsplit(url)
        given = [parts.hostname or "", *parse_qs(parts.query).get("host", [])]
    except ValueError:
        raise ConfigError(f"{said} does not hold an address.") from None
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ConfigError(f"{said} does not hold an address of Postgres: postgresql://user@host/database.")
    hosts = [host for host in given if host and not host.startswith("/")]
    for host in hosts:
        if egress is not None:
            egress.check(host)
    return hosts


def reason_of(error: BaseException) -> str:
    """Return what went wrong, in one line, without the address: it may hold a password."""
    words = "".join(str(error.args[0]).splitlines()[:1])[:200] if error.args and hasattr(error, "sqlstate") else ""
    return f"{type(error).__name__}: {words}" if words else type(error).__name__
