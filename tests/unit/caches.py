"""A cached model over a file, for the tests of the cache."""

from collections.abc import Mapping
from pathlib import Path

from agentkit.adapters.sqlite.cache import SqliteAnswerStore
from agentkit.calls import Message
from agentkit.testing.fakes import MemoryRecord, MemoryVault, ScriptedBackend
from agentkit.types import Prompt, SafePassage
from agentkit.wrappers import CachedBackend, Meter
from agentkit.wrappers.cache_answers import AnswerCache, CachePolicy

KEY = b"k" * 32
SEMANTIC = CachePolicy(semantic=True)
ADA = {"PERSON": ["Ada Lovelace"]}
LEASE = "a" * 64
ASKED = "When does the lease of <PERSON_1> end?"
REWORDED = "On what date does the lease of <PERSON_1> expire?"


def prompt(question: str = ASKED, text: str = "<PERSON_1> pays EUR 1,250.", *, version: str = "1") -> Prompt:
    passage = SafePassage(id="d0p0", source=0, start=0, end=len(text), text=text)
    return Prompt("writer", "ask", version, "Answer.", passages=[passage], question=question, documents=[LEASE])


def chat(*words: str) -> Prompt:
    roles = ["user", "assistant"] * len(words)
    return Prompt("writer", "chat", "1", "", messages=[Message(r, w) for r, w in zip(roles, words, strict=False)])


class Cached:
    """A cached model for one tenant and matter, over a file that others may share."""

    def __init__(self, path: Path, *, key: bytes = KEY, policy: CachePolicy = SEMANTIC) -> None:
        self.record = MemoryRecord()
        self.now = [1_000_000.0]
        self.cache = AnswerCache(
            SqliteAnswerStore(path), key=key, policy=policy, record=self.record, clock=lambda: self.now[0]
        )

    def door(
        self,
        model: ScriptedBackend,
        *,
        scope: tuple[str, ...] = ("tenant a", "matter 1"),
        identity: str = "gpt|rails 1",
        names: Mapping[str, list[str]] = ADA,
        meter: Meter | None = None,
    ) -> CachedBackend:
        return CachedBackend(
            model,
            cache=self.cache,
            scope=scope,
            identity=identity,
            vault=MemoryVault(names),
            meter=meter or Meter(),
        )
