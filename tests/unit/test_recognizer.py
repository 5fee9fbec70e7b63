import time
from collections.abc import Callable

import pytest

from agentkit.privacy import EmbeddedRecognizer, Policy
from agentkit.privacy.checksums import dea, iban, itin, luhn, nhs, routing, ssn, verhoeff

RECOGNIZER = EmbeddedRecognizer()


def found(text: str, *types: str) -> list[str]:
    return [text[e.start : e.end] for e in RECOGNIZER.recognize(text) if not types or e.type in types]


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("Write to jane.roe+x@law-firm.co.uk, please.", "EMAIL_ADDRESS", "jane.roe+x@law-firm.co.uk"),
        ("Facsimile: (858) 259-1166 ext. 12", "PHONE_NUMBER", "(858) 259-1166 ext. 12"),
        ("Ring +44 20 7946 0958 today", "PHONE_NUMBER", "+44 20 7946 0958"),
        ("my mobile number is 9472 7916", "PHONE_NUMBER", "9472 7916"),
        ("请联系王小明，手机 13800138000，", "PHONE_NUMBER", "13800138000"),
        ("致电13900139000联系", "PHONE_NUMBER", "13900139000"),
        ("call +8613800138000 or", "PHONE_NUMBER", "+8613800138000"),
        ("on 138-0013-8000 at noon", "PHONE_NUMBER", "138-0013-8000"),
        ("Mob. 98765 43210,", "PHONE_NUMBER", "98765 43210"),
        ("mobile no. 9876543210;", "PHONE_NUMBER", "9876543210"),
        ("from 0091 98765 43210 today", "PHONE_NUMBER", "0091 98765 43210"),
        ("from 0049 30 1234567 today", "PHONE_NUMBER", "0049 30 1234567"),
        ("هاتف: 0501234567", "PHONE_NUMBER", "0501234567"),
        ("נייד: 0541234567", "PHONE_NUMBER", "0541234567"),
        ("тел. 8 (495) 123-45-67", "PHONE_NUMBER", "8 (495) 123-45-67"),
        ("SSN 536-22-8726.", "US_SSN", "536-22-8726"),
        ("NI number QQ123456C? No: AB 12 34 56 C.", "UK_NINO", "AB 12 34 56 C"),
        ("pay to DE89 3704 0044 0532 0130 00 now", "IBAN_CODE", "DE89 3704 0044 0532 0130 00"),
        ("card 4111-1111-1111-1111 expires", "CREDIT_CARD", "4111-1111-1111-1111"),
        ("card 4111.1111.1111.1111 expires", "CREDIT_CARD", "4111.1111.1111.1111"),
        ("pay to DE89.3704.0044.0532.0130.00 now", "IBAN_CODE", "DE89.3704.0044.0532.0130.00"),
        ("pay to DE89 3704 0044 0532 0130 00. Then", "IBAN_CODE", "DE89 3704 0044 0532 0130 00"),
        (
            "write to dario.castellane (at) northgate.example",
            "EMAIL_ADDRESS",
            "dario.castellane (at) northgate.example",
        ),
        ("or jane [at] firm [dot] example, please", "EMAIL_ADDRESS", "jane [at] firm [dot] example"),
        ("Notices to Ingrid Castellane go to ingrid.castellane@tallow.example.", "PERSON", "Ingrid Castellane"),
        ("The Zebulon Quackenbush (zq@tallow.example) shall pay.", "PERSON", "Zebulon Quackenbush"),
        ("Contact Person (office@tallow.example); Ada Xu <ax@t.example>", "PERSON", "Ada Xu"),
        ("Legal Notices go to legal.notices@tallow.example; Ada B. Xu: xu.ada@t.example", "PERSON", "Ada B. Xu"),
        ("PAN ABCPE1234F of the assessee", "IN_PAN", "ABCPE1234F"),
        ("ABA routing number 021000021", "US_BANK_NUMBER", "021000021"),
        ("Account No.: 0012-345678", "US_BANK_NUMBER", "0012-345678"),
        ("holder of passport no. X1234567", "US_PASSPORT", "X1234567"),
        ("born on 12 March 1980 in Ulm", "DATE_OF_BIRTH", "12 March 1980"),
        ("Cuenta: 1234567890, a nombre de", "US_BANK_NUMBER", "1234567890"),
        ("sul conto corrente 000123456789 della", "US_BANK_NUMBER", "000123456789"),
        ("op rekening 123456789 van", "US_BANK_NUMBER", "123456789"),
        ("Prawo jazdy 12345061234 wydane", "DRIVER_LICENSE", "12345061234"),
        ("Prawo jazdy nr 1234567890 wydane", "DRIVER_LICENSE", "1234567890"),
        ("numéro SIRENE 732 829 320 au", "COMPANY_NUMBER", "732 829 320"),
        ("from 192.168.100.17 at noon", "IP_ADDRESS", "192.168.100.17"),
        ("see https://example.org/a?b=c.", "URL", "https://example.org/a?b=c"),
        ("a man aged 47, of Delhi", "AGE", "47"),
        ("dated the 3rd day of June, 2014", "DATE_TIME", "3rd day of June, 2014"),
        ("London SW1A 1AA", "ZIP_CODE", "SW1A 1AA"),
        ("device 00:1B:44:11:3A:B7 was", "MAC_ADDRESS", "00:1B:44:11:3A:B7"),
    ],
)
def test_an_identifier_is_found_exactly(text: str, kind: str, expected: str) -> None:
    assert found(text, kind) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "Section 2.1.1.4 and clauses 10.2.3.1 apply.",
        "The price is $1,250,000.00 for 4111111111111112 units.",
        "Between 2007 - 2008 the parties met 123 times.",
        "in the agreement.In addition, the tenant",
        "See AIR 1962 SC 605, at 611.",
        "for INR 13800138000, USD 13800138000.50 and ¥13800138000",
        "2023 98765 43210 150 2019 2020",
        "合同编号13800138000123，租金为人民币5000元，面积138001380平方米",
    ],
)
def test_numbers_and_dots_of_contracts_are_no_identifiers(text: str) -> None:
    assert not [e for e in Policy(RECOGNIZER).find(text) if e.type not in {"DATE_TIME"}]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("By: /s/ Qadira Vohlenbek\nName: Qadira Vohlenbek\nTitle: Director", ["Qadira Vohlenbek"] * 2),
        ("Mr. Zyxter and Dr. Ómar Ferrabold agreed.", ["Zyxter", "Ómar Ferrabold"]),
        ("between Priya Raghunathan, an individual, and the Bank", ["Priya Raghunathan"]),
        ("PW-3 Sunita Bhosale w/o Vilas saw the accused Ramchandra.", ["Sunita Bhosale", "Vilas", "Ramchandra"]),
        ("Chen Shuning and J. P. O'Rourke III met.", ["Chen Shuning", "J. P. O'Rourke III"]),
        ("Attention: Søren Kjærgaard, General Counsel", ["Søren Kjærgaard"]),
        ("CORAM: B.H. MARLAPALLE AND R.Y. GANOO, JJ.", ["B.H. MARLAPALLE", "R.Y. GANOO"]),
        (
            "Inspector Balwinder Singh; Md. Salim. Jaswant Rai Mehta fled.",
            ["Balwinder Singh", "Md. Salim", "Jaswant Rai Mehta"],
        ),
        ("Per: Nikolas P. Tsakovent, President", ["Nikolas P. Tsakovent"]),
        ("Giulia Bianchi signed. Later Bianchi's lawyer called.", ["Giulia Bianchi", "Bianchi"]),
        ("Zakupodavac Ivan Horvat daje prostor u Zagrebu, a Zakupnik plaća u Splitu.", ["Ivan Horvat"]),
        ("Der Vermieter Hans Müller und die Mieterin Anna Schmidt; Käufer", ["Hans Müller", "Anna Schmidt"]),
        ("Le Bailleur Jean Dupont et le Locataire. L'Acheteur paie.", ["Jean Dupont"]),
        ("Wynajmujący Jan Kowalski i Najemca w Krakowie", ["Jan Kowalski"]),
        ("El Arrendador y Juan Pérez; il Locatore Mario Rossi", ["Juan Pérez", "Mario Rossi"]),
        ("my name is naomi ryan and i live here", ["naomi ryan"]),
    ],
)
def test_persons_are_found_by_lists_structure_and_repetition(text: str, expected: list[str]) -> None:
    assert found(text, "PERSON") == expected


