"""Summarize with a model behind any OpenAI-compatible server: vLLM, llama.cpp, TGI, LM Studio, Ollama.

Run as `python examples/local_server.py http://localhost:8000/v1 NAME`, with the name your server gives its model.
"""

import asyncio
import sys
from pathlib import Path

from agentkit import AgentKit, Config
from agentkit.config import Deployment, ModelParams, Roles

NDA = Path(__file__).parent / "documents" / "nda.md"


def configuration(api_base: str, name: str) -> Config:
    """Return a configuration with one deployment; `privacy.egress` stays at its default, loopback."""
    params = ModelParams(model=f"openai/{name}", api_base=api_base)
    return Config(models=[Deployment(model_name="local", litellm_params=params)], roles=Roles(writer="local"))


async def main(api_base: str, name: str) -> None:
    """Print the summary, what it took, and which hosts were contacted."""
    async with AgentKit(configuration(api_base, name)) as kit:
        report = await kit.summarize([NDA])
    print(f"{report.status}: {len(report.claims)} claims")
    for claim in report.claims:
        print(f"  {claim.text} [{claim.citations[0].locator}, {claim.verdict.label}]")
    for removed in report.removed_claims:
        print(f"  removed: {removed.text}\n    {removed.reason}")
    print(f"{report.usage.model_calls} calls, hosts contacted: {report.privacy.hosts_contacted}")


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:3]))
