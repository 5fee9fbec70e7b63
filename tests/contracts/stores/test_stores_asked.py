"""A question to every store: answered with exact quotes, and with nothing for those who may not see what answers."""

from pathlib import Path

import pytest
from places import Place

from agentkit.adapters.memory.indexing import Cut, Source
from agentkit.adapters.memory.parsing import passages_of
from agentkit.app import AgentKit
from agentkit.config import Config
from agentkit.indexed import Principal
from agentkit.options import Options
from agentkit.report import Report
from agentkit.updating import update_store

pytestmark = pytest.mark.timeout(180)
MEMO = "Settlement memo\n\nThe claimant accepts a settlement of $77,000 and no admission of fault.\n"
NOTE = "Facilities note\n\nThe boiler of the building is serviced every March by Calder Heating.\n"
EVERYTHING = "What settlement does the claimant accept?"


async def indexed(where: Place, folder: Path) -> None:
    store = where.open()

    def source(name: str, text: str, matter: str) -> Source:
        path = folder / name
        path.write_text(text)

        def read(named: str) -> Cut:
            return passages_of(path, named, password=None, max_chars=1200)

        return Source(str(path), name, name, read, matter)

    await update_store(store, [source("memo.txt", MEMO, "M-1"), source("note.txt", NOTE, "")], covered=lambda _: True)
    await store.aclose()


async def ask(where: Place, home: Path, principal: Principal | None) -> Report:
    async with AgentKit(Config(), home=home) as kit:
        return await kit.ask([], EVERYTHING, options=Options(index=where.url, principal=principal))


async def test_a_store_answers_those_who_may_see_and_nobody_else(where: Place, tmp_path: Path) -> None:
    await indexed(where, tmp_path)
    lawyer = Principal("lawyer", frozenset({"M-1"}))
    for gone in (False, True):
        if gone:
            (tmp_path / "memo.txt").unlink()
        report = await ask(where, tmp_path / "home", lawyer)
        citation = report.claims[0].citations[0]
        assert "$77,000" in citation.quote
        assert MEMO[citation.start : citation.end] == citation.quote == report.texts[0][citation.start : citation.end]
        assert bool(report.sources[0].warnings) is gone
        assert report.index is not None
        assert len(report.index.version) == 64
    for principal in (None, Principal("other", frozenset({"M-2"}))):
        nothing = await ask(where, tmp_path / "home", principal)
        assert nothing.status == "unanswered"
        assert "memo" not in nothing.to_json()
