# ruff: noqa: E501
# A pattern is a table: it reads best on one line.
"""Names at the places where a court's decision puts them: parties in the caption, the bench, officers, and initials.

Captions and benches are often all in capitals, where a word's shape tells nothing: there the place on the page does.
"""

import itertools
import re
from collections.abc import Iterator

from agentkit.privacy.letters import UPPER
from agentkit.privacy.lists import load_lists
from agentkit.privacy.tokens import HONORIFICS, ROLES, base_kind
from agentkit.types import Entity

_CUE = re.compile(
    r"\b(?:court|judge?ment|judges?|justice|tribunal|appell(?:ant|ee)s?|applicants?|respondents?|petition(?:er)?s?|plaintiffs?|defendants?|claimants?|accused|"
    r"complain(?:an)?ts?|prosecution|prosecutors?|counsel|convict(?:ed|ion)|appeal(?:ed)?|acquitted|deceased|versus|hearing|detention|custody|trial|magistrate|coram|hon'ble|v\.)(?=\W|$)",
    re.IGNORECASE,
)
_STRONG = re.compile(
    r"\b(?:[PDC]\.? ?W\.?[ -]?\d|[Ll]earned (?:[A-Z]|counsel|[a-z]+ [Jj]udge)|[Ll]d\.|F\.? ?I\.? ?R\b|I\.? ?P\.? ?C\b|Cr\.? ?P\.? ?C\b|deposed|cross-examin|inquest|[Pp]ost-?[ -]?mortem|"
    r"[Aa]ppell(?:ant|ee)s?|[Pp]etitioners?|[Rr]espondents?|[Pp]rosecution|[Aa]ccused|[Dd]eceased|[Cc]onvicted|[Aa]cquitted|[Cc]oram|CORAM|Hon['’]ble|HON['’]BLE|Sessions|SESSIONS|High Court|Supreme Court|[Mm]agistrate|"
    r"[Cc]omplainant|[Pp]laintiffs?|[Ss]/[Oo]|[Ww]/[Oo]|[Dd]/[Oo]|[Rr]/[Oo]|Justice|JUSTICE|P\.S\.|Ext?\.? ?[A-Z]-?\d|[Ww]rit|[Vv]s\.)(?=\W|$|\d)"
)
_CONTRACT = re.compile(
    r"\b(?:[Ss]hall|SHALL|[Aa]greement|AGREEMENT|[Hh]ereby|[Hh]erein(?:after)?|[Hh]ereto|[Hh]ereunder|Part(?:y|ies)|[Ww]arrants|[Cc]ovenants?|[Ii]ndemnif\w+|"
    r"Lenders?|Borrowers?|Licensors?|Licensees?|Lessors?|Lessees?|Tenant|Landlord|Purchaser|Buyer|Seller|Supplier|Customer|Company|Contractor|Franchisee?|Loan|Notes?|Services)\b"
)
_SHORT = 1_000  # characters
_PER_CUE = 700  # characters; in the decisions at hand a word of the court stands every 100 to 500, in contracts every 1,100 or more
_FEWEST = 2
_ROLE = (
    r"(?:plaintiff|defendant|petitioner|respondent|appellant|appellee|applicant|claimant|complainant|accused|opponent|non-applicant|prosecutor|"
    r"third party|intervener|intervenor|cross-appellant|counter-?claimant)"
)
_AFTER_NAME = re.compile(
    rf"(?:[ \t.…_,*–—-]{{2,}}|,[ \t]?|[ \t]|\n[ \t]*[.…_–—-]*[ \t]*)(?:(?i:the|1st|2nd|first|second)[ \t])?(?i:{_ROLE})(?:s|\(s\))?(?:[-/ ](?i:{_ROLE})s?)?(?:\(s\))?[ \t]*(?:(?i:no\.?)?[ \t]*\d{{1,2}})?[.,;:]?[ \t]*(?=\n|$)"
)
_AGAINST = re.compile(
    r"\n[ \t]*(?:[-–—][ \t]?)?(?i:v|vs|versus|and|against)[.:]?(?:[ \t]?[-–—])?[ \t]*(?:(?i:case|crim\w*|civil)[^\n]{0,40})?(?=\n)"
)
_INLINE = re.compile(r"(?<=[\w.,)])[ \t](?:v|vs|V|Vs|VS|versus|Versus|VERSUS)\.?(?=[ \t])")
_JUDGE_AFTER = re.compile(
    rf"(?<![\w.])((?:(?:(?:[{UPPER}]\.){{2,3}}|[{UPPER}][\w'’-]*\.?)[ ]){{0,3}}[{UPPER}][\w'’-]+),[ ](?:(?:Chief|Circuit|District|Senior|Presiding|Associate|Magistrate|Acting|Administrative|United States|U\.S\.)[ ]){{0,3}}(?:Judges?|Justices?|JJ?\.|C\.J\.|P\.J\.|JCA|JSC|JJCA|JJSC|CJN|JA|JJA|CJ)(?!\w)"
)
_BENCH = re.compile(
    r"\bcomposed of:?|\b(?:B ?e ?f ?o ?r ?e|BEFORE|CORAM|Coram|PRESENT|Present|Judges?|JUDGES?|Bench|BENCH|PANEL|QUORUM)(?:[ \t]?:|[ \t]?(?=\n))|\b(?:Before|Before Judges|Before Justices)(?=[ ](?:[A-Z][\w'’.-]*,?[ ](?:and[ ])?){1,12}?(?:[A-Z][\w.]+[ ]){0,2}(?:Judges?|Justices?|JJ?\.|on brief))|\bJudges(?=[ ](?:[A-Z][\w'’.-]+,[ ]){1,3}(?:[A-Z][\w'’.-]+[ ])?and )"
)
_PIECE = re.compile(r"[^,;:\n()\[\]]+")
_BREAKS = re.compile(r"[ \t]+(?:and|AND|&|with|WITH)[ \t]+|^(?:and|AND)[ \t]+")
_SHOUTED_JUDGE = re.compile(
    r"\b(?:JUSTICE|JUDGE|SHERIFF|RECORDER|MASTER|LORD|LADY|BARONESS)[ \t]+((?:[^\W\d_a-z](?:[^\W\d_a-z]|[.'’-]){0,30}[ ]?){1,5})(?![a-z])"
)
_RANK = re.compile(
    r"(?<![\w.])(?:HHJ|DJ|DC|PC|DS|DI|DCI|DCS|WPC|PCSO|Cst|Cpl|Sgt|Det|Insp|Supt|Const|P\.?S\.?I|A\.?S\.?I|S\.?I|H\.?C|Ct|Mdm|Mst|Engr|Rana|Malik|Mian|Sardar|Syed|Chaudhry|Fr|Warden|Agent|Officer|Constable|Deputy|Sister|Detective|Trooper|Patrolman|Corporal|Magistrate|Inspector|Sub-Inspector|Havildar|Subedar|Captain|Headmaster|Ch|Sh|Smti|Selvi|Thiru|Tmt|"
    rf"Investigator|Prosecutor|Private|Father|Doctor)\.?[ ]((?:Mo?h?d\.[ ])?(?:[{UPPER}]\.[ ]?){{0,3}}[{UPPER}][\w'’-]+(?:[ ](?:[{UPPER}]\.[ ]){{0,2}}[{UPPER}][\w'’-]+){{0,3}})"
)
_SHOUTED_TITLE = re.compile(
    r"(?<![\w.])(?:MR|MS|MRS|DR|SMT|SHRI|SRI|MISS|ADV)(?:\.[ \t]?|[ \t](?=[^\W\d_a-z]+\.?[ ][^\W\d_a-z]))((?:[^\W\d_a-z](?:[^\W\d_a-z]|[.'’-]){0,30}[ ]?){1,5})(?![a-z])"
)
_TITLED = re.compile(
    rf"\b(?:(?:Judge|Master|Recorder|Sheriff|Justice|Nurse|Miss)|(?:Mr|Mrs|Ms|Dr)\.?)[ ]([{UPPER}][a-zß-ÿ]{{2,20}})(?=\n|[ \t,.;:)'’](?![ ]?[{UPPER}])|$)"
)
_NO_NAME = frozenset(
    "advocate general justice speaker chairman president attorney chief court deputy chancellor registrar reporter mayor secretary judge magistrate bench of the".split()
)
_SURNAME_FIRST = re.compile(
    rf"(?<=\n)[ \t]*([{UPPER}]{{3,}}(?:[ -][{UPPER}]{{3,}})?, (?:[{UPPER}]\.[ ]?){{0,3}}(?:(?!JCA|JSC|JJCA|JJSC|JJA|JJ)[{UPPER}]{{3,}}(?: [{UPPER}]\.?)?|(?<=\.)))[ \t]*(?:\((?:CJ|J)\))?[ \t]*(?=\n|&|$)"
)
_WITH_PARTICLE = re.compile(
    rf"(?<![\w.])((?:[{UPPER}]\.[ -]?){{1,3}}[ ]?(?:(?:von|van|de|del|di|da|dos|du|der|den|ten|ter|le|la|el|al|bin|zu|af)[ ]){{1,2}}[{UPPER}][\w'’-]+(?:[ ][{UPPER}][\w'’-]+)?)"
)
_SURNAME_J = re.compile(
    rf"(?<!\w)([{UPPER}][\w'’-]{{2,25}})[ ](?:(?:LJ|CJ|CJI|ACJ|JA|AJA|ADP|JJA|JJ|VC|AJ)(?=[.,;:\s)]|$)|J(?=[.,;:\s)]|$)(?!\.?[ ][^\W\d_a-z]))"
)
_ON_BEHALF = re.compile(
    r"\b(?:application of|litigation friend,?|next friend,?|guardian,?)[ ](?=[^\W\d_a-z])([^\n,;:()]{3,60})"
)
_AT_TITLE = ((_ON_BEHALF, 0.8), (_SHOUTED_JUDGE, 0.9), (_JUDGE_AFTER, 0.85), (_RANK, 0.75), (_SURNAME_J, 0.8),
    (_SHOUTED_TITLE, 0.85), (_WITH_PARTICLE, 0.8),
)  # fmt: skip
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_FRONT = frozenset(
    "the his her hon honble honourable honorable honour honor hon'ble hon’ble hhj chief senior presiding district circuit magistrate deputy employment tribunal and "
    "coram before present lord lady baroness justice judge in re case of between versus late smt kum master sheriff sir dame".split()
)
_BACK = frozenset(
    "qc kc sc j jj lj cj ja jja vc dbe cbe obe mbe president judge judges justice justices registrar rapporteur others ors anr another al et and pj chairman member members vice-president "
    "applicant applicants claimant claimants plaintiffs defendants appellants respondents petitioners aja respectively bl counsel adv advocate advocates esq".split()
)
_PARTICLES = frozenset(
    "de da do dos das del della di van von der den af av zu bin ibn bte binti al el ul la le s/o d/o w/o @ y e mac".split()
)
_NEVER = frozenset(
    "state republic government union commissioner minister ministry secretary board people crown queen king regina rex estate matter petition judgment order opinion decision "
    "united states city county town corporation authority commission department officer collector tahsildar director inspector police through section chamber court crl civil criminal "
    "appeal application writ reportable versus a/k/a aka doe does number date dated no nos doc ex exhibit".split()
)  # fmt: skip
_PARTY = re.compile(
    rf"[ \t]*(?:\(?\d{{1,2}}[.)][ ]?)?((?:(?:[{UPPER}\d][\w.'’()&-]*|of|and|the|for|&|de|la|du),?[ ]?){{2,12}}(?<![ ,]))"
)
_REPORT = re.compile(r"\s*\d+ ")  # "(1989) 1 NWLR"
_JUNIOR = re.compile(r",? (?:JR|SR|Jr|Sr|III|II|IV)\b\.?")
_LONGEST = 6  # words of a name
_CAPTION = 2_500  # characters in which a decision names its parties; later a case's name is a precedent's
_REACH = 420  # characters of a bench
_MOST = 100  # persons known by initials


