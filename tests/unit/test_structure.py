"""Sections of legal texts, laid out and flattened."""

import random
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from agentkit.text.locate import heading_trail, locator, locator_at, page_at, trail
from agentkit.text.structure import find_sections
from agentkit.types import Document, Page, Section


def outline(text: str) -> list[tuple[str, str]]:
    return [(section.number, section.title) for section in find_sections(text)]


def test_articles_and_decimal_clauses_nest() -> None:
    text = (
        "ARTICLE I\nDEFINITIONS\n\n1.1 Affiliate. A company under common control.\n\n"
        "1.2 Fee. The sum in Schedule 1.\n\nARTICLE II - TERM\n\n2.1 Start. The term starts today.\n\n"
        "(a) It may be extended;\n\n(b) it may end.\n\n2.2 End. It ends."
    )
    found = find_sections(text)
    assert [(s.number, s.title, s.level) for s in found] == [
        ("Article I", "DEFINITIONS", 1),
        ("1.1", "Affiliate", 2),
        ("1.2", "Fee", 2),
        ("Article II", "TERM", 1),
        ("2.1", "Start", 2),
        ("2.1(a)", "", 3),
        ("2.1(b)", "", 3),
        ("2.2", "End", 2),
    ]


def test_what_a_line_of_a_form_says_is_no_part_of_its_title() -> None:
    text = (
        "1. EFFECTIVE DATE: November 01, 2016\n\n2. TERM: May 2014 to April 2017\n\n3. SHIPPER TYPE: Interstate\n\n"
        "4. RATE SCHEDULE: FT\n\n5. Insurance: General\n\n6. Fee cap: EUR 5,000"
    )
    assert outline(text) == [
        ("1", "EFFECTIVE DATE"),
        ("2", "TERM"),
        ("3", "SHIPPER TYPE"),
        ("4", "RATE SCHEDULE: FT"),
        ("5", "Insurance: General"),
        ("6", "Fee cap"),
    ]


def test_a_flattened_contract_keeps_its_clauses() -> None:
    text = (
        "LEASE AGREEMENT This lease is made on 1 May 2020 between A and B. 1. Term. The term is 5 years. 2. Rent. "
        "The rent is $500 as section 12.3 says. It grows by 3. Then nothing. 2.1 Interest. Late rent bears interest "
        "under Section 2.2 Costs apply. 2.2 Costs. The Tenant bears costs. 3. Notices. Notices go to No. 4 Main "
        "Street. Article 9 applies to them. "
        "4. Law. English law applies. " + "The parties have read this. " * 12
    )
    assert [pair for pair in outline(text) if pair[0]] == [
        ("1", "Term"),
        ("2", "Rent"),
        ("2.1", "Interest"),
        ("2.2", "Costs"),
        ("3", "Notices"),
        ("4", "Law"),
    ]


def test_a_reference_at_the_start_of_a_wrapped_line_is_no_section() -> None:
    text = (
        "1. Rent. The rent is due on the first day of the month under the terms of\nSection 5 and, where late, of "
        "the fourth and of the later clause\n12.3 as well as, in each case of a dispute, under\n"
        'Schedule 2 ("Sums").\n\n2. Term. Long.'
    )
    assert [number for number, _ in outline(text) if number] == ["1", "2"]


def test_numbers_that_are_no_clauses() -> None:
    lines = [
        "1. Term. The term began in",
        "2019. The rent is",
        "30 days late.",
        "$5.00 is due. It is",
        "12 March 2020.",
    ]
    assert [n for n, _ in outline("\n\n".join([*lines, "2. Rent. Nothing."])) if n] == ["1", "2"]


def test_a_wrapped_line_is_not_taken_for_a_title() -> None:
    text = (
        "1. Insurance\n\n1.1 The Tenant shall insure the contents of the premises and pay\nfor it each year.\n\n"
        "1.2 Any sum paid by an insurer to one of the parties\nbelongs to both."
    )
    assert outline(text) == [("1", "Insurance"), ("1.1", ""), ("1.2", "")]


def test_the_stop_of_an_abbreviation_ends_no_title() -> None:
    clauses = ["1. Alpha Orchards, Inc. owns the land.", "2. Notices go to Ms. Dove.", "3. Fees. None."]
    text = "\n\n".join([*clauses, "4. The Court reversed. It held so."])
    assert [title for _, title in outline(text)] == ["", "", "Fees", ""]


