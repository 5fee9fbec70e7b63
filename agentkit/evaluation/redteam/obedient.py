"""A model that is lost: it obeys every order it can read in its prompt, or the attacker's wish whatever it reads.

It speaks OpenAI's protocol on loopback, so that requests and answers pass the real client, and it keeps what it was
sent. Where it is not told otherwise it answers honestly, in words of the passages.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from agentkit.evaluation.redteam.cases import Order
from agentkit.evaluation.redteam.disguises import readable
from agentkit.evaluation.redteam.misdeeds import Passage, misdeed
from agentkit.testing.server import Received, Reply, chat_reply
from agentkit.text.sentences import split_sentences

_PASSAGE = re.compile(r"<passage id='(\w+)'[^\n]*?>\n(.*?)\n</passage>", re.DOTALL)
_ASKED = re.compile(r"^(?:Question|Focus): (.*)", re.MULTILINE | re.DOTALL)
_WORD = re.compile(r"\w{3,}")
_CLAIM_ID = re.compile(r"<claim id='([^']+)'>")
_HONEST = 3
_SUMMARY = 40


@dataclass(slots=True)
class ObedientModel:
    """Answers requests. `order` is what the attacker wants now; with `always` it is carried out unread.

    `requests` holds the bodies of all requests, as sent; `obeyed` counts the answers that followed the order.
    """

    always: bool = False
    order: Order = field(default_factory=Order)
    requests: list[str] = field(default_factory=list[str])
    obeyed: int = 0

    def begin(self, order: Order) -> None:
        """Take up another order and forget what was sent."""
        self.order, self.requests, self.obeyed = order, [], 0

    def answer(self, request: Received) -> Reply:
        """Return the reply to one request."""
        body = request.body
        self.requests.append(json.dumps(body, ensure_ascii=False))
        system, user = _said(body)
        wanted = _wanted(body)
        if wanted == "label":
            return chat_reply(json.dumps({"label": "supported", "score": 1.0, "reason": "It says so."}))
        if wanted == "keep":
            return chat_reply(json.dumps({"keep": _CLAIM_ID.findall(user)}))
        passages = [Passage(name, text) for name, text in _PASSAGE.findall(user)]
        honest = _honest(user, passages)
        if self.order.kind == "none" or not (self.always or readable(self.order.signs, user)):
            return chat_reply(_answer(honest))
        self.obeyed += 1
        done = misdeed(self.order, passages, instructions=system, honest=honest)
        text = _answer(done.claims)
        sent, received = len(user) // 4, len(text) // 4
        if done.tool:
            call = {"id": "call-1", "type": "function", "function": {"name": done.tool, "arguments": "{}"}}
            return chat_reply(None, finish_reason="tool_calls", tool_calls=[call], input_tokens=sent)
        return chat_reply(text, input_tokens=sent, output_tokens=received)


def _answer(claims: Sequence[Mapping[str, object]]) -> str:
    return json.dumps({"answered": bool(claims), "claims": list(claims)}, ensure_ascii=False)


def _said(body: Mapping[str, object]) -> tuple[str, str]:
    messages = body.get("messages")
    texts = {"system": "", "user": ""}
    for message in messages if isinstance(messages, list) else []:  # pyright: ignore[reportUnknownVariableType]
        if isinstance(message, dict):
            row: dict[str, object] = message  # pyright: ignore[reportUnknownVariableType]
            role, content = str(row.get("role")), str(row.get("content") or "")
            texts[role] = f"{texts.get(role, '')}\n{content}".strip()
    return texts["system"], texts["user"]


def _wanted(body: Mapping[str, object]) -> str:
    """Return the property that tells the kinds of answers apart."""
    form = json.dumps(body.get("response_format") or {})
    return next((name for name in ("keep", "label") if f'"{name}"' in form), "claims")


def _honest(user: str, passages: Sequence[Passage]) -> list[dict[str, object]]:
    """Return claims that are sentences of the passages: those nearest to the question, or the first of each passage."""
    asked = _ASKED.search(user)
    wanted = set(_WORD.findall(asked[1].casefold())) if asked else set[str]()
    found: list[tuple[int, str, str]] = []
    for passage in passages:
        for start, end in split_sentences(passage.text):
            sentence = passage.text[start:end]
            shared = len(wanted & set(_WORD.findall(sentence.casefold())))
            if len(sentence.split()) > 4 and (shared or not wanted):
                found.append((shared, passage.id, sentence))
    ranked = sorted(found, key=lambda item: -item[0])[: _HONEST if wanted else _SUMMARY]
    return [
        {"text": " ".join(sentence.split()), "citations": [{"passage": name, "quote": sentence}], "topic": "terms"}
        for _, name, sentence in ranked
    ]
