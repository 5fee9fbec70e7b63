"""What a prompt carries is written on it before anybody decides who may see it."""

from agentkit.testing.fakes import MemoryRecord, ScriptedBackend
from agentkit.types import Citation, Claim, Completion, Prompt, RejectedClaim, SafePassage
from agentkit.wrappers import Contents, LadderBackend, StampedBackend

CARRIED = {"d0p0": Contents(["privileged"], "aa"), "d0p1": Contents([], "aa"), "d1p0": Contents(["secret"], "bb")}


def passage(name: str) -> SafePassage:
    return SafePassage(name, int(name[1]), 0, 4, "text")


def claim(name: str) -> Claim:
    return Claim("c1", "text", [Citation(0, 0, 4, name)])


async def stamped(prompt: Prompt, *labels: str) -> Prompt:
    inner = ScriptedBackend("x")
    await StampedBackend(inner, labels=labels, contents=lambda item: CARRIED.get(item, Contents())).complete(prompt)
    return inner.prompts[0]


def prompt(**fields: object) -> Prompt:
    return Prompt(role="writer", task="summarize", version="t", instructions="", **fields)


async def test_only_what_a_prompt_shows_counts() -> None:
    shown = await stamped(prompt(passages=[passage("d0p1")]))
    assert (shown.labels, shown.documents) == ([], ["aa"])


async def test_labels_of_passages_claims_and_rejected_claims_add_up_with_the_run_s() -> None:
    rejected = [RejectedClaim(claim("d1p0"), "why")]
    shown = await stamped(prompt(passages=[passage("d0p1")], claims=[claim("d0p0")], rejected=rejected), "run")
    assert (shown.labels, shown.documents) == (["privileged", "run", "secret"], ["aa", "bb"])


async def test_a_stream_is_stamped_too() -> None:
    inner = ScriptedBackend("x")
    door = StampedBackend(inner, labels=["run"], contents=lambda _: Contents())
    assert [chunk.text async for chunk in door.stream(prompt())] == ["x"]
    assert inner.prompts[0].labels == ["run"]


def fault(_: Prompt, completion: Completion) -> str:
    return "it is bad" if completion.text == "bad" else ""


async def test_the_ladder_is_climbed_while_answers_are_bad_and_the_last_word_stands() -> None:
    record = MemoryRecord()
    rungs = [ScriptedBackend("bad", name=name) for name in ("small", "middle", "large")]
    ladder = LadderBackend(rungs, fault=fault, record=record)
    assert (await ladder.complete(prompt())).model == "large"
    assert [(dict(fields)["from"], dict(fields)["to"]) for _, fields in record.events] == [
        ("small", "middle"),
        ("middle", "large"),
    ]


async def test_a_good_answer_of_the_cheapest_is_enough() -> None:
    rungs = [ScriptedBackend("good", name="small"), ScriptedBackend("better", name="large")]
    assert (await LadderBackend(rungs, fault=fault, record=MemoryRecord()).complete(prompt())).text == "good"
    assert rungs[1].prompts == []
