"""Which elements of a web page a reader does not see."""

import re
from collections.abc import Mapping

_LONGEST = 4000
_LONGEST_SHEET = 200_000
_RULE = re.compile(r"([^{}]{1,300})\{([^{}]{0,2000})\}")
_SIMPLE = re.compile(r"(?:[a-z0-9]{1,20})?([.#][\w-]{1,80})$", re.IGNORECASE)
_REASONS = [
    (
        re.compile(r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)", re.IGNORECASE),
        "text that is not displayed",
    ),
    (
        re.compile(
            r"(?<![\w-])font-size\s*:\s*(?:0*1(?:\.0+)?(?:px|pt)|0*(?:\.\d+)?(?:px|pt|em|rem|%)?)\s*(?:[;!]|$)", re.I
        ),
        "tiny text",
    ),
    (re.compile(r"(?<![\w-])opacity\s*:\s*0*(?:\.0+)?\s*(?:[;!]|$)", re.IGNORECASE), "transparent text"),
    (
        re.compile(r"(?<![\w-])(?:left|top|text-indent|margin-left)\s*:\s*-\d{3,}", re.IGNORECASE),
        "text outside the page",
    ),
]
_WHITE = re.compile(
    r"(?<![\w-])color\s*:\s*(?:white|#f[ef]f[ef]f[ef]|#fff|rgba?\(\s*25[3-5]\s*,\s*25[3-5]\s*,\s*25[3-5]|transparent)",
    re.IGNORECASE,
)
_BACKGROUND = re.compile(r"background(?:-color)?\s*:\s*(?!\s*(?:white|#fff|transparent|none|inherit))", re.IGNORECASE)


def hides(declarations: str) -> str:
    """Return why a style's declarations hide text, or an empty string."""
    declarations = declarations[:_LONGEST]
    for pattern, reason in _REASONS:
        if pattern.search(declarations):
            return reason
    return "white text" if _WHITE.search(declarations) and not _BACKGROUND.search(declarations) else ""


def hiding_rules(sheet: str) -> dict[str, str]:
    """Return the classes (".x") and ids ("#y") that a style sheet hides, with the reason.

    Only rules for one class or id are understood, which is how text is hidden in practice.
    """
    found: dict[str, str] = {}
    for rule in _RULE.finditer(sheet[:_LONGEST_SHEET]):
        reason = hides(rule.group(2))
        if reason:
            for selector in rule.group(1).split(","):
                simple = _SIMPLE.match(selector.strip())
                if simple:
                    found[simple.group(1)] = reason
    return found


def hidden_by(attributes: Mapping[str, str], rules: Mapping[str, str]) -> str:
    """Return why an element with these attributes is not seen, or an empty string."""
    if "hidden" in attributes:
        return "text that is not displayed"
    reason = hides(attributes.get("style", "")) if "style" in attributes else ""
    if reason or not rules:
        return reason
    names = [f".{name}" for name in attributes.get("class", "").split()] + [f"#{attributes.get('id', '')}"]
    return next((rules[name] for name in names if name in rules), "")
