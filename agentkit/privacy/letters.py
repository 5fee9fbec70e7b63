"""Which letters are capitals, as a part of a regular expression's character class."""


def _capitals() -> str:
    # `re` has no class for capitals: Latin, Greek and Cyrillic are spelled out, as ranges where they adjoin.
    codes = [
        code for code in (*range(0x41, 0x250), *range(0x370, 0x530), *range(0x1E00, 0x2000)) if chr(code).isupper()
    ]
    ranges: list[list[int]] = []
    for code in codes:
        if ranges and code == ranges[-1][1] + 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return "".join(chr(a) if a == b else f"{chr(a)}-{chr(b)}" for a, b in ranges)


UPPER = _capitals()
