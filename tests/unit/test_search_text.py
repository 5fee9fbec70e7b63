"""What `agentkit search` prints of an index holds nothing that a terminal would act on, whatever the rows say."""

import asyncio
from pathlib import Path

import pytest
from feeds import ALIKE, RowsFeed, follow

from agentkit.adapters.memory.following import FollowedIndex
from agentkit.cli.main import main

EVIL = "The rent\x1b[31m is \x07 due\u202e daily\x9b."


@pytest.mark.parametrize("options", [[], ["--explain"]])
def test_a_row_cannot_write_to_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str]
) -> None:
    feed = RowsFeed({"a": (EVIL, "x\x1b]0;y\n")})
    asyncio.run(follow(feed, FollowedIndex(tmp_path / "index", "feed"), table=ALIKE))
    asked = ["search", "--index", str(tmp_path / "index"), "--query", "rent", "--matter", "x\x1b]0;y\n"]
    assert main([*asked, *options]) == 0
    told = capsys.readouterr().out
    assert "The rent" in told
    assert all(one.isprintable() or one == "\n" for one in told)
    assert len(told.splitlines()) >= 2
