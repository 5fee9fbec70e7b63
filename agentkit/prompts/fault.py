"""What makes an answer unusable, before anybody reviews what it says."""

from agentkit.prompts.parse import parse_keep, parse_summary, read_json
from agentkit.types import Completion, Prompt


def answer_fault(prompt: Prompt, completion: Completion) -> str:
    """Return why an answer cannot be used as its task demands, or an empty string."""
    if completion.finish_reason == "length":
        return "it was cut off"
    if prompt.task in {"summarize", "ask", "revise"}:
        summary = parse_summary(completion.text, prompt.passages, prefix="c")
        if summary.problems:
            return summary.problems[0]
        uncited = sum(not claim.citations for claim in summary.claims)
        return (
            "no claim cites words that stand in its passage"
            if summary.claims and uncited == len(summary.claims)
            else ""
        )
    if prompt.task == "combine":
        return "" if parse_keep(completion.text, prompt.claims) else "it names no claim that exists"
    if prompt.task == "judge":
        return "" if read_json(completion.text).get("label") else "it holds no label"
    return ""
