"""GLiNER models as a recognizer of names."""

import os

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")  # before its library is loaded: it calls home from native code

from agentkit.adapters.gliner.recognizer import GlinerRecognizer

__all__ = ["GlinerRecognizer"]