def is_decision(text: str) -> bool:
    """Return whether a text reads like a court's decision: the words of the court are dense in it.

    A sentence or a paragraph says too little to tell: it is taken for one where no contract speaks in it.
    """
    if len(text) <= _SHORT:
        strong = len(list(itertools.islice(_STRONG.finditer(text), _FEWEST)))
        return strong == _FEWEST or not _CONTRACT.search(text)
    cues = [match[0].casefold() for match in _CUE.finditer(text, 0, 20_000)]
    return len(set(cues)) >= _FEWEST and len(cues) * _PER_CUE >= min(len(text), 20_000)


def caption_names(text: str) -> Iterator[Entity]:
    """Yield persons in the caption, on the bench and behind ranks, of a text that reads like a decision."""
    yield from _parties(text)
    for match in _BENCH.finditer(text):
        yield from _bench(text, match.end())
    for pattern, score in _WHOLE:
        for match in pattern.finditer(text):
            yield Entity("PERSON", match.start(1), match.end(1), score)
    for match in _TITLED.finditer(text):
        if match[1].casefold() not in _NO_NAME:
            yield Entity("PERSON", match.start(1), match.end(1), 0.7)
    for pattern, score in _AT_TITLE:
        for match in pattern.finditer(text):
            yield from _as_name(text, match.start(1), match.end(1), score)


