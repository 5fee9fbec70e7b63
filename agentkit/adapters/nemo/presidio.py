"""NeMo's rails for sensitive data, with the spaCy model of your choice, and a word about what they found.

NeMo's own actions insist on `en_core_web_lg`, which no package index has, and ignore the threshold when they mask.
These read the same section, `rails.config.sensitive_data_detection`; the model is `presidio.spacy_model` under
`custom_data.agentkit`. A folder that imports them in its `actions.py` has them in plain NeMo Guardrails, too.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingImports=false, reportMissingTypeStubs=false, reportUnknownParameterType=false
# Presidio is an optional part, and NeMo's configuration is built at import and untyped.

import asyncio
import importlib.util
import threading
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from nemoguardrails.actions import action
from nemoguardrails.actions.rail_outcome import RailOutcome, TransformTarget
from nemoguardrails.rails.llm.config import RailsConfig

from agentkit.adapters.nemo.settings import setting

_TARGETS = {
    "input": TransformTarget.USER_MESSAGE,
    "output": TransformTarget.BOT_MESSAGE,
    "retrieval": TransformTarget.RELEVANT_CHUNKS,
}
_loading = threading.Lock()


def spacy_model(config: RailsConfig, /) -> str:
    """Return the name of the spaCy model that a folder's rails use."""
    return str(setting(config, "presidio", "spacy_model"))


def has_model(name: str, /) -> bool:
    """Return whether a spaCy model is installed as a package."""
    return name.isidentifier() and importlib.util.find_spec(name) is not None


def installed_models() -> list[str]:
    """Return the spaCy models that are installed."""
    import spacy.util  # noqa: PLC0415 - takes a second, and only these rails need it

    return list(spacy.util.get_installed_models())


def analyzer(config: RailsConfig, /) -> Any:
    """Return Presidio's analyzer with the folder's model; made once a process and model, which takes seconds.

    Raises:
        Exception: Presidio or the model cannot be loaded.
    """
    with _loading:
        return _analyzer(spacy_model(config))


@lru_cache(maxsize=4)
def _analyzer(model: str) -> Any:
    import tldextract.tldextract  # noqa: PLC0415 - an optional part
    from presidio_analyzer import AnalyzerEngine  # noqa: PLC0415 - an optional part
    from presidio_analyzer.nlp_engine import NlpEngineProvider  # noqa: PLC0415 - an optional part

    # Its e-mail and URL recognizers would fetch the list of public suffixes; the package brings a copy.
    tldextract.tldextract.TLD_EXTRACTOR = tldextract.tldextract.TLDExtract(suffix_list_urls=())
    models = [{"lang_code": "en", "model_name": model}]
    provider = NlpEngineProvider(nlp_configuration={"nlp_engine_name": "spacy", "models": models})
    return AnalyzerEngine(nlp_engine=provider.create_engine(), supported_languages=["en"])


def known_entities(config: RailsConfig, /) -> list[str]:
    """Return the types that the folder's analyzer and its own recognizers can find.

    Raises:
        Exception: Presidio, the model or a recognizer of the folder cannot be made.
    """
    own = [str(entity) for item in _own(config) for entity in item.supported_entities]
    return sorted({*analyzer(config).get_supported_entities(), *own})


def _own(config: RailsConfig) -> list[Any]:
    from presidio_analyzer import PatternRecognizer  # noqa: PLC0415 - an optional part

    return [
        PatternRecognizer.from_dict(dict(item)) for item in config.rails.config.sensitive_data_detection.recognizers
    ]


def _found(source: str, text: str, config: RailsConfig) -> Sequence[Any]:
    section: Any = config.rails.config.sensitive_data_detection
    options = getattr(section, source)
    return analyzer(config).analyze(
        text=text,
        language="en",
        entities=list(options.entities),
        score_threshold=options.score_threshold,
        ad_hoc_recognizers=_own(config),
    )


def _masked(text: str, found: Sequence[Any]) -> str:
    from presidio_anonymizer import AnonymizerEngine  # noqa: PLC0415 - an optional part

    return str(AnonymizerEngine().anonymize(text=text, analyzer_results=list(found)).text)


@action(name="detect_sensitive_data", is_system_action=True)
async def detect_sensitive_data(source: str, text: str, config: RailsConfig, **_: object) -> RailOutcome:
    """Block a text that holds one of the section's entities; the metadata name the types."""
    types = sorted({str(item.entity_type) for item in await asyncio.to_thread(_found, source, text, config)})
    if not types:
        return RailOutcome.allow(metadata={"detections": []})
    return RailOutcome.block(reason=f"personal data ({', '.join(types)})", metadata={"detections": types})


@action(name="mask_sensitive_data", is_system_action=True)
async def mask_sensitive_data(source: str, text: str, config: RailsConfig, **_: object) -> RailOutcome:
    """Replace each of the section's entities by its type, as in `<PERSON>`."""
    found = await asyncio.to_thread(_found, source, text, config)
    if not found:
        return RailOutcome.allow(metadata={"detections": []})
    types = sorted({str(item.entity_type) for item in found})
    changed = [(_TARGETS[source], await asyncio.to_thread(_masked, text, found))]
    return RailOutcome.transform(changed, reason=f"masked {', '.join(types)}", metadata={"detections": types})
