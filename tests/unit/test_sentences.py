"""Sentence boundaries."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentkit.text.sentences import split_sentences


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in split_sentences(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The rent is due. The Tenant pays it.", ["The rent is due.", "The Tenant pays it."]),
        ("Acme Inc. shall pay No. 5 Ltd. the fee.", ["Acme Inc. shall pay No. 5 Ltd. the fee."]),
        (
            "Its seat is Avenida Norte, 939 - Edif. Castelo. It is",
            ["Its seat is Avenida Norte, 939 - Edif. Castelo.", "It is"],
        ),
        ("It binds Acme, Inc. The Tenant agrees.", ["It binds Acme, Inc.", "The Tenant agrees."]),
        ("12. Insurance. The Tenant insures.", ["12. Insurance.", "The Tenant insures."]),
        ("12.3. Notice must be given by 5 p.m. on the day.", ["12.3. Notice must be given by 5 p.m. on the day."]),
        ("See Smith v. Jones, 12 F.3d 45. We agree.", ["See Smith v. Jones, 12 F.3d 45.", "We agree."]),
        ("Pay within 30 days (i.e. one month) of it.", ["Pay within 30 days (i.e. one month) of it."]),
        ('He said "stop." She did.', ['He said "stop."', "She did."]),
        ("a line that was\nwrapped here. Next", ["a line that was\nwrapped here.", "Next"]),
        ("LEASE AGREEMENT\nThis lease is made today.", ["LEASE AGREEMENT", "This lease is made today."]),
        ("as follows:\n(a) rent;\n(b) tax.", ["as follows:", "(a) rent;", "(b) tax."]),
        ("甲方付款。乙方交货！「完。」是吗？好", ["甲方付款。", "乙方交货！", "「完。」", "是吗？", "好"]),
        ("هل يدفع؟ نعم يدفع۔ انتهى.", ["هل يدفع؟", "نعم يدفع۔", "انتهى."]),
        ("One\n\ntwo", ["One", "two"]),
        ("", []),
        (" \n\n ", []),
    ],
)
def test_a_text_is_cut_where_a_reader_would(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


@given(st.text(alphabet=st.sampled_from("aB1. \n,;:()!?\"'”§-•é中。！？؟\t"), max_size=200))
def test_sentences_hold_every_visible_character_once_and_in_order(text: str) -> None:
    spans = split_sentences(text)
    assert all(start < end for start, end in spans)
    assert all(a[1] <= b[0] for a, b in pairwise(spans))
    assert "".join("".join(text[s:e].split()) for s, e in spans) == "".join(text.split())


def test_a_long_hostile_text_is_cut_in_linear_time() -> None:
    text = "a." * 100_000 + "1.1.1." * 50_000 + " " * 100_000 + "\n" * 50_000 + "x" * 100_000
    assert len(split_sentences(text)) >= 1
