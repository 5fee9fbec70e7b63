"""Swap the provider: the same program asks OpenAI's protocol or Anthropic's, as one line of the configuration says.

Run as `python examples/swap_provider.py FILE`, with a configuration file whose `roles.writer` names the provider.
"""

import sys
from pathlib import Path

from agentkit import AgentKit

NDA = Path(__file__).parent / "documents" / "nda.md"


def main(configuration: str) -> None:
    """Print the summary, what the reviewer removed from it, and who was asked."""
    report = AgentKit.from_config(configuration).summarize_sync([NDA])
    print(f"{report.status}: {len(report.claims)} claims")
    for claim in report.claims:
        print(f"  {claim.text} [{claim.citations[0].locator}, {claim.verdict.label}]")
    for removed in report.removed_claims:
        print(f"  removed: {removed.text}\n    {removed.reason}")
    for model, usage in report.usage.by_model.items():
        print(f"{model}: {usage.calls} calls, {usage.input_tokens} tokens in, {usage.output_tokens} out")


if __name__ == "__main__":
    main(sys.argv[1])
