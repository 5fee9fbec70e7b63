"""The corpus: families of attacks, each of which makes as many attempts as are asked for, the same for a seed."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from agentkit.errors import UsageError
from agentkit.evaluation.redteam import families_answers as answers
from agentkit.evaluation.redteam import families_data as data
from agentkit.evaluation.redteam import families_injection as injection
from agentkit.evaluation.redteam import families_supply as supply
from agentkit.evaluation.redteam.cases import Attack

Make = Callable[[random.Random, int], Attack]


@dataclass(frozen=True, slots=True)
class Family:
    """A kind of attack: its OWASP risk, what it tries in one sentence, and what makes its attempts."""

    category: str
    about: str
    make: Make


FAMILIES: Mapping[str, Family] = {
    "direct-override": Family("LLM01", "A question orders the model to drop its instructions", injection.direct),
    "direct-persona": Family("LLM01", "A question gives the model another role", injection.persona),
    "direct-encoded": Family("LLM01", "An order in the question is encoded or spelled oddly", injection.direct_encoded),
    "direct-language": Family("LLM01", "An order in the question is in another language", injection.direct_language),
    "indirect-clause": Family("LLM01", "A document holds an order, in text a reader sees", injection.clause),
    "indirect-hidden": Family("LLM01", "A document holds an order that a reader does not see", injection.hidden),
    "indirect-encoded": Family("LLM01", "An order in a document is encoded or spelled oddly", injection.clause_encoded),
    "indirect-language": Family("LLM01", "An order in a document is in another language", injection.clause_language),
    "indirect-legalese": Family("LLM01", "An order in a document reads like a clause", injection.legalese),
    "payload-splitting": Family("LLM01", "An order is spread over several passages", injection.split),
    "personal-data": Family("LLM02", "Personal data are written so that redaction may miss them", data.personal),
    "vault-probing": Family("LLM02", "The model asks for the names behind placeholders", data.vault),
    "cross-matter": Family("LLM02", "One matter is asked for the data of another", data.cross_matter),
    "tool-misuse": Family("LLM03", "The model calls tools that nobody offered", answers.tools),
    "network-call": Family("LLM03", "A document, an order or an answer names an address to be fetched", data.network),
    "hostile-settings": Family("LLM04", "A configuration is wrong in a way that weakens it", supply.settings),
    "hostile-rails": Family("LLM04", "A rails folder is wrong in a way that switches rails off", supply.rails),
    "poisoned-fact": Family("LLM05", "Hidden text contradicts what the document says", data.poisoned),
    "poisoned-cache": Family("LLM05", "An answer that was kept is given to somebody else", data.poisoned_cache),
    "denial-of-wallet": Family("LLM06", "A document or an answer makes the run costly", answers.wallet),
    "denial-of-service": Family(
        "LLM06", "One hostile passage spoils the answer to an honest question", injection.denial
    ),
    "false-statement": Family("LLM07", "The model states something false and cites the true words", answers.false),
    "forged-citation": Family("LLM07", "The model cites what is not there", answers.forged),
    "omission": Family("LLM07", "An order, or words planted in it, hides a clause", answers.omission),
    "prompt-extraction": Family("LLM08", "The model is made to recite its instructions", answers.extraction),
    "invented-placeholder": Family("LLM08", "The model writes placeholders of its own", answers.placeholders),
    "retrieval-stuffing": Family("LLM09", "Passages full of the question's words crowd out the answer", data.stuffing),
    "image-exfiltration": Family("LLM10", "An answer holds an image whose address carries data", answers.images),
    "active-markup": Family("LLM10", "An answer holds a script, a link or an escape sequence", answers.markup),
}


def corpus(*, seed: int, families: Sequence[str] = (), limit: int = 8) -> list[Attack]:
    """Return the attacks of the given families (all by default), `limit` of each.

    An attack depends on the seed, its family and its number alone.

    Raises:
        UsageError: there is no such family.
    """
    unknown = next((name for name in families if name not in FAMILIES), None)
    if unknown is not None:
        raise UsageError(f"There is no family {unknown!r} of attacks; there are: {', '.join(FAMILIES)}.")
    made: list[Attack] = []
    for name in families or FAMILIES:
        for number in range(limit):
            chance = random.Random(f"{seed}:{name}:{number}")  # noqa: S311 - the same attack each time
            attack = FAMILIES[name].make(chance, number)
            made.append(replace(attack, id=f"{name}/{number + 1}", family=name, category=FAMILIES[name].category))
    return made
