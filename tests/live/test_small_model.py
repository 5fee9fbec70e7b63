"""The small model in this process."""

import pytest

from agentkit.adapters.smollm2 import SmolLM2Backend
from agentkit.errors import ContextWindowError
from agentkit.ports import ModelBackend
from agentkit.prompts import parse_summary, summarize_prompt
from agentkit.testing.contracts import BackendContract
from agentkit.types import Limits, SafePassage

pytestmark = pytest.mark.timeout(180)
LEASE = (
    "This Lease is made on 3 March 2024 between Harbor Mills LLC and <PERSON_1>. The Tenant shall pay rent of "
    "EUR 1,250 on the first day of each month. Either party may terminate this Lease on ninety (90) days' notice."
)


def passage(text: str) -> SafePassage:
    return SafePassage(id="d0p0", source=0, start=0, end=len(text), text=text)


class TestSmolLM2(BackendContract):
    slow = True

    async def make(self) -> ModelBackend:
        return SmolLM2Backend(threads=1, max_output_tokens=160)


async def test_its_claims_cite_words_that_stand_in_the_passage() -> None:
    backend = SmolLM2Backend(threads=1)
    passages = [passage(LEASE)]
    completion = await backend.complete(summarize_prompt(passages, focus="", limits=Limits(max_claims=2)))
    await backend.aclose()
    summary = parse_summary(completion.text, passages, prefix="c")
    assert summary.claims
    assert all(claim.citations for claim in summary.claims)
    assert completion.usage.output_tokens > 10


async def test_a_prompt_that_does_not_fit_is_refused() -> None:
    backend = SmolLM2Backend(threads=1, context_tokens=512)
    with pytest.raises(ContextWindowError, match="does not fit"):
        await backend.complete(summarize_prompt([passage(LEASE * 20)], focus="", limits=Limits()))
    await backend.aclose()
