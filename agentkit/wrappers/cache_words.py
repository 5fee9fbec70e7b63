"""Word tables for comparing questions. Lower-case lemmas of `agentkit.text.support_tokens`, unless said otherwise."""

from agentkit.text.support_tokens import lemma

# Words of one line mean the same wherever they stand; each word is in one line only.
_SAME = """
end expire expiry expiration
begin start commence commencement beginning
sublet sublease underlet
buyer purchaser
seller vendor
tenant lessee
landlord lessor
buy purchase
supply provide furnish
increase raise
reduce lower decrease
maximum max highest largest
minimum min lowest smallest
duty obligation
mandatory compulsory obligatory
allow permit
cost expense
clause section provision §
renew renewal
prior before
until till
exceed exceeding over
help assistance
purpose aim
forbid prohibit
prohibited forbidden
sum amount
remuneration compensation
pay payment
happen occur
need require
mean signify
subject topic
automatically automatic
indemnify indemnity indemnification
assign assignment
terminate termination
cancel cancellation
deliver delivery
breach violation violate
notify notification
disclose disclosure
approve approval
consent agreement-to
amend amendment
modify modification
inspect inspection
insure insurance
repair repairs
arbitrate arbitration
decide decision
limit limitation
restrict restriction
warrant warranty
represent representation
guarantee guaranty
judgment judgement
agree agreed
licence license
whether if
"""
SAME = {lemma(word): "=" + line.split()[0] for line in _SAME.strip().splitlines() for word in line.split()}

# Phrases (of lower-case words) that become one mark. "?" begins a question, "!" is a modal verb.
PHRASES: dict[tuple[str, ...], str] = {
    tuple(words.split()): mark
    for mark, lines in {
        "?when": "by when|on what date|on which date|what date|which date|on what day|on which day|what day|when"
        "|by what date|by which date|at what time",
        "?long": "how long|for how long|what period of time|how much time",
        "?much": "how much|what amount|what amount of|what sum|how much money|what sum of",
        "?many": "how many|what number of",
        "?who": "who|whom|which party|which parties|what party|which person|what parties",
        "?by": "by whom|by which party",
        "?where": "where|in what place|in which place|to what address|to which address|at what place",
        "?why": "why|for what reason|for which reason|on what ground|on what grounds|for what reasons|how come",
        "?how": "how|in what way|in which way|in what manner",
        "?whose": "whose",
        "?what": "what|which|name|state|identify|list|give|give me|specify",
        "!must": "must|shall|have to|has to|had to|required to|obliged to|obligated to|bound to|need to|needs to"
        "|under an obligation to|under a duty to",
        "!may": "may|can|allowed to|permitted to|authorized to|authorised to|able to|at liberty to",
        # Not the same: one may be entitled to repairs and not allowed to repair.
        "!entitled": "entitled to|have the right to|has the right to|have a right to|has a right to",
        "!should": "should|ought to",
        "!could": "could",
        "!might": "might",
        "!would": "would",
        "!will": "will|going to",
        "!not": "not|never|no",
        "least": "at least|no less than|not less than|no fewer than",
        "most": "at most|no more than|not more than|up to",
        "over": "more than|in excess of|greater than|over|above",
        "under": "less than|fewer than|below",
        "before": "prior to|in advance of",
        "because": "because of|due to|owing to",
        "about": "regarding|concerning|as to|with regard to|with respect to|in relation to|in respect of",
        "there": "is there|are there",
        "there-was": "was there|were there",
    }.items()
    for words in lines.split("|")
}
LONGEST = max(map(len, PHRASES))