def _parties(text: str) -> Iterator[Entity]:
    """Yield who stands before a party's role, and on both sides of "v."."""
    for match in _AFTER_NAME.finditer(text):
        yield from _on_line(text, match.start())
    caption = min(len(text), _CAPTION)
    for match in [*_AGAINST.finditer(text, 0, caption), *_INLINE.finditer(text, 0, caption)]:
        yield from _on_line(text, match.start())
        line = text.find("\n", match.end() + 1)
        yield from _as_names(text, match.end(), line if line >= 0 else len(text))


def _on_line(text: str, end: int) -> Iterator[Entity]:
    """Yield the names on the line that ends at `end`."""
    start = max(text.rfind("\n", 0, end), end - 160, -1) + 1
    names = list(_as_names(text, start, end))
    yield from names or _as_body(text, start, end)


def _as_body(text: str, start: int, end: int) -> Iterator[Entity]:
    """Yield a party that is no person: its whole line, where each word begins with a capital and one is its own."""
    line = _PARTY.match(text, start, min(end, start + 160))
    if line is None or line.end(1) < end - 4:
        return
    words = [word.casefold() for word in _WORD.findall(line[1])]
    own = [word for word in words if len(word) > 2 and base_kind(word) not in "vkhxijn" and word not in _FRONT | _BACK]
    if len(words) > 1 and own and not _NEVER & set(words[:1]):
        yield Entity("ORGANIZATION", line.start(1), line.end(1), 0.6)


