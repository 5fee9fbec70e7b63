"""Add a rule of your own to the shipped rails: questions about a walled-off client are refused."""

import asyncio
import shutil
import tempfile
from pathlib import Path

from agentkit import AgentKit, Config
from agentkit.composition import rails_folder
from agentkit.config import RailsConfig

LETTER = Path(__file__).parent / "documents" / "letter.txt"
ACTION = """
from nemoguardrails.actions import action
from nemoguardrails.actions.rail_outcome import RailOutcome


@action(name="firm_check_wall", is_system_action=True)
async def firm_check_wall(text: str) -> RailOutcome:
    if "weatherly" in text.lower():
        return RailOutcome.block(reason="Weatherly is behind an ethical wall")
    return RailOutcome.allow()
"""
FLOW = """
define subflow firm check wall
  $outcome = execute firm_check_wall(text=$user_message)
  if $outcome.is_blocked
    bot refuse to respond
    stop
"""


def write_rails(folder: Path) -> None:
    """Copy the legal rails and add the rule: an action, a flow, and the flow's name in the list."""
    shutil.copytree(rails_folder("legal"), folder)
    for name, text in (("actions.py", ACTION), ("rails.co", FLOW)):
        with (folder / name).open("a", encoding="utf-8") as file:
            file.write(text)
    config = folder / "config.yml"
    listed = "  input:\n    flows:", "  input:\n    flows:\n      - firm check wall"
    config.write_text(config.read_text(encoding="utf-8").replace(*listed, 1), encoding="utf-8")


async def main() -> None:
    """Ask two questions; one of them names the client."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "firm"
        write_rails(folder)
        async with AgentKit(Config(rails=RailsConfig(folder=str(folder)))) as kit:
            for question in ("Who signed the letter?", "What did Weatherly estimate?"):
                report = await kit.ask([LETTER], question)
                reasons = [result.reason for result in report.rails if result.action == "blocked"]
                print(f"{question} {report.status} {'; '.join(reasons)}".rstrip())


if __name__ == "__main__":
    asyncio.run(main())
