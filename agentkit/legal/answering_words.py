"""Words as the answerer compares them: stems, synonyms, and how much each says about a question."""

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.resources import files

_WORD = re.compile(r"<[a-z_]+_\d+>|[a-z0-9$£€%][a-z0-9&$£€%.,]*[a-z0-9%]|[a-z0-9]")
_SHORT_VERB = re.compile(r"(?=.{3}(?:ed|ing)$).?[aeiou]..?(?:ed|ing)")
_READINGS = (
    (re.compile(r"\blaw firm"), "firm"),
    (re.compile(r"\b(its|their|his|her|my|our|your) own\b"), r"\1"),
    (re.compile(r"\b(the|this|an?|his|her) (\w+) wills?(?=[?.,;]| of\b| is\b| was\b|$)"), r"\1 \2 testament"),
    (re.compile(r"\b(the|this|a|my|his|her|last|former|your|their) wills?\b"), r"\1 testament"),
    (re.compile(r"(?:^|(?<=\s))from:"), "sender "),
    (re.compile(r"(?:^|(?<=\s))to:"), "addressee "),
    (re.compile(r"(?:^|(?<=\s))(?:re|subject):"), "subject "),
)
_SUFFIXES = (
    "izations isations ization isation ations ation itions ition ities ments ment ances ence ances ance ences ings "
    "ing ness ible able ional ions ion ity ers ors ures ure er or ed ies ive ary ory ally al ly es s y e"
).split()
_MIN_STEM = 4
_IRREGULAR: dict[str, str] = {
    form: root
    for root, _, forms in (
        line.partition(": ")
        for line in files("agentkit.legal").joinpath("irregular.txt").read_text("utf-8").splitlines()
        if not line.startswith("#")
    )
    for form in forms.split()
}
STOP = frozenset(
    (
        "every v vs versus "
        "allowed permitted over off down away a an the of to in on at by for from with under about into as "
        "and or any there "
        "this that these those "
        "it its his her their they he she him them i we you me my your our us do does did done is are be "
        "been being was were am "
        "has have had having will would can could may might must shall should what when who whom whose which where why "
        "how much many if then than not no nor so such up out also only just ever each per please tell according say "
        "says both either neither 's s one ones someone anyone somebody anybody something anything else already yet "
        "still get gets got getting mr mrs ms miss dr prof"
    ).split()
)
WEAK = frozenset(
    (
        "forbid allow permit against suffer sustain undergo incur "
        "threaten want intend plan hope propose seek try attempt allege need look large big high happen "
        "apply make take go come become receive set use involve concern relate provide exist kind type "
        "sort thing time period date day amount number name call long often soon quickly quick person people company "
        "firm party parties document documents state city place give put case have sum much part different exact "
        "exactly extent degree level specific certain main mean agree require necessary possible currently now year "
        "yearly month monthly annual annually new other another third after before between first without during right "
        "rights pay hold bar barred deal refrain promise cover"
    ).split()
)
DOCUMENT_WORDS = frozenset(
    (
        "agreement contract lease tenancy testament letter email mail memo memorandum invoice note will policy statute "
        "act ordinance law code regulation bill order judgment opinion decision ruling case minutes meeting report "
        "notice deed licence license nda settlement offer power attorney schedule document section clause"
    ).split()
)


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > _MIN_STEM:
        word = word[:-3] + "y"
    elif len(word) >= _MIN_STEM and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1] if not word.endswith(("ches", "shes", "sses", "xes")) else word[:-2]
        word = _IRREGULAR.get(word, word)
    return word


def _cuts(word: str, suffix: str) -> bool:
    if not word.endswith(suffix) or len(word) - len(suffix) < _MIN_STEM:
        return False
    return suffix not in {"s", "es"} or not word.endswith("ss")


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """Return a word's stem, cut more boldly than Porter's, since legal texts nominalise: "registration" is "regist"."""
    word = word.removesuffix("'s").strip("'.,")
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if not word.isalpha():
        return word
    if word.endswith(("ied", "ier", "iers")) and len(word) > _MIN_STEM + 1:
        word = word[: word.rindex("ie")] + "y"
    word = _singular(word)
    if _SHORT_VERB.fullmatch(word):
        word = word.removesuffix("ed").removesuffix("ing")
    for _ in range(2):
        cut = next((s for s in _SUFFIXES if _cuts(word, s)), "")
        if not cut:
            break
        word = word[: -len(cut)]
    if word.endswith(("e", "y")) and len(word) > _MIN_STEM:
        word = word[:-1]
    return word[:-1] if len(word) > _MIN_STEM and word[-1] == word[-2] and word[-1] not in "ls" else word


