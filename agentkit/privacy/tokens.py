"""Capitalised words of a text, what kind of word each may be, and the runs they form."""
# ruff: noqa: E501
# A pattern is a table: it reads best on one line.

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from agentkit.privacy.letters import UPPER
from agentkit.privacy.lists import load_lists

_TOKEN = re.compile(rf"(?<![\w@])[{UPPER}][^\W\d_]*(?:['’-][^\W\d_]+)*")
_LOWER = re.compile(r"(?<![\w@.'’-])[^\W\d_]{3,}(?![\w@])")
_PARTICLE = re.compile(
    r" (?:(?:de|da|do|dos|das|del|della|di|van|von|der|den|af|av|zu|bin|ibn|al|el|ul|la|le|ter|ten|y|e)[ -]){1,3}$|^ (?:d['’]|al-|el-)$"
    r"|^ (?:(?:VON|VAN|DER|DEN|DE|DA|DO|DOS|DEL|DELLA|DI|LA|BIN|BTE|ZU|TER|TEN) ){1,3}$"
)
_SHOUTED_PARTICLES = frozenset("VON VAN DER DEN DE DA DO DOS DEL DELLA DI LA BIN BTE ZU TER TEN".split())
_WRAPPED = 50  # a line this long ends because the page does, not because the thought does

HONORIFICS = frozenset(
    "mr mrs ms miss mx dr prof professor sir dame messrs mme mlle monsieur madame herr frau señor señora sig shri smt sri kumari kum "
    "mister madam lala pandit hon hon'ble rev reverend km".split()
)
ROLES = frozenset(
    "justice judge lord lady captain capt colonel col gen lieutenant lt sergeant sgt major inspector constable president senator "
    "governor minister ambassador advocate adv attorney counsel detective officer producer director chairman princess queen "
    "father sister brother uncle aunt accused appellant petitioner respondent complainant plaintiff "
    "defendant witness deceased late solicitor barrister engineer singer actor author secretary commissioner magistrate sepoy nurse".split()
)
_AFTER = frozenset("jr sr ii iii iv esq phd".split())
_CALENDAR = frozenset(
    "january february march april may june july august september october november december monday tuesday wednesday thursday friday "
    "saturday sunday jan feb mar apr jun jul aug sept sep oct nov dec mon tue wed thu fri christmas easter diwali".split()
)
STRONG_SUFFIXES = frozenset(
    "inc llc ltd corp plc gmbh llp lp pllc pty pvt sa ag nv bv srl spa ab oy oyj kg kgaa sarl sas kft zrt doo ooo pjsc jsc bhd sdn aps "
    "incorporated lllp pc pte".split()
)
WEAK_SUFFIXES = frozenset("corporation company limited co trust holdings group partners associates as".split())
KEYWORDS = frozenset(
    "bank university college institute institution hospital school academy ministry department commission committee council board authority "
    "agency association society foundation federation court tribunal police bureau ventures investments technologies systems solutions "
    "software pharmaceuticals pharma therapeutics biosciences industries enterprises international insurance assurance airlines airways "
    "motors energy petroleum laboratories labs networks communications telecom telecommunications media entertainment records press journal "
    "museum fund exchange bancorp financial capital consulting brewing foods electronics semiconductor semiconductors microsystems "
    "chemicals steel textiles mills cooperative legislature sabha samiti panchayat parishad sangh mandal corporation company group "
    "holdings partners associates trust services logistics properties realty brands stores studios pictures club union church temple "
    "advisors advisers gp management securities savings mutual gazette tribune herald magazine television broadcasting gas oil power electric water mining "
    "analytics robotics optics shipping freight dental clinic clinics veterinary telecom realtors broker brokers brokerage consultants consultancy dynamics genomics biotech diagnostics "
    "solicitors attorneys chambers builders contractors carriers couriers forwarding marine aviation aerospace automotive plastics polymers packaging ceramics fabrics apparel interiors furniture "
    "pharmacy dairy farms bakery caterers distillery distillers winery vineyards fisheries telematics cybernetics informatics instruments devices materials metals minerals exploration renewables".split()
)
PLACE_WORDS = frozenset(
    "county district province island islands river lake mountain mountains valley bay city town village beach park street avenue road taluka "
    "tehsil mandal division region airport highway bridge harbor harbour port peninsula ocean sea gulf desert canyon creek heights "
    "hills nagar colony square gardens township municipality prefecture oblast territory".split()
)
_MORPHOLOGY = re.compile(
    r"(?:sen|sson|dóttir|dottir|ová|ova|eva|ov|ev|ski|ska|sky|cki|cka|wicz|czyk|czak|enko|chuk|ić|vić|vic|vich|escu|eanu|oğlu|oglu|yan|"
    r"dze|shvili|idis|ides|opoulos|poulou|akis|mann|stein|feld|ström|strom|lund|quist|qvist|gren|inen|nen|elli|etti|ucci|ini|"
    r"eau|ault|ández|ínez|guez|quez|mez|rez|swamy|swami|murthy|appa|amma|aiah|bhai|ben|rao|wala|walla|deep|preet|jeet|inder|endra|"
    r"singh|kumar|nath|prasad|unnisa|uddin|ullah|ević|avić|ović|auer|huber|inger|hardt|brecht|wald|baum|thal|ashvili|maa|aho|"
    r"kar|wal|ani|iya|lal|raj|esh|ita|ika)$"
)
_PLACE_END = re.compile(r"(?:burg|ville|borough|bury|ford|shire|ton|ham|wick|stadt|dorf|heim|hausen|kirchen|pur|abad|nagar|garh|ganj|grad|berg|stan|land|polis|by|vik|fjord)$")  # fmt: skip
_INITIAL = r"(?:[bpmfdtnlgkhjqxrzcsyw]|zh|ch|sh)?"
_FINAL = r"(?:iang|iong|uang|ang|eng|ing|ong|ian|iao|uai|uan|ai|ei|ui|ao|ou|iu|ie|ue|er|an|en|in|un|ia|ua|uo|a|o|e|i|u)"
_PINYIN = re.compile(rf"(?:{_INITIAL}{_FINAL}){{1,2}}")


