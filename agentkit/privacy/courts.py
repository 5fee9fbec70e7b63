# ruff: noqa: E501
# A pattern is a table: it reads best on one line.
"""Courts by the word "Court" and what stands around it; in decisions, also public bodies made of common words."""

import re
from collections.abc import Iterator

from agentkit.privacy.letters import UPPER
from agentkit.privacy.lists import load_lists
from agentkit.privacy.offices import offices
from agentkit.privacy.tokens import base_kind
from agentkit.types import Entity

_WORD = rf"[{UPPER}][\w'’.-]{{0,30}}(?<!\.)"
_BEFORE = re.compile(
    rf"(?<![\w.'’-])(?:(?!Courts?\b|COURTS?\b|Tribunals?\b){_WORD}(?:[ ](?:(?:and|AND|&|of|OF)[ ])?)){{1,6}}$"
)
_ANCHOR = re.compile(r"\b(?:Courts?|COURTS?|Tribunals?|TRIBUNALS?)(?!\w)")
_RUN = rf"(?!Nos?\b){_WORD}(?:[ ](?:(?:and|AND|&|of|OF|the|THE)[ ]){{0,2}}(?!Nos?\b){_WORD}){{0,5}}"
_AFTER = re.compile(
    rf"(?:[ ]No\.?[ ]?[IVX\d]{{1,3}}(?:,[ ]{_WORD})?|[ ](?:of|OF|at|AT|for|FOR|in|IN)[ ](?:(?:the|THE)[ ])?{_RUN}|[ ]\((?:{_WORD}[ ]?){{1,4}}\)|[ ](?:Criminal|Civil|Family|Appeal|CRIMINAL|CIVIL) (?:Division|DIVISION)"
    rf"|,[ ](?:{_WORD}[ ]){{1,3}}(?:County|COUNTY|Bench|BENCH|Division|DIVISION|Part|Department|Branch|BRANCH)\b|,[ ](?:{_WORD}[ ]){{1,2}}(?:County|COUNTY)\b)"
)
_HEAD = re.compile(
    r"\b(?:(?:FOR|For|for) (?:THE|The|the) )?(?:(?:NORTHERN|SOUTHERN|EASTERN|WESTERN|MIDDLE|CENTRAL|Northern|Southern|Eastern|Western|Middle|Central) (?:DISTRICT OF|District of) [A-Z]\w+(?: [A-Z]\w+)?"
    r"|(?:(?:NORTHERN|SOUTHERN|EASTERN|WESTERN|MIDDLE|CENTRAL|CIVIL|CRIMINAL|FAMILY|CHANCERY|COMMERCIAL|ADMINISTRATIVE|QUEEN['’]S BENCH|KING['’]S BENCH|APPELLATE) DIVISION|(?<=COURT\n)DISTRICT OF [A-Z]+(?: [A-Z]+)?|BENCH AT [A-Z]+)(?=\s*\n)"
    r"|(?:FIRST|SECOND|THIRD|FOURTH|FIFTH|SIXTH|SEVENTH|EIGHTH|NINTH|TENTH|ELEVENTH|FEDERAL|DISTRICT OF COLUMBIA) CIRCUIT|(?:First|Second|Third|Fourth|Fifth|Sixth|Seventh|Eighth|Ninth|Tenth|Eleventh|Federal) Circuit"
    r"|(?:FIRST|SECOND|THIRD|FOURTH|FIFTH|SIXTH) (?:APPELLATE|JUDICIAL) (?:DISTRICT|DEPARTMENT|DIVISION|CIRCUIT)|(?<=\n)DIVISION (?:ONE|TWO|THREE|FOUR|FIVE|SIX|SEVEN|EIGHT|[IVX]+)|(?<=\n)[A-Z]{4,} (?:DIVISION|BENCH|REGISTRY)(?: \([A-Z ]+\))?(?=[,\s])|(?:FIRST|SECOND|THIRD|FOURTH|FIFTH|SIXTH|SEVENTH|EIGHTH|NINTH|TENTH) DISTRICT OF [A-Z]+|(?<=\n)APPELLATE (?:DIVISION|TERM))\b"
)
_JUDGE_AT = re.compile(
    r"\b(?:Principal |Additional |Chief |Special |Learned |District and |[IVX]+ )*(?:Sessions|District|Metropolitan|Judicial|Civil|Family) (?:and Sessions )?(?:Judge|Magistrate)(?: \((?:Senior|Junior) Division\))?(?:, (?!and)(?:[A-Z][\w. -]{1,30}?)(?=[,.;\n]))?(?:, [A-Z]\w+)?"
)
_OFFICE = (
    r"(?:Government|Ministry|Department|Office|Board|Bureau|Commission|Agency|Minister|Secretary|Directorate|Committee|Council|Institute|Commissioner|Registrar|Inspectorate|Superintendent|Inspector|Director|"
    r"University|Bank|Association|Federation|Society|School|College|Municipality|Union|Chamber|Centre|Center)"
)
_OF = re.compile(
    rf"(?<![\w-])(?:{_OFFICE}|{_OFFICE.upper()})(?: General| GENERAL)? (?:of|for|OF|FOR) (?:(?:the|THE) )?{_RUN}"
)
_NOUNS = (
    "Service|Services|Office|Ministry|Department|Agency|Authority|Commission|Committee|Bureau|Police|Command|Directorate|Administration|Corporation|Council|Board|Institute|Hospital|Prison|"
    "Jail|Institution|Center|Centre|Clinic|University|School|College|Union|Association|Bank|Academy|Investigations|Ombudsman|Registry|Facility|Municipality|Prosecutor"
)
_OF_BODY = rf"(?!V(?:ersus|ERSUS|s|S)\b){_WORD}"
_BODY = re.compile(
    rf"(?<![\w.'’-]){_OF_BODY}(?: (?:and )?{_OF_BODY}){{0,4}} (?:{_NOUNS}|{_NOUNS.upper()})\b(?:,? No\. ?\d{{1,3}})?(?: of (?:the )?{_WORD}(?:(?: and| &)? {_WORD}){{0,3}})?"
)
_FOREIGN = re.compile(
    r"\b(?:Cour (?:de cassation|d['’]appel(?: de [A-Z]\w+)?|des comptes)|Conseil d['’][ÉE]tat|Conseil constitutionnel|Tribunal (?:de grande instance|judiciaire|administratif|Supremo|Constitucional)(?: d[eu] [A-Z]\w+)?"
    r"|Bundes\w*gericht(?:shof)?(?:s|es)?|(?:Ober|Kammer|Land|Amts|Arbeits|Verwaltungs|Sozial|Finanz|Oberlandes)+gericht(?:s)? [A-Z]\w+|Hoge Raad|Raad van State|Rechtbank [A-Z]\w+|Gerechtshof [A-Z]\w+|Corte (?:di Cassazione|Costituzionale|Suprema)|Tribunale di [A-Z]\w+"
    r"|Audiencia (?:Nacional|Provincial)|Sąd \w+|Högsta domstolen|Højesteret|Korkein oikeus|(?:Association|Centre|Société|Syndicat|Fédération|Caisse|Commune|Confédération|Federación|Asociación|Confederación|Sindicato|Fundación|Ministerio|Ayuntamiento|Associazione|Federazione|Sindacato|Ministero|Comune|Associação|Verband|Verein|Bundesverband) (?:[a-zà-ÿ'’]+ ){0,6}[A-ZÀ-Ý][\w'’-]+(?:(?: (?:de|del|des|du|di|e|y|et|für|la)){0,2} [A-ZÀ-Ý][\w'’-]+){0,4})"
)
_STATE = re.compile(
    r"(?:(?<=\n)|(?<=: )|(?<=:- )|^)[ \t]*((?:THE |The )?(?:STATE|State|COMMONWEALTH|Commonwealth|PEOPLE|People|REPUBLIC|Republic) (?:[Oo]f|OF) (?:THE |the )?(?:STATE OF )?[A-Z][\w.&]+(?: [A-Z][\w.]+)?)(?=\s*(?:[,.…;&]|\n|and\b))"
    r"|\b(?:v\.?|[Vv]s\.?|[Vv]ersus)\s+((?:THE |The )?(?:STATE|State) (?:OF|of) [A-Z][\w.&]+(?: [A-Z][\w.]+)?)"
)
_LONGEST = 70  # characters after the word "Court"
_STATES = re.compile(r"\b(?:State|STATE|Commonwealth|COMMONWEALTH) (?:of|OF) ([A-Z]\w+(?: [A-Z]\w+)?)(?![\w-])")
_STARTERS = frozenset(
    "the a an in at on by of to before from and for with this that when if under after although as while where since however on hearing appeal learned said honourable hon'ble such any "
    "appellant appellants respondent respondents petitioner petitioners applicant applicants plaintiff defendant dated judgment order".split()
)
_BREAKS = frozenset("to from in on by at before versus vs".split())  # "ON APPEAL FROM THE HIGH COURT"
_SENTENCE = re.compile(r"[A-Za-z]+")


