"""The most that a call can take, before it; and what one that failed is charged."""

import asyncio
import json
import re
from dataclasses import dataclass, replace

from agentkit.calls import Price, Usage
from agentkit.errors import AgentKitError, BackendError, Billed
from agentkit.prompts import render, response_schema
from agentkit.text.token_bound import most_tokens
from agentkit.types import Completion, Prompt
from agentkit.wrappers.amounts import Reservation

# What no tokenizer joins with its neighbours: a word, three digits, a row of signs.
_APART = re.compile(r"[^\W\d_]+|\d{1,3}|[^\w\s]+|_+")
_MESSAGE_TOKENS = 16  # what a chat template wraps around one message


@dataclass(frozen=True, slots=True)
class Taken:
    """What one attempt took, and how it ended ("ok", "cancelled", or the error's class)."""

    usage: Usage
    billed: Billed = "yes"
    outcome: str = "ok"


def prompt_tokens(prompt: Prompt) -> int:
    """Return the most tokens that a prompt can be: its messages, its tools and the schema of its answer."""
    messages = render(prompt)
    texts = [message.content for message in messages]
    texts += [call.name + call.arguments for message in messages for call in message.tool_calls]
    texts += [tool.name + tool.description + json.dumps(dict(tool.parameters)) for tool in prompt.tools]
    if schema := response_schema(prompt):
        texts.append(json.dumps(schema))
    return sum(most_tokens(text) for text in texts) + _MESSAGE_TOKENS * (len(messages) + len(prompt.tools))


def fewest_tokens(prompt: Prompt, *, up_to: int) -> int:
    """Return a number of tokens that a prompt has at least: its words, numbers and rows of signs, not counted twice.

    Where it has no more characters than `up_to`, it cannot have more tokens, and 0 is returned without counting.
    """
    texts = [message.content for message in render(prompt)]
    if sum(map(len, texts)) <= up_to:
        return 0
    return sum(len(_APART.findall(text)) for text in texts)


def worst_case(
    prompt: Prompt, *, input_tokens: int, price: Price, max_output_tokens: int, context_tokens: int
) -> Reservation:
    """Return the most that one attempt can take; an answer never exceeds the window, nor what the prompt allows."""
    asked = prompt.options.max_output_tokens
    # No answer is shorter than nothing, and some servers take such a limit for none at all.
    longest = context_tokens if asked is not None and asked <= 0 else asked or max_output_tokens or context_tokens
    received = min(longest, context_tokens)
    return Reservation(input_tokens, received, price.most(input_tokens=input_tokens, output_tokens=received))


def charge_of(error: BaseException, *, worst: Reservation, price: Price) -> Taken:
    """Return what a failed attempt is charged, and whether the provider bills it.

    What was certainly not billed costs nothing; what the provider says it took is taken at its word; anything
    else (a time-out, a broken stream, a cancelled call) is charged at its worst case.
    """
    outcome = "cancelled" if isinstance(error, asyncio.CancelledError | GeneratorExit) else type(error).__name__
    if isinstance(error, BackendError):
        if error.billed == "no":
            return Taken(Usage(), "no", outcome)
        usage = _all_of(worst) if error.usage is None else priced(error.usage, price=price)
        return Taken(usage, "yes" if error.billed == "yes" else "unknown", outcome)
    if isinstance(error, AgentKitError):  # refused by ourselves, before anything was sent
        return Taken(Usage(), "no", outcome)
    return Taken(_all_of(worst), "unknown", outcome)


def charge_of_answer(completion: Completion, *, worst: Reservation, price: Price) -> Taken:
    """Return what an answered attempt is charged.

    A priced model that does not say is charged its worst case; one that costs nothing, the most tokens that its
    prompt and its answer can be, so that a limit of tokens holds for it, too.
    """
    usage = completion.usage
    if usage.input_tokens or usage.output_tokens or usage.cost_usd or not worst.tokens:
        return Taken(priced(usage, price=price))
    if worst.usd:
        return Taken(_all_of(worst), "unknown")
    said = completion.text + "".join(call.name + call.arguments for call in completion.tool_calls)
    return Taken(Usage(worst.input_tokens, min(worst.output_tokens, most_tokens(said))), "unknown")


def priced(usage: Usage, *, price: Price) -> Usage:
    """Return a usage with its cost, where the adapter left that to us."""
    if usage.cost_usd:
        return usage
    cost = price.of(
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        cached_tokens=usage.cached_tokens,
        written_tokens=usage.written_tokens,
    )
    return replace(usage, cost_usd=cost)


def _all_of(worst: Reservation) -> Usage:
    return Usage(worst.input_tokens, worst.output_tokens, 0, worst.usd)
