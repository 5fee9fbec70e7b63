"""Spans as lines of JSON in a file: OpenTelemetry's ids and context, without its SDK.

The SDK's provider, sampler, limits and processor take four times as long for each span: all spans of a run together, a
tenth of what the whole run costs.
"""

import json
import random
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

from opentelemetry.context import attach, detach
from opentelemetry.trace import (
    NonRecordingSpan,
    SpanContext,
    TraceFlags,
    get_current_span,
    set_span_in_context,
)

from agentkit.errors import OutputError

AttributeValue = str | int | float | bool | Sequence[str]
_MILLIS = 1_000_000
_SAMPLED = TraceFlags(TraceFlags.SAMPLED)
_encode = json.JSONEncoder(ensure_ascii=False).encode


class FileTracer:
    """Appends each span that ended as one line; a span of the host's that is open becomes the parent.

    Raises:
        OutputError: the file cannot be written.
    """

    def __init__(self, path: Path) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("ab", buffering=0)  # a line is one write, whole beside those of other processes
        except OSError as error:
            raise OutputError(f"The trace file {path} cannot be written: {error.strerror}.") from error

    def span(self, name: str, /, *, attributes: Mapping[str, AttributeValue]) -> "_FileSpan":
        return _FileSpan(self, name, dict(attributes))

    def write(self, row: Mapping[str, object]) -> None:
        """Append a line; a full disk loses it, never the run."""
        try:
            self._file.write(_encode(row).encode("utf-8", "backslashreplace") + b"\n")
        except (OSError, ValueError):
            return

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class _FileSpan:
    """One operation; what others trace inside, with OpenTelemetry, are its children."""

    __slots__ = ("_attributes", "_begun_ns", "_context", "_name", "_parent", "_token", "_tracer")

    def __init__(self, tracer: FileTracer, name: str, attributes: dict[str, AttributeValue]) -> None:
        self._tracer, self._name, self._attributes = tracer, name, attributes

    def __enter__(self) -> "_FileSpan":
        parent = self._parent = get_current_span().get_span_context()
        trace_id = parent.trace_id if parent.is_valid else random.getrandbits(128)
        span_id = random.getrandbits(64)
        self._context = SpanContext(trace_id, span_id, is_remote=False, trace_flags=_SAMPLED)
        self._token = attach(set_span_in_context(NonRecordingSpan(self._context)))
        self._begun_ns = time.time_ns()
        return self

    def set(self, attributes: Mapping[str, AttributeValue], /) -> None:
        self._attributes.update(attributes)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        detach(self._token)
        if kind is not None:
            # An exception's message may hold text of a document, so only its class is recorded.
            self._attributes["error.type"] = kind.__name__
        self._tracer.write(
            {
                "trace_id": f"{self._context.trace_id:032x}",
                "span_id": f"{self._context.span_id:016x}",
                "parent_id": f"{self._parent.span_id:016x}" if self._parent.is_valid else None,
                "name": self._name,
                "start_unix_ns": self._begun_ns,
                "duration_ms": round((time.time_ns() - self._begun_ns) / _MILLIS, 3),
                "status": "UNSET" if kind is None else "ERROR",
                "attributes": self._attributes,
            }
        )
