"""A CrewAI crew under governance: an analyst, a risk officer and a plain-language editor review a contract.

Run as `python examples/crew_review.py`, or with the name of a model: `python examples/crew_review.py ollama/llama3.1`.
"""

import asyncio
import sys
from pathlib import Path

from agentkit.adapters.crewai import House, release, run_crew  # isort: skip  (before crewai: it silences telemetry)
from crewai import Agent, Crew, Task

from agentkit.composition import make_rails
from agentkit.gateway import Gateway
from agentkit.policy import EdgeGuards
from agentkit.reading import read_document
from agentkit.text.splitting import split_document

NDA = Path(__file__).parent / "documents" / "nda.md"


def build() -> Crew:
    """Return a crew as CrewAI documents it; which model it asks is not its business."""
    analyst = Agent(role="Analyst", goal="Find the duties", backstory="Reads contracts all day.")
    risk = Agent(role="Risk officer", goal="Find the risks", backstory="Has seen contracts fail.")
    editor = Agent(role="Plain-language editor", goal="Be understood", backstory="Writes for people.")
    duties = Task(
        description="What must the parties of {name} keep confidential?", expected_output="Duties", agent=analyst
    )
    risks = Task(description="What happens on a breach?", expected_output="Risks, quoted", agent=risk, context=[duties])
    plain = Task(
        description="How long do the obligations last?",
        expected_output="An answer",
        agent=editor,
        context=[duties, risks],
    )
    return Crew(name="review", agents=[analyst, risk, editor], tasks=[duties, risks, plain])


async def main(model: str | None = None) -> None:
    """Run the crew; every call of it is redacted, railed, budgeted and booked."""
    async with Gateway(model=model) as gateway:
        guards = EdgeGuards(make_rails("legal", gateway.config))
        house = House.of_gateway(gateway, guards, split_document(read_document(NDA, index=0)))
        result = await run_crew(build, {"name": "the agreement"}, house=house)
        shown = await release(result, house)  # the exit: names come back here, and nowhere before
    print(f"{shown.calls} calls, {len(shown.claims)} claims")
    for claim, verdict in zip(shown.claims, shown.verdicts, strict=True):
        print(f"  {claim.text} [{verdict.label}, {len(claim.citations)} citations]")


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:2]))
