"""What a user types beside a question (a checklist, the name of a matter) is kept from models, states and records."""

import json
from pathlib import Path

from agentkit.app import AgentKit, Options
from agentkit.config import Config
from agentkit.testing.server import ModelServer, Received, Reply, chat_reply
from agentkit.types import ChecklistItem

RENT = "Odette Farrow shall pay rent of EUR 1,250 on the first day of each month, by bank transfer."
SAID = RENT.replace("Odette Farrow", "<PERSON_1>")
ITEM = ChecklistItem("rent", "Rent of Odette Farrow", "What does Mr. Lucas Marlow pay?", ["Odette Farrow"])


def answer(request: Received) -> Reply:
    claim = {"text": SAID, "citations": [{"passage": "d0p0", "quote": SAID}], "topic": "rent"}
    return chat_reply(json.dumps({"answered": True, "claims": [claim]}))


async def test_a_checklist_s_names_are_placeholders_everywhere_and_names_in_the_report(
    tmp_path: Path, home: Path
) -> None:
    (tmp_path / "lease.txt").write_text(f"1. Rent. {RENT}\n", encoding="utf-8")
    async with ModelServer([answer]) as server:
        params = {"model": "openai/served", "api_base": server.url}
        spans = str(tmp_path / "spans.jsonl")
        settings = {
            "models": [{"model_name": "firm", "litellm_params": params, "client": "openai"}],
            "roles": {"writer": "firm"},
            "tracing": {"adapter": "file", "path": spans},
        }
        for _ in range(2):  # in the second run the vault knows the names already
            async with AgentKit(Config.model_validate(settings)) as kit:
                options = Options(checklist=[ITEM], matter="Estate of Ada Whitlock")
                events = [event async for event in kit.stream([tmp_path / "lease.txt"], options=options)]
        report = events[-1]["report"]
    prompts = [json.dumps(request.body) for request in server.received]
    assert "What does Mr. <PERSON_2> pay?" in prompts[-1]
    assert "Look for: <PERSON_1>" in prompts[-1]
    assert [(entry.item, entry.found) for entry in report.checklist] == [("Rent of Odette Farrow", True)]
    assert report.claims[0].text == RENT
    assert {event["item"] for event in events if event.get("item")} == {"Rent of <PERSON_1>"}
    files = [path.read_bytes() for path in home.rglob("*") if path.is_file()]
    for text in (*prompts, *map(bytes.decode, [Path(spans).read_bytes()]), *(str(data) for data in files)):
        assert not [name for name in ("Farrow", "Marlow", "Whitlock") if name in text]
