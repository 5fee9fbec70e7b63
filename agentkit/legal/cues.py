"""The notation of cues: short patterns that say how lawyers phrase things.

A cue is a row of words. Between two words any punctuation may stand; `word*` continues at will; `_` is an
optional separator ("sub_license"); `..` skips up to 80 characters, `...` up to 180; `(a|b c)` is a choice and
`(a )?` optional; `$NAME` stands for a row of `MACROS`. `<`, at the start, binds a cue to the start of the
text. Cues match folded text (`fold`): lower case, straight quotes, single spaces. Every gap is bounded, so that
no text can make a search slow.
"""

import re
from dataclasses import dataclass
from functools import cache, cached_property

MACROS = {
    "$SHALL": "(shall|will|must|agrees? (to|that)|agrees? that it (shall|will)|undertakes? to|covenants? to"
    "|is (obligated|required|obliged) to|are (obligated|required|obliged) to|undertakes? that)",
    "$NOT": "(shall not|will not|may not|must not|cannot|can not|agrees? not to|shall neither|will neither"
    "|nor (shall|will|may)|shall (be )?prohibited from|is prohibited from|are prohibited from|shall refrain from"
    "|undertakes? not to|covenants? not to|not be permitted to|not be entitled to|not have the right to)",
    "$PARTY": "(party|parties|company|licensor|licensee|supplier|customer|distributor|tenant|landlord|lessor|lessee"
    "|contractor|client|buyer|seller|purchaser|vendor|manufacturer|consultant|employee|employer|borrower|lender"
    "|franchisee|franchisor|reseller|agent|provider)",
    "$PERIOD": "(days?|weeks?|months?|years?|business days|calendar days|working days)",
    "$IP": "(intellectual property|inventions?|patents?|copyrights?|trade_?marks?|know_how|trade secrets?|improvements?"
    "|developments?|work product|works?|deliverables?|discover(y|ies)|derivative works?|moral rights|marks?)",
}
_GAPS = {"...": r"\b.{0,180}?\b", "..": r"\b.{0,80}?\b"}
_TOKEN = re.compile(r"\.\.\.|\.\.|[a-z0-9'%$]+|\*|_\??|[()|?]|\s+|.")
_NOISE = re.compile(
    r"\b(includ(?:ing|es?)),?\s{1,9}(?:but\s{1,9})?(?:without\s{1,9}limitation|not\s{1,9}limited\s{1,9}to)\b"
)
_QUOTES = (("\u2018", "'"), ("\u2019", "'"), ("\u201c", '"'), ("\u201d", '"'), ("\u2013", "-"), ("\u2014", "-"))


def fold(text: str) -> str:
    r"""Return text made comparable: lower case, straight quotes and hyphens, single spaces.

    "Licence" becomes "license", and "including without limitation" "including".

    Example:
        >>> fold("“Term”  means\nTWO years")
        '"term" means two years'
    """
    # Several passes that look for one sign each are faster than one that looks at each sign.
    for curly, straight in () if text.isascii() else _QUOTES:
        text = text.replace(curly, straight)
    plain = text.lower().replace("licenc", "licens")
    return " ".join((_NOISE.sub(r"\1", plain) if "limit" in plain else plain).split())


