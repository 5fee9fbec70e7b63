"""One concern each around a port."""
