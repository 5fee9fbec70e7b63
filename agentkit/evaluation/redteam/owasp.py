"""The risks that attacks are counted under: OWASP's Top 10 for applications of large language models."""

from collections.abc import Mapping

EDITION = "2026"
"""Published on 4 August 2026; the edition of 2025 orders and numbers the same risks differently."""

CATEGORIES: Mapping[str, str] = {
    "LLM01": "Prompt Injection",
    "LLM02": "Sensitive Information Disclosure",
    "LLM03": "Excessive Agency",
    "LLM04": "Supply Chain",
    "LLM05": "Data and Model Poisoning",
    "LLM06": "Unbounded Consumption",
    "LLM07": "Misinformation",
    "LLM08": "Hidden Context Exposure",
    "LLM09": "Vector and Embedding Weaknesses",
    "LLM10": "Improper Output Handling",
}
