# ruff: noqa: E501 - tables of look-alike characters
"""Tables of disguised characters. Data: lines may be long."""

LOOK_ALIKE = {
    # Cyrillic
    "а": "a", "в": "b", "с": "c", "ԁ": "d", "е": "e", "һ": "h", "і": "i", "ј": "j", "к": "k", "ӏ": "l", "м": "m", "н": "h", "о": "o", "р": "p", "ԛ": "q", "ѕ": "s", "т": "t", "у": "y", "ѵ": "v", "ԝ": "w", "х": "x",
    # Greek
    "α": "a", "β": "b", "ε": "e", "η": "n", "ι": "i", "κ": "k", "μ": "m", "ν": "v", "ο": "o", "ρ": "p", "τ": "t", "υ": "u", "χ": "x", "γ": "y", "ω": "w", "ϲ": "c", "ϳ": "j",
    # Armenian, Cherokee and others that pass for Latin
    "ո": "n", "օ": "o", "ս": "u", "ց": "g", "հ": "h", "զ": "q", "ա": "w", "ꮪ": "s", "ꭰ": "d", "ᴀ": "a", "ʙ": "b", "ᴄ": "c", "ᴅ": "d", "ᴇ": "e", "ꜰ": "f", "ɢ": "g", "ʜ": "h", "ɪ": "i", "ᴊ": "j", "ᴋ": "k", "ʟ": "l", "ᴍ": "m", "ɴ": "n", "ᴏ": "o", "ᴘ": "p", "ʀ": "r", "ꜱ": "s", "ᴛ": "t", "ᴜ": "u", "ᴠ": "v", "ᴡ": "w", "ʏ": "y", "ᴢ": "z", "ɑ": "a", "ɡ": "g", "ı": "i", "ɩ": "i", "ǀ": "l", "ⅼ": "l", "∣": "l",
}  # fmt: skip
"""What a lower-case letter of another alphabet passes for; always one letter for one."""

_BOXED = {
    # Squared, negative circled and regional letters that NFKC leaves alone
    **{chr(0x1F150 + i): chr(97 + i) for i in range(26)}, **{chr(0x1F170 + i): chr(97 + i) for i in range(26)}, **{chr(0x1F1E6 + i): chr(97 + i) for i in range(26)},
}  # fmt: skip
_PUNCTUATION = {
    "‘": "'", "’": "'", "‚": "'", "‛": "'", "′": "'", "`": "'", "´": "'", "“": '"', "”": '"', "„": '"', "‟": '"', "«": '"', "»": '"', "″": '"',
    "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "―": "-", "−": "-", "⁃": "-", "…": "...", "。": ".", "،": ",", "，": ",", "：": ":", "；": ";", "！": "!", "？": "?", "⁄": "/", "∕": "/", "\xa0": " ", "\u3000": " ",
}  # fmt: skip
_PHONETIC = {
    letter: latin
    for letter, latin in LOOK_ALIKE.items()
    if 0x0250 <= ord(letter) <= 0x02AF or 0x1D00 <= ord(letter) <= 0x1DBF or letter in "ꜰꜱ"
}
"""Small capitals and the like are Latin letters in whatever word they stand."""
FOLD: dict[str, str] = {**_BOXED, **_PUNCTUATION, **_PHONETIC}
"""Signs that NFKC leaves as they are, and what they are read as."""

INVISIBLE = "\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\u206a\u206b\u206c\u206d\u206e\u206f\u3164\ufe00\ufe01\ufe02\ufe03\ufe04\ufe05\ufe06\ufe07\ufe08\ufe09\ufe0a\ufe0b\ufe0c\ufe0d\ufe0e\ufe0f\ufeff\uffa0\ufff9\ufffa\ufffb"
"""Characters without a glyph: fillers, joiners, directional controls, variation selectors."""

_BIDI_OVERRIDES = frozenset("\u202b\u202d\u202e\u2067")

LEET = {"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b", "@": "a", "$": "s", "!": "i", "|": "l", "+": "t"}  # fmt: skip
"""Digits and signs that stand for letters in leetspeak."""


TURNED = dict(zip("ɐqɔpǝɟƃɥıɾʞןlɯuodbɹsʇnʌʍxʎz", "abcdefghijkllmnopqrstuvwxyz", strict=True))
"""Letters that stand on their heads, and what they are read as when the page is turned."""
TURNED_ONLY = frozenset("ɐɔǝɟƃɥıɾʞןɯɹʇʌʍʎ")

SCRAMBLED = (
    "ignore disregard forget previous instructions instruction prior earlier system prompt reveal bypass override "
    "everything password restrictions guidelines developer pretend unrestricted"
).split()
"""Words that are read although the letters between their first and their last are shuffled."""
ORDERS = frozenset((*SCRAMBLED, "all", "rules", "prompts", "commands", "orders"))
"""Words that are read although they only end in digits."""


def bidi_control(char: str) -> bool:
    """Whether a character makes what follows run from right to left, or by force in one direction."""
    return char in _BIDI_OVERRIDES


def tag_letter(char: str) -> str | None:
    """Return the ASCII letter that a Unicode tag character smuggles, or None for any other character."""
    code = ord(char)
    if 0xE0020 <= code <= 0xE007E:
        return chr(code - 0xE0000).lower()
    return "" if 0xE0000 <= code <= 0xE007F else None
