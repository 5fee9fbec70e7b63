"""Spans to an OTLP endpoint over HTTP, by OpenTelemetry's SDK."""

from collections.abc import Sequence

from agentkit.egress import EgressPolicy, enforced
from agentkit.errors import MissingExtraError

try:
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import SERVICE_NAME, Resource
    from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
except ImportError as error:
    raise MissingExtraError("otel", needed_for="Tracing") from error


def exporting(endpoint: str, egress: EgressPolicy, /, *, service: str) -> TracerProvider:
    """Return a provider of our own that sends spans to an endpoint, in a thread of its own."""
    # Nothing is read from the machine: a resource detector may look up its own host.
    provider = TracerProvider(resource=Resource({SERVICE_NAME: service}), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(HeldExporter(OTLPSpanExporter(endpoint=endpoint), egress)))
    return provider


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
