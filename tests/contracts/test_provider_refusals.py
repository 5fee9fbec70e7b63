"""How each provider says no, in its own words and headers; and that none is called where the policy forbids it."""

import json
from collections.abc import Iterator, Mapping

import httpx
import pytest
import respx
from provider_wire import ANSWER, AWS, KEY, PROVIDERS, Provider
from test_providers import ASK, TALK, called

from agentkit.adapters.litellm import LiteLLMBackend, models
from agentkit.adapters.litellm.models import NO_OPTIONS, ProviderOptions
from agentkit.adapters.openai.dialect import fit
from agentkit.config import Config
from agentkit.egress import EgressPolicy
from agentkit.errors import (
    AuthenticationError,
    BackendError,
    ConfigError,
    ContentFilterError,
    ContextWindowError,
    EgressDeniedError,
    RateLimitError,
)
from agentkit.modelling import make_model
from agentkit.prompts import response_schema
from agentkit.testing.server import Received, Reply, json_reply

Facts = Mapping[str, object]
NOT_NOW: Facts = {"passing": True}
NEVER: Facts = {"passing": False}


@pytest.fixture(autouse=True)
def _keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable, value in {**AWS, "FIRM_KEY": KEY}.items():
        monkeypatch.setenv(variable, value)


def openai_error(message: str, code: str | None, kind: str = "invalid_request_error") -> dict[str, object]:
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}


def claude_error(kind: str, message: str) -> dict[str, object]:
    return {"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_1"}


_AZURE_FILTER = {
    "error": {
        "message": "The response was filtered due to the prompt triggering Azure OpenAI's content management policy.",
        "type": None,
        "param": "prompt",
        "code": "content_filter",
        "status": 400,
        "innererror": {"code": "ResponsibleAIPolicyViolation", "content_filter_result": {}},
    }
}
_VLLM_WINDOW = (
    "This model's maximum context length is 4096 tokens. However, you requested 5024 tokens (4000 in the "
    "messages, 1024 in the completion)."
)
_TGI_WINDOW = (
    "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096. Given: 4000 `inputs` tokens "
    "and 1024 `max_new_tokens`"
)
_LLAMA_WINDOW = {
    "code": 400,
    "message": "the request exceeds the available context size, try increasing it",
    "type": "exceed_context_size_error",
    "n_prompt_tokens": 5000,
    "n_ctx": 4096,
}
_CREDITS = "You have exceeded your monthly included credits for Inference Providers. Subscribe to PRO to get more."
_MISTRAL_WINDOW = "Prompt contains 40961 tokens, too large for model with 32768 maximum context length"
_THROTTLED = {"x-amzn-errortype": "ThrottlingException:http://internal.amazon.com/coral/com.amazon.bedrock/"}
_DENIED = {"message": "You don't have access to the model with the specified model ID."}

