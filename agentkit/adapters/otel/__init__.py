"""OpenTelemetry: our spans to a file, to an OTLP endpoint, or to a provider of the user's."""

from agentkit.adapters.otel.tracer import OtelTracer, configure, make_otel_tracer

__all__ = ["OtelTracer", "configure", "make_otel_tracer"]
