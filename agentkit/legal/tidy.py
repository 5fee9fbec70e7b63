"""Make a sentence of a legal document readable by itself, without changing what it says."""

import re
from collections.abc import Iterator

from agentkit.text.support_cut import breaks_off

# Clause numbers, bullets and run-in headings that open a sentence: "12.3 Assignment. ", "(b) ", "Section 4. ".
_NUMBER = (
    r"(?:(?:ARTICLE|SECTION|CLAUSE|Article|Section|Clause|Sec\.)\s+[\dIVXLC]{1,6}(?:\.\d{1,3}){0,4}(?:[.:)]\s+|\s+(?=[A-Z“\"]))|§\s?\d[\d.]*\s+|"
    r"\d{1,3}(?:\.\s?\d{1,3}){1,5}[.)]?\s+(?=[A-Z“\"(<])|\d{1,3}[.)]\s+(?=[A-Z“\"(<])|"
    r"\(?(?:[a-z]|[ivx]{1,5}|[A-Z]|\d{1,2})\)\s+|[A-HJ-Z]\.\s+(?=[A-Z“\"])|[-•*▪–—·]\s+)"
)
_LEADING_NUMBER = re.compile(rf"^(?:{_NUMBER})+")
_PARAGRAPH = re.compile(r"^(?:\[?\d{1,3}\]?\.?\s+(?=[A-Z“\"(<])|\(?[ivx\d]{1,4}\)\s+)")
# The judge who speaks, before the first sentence: "DENNING, L.J. ", "<PERSON_1>, Circuit Judge: ".
_JUDGE = re.compile(
    r"^(?:(?:[A-Z][A-Z’'-]+|<PERSON_\d+>),?\s){1,3}(?:[CLPV]\.?\s?J|A\.?C\.?J|JJ?|S\.?C\.?J|"
    r"(?:Chief |Presiding |Associate |Circuit |District |Senior )*(?:Justice|Judge))"
    r"\b\.?(?:\s?\([^)]{1,30}\))?[:.,—–-]?\s+(?=[“\"(]?[A-Z<])"
)
_ABBREVIATED = re.compile(r"\b(?:Mr|Mrs|Ms|Dr|St|Inc|Co|Ltd|Corp|LLC|No|Nos|Art|Sec|vs?|Messrs|Prof|[A-Z])\.\s*$")
_MIN_REST = 20
_SMALL = r"of|and|the|on|to|for|or|in|by|with|from|upon|a|an|&|/"
_RUN_IN = re.compile(
    rf"[A-Z][\w’'/&,-]{{0,30}}(?:\s(?:[A-Z][\w’'/&,-]{{0,30}}|{_SMALL})){{0,9}}"
    r"(?:\.|:|\s?[-–—]{1,2})\s*(?=[“\"A-Z(\[<])"
)
_LABEL = re.compile(
    r"(?:(?:ARTICLE|SECTION|CLAUSE|REGULATION|Article|Section|Clause|Regulation|Sec\.|Rule|§)\s?[\dIVXLC][\d.-]{0,12}[.:)]?\s+"
    r"|\d{1,3}(?:\.\s?\d{1,3}){1,5}[.)]?\s+|\d{1,3}[.)]\s+|\[\d{1,3}\]\s+|\(?(?:[a-z]|[ivx]{1,5}|[A-Z]|\d{1,2})\)\s+"
    r"|[A-H]\.\s+|[-•*▪–—·]\s+)(?!Million|Billion)(?=[A-Z“\"(<\d£$€])"
)
_WORDS = r"[A-Z][\w’'/&,-]{0,30}(?:[ ](?:[A-Za-z][\w’'/&,-]{0,30})){0,3}"
_SAYS = (
    r"(?:Yes|No|Not|None|Never|Nobody|Nothing|He|She|It|They|We|I|You|This|That|There|Dear)\b"
    r"|(?:[\w’'-]+ ){0,3}\w+ed\b"
)
_HEADING = re.compile(rf"(?!{_SAYS}){_WORDS}\.\s+(?=[“\"A-Z(<])")
_HEADING_LINE = re.compile(rf"(?!{_SAYS}){_WORDS}(?:\.\s+|[ ]*\n\s*)(?=[“\"A-Z(<])")
_OPENER = (
    r"(?:This|These|Neither|Either|The|If|Each|No|Any|All|Upon|Subject|Except|Notwithstanding|During|Unless|In the|"
    r"In no|Nothing|For|Both|At|Where|Should)\b"
)
_BARE_HEADING = re.compile(
    rf"(?!{_OPENER})[A-Z][\w’'/&,-]+(?:\s+(?:[A-Z][\w’'/&,-]+|{_SMALL})){{0,6}}\s+[-–—]?\s*"
    rf"(?={_OPENER}\s+[\w’']+\s)"
)
_CAPS_HEADING = re.compile(
    r"(?:[A-Z][A-Z&,’'/-]+\s+){2,9}(?:\d{1,3}(?:\.\d{1,3})*\.?\s+)?(?=(?:[A-Z][a-z]|[“\"]|A\s[a-z]))"
)
_CONNECTIVE = re.compile(
    r"(?:(?:and|but|or|so),?\s+)?(?:therefore|thus|hence|accordingly|consequently|moreover|furthermore|further|additionally|"
    r"also|in addition|in addition to the foregoing|however|nevertheless|nonetheless|likewise|similarly|"
    r"for the avoidance of doubt|in this regard|in this connection|for example|for instance|as a result|"
    r"in other words|on the other hand|at the same time|in the circumstances|then|again|finally|lastly|firstly|"
    r"secondly|thirdly),\s+|(?:whereas|and|but),?\s+(?=(?:the|it|this|that|in|such|he|she|they|we|a|an|no|any|each|all)\b)",
    re.IGNORECASE,
)
_SPACE = re.compile(r"\s+")
_RULE = re.compile(r"(?:-{4,}|_{4,}|\*{4,}|={4,})\s*")
_HANGING = re.compile(
    r"(?:[,;:]?\s+(?:a|an|the|of|to|and|or|by|with|for|from|in|on|at|as|if|that|which|any|such|including|following|"
    r"under|upon|arising|result|connection|when|where|its|their|be|is|are|shall|may|will|not|except|unless|provided|"
    r"however|only|than|but|so|because|until|whether|whose|who|agrees?|hereby|into))+$",
    re.IGNORECASE,
)
# Words whose loss would change what is left; a cut never drops one.
_QUALIFIER = re.compile(
    r"\b(?:unless|except|provided(?:,)? (?:that|however|further)|provided, however|save (?:as|that|for)|other than|"
    r"subject to|but|however|only (?:if|to|when)|until|so long as|notwithstanding|excluding|to the extent|on condition|"
    r"conditional|in the event|if|not|no|nor|never|without)\b",
    re.IGNORECASE,
)
_STRONG = re.compile(
    r"\b(?:unless|except|provided(?:,)? (?:that|however|further)|provided, however|save (?:as|that|for)|"
    r"subject to|however|only if|so long as|notwithstanding|on condition|but (?:not|only|shall|in no))\b",
    re.IGNORECASE,
)
_BOUNDARY = re.compile(
    r"[;,:]\s+(?:(?:and|or)\s+)?|\s+(?=\()|"
    r"\s+(?=(?:which|who|in connection with|pursuant to|in accordance with|for the purposes? of|upon the terms|"
    r"as set forth|as provided|as described|arising|by reason|relating to|and|or|by giving|including|incurred)\b)"
)
_OFFICE = re.compile(
    r",?\s*(?:and\s+)?(?:(?:having|with|maintaining|whose)\s+)(?:its\s+|an?\s+|the\s+|their\s+)?(?:principal\s+|registered\s+|"
    r"executive\s+|head\s+|main\s+|primary\s+|corporate\s+|usual\s+|mailing\s+)*(?:place\s+of\s+business|places\s+of\s+business|offices?|"
    r"address|headquarters|residence|business\s+address)\b[^()“”\"]{3,260}?(?=,?\s*(?:\(|[“\"]|and\s+[A-Z]|;))"
)
_LOCATED = re.compile(r",?\s*(?:located|of|residing)\s+at\s+[^()“”\"]{3,200}?(?=,?\s*(?:\(|[“\"]))")
_DESCRIBED = re.compile(
    r",\s+an?\s+(?:[\w’'-]+\s+){0,12}?(?:company|corporation|partnership|entity|association|trust|bank)\b"
    r"[^()“”\"]{0,260}?(?=,?\s*[(“\"])"
)
_CITE_NOISE = re.compile(r"\s+([,.;:)])")
_ENDS = (*".!?…。！？｡؟۔।", ".”", '."', ".'", ".)", "。」", "。』")
# What joins an item to the next: "…; and".
_JOINING = re.compile(r"[,;]\s*(?:and|or)[\s,;]*$", re.IGNORECASE)
MIN_WORDS = 5


