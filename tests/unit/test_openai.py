"""The direct door: how it reads a stream's bytes, and what it connects to."""

import asyncio
import json
import socket
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentkit.adapters.openai import OpenAIBackend
from agentkit.adapters.openai import connections as made
from agentkit.egress import EgressPolicy
from agentkit.errors import AuthenticationError, BackendError, ConfigError, EgressDeniedError, InvalidResponseError
from agentkit.prompts.events import EventParser
from agentkit.testing.certificates import certificate, self_signed
from agentkit.testing.contracts import PROMPT
from agentkit.testing.server import EVENTS, JSON, ModelServer, Reply, chat_reply, stream_event

ANSWER = '{"answered": true, "claims": []}'


def cut(data: bytes, at: list[int]) -> list[bytes]:
    places = sorted({0, len(data), *(place % (len(data) + 1) for place in at)})
    return [data[start:end] for start, end in pairwise(places)]


def events(chunks: list[bytes]) -> list[str]:
    parser = EventParser()
    return [event for chunk in chunks for event in parser.feed(chunk)]


@given(
    st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\r\n")), max_size=4),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.lists(st.integers(min_value=0), max_size=8),
)
def test_events_are_the_same_wherever_the_bytes_are_cut(texts: list[str], end: str, at: list[int]) -> None:
    lines = [line for text in texts for line in (": comment", "event: x", f"data: {text}", "")]
    data = "".join(line + end for line in lines).encode() + b": the last\n"
    assert events(cut(data, at)) == texts


def test_several_data_lines_are_one_event_and_a_mark_at_the_beginning_is_none() -> None:
    assert events([b"\xef\xbb\xbfdata: {\ndata:\ndata\ndata:  1}\n\n"]) == ["{\n\n\n 1}"]


def test_an_event_without_its_blank_line_is_known_at_the_end() -> None:
    parser = EventParser()
    assert list(parser.feed(b"data: 1\n\ndata: [DONE]")) == ["1"]
    assert parser.end() == "[DONE]"


def test_bytes_that_are_not_utf8_are_noticed() -> None:
    with pytest.raises(UnicodeDecodeError):
        events([b"data: caf\xe9\n\n"])


async def ask(url: str, *, egress: EgressPolicy | None = None, ca_file: Path | None = None) -> str:
    policy = egress or EgressPolicy.parse("loopback")
    backend = OpenAIBackend(name="local", model="served", api_base=url, egress=policy, ca_file=ca_file)
    try:
        return (await backend.complete(PROMPT)).text
    finally:
        await backend.aclose()


async def test_a_characters_bytes_may_arrive_apart() -> None:
    event = b'data: {"choices": [{"delta": {"content": "caf\xc3\xa9"}, "finish_reason": "stop"}]}\r\n\r\n'
    async with ModelServer([Reply(body=event, headers=EVENTS, drip_s=0.0001)]) as server:
        backend = OpenAIBackend(name="local", model="served", api_base=server.url)
        assert [chunk.text async for chunk in backend.stream(PROMPT)] == ["café", ""]
        await backend.aclose()


async def test_a_server_whose_authority_is_trusted_is_spoken_to_over_tls(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_bytes(certificate()[0])
    async with ModelServer([chat_reply(ANSWER)], tls=self_signed()) as server:
        assert await ask(server.url, ca_file=tmp_path / "ca.pem") == ANSWER


async def test_a_file_without_certificates_is_refused_at_once(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("nothing", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"ca\.pem"):
        OpenAIBackend(name="m", model="m", api_base="https://localhost/v1", ca_file=tmp_path / "ca.pem")


@pytest.mark.parametrize(
    ("policy", "name", "address"),
    [
        ("private", "gpu.internal", "93.184.216.34"),
        ("loopback", "localhost", "10.0.0.5"),
        ("models.firm.example", "models.firm.example", "169.254.169.254"),
    ],
)
async def test_a_name_that_leads_elsewhere_is_not_followed(
    policy: str, name: str, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 80))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [row])
    with pytest.raises(EgressDeniedError, match=address):
        await ask(f"http://{name}/v1", egress=EgressPolicy.parse([policy]))


