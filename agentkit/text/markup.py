"""Markup in an answer that a browser, a Markdown viewer or a terminal would act on: scripts, remote images, links."""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass

from agentkit.text.anchored import places
from agentkit.text.folded import fold
from agentkit.text.normalize import normalize


@dataclass(frozen=True, slots=True)
class Markup:
    """One thing that is more than words: its kind ("element", "image", "address", "link", "control") and what it is."""

    kind: str
    name: str


_ACTIVE = frozenset(
    "a applet audio base body canvas embed foreignobject form frame frameset html iframe image img link math meta "
    "marquee noscript object plaintext portal script style svg template video xml xmp".split()
)
"""Elements that load, run or cover something by themselves; any other does so by its attributes."""
_TAG = re.compile(r"<[\s/]{0,8}([a-z][^\s/<>:\x00]*)([^<>]*)", re.IGNORECASE)
_QUOTING = re.compile(r"<[\s/]{0,8}([a-z][^\s/<>:\x00]*)((?:[^<>\"']+|\"[^\"]*\"|'[^']*'|[\"'])*)", re.IGNORECASE)
"""The same for a browser, to which a bracket within quotes ends nothing."""
_ATTRIBUTE = re.compile(
    r"(?<![a-z0-9_-])(?:on[a-z]{3,30}|src|srcset|srcdoc|href|xlink:href|action|formaction|poster|background|data|style)"
    r"\s{0,8}=",
    re.IGNORECASE,
)
_OPENERS = re.compile(r"<!--|<!\[cdata\[|<!doctype|<\?(?:xml|php)", re.IGNORECASE)
_SCHEMES = ("script", "data", "file", "blob")
_LONGEST_END = 10
"""Characters of the longest of these, with what may stand between it and its colon."""
_ADDRESS = re.compile(r"(?<![a-z])(javascript|vbscript|livescript|data|file|blob)\s{0,4}:\s{0,4}(?=[^\s])")
_DATA = re.compile(r"[a-z]{2,20}/[a-z0-9.+-]{2,60}\s{0,4}[;,]|[;,]|base64")
_CODE = re.compile(r"[a-z_$%/(\[\"'`!~]")
_PATH = re.compile(r"//")
_IMAGE = re.compile(r"!\[[^\]]{0,500}\]\s?[(\[]")
_SHORTCUT = re.compile(r"!\[([^\[\]]{1,200})\]")
_DEFINED = re.compile(r"\[([^\[\]]{1,200})\]:")
_LINK = re.compile(r"\[[^\[\]]{1,500}\]\(\s{0,4}<?\s{0,4}([^\s)>]{1,2000})")
_REFERENCE = re.compile(r"(?m)^[ \t>*+\-\d.)]{0,20}\[[^\[\]^]{1,200}\]:\s{0,4}<?([^\s>]{1,2000})")
_REMOTE = re.compile(r"[:/]|\.[a-z]", re.IGNORECASE)
_AUTOLINK = re.compile(r"<([a-z][a-z0-9+.-]{1,31}:[^\s<>]{1,2000})>", re.IGNORECASE)
_HOST = re.compile(r"^(?:[a-z][a-z0-9+.-]{1,31}:)?//(?:[^/@\s]{0,200}@)?([^/?#:\s]{1,255})", re.IGNORECASE)
_BARE = re.compile(r"\b(?:https?|ftp)://[^\s<>\"')\]]{1,2000}|(?<![\w.@/-])www\.[^\s<>\"')\]]{1,2000}", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f\u202d\u202e\u2066-\u2068\U000e0000-\U000e007f]")
_SIGNS = re.compile(r"[<&:!\[]|www\.|[^\x20-\x7e\s]", re.IGNORECASE)
_WORDS = bytes(code for code in range(128) if not _SIGNS.match(chr(code)))
_TYPED = bytes(code for code in range(128) if not _CONTROL.match(chr(code)))
_UNSEEN = bytes(range(32))