def _as_names(text: str, start: int, end: int) -> Iterator[Entity]:
    for piece in _PIECE.finditer(text, start, min(end, start + 160)):
        if _REPORT.match(piece[0]):
            continue
        yield from _split(text, piece.start(), piece.end(), 0.8)


def _split(text: str, start: int, end: int, score: float) -> Iterator[Entity]:
    begin = start
    for cut in [*_BREAKS.finditer(text, start, end), None]:
        yield from _as_name(text, begin, cut.start() if cut else end, score)
        begin = cut.end() if cut else end


def _bench(text: str, start: int) -> Iterator[Entity]:
    for piece in _PIECE.finditer(text, start, start + _REACH):
        found = list(_split(text, piece.start(), piece.end(), 0.85))
        yield from found
        words = [word.casefold() for word in _WORD.findall(piece[0])]
        if not found and any(word not in _FRONT | _BACK | ROLES | {"section", "of", "chamber"} for word in words):
            return


def _as_name(text: str, start: int, end: int, score: float) -> Iterator[Entity]:
    """Yield the span as a person where titles aside all its words may be a name's, and it is no body's or place's."""
    words = list(_WORD.finditer(text, start, end))
    while words and (words[0][0].casefold() in _FRONT or words[0][0].casefold() in HONORIFICS):
        words.pop(0)
    while words and words[-1][0].casefold() in _BACK | ROLES:
        words.pop()
    if not 1 <= len(words) <= _LONGEST or any(map(str.isdigit, text[words[0].start() : end])):
        return  # "1998 BCCA 4" is a law report
    folded = [word[0].casefold() for word in words]
    kinds = ["i" if len(word) == 1 else "z" if word in _PARTICLES else base_kind(word) for word in folded]
    named = all(word[0][0].isupper() or low in _PARTICLES for word, low in zip(words, folded, strict=True))
    if not named or set(folded) & _NEVER or set(kinds) & set("cxn") or "o" in kinds or _is_place(folded):
        return
    if "v" in kinds[:-1] or (len(kinds) > 1 and kinds[-1] == "v" and kinds[0] not in "gbwim"):
        return
    if any(kind in "gsbmuywqp" for kind in kinds) or (kinds[0] == "i" and set(kinds) != {"i"}):
        stop = _with_dot(text, words[-1], kinds[-1], end)
        junior = _JUNIOR.match(text, stop)
        yield Entity("PERSON", words[0].start(), junior.end() if junior else stop, score)


