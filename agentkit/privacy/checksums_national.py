"""Checks of personal, tax and company numbers by country.

Each takes a value without separators and returns whether it may be one.

Sources: the issuing authorities' published algorithms; ISO 7064 for the modulo checks it names.
"""

import re
from collections.abc import Callable, Sequence

from agentkit.privacy.checksums import luhn

_DNI = "TRWAGMYFPDXBNJZSQVHLCKE"
_HETU = "0123456789ABCDEFHJKLMNPRSTUVWXY"
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_FISCAL_ODD = (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23)
_VIN_VALUES = (1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 7, 9, 2, 3, 4, 5, 6, 7, 8, 9)
_VIN_LETTERS = dict(zip("ABCDEFGHJKLMNPRSTUVWXYZ", _VIN_VALUES, strict=True))
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_PPS = "WABCDEFGHIJKLMNOPQRSTUV"
_NORWEGIAN = ((3, 7, 6, 1, 8, 9, 4, 5, 2, 1), (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1))


def _weighted(value: str, weights: Sequence[int]) -> int:
    return sum(int(digit) * weight for digit, weight in zip(value, weights, strict=False))


def _modulo(weights: Sequence[int], modulus: int = 11) -> Callable[[str], bool]:
    """Return a check that the weighted digits, the last one included, add up to a multiple of `modulus`."""
    return lambda value: value.isdigit() and _weighted(value, weights) % modulus == 0 and len(set(value)) > 1


def _day(day: str, month: str) -> bool:
    return 1 <= int(day) <= 31 and 1 <= int(month) <= 12


bsn = _modulo((9, 8, 7, 6, 5, 4, 3, 2, -1))
pesel_digits = _modulo((1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1), 10)
kennitala = _modulo((3, 2, 7, 6, 5, 4, 3, 2, 1, 0))
tfn = _modulo((1, 4, 3, 7, 5, 8, 6, 9, 10))


def pesel(value: str) -> bool:
    """Polish PESEL: date of birth (the century is added to the month) and modulo 10."""
    return pesel_digits(value) and _day(value[4:6], str(int(value[2:4]) % 20))


def nip(value: str) -> bool:
    """Polish tax number."""
    return _weighted(value, (6, 5, 7, 2, 3, 4, 5, 6, 7)) % 11 == int(value[9])


def dni(value: str) -> bool:
    """Spanish DNI (eight digits and a letter) or NIE (X, Y or Z before seven digits)."""
    value = value.upper()
    digits = value[:-1].translate(str.maketrans("XYZ", "012"))
    return digits.isdigit() and _DNI[int(digits) % 23] == value[-1]


def fiscal_code(value: str) -> bool:
    """Italian codice fiscale: 16 characters, the last of them a check letter."""
    total = 0
    for index, character in enumerate(value.upper()[:15]):
        number = int(character) if character.isdigit() else ord(character) - 65
        total += number if index % 2 else _FISCAL_ODD[number]
    return chr(65 + total % 26) == value[15].upper()


def nir(value: str) -> bool:
    """French NIR (social security): 13 characters and a key modulo 97; Corsica writes 2A and 2B."""
    body = value[:13].upper().replace("2A", "19").replace("2B", "18")
    return body.isdigit() and 97 - int(body) % 97 == int(value[13:15]) and value[3:5] != "00"


def siren(value: str) -> bool:
    """French SIREN (nine digits) or SIRET (fourteen)."""
    return luhn(value)


def steuer_id(value: str) -> bool:
    """German tax identification number (ISO 7064, modulo 11, 10); a digit stands twice or thrice."""
    return iso_11_10(value) and value[0] != "0" and len(set(value[:10])) in {8, 9}


def iso_11_10(value: str) -> bool:
    """Return whether digits pass ISO 7064 modulo 11, 10 (German tax and VAT numbers, Croatian OIB)."""
    product = 10
    for digit in value[:-1]:
        product = ((int(digit) + product) % 10 or 10) * 2 % 11
    return (11 - product) % 10 == int(value[-1])


def belgian(value: str) -> bool:
    """Belgian national number; who was born from 2000 on has a 2 before it for the check."""
    key = int(value[9:])
    return key in {97 - int(value[:9]) % 97, 97 - int("2" + value[:9]) % 97}


def portuguese(value: str) -> bool:
    """Portuguese NIF."""
    check = 11 - _weighted(value, (9, 8, 7, 6, 5, 4, 3, 2)) % 11
    return (0 if check > 9 else check) == int(value[8])


def swedish(value: str) -> bool:
    """Swedish personal number of ten or twelve digits: a date (its day may be 60 more) and Luhn."""
    short = value[-10:]
    return luhn(short) and _day(str(int(short[4:6]) % 60), short[2:4])


def danish(value: str) -> bool:
    """Danish CPR number: only its date can be checked."""
    return _day(value[:2], value[2:4])


def finnish(value: str) -> bool:
    """Finnish personal identity code: a date, three digits and a check character."""
    digits = re.sub(r"[^0-9]", "", value[:6] + value[7:10])
    return len(digits) == 9 and _day(value[:2], value[2:4]) and _HETU[int(digits) % 31] == value[-1].upper()


