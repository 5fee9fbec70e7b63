"""SQLite: where the graph's state is saved by default."""
