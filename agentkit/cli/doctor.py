"""The command doctor."""

COMMANDS: dict[str, object] = {}
