"""One concern each around a port.

Around a model they are composed outermost first:
`Stamped(RedactionChecked(Traced(Ruled(Cached(Budgeted(Ladder(Routed(Resilient(Metered(deployment))))))))))`:
nothing unchecked is traced, a rule or a cache hit costs no budget, a fallback is metered where it happens.
"""

from agentkit.wrappers.accounts import Accounts, Payer
from agentkit.wrappers.amounts import Budget
from agentkit.wrappers.budgeted import BudgetedBackend
from agentkit.wrappers.cache_answers import AnswerCache, CachePolicy
from agentkit.wrappers.cached import CachedBackend
from agentkit.wrappers.circuit import Circuit
from agentkit.wrappers.gate import Gate
from agentkit.wrappers.ladder import LadderBackend
from agentkit.wrappers.metered import Meter, MeteredBackend
from agentkit.wrappers.redaction_checked import RedactionCheckedBackend
from agentkit.wrappers.resilient import ResilientBackend, RetryPolicy
from agentkit.wrappers.routed import Candidate, RoutedBackend
from agentkit.wrappers.ruled import Rule, RuledBackend
from agentkit.wrappers.stamped import Contents, StampedBackend
from agentkit.wrappers.traced import SilentTracer, TracedBackend

__all__ = [
    "Accounts",
    "AnswerCache",
    "Budget",
    "BudgetedBackend",
    "CachePolicy",
    "CachedBackend",
    "Candidate",
    "Circuit",
    "Contents",
    "Gate",
    "LadderBackend",
    "Meter",
    "MeteredBackend",
    "Payer",
    "RedactionCheckedBackend",
    "ResilientBackend",
    "RetryPolicy",
    "RoutedBackend",
    "Rule",
    "RuledBackend",
    "SilentTracer",
    "StampedBackend",
    "TracedBackend",
]
