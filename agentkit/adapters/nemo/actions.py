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

from agentkit.adapters.nemo.settings import setting
from agentkit.text.answers import cites, leaked, named, uncited
from agentkit.text.injection import InjectionFinding, score
from agentkit.text.normalize import hidden_runs, without
from agentkit.text.secrets import find_secrets


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
async def agentkit_check_redacted(text: str, context: Mapping[str, Any] | None = None) -> RailOutcome:
    """Block an answer that names personal data which were redacted (the context's `redacted_originals`)."""
    originals: Sequence[str] = (context or {}).get("redacted_originals") or ()
    if not named(text, originals):
        return RailOutcome.allow()
    return _block("privacy.redacted", "personal data that was redacted")


@action(name="agentkit_check_secrets", is_system_action=True)
async def agentkit_check_secrets(text: str, config: RailsConfig) -> RailOutcome:
    """Block a text with a key, a password or a token; `secrets.patterns` adds your own regular expressions."""
    found = find_secrets(text, extra=tuple(setting(config, "secrets", "patterns")))
    if not found:
        return RailOutcome.allow()
    return _block(f"secrets.{found[0].kind}", f"looks like a secret ({', '.join(sorted({s.kind for s in found}))})")


@action(name="agentkit_check_leakage", is_system_action=True)
async def agentkit_check_leakage(
    text: str, config: RailsConfig, context: Mapping[str, Any] | None = None
) -> RailOutcome:
    """Block an answer that recites its own instructions (`leakage.fragments`, or the context's `system_prompt`)."""
    fragments = [str(item) for item in setting(config, "leakage", "fragments")]
    prompt = str((context or {}).get("system_prompt") or "")
    if not leaked(text, prompt, fragments):
        return RailOutcome.allow()
    return _block("leakage.system_prompt", "recites the system prompt")


def _because(finding: InjectionFinding) -> str:
    return "; ".join(finding.reasons[:2]) or "reads like an attack"
