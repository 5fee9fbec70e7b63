"""Which adapter stands behind each port, by configuration. Vendors are imported here, late, and only if chosen."""

import hashlib
import importlib
import os
import re
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from agentkit.calls import PeriodLimit
from agentkit.config import Config, RuleConfig, TracingConfig
from agentkit.egress import EgressPolicy
from agentkit.errors import ConfigError, NoDeploymentError, UsageError
from agentkit.modelling import wrong_model
from agentkit.policy import USUAL, EdgeRule, RailPolicy
from agentkit.ports import Ledger, Rails, Recognizer, Tracer
from agentkit.privacy.entity_types import check_keep, check_types
from agentkit.privacy.recognizer import EmbeddedRecognizer
from agentkit.quiet import silence
from agentkit.records import ledger_sql
from agentkit.records.evaluations import Evaluation, latest, remembered
from agentkit.records.ledger import SqlLedger
from agentkit.records.ledger_sqlite import SqliteDatabase
from agentkit.types import Edge, Prompt
from agentkit.wrappers import Rule, SilentTracer
from agentkit.wrappers.cache_port import AnswerStore, Embedder, QueryEmbedder
from agentkit.wrappers.ruled import containing, matching


def make_rails(folder: str, config: Config | None = None) -> Rails:
    """Load a NeMo Guardrails folder: a path, or the name of a shipped one.

    Args:
        folder: the path or the name.
        config: says where rails may send texts (`privacy.egress`), and which models they may ask; by default they
            may send texts to this machine.
    Raises:
        ConfigError: there is no such folder, or it is broken; says file and line.
    """
    silence()
    from agentkit.adapters.nemo.rails import NemoRails

    chosen = config or Config()
    egress = EgressPolicy.parse(chosen.privacy.egress)
    return NemoRails.from_folder(rails_folder(folder), egress=egress, resolve=partial(wrong_model, config=config))


def make_policy(config: Config) -> RailPolicy:
    """Return which rails stand on which edge, as configured."""
    rules: dict[Edge, EdgeRule] = {}
    for edge, chosen in config.rails.edges.items():
        stage = USUAL[edge] if chosen.stage == "usual" else None if chosen.stage == "none" else chosen.stage
        rules[edge] = EdgeRule(stage, chosen.unchecked)
    return RailPolicy(rules)


