"""Sealed answers in Redis, found by their question too: a search index by RedisVL over forms and embeddings."""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# RedisVL ships no types for its indexes, and results are untyped dictionaries.

import time
from collections.abc import Sequence
from typing import Any

from agentkit.adapters.redis.cache import RedisAnswerStore
from agentkit.errors import MissingExtraError, NoSearchError

try:
    from redis.exceptions import ResponseError
    from redisvl.exceptions import RedisVLError
    from redisvl.index import SearchIndex
    from redisvl.query import FilterQuery, VectorQuery
    from redisvl.query.filter import Tag
    from redisvl.redis.utils import array_to_buffer
    from redisvl.schema import IndexSchema
except ImportError as error:
    raise MissingExtraError("redis") from error

FORM, MADE, ENTRY = "form", "made", "entry"
_FLOATS = "float32"


class CannotSearchError(Exception):
    """The server has no search module, or its user may not use it."""


class AnswerIndex:
    """Finds entries whose keys begin with a prefix; made on the server where it is missing.

    The distances are computed among the entries of one form alone, which are few: a flat field is the fastest to
    write and exact.

    Args:
        client: of redis-py.
        name: the index's name on the server.
        prefix: begins the keys of the entries.
        dimensions: of the embeddings; 0 where none is in use.

    Raises:
        CannotSearchError: the server cannot search.
    """

    def __init__(self, client: Any, *, name: str, prefix: str, dimensions: int) -> None:
        self._vector = _vector_field(dimensions)
        fields: list[dict[str, object]] = [
            {"name": FORM, "type": "tag"},
            {"name": MADE, "type": "numeric", "attrs": {"sortable": True}},
        ]
        if dimensions:
            attrs = {"dims": dimensions, "distance_metric": "cosine", "algorithm": "flat", "datatype": _FLOATS}
            fields.append({"name": self._vector, "type": "vector", "attrs": attrs})
        index = {"name": name, "prefix": prefix, "key_separator": "", "storage_type": "hash"}
        schema = IndexSchema.from_dict({"index": index, "fields": fields})
        self._index = SearchIndex(schema, redis_client=client)
        try:
            self._index.create()
        except RedisVLError as error:
            _tell(error)
            raise

    def near(self, form: str, *, vector: Sequence[int], limit: int) -> list[str]:
        """Return entries of a form: the nearest first where there is a vector, else the youngest."""
        wanted = Tag(FORM) == form
        if vector:
            query: Any = VectorQuery(
                [float(value) for value in vector],
                self._vector,
                return_fields=[ENTRY],
                dtype=_FLOATS,
                num_results=limit,
                filter_expression=wanted,
            )
        else:
            query = FilterQuery(wanted, return_fields=[ENTRY], num_results=limit).sort_by(MADE, asc=False)
        try:
            found = self._index.query(query)
        except RedisVLError as error:
            _tell(error)
            raise
        return [str(row[ENTRY]) for row in found if row.get(ENTRY)]


class SearchedAnswerStore(RedisAnswerStore):
    """Entries by key, and by the form of their question through the index; the server needs its search module.

    The form is a keyed hash of the tenant, matter, documents, model, rails and of what the question says: one filter
    on it is a filter on all of them. Among the entries of a form those whose embedding is nearest come first.
    """

    def __init__(self, url: str, *, max_age_s: float = 30 * 86_400.0, prefix: str = "agentkit:cache:") -> None:
        super().__init__(url, max_age_s=max_age_s, prefix=prefix)
        self._indexes: dict[int, AnswerIndex] = {}

    def _fields(self, entry: str, form: str, vector: Sequence[int]) -> dict[str, Any]:
        if not form:
            return {ENTRY: entry}
        embedding = {_vector_field(len(vector)): _packed(vector)} if vector else {}
        return {ENTRY: entry, FORM: form, MADE: time.time(), **embedding}

    def _near(self, client: Any, form: str, vector: Sequence[int], limit: int) -> list[str]:
        """Ask the index, which is made where it is missing: for the first time, or because the server was emptied."""
        known = self._indexes.get(len(vector))
        try:
            if known is not None:
                return known.near(form, vector=vector, limit=limit)
        except CannotSearchError:
            del self._indexes[len(vector)]
        try:
            return self._index(client, len(vector)).near(form, vector=vector, limit=limit)
        except CannotSearchError as error:
            raise NoSearchError(
                f"the Redis at {self.where} cannot search, which database 0 of Redis 8 or Redis Stack can: {error}"
            ) from error

    def _index(self, client: Any, dimensions: int) -> AnswerIndex:
        name = f"{self.prefix}index:{dimensions}"
        made = AnswerIndex(client, name=name, prefix=self.key("e", ""), dimensions=dimensions)
        self._indexes[dimensions] = made
        return made


def _vector_field(dimensions: int) -> str:
    """Return the field that holds embeddings of a length: those of another embedder never meet them."""
    return f"vector{dimensions}"


def _packed(vector: Sequence[int]) -> bytes:
    """Return an embedding as the index reads it."""
    return array_to_buffer([float(value) for value in vector], dtype=_FLOATS)


def _tell(error: RedisVLError) -> None:
    """Raise the server's refusal as ours; let failures of the connection be what they are."""
    cause: BaseException | None = error.__cause__
    if isinstance(cause, ResponseError):
        raise CannotSearchError(str(cause).partition(",")[0]) from error
    if cause is not None:
        raise cause
