"""Rails that send the text they check elsewhere: where it may go, and what a service that fails makes of the text."""

import json
from pathlib import Path

import httpx
import pytest
import respx

from agentkit.adapters.nemo.folder import examine, load_folder
from agentkit.adapters.nemo.rails import NemoRails
from agentkit.egress import EgressPolicy
from agentkit.errors import ConfigError
from agentkit.testing.server import ModelServer, Received, Reply, json_reply
from agentkit.types import RailReport, Stage

LAKERA_CONFIG = """models: []
rails:
  input: {flows: [lakera guard check input]}
  retrieval: {flows: [lakera guard check passage]}
  output: {flows: [lakera guard check output]}
custom_data:
  agentkit:
    lakera: {project_id: project-1, timeout_s: 0.2}
"""
LAKERA_FLOWS = """define subflow lakera guard check input
  $outcome = execute lakera_guard_check(text=$user_message, target="user_message")
  if $outcome.is_blocked
    bot refuse to respond
    stop

define subflow lakera guard check passage
  $outcome = execute lakera_guard_check(text=$relevant_chunks, target="relevant_chunks")
  if $outcome.is_blocked
    $relevant_chunks = ""

define subflow lakera guard check output
  $outcome = execute lakera_guard_check(text=$bot_message, target="bot_message")
  if $outcome.is_blocked
    bot refuse to respond
    stop
"""
LAKERA_URL = "https://api.lakera.ai/v2/guard"
LAKERA_HOST = EgressPolicy.parse(["api.lakera.ai"])
FLAGGED = {
    "flagged": True,
    "breakdown": [
        {"detector_type": "prompt_attack", "detector_id": "d1", "detected": True},
        {"detector_type": "pii/name", "detector_id": "d2", "detected": False},
    ],
}


