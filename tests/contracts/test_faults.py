"""Every fault of `agentkit.testing.faults`, through both doors: what the caller sees, what is tried again, no key."""

import logging
import re
import traceback

import fault_table
import httpx
import pytest
import respx

from agentkit.adapters.litellm import LiteLLMBackend
from agentkit.errors import BackendError
from agentkit.testing.contracts import PROMPT
from agentkit.testing.faults import GROUPS, Fault, Told, faults
from agentkit.testing.server import ModelServer, chat_reply

KEY = fault_table.KEY
ALL = faults(KEY)
PAGE = fault_table.PAGE.read_text(encoding="utf-8")
# LiteLLM drops one of its coroutines when a call ends before it began to run.
pytestmark = pytest.mark.filterwarnings("ignore:coroutine .*completion.* was never awaited:RuntimeWarning")


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(fault_table.ENV, KEY)


@pytest.fixture
async def _warm() -> None:
    # LiteLLM builds much of itself at its first call, for longer than a fault of slowness waits.
    async with ModelServer([chat_reply("{}")]) as server:
        warm = LiteLLMBackend(name="warm", model="openai/served", api_base=server.url)
        await warm.complete(PROMPT)
        await warm.aclose()


def attempts_for(told: Told, *, stream: bool) -> int:
    begun = stream and told.billed == "yes"
    return fault_table.ATTEMPTS if told.passing and not begun else 1


@pytest.mark.usefixtures("_warm")
@pytest.mark.parametrize("fault", ALL, ids=[fault.name for fault in ALL])
async def test_a_fault_is_told_as_the_page_says_and_never_with_the_key(
    fault: Fault, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for stream in (False, True):
        expected = (fault.stream_told or fault.told) if stream else fault.told
        found = await fault_table.met_by_both(fault, stream=stream)
        for met, attempts in found:
            assert met.told == expected, met.sentence
            assert attempts == attempts_for(expected, stream=stream)
            assert met.error.model == "local"
            shown = "".join(traceback.format_exception(met.error))
            assert KEY not in f"{met.error!r} {met.error.args} {met.error.__dict__} {shown}"
            assert met.error.__context__ is None
        if found:
            assert fault_table.row(fault, found) in PAGE.splitlines()
    assert KEY not in caplog.text


def test_the_page_lists_these_faults_and_no_others() -> None:
    listed = re.findall(r"^\| (.+?) \| `", PAGE, re.MULTILINE)
    whole = [fault.name for group in GROUPS for fault in ALL if fault.group == group and fault.reply]
    streams = [fault.name for group in GROUPS for fault in ALL if fault.group == group]
    assert listed == whole + streams


async def through_httpx(answer: httpx.Response | Exception, monkeypatch: pytest.MonkeyPatch) -> BackendError:
    """Return the error of a call through LiteLLM's other transport, which respx answers for."""
    monkeypatch.setenv("DISABLE_AIOHTTP_TRANSPORT", "True")
    backend = LiteLLMBackend(
        name="local", model="openai/served", api_base="http://127.0.0.1:1/v1", api_key_env=fault_table.ENV
    )
    with respx.mock() as web:
        route = web.post("http://127.0.0.1:1/v1/chat/completions")
        route.mock(side_effect=answer) if isinstance(answer, Exception) else route.mock(return_value=answer)
        with pytest.raises(BackendError) as caught:
            await backend.complete(PROMPT)
        assert route.call_count == 1
    await backend.aclose()
    return caught.value


PLAIN = [
    fault
    for fault in ALL
    if fault.reply and fault.group in {GROUPS[0], GROUPS[3]} and not fault.reply.pieces and not fault.reply.cut
]


@pytest.mark.parametrize("fault", PLAIN, ids=[fault.name for fault in PLAIN])
async def test_litellm_tells_the_same_over_httpx(fault: Fault, monkeypatch: pytest.MonkeyPatch) -> None:
    assert fault.reply is not None
    answer = httpx.Response(fault.reply.status, content=fault.reply.body, headers=dict(fault.reply.headers))
    error = await through_httpx(answer, monkeypatch)
    assert Told(type(error), passing=error.passing, billed=error.billed) == fault.told
    assert KEY not in "".join(traceback.format_exception(error))


@pytest.mark.parametrize(
    ("raised", "words", "billed"),
    [
        (httpx.ConnectError("no route"), "cannot be reached", "no"),
        (httpx.ReadError("reset"), "broke off", "unknown"),
        (httpx.RemoteProtocolError("incomplete"), "broke off", "unknown"),
        (httpx.ReadTimeout("slow"), "did not answer", "unknown"),
    ],
)
async def test_litellm_over_httpx_tells_how_the_network_failed(
    raised: Exception, words: str, billed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    error = await through_httpx(raised, monkeypatch)
    assert words in str(error)
    assert (error.passing, error.billed) == (True, billed)