# Simple pasts that are no participles.
PASTS = frozenset(
    """gave took wrote began chose broke drove rose spoke stole swore wore woke knew grew threw drew flew saw went came
    became ran fell ate forgave forbade withdrew undertook forgot hid lay shook""".split()
)
# Too short for `lemma`.
SHORT = {"sued": "sue", "suing": "sue", "owed": "owe", "owing": "owe", "used": "use", "using": "use", "dying": "die"}
COMMANDS = frozenset("name state identify list give specify".split())
SUBORDINATORS = frozenset("if unless when where while because provided whenever once".split())
NEGATORS = frozenset("!not without neither nor none nothing nobody except".split())
# Prepositions that only tie a noun to certain nouns before it: "cap on liability" is "liability cap", but "payment on
# delivery" is not "delivery payment". "of" ties any.
TIES: dict[str, frozenset[str]] = {
    "of": frozenset(),
    "on": frozenset(
        lemma(w) for w in "cap limit limitation restriction ban interest ceiling prohibition rate tax".split()
    ),
    "for": frozenset(lemma(w) for w in "period deadline procedure reason ground penalty responsible threshold".split()),
}
STRONG = frozenset(
    """to from by with against over under between within during before after until since without through into upon at
    per via as except toward among behind on for in about regarding concerning despite beyond""".split()
)
# They end in "ly" and are no adverbs of manner.
NO_MANNER = frozenset(
    lemma(word)
    for word in """only likely monthly yearly weekly daily quarterly hourly supply reply apply comply rely imply family
    assembly multiply friendly elderly costly timely bodily""".split()
)
BE = frozenset("is are was were be been being am".split())
DO = frozenset("do does did".split())
HAVE = frozenset("have has had having".split())
PAST = frozenset("was were did had there-was".split())
ARTICLES = frozenset("the a an".split())
POINTING = frozenset("this that these those such".split())
# A letter after one of these is a name: "Schedule A", "clause 7 a".
LETTERED = frozenset(
    """schedule part annex exhibit appendix class section clause article paragraph option type tranche series block unit
    party lot plan tier phase group category version""".split()
)
# Plurals that are words of their own.
PLURALS = frozenset(
    """damages securities terms minutes proceeds proceedings premises customs interests goods holdings arms works funds
    savings earnings means manners quarters contents""".split()
)
IDLE = frozenset("please exactly precisely currently actually specifically just also really ever then so".split())
CONTAIN = frozenset("contain include have provide has".split())
DOCUMENT = frozenset("agreement contract document".split())
# What a person has; elsewhere "payment of the tenant" may be made by the tenant or to the tenant.
HELD = frozenset(
    lemma(word)
    for word in """obligation duty right liability debt name address responsibility remedy share entitlement power
    option salary property consent approval signature warranty representation default breach insolvency death bankruptcy
    covenant role position registered seat office address""".split()
)
ACTORS = frozenset(
    lemma(word)
    for word in """landlord lessor tenant lessee subtenant buyer purchaser seller vendor borrower lender creditor debtor
    employer employee worker contractor subcontractor supplier customer client consultant licensor licensee sublicensee
    franchisor franchisee assignor assignee guarantor beneficiary trustee settlor principal agent bank insurer insured
    company parent subsidiary affiliate shareholder director officer manager partner owner holder issuer investor
    claimant plaintiff defendant respondent appellant applicant petitioner court tribunal judge party parties bailor
    bailee mortgagor mortgagee pledgor pledgee transferor transferee grantor grantee provider recipient distributor
    manufacturer publisher author artist developer operator carrier shipper consignee broker user member executor
    testator heir spouse husband wife child government authority regulator state secretary council union indemnitor
    indemnitee promisor promisee donor donee vessel""".split()
)
SUMS = frozenset(lemma(word) for word in "rent price fee salary premium wage penalty deposit".split())
SPANS = frozenset(lemma(word) for word in "period term".split())
SAYING = frozenset(lemma(word) for word in "say provide state stipulate specify read".split())
TURNING = frozenset(lemma(word) for word in "renew extend expire end begin start".split())
PARTICIPLES = frozenset(
    """paid sent given made sold held kept taken known written shown brought bought found lost met set done said told
    built left drawn chosen borne withheld withdrawn undertaken bound put cut understood read struck won forgiven begun
    broken spent lent sworn torn stolen beaten bitten hidden forbidden forgotten got gotten spoken frozen worn woven
    driven eaten fallen flown grown thrown blown hung dug fed fought caught taught thought sought dealt felt heard laid
    led meant shot stuck swept wound upheld overridden overseen foreseen rewritten resold repaid prepaid mistaken misled
    split shut hurt hit let bid cast shed spread forgone shaken sunk seen gone come run become risen arisen""".split()
)
EMBEDDED = "tell me|let me know|explain to me|explain|show me|say|find out|know|check|describe to me"
