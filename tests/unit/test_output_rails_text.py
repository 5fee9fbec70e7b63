"""What the rules behind the output rails find, and what they leave alone."""

import ast
import base64
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentkit.adapters.nemo.output_settings import PERSONAL_TYPES
from agentkit.privacy.answers import foreign_identifiers, placeholder_forms
from agentkit.privacy.entity_types import KNOWN_TYPES
from agentkit.prompts import build
from agentkit.prompts.instructions import own_instructions
from agentkit.text.advice import find_advice
from agentkit.text.answers import leaked
from agentkit.text.markup import find_markup
from agentkit.text.topics import Topic, mentioned
from agentkit.text.toxicity import find_toxic

HONEST = [
    "The Tenant shall notify the Landlord before it terminates this Lease or sues for damages.",
    "The Adviser shall advise the Fund, and may recommend that it settle any claim.",
    "You may terminate this agreement by giving us thirty days' notice, and you must pay the fees due until then.",
    "You should read these terms carefully and seek independent legal advice before you sign.",
    "We recommend that you change your password and keep it secret.",
    "In our opinion, the financial statements give a true and fair view.",
    "Counsel advised the board to settle; the memorandum advises the client to appeal.",
    "The deceased left a bastard son, and the testator called him a fool in the codicil.",
    "The Company shall execute the kill switch, and the drop-dead date is 1 May.",
    "The defendant threatened to kill the plaintiff and was convicted of attempted murder.",
    "Killing time, dead weight, blind faith, and slave cylinders are not the subject of this Agreement.",
    "Gas and electricity are billed by the Supplier; Niger and Montenegro are excluded territories.",
    "Keep defined terms and numbers; confidentiality, assignment and governing law are in Part 3.",
    "The Passages of the Act that were copied are set out in the Annex, and the claim is supported by evidence.",
    "A claim that is contradicted by the documents, or unsupported by them, is rejected by the Insurer.",
    "If x < y and y > z, the data: see Annex A [1](a), [●] and [*]; R&D costs are excluded.",
    "Section 5(2) [as amended] of the Act, see 12 U.S.C. 1701 and www.registry.example.",
    "The invoice 4500012345 of 12/03/2024 for EUR 1,234,567.89 is due in 30 days under P.O. 77-1234567.",
]


@pytest.mark.parametrize("text", HONEST)
def test_honest_sentences_trip_no_rule(text: str) -> None:
    assert find_advice(text) == []
    assert find_toxic(text) == []
    assert find_markup(text, links=False) == []
    assert foreign_identifiers(text, "", types=PERSONAL_TYPES) == []
    assert not leaked(text, "", [], prompts=own_instructions())
    assert placeholder_forms(text, frozenset()).invented == []


@pytest.mark.parametrize(
    "text",
    [
        "You should sue.", "YOU SHOULD  definitely appeal", "We strongly advise you to settle.",
        "You've got a strong case.",
        "If I were you, I would wait.", "In my opinion, you will win.", "A court would likely rule in favour of you.",
        "Our advice is to take them to court.", "It would be wise for you to withhold the rent.", "Yоu shоuld sue.",
        "Ich rate Ihnen, den Vermieter zu verklagen.", "Vous devriez porter plainte.",
        "Le aconsejo que demande al banco.",
        "Le consiglio di fare causa.", "Ik raad u aan om te procederen.",
    ],
)  # fmt: skip
def test_advice_to_the_reader_is_found_and_passes_as_a_quotation(text: str) -> None:
    assert find_advice(text)
    assert find_advice(text, cited=f"He wrote: {text} Nobody listened.") == []


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("You are a stupid bitch.", "insult"), ("Tu es un connard.", "insult"), ("Ты идиот!", "insult"),
        ("Eres un hijo de puta.", "insult"), ("We will hunt you down.", "threat"), ("Go kill yourself", "threat"),
        ("the f a g g o t", "slur"), ("k1ll y0urself", "threat"), ("Je vais te tuer.", "threat"),
        ("Ti ammazzo.", "threat"), ("Я тебя убью.", "threat"), ("All foreigners should be shot.", "threat"),
        ("the nіgger tenant", "slur"), ("dieser Kanake", "slur"), ("sale juif", "slur"),
    ],
)  # fmt: skip
def test_what_demeans_or_threatens_is_found_and_passes_as_a_quotation(text: str, kind: str) -> None:
    assert kind in {item.kind for item in find_toxic(text)}
    assert find_toxic(text, cited=f'The witness: "{text}"') == []


