"""Which kind of value a question asks for: the first rule that fits says."""

import re

MONEY = (
    "price|rent|pay|worth|salary|wage|wages|fee|fees|premium|cost|costs|amount|sum|deposit|fine|penalty|charge|bonus|damages"
    "|award|compensation|dividend|total|value|balance|principal|budget|payment|deductible|excess|commission|royalty|tax"
)
"""Words for sums of money, parted by `|`."""
_RULES: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"\b(tele)?phone|\be-?mail address|\bfax number|\bwebsite\b", ("contact",)),
    (
        r"\b(policy|account|case|claim|reference|docket|file|invoice|registration|contract|passport|hull)"
        r" (number|no)\b",
        ("identifier",),
    ),
    (r"\bnumber\b.{1,40}\b(call|called|ring|rung|dial|dialled|dialed|phone|phoned)\b", ("contact",)),
    (
        r"\bwhere (must|can|could|may|will|would|should|shall|does|do|did) .{2,60} (sue|litigate|go to court|bring)\b",
        ("court",),
    ),
    (r"\bwhat (is|was|are|were) the (\w+ ){0,3}(quantity|quantities|volume|capacity|count)\b", ("number",)),
    (r"\bwhat is the (most|least|maximum|minimum)\b(?! (number|time|period|age))", ("amount", "percentage")),
    (r"\b(at what|what|which) hour\b", ("time",)),
    (r"\b(what|which) interest\b(?! (in|has|have)\b)", ("percentage",)),
    (r"(?<!within )\b(what|which) (hours|time)\b(?! limit)|\bopening hours\b", ("time",)),
    (r"\bhow (large|big|high) (may|can|must|shall)\b", ("amount", "measure", "percentage", "duration")),
    (r"\bhow (large|big|high)\b", ("measure", "amount", "percentage")),
    (r"\bhow old\b|\b(what|which|minimum|maximum) age\b", ("age",)),
    (r"\bhow (tall|wide|deep|large|big|far|heavy|thick|fast)\b", ("measure",)),
    (r"\bhow (often|frequently)\b", ("frequency",)),
    (r"\b(by when|by (what|which) (date|day)|until when|deadline)\b", ("deadline", "date", "duration")),
    (r"\bhow much (notice|time|warning)|\bhow (long|soon|quickly|fast|often|frequently|early)\b", ("duration", "date")),
    (r"\b(notice period|period of notice|what notice|how many (days|weeks|months|years))\b", ("duration",)),
    (
        r"\b(within (what|which|how)|deadline|by when|what (is the )?(time limit|period|duration|length))\b",
        ("duration", "date"),
    ),
    (
        r"\b(to what extent|by how much|what (percentage|percent|share|proportion|rate)|(interest|tax|royalty) rate)\b",
        ("percentage", "amount"),
    ),
    (r"\bhow much\b|\b(how high|how large) (is|was) the\b", ("amount", "percentage")),
    (r"\bhow many\b", ("number",)),
    (
        r"\bwhat (does|do|did|will|would) .{3,80} (cost|charge|earn|pay)\b|\bwhat (is|was|are) .{3,60} paid\b",
        ("amount", "percentage"),
    ),
    (
        r"^((and|or|but|since|from|until|by) )?when\b|\b(since|from|until|by) when\b"
        r"|\b((what|which|on what|on which) (date|day|year|month))\b|\bdate of (?!birth)",
        ("date", "duration"),
    ),
    (r"\bdate of birth|\bborn\b", ("date",)),
    (r"\b(whose|state's|country's) laws?\b", ("law",)),
    (r"\b(which|what|in which|in what|to which) (courts?|tribunal|forum)\b", ("court",)),
    (r"\b(which|what) (section|statute|act|article|provision|laws?(?! firm)|rules?|ordinance|regulation)\b", ("law",)),
    (
        r"^(and )?(who|whom|whose|to whom|by whom|with whom|for whom)\b"
        r"|\b(which|what) (person|company|firm|party|judge|bank|lawyer|law firm|parties|people)\b"
        r"|\bnames? of\b|\bwhat (is|was) .{3,60} (called|named)\b",
        ("name", "role"),
    ),
    (
        r"\b(?:which|what) (?!order|letter|number|matter|paper|offer|quarter|other|error|favor|labor|power|water|answer"
        r"|register|folder|chapter|member state|center|paper|grant|amount|rent|event|document|agreement|payment|floor)"
        r"(?:\w{2,}(?:er|or|ist|ant|yst|eer|ian)|airline|bank|agency|authority"
        r"|insurance company|garage|hospital|school|newspaper)\b",
        ("name", "role"),
    ),
    (
        r"\bwhere\b|\b(which|what) (city|cities|country|countries|places?|towns?|states?|locations?)\b"
        r"|\b(which|what) (territory|regions?|areas?)\b",
        ("place",),
    ),
    (r"\b(?<!e-mail )(?<!email )address(es)?\b(?!ed)", ("address",)),
    (
        rf"\bwhat( is| was| are| were)?( the| an?| his| her| their| its)?( \w+){{0,2}} ({MONEY})\b",
        ("amount", "percentage"),
    ),
    (r"\bworth\b", ("amount", "percentage")),
    (r"\bcolou?rs?\b", ("colour",)),
    (r"^why\b|\bfor what reason\b|\bon what ground", ("reason",)),
)
_COMPILED = tuple((re.compile(pattern), kinds) for pattern, kinds in _RULES)


def kinds_asked(folded: str) -> tuple[str, ...]:
    """Return the kinds of value that answer a folded question, the best first, or none."""
    return next((kinds for pattern, kinds in _COMPILED if pattern.search(folded)), ())