@dataclass(frozen=True, slots=True)
class Token:
    """A capitalised word.

    `kind` is one letter:

    h honorific, k role, i initial, j what follows a name (Jr.), x calendar, c company suffix, o word of organisations,
    l word of places, n nationality; g given name, s surname, b both, w name and common word, q name and place,
    p place, v common word, m unknown but built like a surname, y unknown but built like a Chinese given name, u unknown.
    """

    start: int
    end: int
    word: str
    kind: str


@dataclass(slots=True)
class Run:
    """Capitalised words next to one another. `kinds` has one letter for each; `shout` where all are in capitals."""

    tokens: list[Token] = field(default_factory=list[Token])

    @property
    def kinds(self) -> str:
        """The tokens' kinds as one string."""
        return "".join(token.kind for token in self.tokens)

    @property
    def shout(self) -> bool:
        """Whether every word longer than a letter is in capitals."""
        return all(token.word.isupper() for token in self.tokens)


@lru_cache(maxsize=65536)
def base_kind(word: str) -> str:
    """Return the kind of a case-folded word by the lists and its shape alone."""
    lists = load_lists()
    for kind, words in (
        ("h", HONORIFICS), ("j", _AFTER), ("c", STRONG_SUFFIXES), ("x", _CALENDAR), ("k", ROLES),
    ):  # fmt: skip
        if word in words and not (kind == "x" and word in lists.given):
            return kind
    return _name_kind(word)


def _name_kind(word: str) -> str:
    lists = load_lists()
    given, surname, common = word in lists.given, word in lists.surnames, word in lists.common
    place = (word,) in lists.places and not common
    if given or surname:
        if common or word in _CALENDAR or word in KEYWORDS:
            return "w"
        return "q" if place else "b" if given and surname else "g" if given else "s"
    if place:
        return "p"
    if word in KEYWORDS or word in WEAK_SUFFIXES:
        return "o"
    if word in PLACE_WORDS:
        return "l"
    if word in lists.nationalities:
        return "n"
    return "v" if common else _shape_kind(word)