def test_a_heading_that_the_format_marks_is_a_title_as_a_whole() -> None:
    text = "A. The limit was part of the contract\n\nThe receipt says so."
    (section,) = find_sections(text, headings=[(0, text.index("\n"), 2)])
    assert (section.number, section.title) == ("A.", "The limit was part of the contract")
    assert text[section.start : section.heading_end] == "A. The limit was part of the contract"


def test_the_first_clause_ends_the_recitals() -> None:
    for heading in ("WHEREAS", "RECITALS", "BACKGROUND"):
        text = (
            f"SUPPLY AGREEMENT\n\n{heading}\n\n(A) The Supplier makes bolts.\n\n(B) The Buyer wants bolts.\n\n"
            "1. Definitions\n\nIn this agreement:\n\n2. Supply\n\nThe Supplier shall supply bolts."
        )
        found = [(section.number, section.title) for section in find_sections(text)]
        assert found[-2:] == [("1", "Definitions"), ("2", "Supply")]
        levels = {section.number or section.title: section.level for section in find_sections(text)}
        assert levels["1"] == levels["2"] < levels["(B)"]
        place = text.index("The Supplier shall")
        above = heading_trail(trail(find_sections(text), place))
        assert above.endswith("2 Supply")
        assert heading not in above


def test_a_sentence_of_a_statute_is_no_heading() -> None:
    text = "12. Penalty\n\n(1) A person offends.\n\n(2) It extends to England and Wales.\n\n(3) There is Guidance."
    assert outline(text) == [("12", "Penalty"), ("12(1)", ""), ("12(2)", ""), ("12(3)", "")]


def test_roman_items_and_the_letter_i_are_told_apart() -> None:
    letters = "\n\n".join(f"({letter}) item {letter} of the list;" for letter in "abcdefghijk")
    assert [n for n, _ in outline(f"1. List. These:\n\n{letters}")] == ["1", *(f"1({x})" for x in "abcdefghijk")]
    romans = "\n\n".join(f"({numeral}) item;" for numeral in ("i", "ii", "iii", "iv", "v", "vi"))
    text = f"1. List. These:\n\n(a) first:\n\n{romans}\n\n(b) second."
    assert [n for n, _ in outline(text)] == [
        "1", "1(a)", "1(a)(i)", "1(a)(ii)", "1(a)(iii)", "1(a)(iv)", "1(a)(v)", "1(a)(vi)", "1(b)",
    ]  # fmt: skip


def test_contents_signatures_and_schedules_have_their_kinds() -> None:
    entries = "\n".join(f"{n}. Clause {n} ......... {n + 3}" for n in range(1, 6))
    clauses = "\n\n".join(f"{n}. Clause {n}. The parties agree on matter {n}." for n in range(1, 6))
    text = (
        f"SERVICES AGREEMENT\n\nTABLE OF CONTENTS\n{entries}\n\nThis agreement is made today.\n\n{clauses}\n\n"
        "IN WITNESS WHEREOF the parties have signed.\n\nBy: ______\nName: Ann Other\nTitle: Director\n\n"
        "SCHEDULE 1\n\nThe goods\n\n1. Nuts. A ton of nuts."
    )
    found = find_sections(text)
    kinds = [(s.kind, s.number) for s in found if s.kind not in ("clause", "heading")]
    assert kinds == [("contents", ""), ("preamble", ""), ("signatures", ""), ("schedule", "Schedule 1")]
    signatures = next(s for s in found if s.kind == "signatures")
    assert text[signatures.start : signatures.end].rstrip().endswith("Title: Director")
    nuts = next(s for s in found if s.title == "Nuts")
    assert locator(trail(found, nuts.start)) == "Schedule 1 § 1"


def test_a_flattened_table_of_contents_is_one_section() -> None:
    titles = ["Definitions", "Grant of Licence", "Fees", "Term and Termination", "Confidentiality", "General"]
    entries = " ".join(f"{n}. {title} {2 * n}" for n, title in enumerate(titles, 1))
    clauses = " ".join(
        f"{n}. {title}. The parties agree on this as a matter of form." for n, title in enumerate(titles, 1)
    )
    text = f"LICENCE AGREEMENT TABLE OF CONTENTS Page {entries} THIS AGREEMENT is made on 3 May 2020. {clauses}"
    found = find_sections(text)
    assert [s.kind for s in found] == ["contents", "preamble", *["clause"] * 6]
    assert text[found[0].start : found[0].end].endswith("General 12")
    assert [s.title for s in found][2:] == titles