def rails_version(folder: str) -> str:
    """Return a digest of a rails folder's files: an answer cached under other rails is not used."""
    root = rails_folder(folder)
    digest = hashlib.sha256()
    for path in sorted(path for path in root.rglob("*") if path.is_file() and "__pycache__" not in path.parts):
        digest.update(str(path.relative_to(root)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def rails_folder(folder: str) -> Path:
    """Return the path of a rails folder; `base` and `legal` are shipped with the package."""
    path = Path(folder)
    if path.is_dir():
        return path
    package = Path(__file__).parent
    for shipped in (package / "_guardrails" / folder, package.parent / "guardrails" / folder):
        if "/" not in folder and shipped.is_dir():
            return shipped
    raise ConfigError(f"There is no rails folder {folder!r}: give a path, or one of base, legal.")


def check_run(config: Config, *, tenant: str, labels: Sequence[str]) -> None:
    """Refuse a run for nobody in particular, or under a label that nothing is said about.

    Raises:
        UsageError: the tenant stands for all of them, or is empty.
        NoDeploymentError: a label is none of the configuration's, so that nobody may see the text.
    """
    if tenant.strip() in {"", "*"}:
        raise UsageError("Name a tenant: an empty name and * stand for all tenants.")
    unknown = next((label for label in labels if label not in config.labels), None)
    if unknown is not None:
        raise NoDeploymentError(
            f"Nothing says who may see a text labelled {unknown!r}: add it to labels in the configuration."
        )


def check_privacy(config: Config) -> None:
    """Refuse a misspelled entity type: it would switch redaction off without a word.

    Raises:
        ConfigError: a type in `privacy.redact` or `privacy.keep` is none; says what is near.
    """
    chosen = config.privacy
    for key, fault in (("redact", check_types(chosen.redact or [])), ("keep", check_keep(chosen.keep))):
        if fault:
            raise config.fault(f"privacy.{key}", fault)


def make_recognizer(name: str) -> Recognizer:
    """Return a recognizer of personal data: `embedded`, `spacy:MODEL` (extra `ner`), `gliner:FOLDER` (`gliner`).

    Raises:
        ConfigError: there is no such recognizer.
        MissingExtraError: it needs a part that is not installed.
    """
    if name == "embedded":
        return EmbeddedRecognizer()
    kind, _, model = name.partition(":")
    if kind == "spacy" and model:
        from agentkit.adapters.spacy import SpacyRecognizer

        return SpacyRecognizer(model)
    if kind == "gliner" and model:
        from agentkit.adapters.gliner import GlinerRecognizer

        return GlinerRecognizer(model)
    raise ConfigError(f"privacy.recognizer: there is no {name!r}; write embedded, spacy:MODEL or gliner:FOLDER.")


def make_tracer(config: TracingConfig, *, egress: EgressPolicy, provider: object = None) -> Tracer:
    """Return what opens spans: nothing by default, OpenTelemetry by configuration or by a provider of the user's.

    Raises:
        MissingExtraError: OpenTelemetry is not installed.
    """
    if provider is None and config.adapter == "none":
        return SilentTracer()
    from agentkit.adapters.otel import make_otel_tracer

    return make_otel_tracer(
        adapter=config.adapter, path=config.path, endpoint=config.endpoint, provider=provider, egress=egress
    )


def make_ledger(config: Config, home: Path) -> Ledger | None:
    """Return where calls are booked, and limits over periods are kept; None where nothing is booked.

    Raises:
        ConfigError: a setting is missing, or a limit over a period has no ledger to be kept in.
        MissingExtraError: Postgres needs a part that is not installed.
        EgressDeniedError: its host may not be contacted.
    """
    if config.tenant in {"", "*"}:
        raise config.fault("tenant", "write a name: an empty one and * stand for all tenants")
    limits = [
        PeriodLimit(item.per, item.tenant or "", usd=item.usd, tokens=item.tokens, calls=item.calls)
        for item in config.budget.periods
    ]
    if config.ledger.adapter == "none":
        if limits:
            raise config.fault("budget.periods", "a limit over a period is kept in the ledger, and there is none")
        return None
    if config.ledger.adapter == "sqlite":
        return SqlLedger(SqliteDatabase(home / "ledger.db"), limits=limits)
    from agentkit.adapters.postgres import PostgresDatabase

    variable = (config.ledger.url or "").removeprefix("os.environ/")
    url = os.environ.get(variable, "")
    if not url:
        raise config.fault("ledger.url", f"write os.environ/NAME, and set that variable ({variable or 'none named'})")
    egress = EgressPolicy.parse(config.privacy.egress)
    return SqlLedger(PostgresDatabase(url, schema=ledger_sql.POSTGRES, egress=egress), limits=limits)


def qualified(role: str, config: Config, home: Path) -> list[str]:
    """Return a role's ladder from its cheapest model on that is known to reach `gateway.floors`; all without a floor.

    What counts is the lower end of the 95 % interval of each deployment's latest evaluation in that role. A model
    that was not measured does not reach any floor; the models above the first that does stay for escalation.

    Raises:
        NoDeploymentError: none is known to reach it; says what was measured and what to run.
    """
    names = config.roles.ladder(role)
    floor = next((floor for name, floor in config.gateway.floors.items() if name == role), None)
    if floor is None or not names:
        return names
    known, told = remembered(home), list[str]()
    for number, name in enumerate(names):
        measured = {label: latest(known, identity=hashed, role=role) for label, hashed in identities(name, config)}
        if all(item is not None and item.low >= floor for item in measured.values()):
            return names[number:]
        told += [f"{label} {_figures(item)}" for label, item in measured.items()]
    raise NoDeploymentError(
        f"No model of roles.{role} is known to reach the floor of {floor:g} in gateway.floors: {'; '.join(told)}. "
        f"Measure with: agentkit eval DATASET --role {role} --model NAME."
    )


def _figures(item: Evaluation | None) -> str:
    if item is None:
        return "not measured"
    return f"at least {item.low:.2f} (mean {item.score:.2f} of {item.cases} cases, {item.date[:10]})"


def identities(name: str, config: Config) -> list[tuple[str, str]]:
    """Return label and identity of each deployment of a model: a hash of what decides how it answers.

    Its price, key, weight and time-out do not; one that needs no entry in the file is its name.
    """
    parts = {"client": True, "context_tokens": True, "litellm_params": True}
    passing = {"litellm_params": {"timeout", "api_key", "ca_file"}}
    texts = [
        item.model_dump_json(include=parts, exclude=passing, exclude_none=True)
        for item in config.models
        if item.model_name == name
    ] or [name]
    labels = [name if number == 1 else f"{name}#{number}" for number in range(1, len(texts) + 1)]
    return [(label, hashlib.sha256(text.encode()).hexdigest()[:16]) for label, text in zip(labels, texts, strict=True)]


def make_rules(config: Config) -> list[Rule]:
    """Return the rules that may answer in place of a model.

    Raises:
        ConfigError: a rule says nothing, or too much; its pattern is none; its classifier cannot be found.
    """
    made: list[Rule] = []
    for rule in config.gateway.rules:
        ways = [way for way in (rule.answer, rule.parser, rule.classifier) if way is not None]
        if len(ways) != 1 or (rule.pattern is None) != (rule.classifier is not None):
            way = "write a pattern with either answer or parser, or a classifier alone"
            raise config.fault("gateway.rules", f"{rule.name}: {way}")
        try:
            made.append(Rule(rule.name, rule.role, rule.task, _answer_of(rule)))
        except (re.error, IndexError) as error:
            raise config.fault("gateway.rules", f"{rule.name}: the pattern or the answer is wrong: {error}") from error
        except (ImportError, AttributeError, ValueError) as error:
            fault = f"{rule.name}: there is no function {rule.classifier}; write MODULE:FUNCTION"
            raise config.fault("gateway.rules", fault) from error
    return made


def _answer_of(rule: RuleConfig) -> Callable[[Prompt], str | None]:
    if rule.classifier is None:
        pattern = rule.pattern or ""
        return containing(pattern) if rule.answer is None else matching(pattern, rule.answer)
    module, _, name = rule.classifier.partition(":")
    classify = getattr(importlib.import_module(module), name)

    def answer(prompt: Prompt) -> str | None:
        told: object = classify(prompt)
        return told if isinstance(told, str) else None

    return answer


def make_embedder(config: Config) -> Embedder | None:
    """Return what compares like questions beside their words, or None where nothing does.

    Raises:
        ConfigError: there is no such embedding.
        MissingExtraError: it is not installed.
    """
    if not config.cache.semantic or config.cache.embedding == "none":
        return None
    from agentkit.opening import make_embedding

    embedding = make_embedding(config, key="cache")
    return None if embedding is None else QueryEmbedder(embedding.name, embedding.embed_query)


def make_answer_store(config: Config, home: Path) -> AnswerStore | None:
    """Return where answers of models are kept, or None.

    Raises:
        ConfigError: Redis was chosen and `cache.url` does not lead to it.
        MissingExtraError: Redis needs a part that is not installed.
        EgressDeniedError: its host may not be contacted.
    """
    if config.cache.adapter == "none":
        return None
    max_age_s = config.cache.max_age_days * 86_400.0
    if config.cache.adapter == "sqlite":
        from agentkit.adapters.sqlite.cache import SqliteAnswerStore

        return SqliteAnswerStore(home / "cache.db", max_age_s=max_age_s)
    written = config.cache.url or ""
    url = os.environ.get(written.removeprefix("os.environ/"), "") if written.startswith("os.environ/") else written
    if not url.startswith(("redis://", "rediss://")):
        raise config.fault("cache.url", "write redis://HOST:PORT, or os.environ/NAME and that address in the variable")
    EgressPolicy.parse(config.privacy.egress).check(url)
    if config.cache.semantic:
        from agentkit.adapters.redis.search import SearchedAnswerStore

        return SearchedAnswerStore(url, max_age_s=max_age_s)
    from agentkit.adapters.redis import RedisAnswerStore

    return RedisAnswerStore(url, max_age_s=max_age_s)
