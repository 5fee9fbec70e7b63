"""What LiteLLM sends to other providers and reads from them, through the client we hand it."""

import json
from collections.abc import Iterator

import httpx
import pytest
import respx

from agentkit.adapters.litellm import LiteLLMBackend, known, models, near
from agentkit.adapters.litellm.models import Price
from agentkit.egress import EgressPolicy
from agentkit.errors import AuthenticationError, ConfigError, EgressDeniedError, UnknownModelError
from agentkit.prompts import ask_prompt
from agentkit.types import Completion, Limits, SafePassage

TEXT = "The Tenant shall pay EUR 1,250."
PROMPT = ask_prompt(
    "What is the rent?",
    [SafePassage(id="d0p0", source=0, start=0, end=len(TEXT), text=TEXT)],
    terms=[],
    limits=Limits(),
)
ANSWER = '{"answered": false, "claims": []}'
KEY = "test-key-0123456789abcdefghij"


@pytest.fixture(autouse=True)
def _over_httpx(monkeypatch: pytest.MonkeyPatch) -> None:
    """Respx sees requests of httpx only, and LiteLLM's default transport is aiohttp."""
    monkeypatch.setenv("DISABLE_AIOHTTP_TRANSPORT", "True")


@pytest.fixture
def web() -> Iterator[respx.MockRouter]:
    with respx.mock(assert_all_called=False) as router:
        yield router


async def complete(model: str, *, egress: str = "loopback", key_env: str | None = None) -> Completion:
    policy = EgressPolicy.parse(egress if egress == "loopback" else [egress])
    backend = LiteLLMBackend(name="m", model=model, api_key_env=key_env, egress=policy)
    try:
        return await backend.complete(PROMPT)
    finally:
        await backend.aclose()


@pytest.mark.filterwarnings("ignore:Item.* on TypedDict:UserWarning")  # pytest drops the adapter's own filter
@pytest.mark.parametrize("provider", ["ollama", "ollama_chat"])
async def test_ollama_gets_the_schema_and_its_counts_are_read(provider: str, web: respx.MockRouter) -> None:
    answer = {
        "model": "llama3.1",
        "created_at": "2026-01-01T00:00:00Z",
        "message": {"role": "assistant", "content": ANSWER},
        "done": True,
        "done_reason": "stop",
        "prompt_eval_count": 31,
        "eval_count": 7,
    }
    route = web.post("http://localhost:11434/api/chat").mock(return_value=httpx.Response(200, json=answer))
    completion = await complete(f"{provider}/llama3.1")
    sent = json.loads(route.calls.last.request.content)
    assert (sent["model"], sent["stream"]) == ("llama3.1", False)
    assert sent["format"]["required"] == ["answered", "claims"]
    assert sent["options"]["temperature"] == 0
    assert TEXT in json.dumps(sent, ensure_ascii=False)
    assert (completion.text, completion.finish_reason) == (ANSWER, "stop")
    assert (completion.usage.input_tokens, completion.usage.output_tokens, completion.usage.cost_usd) == (31, 7, 0)


async def test_anthropic_is_sent_its_key_and_priced_by_the_list(
    web: respx.MockRouter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FIRM_KEY", KEY)
    answer = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "claude-sonnet-4-5",
        "content": [{"type": "text", "text": ANSWER}],
        "stop_reason": "end_turn",
        "usage": {"input_tokens": 1000, "output_tokens": 100},
    }
    route = web.post("https://api.anthropic.com/v1/messages").mock(return_value=httpx.Response(200, json=answer))
    completion = await complete("anthropic/claude-sonnet-4-5", egress="api.anthropic.com", key_env="FIRM_KEY")
    request = route.calls.last.request
    sent = json.loads(request.content)
    assert request.headers["x-api-key"] == KEY
    assert sent["max_tokens"] == 1024
    assert TEXT in sent["messages"][0]["content"][0]["text"]
    assert completion.text == ANSWER
    assert completion.usage.cost_usd == pytest.approx(1000 * 3e-6 + 100 * 15e-6)


PROVIDERS = [
    ("openai/gpt-4o", "api.openai.com"),
    ("anthropic/claude-sonnet-4-5", "api.anthropic.com"),
    ("mistral/mistral-small-latest", "api.mistral.ai"),
    ("groq/llama-3.1-8b-instant", "api.groq.com"),
    ("deepseek/deepseek-chat", "api.deepseek.com"),
    ("gemini/gemini-2.5-flash", "generativelanguage.googleapis.com"),
    ("xai/grok-3", "api.x.ai"),
    ("together_ai/llama", "api.together.ai"),
    ("fireworks_ai/llama", "api.fireworks.ai"),
    ("openrouter/llama", "openrouter.ai"),
    ("perplexity/sonar", "api.perplexity.ai"),
    ("cerebras/llama3.1-8b", "api.cerebras.ai"),
    ("nvidia_nim/llama", "integrate.api.nvidia.com"),
    ("deepinfra/llama", "api.deepinfra.com"),
    ("nebius/llama", "api.studio.nebius.ai"),
]