def courts(text: str) -> Iterator[Entity]:
    """Yield courts and tribunals with what says which ("Supreme Court of India", "COUNTY COURT AT CENTRAL LONDON")."""
    position = 0
    for anchor in _ANCHOR.finditer(text):
        if anchor.start() < position:
            continue
        before = _BEFORE.search(text, max(0, anchor.start() - 90), anchor.start())
        start = _skip(text, before.start(), anchor.start()) if before else anchor.start()
        end = anchor.end()
        while more := _AFTER.match(text, end):
            if more.end() - anchor.end() > _LONGEST or base_kind(_last_words(more[0])) in "x":
                break
            end = more.end()
        if start < anchor.start() or end > anchor.end():
            position = end
            yield Entity("ORGANIZATION", start, end, 0.7)


def _last_words(words: str) -> str:
    return next((word.casefold() for word in _SENTENCE.findall(words) if word[0].isupper()), "")


def _skip(text: str, start: int, end: int, kinds: str = "kh") -> int:
    """Return where a name begins after articles, and after words of these kinds (see `Token`)."""
    first: int | None = None
    for word in re.finditer(r"[^\s]+", text[start:end]):
        folded = word[0].casefold()
        if folded in _BREAKS:
            first = None
        elif first is None and folded not in _STARTERS and base_kind(folded) not in kinds:
            first = start + word.start()
    return end if first is None else first


def bodies(text: str) -> Iterator[Entity]:
    """Yield divisions, judges' offices, ministries and services, for a text that is a court's decision."""
    for match in [*_HEAD.finditer(text), *_FOREIGN.finditer(text)]:
        yield Entity("ORGANIZATION", match.start(), match.end(), 0.65)
    for match in _JUDGE_AT.finditer(text):
        if base_kind(match[0].split()[-1].casefold()) not in "vk":
            yield Entity("ORGANIZATION", match.start(), match.end(), 0.6)
    yield from _states(text)
    yield from offices(text)
    for pattern in (_OF, _BODY):
        for match in pattern.finditer(text):
            start = _skip(text, match.start(), match.end(), "h")
            if " " in text[start : match.end()]:
                yield Entity("ORGANIZATION", start, match.end(), 0.6)


def _states(text: str) -> Iterator[Entity]:
    """Yield states as parties, and wherever they are called so."""
    for match in _STATE.finditer(text):
        group = match.lastindex or 0
        yield Entity("LOCATION", match.start(group), match.end(group), 0.7)
    for match in _STATES.finditer(text):
        if tuple(match[1].casefold().split()) in load_lists().places:
            yield Entity("LOCATION", match.start(), match.end(), 0.7)
