"""spaCy as a recognizer of names."""

from agentkit.adapters.spacy.recognizer import SpacyRecognizer

__all__ = ["SpacyRecognizer"]