@pytest.mark.parametrize(
    "text",
    [
        "Johnson & Johnson, Morgan Stanley and Wells Fargo Bank lend to the Borrower.",
        "The Tenant shall pay Rent in Jackson, Mississippi, by May 1, and the Landlord may Grant consent.",
        "The Purchaser shall deliver the Closing Certificate to the Escrow Agent on the Effective Date.",
        "ARTICLE IV REPRESENTATIONS AND WARRANTIES OF THE SELLER",
        "Smith v. Jones, 12 U.S. 4, per Justice Holmes, and Cardozo, J. dissenting",
        "288 Tam. 51 and 82 Stat. 1204, at 7; offices in San Ramon and Port Louisa",
        "Install MS SQL 7 or 2 Apache 1.",
        "Name: MarketSet, Attention: SQL, By: Acme Bank",
        "governed by the laws of the State of Georgia; courts in Lincoln, Nebraska",
    ],
)
def test_companies_places_terms_and_case_names_are_not_replaced(text: str) -> None:
    assert [text[e.start : e.end] for e in Policy(RECOGNIZER).find(text)] == []


@pytest.mark.parametrize(
    "address",
    [
        "12400 High Bluff Drive, Suite 650, San Diego, CA 92130",
        "Hauptstraße 12, 10115 Berlin",
        "24 rue de la Paix, 75002 Paris",
        "P.O. Box 2681, George Town",
        "Flat No. 12, 4 Linking Road, Mumbai 400050",
        "221B Baker Street\nLondon NW1 6XE",
        "Unit 5022 Box 1225\nDPO AE 44085",
        "Level 5, 20 Bond Street, Sydney NSW 2000",
        "2060 Avenida Otoniel Vexdra 1277\n Suite 829\n Salvador\n Brazil 10988",
        "Ringvej 144",
        "USS Vohlenbek\nFPO AP 93757",
        "One Connaught Place, Tower 2",
    ],
)
def test_an_address_is_covered_whole(address: str) -> None:
    text = f"whose address is {address}"
    spans = [(e.start, e.end) for e in RECOGNIZER.recognize(text)]
    covered = {i for start, end in spans for i in range(start, end)}
    left = [text[i] for i in range(17, len(text)) if i not in covered and text[i].isalnum()]
    assert left == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("by and between Zyxware Technologies, Inc. and Buyer", "Zyxware Technologies, Inc."),
        ("ACME HOLDINGS LLC, a Delaware limited liability company", "ACME HOLDINGS LLC"),
        ("the Reserve Bank of India notified", "Reserve Bank of India"),
        ("before the High Court of Delhi", "High Court of Delhi"),
        ("Bank of America, N.A. as agent", "Bank of America, N.A."),
        ("SUPREME COURT\nCIVIL SIDE\nM/s Hindustan Zyx Company Ltd. .. Appellant", "Hindustan Zyx Company Ltd."),
        ("a claim by Borrower and Zyxware Oil Co., Ltd. against", "Zyxware Oil Co., Ltd."),
        ("Tobin & Whitworth advised", "Tobin & Whitworth"),
        ("the offices of Tobin, Whitworth and Doyle were closed", "Tobin, Whitworth and Doyle"),
        ("the Central Bureau of Investigation appealed", "Central Bureau of Investigation"),
        ("he worked for Rapid Cycle Works then", "Rapid Cycle Works"),
    ],
)
def test_organisations_are_found_whole(text: str, expected: str) -> None:
    assert expected in found(text, "ORGANIZATION")


