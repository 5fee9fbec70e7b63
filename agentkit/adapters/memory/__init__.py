"""Adapters that need no outside system."""
