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
        re.compile(
            r"(?<![\w-])clip\s*:\s*rect\(\s*(?:0|1px)\D{1,4}(?:0|1px)|clip-path\s*:\s*(?:inset\(\s*(?:[5-9]\d|100)%|circle\(\s*0)"
            r"|scale\w?\(\s*0(?:\.0+)?[\s,)]|filter\s*:\s*opacity\(\s*0(?:\.0+)?%?\s*\)|content-visibility\s*:\s*hidden",
            re.IGNORECASE,
        ),
        "text that is clipped away",
    ),
    (
        re.compile(r"(?<![\w-])(?:left|top|text-indent|margin-left)\s*:\s*-\d{3,}", re.IGNORECASE),
        "text outside the page",
    ),
]
_WHITE = re.compile(
    r"(?<![\w-])color\s*:\s*(?:white|#f[ef]f[ef]f[ef]|#fff|rgba?\(\s*25[3-5]\s*,\s*25[3-5]\s*,\s*25[3-5]|transparent)",
    re.IGNORECASE,
)
_COLOR = re.compile(r"(?<![\w-])color\s*:\s*(#[0-9a-f]{3,6}|rgba?\([^)]{5,40}\)|[a-z]{3,20})", re.IGNORECASE)
_GROUND = re.compile(
    r"(?<![\w-])background(?:-color)?\s*:\s*(#[0-9a-f]{3,6}|rgba?\([^)]{5,40}\)|[a-z]{3,20})", re.IGNORECASE
)
_CROPPED = re.compile(r"overflow\s*:\s*(?:hidden|clip)", re.IGNORECASE)
_NO_ROOM = re.compile(r"(?<![\w-])(?:max-)?(?:height|width)\s*:\s*[01](?:px|pt|em|rem|%)?\s*(?:[;!]|$)", re.IGNORECASE)
_NAMED = {
    "white": "ffffff",
    "black": "000000",
    "red": "ff0000",
    "blue": "0000ff",
    "green": "008000",
    "yellow": "ffff00",
    "gray": "808080",
    "grey": "808080",
    "silver": "c0c0c0",
    "navy": "000080",
}
_BACKGROUND = re.compile(r"background(?:-color)?\s*:\s*(?!\s*(?:white|#fff|transparent|none|inherit))", re.IGNORECASE)


def hides(declarations: str) -> str:
    """Return why a style's declarations hide text, or an empty string."""
    declarations = declarations[:_LONGEST]
    for pattern, reason in _REASONS:
        if pattern.search(declarations):
            return reason
    if _CROPPED.search(declarations) and _NO_ROOM.search(declarations):
        return "text that is clipped away"
    color, ground = _COLOR.search(declarations), _GROUND.search(declarations)
    if color and ground and _rgb(color.group(1)) is not None and _rgb(color.group(1)) == _rgb(ground.group(1)):
        return "text in the colour of its ground"
    return "white text" if _WHITE.search(declarations) and not _BACKGROUND.search(declarations) else ""


def _rgb(color: str) -> tuple[int, ...] | None:
    """Return a colour as 0 to 255 each, or None for one that is not given by numbers or a usual name."""
    color = color.strip().lower()
    digits = _NAMED.get(color, color).removeprefix("#")
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    if re.fullmatch(r"[0-9a-f]{6}", digits):
        return tuple(int(digits[at : at + 2], 16) for at in (0, 2, 4))
    numbers = re.findall(r"\d{1,3}", color) if color.startswith("rgb") else []
    return tuple(map(int, numbers[:3])) if len(numbers) >= 3 else None


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
    reason = reason or (hides(f"color:{attributes['color']}") if "color" in attributes else "")
    if reason or not rules:
        return reason
    names = [f".{name}" for name in attributes.get("class", "").split()] + [f"#{attributes.get('id', '')}"]
    return next((rules[name] for name in names if name in rules), "")