def find_markup(text: str, /, *, links: bool, hosts: Sequence[str] = (), cited: str | None = None) -> list[Markup]:
    """Return what in a text is more than words, the gravest kinds first.

    Character references are read as a browser reads them, look-alike and invisible characters as a reader does.

    Args:
        text: any text; the search is linear in its length. Placeholders ("<PERSON_1>") are words.
        links: whether links to other hosts may stand in it. Images and addresses that run code never may.
        hosts: whose links may stand in it whatever `links` says, subdomains included.
        cited: the source's words; an address that stands there as well is a quotation. None if they are not known:
            then addresses in plain text ("www.example.org") pass, because nobody can tell where they come from.
    """
    if not _may_hold_any(text):
        return []
    plain = html.unescape(html.unescape(text)) if "&" in text else text
    seen = plain if plain.isascii() else fold(plain).text
    found = [*_elements(seen), *_addresses(seen), *_images(seen)]
    if not links:
        found += [Markup("link", target) for target in _targets(seen, cited) if not _allowed(target, hosts)]
    control = _control(plain)
    return [*found, Markup("control", f"U+{ord(control):04X}")] if control else found


def _may_hold_any(text: str) -> bool:
    """Whether a text has a sign that markup begins with; of ASCII text this is told without a search."""
    if not text.isascii():
        return _SIGNS.search(text) is not None
    return bool(text.encode("ascii").translate(None, _WORDS)) or "www." in text.lower()


def _control(text: str) -> str:
    """Return the first character that steers a terminal or turns what is read around, or nothing."""
    if text.isascii():
        return text.encode("ascii").translate(None, _TYPED)[:1].decode("ascii")
    control = _CONTROL.search(text)
    return control[0] if control else ""


def _elements(text: str) -> list[Markup]:
    if "<" not in text:
        return []
    found = [Markup("element", match[0].lower()) for match in _OPENERS.finditer(text)]
    for match in _TAG.finditer(text):
        name = match[1].lower()
        if name in _ACTIVE or _ATTRIBUTE.search(match[2]):
            found.append(Markup("element", f"<{name}>"))
    if not found and ('"' in text or "'" in text):
        quoting = (match for match in _QUOTING.finditer(text) if _ATTRIBUTE.search(match[2]))
        found += [Markup("element", f"<{match[1].lower()}>") for match in quoting]
    return found


def _dense(text: str) -> str:
    """Return a text without what a browser passes over in an address."""
    if text.isascii():
        return text.encode("ascii").translate(None, _UNSEEN).decode("ascii")
    return re.sub(r"[\x00-\x1f]", "", text)


def _may_have_scheme(dense: str) -> bool:
    """Whether the end of a scheme stands in front of a colon."""
    return any(dense[max(0, at - _LONGEST_END) : at].rstrip().endswith(_SCHEMES) for at in places(dense, [":"]))


def _images(text: str) -> list[Markup]:
    """Images of Markdown: with their address, or with a name that is given one elsewhere in the text."""
    if "![" not in text:
        return []
    found = [Markup("image", "Markdown") for _ in _IMAGE.finditer(text)]
    if "]:" in text:
        named = {" ".join(match[1].lower().split()) for match in _DEFINED.finditer(text)}
        labels = (" ".join(match[1].lower().split()) for match in _SHORTCUT.finditer(text))
        found += [Markup("image", "Markdown") for label in labels if label in named]
    return found


def _addresses(text: str) -> list[Markup]:
    """Addresses that run or carry content themselves; "data:" and "file:" in prose are words."""
    if ":" not in text:
        return []
    dense = _dense(text.lower())
    found: list[Markup] = []
    for match in _ADDRESS.finditer(dense) if _may_have_scheme(dense) else ():
        rest = {"data": _DATA, "file": _PATH, "blob": _CODE}.get(match[1], _CODE)
        spaced = match[0][-1] == " " and match[1] in {"data", "blob"}
        if rest.match(dense, match.end()) and not spaced:
            found.append(Markup("address", f"{match[1]}:"))
    return found


def _targets(text: str, cited: str | None) -> list[str]:
    shapes = [pattern for sign, pattern in (("](", _LINK), ("]:", _REFERENCE)) if sign in text]
    found = [m[1] for pattern in shapes for m in pattern.finditer(text) if _REMOTE.search(m[1])]
    found += [match[1] for match in _AUTOLINK.finditer(text)] if "<" in text else []
    if cited is None:
        return found
    if not found and "://" not in text and "www." not in text.lower():
        return []
    known = fold(cited).text
    found += [match[0] for match in _BARE.finditer(text)]
    return [target for target in found if normalize(target).text.rstrip(".,;:") not in known]


def _allowed(target: str, hosts: Sequence[str]) -> bool:
    address = target if "//" in target else f"//{target}"
    match = _HOST.match(address)
    name = match[1].lower().rstrip(".") if match else ""
    return any(name == host.lower() or name.endswith(f".{host.lower()}") for host in hosts)
