"""What a lawyer looks for, as data and pure functions; standard library only."""