def _with_dot(text: str, last: re.Match[str], kind: str, end: int) -> int:
    dotted = (kind == "i" or last[0].casefold() in {"jr", "sr"}) and text.startswith(".", last.end())
    return last.end() + (dotted and last.end() < end)


def _is_place(folded: list[str]) -> bool:
    places = load_lists().places
    return tuple(folded) in places or all((word,) in places for word in folded)


_PERSONAL = (
    r"(?:Mr|Mrs|Ms|Miss|Dr|[Jj]udge|prosecutor|investigator|officers?|sergeant|lieutenant|captain|major|colonel|private|guard|expert|lawyer|doctor|psychologist|"
    r"witness(?:es)?|applicants?|doctors|judges|victims?|complainant|informant|claimant|boys|girls|wife|husband|sons?|daughters?|brothers?|sisters?|father|mother|child|children|girl|boy|partner|pupil|niece|nephew|cousin|neighbour|friend|mayor|youth|man|woman|teacher|nurse|colleague|"
    r"co-accused|co-defendant|certain|acquitted|arrested|interviewed|questioned|beaten|convicted)"
)
_LETTERS = rf"((?:(?:[{UPPER}]|Kh|Zh|Ch|Sh|Ts|Yu|Ya)\.[ ]?-?){{1,3}})(?=[\s,;:)'’]|$)"
_AFTER_PERSON = re.compile(rf"\b{_PERSONAL}\.?,?[ ]{_LETTERS}")
_AFTER_WORD = re.compile(rf"\b(?:one|named|called|against|by|of|with|to|from|that|and)[ ]{_LETTERS}")
_FIRST_AND_LETTER = re.compile(rf"(?<![\w.])([{UPPER}][a-zß-ÿ]\w{{1,20}})[ ]([{UPPER}]h?\.)(?=[\s,;:)'’]|$)")
_ANOTHER = re.compile(rf"[ ](?:and|or)[ ]{_LETTERS}")
_SPACED = re.compile(
    rf"(?<![\w.’'])((?:[{UPPER}][ ]){{1,3}}[{UPPER}][a-zß-ÿ][\w'’-]+)(?=,? (?:QC|KC|SC|for|and|with|appeared|\()|,)"
)
_WHOLE = ((_SPACED, 0.7), (_SURNAME_FIRST, 0.85))
_NEXT_WORD = re.compile(r"[ ]([^\W\d_]+)")
_ABBREVIATIONS = frozenset(
    "us uk eu un eg ie pm am nv sa na lp dc qc ja cj pc pa bc sc pw dw cw ps po ipc crpc rw fir hc jj pj lj sp ag id dj acj jr wp os mp bv mfa slp op ap usc cfr aka si asi psi pi ct cid sdm sho io pp app agp dgp apo phc chc ipr cbi crl wa ia cm mp jd phd rc vp ad co".split()
)


def initials(text: str) -> Iterator[Entity]:
    """Yield persons of whom a decision gives initials only ("M.K.", "Judge K.", "Aigul T."), wherever they stand again."""
    known: set[str] = set()
    for match in _AFTER_PERSON.finditer(text):
        another = _ANOTHER.match(text, match.end())
        known |= {letters[1].strip() for letters in (match, another) if letters}
    for match in _AFTER_WORD.finditer(text):
        letters = re.sub(r"\W", "", match[1]).casefold()
        if len(letters) > 1 and letters not in _ABBREVIATIONS:
            known.add(match[1].strip())
    for match in _FIRST_AND_LETTER.finditer(text):
        if base_kind(match[1].casefold()) in "gbwmuyq" and not _begins_name(text, match.end()):
            yield Entity("PERSON", match.start(), match.end(), 0.7)
            known.add(match[2])
    known.discard("J.")  # a judge's letter stands behind other names
    forms = "|".join(map(re.escape, sorted(known, key=len, reverse=True)[:_MOST]))
    for match in re.finditer(rf"(?<![\w.])(?:{forms})(?![\w-])", text) if known else ():
        if not _begins_name(text, match.end()):
            yield Entity("PERSON", match.start(), match.end(), 0.65)


def _begins_name(text: str, end: int) -> bool:
    """Return whether an initial up to `end` is the first of a name: a capitalised word follows that begins no sentence."""
    following = _NEXT_WORD.match(text, end)
    if following is None or not following[1][0].isupper():
        return False
    word = following[1].casefold()  # "Glasser" is built like a common word, and none
    return word not in load_lists().common and base_kind(word) not in "xk"
