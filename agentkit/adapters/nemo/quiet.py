"""Keep the texts that NeMo checks out of the log: it logs prompts, events, and parameters of actions that fail."""

import logging

_LOGGERS = (
    "nemoguardrails.actions.action_dispatcher",
    "nemoguardrails.colang.runtime",
    "nemoguardrails.colang.v1_0.runtime.runtime",
    "nemoguardrails.colang.v2_x.runtime.runtime",
    "nemoguardrails.colang.v2_x.runtime.statemachine",
    "nemoguardrails.actions.llm.generation",
    "nemoguardrails.actions.llm.utils",
    "nemoguardrails.llm.call",
    "nemoguardrails.rails.llm.llmrails",
)


class _WithoutTexts(logging.Filter):
    """Replaces a record's words, which may hold the user's own, by a sentence of ours."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = f"{record.name}, line {record.lineno} (details withheld: they may hold a text)"
        record.args = None
        record.exc_info = None
        record.exc_text = None
        return True


def quiet_logs() -> None:
    """Attach the filter, once, to every NeMo logger that prints the texts it checks.

    What the others say below a warning is left out, unless the host has chosen a level for NeMo itself: dozens of
    modules, and some that are loaded later, print prompts and answers there.
    """
    everything = logging.getLogger("nemoguardrails")
    if everything.level == logging.NOTSET:
        everything.setLevel(logging.WARNING)
    for name in _LOGGERS:
        logger = logging.getLogger(name)
        if not any(isinstance(known, _WithoutTexts) for known in logger.filters):
            logger.addFilter(_WithoutTexts())