def plain(text: str) -> str:
    """Return a text with every run of white space as one space."""
    return _SPACE.sub(" ", text).strip()


def strip_opening(text: str) -> str:
    """Drop what stands before a sentence: clause numbers, run-in headings, bullets.

    Returns:
        A suffix of `text`; the whole where nothing can be dropped safely.
    """
    rest = _LEADING_NUMBER.sub("", text, count=1)
    for pattern in (_RUN_IN, _CAPS_HEADING, _BARE_HEADING):
        match = pattern.match(rest)
        if match and len(rest) - match.end() > _MIN_REST and not _ABBREVIATED.search(match.group()):
            rest = _LEADING_NUMBER.sub("", rest[match.end() :], count=1)
    return rest


def strip_label(text: str) -> str:
    """Drop the clause number, letter or heading stuck to the front of a quoted sentence; everything else stays.

    What a colon follows stays, too, since "Landlord: Ann Doe" says who she is.

    Returns:
        A suffix of `text`; the whole where nothing can be dropped safely.
    """
    rest = text
    while match := _LABEL.match(rest):
        rest = rest[match.end() :]
    heading = (_HEADING_LINE if rest != text else _HEADING).match(rest)
    if heading and len(rest) - heading.end() > _MIN_REST and _is_title(heading.group()):
        return strip_label(rest[heading.end() :])
    return rest if len(rest) > _MIN_REST // 2 else text


