"""What a crew brought: its text, the claims in it, and which of them the passages bear out."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from agentkit.adapters.crewai.house import House, safe_passage
from agentkit.agents import review
from agentkit.prompts.parse import parse_summary, read_json
from agentkit.text.sentences import split_sentences
from agentkit.types import Citation, Claim, SafePassage, Verdict

_QUOTE = re.compile(r"“([^”]{4,})”|\"([^\"]{4,})\"|«([^»]{4,})»|„([^“”]{4,})[“”]")
_MARKS = re.compile(r"\A[\s#>*•–-]*(?:\d+[.)]\s+)?")
_UNQUOTED = "It quotes nothing that stands in the passages."


@dataclass(frozen=True, slots=True)
class CrewResult:
    """What a crew brought.

    `text` and `claims` hold placeholders until `release`; each claim has its verdict, in order, and is *unverified*
    where no quote of it was found. Citations count characters of the source as it was read.
    """

    text: str
    claims: list[Claim] = field(default_factory=list[Claim])
    verdicts: list[Verdict] = field(default_factory=list[Verdict])
    calls: int = 0


async def release(result: CrewResult, house: House) -> CrewResult:
    """Return a result with originals in place of placeholders: at the exit, where the reader may see them.

    Raises:
        RefusedError: a rail of *graph → user* holds it back.
    """
    text = await house.pass_on(result.text, "graph_to_user", "the crew")
    claims = [replace(claim, text=house.restore(claim.text)) for claim in result.claims]
    verdicts = [replace(verdict, reason=house.restore(verdict.reason)) for verdict in result.verdicts]
    return replace(result, text=house.restore(text), claims=claims, verdicts=verdicts)


async def cited(text: str, house: House) -> tuple[list[Claim], list[Verdict]]:
    """Return the claims of a text, in placeholders, and what comparing them with the passages they quote shows.

    A text that is a JSON object with `claims`, as our writers answer, is read as such; of any other, every sentence is
    a claim, and what it quotes is looked for in the passages, white space and case aside.
    """
    # Quotes are looked for in the source's own words; nothing but code sees them.
    sources = [safe_passage(passage) for passage in house.passages]
    claims = _claims(house.restore(text), sources)
    judged = iter(await review([claim for claim in claims if claim.citations], sources))
    verdicts = [
        next(judged) if claim.citations else Verdict(claim.id, "unverified", 0.0, "citation", _UNQUOTED)
        for claim in claims
    ]
    safe = [replace(claim, text=house.safe(claim.text), section=house.safe(claim.section)) for claim in claims]
    return safe, [replace(verdict, reason=house.safe(verdict.reason)) for verdict in verdicts]


def _claims(text: str, sources: Sequence[SafePassage]) -> list[Claim]:
    if text.lstrip()[:1] in {"{", "`"} and isinstance(read_json(text).get("claims"), list):
        return parse_summary(text, sources, prefix="crew").claims
    sentences = [_MARKS.sub("", sentence) for line in text.splitlines() for sentence in _sentences(line)]
    said = [sentence.strip() for sentence in sentences if re.search(r"\w{2}", sentence)]
    return [Claim(f"crew{number}", words, _citations(words, sources)) for number, words in enumerate(said, 1)]


def _sentences(line: str) -> list[str]:
    """Return the sentences of a line; a quote of several sentences stays in one."""
    quotes = [match.span() for match in _QUOTE.finditer(line)]
    found: list[tuple[int, int]] = []
    for start, end in split_sentences(line):
        if found and any(first < start < last for first, last in quotes):
            found[-1] = found[-1][0], end
        else:
            found.append((start, end))
    return [line[start:end] for start, end in found]


def _citations(words: str, sources: Sequence[SafePassage]) -> list[Citation]:
    found: list[Citation] = []
    for match in _QUOTE.finditer(words):
        quote = next(group for group in match.groups() if group).strip(" .,;…").split()
        pattern = re.compile(r"\s+".join(re.escape(word) for word in quote), re.IGNORECASE)
        for passage in sources:
            if place := pattern.search(passage.text):
                start, end = passage.start + place.start(), passage.start + place.end()
                found.append(Citation(passage.source, start, end, passage.id))
                break
    return list(dict.fromkeys(found))
