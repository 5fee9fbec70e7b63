"""Our own instructions to models, as they are sent: what an answer must never tell."""

from functools import cache

from agentkit.prompts.build import ask_prompt, combine_prompt, judge_prompt, revise_prompt, summarize_prompt
from agentkit.types import Claim, Limits


@cache
def own_instructions() -> tuple[str, ...]:
    """Return the instructions of every prompt that is built here."""
    prompts = (
        summarize_prompt([], focus="", limits=Limits()),
        ask_prompt("", [], terms=[], limits=Limits()),
        combine_prompt([], focus="", limits=Limits()),
        revise_prompt([], []),
        judge_prompt(Claim("", ""), []),
    )
    return tuple(prompt.instructions for prompt in prompts)