def test_statute_sections_take_the_title_on_the_next_line() -> None:
    first = "1001\nShort title.\n\n(a)\nThis act may be cited."
    text = f"{first}\n\n1002\nDefinitions; generally.\n\nIn this act words have meanings."
    assert outline(text) == [("1001", "Short title"), ("1001(a)", ""), ("1002", "Definitions; generally")]


def test_each_defined_term_is_a_section_of_its_clause() -> None:
    items = "(i) five years; or\n\n(ii) six."
    text = f"1. Definitions. In this lease:\n\n“Rent” means GBP 5.\n\n“Term” means:\n\n{items}\n\n“Unit” means Unit 4."
    assert [(s.title or s.number, s.level) for s in find_sections(text)] == [
        ("Definitions", 1), ("Rent", 2), ("Term", 2), ("(i)", 3), ("(ii)", 3), ("Unit", 2),
    ]  # fmt: skip


def test_offsets_find_their_page_and_clause() -> None:
    text = "1. Term. Five years.\n\n2. Rent. None.\n\n(a) Not a penny.\n\nAnnex A\n\nThe annexed list."
    document = Document(
        0, "a", "t", "", text, pages=[Page(1, 0, 20), Page(2, 22, len(text))], sections=find_sections(text)
    )
    assert [page_at(document, at) for at in (0, 19, 20, 22, 60)] == [1, 1, 1, 2, 2]
    assert locator_at(document, 3) == "§ 1"
    assert locator_at(document, text.index("penny")) == "§ 2(a)"
    assert locator_at(document, text.index("annexed")) == "Annex A"
    assert heading_trail(trail(document.sections, text.index("penny"))) == "2 Rent > 2(a)"
    assert page_at(Document(0, "a", "t", "", text), 5) is None


LINES = st.one_of(
    st.builds(
        lambda n, t: f"{n}. {t}", st.integers(1, 30), st.sampled_from(["Term. It is so.", "the rent", "RENT", ""])
    ),
    st.builds(lambda a, b: f"{a}.{b} Payment. The Buyer shall pay.", st.integers(1, 9), st.integers(0, 9)),
    st.builds(lambda x: f"({x}) an item;", st.sampled_from([*"abci", "ii", "iv", "aa", "1", "2", "A"])),
    st.sampled_from(
        [
            "ARTICLE IV",
            "Schedule 1",
            "EXHIBIT B - GOODS",
            "DEFINITIONS",
            "“Rent” means money.",
            "IN WITNESS WHEREOF, signed",
            "By:",
        ]
    ),
    st.text(max_size=40),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(LINES, max_size=25), st.sampled_from(["\n", "\n\n", " "]))
def test_sections_nest_and_lie_within_the_text(lines: list[str], separator: str) -> None:
    text = separator.join(lines)
    check_nesting(find_sections(text), text)


def check_nesting(sections: list[Section], text: str) -> None:
    stack: list[Section] = []
    for before, after in pairwise(sections):
        assert before.start <= after.start
    for section in sections:
        assert 0 <= section.start <= section.heading_end <= section.end <= len(text)
        while stack and stack[-1].level >= section.level:
            stack.pop()
        for outer in stack:
            assert section.end <= outer.end or section.start >= outer.end
        stack.append(section)


def test_a_long_random_contract_is_numbered_as_it_was_written() -> None:
    chooser = random.Random(7)
    words = "the buyer seller shall pay goods deliver notice within thirty days of receipt and price".split()
    expected: list[str] = []
    lines: list[str] = []
    for clause in range(1, 40):
        expected.append(str(clause))
        lines.append(f"{clause}. {chooser.choice(['Price', 'Delivery', 'Risk And Title', 'Notices'])}")
        for sub in range(1, chooser.randint(2, 6)):
            expected.append(f"{clause}.{sub}")
            sentence = " ".join(chooser.choices(words, k=25)).capitalize()
            lines.append(f"{clause}.{sub} {sentence}.")
    for separator in ("\n\n", "\n"):
        assert [s.number for s in find_sections(separator.join(lines))] == expected