REFUSALS: list[tuple[str, int, object, Mapping[str, str], type[BackendError], Facts]] = [
    (
        "openai",
        429,
        openai_error("Rate limit reached for gpt-4o", "rate_limit_exceeded", "tokens"),
        {"retry-after-ms": "1500", "x-ratelimit-remaining-tokens": "0"},
        RateLimitError,
        {"passing": True, "retry_after_s": 1.5},
    ),
    ("openai", 429, openai_error("You exceeded your current quota", "insufficient_quota"), {}, RateLimitError, NEVER),
    (
        "openai",
        400,
        openai_error("Your input exceeds the context window", "context_length_exceeded"),
        {},
        ContextWindowError,
        NEVER,
    ),
    ("openai", 401, openai_error(f"Incorrect API key provided: {KEY}", "invalid_api_key"), {}, AuthenticationError, {}),
    (
        "azure",
        429,
        {"error": {"code": "429", "message": "Requests have exceeded token rate limit. Please retry after 7 seconds."}},
        {"retry-after": "7"},
        RateLimitError,
        {"passing": True, "retry_after_s": 7.0},
    ),
    ("azure", 400, _AZURE_FILTER, {}, ContentFilterError, NEVER),
    ("azure", 404, {"error": {"code": "DeploymentNotFound", "message": "It does not exist."}}, {}, BackendError, NEVER),
    (
        "azure",
        401,
        {"error": {"code": "401", "message": "Access denied due to invalid subscription key."}},
        {},
        AuthenticationError,
        NEVER,
    ),
    (
        "anthropic",
        429,
        claude_error("rate_limit_error", "This request would exceed your organization's rate limit."),
        {"retry-after": "12", "anthropic-ratelimit-requests-remaining": "0"},
        RateLimitError,
        {"passing": True, "retry_after_s": 12.0},
    ),
    ("anthropic", 529, claude_error("overloaded_error", "Overloaded"), {}, BackendError, {**NOT_NOW, "billed": "no"}),
    (
        "anthropic",
        400,
        claude_error("invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum"),
        {},
        ContextWindowError,
        NEVER,
    ),
    (
        "anthropic",
        400,
        claude_error("invalid_request_error", "Your credit balance is too low to access the Anthropic API."),
        {},
        RateLimitError,
        NEVER,
    ),
    ("anthropic", 401, claude_error("authentication_error", "invalid x-api-key"), {}, AuthenticationError, NEVER),
    ("bedrock", 429, {"message": "Too many requests, please wait."}, _THROTTLED, RateLimitError, NOT_NOW),
    ("bedrock", 400, {"message": "Input is too long for requested model."}, {}, ContextWindowError, NEVER),
    ("bedrock", 403, _DENIED, {"x-amzn-errortype": "AccessDeniedException"}, AuthenticationError, NEVER),
    ("bedrock", 503, {"message": "Service unavailable."}, {}, BackendError, NOT_NOW),
    (
        "mistral",
        429,
        {"object": "error", "message": "Rate limit exceeded", "type": "rate_limited", "param": None, "code": "1300"},
        {},
        RateLimitError,
        NOT_NOW,
    ),
    ("mistral", 400, {"object": "error", "message": _MISTRAL_WINDOW, "code": "3051"}, {}, ContextWindowError, NEVER),
    ("mistral", 401, {"detail": "Unauthorized"}, {}, AuthenticationError, NEVER),
    ("hugging face", 402, {"error": _CREDITS}, {}, RateLimitError, NEVER),
    ("hugging face", 401, {"error": "Invalid credentials in Authorization header"}, {}, AuthenticationError, NEVER),
    *(
        (name, 400, {"object": "error", "message": _VLLM_WINDOW, "code": 400}, {}, ContextWindowError, NEVER)
        for name in ("vllm", "thin: vllm")
    ),
    *(
        (name, 404, openai_error("The model `qwen` does not exist.", None, "NotFoundError"), {}, BackendError, NEVER)
        for name in ("vllm", "thin: vllm")
    ),
    *(
        (name, 422, {"error": _TGI_WINDOW, "error_type": "validation"}, {}, ContextWindowError, NEVER)
        for name in ("tgi", "thin: tgi")
    ),
    *(
        (name, 429, {"error": "Model is overloaded", "error_type": "overloaded"}, {}, RateLimitError, NOT_NOW)
        for name in ("tgi", "thin: tgi")
    ),
    *(
        (name, 400, {"detail": "Unknown model: ensemble"}, {}, BackendError, NEVER)
        for name in ("triton", "thin: triton")
    ),
    *(
        (name, 400, {"error": _LLAMA_WINDOW}, {}, ContextWindowError, NEVER)
        for name in ("llama.cpp", "thin: llama.cpp")
    ),
    *(
        (name, 503, {"error": {"code": 503, "message": "Loading model"}}, {}, BackendError, NOT_NOW)
        for name in ("llama.cpp", "thin: llama.cpp")
    ),
    ("ollama", 404, {"error": "model 'llama3.1' not found"}, {}, BackendError, NEVER),
    ("ollama", 503, {"error": "server busy, please try again."}, {}, BackendError, NOT_NOW),
    ("ollama", 500, {"error": "llama runner process has terminated"}, {}, BackendError, NOT_NOW),
    ("thin: ollama front", 404, openai_error("model 'x' not found", None, "api_error"), {}, BackendError, NEVER),
]


