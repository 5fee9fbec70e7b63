"""Every exception agentkit raises. The class says what the caller can do next; `exit_code` is the command line's."""

from typing import Literal

from agentkit.calls import Usage

Billed = Literal["no", "yes", "unknown"]


class AgentKitError(Exception):
    """Root of all errors of agentkit: a fault of ours unless a subclass says otherwise."""

    exit_code = 1


class UsageError(AgentKitError):
    """The request cannot be carried out as it stands: correct it and try again."""

    exit_code = 2


class ConfigError(UsageError):
    """The configuration or a rails folder is wrong. `path` and `line` locate the fault where known."""

    def __init__(self, message: str, *, path: str | None = None, line: int | None = None) -> None:
        self.path = path
        self.line = line
        where = "" if path is None else f"{path}:{line}: " if line is not None else f"{path}: "
        super().__init__(where + message)


class UnknownModelError(ConfigError):
    """No such model is configured or built in."""


class MissingExtraError(UsageError):
    """An optional part is not installed."""

    def __init__(self, extra: str, *, needed_for: str | None = None) -> None:
        self.extra = extra
        purpose = f"{needed_for} needs" if needed_for else "This needs"
        super().__init__(f"{purpose} an optional part: pip install 'governed-agentkit[{extra}]'.")


class DocumentError(UsageError):
    """A document cannot be read. `name` is its base name."""

    def __init__(self, message: str, *, name: str) -> None:
        self.name = name
        super().__init__(message)


class PasswordError(DocumentError):
    """The document is encrypted and the password is missing or wrong."""


class OutputError(UsageError):
    """The report cannot be written where it was asked for."""


class RunNotFoundError(UsageError):
    """No such run, or it cannot be continued."""


class HeldError(UsageError):
    """The matter is under legal hold: nothing of it may be deleted."""


class RefusedError(AgentKitError):
    """A rail refused a text where no report could carry the refusal."""

    exit_code = 3


class AgentError(AgentKitError):
    """An agent that was added to a run failed, or gave something of another shape than it declares."""

    exit_code = 2

    def __init__(self, message: str, *, agent: str) -> None:
        self.agent = agent
        super().__init__(message)


class WaitingError(AgentKitError):
    """A run waits for a person: `agent` asks `question`; the answer continues the run, here or in another process.

    `redacted` is the question in placeholders.
    """

    exit_code = 7

    def __init__(self, *, run_id: str, agent: str, question: str, redacted: str = "", again: str = "") -> None:
        self.run_id = run_id
        self.agent = agent
        self.question = question
        self.redacted = redacted
        super().__init__(
            f"Run {run_id} waits: {agent} asks: {question} Continue with: agentkit resume {run_id}{again} --answer TEXT"
        )


class BudgetExceededError(AgentKitError):
    """The next step does not fit the budget. `limit` names which one; `needed` and `left` are in its unit."""

    exit_code = 5

    def __init__(self, message: str, *, limit: str, needed: float, left: float) -> None:
        self.limit = limit
        self.needed = needed
        self.left = left
        super().__init__(message)


class UnavailableError(AgentKitError):
    """A model, store or service cannot be used now."""

    exit_code = 6


class NoSearchError(UnavailableError):
    """A store finds entries by key, and cannot look for like ones."""


class EgressDeniedError(UnavailableError):
    """The host is not allowed by `privacy.egress`; nothing was sent."""

    def __init__(self, host: str) -> None:
        self.host = host
        super().__init__(
            f"Contacting {host} is not allowed: add it to privacy.egress in the configuration if it should be."
        )


class RetrievalError(UnavailableError):
    """The index could not be searched."""


class NoDeploymentError(UnavailableError):
    """No deployment may see this text or do this job; says which rule excludes which deployment."""


class BackendError(UnavailableError):
    """A model call failed. `model` names the deployment.

    Args:
        message: what happened and what to do.
        model: the deployment's name.
        passing: whether the same call may well succeed in a moment.
        billed: whether the provider has charged for it: "no", "yes", or "unknown" (it may have done the work).
        retry_after_s: the seconds that the provider asks to wait.
        usage: what it took, where the provider said so.
    """

    def __init__(
        self,
        message: str,
        *,
        model: str,
        passing: bool = False,
        billed: Billed = "no",
        retry_after_s: float | None = None,
        usage: Usage | None = None,
    ) -> None:
        self.model = model
        self.passing = passing
        self.billed = billed
        self.retry_after_s = retry_after_s
        self.usage = usage
        super().__init__(message)


class AuthenticationError(BackendError):
    """The provider refused the key; check the environment variable that holds it."""


class RateLimitError(BackendError):
    """The backend refused the call for now."""


class BackendTimeoutError(BackendError):
    """The model did not answer in time."""


class OverloadedError(BackendError):
    """Too many calls wait for this deployment already: this one was turned away before it was made."""


class CircuitOpenError(BackendError):
    """The deployment failed repeatedly and rests for a while: the call was not made."""


class ContextWindowError(BackendError):
    """The prompt does not fit the model: use a smaller passage size or a larger model."""


class ContentFilterError(BackendError):
    """The provider's own filter withheld the answer."""


class InvalidResponseError(BackendError):
    """The model answered with something that cannot be used."""


class StructuredOutputError(InvalidResponseError):
    """The answer does not fit the schema, also after repair and one more attempt."""
