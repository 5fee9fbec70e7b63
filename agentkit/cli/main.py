"""The application, and the one place where errors become a sentence and an exit code."""

import gc
import os
import sys
import traceback

import typer
from typer.exceptions import Abort, Exit, TyperException

from agentkit import __version__
from agentkit.cli import (
    corpus,
    cost,
    doctor,
    documents,
    evaluation,
    following,
    impact,
    matters,
    rails,
    redteam,
    runs,
    serving,
    texts,
)
from agentkit.errors import AgentKitError

INTERRUPTED = 130
app = typer.Typer(
    name="agentkit",
    help="Cited, reviewed, redacted and railed answers about documents, on your own machine.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback(invoke_without_command=True)
def root(
    version: bool = typer.Option(False, "--version", help="Print the version."),
) -> None:
    """Cited, reviewed, redacted and railed answers about documents, on your own machine."""
    if version:
        typer.echo(__version__)
        raise typer.Exit


for _module in (
    documents,
    runs,
    texts,
    rails,
    corpus,
    following,
    impact,
    cost,
    matters,
    evaluation,
    redteam,
    serving,
    doctor,
):
    for _name, _command in _module.COMMANDS.items():
        app.command(_name)(_command)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return the exit code (DESIGN: 0, 1, 2, 3, 4, 5, 6 or 130)."""
    try:
        result = app(args=arguments, standalone_mode=False)
        sys.stdout.flush()
    except BaseException as error:  # noqa: BLE001  (the last resort: a sentence, not a traceback)
        return _explain(error, bare=arguments is None and len(sys.argv) < 2)
    if result == INTERRUPTED:  # Typer turns the interrupt into a code of its own
        return _say("Interrupted.", code=INTERRUPTED)
    return result if isinstance(result, int) else 0


def _explain(error: BaseException, *, bare: bool) -> int:
    """Turn whatever ended a command into a sentence on standard error and an exit code."""
    match error:
        case Exit():
            return error.exit_code
        case TyperException() if bare:  # no arguments at all: Typer's message is the help
            sys.stderr.write(f"{error}\n")
            return 2
        case TyperException():
            return _say(_usage(error), code=2)
        case KeyboardInterrupt() | Abort():
            return _say("Interrupted.", code=INTERRUPTED)
        case AgentKitError():
            return _say(" ".join(str(error).split()), code=error.exit_code)
        case SystemExit():  # how Typer leaves when the reader of a pipe has gone
            return error.code if isinstance(error.code, int) else 1
        case BrokenPipeError():
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            return 0
        case _:
            return _fault(error)


def _fault(error: BaseException) -> int:
    if os.environ.get("AGENTKIT_TRACEBACK"):
        traceback.print_exception(error)
    hint = "Set AGENTKIT_TRACEBACK=1 to see where (it may show text of your documents)."
    return _say(f"This is a fault of agentkit: {type(error).__name__}. {hint}", code=1)


def _usage(error: TyperException) -> str:
    """Return the parser's sentence and where to look; Typer keeps the context of a usage error as `ctx`."""
    context: object = getattr(error, "ctx", None)
    command = getattr(context, "command_path", "agentkit")
    message = error.format_message() if hasattr(error, "format_message") else str(error)
    return f"{message.rstrip('.')}. Try {command} --help."


def _say(sentence: str, *, code: int) -> int:
    sys.stderr.write(f"agentkit: {sentence}\n")
    return code


def entry() -> None:
    """Console script: leave at once with the exit code, without waiting for worker threads."""
    # One command allocates much and frees little: collecting as often as a server would costs a tenth of it.
    gc.set_threshold(50_000, 20, 20)
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
