"""What a line of a letter or judgment says by its place: who wrote, to whom, which court, which judge."""

import re
from collections.abc import Sequence

from agentkit.legal.answering_words import stem

_TYPES: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(r"\bdear \w|\byours (?:sincerely|faithfully|truly)\b|\b(?:sincerely|truly) yours\b"),
        "letter correspondence",
    ),
    (re.compile(r"\bfrom: .{2,80} (?:to|sent|date|subject): "), "email message mail"),
    (re.compile(r"\bmemo(?:randum)?\b"), "memo memorandum note"),
    (re.compile(r"\binvoice\b|\btotal due\b"), "invoice bill"),
    (
        re.compile(r"\b(?:plaintiff|claimant|appellant|petitioner|respondent|defendant)\b|\bcourt of\b| v\.? "),
        "case judgment opinion decision ruling court lawsuit",
    ),
    (re.compile(r"\border(?:ed)?\b"), "order"),
    (
        re.compile(
            r"\b(?:short title|this (?:act|ordinance|chapter|code|statute|law|bye-?law|regulation)|be it enacted)\b"
        ),
        "statute act law ordinance code regulation",
    ),
    (re.compile(r"\blease\b|\btenancy\b|\blandlord\b"), "lease tenancy contract agreement"),
    (re.compile(r"\bagreement\b|\bcontract\b|\bby and between\b"), "agreement contract"),
    (re.compile(r"\bnon-?disclosure\b|\bconfidentiality agreement\b"), "nda agreement contract"),
    (re.compile(r"\bemploy(?:ment|ee|er)\b"), "employment contract agreement"),
    (re.compile(r"\bpromissory note\b|\bprincipal sum\b"), "note loan contract"),
    (re.compile(r"\bloan\b|\bborrower\b"), "loan contract agreement"),
    (re.compile(r"\blast will\b|\btestament\b"), "testament"),
    (re.compile(r"\bpolicy\b|\binsured\b|\bpolicyholder\b"), "policy insurance contract"),
    (re.compile(r"\bminutes of\b|\bmeeting of\b"), "minutes meeting"),
    (re.compile(r"\bsettle(?:ment)?\b"), "settlement agreement contract"),
    (re.compile(r"\bpower of attorney\b"), "power attorney"),
    (re.compile(r"\bplease(?:d|)\b.{0,40}\boffer\b|\boffer of\b"), "offer letter"),
    (re.compile(r"\bnotice of\b"), "notice"),
)
_CLOSING = re.compile(
    r"\b(?:yours (?:sincerely|faithfully|truly|very truly)|very truly yours|sincerely|best regards|kind regards|regards"
    r"|respectfully(?: submitted)?|so ordered|signed)\b"
)
_SALUTATION = re.compile(r"^(?:dear|to:|attention|attn\.?:?|addressed to)\b|^(?:mr|mrs|ms|dr|prof|messrs)\b.{0,90}$")
_DATE_LINE = re.compile(
    r"^(?:[a-z]+, )?(?:\d{1,2}(?:st|nd|rd|th)? )?(?:january|february|march|april|may|june|july|august|september|october"
    r"|november|december)[a-z]* (?:\d{1,2}, ?)?\d{4}$"
)
_COURT = re.compile(r"\b(?:court|tribunal|high court|chancery)\b")
_JUDGE = re.compile(
    r"\bbefore:?\s.{0,80}\b(?:justice|judge|j\.|jj\.|magistrate)\b"
    r"|^(?:the )?hon(?:\.|ou?rable)\s|, j\.\s?s\.\s?c\b"
    r"|^(?:sheriff|recorder|master|registrar) \w|^[^.]{2,40}, .{0,40}\b(?:judge|justice|j\.)(?::|,|$)"
    r"|\b(?:district|circuit|chief|presiding|associate|employment|magistrate|high court) (?:judge|justice)\b"
)
_AFTER_CLOSING = 4
_FIRST_LINES, _LETTERHEAD = 8, 12
_TITLE = 110
_WROTE = frozenset(map(stem, "sender author sign".split()))
_RECEIVED = frozenset(map(stem, "addressee recipient".split()))
_DATED = frozenset(map(stem, "date dated sign write".split()))
_DECIDED = frozenset(map(stem, "decide hear issue give".split()))
_JUDGED = frozenset(map(stem, "judge decide hear".split()))


def document_words(opening: str) -> set[str]:
    """Return the stems of what a document may be called ("letter", "contract"), from its folded first lines."""
    return {stem(word) for pattern, names in _TYPES if pattern.search(opening) for word in names.split()}


def role_stems(lines: Sequence[str]) -> list[set[str]]:
    """Return, for each folded sentence of one document, the stems it deserves by its place.

    The lines after "Yours sincerely" sign; "Dear …" addresses; the court named at the top decided, and so
    did the judge it sat before.
    """
    found: list[set[str]] = []
    signing = 0
    for place, line in enumerate(lines):
        deserved: set[str] = set()
        if signing or _CLOSING.search(line[:_TITLE]):
            deserved |= _WROTE if len(line) < _TITLE else set()
            signing = _AFTER_CLOSING if _CLOSING.search(line[:_TITLE]) else signing - 1
        if _SALUTATION.match(line) and place < _LETTERHEAD:
            deserved |= _RECEIVED
        if _DATE_LINE.search(line[-_TITLE:]) and place < _LETTERHEAD and len(line) < _TITLE:
            deserved |= _DATED
        if place < _FIRST_LINES and len(line) < _TITLE and _COURT.search(line):
            deserved |= _DECIDED
        if _JUDGE.search(line[: 2 * _TITLE]) and (place < _FIRST_LINES or signing or len(line) < _TITLE):
            deserved |= _JUDGED
        found.append(deserved)
    return found
