"""Sealed answers: what is kept is signed with the installation's key, and what does not verify is not served."""

import hmac
import json
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from agentkit.calls import Usage
from agentkit.errors import NoSearchError, UnavailableError
from agentkit.ports import RunRecord
from agentkit.wrappers.cache_port import AnswerStore, Embedder
from agentkit.wrappers.cache_questions import Form, form_of

_CANDIDATES = 8
_REMEMBERED = 64
_DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class CachePolicy:
    """What may be kept, how long, and what counts as the same question.

    Args:
        max_age_days: older entries are not served.
        semantic: whether the same question in other words may share an answer.
        threshold: the least cosine of their embeddings for that, in (0, 1]; without an embedder, forms decide alone.
        cacheable_labels: confidentiality labels that do not forbid keeping; a prompt with any other is not kept.
    """

    max_age_days: float = 30.0
    semantic: bool = False
    threshold: float = 0.9
    cacheable_labels: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Place:
    """Where an answer belongs.

    Args:
        key: a keyed hash of everything that the answer depends on.
        partition: the same without the question.
        question: in redacted words; empty where only the same prompt may share the answer.
        names: a keyed hash of what the question's placeholders stand for.
        documents: SHA-256 hashes of the documents read.
    """

    key: str
    partition: str = ""
    question: str = ""
    names: str = ""
    documents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer that was kept: what it took when it was made, and whether another question led to it."""

    answer: str
    usage: Usage = field(default_factory=Usage)
    like: bool = False


class AnswerCache:
    """Answers by key, and by question, in a store that is trusted with nothing.

    A store that cannot be used makes a cache that misses, never a run that fails: it is said once, in the run's
    record, and the store is left alone from then on.

    Args:
        store: keeps the entries.
        key: the installation's secret; keys, signatures and hashes of names are made with it.
        policy: what may be kept, and how long.
        record: the run's record.
        matter: whose answers these are, so that they can be forgotten together.
        embedder: a second opinion on questions of one form: it can refuse a pair, never add one.
        clock: seconds since the epoch.
    """

    def __init__(  # noqa: PLR0913 - what it works with, one by one
        self,
        store: AnswerStore,
        *,
        key: bytes,
        policy: CachePolicy = CachePolicy(),
        record: RunRecord | None = None,
        matter: str = "",
        embedder: Embedder | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._key = key
        self._record = record
        self._matter = matter
        self._embedder = embedder
        self._clock = clock
        self._usable = True
        self._comparing = policy.semantic
        self._vectors: dict[str, list[int]] = {}
        self._warned: set[str] = set()
        self.policy = policy

    def allows(self, labels: Sequence[str], /) -> bool:
        """Return whether text under these confidentiality labels may be kept, and asked for."""
        return self.policy.cacheable_labels.issuperset(labels)

    def sign(self, purpose: str, text: str, /) -> str:
        """Return a keyed hash of a text, which tells nothing about it; each purpose has hashes of its own."""
        return hmac.new(self._key, f"{purpose}\0{text}".encode("utf-8", "surrogatepass"), "sha256").hexdigest()

    async def get(self, place: Place, /) -> Kept | None:
        """Return the answer to this very prompt, or to the same question in other words, or None."""
        if not self._usable:
            return None
        try:
            entry = await self._store.get(place.key)
        except UnavailableError as error:
            self._give_up(error)
            return None
        body = self._opened(entry, "key", place.key) if entry is not None else None
        return await self._near(place) if body is None else _kept(body)

    async def put(self, place: Place, answer: str, /, *, usage: Usage = Usage()) -> None:  # noqa: B008 - it is frozen
        """Keep an answer, and what it took."""
        if not self._usable:
            return
        form, vector = await self._compared(place)
        try:
            body = {"key": place.key, "form": form, "answer": answer, "vector": vector, "made": self._clock()}
            took = [usage.input_tokens, usage.output_tokens, usage.cost_usd]
            text = json.dumps({**body, "took": took})
            documents = [*self._documents(place.documents), self._owner(self._matter)]
            entry = self.sign("entry", text) + text
            await self._store.put(place.key, entry, form=form, vector=vector, documents=documents)
        except UnavailableError as error:
            self._give_up(error)

    async def forget_documents(self, *sha256: str) -> int:
        """Remove every answer that rests on one of these documents; return how many there were.

        Raises:
            UnavailableError: the store cannot be used: the answers may still be there.
        """
        return await self._store.forget(self._documents(sha256))

    async def count_matter(self, matter: str, /) -> int:
        """Return how many answers of a matter there are.

        Raises:
            UnavailableError: the store cannot be used.
        """
        return await self._store.count([self._owner(matter)])

    async def forget_matter(self, matter: str, /) -> int:
        """Remove every answer of a matter; return how many there were.

        Raises:
            UnavailableError: the store cannot be used: the answers may still be there.
        """
        return await self._store.forget([self._owner(matter)])

    def close(self) -> None:
        """Release the store."""
        self._store.close()

    async def _near(self, place: Place) -> Kept | None:
        form, vector = await self._compared(place)
        if not form:
            return None
        try:
            entries = await self._store.near(form, vector=vector, limit=_CANDIDATES)
        except NoSearchError as error:
            self._comparing = False
            self._warn(f"questions are compared word for word: {error}")
            return None
        except UnavailableError as error:
            self._give_up(error)
            return None
        for entry in entries:
            body = self._opened(entry, "form", form)
            if body is not None and _cosine(vector, cast(list[int], body["vector"])) >= self.policy.threshold:
                return _kept(body, like=True)
        return None

    async def _compared(self, place: Place) -> tuple[str, list[int]]:
        """Return a keyed hash of the question's form and its embedding; nothing where the same words must be used."""
        form = form_of(place.question) if self._comparing else Form()
        if not form.clauses:
            return "", []
        name, vector = "", list[int]()
        if self._embedder is not None:
            try:
                name, vector = self._embedder.name, await self._embedded(place.question, self._embedder)
            except UnavailableError as error:
                self._comparing = False
                self._warn(f"questions are compared word for word: {error}")
                return "", []
        material = json.dumps([place.partition, place.names, name, form.kind, form.clauses])
        return self.sign("form", material), vector

    async def _embedded(self, question: str, embedder: Embedder) -> list[int]:
        """Return a question's embedding in whole numbers; the latest ones are kept, as a miss asks twice."""
        if question not in self._vectors:
            if len(self._vectors) >= _REMEMBERED:
                self._vectors.clear()
            self._vectors[question] = _whole(await embedder.embed(question))
        return self._vectors[question]

    def _opened(self, entry: str, name: str, value: str) -> Mapping[str, object] | None:
        """Return what an entry holds, if we sealed it for this place and it is not too old."""
        seal, text = entry[:64], entry[64:]
        if not hmac.compare_digest(seal.encode("utf-8", "replace"), self.sign("entry", text).encode()):
            self._warn("an entry was altered and not used")
            return None
        body = cast(dict[str, object], json.loads(text))
        if body.get(name) != value:
            self._warn("an entry stood in another's place and was not used")
            return None
        age = self._clock() - float(str(body["made"]))
        return body if age <= self.policy.max_age_days * _DAY_S else None

    def _documents(self, sha256: Sequence[str]) -> list[str]:
        return [self.sign("document", digest) for digest in sha256]

    def _owner(self, matter: str) -> str:
        return self.sign("matter", matter)

    def _give_up(self, error: UnavailableError) -> None:
        self._usable = False
        self._warn(f"not used: {error}")

    def _warn(self, message: str) -> None:
        if self._record is not None and message not in self._warned:
            self._record.add("cache_failed", fields={"problem": message})
        self._warned.add(message)


def _kept(body: Mapping[str, object], *, like: bool = False) -> Kept:
    sent, received, cost = cast(list[float], body.get("took", [0, 0, 0.0]))
    return Kept(str(body["answer"]), Usage(int(sent), int(received), 0, cost), like)


def _whole(vector: Sequence[float]) -> list[int]:
    largest = max(map(abs, vector), default=0.0)
    return [round(127 * value / largest) for value in vector] if largest else []


def _cosine(one: Sequence[int], two: Sequence[int]) -> float:
    """Return the cosine of two vectors; 1 where no embedding is in use, 0 where they cannot be compared."""
    if not one and not two:
        return 1.0
    if len(one) != len(two):
        return 0.0
    return _dot(one, two) / math.sqrt(_dot(one, one) * _dot(two, two))


def _dot(one: Sequence[int], two: Sequence[int]) -> int:
    return sum(a * b for a, b in zip(one, two, strict=True))