@pytest.mark.parametrize(
    ("name", "status", "body", "headers", "kind", "facts"),
    REFUSALS,
    ids=[f"{name} {status} {kind.__name__}" for name, status, _, _, kind, _ in REFUSALS],
)
async def test_a_refusal_is_our_error_and_says_what_to_do(
    name: str, status: int, body: object, headers: Mapping[str, str], kind: type[BackendError], facts: Facts
) -> None:
    async with called(find(name), json_reply(body, status=status, headers=headers)) as (backend, server):
        with pytest.raises(kind) as caught:
            await backend.complete(TALK)
    assert type(caught.value) is kind
    assert {fact: getattr(caught.value, fact) for fact in facts} == facts
    assert KEY not in f"{caught.value!r} {caught.value.__cause__!r} {caught.value.__context__!r}"
    assert len(server.received) == 1


def find(name: str) -> Provider:
    return next(provider for provider in PROVIDERS if provider.name == name)


def _tgi(request: Received) -> Reply:
    """As Text Generation Inference: it takes a grammar, in words of its own."""
    asked = request.body.get("response_format")
    if isinstance(asked, dict) and asked["type"] != "json":
        said = "Failed to deserialize the JSON body into the target type: response_format: missing field `value`"
        return json_reply({"error": said, "error_type": "validation"}, status=422)
    return find("tgi").protocol.whole(ANSWER, "")


def _triton(request: Received) -> Reply:
    """As Triton's front end, which knows no schemas."""
    asked = request.body.get("response_format")
    if isinstance(asked, dict) and asked["type"] == "json_schema":
        where = {"type": "enum", "loc": ["body", "response_format", "type"], "input": "json_schema"}
        return json_reply({"detail": [{**where, "msg": "Input should be 'text' or 'json_object'"}]}, status=422)
    return find("triton").protocol.whole(ANSWER, "")


@pytest.mark.parametrize(
    ("name", "server", "asked"),
    [
        ("tgi", _tgi, {"type": "json", "value": response_schema(ASK)}),
        ("thin: tgi", _tgi, {"type": "json", "value": response_schema(ASK)}),
        ("triton", _triton, {"type": "json_object"}),
        ("thin: triton", _triton, {"type": "json_object"}),
    ],
    ids=lambda item: item if isinstance(item, str) else "",
)
async def test_a_server_without_openais_schemas_is_asked_in_its_own_way_and_that_is_remembered(
    name: str, server: object, asked: object
) -> None:
    assert callable(server)
    async with called(find(name), server) as (backend, running):
        for _ in range(2):
            assert (await backend.complete(ASK)).text == ANSWER
    kinds = [item.body["response_format"]["type"] for item in running.received]  # type: ignore[index]
    assert kinds[0] == "json_schema"
    assert len(kinds) == 3
    assert running.received[-1].body["response_format"] == asked


@pytest.mark.parametrize(
    ("host", "model", "present", "absent"),
    [
        ("api.openai.com", "gpt-4o", {"max_completion_tokens": 9, "temperature": 0}, {"max_tokens"}),
        ("api.openai.com", "gpt-5-mini", {"max_completion_tokens": 9}, {"max_tokens", "temperature", "seed"}),
        ("firm.openai.azure.com", "o4-mini", {"max_completion_tokens": 9}, {"max_tokens", "temperature"}),
        ("api.mistral.ai", "mistral-small", {"random_seed": 0, "max_tokens": 9}, {"seed", "stream_options"}),
        ("llm.internal", "gpt-5-mini", {"max_tokens": 9, "seed": 0, "temperature": 0}, set[str]()),
    ],
)
def test_the_thin_client_speaks_the_dialect_of_a_hosted_endpoint(
    host: str, model: str, present: dict[str, object], absent: set[str]
) -> None:
    request: dict[str, object] = {"max_tokens": 9, "temperature": 0, "seed": 0, "stream_options": {}}
    body = fit(request, host=host, model=model)
    assert {name: body[name] for name in present} == present
    assert absent.isdisjoint(body)
    assert body["model"] == model


