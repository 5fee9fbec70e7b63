"""Lakera Guard as a rail: its v2 interface, asked about one text.

NeMo 0.24 has no such rail. Import the action in a folder's `actions.py`, and list a flow that executes it; it works
in plain NeMo Guardrails, too. Whatever is no clear "not flagged" raises, and a rail that raises blocks.

Source:
    Lakera Guard, version 2: `POST /v2/guard` with `messages`, `project_id` and `breakdown`.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# NeMo hands custom_data on as a plain dictionary.

import os
from collections.abc import Iterator
from typing import Any

from nemoguardrails.actions import action
from nemoguardrails.actions.rail_outcome import RailOutcome
from nemoguardrails.http import create_http_client
from nemoguardrails.rails.llm.config import RailsConfig

from agentkit.adapters.nemo.remote import sends_text
from agentkit.adapters.nemo.settings import setting
from agentkit.egress import host_of
from agentkit.errors import UnavailableError

_ROLES = {"user_message": "user", "relevant_chunks": "user", "bot_message": "assistant"}


def lakera_url(config: RailsConfig, /) -> str:
    """Return the address that a folder's texts are sent to."""
    return f"{str(setting(config, 'lakera', 'url')).rstrip('/')}/v2/guard"


def _environment(config: RailsConfig) -> list[str]:
    """The service wants a key; one that you host yourself need not."""
    wanted = str(setting(config, "lakera", "api_key_env_var"))
    return [wanted] if host_of(lakera_url(config)).endswith("lakera.ai") else []


@sends_text("Lakera Guard", urls=lambda config: [lakera_url(config)], environment=_environment)
@action(name="lakera_guard_check", is_system_action=True)
async def lakera_guard_check(text: str, config: RailsConfig, target: str = "user_message") -> RailOutcome:
    """Block a text that Lakera Guard flags; the reason names its detectors.

    Args:
        text: what is checked.
        config: has the settings under `custom_data.agentkit.lakera`.
        target: `user_message`, `relevant_chunks` or `bot_message`; an answer is checked as the assistant's.
    Raises:
        UnavailableError: the answer is none.
        Exception: it cannot be reached, is late, or refuses the call.
    """
    body: dict[str, Any] = {"messages": [{"role": _ROLES[target], "content": text}], "breakdown": True}
    if project := setting(config, "lakera", "project_id"):
        body["project_id"] = project
    key = os.environ.get(str(setting(config, "lakera", "api_key_env_var")), "")
    headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {key}"} if key else {})}
    client = create_http_client(timeout=float(setting(config, "lakera", "timeout_s")))
    try:
        response = await client.request("POST", lakera_url(config), headers=headers, json=body)
    finally:
        await client.close()
    if response.status_code != 200:
        raise UnavailableError(f"Lakera Guard answered with status {response.status_code}.")
    return _outcome(response.json())


def _outcome(answer: Any) -> RailOutcome:
    if not isinstance(answer, dict) or not isinstance(answer.get("flagged"), bool):
        raise UnavailableError("Lakera Guard's answer does not say whether the text is flagged.")
    if not answer["flagged"]:
        return RailOutcome.allow(metadata={"detections": []})
    found = sorted(set(_detected(answer.get("breakdown"))))
    reason = f"flagged by Lakera Guard ({', '.join(found) or 'no detector named'})"
    return RailOutcome.block(reason=reason, metadata={"detections": found})


def _detected(breakdown: Any) -> Iterator[str]:
    for item in breakdown if isinstance(breakdown, list) else []:
        if isinstance(item, dict) and item.get("detected"):
            yield str(item.get("detector_type") or item.get("detector_id"))
