"""What the embedded model must never hand over as a claim, in any script."""

import pytest

from agentkit.adapters.embedded import ExtractiveBackend
from agentkit.agents import review
from agentkit.prompts import parse_summary, revise_prompt, summarize_prompt
from agentkit.text.sentences import split_sentences
from agentkit.text.splitting import split_document
from agentkit.text.structure import find_sections
from agentkit.types import Citation, Claim, Document, Limits, RejectedClaim, SafePassage

MADE = "This Agreement is made between Alpha LLC and Beta Inc. on March 3, 2026."
CHINESE = (
    "甲方应当在三十日内支付全部服务费用。乙方应当提供软件！本协议适用中国法律，由法院管辖？双方应当保密。"
    "任何一方可以终止本协议。"
)


def passages_of(text: str) -> list[SafePassage]:
    document = Document(0, "text.txt", "text/plain", "", text, sections=find_sections(text))
    return [
        SafePassage(item.id, 0, item.start, item.end, item.text, kind=item.kind, section=item.section)
        for item in split_document(document)
    ]


async def claims_of(text: str) -> list[Claim]:
    passages = passages_of(text)
    completion = await ExtractiveBackend().complete(summarize_prompt(passages, focus="", limits=Limits()))
    claims = parse_summary(completion.text, passages, prefix="c").claims
    assert {verdict.label for verdict in await review(claims, passages)} <= {"supported"}
    return claims


async def texts_of(text: str) -> list[str]:
    return [claim.text for claim in await claims_of(text)]


async def test_a_heading_is_not_glued_to_the_sentence_that_names_the_parties() -> None:
    text = f"Services Agreement\n\n{MADE}\n\nThe Supplier shall provide the Services described in Schedule 1."
    assert (await texts_of(text))[0] == MADE


async def test_a_revised_claim_is_the_whole_sentence_it_cites() -> None:
    text = f"Services Agreement\n\n{MADE} The Supplier shall pay the Fees to the Customer in May."
    passages = passages_of(text)
    cited = next(item for item in passages if "This Agreement is" in item.text)
    start = text.index("Agreement is made")
    glued = Claim("c1", "Services Agreement This Agreement.", [Citation(0, start, start + 22, cited.id)])
    prompt = revise_prompt([RejectedClaim(glued, "unverified")], passages)
    revised = parse_summary((await ExtractiveBackend().complete(prompt)).text, passages, prefix="r").claims
    assert [claim.text for claim in revised] == [MADE]
    assert [verdict.label for verdict in await review(revised, passages)] == ["supported"]


async def test_a_sentence_cut_off_before_its_list_is_no_claim() -> None:
    text = (
        "NON-DISCLOSURE AGREEMENT\n\nThe Recipient shall keep the Information secret for five years.\n\n"
        "2.2 Secret Information does not include information that\n\n- is public,\n- was known, or\n- was found.\n\n"
        "The Recipient shall return the Information. The Recipient may not assign this Agreement."
    )
    assert not [claim for claim in await texts_of(text) if claim.rstrip("….").endswith(("that", "information"))]


async def test_the_lines_around_a_letter_are_no_claims() -> None:
    text = (
        "By registered mail and e-mail.\n\nRe: The overdue invoice for goods delivered in March\n\n"
        "We act for the seller of the goods. Your client has not paid the invoice of March 4, 2026.\n\n"
        "Enclosure: copy of the invoice, dated March 4, 2026\ncc: the seller of the goods in Leeds"
    )
    claims = " ".join(await texts_of(text))
    assert "has not paid the invoice" in claims
    assert [words for words in ("registered mail", "Re:", "Enclosure", "cc:") if words in claims] == []


async def test_a_judgment_gives_neither_its_judges_name_nor_its_lettered_titles() -> None:
    text = (
        "IN THE SUPREME COURT\n\nSmith v. Jones\n\nOpinion of the Court\n\nPELHAM, J. This appeal asks whether "
        "the carrier is liable for the delay of the cargo.\n\nA. The clause was part of the contract.\n\n"
        "The plaintiff signed the "
        "receipt on March 3, 2020. The trial court found for the defendant, and the plaintiff appeals.\n\n"
        "We hold that the clause was part of the contract because the plaintiff signed it.\n\n"
        "The judgment of the Court of Appeals is affirmed.\n\nIt is so ordered."
    )
    claims = await texts_of(text)
    assert any(claim.startswith("This appeal asks whether") for claim in claims)
    assert not any("PELHAM" in claim or claim.startswith("A. ") for claim in claims)


async def test_a_text_without_spaces_between_words_is_summed_up_by_its_sentences() -> None:
    sentences = [CHINESE[start:end] for start, end in split_sentences(CHINESE)]
    assert len(sentences) == 5
    assert await texts_of(CHINESE) == [sentence for sentence in sentences if len(sentence) > 8]


@pytest.mark.parametrize(
    "text",
    [
        "يلتزم الطرف الأول بتقديم الخدمات المتفق عليها. هل يدفع الطرف الثاني الأتعاب كل شهر؟ "
        "يخضع هذا الاتفاق لقانون البلاد.",
        "השוכר ישלם את דמי השכירות בכל חודש. המשכיר ימסור את הנכס במצב תקין. הסכם זה כפוף לדין המקומי.",
        "کرایہ دار ہر ماہ کرایہ ادا کرے گا۔ مالک مکان مرمت کا ذمہ دار ہو گا۔ یہ معاہدہ ملکی قانون کے تابع ہے۔",
    ],
)
async def test_scripts_without_capitals_are_summed_up_by_their_sentences(text: str) -> None:
    assert len(await texts_of(text)) == 3


async def test_a_line_of_a_form_keeps_its_label_and_loses_its_number() -> None:
    text = (
        "EQUIPMENT HIRE AGREEMENT\n\n1. HIRER: Larch Plant Hire Ltd, 4 Quay Street, Bristol\n"
        "2. LIABILITY: The Customer is liable for loss of or damage to the Equipment up to GBP 60,000.\n"
        "3. HIRE CHARGE: GBP 1,250 per week, payable in advance\n"
    )
    texts = await texts_of(text)
    assert "LIABILITY: The Customer is liable for loss of or damage to the Equipment up to GBP 60,000." in texts
    assert "HIRE CHARGE: GBP 1,250 per week, payable in advance." in texts
