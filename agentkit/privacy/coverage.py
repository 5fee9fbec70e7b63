"""Which scripts the embedded recognizer reads no persons' names in, and the warning that says so."""

import re

_SCRIPTS = {
    "Arabic": "\u0600-\u06ff\u0750-\u077f\u08a0-\u08ff\ufb50-\ufdff\ufe70-\ufeff",
    "Hebrew": "\u0590-\u05ff\ufb1d-\ufb4f",
    "Chinese": "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff",
    "Japanese": "\u3040-\u30ff\u31f0-\u31ff\uff66-\uff9f",
    "Korean": "\u1100-\u11ff\u3130-\u318f\uac00-\ud7af",
    "Cyrillic": "\u0400-\u052f",
    "Greek": "\u0370-\u03ff\u1f00-\u1fff",
    "Armenian": "\u0530-\u058f",
    "Georgian": "\u10a0-\u10ff\u1c90-\u1cbf",
    "Devanagari": "\u0900-\u097f",
    "Bengali": "\u0980-\u09ff",
    "Gurmukhi": "\u0a00-\u0a7f",
    "Gujarati": "\u0a80-\u0aff",
    "Tamil": "\u0b80-\u0bff",
    "Telugu": "\u0c00-\u0c7f",
    "Kannada": "\u0c80-\u0cff",
    "Malayalam": "\u0d00-\u0d7f",
    "Sinhala": "\u0d80-\u0dff",
    "Thai": "\u0e00-\u0e7f",
    "Lao": "\u0e80-\u0eff",
    "Burmese": "\u1000-\u109f",
    "Khmer": "\u1780-\u17ff",
    "Ethiopic": "\u1200-\u137f",
}
_PATTERNS = {name: re.compile(f"[{characters}]+") for name, characters in _SCRIPTS.items()}
_FOREIGN = re.compile(f"[{''.join(_SCRIPTS.values())}]+")
_LETTERS = re.compile(r"[^\W\d_]+")
_FEWEST = 40  # letters; fewer are a quoted word or a logo
_SHARE = 0.05


def coverage_warning(text: str) -> str | None:
    """Return a full sentence where a notable share of `text` is in a script whose names are not recognized, or None.

    The lists of names hold Latin letters only; patterns (numbers, addresses of mail) work in every script.
    Notable are more than 40 letters that are more than 5 % of all. Takes time linear in the text.
    """
    foreign = "".join(_FOREIGN.findall(text))
    if len(foreign) <= _FEWEST:
        return None
    letters = sum(map(len, _LETTERS.findall(text)))
    counts = {name: sum(map(len, pattern.findall(foreign))) for name, pattern in _PATTERNS.items()}
    if counts["Japanese"] * 20 > counts["Chinese"]:  # Japanese is written in Han characters, too
        counts["Japanese"] += counts.pop("Chinese") if counts["Japanese"] else 0
    notable = [name for name, count in counts.items() if count > _FEWEST and count > _SHARE * letters]
    if not notable:
        return None
    scripts = " and ".join(filter(None, [", ".join(notable[:-1]), notable[-1]]))
    return (
        f"Personal names in {scripts} script are not recognized by the embedded recognizer: "
        "they reach the model as they stand and no placeholder replaces them; "
        "use privacy.recognizer: spacy:MODEL with a model for the language, or check the report before you share it."
    )
