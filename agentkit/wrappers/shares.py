"""Parts of a run's budget: an agent spends what it is given, and never more than the run has."""

from collections.abc import Mapping, Sequence

from agentkit.errors import BudgetExceededError
from agentkit.ports import Ledger
from agentkit.wrappers.accounts import Accounts
from agentkit.wrappers.amounts import NOTHING, Budget, Reservation


class Share(Budget):
    """A part of a run's budget: what is taken from it is taken from the whole, and never more than the part.

    Args:
        whole: the run's budget.
        who: whose share it is.
        usd: dollars.
        tokens: tokens of prompts and answers together.
        calls: attempts at model calls.
    """

    def __init__(self, whole: Budget, *, who: str, usd: float | None, tokens: int | None, calls: int | None) -> None:
        super().__init__(usd=usd, tokens=tokens, calls=calls)
        self._whole, self._who = whole, who

    def seconds_left(self) -> float | None:
        """Return the remaining seconds of the whole."""
        return self._whole.seconds_left()

    def reserve(self, amount: Reservation) -> None:
        """Take an amount off the share and the whole.

        Raises:
            BudgetExceededError: it does not fit one of them; nothing was taken.
        """
        try:
            super().reserve(amount)
        except BudgetExceededError as error:
            if error.limit == "seconds":
                raise self.out_of_time() from None
            unit = {"usd": "US dollars", "tokens": "tokens", "calls": "model calls"}[error.limit]
            told = f"{error.needed:.6g} {unit} more, and {error.left:.6g} of its share of the run's budget are left"
            raise BudgetExceededError(
                f"The agent {self._who} would take {told}.", limit=error.limit, needed=error.needed, left=error.left
            ) from None
        try:
            self._whole.reserve(amount)
        except BudgetExceededError:
            super().settle(amount, NOTHING)
            raise

    def settle(self, held: Reservation, taken: Reservation) -> None:
        """Replace what was reserved by what was taken, in both."""
        super().settle(held, taken)
        self._whole.settle(held, taken)

    def out_of_time(self) -> BudgetExceededError:
        """Return the error for a run whose seconds are over."""
        return self._whole.out_of_time()


class Shares:
    """The accounts of a run's agents; what they take, the run's accounts pay.

    Args:
        budget: the run's, as it was when the run began.
        whole: the run's accounts.
        ledger: where calls are booked.
    """

    def __init__(self, budget: Budget, whole: Accounts, *, ledger: Ledger | None) -> None:
        self._most = {limit: budget.most(limit) for limit in ("usd", "tokens", "calls")}
        self._whole, self._ledger = whole, ledger
        self._opened: dict[str, Accounts] = {}
        self._before: dict[str, Reservation] = {}

    def recall(self, event: Mapping[str, object]) -> None:
        """Count a call that an agent made before the run was continued."""
        version = str(event.get("prompt_version", ""))
        if event.get("event") != "call" or not version.startswith("agent:") or event.get("cache_hit"):
            return
        agent = version.removeprefix("agent:").partition(" ")[0]
        sent, received = (int(str(event.get(key, 0))) for key in ("input_tokens", "output_tokens"))
        took = Reservation(sent, received, float(str(event.get("cost_usd", 0.0))))
        self._before[agent] = self._before.get(agent, NOTHING).plus(took)

    def of(self, agent: str, share: float) -> Accounts:
        """Return the accounts that hold an agent to its share; all of it is the run's own."""
        if share == 1:
            return self._whole
        if agent not in self._opened:
            before, most = self._before.get(agent, NOTHING), self._most
            usd, tokens, calls = most["usd"], most["tokens"], most["calls"]
            budget = Share(
                self._whole.budget,
                who=agent,
                usd=None if usd is None else usd * share - before.usd,
                tokens=None if tokens is None else int(tokens * share) - before.tokens,
                calls=None if calls is None else int(calls * share) - before.calls,
            )
            self._opened[agent] = Accounts(budget, ledger=self._ledger, payer=self._whole.payer)
        return self._opened[agent]

    def opened(self) -> Sequence[Accounts]:
        """Return the accounts of agents that have a share."""
        return list(self._opened.values())