_EU = ProviderOptions(aws_region_name="eu-central-1")
_LLAMA = "meta-llama/Llama-3.1-8B-Instruct"
HOSTED: list[tuple[str, str, ProviderOptions, str | None, str]] = [
    ("openai", "openai/gpt-4o", NO_OPTIONS, None, "https://api.openai.com/v1/chat/completions"),
    ("anthropic", "anthropic/claude-sonnet-4-5", NO_OPTIONS, None, "https://api.anthropic.com/v1/messages"),
    ("mistral", "mistral/mistral-small-latest", NO_OPTIONS, None, "https://api.mistral.ai/v1/chat/completions"),
    ("hugging face", f"huggingface/{_LLAMA}", NO_OPTIONS, None, "https://router.huggingface.co/v1/chat/completions"),
    (
        "hugging face",
        f"huggingface/novita/{_LLAMA}",
        NO_OPTIONS,
        None,
        "https://router.huggingface.co/v1/chat/completions",
    ),
    (
        "azure",
        "azure/summaries",
        ProviderOptions(api_version="2024-10-21"),
        "https://firm.openai.azure.com",
        "https://firm.openai.azure.com/openai/deployments/summaries/chat/completions?api-version=2024-10-21",
    ),
    (
        "bedrock",
        "bedrock/eu.anthropic.claude-sonnet-4-5-20250929-v1:0",
        _EU,
        None,
        "https://bedrock-runtime.eu-central-1.amazonaws.com/model/"
        "eu.anthropic.claude-sonnet-4-5-20250929-v1%3A0/converse",
    ),
    (
        "bedrock nova",
        "bedrock/eu-west-1/amazon.nova-lite-v1:0",
        NO_OPTIONS,
        None,
        "https://bedrock-runtime.eu-west-1.amazonaws.com/model/amazon.nova-lite-v1%3A0/converse",
    ),
]
hosted = pytest.mark.parametrize(
    ("name", "model", "options", "base", "url"), HOSTED, ids=[model for _, model, _, _, _ in HOSTED]
)


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Iterator[respx.MockRouter]:
    """Stand in for the internet: what is not mocked fails, whoever asks."""
    monkeypatch.setenv("DISABLE_AIOHTTP_TRANSPORT", "True")
    with respx.mock(assert_all_called=False) as router:
        yield router


def reach(model: str, options: ProviderOptions, base: str | None, host: str) -> LiteLLMBackend:
    policy = EgressPolicy.parse([host])
    return LiteLLMBackend(name="m", model=model, api_base=base, api_key_env="FIRM_KEY", egress=policy, options=options)


@hosted
async def test_a_hosted_provider_is_called_at_its_own_address_and_nobody_else_is(
    name: str, model: str, options: ProviderOptions, base: str | None, url: str, web: respx.MockRouter
) -> None:
    reply = find(name).protocol.whole(ANSWER, "")
    route = web.post(url).mock(return_value=httpx.Response(200, content=reply.body, headers=reply.headers))
    backend = reach(model, options, base, httpx.URL(url).host)
    assert json.loads((await backend.complete(ASK)).text) == json.loads(ANSWER)
    await backend.aclose()
    assert backend.host == httpx.URL(url).host
    assert len(web.calls) == route.call_count == 1
    if name == "hugging face":
        sent = json.loads(route.calls.last.request.content)["model"]
        assert sent == (f"{_LLAMA}:novita" if "novita" in model else _LLAMA)


