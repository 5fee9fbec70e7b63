"""What kind of document a text is, as far as a summary cares."""

import re
from typing import Literal

from agentkit.legal.judgments import is_argued, signs_of_judgment, speaks_as_court

Kind = Literal["contract", "judgment", "other"]

_CONTRACT_WORDS = re.compile(
    r"\b(?:this (?:agreement|lease|contract|deed|licen[sc]e|guaranty|amendment)|the parties|hereto|hereunder|hereby|"
    r"(?:licensor|licensee|landlord|tenant|lessor|lessee|supplier|customer|buyer|seller|contractor|company|distributor|"
    r"employee|executive|borrower|lender|recipient|discloser|client|consultant) (?:shall|will|agrees|may))\b",
    re.IGNORECASE,
)
_MAKING = re.compile(
    r"\bthis (?:[\w’'/&-]+ ){0,8}(?:agreement|lease|contract|deed|amendment|licen[sc]e|guaranty)\b.{0,200}"
    r"\b(?:between|among|made|entered into|dated|effective)\b",
    re.IGNORECASE | re.DOTALL,
)
_TITLED = re.compile(r"^[^a-z]{0,80}\b(?:AGREEMENT|LEASE|CONTRACT|DEED|LICEN[CS]E|GUARANTEE|GUARANTY)\b")
_OPENING = 5000
_FEW, _MANY = 3, 5


def document_kind(text: str) -> Kind:
    """Tell a contract from a judgment from anything else, by their words.

    Args:
        text: the whole document, or as much of it as there is.
    """
    signs = signs_of_judgment(text)
    words = len(_CONTRACT_WORDS.findall(text[:60_000]))
    dense = words >= max(4, min(len(text), 60_000) // 2500)
    titled = _TITLED.match(text.lstrip()) is not None
    made = titled or _MAKING.search(text[:_OPENING]) is not None
    likely = signs >= _MANY or (signs >= _FEW and not made and not dense)
    if (likely and is_argued(text)) or (not titled and speaks_as_court(text)):
        return "judgment"
    return "contract" if dense or (made and words >= 2) else "other"
