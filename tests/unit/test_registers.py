"""Numbers of registers by country: found with a right checksum or label, left where the checksum is wrong."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentkit.privacy import EmbeddedRecognizer, checksums_national
from agentkit.privacy.registers import registers

RECOGNIZER = EmbeddedRecognizer()


def found(text: str, kind: str) -> list[str]:
    return [text[e.start : e.end] for e in RECOGNIZER.recognize(text) if e.type == kind]


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("Steuer-ID: 86 095 742 719", "TAX_ID", "86 095 742 719"),
        ("VAT No. GB 123 4567 82,", "TAX_ID", "GB 123 4567 82"),
        ("USt-IdNr. DE136695976", "TAX_ID", "DE136695976"),
        ("ATU12345678 is its number", "TAX_ID", "ATU12345678"),
        ("EIN 12-3456789", "TAX_ID", "12-3456789"),
        ("UTR 11234 56789", "TAX_ID", "11234 56789"),
        ("NIP 123-456-32-18", "TAX_ID", "123-456-32-18"),
        ("contribuinte n.º 123456789", "TAX_ID", "123456789"),
        ("GSTIN 27AAPFU0939F1ZV of the firm", "TAX_ID", "27AAPFU0939F1ZV"),
        ("con DNI 12345678Z,", "NATIONAL_ID", "12345678Z"),
        ("NIE X1234567L", "NATIONAL_ID", "X1234567L"),
        ("codice fiscale RSSMRA85T10A562S.", "NATIONAL_ID", "RSSMRA85T10A562S"),
        ("NIR 2 55 08 14 168 025 38 (France)", "NATIONAL_ID", "2 55 08 14 168 025 38"),
        ("PESEL 44051401359", "NATIONAL_ID", "44051401359"),
        ("BSN: 111222333", "NATIONAL_ID", "111222333"),
        ("rijksregister 85.07.30-033.28", "NATIONAL_ID", "85.07.30-033.28"),
        ("personnummer 811218-9876", "NATIONAL_ID", "811218-9876"),
        ("henkilötunnus 131052-308T", "NATIONAL_ID", "131052-308T"),
        ("fødselsnummer 15108695088", "NATIONAL_ID", "15108695088"),
        ("PPS 1234567T", "NATIONAL_ID", "1234567T"),
        ("AHV 756.9217.0769.85", "NATIONAL_ID", "756.9217.0769.85"),
        ("EPIC ABC1234567", "NATIONAL_ID", "ABC1234567"),
        ("CPF 111.444.777-35", "NATIONAL_ID", "111.444.777-35"),
        ("NRIC S1234567D", "NATIONAL_ID", "S1234567D"),
        ("sort code 20-00-00", "BANK_CODE", "20-00-00"),
        ("IFSC SBIN0001234", "BANK_CODE", "SBIN0001234"),
        ("SWIFT code: DEUTDEFF500", "BANK_CODE", "DEUTDEFF500"),
        ("pay ravi.k@okaxis", "BANK_CODE", "ravi.k@okaxis"),
        ("VIN 1HGCM82633A004352", "VEHICLE_ID", "1HGCM82633A004352"),
        ("NPI 1234567893", "MEDICAL_LICENSE", "1234567893"),
        ("Medicare 1EG4-TE5-MK73", "MEDICAL_RECORD", "1EG4-TE5-MK73"),
        ("MRN: 00123456", "MEDICAL_RECORD", "00123456"),
        ("Company No. 01234567", "COMPANY_NUMBER", "01234567"),
        ("SIREN 732 829 320", "COMPANY_NUMBER", "732 829 320"),
        ("licence MORGA657054SM9IJ", "DRIVER_LICENSE", "MORGA657054SM9IJ"),
        ("Application no. 48211/09", "CASE_NUMBER", "48211/09"),
        ("Case No. 2:14-cv-01873-ABC", "CASE_NUMBER", "2:14-cv-01873-ABC"),
        ("W.P. No. 12345 of 2010", "CASE_NUMBER", "12345 of 2010"),
        ("In Case C-316/13, the", "CASE_NUMBER", "C-316/13"),
        ("Our ref: ABC/12/9", "CASE_NUMBER", "ABC/12/9"),
        ("Matter No. 2021-0042", "CASE_NUMBER", "2021-0042"),
        ("to PL10105000997603123456789123 in euros", "IBAN_CODE", "PL10105000997603123456789123"),
        ("IBAN AT61 1904 3002 3457 3201 now", "IBAN_CODE", "AT61 1904 3002 3457 3201"),
        ("was born in 1972 in Ulm", "DATE_OF_BIRTH", "1972"),
    ],
)  # fmt: skip
def test_a_register_number_is_found_exactly(text: str, kind: str, expected: str) -> None:
    assert found(text, kind) == [expected]


@pytest.mark.parametrize(
    ("text", "kind", "number"),
    [
        ("EIN 12-3456789", "TAX_ID", "12-3456789"),
        ("PESEL 44051401359", "NATIONAL_ID", "44051401359"),
        ("MRN: 00123456", "MEDICAL_RECORD", "00123456"),
        ("sort code 20-00-00", "BANK_CODE", "20-00-00"),
        ("Application no. 48211/09", "CASE_NUMBER", "48211/09"),
    ],
)
def test_a_labelled_number_is_found_where_its_type_is_wanted_and_left_where_it_is_not(
    text: str, kind: str, number: str
) -> None:
    assert [(e.type, text[e.start : e.end]) for e in registers(text, types={kind})] == [(kind, number)]
    assert list(registers(text, types={"EMAIL_ADDRESS"})) == []


@pytest.mark.parametrize(
    "text",
    [
        "Sections 12.3, 14 and 10.1.4; 360-day year; 30-35 days; $1,234,567; EUR 811218.98.",
        "PESEL 44051401358, BSN 111222334, NPI 1234567890, item 811218-9877, CPF 111.444.777-36",
        "Lots No. 12 and 14, Claim No. 5, Exhibit No. 10, Article 12345, version 20200101",
        "1HGCM82633A004353 and 27AAPFU0939F1ZW and RSSMRA85T10A562T are mistyped",
        "sold 100,000 shares registered in the name of the Trustee for 250000 units",
        "the VAT of 20 per cent, VAT at 19.5, tax identification of 12 goods",
    ],
)
def test_numbers_of_contracts_and_wrong_checksums_are_left(text: str) -> None:
    assert [text[e.start : e.end] for e in registers(text)] == []


SAMPLES = {
    "pesel": "44051401359", "nip": "1234563218", "nir": "255081416802538",
    "siren": "732829320", "steuer_id": "86095742719", "bsn": "111222333",
    "belgian": "85073003328", "portuguese": "123456789", "norwegian": "15108695088", "austrian": "1237010180",
    "cnp": "1800101221144", "npi": "1234567893", "utr": "1123456789", "cpf": "11144477735", "abn": "51824753556",
    "turkish": "10000000146", "ean13": "7569217076985", "swedish": "8112189876",
}  # fmt: skip


@pytest.mark.parametrize("name", SAMPLES)
def test_a_checksum_sees_nine_in_ten_single_wrong_digits_or_more(name: str) -> None:
    valid = SAMPLES[name]
    checked = getattr(checksums_national, name)
    assert checked(valid)
    wrong = [
        valid[:place] + digit + valid[place + 1 :]
        for place in range(len(valid))
        for digit in "0123456789"
        if digit != valid[place]
    ]
    passed = [value for value in wrong if checked(value)]
    assert len(passed) <= len(wrong) // 10


@given(st.text(alphabet="ABCXZ0123456789-/. ()+:NoVAT", max_size=60))
def test_any_run_of_letters_and_digits_is_survived(text: str) -> None:
    for entity in registers(text):
        assert 0 <= entity.start < entity.end <= len(text)
        assert re.search(r"\d", text[entity.start : entity.end])


@pytest.mark.parametrize("piece", ["No. 1", "A1-", "12/34 ", "1 ", "VAT 12 ", "AB12CD34", "Case No: "])
def test_repeated_numbers_take_time_in_proportion_to_the_text(piece: str) -> None:
    text = piece * (100_000 // len(piece))
    begin = time.process_time()
    assert list(registers(text)) is not None
    assert time.process_time() - begin < 15
