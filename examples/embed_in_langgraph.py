"""Make agentkit a node of your own LangGraph graph: what needs a human goes to one."""

import asyncio
from pathlib import Path
from typing import Literal, TypedDict

from langgraph.graph import END, START, StateGraph

from agentkit import AgentKit

NDA = Path(__file__).parent / "documents" / "nda.md"


class Intake(TypedDict, total=False):
    """What your graph knows of one document: paths and results, never its text."""

    path: str
    status: str
    claims: int
    outcome: str


async def main() -> None:
    """Build a graph of three nodes and run it on one document."""
    async with AgentKit() as kit:

        async def summarize(state: Intake) -> Intake:
            report = await kit.summarize([state.get("path", "")])
            return {"status": report.status, "claims": len(report.claims)}

        async def file_it(state: Intake) -> Intake:
            return {"outcome": f"filed with {state.get('claims')} claims"}

        async def ask_a_lawyer(state: Intake) -> Intake:
            return {"outcome": f"sent to a lawyer: {state.get('status')}"}

        def route(state: Intake) -> Literal["file_it", "ask_a_lawyer"]:
            return "file_it" if state.get("status") == "approved" else "ask_a_lawyer"

        graph = StateGraph(Intake)
        for node in (summarize, file_it, ask_a_lawyer):
            graph.add_node(node)
        graph.add_edge(START, "summarize")
        graph.add_conditional_edges("summarize", route)
        graph.add_edge("file_it", END)
        graph.add_edge("ask_a_lawyer", END)
        done = await graph.compile().ainvoke({"path": str(NDA)})

    print(f"{Path(done['path']).name}: {done['status']}, {done['outcome']}")


if __name__ == "__main__":
    asyncio.run(main())