def _shape_kind(word: str) -> str:
    common = load_lists().common
    if "-" in word or "'" in word or "’" in word:
        if word.startswith(("o'", "o’", "d'", "d’")) and len(word) > 4:
            return "s"
        parts = [part for part in re.split(r"['’-]", word) if part]
        kinds = {base_kind(part) for part in parts}
        if kinds <= set("vwoklxcij") or all(part in common for part in parts):
            return "v"
        if kinds <= set("gb"):
            return "g"
        return "s" if kinds <= set("gsbqmw") else "u"
    if _derived(word):
        return "v"
    if len(word) >= 5 and _MORPHOLOGY.search(word):
        return "m"
    return "y" if _PINYIN.fullmatch(word) else "u"


_ENDINGS = ("s", "es", "ed", "d", "ing", "ly", "er", "ers", "ness", "ment", "able", "al", "ity", "y", "ion", "ation", "less", "ful", "ism", "ist", "ize", "ized", "r")  # fmt: skip
_PREFIXES = (
    "un",
    "non",
    "re",
    "pre",
    "sub",
    "co",
    "inter",
    "mis",
    "over",
    "under",
    "dis",
    "multi",
    "semi",
    "anti",
    "cross",
)


def _with_y(stem: str) -> str:
    return stem[:-1] + "y" if stem.endswith("i") else stem  # "parties", "carried"


def _derived(word: str) -> bool:
    """Return whether a word is built from a common one ("indemnifications", "unregistered")."""
    common = load_lists().common
    for ending in _ENDINGS:
        stem = word.removesuffix(ending)
        if ending in {"d", "r"} and not stem.endswith("e"):
            continue
        if stem != word and len(stem) >= 3 and (stem in common or stem + "e" in common or _with_y(stem) in common):
            return True
    return any(
        word.startswith(prefix) and len(word) - len(prefix) >= 4 and (word[len(prefix) :] in common)
        for prefix in _PREFIXES
    )


def runs(text: str) -> Iterator[Run]:
    """Yield the runs of capitalised words in `text`, in order."""
    lower = {word for word in _LOWER.findall(text) if word.islower()}
    run = Run()
    for match in _TOKEN.finditer(text):
        if match[0] in _SHOUTED_PARTICLES and run.tokens:
            continue  # "VON DER HEYDE": the gap between the names is looked at
        token = _token(match, lower)
        if run.tokens and not _joined(text, run.tokens[-1], token):
            yield run
            run = Run()
        run.tokens.append(token)
    if run.tokens:
        yield run


def _token(match: re.Match[str], lower: set[str]) -> Token:
    word = match[0]
    if word.endswith(("'s", "’s", "'S", "’S")):
        word = word[:-2]
    folded = word.casefold()
    kind = "i" if len(word) == 1 else base_kind(folded)
    if kind == "h" and word.isupper() and not match.string.startswith(".", match.end()):
        kind = "v"  # "MS SQL" is no Ms Sql
    if folded in lower:  # the same text uses it as an ordinary word
        kind = {"g": "w", "s": "w", "b": "w", "m": "v", "u": "v", "y": "v"}.get(kind, kind)
    return Token(match.start(), match.start() + len(word), word, kind)


def _joined(text: str, before: Token, after: Token) -> bool:
    gap = text[before.end : after.start]
    if gap == " ":
        return True
    if len(gap) > 14:
        return False
    if before.kind in "ihk" or before.word in {"Md", "Mohd", "Sk"}:
        return gap in {". ", ".", "  ", ".  "} or (before.kind == "i" and gap == " . ")
    if gap == "\n":
        line = text.rfind("\n", 0, before.end) + 1
        return before.end - line >= _WRAPPED
    return bool(_PARTICLE.fullmatch(gap))


def place_like(word: str) -> bool:
    """Return whether an unknown word ends like the name of a town."""
    return len(word) >= 6 and bool(_PLACE_END.search(word.casefold()))