TYPES = st.sampled_from([kind for kind in KNOWN_TYPES if kind != "LITERAL"])
NUMBERS = st.integers(1, 999)


@given(st.lists(st.tuples(TYPES, NUMBERS), max_size=5), st.tuples(TYPES, NUMBERS))
def test_known_placeholders_stand_and_any_other_is_invented(
    given_out: list[tuple[str, int]], new: tuple[str, int]
) -> None:
    known = {f"<{kind}_{number}>" for kind, number in given_out}
    token = f"<{new[0]}_{new[1]}>"
    text = " and ".join(["It binds", *sorted(known), "."])
    assert placeholder_forms(text, known) == placeholder_forms(text, known | {token})
    assert (placeholder_forms(text, known).invented, placeholder_forms(text, known).text) == ([], text)
    forms = placeholder_forms(f"{text} {token} pays.", known - {token})
    assert forms.invented == [token] or token in known


@given(TYPES, NUMBERS, st.sampled_from(["< {0}_{1} >", "<{0} {1}>", "&lt;{0}_{1}&gt;", r"<{0}\_{1}>", "<{2}_{1}>"]))
def test_a_misspelt_placeholder_is_put_right_if_it_is_known(kind: str, number: int, form: str) -> None:
    token, text = f"<{kind}_{number}>", form.format(kind, number, kind.lower())
    assert placeholder_forms(f"It binds {text}.", {token}).text == f"It binds {token}."
    assert placeholder_forms(f"It binds {text}.", set()).invented == [token]


@given(
    TYPES,
    NUMBERS,
    st.sampled_from(["{0}_{1}", "[{0}_{1}]", "<{0}_{1}", "{0}_{1}>", "<{0}>", "[{0}]", "<{0}_>", "{2}_{1}"]),
)
def test_a_placeholder_that_nobody_can_read_is_invented(kind: str, number: int, form: str) -> None:
    text = form.format(kind, number, kind.lower())
    assert placeholder_forms(f"It binds {text} here.", {f"<{kind}_{number}>"}).invented


@given(
    st.integers(200, 999),
    st.integers(200, 999),
    st.integers(0, 9999),
    st.sampled_from(["({0}) {1}-{2:04}", "{0}-{1}-{2:04}"]),
)
def test_a_number_counts_as_cited_however_it_is_written(area: int, middle: int, last: int, form: str) -> None:
    number = form.format(area, middle, last)
    cited = f"Call {area}.{middle}.{last:04} at any time."
    assert foreign_identifiers(f"Call {number}.", "Call nobody.", types=PERSONAL_TYPES)
    assert foreign_identifiers(f"Call {number}.", cited, types=PERSONAL_TYPES) == []
    assert foreign_identifiers(f"Call {number}.", None, types=PERSONAL_TYPES) == []


@given(st.emails(domains=st.sampled_from(["mills.example.com", "lawson.org"])))
def test_a_mail_address_that_no_source_holds_is_foreign(address: str) -> None:
    if not address.replace("@", "").replace(".", "").replace("-", "").isalnum():
        return
    assert foreign_identifiers(f"Write to {address} now.", "Write to us.", types=PERSONAL_TYPES)
    assert foreign_identifiers(f"Write to {address} now.", f"({address.upper()})", types=PERSONAL_TYPES) == []


def test_all_our_instructions_are_known() -> None:
    """A prompt that is added to the builders must be added to what may not be told."""
    module = ast.parse(Path(build.__file__).read_text("utf-8"))
    calls = [n for n in ast.walk(module) if isinstance(n, ast.keyword) and n.arg == "instructions"]
    names = {node.value.id for node in calls if isinstance(node.value, ast.Name)}
    assert {getattr(build, name) for name in names} == set(own_instructions())
    assert len(names) == len(calls)


