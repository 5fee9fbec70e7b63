"""Where a text says what a term means, and where it uses one."""

import re

_TERM = r"([^\"“”'‘’\n()]{2,80})"
_MEANS = re.compile(
    rf"[\"“'‘]{_TERM}[\"”'’](?:\s*\([^)]{{1,60}}\))?\s+"
    r"(?:means?\b|shall mean|refers? to\b|includes?\b|is defined|(?:has|have|shall have) the meaning)"
)
_CALLED = re.compile(
    r"\((?:(?:each|all|both|collectively|together|individually|hereinafter|hereafter|referred|called|to|as|and|in|any"
    rf"|such|jointly|a|an|the|or|by|its)\b,?\s*){{0,8}}[\"“]{_TERM}[\"”]"
)
_HINTS = ('"', "“", "‘", "'")


def definitions_in(text: str) -> list[str]:
    """Return the terms a text defines, as it writes them: '"Term" means …', 'Birch LLP (the "Tenant")'."""
    if not any(hint in text for hint in _HINTS):
        return []
    found = [match[1].strip() for pattern in (_MEANS, _CALLED) for match in pattern.finditer(text)]
    return [term for term in dict.fromkeys(found) if term[:1].isupper() or term[:1].isdigit()]


def uses(text: str, term: str) -> bool:
    """Tell whether a text uses a defined term: as it is written, in capitals, or in the plural."""
    start = text.find(term)
    if start < 0 and term.upper() not in text:
        return False
    written = re.escape(term)
    return re.search(rf"(?<!\w)(?:{written}|{re.escape(term.upper())})(?:s|es)?(?!\w)", text) is not None