async def test_a_name_that_is_listed_may_lead_into_the_firms_network(monkeypatch: pytest.MonkeyPatch) -> None:
    async with ModelServer([chat_reply(ANSWER)]) as server:
        port = int(server.url.rsplit(":", 1)[1].removesuffix("/v1"))
        row = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [row])
        url = f"http://models.firm.example:{port}/v1"
        assert await ask(url, egress=EgressPolicy.parse(["models.firm.example"])) == ANSWER


async def test_proxies_in_the_environment_are_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    async with ModelServer([chat_reply(ANSWER)]) as server:
        assert await ask(server.url) == ANSWER


async def test_an_answer_without_end_is_not_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(made, "MAX_BYTES", 100_000)
    whole = Reply(body=b" " * 200_000, headers={"content-type": "application/json"})
    async with ModelServer([whole]) as server:
        with pytest.raises(InvalidResponseError, match=r"more than 0\.1 MB"):
            await ask(server.url)
    events = Reply(headers=EVENTS, pieces=[stream_event({"content": "x" * 60_000})] * 3)
    async with ModelServer([events]) as server:
        backend = OpenAIBackend(name="local", model="served", api_base=server.url)
        with pytest.raises(InvalidResponseError, match=r"more than 0\.1 MB"):
            _ = [chunk async for chunk in backend.stream(PROMPT)]
        await backend.aclose()


async def test_a_server_that_does_not_stream_is_taken_at_its_whole_word() -> None:
    async with ModelServer([chat_reply(ANSWER)]) as server:
        backend = OpenAIBackend(name="local", model="served", api_base=server.url)
        chunks = [chunk async for chunk in backend.stream(PROMPT)]
        await backend.aclose()
    assert [chunk.text for chunk in chunks] == [ANSWER]


async def test_a_connection_is_used_again() -> None:
    ports: list[int] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ports.append(writer.get_extra_info("peername")[1])
        body = chat_reply(ANSWER).body
        for _ in range(2):
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0])
            assert json.loads(await reader.readexactly(length))["model"] == "served"
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(body))
            writer.write(body)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    backend = OpenAIBackend(name="local", model="openai/served", api_base=f"http://127.0.0.1:{port}/v1/")
    assert [(await backend.complete(PROMPT)).text for _ in range(2)] == [ANSWER, ANSWER]
    await backend.aclose()
    server.close()
    assert len(ports) == 1


def test_what_is_no_url_and_a_missing_key_are_refused_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(ConfigError, match="api_base"):
        OpenAIBackend(name="m", model="m", api_base="localhost:8000/v1")
    with pytest.raises(AuthenticationError, match="OPENAI_API_KEY"):
        OpenAIBackend(name="m", model="gpt-4o", egress=EgressPolicy.parse(["api.openai.com"]))


def test_a_local_server_costs_nothing_and_a_far_one_has_a_price_that_nobody_knows() -> None:
    near = OpenAIBackend(name="m", model="m", api_base="http://localhost:1/v1")
    far = OpenAIBackend(name="m", model="m", api_base="https://a.example/v1", egress=EgressPolicy.parse(["a.example"]))
    assert (near.priced, far.priced) == (True, False)


async def test_an_error_says_nothing_of_a_password_in_the_address() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    with pytest.raises(BackendError) as caught:
        await ask(f"http://firm:hunter22@127.0.0.1:{port}/v1")
    assert "hunter22" not in f"{caught.value!r}"


@pytest.mark.parametrize("status", [200, 500])
@pytest.mark.parametrize("stream", [False, True])
async def test_json_that_nests_without_end_is_no_answer(status: int, *, stream: bool) -> None:
    nested = b"[" * 100_000
    reply = Reply(status=status, body=nested, headers=JSON)
    if stream and status == 200:
        reply = Reply(headers=EVENTS, pieces=[b"data: " + nested + b"\n\n"])
    async with ModelServer([reply]) as server:
        backend = OpenAIBackend(name="local", model="served", api_base=server.url)
        with pytest.raises(BackendError):
            await anext(backend.stream(PROMPT)) if stream else await backend.complete(PROMPT)
        await backend.aclose()


async def test_a_count_of_tokens_that_cannot_be_is_none() -> None:
    async with ModelServer([chat_reply(ANSWER, input_tokens=10**30, output_tokens=10**30)]) as server:
        backend = OpenAIBackend(name="local", model="served", api_base=server.url)
        completion = await backend.complete(PROMPT)
        await backend.aclose()
    assert (completion.usage.input_tokens, completion.usage.output_tokens) == (0, 0)
