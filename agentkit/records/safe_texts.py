"""Any text of a run made safe: questions, titles and headings, which have no offsets of their own."""

from collections.abc import Callable, Sequence

from agentkit.privacy.aliases import FullNames, mentions_of
from agentkit.privacy.name_parts import name_parts
from agentkit.privacy.phrases import Phrases
from agentkit.privacy.placeholders import disjoint, shapes, with_literals
from agentkit.privacy.selection import Policy
from agentkit.privacy.vault import MatterVault, Mention
from agentkit.text.spans import replace_spans
from agentkit.types import Entity


class SafeTexts:
    """Replaces what the vault knows and what the policy's recognizer finds anew."""

    def __init__(self, vault: MatterVault, policy: Policy, *, stands: Callable[[str], bool]) -> None:
        """Begin with the vault as it is; it is looked at again whenever it has grown.

        Args:
            vault: the matter's.
            policy: what is replaced.
            stands: whether words stand readable in a document of the run: what was not replaced there was looked
                at and left readable, so it is left readable in a question as well.
        """
        self._stands = stands
        self._vault = vault
        self._policy = policy
        self._mentions: Sequence[Mention] | None = None
        self._phrases = Phrases([])
        self._names = FullNames()
        self._labels: dict[str, str] = {}

    def label(self, text: str) -> str:
        """Return a heading of a document made safe; what looks like a placeholder in it is a forgery.

        Nothing new is looked for: a heading is part of a document that was recognized as a whole, and a
        name found only in the heading's few words would be missed in the text itself.
        """
        if text not in self._labels:
            self._labels[text] = self.replace(text, trusted=False, anew=False) if text else ""
        return self._labels[text]

    def replace(self, text: str, *, trusted: bool, anew: bool = True) -> str:
        """Return a text with personal data replaced.

        Args:
            text: any text.
            trusted: whether a placeholder that the vault gave stays as it is.
            anew: whether to look for personal data that the vault does not know.
        """
        ours = [
            (start, end) for start, end, kind, number in shapes(text) if trusted and self._vault.knows(kind, number)
        ]
        mentions = self._known()
        known = self._policy.select(self._phrases.find(text), text)
        new = [e for e in self._policy.find(text) if not self._stands(text[e.start : e.end])] if anew else []
        parts = name_parts(text, mentions, readable=self._stands) if trusted and anew else []
        named = {(start, end): mention for start, end, mention in parts}
        found = [*known, *new, *(Entity("PERSON", start, end, 0.9) for start, end in named)]
        outside = [e for e in found if not any(e.start < end and start < e.end for start, end in ours)]
        entities = [e for e in with_literals(text, disjoint(outside, limit=len(text))) if (e.start, e.end) not in ours]
        originals = [(entity.type, text[entity.start : entity.end]) for entity in entities]
        mentioned = mentions_of(originals, known=self._names)
        mentioned = [named.get((e.start, e.end), mention) for e, mention in zip(entities, mentioned, strict=True)]
        placeholders = self._vault.assign(mentioned)
        spans = [(e.start, e.end, placeholder) for e, placeholder in zip(entities, placeholders, strict=True)]
        return replace_spans(text, spans, offset=0)[0]

    def _known(self) -> Sequence[Mention]:
        """Return what the vault keeps; what is looked up in it is made anew only when it has grown."""
        mentions = self._vault.mentions()
        if mentions is not self._mentions:
            self._mentions = mentions
            self._phrases = Phrases([(mention.type, mention.original) for mention in mentions])
            self._names = FullNames(m.original for m in mentions if m.type == "PERSON" and not m.short_for)
        return mentions
