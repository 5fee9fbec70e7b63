"""Spans as lines of JSON in a file: OpenTelemetry's ids and context, without its SDK.

The SDK's provider, sampler, limits and processor take four times as long for each span: all spans of a run together, a
tenth of what the whole run costs.
"""

import json
import random
import time
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
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
from agentkit.ports import AttributeValue

_MILLIS = 1_000_000
_WAIT_S = 1.0
_SAMPLED = TraceFlags(TraceFlags.SAMPLED)
_encode = json.JSONEncoder(ensure_ascii=False).encode


class _Ours(NonRecordingSpan):
    """A span of ours, for others to be children of."""


class FileTracer:
    """Appends each span that ended as one line; a span of the host's that is open becomes the parent.

    Lines are written when the outermost of our spans ends, and once a second in between.

    Raises:
        OutputError: the file cannot be written.
    """

    def __init__(self, path: Path) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("ab", buffering=0)  # one write for whole lines, beside those of other processes
        except OSError as error:
            raise OutputError(f"The trace file {path} cannot be written: {error.strerror}.") from error
        self._ended: deque[Mapping[str, object]] = deque()
        self._due = 0.0

    def span(self, name: str, /, *, attributes: Mapping[str, AttributeValue]) -> "_FileSpan":
        return _FileSpan(self, name, dict(attributes))

    def add(self, row: Mapping[str, object], *, outermost: bool) -> None:
        """Take a span that ended."""
        self._ended.append(row)
        if outermost or time.monotonic() > self._due:
            self._write()

    def _write(self) -> None:
        """Append what is waiting; a full disk loses it, never the run."""
        self._due = time.monotonic() + _WAIT_S
        lines: list[bytes] = []
        with suppress(IndexError):  # other threads may take some
            while True:
                lines.append(_encode(self._ended.popleft()).encode("utf-8", "backslashreplace") + b"\n")
        with suppress(OSError, ValueError):
            self._file.write(b"".join(lines))

    def close(self) -> None:
        """Write what is waiting and close the file."""
        self._write()
        self._file.close()


class _FileSpan:
    """One operation; what others trace inside, with OpenTelemetry, are its children."""

    __slots__ = ("_attributes", "_begun_ns", "_context", "_name", "_nested", "_parent", "_token", "_tracer")

    def __init__(self, tracer: FileTracer, name: str, attributes: dict[str, AttributeValue]) -> None:
        self._tracer, self._name, self._attributes = tracer, name, attributes

    def __enter__(self) -> "_FileSpan":
        current = get_current_span()
        self._nested = isinstance(current, _Ours)
        parent = self._parent = current.get_span_context()
        trace_id = parent.trace_id if parent.is_valid else random.getrandbits(128)
        span_id = random.getrandbits(64)
        self._context = SpanContext(trace_id, span_id, is_remote=False, trace_flags=_SAMPLED)
        self._token = attach(set_span_in_context(_Ours(self._context)))
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
        self._tracer.add(
            {
                "trace_id": f"{self._context.trace_id:032x}",
                "span_id": f"{self._context.span_id:016x}",
                "parent_id": f"{self._parent.span_id:016x}" if self._parent.is_valid else None,
                "name": self._name,
                "start_unix_ns": self._begun_ns,
                "duration_ms": round((time.time_ns() - self._begun_ns) / _MILLIS, 3),
                "status": "UNSET" if kind is None else "ERROR",
                "attributes": self._attributes,
            },
            outermost=not self._nested,
        )
