"""Deterministic first: rules that answer without a model, where the answer can be trusted as far as a model's."""

import json
import re
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import cast

from agentkit.calls import Chunk, Completion, Price
from agentkit.ports import ModelBackend
from agentkit.prompts.fault import answer_fault
from agentkit.prompts.parse import parse_summary
from agentkit.streams import stream_of
from agentkit.text.sentences import split_sentences
from agentkit.types import Prompt, SafePassage
from agentkit.wrappers.metered import Meter
from agentkit.wrappers.savings import avoided, likely
from agentkit.wrappers.wrapping import WrappedBackend

_DOCUMENT_TASKS = frozenset({"summarize", "ask", "revise"})
_LONGEST_QUESTION = 4000
_MOST_CLAIMS = 5


@dataclass(frozen=True, slots=True)
class Rule:
    """One way to answer a prompt without a model.

    Args:
        name: what its answers are marked with.
        role: the role whose prompts it may answer.
        task: the task of those prompts.
        answer: returns the text of an answer as a model would write it, or None where the rule does not apply.
    """

    name: str
    role: str
    task: str
    answer: Callable[[Prompt], str | None]


class RuledBackend(WrappedBackend):
    """Asks the rules, in order, before the model.

    A rule that raises, or whose answer a model would not get away with, is passed over, and the run record says so:
    an answer to a document task, and any to a prompt with confidentiality labels, needs claims that all cite words
    of the passages shown; one to a prompt with a schema must be an object with the required properties. Prompts with
    tools are the model's. The reviewer judges ruled answers like all others.

    Args:
        inner: the model.
        rules: the first that answers is heard.
        meter: hears what was saved.
        price: the model's.
    """

    def __init__(self, inner: ModelBackend, *, rules: Sequence[Rule], meter: Meter, price: Price) -> None:
        super().__init__(inner)
        self._rules = list(rules)
        self._meter = meter
        self._price = price

    async def complete(self, prompt: Prompt, /) -> Completion:
        return self._ruled(prompt) or await self._inner.complete(prompt)

    async def stream(self, prompt: Prompt, /) -> AsyncIterator[Chunk]:
        """Answer in one piece by rule, else in the model's pieces."""
        ruled = self._ruled(prompt)
        if ruled is not None:
            yield Chunk(ruled.text, ruled)
            return
        async with aclosing(stream_of(self._inner, prompt)) as chunks:
            async for chunk in chunks:
                yield chunk

    def _count(self, prompt: Prompt, text: str, name: str) -> None:
        if self.deterministic:  # its calls cost nothing, so nothing is saved
            self._meter.note("ruled", prompt, model=name, fields={})
        else:
            saved = avoided("rule", likely(prompt, text), price=self._price)
            self._meter.spare(saved, prompt, event="ruled", model=name)

    def _ruled(self, prompt: Prompt) -> Completion | None:
        if prompt.tools:
            return None
        for rule in self._rules:
            if (rule.role, rule.task) != (prompt.role, prompt.task):
                continue
            name = f"rule:{rule.name}"
            text, problem = _asked(rule, prompt)
            if problem:
                self._meter.note("rule_failed", prompt, model=name, fields={"problem": problem})
            elif text is not None:
                self._count(prompt, text, name)
                return Completion(text=text, model=name)
        return None


def matching(pattern: str, template: str) -> Callable[[Prompt], str | None]:
    r"""Return a rule's answer: a template, with groups of the match ("\1", "\g<name>"), to a question that matches.

    Raises:
        re.error: the pattern is none, or the template names a group that it has not.
    """
    compiled = re.compile(pattern, re.IGNORECASE)
    re.sub(f"(?:{pattern})|", template, "", flags=re.IGNORECASE)  # a wrong template is refused now, not in a run

    def answer(prompt: Prompt) -> str | None:
        match = compiled.search(question_of(prompt))
        return None if match is None else match.expand(template)

    return answer


def containing(pattern: str) -> Callable[[Prompt], str | None]:
    """Return a rule's answer to "does the document contain X": the sentences that hold X, cited word for word.

    X is the pattern's group "words", else its first. Where no passage shown holds it the model is asked, because
    others may.

    Raises:
        re.error: the pattern is none, or has no group.
    """
    compiled = re.compile(pattern, re.IGNORECASE)
    if not compiled.groups:
        raise re.error("it has no group: put what is looked for into brackets")
    group = "words" if "words" in compiled.groupindex else 1

    def answer(prompt: Prompt) -> str | None:
        match = compiled.search(question_of(prompt))
        words = " ".join((match[group] or "").split()).strip(" \"'“”‘’?.") if match else ""
        if not words:
            return None
        sought = re.compile(r"(?<!\w)" + r"\s+".join(map(re.escape, words.split())) + r"(?!\w)", re.IGNORECASE)
        claims = [claim for passage in prompt.passages for claim in _sentences(passage, sought)]
        kept = claims[: prompt.limits.max_claims or _MOST_CLAIMS]
        return json.dumps({"answered": True, "claims": kept}, ensure_ascii=False) if kept else None

    return answer


def question_of(prompt: Prompt) -> str:
    """Return what is asked, in redacted words: of a conversation, the user's last turn; empty where it is too long."""
    last = prompt.messages[-1] if prompt.task == "chat" and prompt.messages else None
    question = prompt.question if last is None else last.content if last.role == "user" else ""
    return question if len(question) <= _LONGEST_QUESTION else ""


def _asked(rule: Rule, prompt: Prompt) -> tuple[str | None, str]:
    """Return a rule's answer, and what is wrong with it."""
    try:
        text = rule.answer(prompt)
    except Exception as error:  # noqa: BLE001 - a user's own function; the model answers in its place
        return None, f"it raised {type(error).__name__}"
    return text, "" if text is None else _unfit(prompt, text)


def _unfit(prompt: Prompt, text: str) -> str:
    if not text.strip():
        return "its answer is empty"
    if prompt.labels or prompt.task in _DOCUMENT_TASKS:
        claims = parse_summary(text, prompt.passages, prefix="c").claims
        if not claims or not all(claim.citations for claim in claims):
            return "not every claim of its answer cites words of a passage"
        return ""
    if prompt.schema is not None:
        return _unlike(text, prompt.schema)
    return answer_fault(prompt, Completion(text=text, model="rule"))


def _unlike(text: str, schema: Mapping[str, object]) -> str:
    try:
        data = cast(object, json.loads(text))
    except ValueError:
        return "its answer is no JSON"
    required = cast(Sequence[str], schema.get("required", ()))
    whole = isinstance(data, dict) and all(name in data for name in required)
    return "" if whole else "its answer is no object with the required properties"


def _sentences(passage: SafePassage, sought: re.Pattern[str]) -> list[dict[str, object]]:
    if passage.quarantined:
        return []
    found: list[dict[str, object]] = []
    for start, end in split_sentences(passage.text):
        quote = passage.text[start:end]
        if sought.search(quote):
            citation = {"passage": passage.id, "quote": quote, "start": start}
            found.append({"text": " ".join(quote.split()), "citations": [citation], "topic": ""})
    return found
