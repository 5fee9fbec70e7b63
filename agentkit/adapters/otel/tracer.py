"""Spans through an OpenTelemetry `TracerProvider` of our own, or one the user hands in; never the global one."""

import json
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from agentkit.egress import EgressPolicy, enforced, note_host
from agentkit.errors import ConfigError, MissingExtraError, OutputError

try:
    from opentelemetry.context import attach, detach
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import SERVICE_NAME, Resource
    from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
    from opentelemetry.sdk.trace.export import (
        BatchSpanProcessor,
        SimpleSpanProcessor,
        SpanExporter,
        SpanExportResult,
    )
    from opentelemetry.trace import Span, Status, StatusCode, set_span_in_context
    from opentelemetry.trace import TracerProvider as ApiTracerProvider
except ImportError as error:
    raise MissingExtraError("otel", needed_for="Tracing") from error

AttributeValue = str | int | float | bool | Sequence[str]
_SCOPE = "agentkit"
LOOPBACK = EgressPolicy.parse("loopback")
_MILLIS = 1_000_000


class OtelTracer:
    """Opens spans in a provider. `close` flushes and closes the provider only if it is our own."""

    def __init__(self, provider: ApiTracerProvider, *, owned: TracerProvider | None = None, host: str = "") -> None:
        self._owned = owned
        self._host = host  # spans leave for it, in a thread of their own
        self._tracer = provider.get_tracer(_SCOPE)

    @contextmanager
    def span(self, name: str, /, *, attributes: Mapping[str, AttributeValue]) -> Generator["_OpenSpan"]:
        if self._host:
            note_host(self._host)
        span = self._tracer.start_span(name, attributes=dict(attributes))
        token = attach(set_span_in_context(span))
        try:
            yield _OpenSpan(span)
        except BaseException as error:
            # An exception's message may hold text of a document, so only its class is recorded.
            span.set_attribute("error.type", type(error).__name__)
            span.set_status(Status(StatusCode.ERROR))
            raise
        finally:
            detach(token)
            span.end()

    def close(self) -> None:
        """Send what is waiting and stop, unless the provider is the user's."""
        if self._owned is not None:
            self._owned.shutdown()


class _OpenSpan:
    def __init__(self, span: Span) -> None:
        self._span = span

    def set(self, attributes: Mapping[str, AttributeValue], /) -> None:
        self._span.set_attributes(dict(attributes))


def configure(
    adapter: Literal["file", "otlp"],
    *,
    path: Path | str | None = None,
    endpoint: str | None = None,
    egress: EgressPolicy,
) -> OtelTracer:
    """Return a tracer with a provider of its own.

    Args:
        adapter: where spans go: lines of JSON in a file, or an OTLP endpoint over HTTP.
        path: the file, for `file`; lines are appended.
        endpoint: the full URL, for `otlp`, such as "http://localhost:4318/v1/traces".
        egress: the hosts that may be contacted.

    Raises:
        ConfigError: the path or the endpoint is missing.
        EgressDeniedError: the endpoint's host is not allowed.
        OutputError: the file cannot be written.
        MissingExtraError: OpenTelemetry is not installed.
    """
    # Nothing is read from the machine: a resource detector may look up its own host.
    provider = TracerProvider(resource=Resource({SERVICE_NAME: _SCOPE}), shutdown_on_exit=False)
    host = ""
    if adapter == "file":
        if path is None:
            raise ConfigError("tracing.path is missing: it names the file that spans are written to.")
        provider.add_span_processor(SimpleSpanProcessor(FileExporter(Path(path))))
    else:
        if endpoint is None:
            raise ConfigError("tracing.endpoint is missing: it names the URL that spans are sent to.")
        host = egress.check(endpoint)
        provider.add_span_processor(BatchSpanProcessor(HeldExporter(OTLPSpanExporter(endpoint=endpoint), egress)))
    return OtelTracer(provider, owned=provider, host=host)


def make_otel_tracer(
    *,
    adapter: Literal["none", "file", "otlp"],
    path: Path | str | None = None,
    endpoint: str | None = None,
    provider: object = None,
    egress: EgressPolicy = LOOPBACK,
) -> OtelTracer:
    """Return a tracer into the user's provider where there is one, else one as configured (see `configure`).

    Raises:
        ConfigError: `provider` is no OpenTelemetry `TracerProvider`, or nothing is configured.
    """
    if provider is not None:
        if not isinstance(provider, ApiTracerProvider):
            raise ConfigError(f"A {type(provider).__name__} is no OpenTelemetry TracerProvider.")
        return OtelTracer(provider)
    if adapter == "none":
        raise ConfigError("tracing.adapter is none: there is nothing to trace to.")
    return configure(adapter, path=path, endpoint=endpoint, egress=egress)


class HeldExporter(SpanExporter):
    """Holds an exporter's connections to the egress policy, redirects included, in whichever thread it works."""

    def __init__(self, inner: SpanExporter, egress: EgressPolicy) -> None:
        self._inner = inner
        self._egress = egress

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send spans; a host that is not allowed gets none."""
        with enforced(self._egress):
            return self._inner.export(spans)

    def shutdown(self) -> None:
        """Close the exporter."""
        self._inner.shutdown()


class FileExporter(SpanExporter):
    """Appends each span that ended as one line of JSON.

    Raises:
        OutputError: the file cannot be written.
    """

    def __init__(self, path: Path) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("a", encoding="utf-8")
        except OSError as error:
            raise OutputError(f"The trace file {path} cannot be written: {error.strerror}.") from error

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Write spans; a full disk loses them, never the run."""
        try:
            for span in spans:
                self._file.write(json.dumps(_row(span), ensure_ascii=False) + "\n")
            self._file.flush()
        except (OSError, ValueError):
            return SpanExportResult.FAILURE
        return SpanExportResult.SUCCESS

    def shutdown(self) -> None:
        """Close the file."""
        self._file.close()


def _row(span: ReadableSpan) -> dict[str, object]:
    context, parent = span.context, span.parent
    begun, ended = span.start_time or 0, span.end_time or 0
    return {
        "trace_id": f"{context.trace_id:032x}" if context else None,
        "span_id": f"{context.span_id:016x}" if context else None,
        "parent_id": f"{parent.span_id:016x}" if parent else None,
        "name": span.name,
        "start_unix_ns": begun,
        "duration_ms": round((ended - begun) / _MILLIS, 3),
        "status": span.status.status_code.name,
        "attributes": dict(span.attributes or {}),
    }