@hosted
async def test_nothing_is_sent_to_a_provider_whose_host_the_policy_forbids(  # noqa: PLR0913 - a row each
    name: str,
    model: str,
    options: ProviderOptions,
    base: str | None,
    url: str,
    web: respx.MockRouter,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    anything = web.route().mock(return_value=httpx.Response(500))
    with pytest.raises(EgressDeniedError):
        reach(model, options, base, "llm.firm.example")
    # The host is known beforehand; forget it, and the request itself is stopped.
    monkeypatch.setattr(models.Resolved, "host", "")
    monkeypatch.setattr("agentkit.adapters.litellm.backend.check_reachable_by_policy", lambda *_, **__: None)
    backend = reach(model, options, base, "llm.firm.example")
    with pytest.raises(EgressDeniedError):
        await backend.complete(ASK)
    await backend.aclose()
    assert not anything.called


def test_a_model_of_bedrocks_without_a_region_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("AWS_REGION", "AWS_REGION_NAME"):
        monkeypatch.delenv(variable, raising=False)
    with pytest.raises(ConfigError, match="aws_region_name"):
        LiteLLMBackend(name="m", model="bedrock/amazon.nova-lite-v1:0", egress=EgressPolicy.parse(["*.amazonaws.com"]))


def test_keys_of_aws_come_from_the_environment_and_from_nowhere_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    policy = EgressPolicy.parse(["*.amazonaws.com"])
    with pytest.raises(AuthenticationError, match="AWS_SECRET_ACCESS_KEY"):
        LiteLLMBackend(name="m", model="bedrock/amazon.nova-lite-v1:0", egress=policy, options=_EU)


def test_the_model_behind_a_deployment_of_azures_gives_its_price_and_window() -> None:
    options = ProviderOptions(api_version="2024-10-21", base_model="azure/gpt-4o")
    backend = reach("azure/summaries", options, "https://firm.openai.azure.com", "firm.openai.azure.com")
    assert backend.priced
    assert backend.price.input_usd > 0
    assert backend.context_tokens >= 128_000
    unnamed = reach("azure/summaries", NO_OPTIONS, "https://firm.openai.azure.com", "firm.openai.azure.com")
    assert not unnamed.priced


@pytest.mark.parametrize(
    ("params", "host"),
    [
        (
            {"model": "azure/s", "api_base": "https://firm.openai.azure.com", "api_version": "v1"},
            "firm.openai.azure.com",
        ),
        (
            {"model": "bedrock/amazon.nova-lite-v1:0", "aws_region_name": "eu-central-1"},
            "bedrock-runtime.eu-central-1.amazonaws.com",
        ),
        ({"model": "openai/gpt-4o", "organization": "org-firm"}, "api.openai.com"),
    ],
    ids=["azure", "bedrock", "openai"],
)
def test_a_configuration_reaches_a_provider_with_what_it_needs(params: dict[str, str], host: str) -> None:
    deployment = {"model_name": "hosted", "litellm_params": {**params, "api_key": "os.environ/FIRM_KEY"}}
    config = Config.model_validate({"models": [deployment], "privacy": {"egress": [host]}})
    (deployed,) = make_model(["hosted"], config).deployments
    assert deployed.host == host
    closed = Config.model_validate({"models": [deployment]})
    with pytest.raises(EgressDeniedError):
        make_model(["hosted"], closed)


def test_what_only_litellm_understands_is_refused_for_the_thin_client() -> None:
    params = {"model": "s", "api_base": "http://localhost:1/v1", "api_version": "2024-10-21"}
    config = Config.model_validate({"models": [{"model_name": "x", "client": "openai", "litellm_params": params}]})
    with pytest.raises(ConfigError, match="client: litellm"):
        make_model(["x"], config)
