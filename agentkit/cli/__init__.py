"""The command line. What a command needs is imported when it runs."""

from agentkit.cli.main import main

__all__ = ["main"]
