"""Commands about a corpus: index and search."""

COMMANDS: dict[str, object] = {}
