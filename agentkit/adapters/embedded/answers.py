"""The task *ask* of the embedded model: a question and passages in, answering sentences out."""

from agentkit.adapters.embedded.drafting import Answer, Json, Quote
from agentkit.legal.answering import answer
from agentkit.types import Prompt


def answer_question(prompt: Prompt) -> Json:
    """Answer *ask* with the passages' own sentences, best first, or say that they do not answer."""
    found = answer(prompt.question, prompt.passages, terms=prompt.terms, limits=prompt.limits)
    claims: list[Answer] = []
    for item in found.claims:
        citation: Quote = {"passage": item.passage, "quote": item.text, "start": item.start}
        claims.append({"text": item.text, "citations": [citation], "salience": item.salience, "topic": item.topic})
    return {"answered": found.answered, "claims": claims}
