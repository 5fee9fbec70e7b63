"""Pure functions over text and spans; standard library only."""