def norwegian(value: str) -> bool:
    """Norwegian birth number: a date (40 is added to the day of a D-number) and two digits modulo 11."""
    sums = [_weighted(value, weights) % 11 for weights in _NORWEGIAN]
    return sums == [0, 0] and _day(str(int(value[:2]) % 40), value[2:4])


def irish(value: str) -> bool:
    """Irish PPS number: seven digits and one or two letters."""
    total = _weighted(value, (8, 7, 6, 5, 4, 3, 2))
    second = value[8:9].upper()
    total += 9 * (_PPS.index(second) if second in _PPS else 0) if second else 0
    return _PPS[total % 23] == value[7].upper()


def ean13(value: str) -> bool:
    """Swiss AHV number: the check of a thirteen-digit article number."""
    return _weighted(value, (1, 3) * 6 + (1,)) % 10 == 0


def czech(value: str) -> bool:
    """Czech or Slovak birth number: a date (50 is added to a woman's month) and, of ten digits, modulo 11."""
    month = int(value[2:4]) % 50 % 20
    return _day(value[4:6], str(month)) and (len(value) == 9 or int(value) % 11 == 0)


def austrian(value: str) -> bool:
    """Austrian social security number: a serial number, a check digit and a date."""
    return _weighted(value, (3, 7, 9, 0, 5, 8, 4, 2, 1, 6)) % 11 == int(value[3])


def cnp(value: str) -> bool:
    """Romanian CNP."""
    check = _weighted(value, (2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9)) % 11
    return (1 if check == 10 else check) == int(value[12]) and _day(value[5:7], value[3:5])


def gstin(value: str) -> bool:
    """Indian GSTIN: state, PAN, entity and a check character modulo 36."""
    total = 0
    for index, character in enumerate(value[:14]):
        product = _ALPHABET.index(character) * (1 + index % 2)
        total += product // 36 + product % 36
    return _ALPHABET[(36 - total % 36) % 36] == value[14]


def vin(value: str) -> bool:
    """Vehicle identification number with its check digit, which North America requires (49 CFR 565)."""
    if value.isdigit() or value.isalpha():
        return False
    total = sum(
        (int(c) if c.isdigit() else _VIN_LETTERS[c]) * w for c, w in zip(value.upper(), _VIN_WEIGHTS, strict=True)
    )
    return "0123456789X"[total % 11] == value[8].upper()


def npi(value: str) -> bool:
    """US National Provider Identifier: Luhn with the prefix 80840."""
    return value[0] in "12" and luhn("80840" + value)


def utr(value: str) -> bool:
    """UK unique taxpayer reference: the first digit checks the others."""
    return "21987654321"[_weighted(value[1:], (6, 7, 8, 9, 10, 5, 4, 3, 2)) % 11] == value[0]


def cpf(value: str) -> bool:
    """Brazilian CPF."""
    first, second = (_weighted(value, range(n, 1, -1)) * 10 % 11 % 10 for n in (10, 11))
    return value[9:] == f"{first}{second}" and len(set(value)) > 1


def chinese(value: str) -> bool:
    """Chinese resident identity number: a date and ISO 7064 modulo 11-2."""
    total = sum(int(digit) * pow(2, 17 - index, 11) for index, digit in enumerate(value[:17]))
    return _day(value[12:14], value[10:12]) and "10X98765432"[total % 11] == value[17].upper()


def korean(value: str) -> bool:
    """Korean resident registration number: its date; numbers given since 2020 have no check digit."""
    return _day(value[4:6], value[2:4])


def singaporean(value: str) -> bool:
    """Singapore NRIC or FIN."""
    total = _weighted(value[1:8], (2, 7, 6, 5, 4, 3, 2)) + (4 if value[0] in "TG" else 3 if value[0] == "M" else 0)
    letters = {"S": "JZIHGFEDCBA", "T": "JZIHGFEDCBA", "F": "XWUTRQPNMLK", "G": "XWUTRQPNMLK", "M": "XWUTRQPNJLK"}
    index = 10 - total % 11 if value[0] == "M" else total % 11
    return letters[value[0]][index] == value[8]


def hong_kong(value: str) -> bool:
    """Hong Kong identity card: one or two letters, six digits and a check character."""
    padded = value.rjust(9)
    numbers = [36 if c == " " else _ALPHABET.index(c) for c in padded[:-1]]
    total = sum(number * weight for number, weight in zip(numbers, range(9, 1, -1), strict=True))
    return (total + (10 if value[-1] == "A" else int(value[-1]))) % 11 == 0


def abn(value: str) -> bool:
    """Australian business number."""
    return (_weighted(value, (10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19)) - 10) % 89 == 0


def turkish(value: str) -> bool:
    """Turkish identity number."""
    digits = [int(c) for c in value]
    return (sum(digits[0:9:2]) * 7 - sum(digits[1:8:2])) % 10 == digits[9] and sum(digits[:10]) % 10 == digits[10]