def test_the_short_name_a_contract_defines_is_found_again() -> None:
    text = 'Zyxware Technologies, Inc., a Delaware corporation ("Zyxware") sells. Buyer pays Zyxware monthly.'
    assert found(text, "ORGANIZATION") == ["Zyxware Technologies, Inc.", "Zyxware", "Zyxware"]


def test_places_and_peoples_are_found() -> None:
    assert found("a Canadian court sitting in New York", "LOCATION", "NRP") == ["Canadian", "New York"]


@pytest.mark.parametrize("text", ["", " ", "\n\n", "…", "\x00", "a", "A", "1", "<", "@", "ß" * 50, "İİİ", "\ud800"])
def test_odd_texts_are_survived(text: str) -> None:
    assert all(0 <= e.start < e.end <= len(text) for e in RECOGNIZER.recognize(text))


PIECES = [
    "1", "1 ", "a.", "<", "A ", "Abc ", "a@", "-", "12-", "\n", "(1) ", "12 Ab ", "Apt 1 ", "ab:", "Smith and ",
    "Mr. ", "/s/ ", "Bank of ", "<PERSON_", "Name: ", "x, y and ", "12/", "(0", "1:", "a@b.co ", "x(at)y.",
]  # fmt: skip


@pytest.mark.parametrize("piece", PIECES)
def test_hostile_text_takes_time_in_proportion_to_its_length(piece: str) -> None:
    text = (piece * 60_000)[:60_000]
    begin = time.process_time()
    RECOGNIZER.recognize(text)
    # Far beyond what linear work takes on any machine; quadratic work takes minutes.
    assert time.process_time() - begin < 25


def test_a_register_of_mailboxes_takes_time_in_proportion_to_its_length() -> None:
    names = ["".join(chr(97 + (number // 26**place) % 26) for place in range(6)) for number in range(4_000)]
    text = " ".join(f"Notices to {name.title()} Quillon go to {name}.quillon@t.example." for name in names)
    begin = time.process_time()
    persons = found(text, "PERSON")
    assert time.process_time() - begin < 25
    assert len(persons) == len(names)


@pytest.mark.parametrize(
    ("check", "right", "wrong"),
    [
        (luhn, "4111111111111111", "4111111111111112"),
        (iban, "GB82WEST12345698765432", "GB82WEST12345698765433"),
        (iban, "DE89370400440532013000", "DE8937040044053201300"),
        (nhs, "9434765919", "9434765918"),
        (routing, "021000021", "021000022"),
        (dea, "BB1388568", "BB1388569"),
        (verhoeff, "234123412346", "234123412347"),
        (itin, "912701234", "912001234"),
        (ssn, "536228726", "666228726"),
    ],
)
def test_checksums_know_right_from_wrong(check: Callable[[str], bool], right: str, wrong: str) -> None:
    assert check(right)
    assert not check(wrong)