@pytest.mark.parametrize("prompt", own_instructions(), ids=["summarize", "ask", "combine", "revise", "judge"])
def test_instructions_are_known_in_any_case_spacing_and_order(prompt: str) -> None:
    words = prompt.split()
    middle = words[len(words) // 3 : len(words) // 3 + 25]
    shuffled = list(dict.fromkeys(word for sentence in prompt.split(". ")[-2:] for word in sentence.split()))
    random.Random(7).shuffle(shuffled)
    for told in (prompt, prompt.upper(), "  \n".join(words), " ".join(middle), " ".join(shuffled)):
        assert leaked(f"The rent is 5. {told} That is all.", "", [], prompts=own_instructions()), told


def test_fragments_are_found_in_any_case_and_only_prompts_without_a_sentence_are_quiet() -> None:
    assert leaked("It says BLUE  Heron.", "", ["blue heron"])
    assert not leaked("It says a heron is blue.", "", ["blue heron"])
    assert leaked("one two three four five six seven eight nine", "zero one two three four five six seven eight", [])


DANGEROUS = [
    "<script>x</script>", "<ScRiPt src=//e>", "<img src=x onerror=alert(1)>", "<svg/onload=x>", "<b onclick=x>",
    "<iframe>",
    "&lt;script&gt;", "&amp;lt;script&amp;gt;", "＜script＞", "<scr\u200bipt>", "javascript:alert(1)",
    "java\tscript:alert(1)",
    "JAVASCRIPT:x", "vbscript:x", "data:text/html,x", "![a](//e)", "![a][b]", "\x1b[2J", "\x9b1m", "\u202eabc",
    "<!-- x -->",
    "<style>x</style>", "<meta http-equiv=refresh>", "<p style=color:red>", "<a href=x>", "<object>", "<x href=y>",
    "<x-y onfocus=alert(1) autofocus tabindex=1>", '<b" onclick=x>', f"<{'a' * 300} onclick=x>",
    f"<b {'x' * 2000} onclick=x>", '<b title="<" onclick=x>', "<b title='>' onclick=x>", "<i it's><script>'",
    "![a]\n\n[a]: //e", "![ A  b]\n\n> [a B]: https://e.example/x.png",
]  # fmt: skip


@pytest.mark.parametrize("markup", DANGEROUS)
def test_what_a_viewer_would_act_on_is_found_anywhere(markup: str) -> None:
    for text in (markup, f"The rent is {markup} EUR 5.", f"x{markup}"[1:] + "\n\nmore"):
        assert find_markup(text, links=True), text


@pytest.mark.parametrize(
    "text",
    [
        "[a](https://e.example/x)",
        "[a]( //e.example )",
        "<https://e.example>",
        "[r]: https://e.example",
        "<ftp://e.example/x>",
        "> - [r]: https://e.example",
    ],
)
def test_links_are_found_where_they_may_not_stand(text: str) -> None:
    assert find_markup(text, links=False)
    assert find_markup(text, links=True) == []
    assert find_markup(text, links=False, hosts=["e.example"]) == []


def test_an_address_in_plain_text_must_be_the_source_s() -> None:
    text = "It is filed at https://registry.example/lease."
    assert find_markup(text, links=False, cited="Filed at HTTPS://registry.example/lease") == []
    assert find_markup(text, links=False, cited="Filed at the registry.")
    assert find_markup(text, links=False) == []


@settings(deadline=None)
@given(st.text(max_size=400))
def test_no_text_upsets_a_rule(text: str) -> None:
    find_markup(text, links=False, cited=text)
    find_toxic(text, cited=text)
    find_advice(text, cited=text)
    placeholder_forms(text, frozenset())
    foreign_identifiers(text, text, types=PERSONAL_TYPES)
    leaked(text, text, [text[:9]], prompts=own_instructions())


def test_topics_are_whole_words_in_any_disguise() -> None:
    topic = Topic("rivals", terms=["Acme Legal", "C++ GmbH"], patterns=[r"\bX-\d{3}\b"])
    for text in ("ACME\u00a0legal wins", "Ａcme Legal", "by acme\nlegal.", "a C++ GmbH", "part X-123"):
        assert [found.name for found, _ in mentioned(text, [topic])] == ["rivals"]
    for text in ("Acme Legality", "xAcme Legal", "x-123", ""):
        assert mentioned(text, [topic]) == []


def test_hostile_texts_take_linear_time() -> None:
    encoded = base64.b64encode(bytes(3000)).decode()
    for text in (
        "<" * 20_000,
        "[" * 20_000,
        "a@" * 10_000,
        "you should " * 2000,
        "you are a " * 2000,
        "1 " * 9000,
        "<a '\"" * 9000,
        '<a "' * 9000,
        "<a " * 9000 + '"',
        "![a]" * 9000 + "[a]:" * 9000,
        encoded * 5,
    ):
        find_markup(text, links=False, cited=text)
        find_toxic(text)
        find_advice(text)
        placeholder_forms(text, frozenset())
        leaked(text, "", [], prompts=own_instructions())
