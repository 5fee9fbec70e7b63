"""The actions behind `guardrails/`: each asks `agentkit.text` and answers with NeMo's `RailOutcome`.

A folder's `actions.py` imports them from here, so they work the same under agentkit and under plain NeMo
Guardrails. Every outcome carries metadata: `rule` (what spoke), `reason`, and `score` where an attack was looked
for. Settings come from `custom_data.agentkit` in `config.yml`.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# NeMo's configuration and context are plain dictionaries.

from collections.abc import Mapping, Sequence
from typing import Any

from nemoguardrails.actions import action
from nemoguardrails.actions.rail_outcome import RailOutcome, TransformTarget
from nemoguardrails.rails.llm.config import RailsConfig

from agentkit.adapters.nemo.output_settings import topics
from agentkit.adapters.nemo.settings import setting
from agentkit.privacy.answers import foreign_identifiers, placeholder_forms
from agentkit.privacy.placeholders import disjoint
from agentkit.prompts.instructions import own_instructions
from agentkit.text.advice import find_advice
from agentkit.text.answers import cites, leaked, named, uncited
from agentkit.text.injection import InjectionFinding, score
from agentkit.text.markup import find_markup
from agentkit.text.normalize import hidden_runs, plain, without
from agentkit.text.secrets import find_secrets
from agentkit.text.spans import replace_spans
from agentkit.text.topics import mentioned
from agentkit.text.toxicity import find_toxic

_Context = Mapping[str, Any] | None
_WITHHELD = "[withheld]"


def _block(rule: str, reason: str, /, *, likelihood: float | None = None) -> RailOutcome:
    return RailOutcome.block(reason=reason, metadata=_metadata(rule, likelihood))


def _metadata(rule: str, likelihood: float | None) -> dict[str, object]:
    return {"rule": rule} if likelihood is None else {"rule": rule, "score": likelihood}


@action(name="agentkit_check_size", is_system_action=True)
async def agentkit_check_size(text: str, config: RailsConfig) -> RailOutcome:
    """Block a text longer than `size.max_characters`."""
    limit = int(setting(config, "size", "max_characters"))
    if len(text) <= limit:
        return RailOutcome.allow()
    return _block("size.characters", f"{len(text):,} characters, {limit:,} are allowed")


@action(name="agentkit_check_characters", is_system_action=True)
async def agentkit_check_characters(text: str, config: RailsConfig, target: str = "user_message") -> RailOutcome:
    """Remove characters that no reader sees; block a text that hides more than `characters.max_hidden` of them.

    In a passage only smuggled letters and forced directions count: web pages break long words with invisible
    spaces, and the search for instructions reads through those.
    """
    runs = [run for run in hidden_runs(text) if target != "relevant_chunks" or run.kind in {"tag", "bidi"}]
    if not runs:
        return RailOutcome.allow()
    hidden = sum(run.end - run.start for run in runs)
    kinds = ", ".join(sorted({run.kind for run in runs}))
    reason = f"{hidden} hidden characters ({kinds})"
    if hidden > int(setting(config, "characters", "max_hidden")):
        return _block("characters.hidden", reason)
    changed = [(TransformTarget(target), without(text, runs))]
    return RailOutcome.transform(changed, reason=reason, metadata={"rule": "characters.hidden"})


def _judge(text: str, config: RailsConfig, section: str) -> tuple[InjectionFinding, bool]:
    finding = score(text)
    return finding, finding.score >= float(setting(config, section, "threshold"))


@action(name="agentkit_check_injection", is_system_action=True)
async def agentkit_check_injection(text: str, config: RailsConfig, section: str = "injection") -> RailOutcome:
    """Block a text that attacks the model which would read it (`injection.threshold`)."""
    finding, guilty = _judge(text, config, section)
    if not guilty:
        return RailOutcome.allow(metadata=_metadata("injection", finding.score))
    return _block(finding.rules[0] if finding.rules else "injection", _because(finding), likelihood=finding.score)


@action(name="agentkit_check_passage", is_system_action=True)
async def agentkit_check_passage(text: str, config: RailsConfig) -> RailOutcome:
    """Withhold a passage that carries instructions (`passages.threshold`); the flow empties `$relevant_chunks`."""
    return await agentkit_check_injection(text, config, section="passages")


@action(name="agentkit_check_citations", is_system_action=True)
async def agentkit_check_citations(text: str, config: RailsConfig) -> RailOutcome:
    """Block an answer that cites here and not there: a line that claims something without a marker.

    What a marker looks like says `citations.marker`. A text without any is no answer of the pipeline, which adds
    the markers itself and removes a claim that cites nothing: it passes, unless `citations.required` is true.
    """
    marker = str(setting(config, "citations", "marker"))
    if not cites(text, marker) and not setting(config, "citations", "required"):
        return RailOutcome.allow(reason="no citation markers to check")
    claims = uncited(text, marker, min_words=int(setting(config, "citations", "min_words")))
    return _block("citations.missing", f"{len(claims)} claim(s) without a citation") if claims else RailOutcome.allow()


@action(name="agentkit_check_redacted", is_system_action=True)
async def agentkit_check_redacted(text: str, context: _Context = None) -> RailOutcome:
    """Block an answer that names personal data which were redacted (the context's `redacted_originals`)."""
    originals: Sequence[str] = (context or {}).get("redacted_originals") or ()
    if not named(text, originals):
        return RailOutcome.allow()
    return _block("privacy.redacted", "personal data that was redacted")


@action(name="agentkit_check_secrets", is_system_action=True)
async def agentkit_check_secrets(text: str, config: RailsConfig) -> RailOutcome:
    """Block a text with a key, a password or a token; `secrets.patterns` adds your own regular expressions."""
    extra = tuple(setting(config, "secrets", "patterns"))
    seen = plain(text)
    found = find_secrets(text, extra=extra) or (find_secrets(seen, extra=extra) if seen != text else [])
    if not found:
        return RailOutcome.allow()
    return _block(f"secrets.{found[0].kind}", f"looks like a secret ({', '.join(sorted({s.kind for s in found}))})")


@action(name="agentkit_check_leakage", is_system_action=True)
async def agentkit_check_leakage(text: str, config: RailsConfig, context: _Context = None) -> RailOutcome:
    """Block an answer that recites its own instructions.

    They are agentkit's own prompts (unless `leakage.own_prompts` is false), the context's `system_prompt`, and the
    words of `leakage.fragments`.
    """
    fragments = [str(item) for item in setting(config, "leakage", "fragments")]
    prompt = str((context or {}).get("system_prompt") or "")
    ours = own_instructions() if setting(config, "leakage", "own_prompts") else ()
    if not leaked(text, prompt, fragments, prompts=ours):
        return RailOutcome.allow()
    return _block("leakage.system_prompt", "recites the system prompt")


@action(name="agentkit_check_placeholders", is_system_action=True)
async def agentkit_check_placeholders(text: str, context: _Context = None) -> RailOutcome:
    """Block an answer with a placeholder that nobody gave out, or one damaged beyond reading.

    The context's `known_placeholders` says which there are; a known one in another spelling is put right.
    """
    known = (context or {}).get("known_placeholders")
    if known is None:
        return RailOutcome.allow()
    forms = placeholder_forms(text, frozenset(map(str, known)))
    if forms.invented:
        return _block("placeholders.invented", f"{len(forms.invented)} placeholder(s) that stand for nothing")
    if forms.text == text:
        return RailOutcome.allow()
    return _rewrite("placeholders.damaged", "a placeholder was misspelt", forms.text)


@action(name="agentkit_check_personal", is_system_action=True)
async def agentkit_check_personal(text: str, config: RailsConfig, context: _Context = None) -> RailOutcome:
    """Block, or replace, identifiers of people (`personal.types`) that the text cited does not hold.

    The context's `cited_text` is that text. Without one, only identifiers that no answer needs (tax and social
    security numbers, bank and card data) count.
    """
    types, seen = setting(config, "personal", "types"), plain(text)
    found = foreign_identifiers(text, _cited(context), types=types)
    if not found and seen != text and foreign_identifiers(seen, _cited(context), types=types):
        return _block("personal.disguised", "personal data in disguise that no cited source holds")
    if not found:
        return RailOutcome.allow()
    kinds = ", ".join(sorted({entity.type for entity in found}))
    reason = f"personal data that no cited source holds ({kinds})"
    if setting(config, "personal", "mode") == "block":
        return _block("personal.foreign", reason)
    spans = [(entity.start, entity.end, _WITHHELD) for entity in disjoint(found, limit=len(text))]
    return _rewrite("personal.foreign", reason, replace_spans(text, spans, offset=0)[0])


@action(name="agentkit_check_markup", is_system_action=True)
async def agentkit_check_markup(text: str, config: RailsConfig, context: _Context = None) -> RailOutcome:
    """Block an answer with markup that a viewer would act on: scripts, remote images, control characters, links.

    Links may stand where `markup.links` is true, and to `markup.hosts` always.
    """
    links, hosts = setting(config, "markup", "links"), [str(host) for host in setting(config, "markup", "hosts")]
    found = find_markup(text, links=bool(links), hosts=hosts, cited=_cited(context))
    if not found:
        return RailOutcome.allow()
    named_ones = sorted({item.name if item.kind in {"element", "control"} else item.kind for item in found})
    return _block(f"markup.{found[0].kind}", f"markup that a viewer would act on ({', '.join(named_ones)})")


@action(name="agentkit_check_topics", is_system_action=True)
async def agentkit_check_topics(text: str, config: RailsConfig) -> RailOutcome:
    """Block, or flag, a text that mentions a topic of `topics`."""
    found = [topic for topic, _ in mentioned(text, topics(config))]
    blocked = [topic.name for topic in found if topic.mode == "block"]
    names = ", ".join(blocked or [topic.name for topic in found])
    if blocked:
        return _block("topics", f"mentions what the policy forbids ({names})")
    if found:
        return RailOutcome.allow(reason=f"mentions {names}", metadata=_metadata("topics", None))
    return RailOutcome.allow()


@action(name="agentkit_check_advice", is_system_action=True)
async def agentkit_check_advice(text: str, config: RailsConfig, context: _Context = None) -> RailOutcome:
    """Block legal advice to the reader unless `advice.allowed`; words of the source that is cited are no advice."""
    if setting(config, "advice", "allowed"):
        return RailOutcome.allow()
    found = find_advice(text, cited=_cited(context) or "")
    return _block(f"advice.{found[0].rule}", "legal advice to the reader") if found else RailOutcome.allow()


@action(name="agentkit_check_toxicity", is_system_action=True)
async def agentkit_check_toxicity(text: str, config: RailsConfig, context: _Context = None) -> RailOutcome:
    """Block slurs, threats and insults (`toxicity.kinds`) that are the answer's own words, not those it cites."""
    kinds = setting(config, "toxicity", "kinds")
    found = [item for item in find_toxic(text, cited=_cited(context) or "") if item.kind in kinds]
    if not found:
        return RailOutcome.allow()
    return _block(f"toxicity.{found[0].kind}", f"words that demean or threaten ({found[0].language})")


def _cited(context: _Context) -> str | None:
    cited = (context or {}).get("cited_text")
    return None if cited is None else str(cited)


def _rewrite(rule: str, reason: str, text: str) -> RailOutcome:
    changed = [(TransformTarget("bot_message"), text)]
    return RailOutcome.transform(changed, reason=reason, metadata=_metadata(rule, None))


def _because(finding: InjectionFinding) -> str:
    return "; ".join(finding.reasons[:2]) or "reads like an attack"
