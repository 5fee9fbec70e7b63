"""The embedded model: it chooses sentences, shortens them lightly and cites them exactly."""

import asyncio
import json
from collections.abc import Callable, Mapping

from agentkit.adapters.embedded.answers import answer_question
from agentkit.adapters.embedded.choosing import combine_claims
from agentkit.adapters.embedded.drafting import Json, revise_claims, summarize_passages
from agentkit.errors import BackendError
from agentkit.types import Completion, Prompt, PromptTask, Usage

_NAME = "embedded/extractive"


class ExtractiveBackend:
    """A deterministic model without weights, behind the same port as any other.

    It reads whole documents in one call, costs nothing, and answers the tasks *summarize*, *ask*,
    *combine* and *revise* with the documents' own sentences; it judges nothing.
    """

    @property
    def name(self) -> str:
        return _NAME

    @property
    def context_tokens(self) -> int:
        return 100_000_000

    @property
    def deterministic(self) -> bool:
        return True

    async def complete(self, prompt: Prompt, /) -> Completion:
        if prompt.task not in _TASKS:
            raise BackendError(
                f"{_NAME} reads documents and holds no conversation: name a language model in roles.", model=_NAME
            )
        # It thinks for a second over a long contract: other tasks of the event loop go on meanwhile.
        answer = await asyncio.to_thread(_TASKS[prompt.task], prompt)
        text = json.dumps(answer, ensure_ascii=False)
        return Completion(text=text, model=_NAME, usage=Usage())

    async def aclose(self) -> None:
        return None


def _unjudged(prompt: Prompt) -> Json:
    count = len(prompt.claims)
    return {"label": "unverified", "score": 0.0, "reason": f"{_NAME} does not judge; {count} claim left undecided."}


_TASKS: Mapping[PromptTask, Callable[[Prompt], Json]] = {
    "summarize": summarize_passages,
    "combine": combine_claims,
    "revise": revise_claims,
    "ask": answer_question,
    "judge": _unjudged,
}
