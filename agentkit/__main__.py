"""`python -m agentkit`: the command line."""

from agentkit.cli.main import entry

if __name__ == "__main__":
    entry()