@pytest.mark.parametrize(("model", "host"), PROVIDERS, ids=[model.split("/")[0] for model, _ in PROVIDERS])
async def test_no_provider_is_called_when_the_policy_forbids_its_host(
    model: str, host: str, web: respx.MockRouter, monkeypatch: pytest.MonkeyPatch
) -> None:
    anything = web.route().mock(return_value=httpx.Response(500))
    monkeypatch.setenv("FIRM_KEY", KEY)
    with pytest.raises(EgressDeniedError, match=host.replace(".", r"\.")):
        await complete(model, key_env="FIRM_KEY")
    # The host is known beforehand; forget it, and the request itself is stopped.
    monkeypatch.setattr(models.Resolved, "host", "")
    with pytest.raises(EgressDeniedError, match=host.replace(".", r"\.")):
        await complete(model, key_env="FIRM_KEY")
    assert not anything.called


@pytest.mark.parametrize("model", ["openai/gpt-4o", "deepinfra/llama"])
async def test_the_policy_is_asked_on_litellms_experimental_way_too(
    model: str, web: respx.MockRouter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EXPERIMENTAL_OPENAI_BASE_LLM_HTTP_HANDLER", "true")
    monkeypatch.setenv("FIRM_KEY", KEY)
    monkeypatch.setattr(models.Resolved, "host", "")
    anything = web.route().mock(return_value=httpx.Response(500))
    with pytest.raises(EgressDeniedError):
        await complete(model, key_env="FIRM_KEY")
    assert not anything.called


def test_a_provider_that_insists_on_its_own_client_needs_an_address() -> None:
    with pytest.raises(ConfigError, match="api_base"):
        LiteLLMBackend(name="m", model="sagemaker/claude", egress=EgressPolicy.parse(["aws.example"]))


@pytest.mark.parametrize(
    ("model", "meant"),
    [
        ("embedded/extractve", "embedded/extractive"),
        ("olama/llama3.1", "ollama/llama3.1"),
        ("gpt-4oo", "gpt-4o"),
        ("nonsense/model", "PROVIDER/MODEL"),
        ("openai/", "PROVIDER/MODEL"),
        ("", "PROVIDER/MODEL"),
    ],
)
def test_an_unknown_model_is_refused_at_once_and_what_is_near_is_named(
    model: str, meant: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(UnknownModelError, match=meant):
        LiteLLMBackend(name=model, model=model)
    assert not known(model)
    assert capsys.readouterr().out == ""


def test_known_models_are_known() -> None:
    assert all(known(model) for model in ("ollama/llama3.1", "openai/anything", "gpt-4o", "hosted_vllm/m"))
    assert near("anthropc/claude-x") == ["anthropic/claude-x"]


def test_an_empty_key_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIRM_KEY", " ")
    with pytest.raises(AuthenticationError, match="FIRM_KEY"):
        LiteLLMBackend(name="m", model="openai/m", api_base="http://localhost:1/v1", api_key_env="FIRM_KEY")


def test_a_configured_price_wins_over_the_list() -> None:
    price = Price(input_usd=1e-6, output_usd=2e-6)
    backend = LiteLLMBackend(name="m", model="openai/gpt-4o", api_base="http://localhost:1/v1", price=price)
    assert backend.price == price


@pytest.mark.parametrize(
    ("model", "host", "priced"),
    [
        ("openai/gpt-4o", "api.openai.com", True),
        ("openai/unheard-of", "api.openai.com", False),
        ("openai/unheard-of", "127.0.0.1", True),
    ],
)
def test_a_price_that_nobody_knows_is_not_taken_for_zero(
    model: str,
    host: str,
    priced: bool,  # noqa: FBT001
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FIRM_KEY", KEY)
    backend = LiteLLMBackend(
        name="m",
        model=model,
        api_base=f"https://{host}/v1",
        api_key_env="FIRM_KEY",
        egress=EgressPolicy.parse([host]),
    )
    assert backend.priced is priced


def test_a_model_on_the_firms_machines_costs_nothing_even_under_a_known_name() -> None:
    backend = LiteLLMBackend(name="m", model="openai/gpt-4o", api_base="http://localhost:1/v1")
    assert backend.price == Price()
