"""Privacy of the door: which hosts may be contacted, what holds connections to that, what was contacted."""

from agentkit.egress.guard import ProcessGuard, enforced, guard_process, held, record_hosts
from agentkit.egress.hosts import host_of
from agentkit.egress.policy import KEYWORDS, ConnectionDeniedError, EgressPolicy
from agentkit.egress.proxies import Proxy, proxies, proxy_for
from agentkit.egress.record import note_host

__all__ = [
    "KEYWORDS",
    "ConnectionDeniedError",
    "EgressPolicy",
    "ProcessGuard",
    "Proxy",
    "enforced",
    "guard_process",
    "held",
    "host_of",
    "note_host",
    "proxies",
    "proxy_for",
    "record_hosts",
]
