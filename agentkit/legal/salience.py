"""Which topics of a contract a sentence speaks to, and how clearly."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path

_WORD = re.compile(r"[a-z][a-z%]*|%")
_HEADING_BONUS = 0.2
_OTHER_WEIGHT = 1.0  # of what makes a claim worth showing and is no topic: that another clause contradicts it
_NEAR = 150  # characters around the best evidence in which words speak against it


@dataclass(frozen=True, slots=True)
class Topic:
    """Something a lawyer looks for: its weight in (0, 1] and the evidence for and against."""

    name: str
    weight: float
    stems: tuple[str, ...]
    heading: re.Pattern[str] | None
    evidence: tuple[tuple[float, str], ...]
    against: tuple[tuple[float, str], ...]


@dataclass(slots=True)
class _Draft:
    name: str
    weight: float
    stems: tuple[str, ...] = ()
    heading: re.Pattern[str] | None = None
    evidence: list[tuple[float, str]] = field(default_factory=list[tuple[float, str]])
    against: list[tuple[float, str]] = field(default_factory=list[tuple[float, str]])

    def read(self, line: str) -> None:
        """Take one line of the table."""
        if line.startswith("words:"):
            self.stems = tuple(line[6:].split())
        elif line.startswith("heading:"):
            self.heading = re.compile(line[8:].strip(), re.IGNORECASE)
        else:
            score, pattern = line[1:].split(" ", 1)
            (self.evidence if line[0] == "+" else self.against).append((float(score), pattern))

    def topic(self) -> Topic:
        """Return what was read."""
        return Topic(self.name, self.weight, self.stems, self.heading, tuple(self.evidence), tuple(self.against))


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """Compile at first use: a document speaks to some of the topics."""
    return re.compile(pattern, re.IGNORECASE)


@cache
def topics() -> dict[str, Topic]:
    """Return every topic of `salience_topics.txt` by name, in its order."""
    drafts: list[_Draft] = []
    for raw in Path(__file__).with_name("salience_topics.txt").read_text(encoding="utf-8").splitlines():
        line = raw.strip()
        if line.startswith("["):
            name, weight = line[1:].rsplit("]", 1)
            drafts.append(_Draft(name, float(weight)))
        elif line and not line.startswith("#"):
            drafts[-1].read(line)
    return {draft.name: draft.topic() for draft in drafts}


@lru_cache(maxsize=65536)
def _named_by(word: str) -> tuple[str, ...]:
    return tuple(topic.name for topic in topics().values() if word.startswith(topic.stems))


def topic_scores(sentence: str, heading: str = "") -> dict[str, float]:
    """Score the topics of one sentence.

    Args:
        sentence: white space collapsed.
        heading: the words of the headings above it.
    Returns:
        Scores in (0, 1] by topic name; topics without evidence are left out.
    """
    candidates = {name: None for word in dict.fromkeys(_WORD.findall(sentence.lower())) for name in _named_by(word)}
    table = topics()
    scores: dict[str, float] = {}
    for name in table:
        if name in candidates and (score := _score(table[name], sentence, heading)) > 0.2:
            scores[name] = score
    return scores


def _score(topic: Topic, sentence: str, heading: str) -> float:
    found = sorted(
        ((value, match) for value, pattern in topic.evidence if (match := _compiled(pattern).search(sentence))),
        key=lambda item: -item[0],
    )
    if not found:
        return 0.0
    score = found[0][0] + 0.05 * (len(found) - 1)
    if heading and topic.heading is not None and topic.heading.search(heading):
        score += _HEADING_BONUS
    begin, end = found[0][1].start() - _NEAR, found[0][1].end() + _NEAR
    score -= sum(value for value, pattern in topic.against if _compiled(pattern).search(sentence, max(0, begin), end))
    return max(0.0, min(1.0, score))


def weight_of(name: str) -> float:
    """Return a topic's weight; what this table does not know weighs as much as an important topic."""
    topic = topics().get(name)
    return topic.weight if topic else _OTHER_WEIGHT


def best_topics(scores: dict[str, float], *, at_least: float = 0.5) -> Sequence[str]:
    """Return the topics a sentence is about, most valuable first."""
    good = [name for name, score in scores.items() if score >= at_least]
    return sorted(good, key=lambda name: (-scores[name] * weight_of(name), name))
