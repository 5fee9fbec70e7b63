"""See what a model sees: the same answer with placeholders, and with the names restored."""

import asyncio
from pathlib import Path

from agentkit import AgentKit
from agentkit.app import Options

LETTER = Path(__file__).parent / "documents" / "letter.txt"
QUESTION = "To whom is the letter addressed?"


async def main() -> None:
    """Ask once for each side of the vault."""
    async with AgentKit() as kit:
        for keep_redacted in (True, False):
            options = Options(max_claims=1, keep_redacted=keep_redacted)
            report = await kit.ask([LETTER], QUESTION, options=options)
            print("as the model saw it:" if keep_redacted else "as you read it:")
            print(*(f"  {claim.text}" for claim in report.claims), sep="\n")
    counts = ", ".join(f"{kind} {count}" for kind, count in sorted(report.privacy.redacted.items()))
    print(f"replaced in the letter: {counts}")
    print(f"hosts contacted: {report.privacy.hosts_contacted}")


if __name__ == "__main__":
    asyncio.run(main())
