import time

import pytest

from agentkit.privacy import EmbeddedRecognizer, Policy

POLICY = Policy(EmbeddedRecognizer())


def replaced(text: str) -> list[str]:
    return [text[e.start : e.end] for e in POLICY.find(text) if e.type == "STREET_ADDRESS"]


@pytest.mark.parametrize(
    "address",
    [
        "Unit 4, Juniper Court, 1180 Lantern Street, Port Hollis, Oregon 97899",
        "Suite 210, Harbor Tower, 45 Cobble Street, Boston, MA 02110",
        "Flat 3, Rosewood House, 12 Elm Grove, Leeds LS6 2AB",
        "Flat B, 45 Highbury Hill, London N5 1SU",
        "Floor 5, Meridian Building, 200 Collins Street, Melbourne VIC 3000",
        "Ground Floor, 9 King Street, Manchester M2 4LQ",
        "Third Floor, Crown House, 22 Bridge Street, Cork",
        "Block B, Sunrise Apartments, 14 MG Road, Bengaluru 560001",
        "Flat No. 302, Sai Krupa Apartments, Plot No. 17, Linking Road, Bandra West, Mumbai 400050",
        "House No. 45, Sector 17, Chandigarh 160017",
        "Shanti Niwas, S.V. Road, Andheri East, Mumbai - 400069",
        "Shop 7, Central Mall, 33 High Street, Perth WA 6000",
        "The Old Rectory, 7 Church Lane, Bath BA1 5XY",
        "Rosewood House, Elm Grove, Leeds LS6 2AB",
        "2. OG, Gebäude C, Hauptstraße 15, 10115 Berlin",
        "Haus Sonnenblick, Lindenstraße 12, 80331 München",
        "Bâtiment C, 3ème étage, 14 rue de la Paix, 75002 Paris",
        "Appartement 12, Résidence Les Pins, 8 avenue Victor Hugo, 69003 Lyon",
        "5 bis, rue de Rivoli, 75001 Paris",
        "Suite 9\nHarbor House\n45 Cobble Street\nBoston, MA 02110",
        "Unit 4, Juniper Court,\n1180 Lantern Street,\nPort Hollis, Oregon 97899",
    ],
)
@pytest.mark.parametrize(
    "frame", ["{}", "to the Tenant at {}; with a copy by e-mail.", "Notices:\n\n{}\n\n2. The Rent"]
)
def test_an_address_is_replaced_from_its_unit_to_its_postcode(address: str, frame: str) -> None:
    assert replaced(frame.format(address)) == [address]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("In January 2020, Green Park, 10 Oak Road was let.", ["Green Park, 10 Oak Road"]),
        ("The Tenant, Baker Limited, 12 Elm Grove, Leeds LS6 2AB pays.", ["12 Elm Grove, Leeds LS6 2AB"]),
        ("from 12 Elm Grove, Leeds to 9 Oak Road, York", ["12 Elm Grove, Leeds", "9 Oak Road, York"]),
    ],
)
def test_what_stands_beside_an_address_stays(text: str, expected: list[str]) -> None:
    assert replaced(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Unit Price 4, Foundry Works, 1180 Units were sold.",
        "Section 8, Tenant, 5 Business Days after notice",
        "Sales, Marketing and Support of 123456 units",
        "The Building, the Premises and Schedule 4 form part of this Lease.",
    ],
)
def test_numbers_and_names_of_contracts_are_no_addresses(text: str) -> None:
    assert replaced(text) == []


@pytest.mark.parametrize("piece", ["Unit 4, Foundry Court, ", "Elm House, ", "1 A, ", "A B C D, LS6 2AB ", "Flat 1\n"])
def test_repeated_parts_take_time_in_proportion_to_the_text(piece: str) -> None:
    started = time.process_time()
    POLICY.find(piece * (60_000 // len(piece)))
    assert time.process_time() - started < 15
