"""The task *ask* of the embedded model: a question and passages in, answering sentences out."""

import re

from agentkit.adapters.embedded.drafting import Answer, Json, Quote
from agentkit.legal.answering import answer
from agentkit.legal.tidy import strip_label
from agentkit.text.support import assess
from agentkit.types import Prompt

# The number in front of a sentence may be the very answer.
_ASKS_NUMBER = re.compile(
    r"\b(?:section|article|clause|provision|paragraph|rule|regulation|number|where)\b", re.IGNORECASE
)


def answer_question(prompt: Prompt) -> Json:
    """Answer *ask* with the passages' own sentences, best first, or say that they do not answer.

    A claim goes without the number or heading in front of its sentence; what it quotes is exact.
    """
    found = answer(prompt.question, prompt.passages, terms=prompt.terms, limits=prompt.limits)
    claims: list[Answer] = []
    for item in found.claims:
        text = item.text if _ASKS_NUMBER.search(prompt.question) else _presented(item.text)
        citation: Quote = {"passage": item.passage, "quote": item.text, "start": item.start}
        claims.append({"text": text, "citations": [citation], "salience": item.salience, "topic": item.topic})
    return {"answered": found.answered, "claims": claims}


def _presented(quote: str) -> str:
    """Return a quote without what stands in front of its sentence, where a reviewer still finds it supported."""
    text = strip_label(quote)
    return text if text == quote or assess(text, quote).label == "supported" else quote
