"""Spans to a file, to an OTLP endpoint, or to the user's provider; never to the global one."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from agentkit.egress import EgressPolicy, note_host
from agentkit.errors import ConfigError, MissingExtraError
from agentkit.ports import AttributeValue

try:
    from opentelemetry.context import attach, detach
    from opentelemetry.trace import Span, Status, StatusCode, set_span_in_context
    from opentelemetry.trace import TracerProvider as ApiTracerProvider

    from agentkit.adapters.otel.file import FileTracer
except ImportError as error:
    raise MissingExtraError("otel", needed_for="Tracing") from error

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

_SCOPE = "agentkit"
LOOPBACK = EgressPolicy.parse("loopback")


class OtelTracer:
    """Opens spans in a provider. `close` flushes and closes the provider only if it is our own."""

    def __init__(self, provider: ApiTracerProvider, *, owned: "TracerProvider | None" = None, host: str = "") -> None:
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
) -> OtelTracer | FileTracer:
    """Return a tracer of our own.

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
    if adapter == "file":
        if path is None:
            raise ConfigError("tracing.path is missing: it names the file that spans are written to.")
        return FileTracer(Path(path))
    if endpoint is None:
        raise ConfigError("tracing.endpoint is missing: it names the URL that spans are sent to.")
    host = egress.check(endpoint)
    from agentkit.adapters.otel.otlp import exporting  # noqa: PLC0415  (the SDK, which a file does without)

    provider = exporting(endpoint, egress, service=_SCOPE)
    return OtelTracer(provider, owned=provider, host=host)


def make_otel_tracer(
    *,
    adapter: Literal["none", "file", "otlp"],
    path: Path | str | None = None,
    endpoint: str | None = None,
    provider: object = None,
    egress: EgressPolicy = LOOPBACK,
) -> OtelTracer | FileTracer:
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
