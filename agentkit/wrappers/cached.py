"""An exact cache of answers, in SQLite. It holds redacted text only, and never crosses a matter."""

import hashlib
import hmac
import json
import re
import sqlite3
import threading
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from agentkit.ports import ModelBackend, Vault
from agentkit.prompts import render, response_schema
from agentkit.types import Completion, Message, Prompt
from agentkit.wrappers.metered import Meter

_PLACEHOLDER = re.compile(r"<[A-Z][A-Z_]*_\d+>")
_SCHEMA = "CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, answer TEXT NOT NULL, used REAL NOT NULL)"


class AnswerCache:
    """Answers by key, in one SQLite file that processes may share; the least recently used go first.

    A file that cannot be used makes a cache that misses, never a run that fails.

    Args:
        path: the file; its folder is made where it is missing.
        key: a secret of this installation; without it, a hash of names could be guessed.
        max_entries: how many answers are kept.
    """

    def __init__(self, path: Path, *, key: bytes, max_entries: int = 10_000) -> None:
        self._path = path
        self._key = key
        self._max_entries = max_entries
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None

    def get(self, key: str, /) -> str | None:
        """Return an answer, or None."""
        with self._lock:
            try:
                connection = self._open()
                row = connection.execute("SELECT answer FROM answers WHERE key = ?", (key,)).fetchone()
                if row is not None:
                    connection.execute("UPDATE answers SET used = ? WHERE key = ?", (time.time(), key))
                    connection.commit()
            except (sqlite3.Error, OSError):
                return None
            return None if row is None else str(row[0])

    def put(self, key: str, answer: str, /) -> None:
        """Keep an answer."""
        with self._lock:
            try:
                connection = self._open()
                connection.execute("INSERT OR REPLACE INTO answers VALUES (?, ?, ?)", (key, answer, time.time()))
                connection.execute(
                    "DELETE FROM answers WHERE key IN (SELECT key FROM answers ORDER BY used DESC LIMIT -1 OFFSET ?)",
                    (self._max_entries,),
                )
                connection.commit()
            except (sqlite3.Error, OSError):
                return

    def sign(self, text: str, /) -> str:
        """Return a keyed hash of a text that may hold personal data."""
        return hmac.new(self._key, text.encode("utf-8", "surrogatepass"), "sha256").hexdigest()

    def close(self) -> None:
        """Release the file."""
        with self._lock:
            connection, self._connection = self._connection, None
            if connection is not None:
                connection.close()

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._path.touch(mode=0o600)
            connection = sqlite3.connect(self._path, check_same_thread=False, timeout=2)
            try:
                with closing(connection.execute("PRAGMA journal_mode = WAL")):
                    connection.execute("PRAGMA synchronous = NORMAL")
                    connection.execute(_SCHEMA)
            except sqlite3.Error:
                connection.close()
                raise
            self._connection = connection
        return self._connection


class CachedBackend:
    """Answers a prompt that was answered before, in the same matter, by the same model, under the same names.

    A deterministic model is asked each time: its answers cost nothing.

    Args:
        inner: the model.
        cache: where answers are kept.
        scope: the matter (and tenant); answers of one are never seen in another.
        identity: everything that decides how the model answers (its real name, address, settings).
        vault: the names behind the placeholders.
        meter: hears of the hits.
    """

    def __init__(
        self,
        inner: ModelBackend,
        *,
        cache: AnswerCache,
        scope: str,
        identity: str,
        vault: Vault,
        meter: Meter,
    ) -> None:
        self._inner = inner
        self._cache = cache
        self._identity = (inner.name, identity, scope)
        self._vault = vault
        self._meter = meter
        self.name = inner.name
        self.context_tokens = inner.context_tokens
        self.deterministic = inner.deterministic

    async def complete(self, prompt: Prompt, /) -> Completion:
        if self.deterministic:
            return await self._inner.complete(prompt)
        begun = time.perf_counter()
        key = self._key_of(prompt)
        kept = self._cache.get(key)
        if kept is not None:
            hit = Completion(text=kept, model=self.name, cache_hit=True)
            self._meter.count(prompt, hit, duration_ms=(time.perf_counter() - begun) * 1000)
            return hit
        completion = await self._inner.complete(prompt)
        if completion.finish_reason == "stop":
            self._cache.put(key, completion.text)
        return completion

    async def aclose(self) -> None:
        await self._inner.aclose()

    def _key_of(self, prompt: Prompt) -> str:
        messages = render(prompt)
        rows = [(message.role, message.content) for message in messages]
        material = json.dumps([self._identity, prompt.version, response_schema(prompt), rows, self._names(messages)])
        return hashlib.sha256(material.encode("utf-8", "surrogatepass")).hexdigest()

    def _names(self, messages: Sequence[Message]) -> str:
        """Return a keyed hash of the placeholders in use and what they stand for."""
        text = "\n".join(message.content for message in messages)
        mapping = {name: self._vault.restore(name) for name in sorted(set(_PLACEHOLDER.findall(text)))}
        return self._cache.sign(json.dumps(mapping))