@pytest.fixture
def lakera(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LAKERA_API_KEY", "key-1")
    (tmp_path / "config.yml").write_text(LAKERA_CONFIG, encoding="utf-8")
    (tmp_path / "rails.co").write_text(LAKERA_FLOWS, encoding="utf-8")
    imported = "from agentkit.adapters.nemo.lakera import lakera_guard_check\n\n__all__ = ['lakera_guard_check']\n"
    (tmp_path / "actions.py").write_text(imported, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(("stage", "role"), [("input", "user"), ("retrieval", "user"), ("output", "assistant")])
@respx.mock
async def test_lakera_guard_is_asked_as_its_interface_says(lakera: Path, stage: Stage, role: str) -> None:
    route = respx.post(LAKERA_URL).mock(httpx.Response(200, json={"flagged": False, "breakdown": []}))
    rails = NemoRails.from_folder(lakera, egress=LAKERA_HOST)
    assert (await rails.check("Hello", stage=stage)).allowed
    sent = route.calls.last.request
    assert json.loads(sent.content) == {
        "messages": [{"role": role, "content": "Hello"}],
        "breakdown": True,
        "project_id": "project-1",
    }
    assert sent.headers["authorization"] == "Bearer key-1"
    route.mock(httpx.Response(200, json=FLAGGED))
    report = await rails.check("Hello", stage=stage)
    assert [(result.action, result.reason) for result in report.results] == [
        ("blocked", "flagged by Lakera Guard (prompt_attack)")
    ]
    assert report.text == ("" if stage == "retrieval" else "Hello")


FAILURES = {
    "time-out": httpx.ReadTimeout("slow"),
    "no connection": httpx.ConnectError("down"),
    "status 401": httpx.Response(401, json={"error": "key"}),
    "status 500": httpx.Response(500, text="oops"),
    "redirect": httpx.Response(302, headers={"location": "https://elsewhere.example"}),
    "no JSON": httpx.Response(200, text="<html>"),
    "no verdict": httpx.Response(200, json={"breakdown": []}),
    "a verdict that is none": httpx.Response(200, json={"flagged": "no"}),
    "a list": httpx.Response(200, json=[]),
}


@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES)
@pytest.mark.parametrize("compiled", [True, False])
@respx.mock
async def test_whatever_lakera_guard_fails_with_blocks(
    lakera: Path, failure: httpx.Response | Exception, *, compiled: bool
) -> None:
    answer = {"side_effect": failure} if isinstance(failure, Exception) else {"return_value": failure}
    respx.post(LAKERA_URL).mock(**answer)
    rails = NemoRails(load_folder(lakera, egress=LAKERA_HOST), compiled=compiled)
    report = await rails.check("Hello", stage="input")
    assert not report.allowed
    assert [result.action for result in report.results] == ["unchecked"]


async def test_lakera_guard_that_does_not_answer_in_time_blocks(lakera: Path) -> None:
    async with ModelServer([Reply(wait_s=30)]) as server:
        config = LAKERA_CONFIG.replace("{project_id", f"{{url: '{server.url}', project_id")
        (lakera / "config.yml").write_text(config, encoding="utf-8")
        report = await NemoRails.from_folder(lakera).check("Hello", stage="input")
    assert [result.action for result in report.results] == ["unchecked"]


def test_lakera_guard_is_refused_where_its_host_or_its_key_is_missing(
    lakera: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = r"config.yml:3: .*lakera guard check input.* Lakera Guard at api.lakera.ai.*privacy.egress \(loopback\)"
    with pytest.raises(ConfigError, match=where):
        load_folder(lakera)
    monkeypatch.delenv("LAKERA_API_KEY")
    with pytest.raises(ConfigError, match="needs the environment variable LAKERA_API_KEY"):
        load_folder(lakera, egress=LAKERA_HOST)


REMOTE = [
    ("input", "activefence moderation on input", "", "apis.activefence.com"),
    (
        "input",
        "detect pii on input",
        "privateai: {server_endpoint: 'https://api.private-ai.com/x'}",
        "api.private-ai.com",
    ),
    ("retrieval", "mask pii on retrieval", "privateai: {server_endpoint: 'https://pai.example/x'}", "pai.example"),
    ("output", "patronus api check output", "patronus: {output: {evaluate_config: {}}}", "api.patronus.ai"),
    ("input", "pangea ai guard input", "", "ai-guard.aws.us.pangea.cloud"),
    ("input", "crowdstrike aidr guard input", "", "api.crowdstrike.com"),
    ("output", "policyai moderation on output", "", "api.musubilabs.ai"),
    ("input", "trend ai guard input", "", "api.xdr.trendmicro.com"),
    ("input", "clavata check input", "", "gateway.app.clavata.ai"),
    ("input", "f5 guardrails scan input", "", "us1.calypsoai.app"),
    ("input", "ai defense inspect prompt", "", "aid.example"),
    ("input", "protect prompt", "", "ps.example"),
    ("input", "gliner detect pii on input", "gliner: {server_endpoint: 'https://g.example/v1/extract'}", "g.example"),
    ("input", "fiddler user safety", "fiddler: {fiddler_endpoint: 'https://f.example'}", "f.example"),
    ("input", "jailbreak detection model", "jailbreak_detection: {nim_base_url: 'https://n.example/v1'}", "n.example"),
    ("input", "autoalign check input", "autoalign: {parameters: {endpoint: 'https://a.example'}}", "a.example"),
    (
        "input",
        "hf classifier check input $classifier=toxic",
        "hf_classifier: {toxic: {engine: vllm, model: m, base_url: 'https://h.example', blocked_labels: [t]}}",
        "h.example",
    ),
]
SECRETS = {
    "ACTIVEFENCE_API_KEY": "k",
    "AI_DEFENSE_API_ENDPOINT": "https://aid.example/inspect",
    "AI_DEFENSE_API_KEY": "k",
    "CLAVATA_API_KEY": "k",
    "CS_AIDR_TOKEN": "k",
    "F5_GUARDRAILS_API_KEY": "k",
    "FIDDLER_API_KEY": "k",
    "PANGEA_API_TOKEN": "k",
    "POLICYAI_API_KEY": "k",
    "PS_APP_ID": "k",
    "PS_PROTECT_URL": "https://ps.example",
}


def remote(folder: Path, stage: str, flow: str, section: str) -> Path:
    lines = ["models: []", "rails:", *([f"  config: {{{section}}}"] if section else [])]
    (folder / "config.yml").write_text(
        "\n".join([*lines, f"  {stage}:", f"    flows: ['{flow}']", ""]), encoding="utf-8"
    )
    return folder


@pytest.mark.parametrize(("stage", "flow", "section", "host"), REMOTE, ids=[row[1] for row in REMOTE])
def test_a_rail_that_sends_texts_elsewhere_is_held_to_the_egress_policy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stage: str, flow: str, section: str, host: str
) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    folder = remote(tmp_path, stage, flow, section)
    for policy in ("none", "loopback"):
        _, faults = examine(folder, egress=EgressPolicy.parse(policy))
        told = [fault for fault in faults if f"at {host}, which privacy.egress ({policy})" in fault.sentence]
        assert [fault.line for fault in told] == [5 if section else 4]
    _, faults = examine(folder, egress=EgressPolicy.parse([host]))
    assert [fault.sentence for fault in faults if "privacy.egress" in fault.sentence] == []


def test_a_service_that_says_nowhere_where_it_is_is_refused(tmp_path: Path) -> None:
    _, faults = examine(
        remote(tmp_path, "input", "autoalign check input", ""), egress=EgressPolicy.parse(["x.example"])
    )
    assert "and nothing says where" in faults[0].sentence


FAIL_OPEN = [
    ("protect prompt", "ps.example", ""),
    ("fiddler user safety", "f.example", "fiddler: {fiddler_endpoint: 'https://f.example'}"),
    ("pangea ai guard input", "ai-guard.aws.us.pangea.cloud", ""),
    ("jailbreak detection model", "n.example", "jailbreak_detection: {nim_base_url: 'https://n.example/v1'}"),
]


@pytest.mark.parametrize("compiled", [True, False])
@pytest.mark.parametrize("failure", [httpx.ReadTimeout("slow"), httpx.Response(503)], ids=["time-out", "status 503"])
@pytest.mark.parametrize("rail", FAIL_OPEN, ids=[row[0] for row in FAIL_OPEN])
@respx.mock
async def test_a_rail_of_nemo_s_that_lets_a_text_pass_when_its_service_fails_blocks_it_here(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    failure: httpx.Response | Exception,
    rail: tuple[str, str, str],
    *,
    compiled: bool,
) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    flow, host, section = rail
    answer = {"side_effect": failure} if isinstance(failure, Exception) else {"return_value": failure}
    route = respx.route(host=host).mock(**answer)
    folder = load_folder(remote(tmp_path, "input", flow, section), egress=EgressPolicy.parse([host]))
    report = await NemoRails(folder, compiled=compiled).check("Hello", stage="input")
    assert route.called
    assert [result.action for result in report.results] == ["unchecked"]


GLINER = """models: []
rails:
  config: {gliner: {server_endpoint: 'URL', STAGE: {entities: [email, name]}}}
  STAGE: {flows: [gliner VERB pii on STAGE]}
"""
FOUND = [{"start": 0, "end": 12, "label": "name", "text": "Jane Marlowe", "score": 0.9}]


def gliner_server(*, entities: bool) -> ModelServer:
    """Answer as the server that NeMo ships with, or as a NIM, by the path."""

    def reply(request: Received) -> Reply:
        found = FOUND if entities else []
        if request.path.endswith("/chat/completions"):
            content = json.dumps({"entities": found, "total_entities": len(found), "tagged_text": ""})
            return json_reply({"choices": [{"message": {"role": "assistant", "content": content}}]})
        named = [
            {"value": e["text"], "suggested_label": e["label"], "start_position": e["start"], "end_position": e["end"]}
            for e in found
        ]
        return json_reply({"entities": named, "total_entities": len(named), "tagged_text": ""})

    return ModelServer([reply])


async def by_gliner(folder: Path, server: ModelServer, *, path: str, verb: str, stage: Stage) -> RailReport:
    url = server.url.removesuffix("/v1") + path
    config = GLINER.replace("URL", url).replace("STAGE", stage).replace("VERB", verb)
    (folder / "config.yml").write_text(config, encoding="utf-8")
    return await NemoRails.from_folder(folder).check("Jane Marlowe asks.", stage=stage)


@pytest.mark.parametrize("path", ["/v1/extract", "/v1/chat/completions"])
@pytest.mark.parametrize("stage", ["input", "retrieval", "output"])
async def test_gliner_blocks_and_masks_what_its_server_finds(tmp_path: Path, path: str, stage: Stage) -> None:
    async with gliner_server(entities=True) as server:
        blocked = await by_gliner(tmp_path, server, path=path, verb="detect", stage=stage)
        masked = await by_gliner(tmp_path, server, path=path, verb="mask", stage=stage)
        assert server.received[0].body["labels"] == ["email", "name"]
    async with gliner_server(entities=False) as server:
        passed = await by_gliner(tmp_path, server, path=path, verb="detect", stage=stage)
    assert (blocked.allowed, masked.allowed, passed.allowed) == (False, True, True)
    assert blocked.results[0].reason == "personal data (NAME)"
    assert masked.text == "[NAME] asks."


@pytest.mark.parametrize("verb", ["detect", "mask"])
async def test_gliner_s_server_failing_blocks(tmp_path: Path, verb: str) -> None:
    async with ModelServer([json_reply({"detail": "no"}, status=500)]) as server:
        report = await by_gliner(tmp_path, server, path="/v1/extract", verb=verb, stage="input")
    assert [result.action for result in report.results] == ["unchecked"]


def test_an_embedding_model_that_would_be_downloaded_is_refused(tmp_path: Path) -> None:
    models = "models:\n  - {type: embeddings, engine: FastEmbed, model: all-MiniLM-L6-v2}\n"
    (tmp_path / "config.yml").write_text(models, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"config.yml:2: the embedding model FastEmbed.* at huggingface.co"):
        load_folder(tmp_path)


def test_an_action_server_elsewhere_is_refused(tmp_path: Path) -> None:
    (tmp_path / "config.yml").write_text("models: []\nactions_server_url: https://s.example\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"config.yml:2: actions_server_url sends texts .* at s.example"):
        load_folder(tmp_path)
