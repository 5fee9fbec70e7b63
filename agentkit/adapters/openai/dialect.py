"""Where hosted endpoints differ from the protocol that they share: names of fields, and what they refuse."""

import re

_OPENAI = (".openai.com", ".openai.azure.com", ".services.ai.azure.com")
_MISTRAL = (".mistral.ai",)
# These think before they answer: they sample as they like, and refuse to be told otherwise.
_REASONING = re.compile(r"^(?:o\d|gpt-5(?!.*chat))")
_UNTOLD = ("temperature", "stop", "seed")


def fit(request: dict[str, object], *, host: str, model: str) -> dict[str, object]:
    """Return a request as the endpoint's host takes it, with the model's name.

    OpenAI's own endpoints, Azure's among them, name the longest answer `max_completion_tokens`: their newer models
    refuse the older name. Mistral's names the seed `random_seed`, a tool that must be called "any", and counts
    tokens at the end of every stream without being asked.
    """
    body = {"model": model, **request}
    if host.endswith(_OPENAI):
        body["max_completion_tokens"] = body.pop("max_tokens")
        if _REASONING.match(model):
            body = {name: value for name, value in body.items() if name not in _UNTOLD}
    if host.endswith(_MISTRAL):
        body.pop("stream_options", None)
        if "seed" in body:
            body["random_seed"] = body.pop("seed")
        if body.get("tool_choice") == "required":
            body["tool_choice"] = "any"
    return body
