"""Followers of a real Postgres that live and die, one after the other, and what they leave behind."""

import asyncio
import json
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from postgres_server import run

sys.path.insert(0, str(Path(__file__).parents[1] / "contracts" / "stores"))
from places import Place

from agentkit.adapters.memory.corpus import Corpus
from agentkit.adapters.memory.manifest import read_manifest
from agentkit.indexed import Principal
from agentkit.stored import RowKind, Where, row_id

EVERYBODY = Principal("all", frozenset({"x"}))


@dataclass
class Held:
    """What there is after a follower: passages with how often each is there, names, the position, and what is waste."""

    texts: Counter[str]
    names: set[str]
    position: int
    left_over: int = 0


@dataclass
class Lives:
    """Followers of the same tables, one after the other."""

    kind: str
    url: str
    where: str
    folder: Path
    process: "subprocess.Popen[str]"

    def live(self, *argv: str, die: int | None = None) -> tuple[int, list[dict[str, object]]]:
        """Run a command; return how it ended and the events it told."""
        out = self.folder / "out.txt"
        out.write_text("")
        job = {"argv": argv, "die": die, "kind": self.kind, "folder": str(self.folder), "out": str(out)}
        job |= {"env": {"AGENTKIT_HOME": str(self.folder / "home")}}
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(job) + "\n")
        self.process.stdin.flush()
        code = int(self.process.stdout.readline())
        return code, [json.loads(line) for line in out.read_text().splitlines() if line.startswith("{")]

    def follow(self, die: int | None = None) -> tuple[int, list[dict[str, object]]]:
        config = self.folder / "agentkit.yaml"
        if not config.exists():
            table = "{table: public.clauses, text: body, matter: matter}"
            config.write_text(f"follow: [{{name: test, url: '{self.url}', tables: [{table}]}}]\n")
        (self.folder / "seams.txt").write_text("")
        argv = ("follow", "--once", "--format", "json", "--config", str(config), "--index", self.where)
        return self.live(*argv, die=die)

    def seams(self) -> list[str]:
        """Return before which writes the last follower could have been killed."""
        return (self.folder / "seams.txt").read_text().split()

    def held(self) -> Held:
        return self._held_in_folder() if self.kind == "embedded" else asyncio.run(self._held_in_store())

    def _held_in_folder(self) -> Held:
        folder = Path(self.where)
        manifest = read_manifest(folder)
        assert manifest is not None
        entries = Corpus.load(folder).entries(principal=EVERYBODY)
        return Held(
            Counter(one.text for one in entries),
            {one.document for one in entries},
            lsn(manifest.positions["test"]),
        )

    async def _held_in_store(self) -> Held:
        store = Place(self.where).open()
        try:
            found = await store.documents(lambda _: True, EVERYBODY)
            kinds: list[RowKind] = ["passage", "document", "pending"]
            rows = [len(await store.table.rows(Where(kind), limit=None)) for kind in kinds]
            told = await store.table.meta(row_id("position", "test"))
            texts = Counter(entry.text for _, entries in found for entry in entries)
            waste = sum(rows) - texts.total() - len(found)
            return Held(texts, {known.name for known, _ in found}, lsn(told or ""), waste)
        finally:
            await store.aclose()


def lsn(position: str) -> int:
    return int(json.loads(json.loads(position)["position"])["lsn"])


def moved_to(url: str) -> int:
    """Return the place in the log up to which the server was told to forget it."""
    asked = "SELECT confirmed_flush_lsn - '0/0'::pg_lsn AS lsn FROM pg_replication_slots WHERE slot_name = $1"
    (slot,) = run(url, asked, "agentkit_test")
    return int(slot["lsn"])