@dataclass(frozen=True)
class Cue:
    """A pattern, compiled when a text may hold it.

    `needs` are words of which, in each row, one must occur: to look for these first is fast. The most telling row is
    the first.
    """

    expression: str
    needs: tuple[tuple[str, ...], ...]

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The expression, compiled."""
        return re.compile(self.expression)

    @property
    def is_bound(self) -> bool:
        """Whether it occurs at the start of a text alone."""
        return self.expression.startswith("^")

    def found(self, folded: str) -> bool:
        """Return True where the cue occurs in a folded text."""
        return self.fits(folded) and self.pattern.search(folded) is not None

    def words(self, folded: str) -> str:
        """Return the part of a folded text that the cue covers, or an empty string."""
        match = self.pattern.search(folded) if self.fits(folded) else None
        return match.group() if match else ""

    def fits(self, folded: str) -> bool:
        """Return False where a folded text lacks words that the cue cannot do without."""
        for row in self.needs:
            for word in row:
                if word in folded:
                    break
            else:
                return False
        return True


@cache
def compile_cue(notation: str) -> Cue:
    """Read one row of the notation; one that is not well formed raises `re.error` when it is first looked for."""
    for name, words in MACROS.items():
        notation = notation.replace(name, words)
    bound, notation = notation.startswith("<"), notation.removeprefix("<").strip()
    body = "".join(map(_translate, _TOKEN.findall(re.sub(r"\s*(\.\.\.|\.\.)\s*", r"\1", notation))))
    body += "" if body.endswith(r"\w*") else r"(?!\w)"
    return Cue(rf"^\W*{body}" if bound else _headed(body) or rf"\b{body}", _needs(notation))


def _headed(body: str) -> str:
    """Return an expression that begins with one of some letters, each where a word begins; "" where it may not.

    A search for letters skips what begins with none of them; one for the beginning of a word stops at each.
    """
    alternatives, depth, places = body.startswith("(?:"), 0, [3 if body.startswith("(?:") else 0]
    for place, sign in enumerate(body) if alternatives else ():
        depth += (sign == "(") - (sign == ")")
        if depth == 1 and sign == "|":
            places.append(place + 1)
        if depth == 0:
            if body[place + 1 : place + 2] == "?":
                return ""
            break
    for place in reversed(places):
        letter, after = body[place], body[place + 1 : place + 2]
        if not letter.isalnum() or after == "?":
            return ""
        body = rf"{body[: place + 1]}(?<!\w{letter}){body[place + 1 :]}"
    return body


def _translate(piece: str) -> str:
    if piece in _GAPS:
        return _GAPS[piece]
    if piece == "*":
        return r"\w*"
    if piece[0] == "_":
        return r"\W{0,3}"
    if piece == "(":
        return "(?:"
    if piece in ")|?":
        return piece
    return r"\W{1,4}" if piece.isspace() else re.escape(piece)


def _needs(notation: str) -> tuple[tuple[str, ...], ...]:
    """Return the words of the parts that a match cannot do without, the most telling first."""
    told = [part for part in map(_choices, _parts(notation)) if all(part)]
    return tuple(sorted(dict.fromkeys(told), key=lambda part: (-min(map(len, part)), len(part))))


def _parts(notation: str) -> list[str]:
    """Split at the top level into words and groups, leaving out what is optional."""
    parts: list[str] = []
    depth, current = 0, ""
    for sign in notation + " ":
        if depth == 0 and (sign.isspace() or sign in "_.*("):
            parts.append(current)
            current = ""
        if depth == 0 and sign == "?" and not current:
            parts.pop()
            continue
        current += sign
        depth += (sign == "(") - (sign == ")")
        if depth == 0 and sign == ")":
            parts.append(current)
            current = ""
    return [part.strip() for part in parts if part.strip(" _.*")]


def _choices(part: str) -> tuple[str, ...]:
    """Return one literal word of each alternative of a part ("" where an alternative has none)."""
    if not part.startswith("("):
        return (part.strip("_.*").split("?")[0][:-1] if "?" in part else part.strip("_.*"),)
    depth, current, choices = 0, "", list[str]()
    for sign in part[1:-1] + "|":
        depth += (sign == "(") - (sign == ")")
        if sign == "|" and depth == 0:
            choices.append(current)
            current = ""
        else:
            current += sign
    return tuple(max(_literals(choice), key=len, default="") for choice in choices)


def _literals(choice: str) -> list[str]:
    """Return the words of an alternative that stand outside its own groups and are not optional letters."""
    bare = re.sub(r"\([^()]*\)\??", " ", re.sub(r"\([^()]*\)\??", " ", choice))
    return [word for word in re.findall(r"[a-z0-9'%]+\??", bare) if not word.endswith("?")]
