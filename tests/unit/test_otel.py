"""Spans through OpenTelemetry."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from agentkit.adapters.otel import configure, make_otel_tracer
from agentkit.egress import EgressPolicy, record_hosts
from agentkit.errors import ConfigError, EgressDeniedError, OutputError
from agentkit.testing.fakes import ScriptedBackend
from agentkit.types import Prompt
from agentkit.wrappers import TracedBackend

LOOPBACK = EgressPolicy.parse("loopback")
PROMPT = Prompt(role="writer", task="ask", version="1", instructions="Answer.", question="Who is Ada Lovelace?")


def rows(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


async def test_spans_are_lines_of_json_that_nest_and_hold_no_text(tmp_path: Path) -> None:
    tracer = configure("file", path=tmp_path / "traces" / "spans.jsonl", egress=LOOPBACK)
    with tracer.span("invoke_workflow summarize", attributes={"agentkit.run_id": "r1"}):
        await TracedBackend(ScriptedBackend("Ada Lovelace"), tracer=tracer).complete(PROMPT)
    tracer.close()
    chat, run = rows(tmp_path / "traces" / "spans.jsonl")
    assert (chat["name"], run["name"]) == ("chat scripted", "invoke_workflow summarize")
    assert chat["parent_id"] == run["span_id"]
    assert chat["attributes"]["gen_ai.usage.output_tokens"] == 5  # type: ignore[index]
    assert "Lovelace" not in str([chat, run])


def test_an_exception_leaves_its_class_and_not_its_message(tmp_path: Path) -> None:
    tracer = configure("file", path=tmp_path / "spans.jsonl", egress=LOOPBACK)
    with pytest.raises(ValueError, match="Ada"), tracer.span("invoke_agent reviewer", attributes={}):
        raise ValueError("Ada Lovelace")
    tracer.close()
    row = rows(tmp_path / "spans.jsonl")[0]
    assert row["status"] == "ERROR"
    assert row["attributes"] == {"error.type": "ValueError"}
    assert "Lovelace" not in str(row)


def test_spans_in_a_file_belong_to_the_host_s_trace_and_the_host_s_to_them(tmp_path: Path) -> None:
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    host = provider.get_tracer("host")
    tracer = configure("file", path=tmp_path / "spans.jsonl", egress=LOOPBACK)
    with (
        host.start_as_current_span("request"),
        tracer.span("invoke_workflow agentkit", attributes={}),
        host.start_as_current_span("query"),
    ):
        pass
    with tracer.span("invoke_workflow agentkit", attributes={"agentkit.run_id": "r2", "agentkit.passages": ["d0p0"]}):
        pass
    tracer.close()
    query, request = exporter.get_finished_spans()
    inside, alone = rows(tmp_path / "spans.jsonl")
    assert inside["trace_id"] == f"{request.context.trace_id:032x}"
    assert inside["parent_id"] == f"{request.context.span_id:016x}"
    assert inside["span_id"] == f"{query.parent.span_id:016x}"
    assert alone["parent_id"] is None
    assert alone["trace_id"] != inside["trace_id"]
    assert (alone["status"], alone["attributes"]) == (
        "UNSET",
        {"agentkit.run_id": "r2", "agentkit.passages": ["d0p0"]},
    )


def test_spans_are_in_the_file_when_the_outermost_has_ended_and_none_is_lost_at_the_end(tmp_path: Path) -> None:
    tracer = configure("file", path=tmp_path / "spans.jsonl", egress=LOOPBACK)
    with tracer.span("outer", attributes={}), tracer.span("inner", attributes={}):
        pass
    assert [row["name"] for row in rows(tmp_path / "spans.jsonl")] == ["inner", "outer"]
    with tracer.span("outer", attributes={}):
        with tracer.span("last", attributes={}):
            pass
        tracer.close()
    assert rows(tmp_path / "spans.jsonl")[-1]["name"] == "last"


def test_a_span_that_cannot_be_written_is_lost_and_not_the_run(tmp_path: Path) -> None:
    tracer = configure("file", path=Path("/dev/full"), egress=LOOPBACK)
    with tracer.span("retrieval", attributes={}):
        pass
    tracer.close()
    with tracer.span("retrieval", attributes={}):  # closed, too
        pass


def test_a_users_provider_gets_the_spans_and_stays_open() -> None:
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    for _ in range(2):
        tracer = make_otel_tracer(adapter="none", provider=provider)
        with tracer.span("retrieval", attributes={}):
            pass
        tracer.close()
    assert [span.name for span in exporter.get_finished_spans()] == ["retrieval", "retrieval"]


def test_something_else_in_place_of_a_provider_is_refused() -> None:
    with pytest.raises(ConfigError, match="list is no OpenTelemetry TracerProvider"):
        make_otel_tracer(adapter="none", provider=[])


def test_the_global_provider_is_left_alone(tmp_path: Path) -> None:
    before = trace.get_tracer_provider()
    configure("file", path=tmp_path / "spans.jsonl", egress=LOOPBACK).close()
    assert trace.get_tracer_provider() is before


def test_an_endpoint_that_is_not_allowed_is_refused() -> None:
    with pytest.raises(EgressDeniedError, match=r"traces\.example"):
        configure("otlp", endpoint="https://traces.example/v1/traces", egress=LOOPBACK)


@pytest.mark.parametrize(("adapter", "key"), [("file", "tracing.path"), ("otlp", "tracing.endpoint")])
def test_a_missing_place_is_named(adapter: str, key: str) -> None:
    with pytest.raises(ConfigError, match=key):
        configure(adapter, egress=LOOPBACK)  # type: ignore[arg-type]


def test_a_file_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(OutputError, match="cannot be written"):
        configure("file", path=tmp_path / "file" / "spans.jsonl", egress=LOOPBACK)


def test_spans_reach_an_otlp_endpoint() -> None:
    received: list[tuple[str, bytes]] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append((self.path, self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Collector) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        tracer = configure("otlp", endpoint=f"http://127.0.0.1:{server.server_port}/v1/traces", egress=LOOPBACK)
        with record_hosts() as hosts, tracer.span("chat local", attributes={"agentkit.cost_usd": 0.0}):
            pass
        tracer.close()
        server.shutdown()
        serving.join()
    assert hosts == {"127.0.0.1"}  # a thread of the tracer contacts it, on behalf of the run
    path, body = received[0]
    assert path == "/v1/traces"
    assert b"chat local" in body
