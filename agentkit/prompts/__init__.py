"""Types to prompt text and back; pure and versioned."""

from agentkit.prompts.build import ask_prompt, combine_prompt, judge_prompt, revise_prompt, summarize_prompt
from agentkit.prompts.parse import parse_keep, parse_summary, parse_verdict
from agentkit.prompts.render import render, response_schema

__all__ = [
    "ask_prompt",
    "combine_prompt",
    "judge_prompt",
    "parse_keep",
    "parse_summary",
    "parse_verdict",
    "render",
    "response_schema",
    "revise_prompt",
    "summarize_prompt",
]
