"""Inside the firewall: nobody may be contacted, this process cannot contact anybody, and the report says so.

Run as `python examples/inside_firewall.py`, or with another model that is on the machine: `… embedded/smollm2`.
"""

import socket
import sys
from pathlib import Path

from agentkit import AgentKit, Config
from agentkit.app import Options
from agentkit.config import Deployment, ModelParams, PrivacyConfig
from agentkit.egress import EgressPolicy, guard_process
from agentkit.errors import EgressDeniedError

LEASE = Path(__file__).parent / "documents" / "lease.pdf"
HOSTED = Deployment(
    model_name="hosted",
    litellm_params=ModelParams(model="openai/gpt-4o", api_base="https://api.openai.com/v1"),
    client="openai",
)
CLOSED = Config(models=[HOSTED], privacy=PrivacyConfig(egress="none"))


def main(model: str | None = None) -> None:
    """Ask a model on this machine; then see what is refused."""
    guard_process(EgressPolicy.parse("none"))  # the whole process, with every library in it, and not only our runs

    kit = AgentKit(CLOSED, model=model)
    report = kit.ask_sync([LEASE], "How much is the security deposit?", options=Options(max_claims=1))
    print(report)
    print(f"hosts contacted: {report.privacy.hosts_contacted}")

    try:
        AgentKit(CLOSED, model="hosted")
    except EgressDeniedError as error:
        print(f"a hosted model: {error}")
    try:
        socket.create_connection(("192.0.2.1", 443))
    except OSError as error:
        print(f"any other code: {error}")


if __name__ == "__main__":
    main(*sys.argv[1:2])
