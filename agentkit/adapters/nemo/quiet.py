"""Keep the texts that NeMo checks out of the log: it logs prompts, events, answers, and parameters that fail."""

import logging
from collections.abc import Callable
from typing import Any

_ROOT = "nemoguardrails"


class _WithoutTexts:
    """Makes the records of the process; those of NeMo's loggers without their words, which may hold a text."""

    def __init__(self, inner: Callable[..., logging.LogRecord]) -> None:
        self._inner = inner

    def __call__(self, name: str, *args: Any, **kwargs: Any) -> logging.LogRecord:
        record = self._inner(name, *args, **kwargs)
        if name == _ROOT or name.startswith(f"{_ROOT}."):
            record.msg = f"{name}, line {record.lineno} (details withheld: they may hold a text)"
            record.args = record.exc_info = record.exc_text = record.stack_info = None
        return record


def quiet_logs() -> None:
    """Let nothing of NeMo's reach a log but that something was said, and where.

    It is done where records are made: NeMo has dozens of loggers, some of modules that are loaded later, and a host may
    have handlers on any of them. What they say below a warning is left out, unless the host has chosen a level for
    NeMo itself.
    """
    everything = logging.getLogger(_ROOT)
    if everything.level == logging.NOTSET:
        everything.setLevel(logging.WARNING)
    making = logging.getLogRecordFactory()
    if not isinstance(making, _WithoutTexts):
        logging.setLogRecordFactory(_WithoutTexts(making))