def words(folded: str) -> list[str]:
    """Return the words of a folded text; numbers, amounts and placeholders count as words."""
    for pattern, plain in _READINGS:
        folded = pattern.sub(plain, folded)
    return [word.rstrip(".,") for word in _WORD.findall(folded.replace("'s ", " ").replace("-", " "))]


def stems(folded: str) -> list[str]:
    """Return the stems of a folded text's words, without stop words."""
    return [stem(word) for word in words(folded) if word not in STOP]


PARTY_STEMS = frozenset(
    map(
        stem,
        "tenant landlord employer employee seller buyer purchaser lender borrower licensor licensee client supplier "
        "customer contractor claimant defendant plaintiff owner worker agent operator passenger member user "
        "insurer".split(),
    )
)
WEAK_STEMS = frozenset(map(stem, WEAK))
DOCUMENT_STEMS = frozenset(map(stem, DOCUMENT_WORDS))


_MAX_INTRODUCTION = 200
_MARK = r"<[A-Z_]{3,30}_\d{1,5}>"
_NAME = (
    rf"(?:{_MARK}|[A-Z][\w.&'’-]{{0,40}})"
    rf"(?:,? (?:{_MARK}|[A-Z(][\w.&'’)-]{{0,40}}|of|and|&|de|van)){{0,7}}"
)
_ROLES = (
    "[Pp]laintiff|[Dd]efendant|[Aa]ppell(?:ant|ee)|[Cc]laimant|[Rr]espondent|[Pp]etitioner|[Aa]pplicant"
    "|[Bb]orrower|[Ll]ender"
)
_CALLED = re.compile(r"[\"“]([A-Z][\w -]{1,25})[\"”]")
_RUN = re.compile(_NAME)
_INTRODUCED = (
    re.compile(
        rf"\b(?P<role>{_ROLES}|Insurer|Policyholder|Landlord|Tenant|Seller|Buyer|Supplier|Customer): (?P<name>{_NAME})"
    ),
    re.compile(rf"(?P<name>{_NAME}),? \(?(?P<role>{_ROLES})\b"),
)


def find_aliases(text: str) -> set[tuple[str, str]]:
    """Return (stem of a word of a name, stem of what the text calls its bearer) for each party it introduces.

    Handles 'Acme Ltd, a company … (the "Buyer")', "Claimant: Mr Doe" and "Ann Doe, plaintiff".
    """
    pairs = [(match["name"], match["role"]) for pattern in _INTRODUCED for match in pattern.finditer(text)]
    last = 0
    for match in _CALLED.finditer(text):
        runs = _RUN.findall(text[max(last, match.start() - _MAX_INTRODUCTION) : match.start()])
        pairs += [(max(runs, key=len), match.group(1))] if runs else []
        last = match.end()
    found: set[tuple[str, str]] = set()
    for name, role in pairs:
        called = words(role.lower())
        found |= {(stem(word), stem(called[-1])) for word in words(name.lower()) if word not in STOP and called}
    return found


@cache
def related() -> Mapping[str, frozenset[str]]:
    """Return, for each stem of a question, the stems of a document that may well mean it."""
    table: dict[str, set[str]] = {}
    for line in files("agentkit.legal").joinpath("related.txt").read_text("utf-8").splitlines():
        if not line.startswith("#") and line.strip():
            head, *rest = [stem(word) for word in line.split()]
            table.setdefault(head, set()).update(set(rest) - {head})
    return {head: frozenset(rest) for head, rest in table.items()}


@cache
def synonyms() -> Mapping[str, frozenset[str]]:
    """Return, for each stem, the stems that may answer for it."""
    table: dict[str, set[str]] = {}
    for line in files("agentkit.legal").joinpath("synonyms.txt").read_text("utf-8").splitlines():
        if line.startswith("#") or not line.strip():
            continue
        head, *rest = [[stem(part) for part in group.split("_")] for group in line.split()]
        group = {parts[0] for parts in [head, *rest] if len(parts) == 1}
        for one in group:
            table.setdefault(one, set()).update(group - {one})
    return {one: frozenset(others) for one, others in table.items()}
