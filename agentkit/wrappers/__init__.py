"""One concern each around a port.

Around a model they are composed outermost first:
`RedactionCheckedBackend(TracedBackend(CachedBackend(BudgetedBackend(MeteredBackend(deployment)))))`:
nothing unchecked is traced, a cache hit costs no budget, a call is metered where it happens.
"""

from agentkit.wrappers.budgeted import Budget, BudgetedBackend
from agentkit.wrappers.cached import AnswerCache, CachedBackend
from agentkit.wrappers.metered import Meter, MeteredBackend
from agentkit.wrappers.redaction_checked import RedactionCheckedBackend
from agentkit.wrappers.traced import SilentTracer, TracedBackend

__all__ = [
    "AnswerCache",
    "Budget",
    "BudgetedBackend",
    "CachedBackend",
    "Meter",
    "MeteredBackend",
    "RedactionCheckedBackend",
    "SilentTracer",
    "TracedBackend",
]
