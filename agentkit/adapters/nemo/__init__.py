"""NeMo Guardrails: configuration folders as rails, and the actions that `guardrails/` uses.

Importing this package closes two of NeMo's traps before NeMo itself is imported: its telemetry, and that of the
ONNX runtime it depends on.
"""

import os

os.environ.setdefault("NEMO_GUARDRAILS_NO_USAGE_STATS", "1")
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
