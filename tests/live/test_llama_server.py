"""The LiteLLM backend against llama.cpp's own OpenAI-compatible server."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import xllamacpp

from agentkit.adapters.litellm import LiteLLMBackend
from agentkit.adapters.openai import OpenAIBackend
from agentkit.adapters.smollm2.backend import find_weights
from agentkit.app import AgentKit
from agentkit.calls import CallOptions, Message
from agentkit.config import Config
from agentkit.errors import AuthenticationError, ContextWindowError
from agentkit.prompts import judge_prompt, parse_summary, parse_verdict, summarize_prompt
from agentkit.types import Citation, Claim, Limits, Prompt, SafePassage

KEY = "firm-key-0123456789abcdef"
TEXT = (
    "The Tenant shall pay rent of EUR 1,250 on the first day of each month. "
    "Either party may terminate this Lease on ninety (90) days' written notice."
)
PASSAGES = [SafePassage(id="d0p0", source=0, start=0, end=len(TEXT), text=TEXT)]


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(find_weights())
    parameters.n_ctx = 2048
    parameters.n_parallel = 1
    parameters.cpuparams.n_threads = 1  # they wait by spinning: two starve on a busy machine
    parameters.warmup = False
    parameters.prompt_cache_all = False
    parameters.verbosity = -1
    parameters.hostnames = ["127.0.0.1"]
    parameters.port = 0
    parameters.api_keys = [KEY]
    running = xllamacpp.Server(parameters)
    yield f"{running.listening_address}/v1"
    del running


@pytest.fixture
def backend(server: str, monkeypatch: pytest.MonkeyPatch) -> LiteLLMBackend:
    monkeypatch.setenv("FIRM_MODEL_KEY", KEY)
    return LiteLLMBackend(
        name="llama",
        model="openai/smollm2",
        api_base=server,
        api_key_env="FIRM_MODEL_KEY",
        timeout_s=170,
        max_output_tokens=220,
        context_tokens=2048,
    )


async def test_an_answer_follows_the_schema_and_is_counted(backend: LiteLLMBackend) -> None:
    completion = await backend.complete(summarize_prompt(PASSAGES, focus="", limits=Limits(max_claims=1)))
    await backend.aclose()
    assert parse_summary(completion.text, PASSAGES, prefix="c").problems == []
    assert completion.usage.input_tokens > 100
    assert 0 < completion.usage.output_tokens <= 220
    assert completion.usage.cost_usd == 0


async def test_a_judgment_follows_its_schema(backend: LiteLLMBackend) -> None:
    claim = Claim(id="c1", text="Rent is EUR 1,250.", citations=[Citation(source=0, start=0, end=70, passage="d0p0")])
    completion = await backend.complete(judge_prompt(claim, PASSAGES))
    await backend.aclose()
    assert parse_verdict(completion.text) is not None


async def test_a_prompt_that_does_not_fit_is_our_error(backend: LiteLLMBackend) -> None:
    long = TEXT * 60
    passages = [SafePassage(id="d0p0", source=0, start=0, end=len(long), text=long)]
    with pytest.raises(ContextWindowError, match="does not fit"):
        await backend.complete(summarize_prompt(passages, focus="", limits=Limits()))
    await backend.aclose()


@pytest.mark.parametrize("door", [LiteLLMBackend, OpenAIBackend])
async def test_a_stream_of_the_real_server_is_whole_through_either_client(
    door: type[LiteLLMBackend | OpenAIBackend], server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FIRM_MODEL_KEY", KEY)
    backend = door(
        name="llama",
        model="openai/smollm2",
        api_base=server,
        api_key_env="FIRM_MODEL_KEY",
        timeout_s=170,
        max_output_tokens=220,
        context_tokens=2048,
    )
    talk = [Message("user", f"Repeat: {TEXT}")]
    prompt = Prompt("writer", "chat", "chat/1", "", messages=talk, options=CallOptions(max_output_tokens=24))
    chunks = [chunk async for chunk in backend.stream(prompt)]
    await backend.aclose()
    completion = chunks[-1].completion
    assert completion is not None
    assert len(chunks) > 5
    assert "".join(chunk.text for chunk in chunks) == completion.text != ""
    assert completion.finish_reason in {"stop", "length"}
    assert completion.usage.input_tokens > 20
    assert 0 < completion.usage.output_tokens <= 24


async def test_a_wrong_key_is_refused(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WRONG_KEY", "firm-key-ffffffffffffffff")
    backend = LiteLLMBackend(name="llama", model="openai/smollm2", api_base=server, api_key_env="WRONG_KEY")
    with pytest.raises(AuthenticationError, match="check WRONG_KEY"):
        await backend.complete(summarize_prompt(PASSAGES, focus="", limits=Limits()))
    await backend.aclose()


async def test_what_the_model_invents_does_not_ship(
    server: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("FIRM_MODEL_KEY", KEY)
    (tmp_path / "lease.txt").write_text(f"LEASE\n\n1. {TEXT}\n\n2. Notices go to Mary Whitfield.\n", encoding="utf-8")
    params = {"model": "openai/smollm2", "api_base": server, "api_key": "os.environ/FIRM_MODEL_KEY", "max_tokens": 260}
    deployment = {"model_name": "llama", "litellm_params": params, "context_tokens": 2048}
    config = Config.model_validate(
        {
            "models": [deployment],
            "roles": {"writer": "llama"},
            "review": {"max_revisions": 1},
            "checkpoint": {"adapter": "memory"},
        }
    )
    kit = AgentKit(config)
    report = await kit.summarize([tmp_path / "lease.txt"])
    await kit.aclose()
    assert report.usage.by_model["llama"].output_tokens > 0
    assert report.claims or report.removed_claims
    for claim in report.claims:
        quotes = " ".join(citation.quote for citation in claim.citations)
        assert all(report.texts[c.source][c.start : c.end] == c.quote for c in claim.citations)
        assert claim.verdict.label == "supported"
        assert set(re.findall(r"\d+", claim.text)) <= set(re.findall(r"\d+", quotes))
