"""The entity types there are, and the check that a configuration names no other."""

import difflib
import re
from collections.abc import Sequence

KNOWN_TYPES: tuple[str, ...] = (
    "AGE", "BANK_CODE", "CASE_NUMBER", "COMPANY_NUMBER", "CREDENTIAL", "CREDIT_CARD", "CRYPTO", "DATE_OF_BIRTH",
    "DATE_TIME", "DRIVER_LICENSE", "EMAIL_ADDRESS", "IBAN_CODE", "IN_AADHAAR", "IN_PAN", "IP_ADDRESS", "LOCATION",
    "MAC_ADDRESS", "MEDICAL_LICENSE", "MEDICAL_RECORD", "NATIONAL_ID", "NRP", "ORGANIZATION", "PASSPORT", "PERSON",
    "PHONE_NUMBER", "STREET_ADDRESS", "TAX_ID", "UK_NHS", "UK_NINO", "URL", "US_BANK_NUMBER", "US_DRIVER_LICENSE",
    "US_ITIN", "US_PASSPORT", "US_SSN", "VEHICLE_ID", "ZIP_CODE",
)  # fmt: skip
"""Every entity type that a recognizer of this package can find, the spaCy one included."""

_CLOSE = 0.6  # `difflib`'s ratio from which a type is worth suggesting
_NEAR_MISS = 0.8  # and from which a word in capitals is taken for a misspelled type
_CODE = re.compile(r"[A-Z]+(?:_[A-Z]+)*")
_SHORTEST = 5  # letters; shorter words in capitals are names of companies more often


def check_types(names: Sequence[str]) -> str | None:
    """Return a sentence about the first name that is no entity type, or None where all are."""
    for name in names:
        if name not in KNOWN_TYPES:
            close = _closest(name, _CLOSE)
            hint = f"did you mean {close}?" if close else f"the types are {', '.join(KNOWN_TYPES)}."
            return f"There is no entity type {name!r}; {hint}"
    return None


def check_keep(names: Sequence[str]) -> str | None:
    """Return a sentence about the first name that looks like a misspelled entity type, or None.

    Other words are literal names, which any text may be: only what is written as types are, all in
    capitals, and is close to one is refused.
    """
    for name in names:
        if name in KNOWN_TYPES or len(name) < _SHORTEST or not _CODE.fullmatch(name):
            continue
        if close := _closest(name, _NEAR_MISS):
            return (
                f"There is no entity type {name!r}; did you mean {close}? "
                "A person's or company's name is written with small letters here."
            )
    return None


def _closest(name: str, ratio: float) -> str:
    wanted = re.sub(r"\W+", "_", name.strip()).upper()
    if parts := [known for known in KNOWN_TYPES if wanted in known.split("_")]:
        return " or ".join(parts)
    return next(iter(difflib.get_close_matches(wanted, KNOWN_TYPES, n=1, cutoff=ratio)), "")