def _is_title(heading: str) -> bool:
    return _ABBREVIATED.search(heading) is None and (len(heading.split()) == 1 or not has_verb(heading))


def readable(text: str, *, headings: bool = True) -> str:
    """Return a sentence fit to stand alone: no number, no dangling connective, capital first, a full stop.

    Nothing else is changed; the words that remain are the source's, in their order.

    Args:
        text: a sentence.
        headings: whether headings may be run into it, as in contracts.
    """
    result = _RULE.sub("", plain(text))
    result = strip_opening(result) if headings else _JUDGE.sub("", _PARAGRAPH.sub("", result, count=1), count=1)
    while match := _CONNECTIVE.match(result):
        result = result[match.end() :]
    result = _CITE_NOISE.sub(r"\1", result).strip(" ,;:-–—")
    return _close(_capital(result))


def shorten(text: str, max_words: int) -> str:
    """Shorten a readable sentence where that loses no condition, exception or denial.

    Returns:
        The longest of `forms` that has at most `max_words` words, else the sentence without addresses.
    """
    if len(text.split()) <= max_words:
        return text
    return next(forms(text, max_words), without_addresses(text))


def forms(text: str, max_words: int) -> Iterator[str]:
    """Yield shorter forms of a readable sentence, longest first, each of at most `max_words` words.

    Addresses of parties go first; then everything after a clause boundary, marked "…", if no word in
    it qualifies what is kept.
    """
    slim = without_addresses(text)
    if slim != text and len(slim.split()) <= max_words:
        yield slim
    heads: list[str] = []
    for match in _BOUNDARY.finditer(slim):
        head = slim[: match.start()]
        size = len(head.split())
        if size > max_words:
            break
        if size >= min(10, max_words // 2) and _safe(head, slim[match.end() :], slim[match.start() :]):
            heads.append(head.rstrip(" ,;:") + "…")
    yield from reversed(heads)


def without_addresses(text: str) -> str:
    """Leave out where the parties to a contract have their offices."""
    return _LOCATED.sub("", _OFFICE.sub("", text))


def without_descriptions(text: str) -> str:
    """Leave out what kind of company each party is, and where."""
    return _DESCRIBED.sub("", text)


def cut(text: str, max_words: int) -> str:
    """Cut a sentence to a hard number of words, at a comma where one is near, marked "…"."""
    words = text.split()
    if len(words) <= max_words:
        return text
    kept = words[: max(1, max_words)]
    for back in range(len(kept) - 1, len(kept) * 4 // 5, -1):
        if kept[back].endswith((",", ";", ":")):
            kept = kept[: back + 1]
            break
    return " ".join(kept).rstrip(" ,;:") + "…"


_LIST_MARK = re.compile(r"[:;,]\s*\(?(?:[A-Z]|[ivx]{1,4}|\d{1,2}|[a-z])[.)]\.?$")
_MODAL = (
    r"(?:shall|will|may|must|can|agrees?|is|are|was|were|has|have|grants?|hereby|means|"
    r"warrants?|represents?|terminates?)"
)
_UNFINISHED = re.compile(rf"\b(?:{_MODAL}|to|not)\s*,[^,]*$|\b{_MODAL}(?:\s+\S+)?$", re.IGNORECASE)
_SUBORDINATE = re.compile(
    r"(?:if|to the extent|in the event|upon|unless|when|where|whenever|subject to|except|notwithstanding|as|for|during|"
    r"from|at|in|on|after|before|within|following|without|with|pursuant|because|should|while|until|provided)\b",
    re.IGNORECASE,
)
_MAIN = re.compile(rf",\s+(?:[^,]{{1,80}}\s)?{_MODAL}\b", re.IGNORECASE)


_LIST_BEGUN = re.compile(r"\b(?:including|such as|for example)\b[^;]{0,80}$", re.IGNORECASE)


def _complete(head: str) -> bool:
    """Tell whether the words before a cut hold a main clause that says something."""
    if _UNFINISHED.search(head):
        return False
    return bool(_MAIN.search(head)) if _SUBORDINATE.match(head) else has_verb(head)


def _safe(head: str, tail: str, left_out: str) -> bool:
    """Tell whether a sentence may end after `head`; `left_out` is `tail` with the mark or word that joins it."""
    if breaks_off(head, left_out):
        return False
    if _STRONG.search(tail) or head.count("(") != head.count(")") or head.count("“") != head.count("”"):
        return False
    if head.count('"') % 2:
        return False
    opening = " ".join(tail.split()[:4])
    if _HANGING.search(head) or _LIST_BEGUN.search(head):
        return False
    return not _QUALIFIER.match(opening) and _complete(head)


def hangs(text: str) -> bool:
    """Tell whether a text ends where a list or the rest of a clause should follow."""
    return text.endswith((":", ",")) or bool(_HANGING.search(text))


def has_verb(text: str) -> bool:
    """Tell whether a text holds a verb that can carry a sentence."""
    return bool(_VERB.search(text))


_VERB = re.compile(
    r"\b(?:shall|will|may|must|is|are|was|were|has|have|had|agrees?|grants?|means|can|cannot|hereby|represents?|limits?|"
    r"applies|apply|governs?|survives?|includes?|excludes?|pays?|owns?|retains?|begins?|ends?|continues?|remains?|"
    r"requires?|provides?|prevails?|bears?|becomes?|commences?|leases|sells|appoints?|engages?|assigns?|releases?|"
    r"warrants?|appoints?|made|entered|acknowledges?|undertakes?|terminates?|expires?|do|does|did|held|hold|takes|runs|lasts|"
    r"rolls|falls|stays|starts|gives|makes|belongs?|vests|commits|binds|carries|constitutes?|excluded|limited)\b",
    re.IGNORECASE,
)


def _capital(text: str) -> str:
    if not text[:1].islower():
        return text
    return text[0].upper() + text[1:]


def closed(text: str) -> str:
    """End a sentence in a full stop unless it ends in a mark of its own."""
    text = _JOINING.sub("", text).rstrip(" ,;")
    return text if text.endswith(_ENDS) else text + "."


def _close(text: str) -> str:
    """End a sentence; one that breaks off in the middle ends in "…"."""
    text = _LIST_MARK.sub("…", _JOINING.sub("", text))
    if hanging := _HANGING.search(text):
        return text[: hanging.start()].rstrip(" ,;:") + "…"
    return text if not text or text.endswith(_ENDS) else text + "."
