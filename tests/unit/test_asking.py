"""Questions to an index: what is read, how exactly it is cited, and who gets no answer."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from test_versions import FIRST, LEASE

from agentkit.adapters.memory.indexing import Cut, Source, update
from agentkit.adapters.memory.parsing import passages_of
from agentkit.app import AgentKit, Options
from agentkit.config import Config
from agentkit.errors import AgentKitError, UnavailableError, UsageError
from agentkit.gathering import MOST_DOCUMENTS, shown_url
from agentkit.indexed import Entry, Principal
from agentkit.report import Report
from agentkit.testing.fakes import ScriptedBackend
from agentkit.types import Prompt

NOTE = "Facilities note\n\nThe boiler of the building is serviced every March by Calder Heating.\n"
MEMO = "Settlement memo\n\nThe claimant accepts a settlement of $77,000 and no admission of fault.\n"


@pytest.fixture
def index(tmp_path: Path) -> Callable[..., Path]:
    """Return what indexes texts by name, each with its matter and labels where it has any."""

    def make(
        texts: dict[str, str], *, access: dict[str, tuple[str, tuple[str, ...]]] | None = None, chars: int = 1200
    ) -> Path:
        sources: list[Source] = []
        for name, text in texts.items():
            path = tmp_path / name
            path.write_text(text)
            matter, labels = (access or {}).get(name, ("", ()))

            def read(named: str, path: Path = path) -> Cut:
                return passages_of(path, named, password=None, max_chars=chars)

            sources.append(Source(str(path), name, f"{chars}{hash(text)}", read, matter, labels))
        update(tmp_path / "index", sources, covered=lambda _: True)
        return tmp_path / "index"

    return make


def ask(home: Path, question: str, index: Path, principal: Principal | None = None, **more: int) -> Report:
    return AgentKit(home=home / "home").ask_sync(
        [], question, options=Options(index=str(index), principal=principal, **more)
    )


def test_passages_of_the_questions_words_do_not_crowd_the_clause_out_of_an_index(
    tmp_path: Path, index: Callable[..., Path]
) -> None:
    question = "How much notice must the tenant give to end the lease?"
    lease = "LEASE\n\n1. Term. The tenant may end the lease by giving ninety days' notice.\n\n2. Roof. It is slate.\n"
    said = f"{question} {question} About how much notice the tenant must give to end the lease."
    swamp = "\n\n".join(f"Remark {number}. {said} {said}" for number in range(30))
    report = ask(tmp_path, question, index({"lease.txt": lease, "annex.txt": swamp}, chars=300))
    assert "ninety days" in report.claims[0].text
    assert "Remark" not in " ".join(claim.text for claim in report.claims)


def assert_exact(report: Report) -> None:
    for claim in report.claims:
        for citation in claim.citations:
            assert citation.quote
            assert report.texts[citation.source][citation.start : citation.end] == citation.quote


def test_the_document_that_says_it_is_found_and_read_whole(tmp_path: Path, index: Callable[..., Path]) -> None:
    folder = index({"lease.txt": LEASE, "note.txt": NOTE})
    report = ask(tmp_path, "Who services the boiler?", folder)
    assert (report.status, "Calder Heating" in report.claims[0].text) == ("approved", True)
    source = report.sources[report.claims[0].citations[0].source]
    assert (source.path, source.warnings, source.characters) == ("note.txt", [], len(report.texts[source.index]))
    assert_exact(report)
    assert report.index is not None
    assert report.index.version == json.loads((folder / "index.json").read_text())["version"]


@pytest.mark.parametrize("change", ["gone", "changed"])
def test_a_document_without_its_file_is_cited_where_it_stood(
    tmp_path: Path, index: Callable[..., Path], change: str
) -> None:
    folder = index({"lease.txt": LEASE})
    before = ask(tmp_path, "What is the deposit?", folder)
    if change == "gone":
        (tmp_path / "lease.txt").unlink()
    else:
        (tmp_path / "lease.txt").write_text("The deposit is $1.\n" + LEASE)
    after = ask(tmp_path, "What is the deposit?", folder)
    assert "made again from the passages" in after.sources[0].warnings[0]
    assert before.sources[0].warnings == []
    assert [claim.citations for claim in after.claims] == [claim.citations for claim in before.claims]
    assert_exact(after)
    assert len(after.texts[0]) == len(before.texts[0].rstrip())


def test_passages_without_places_are_put_one_after_another(tmp_path: Path) -> None:
    rows = [Entry(f"p{n}", "memo", "", 0, len(text), text) for n, text in enumerate((NOTE, MEMO))]
    update(tmp_path / "index", [Source("rows#memo", "memo", "1", lambda _: Cut(rows))], covered=lambda _: True)
    report = ask(tmp_path, "What settlement does the claimant accept?", tmp_path / "index")
    assert "$77,000" in report.claims[0].text
    assert "without their places" in report.sources[0].warnings[0]
    assert_exact(report)


def test_an_amended_lease_in_an_index_answers_with_the_amendment(tmp_path: Path, index: Callable[..., Path]) -> None:
    report = ask(tmp_path, "What is the rent?", index({"lease.txt": LEASE, "first.txt": FIRST, "note.txt": NOTE}))
    assert "$6,000" in report.claims[0].text
    old = next(claim for claim in report.claims if "$5,000" in claim.text)
    assert [(report.sources[later.source].path, later.sections) for later in old.superseded_by] == [
        ("first.txt", ["4.2"])
    ]


@pytest.mark.parametrize(
    "principal",
    [None, Principal("nobody"), Principal("other", frozenset({"M-2"})), Principal("half", frozenset({"M-1"}))],
)
def test_one_who_may_not_see_gets_what_an_empty_index_has(
    tmp_path: Path, index: Callable[..., Path], principal: Principal | None
) -> None:
    folder = index({"memo.txt": MEMO}, access={"memo.txt": ("M-1", ("privileged",))})
    question = "What settlement does the claimant accept?"
    seen = ask(tmp_path, question, folder, Principal("lawyer", frozenset({"M-1"}), frozenset({"privileged"})))
    assert "$77,000" in seen.claims[0].text
    shown = ask(tmp_path, question, folder, principal).to_dict()
    empty = tmp_path / "elsewhere"
    update(empty, [], covered=lambda _: True)
    nothing = ask(tmp_path, question, empty, principal).to_dict()
    for data in (shown, nothing):
        for name in ("run_id", "matter", "timings_ms"):
            del data[name]
        data["index"]["url"] = ""  # pyright: ignore[reportIndexIssue]
    assert shown == nothing
    assert shown["status"] == "unanswered"
    records = "".join(path.read_text() for path in (tmp_path / "home" / "runs").glob("*.jsonl"))
    assert "memo" not in records
    assert str(folder) not in records


def test_what_is_not_labelled_stays_hidden_from_nobody_beside_what_is(
    tmp_path: Path, index: Callable[..., Path]
) -> None:
    folder = index({"memo.txt": MEMO, "note.txt": NOTE}, access={"memo.txt": ("", ("privileged",))})
    assert ask(tmp_path, "Who services the boiler?", folder).status == "unanswered"
    assert ask(tmp_path, "Who services the boiler?", folder, Principal("staff")).status == "approved"


def test_labels_of_documents_reach_the_prompt(tmp_path: Path, index: Callable[..., Path]) -> None:
    folder = index({"memo.txt": MEMO}, access={"memo.txt": ("", ("privileged",))})
    model = ScriptedBackend(json.dumps({"answered": False, "claims": []}))
    holder = Principal("lawyer", frozenset(), frozenset({"privileged"}))
    config = Config.model_validate({"labels": {"privileged": {"requires": []}}})
    kit = AgentKit(config, model=model, home=tmp_path / "home")
    options = Options(index=str(folder), principal=holder)
    assert kit.ask_sync([], "What settlement does the claimant accept?", options=options).status == "unanswered"
    assert [prompt.labels for prompt in model.prompts] == [["privileged"]]


def test_a_deployment_that_may_not_see_a_label_is_not_asked(tmp_path: Path, index: Callable[..., Path]) -> None:
    folder = index({"memo.txt": MEMO}, access={"memo.txt": ("", ("privileged",))})
    model = ScriptedBackend(json.dumps({"answered": False, "claims": []}))
    config = Config.model_validate({"labels": {"privileged": {"requires": ["on-premises"]}}})
    kit = AgentKit(config, model=model, home=tmp_path / "home")
    options = Options(index=str(folder), principal=Principal("lawyer", frozenset(), frozenset({"privileged"})))
    with pytest.raises(AgentKitError, match="privileged"):
        kit.ask_sync([], "What settlement does the claimant accept?", options=options)
    assert model.prompts == []


def test_what_was_found_comes_first_where_a_model_reads_little(tmp_path: Path, index: Callable[..., Path]) -> None:
    long = "\n\n".join(
        f"{n}. Clause\n\n{n}.1 The supplier keeps record number {n} of the building." for n in range(1, 60)
    )
    folder = index({"long.txt": f"{long}\n\n60. Heating\n\n60.1 {NOTE.splitlines()[2]}\n"})
    model = ScriptedBackend(json.dumps({"answered": False, "claims": []}))
    config = Config.model_validate({"retrieval": {"top_k": 3}})
    kit = AgentKit(config, model=model, home=tmp_path / "home")
    kit.ask_sync([], "Who services the boiler of the building?", options=Options(index=str(folder)))
    assert "Calder Heating" in model.prompts[0].passages[0].text
    assert len(model.prompts[0].passages) == 3


def test_a_like_answer_of_another_contract_is_left_out(tmp_path: Path, index: Callable[..., Path]) -> None:
    invoices = "SUPPLY AGREEMENT\n\n3.1 Invoices. Undisputed invoices must be paid within 30 days after receipt.\n"
    rent = "LEASE\n\n2.1 Taxes. The Tenant must pay the Tenant's share of taxes in monthly installments.\n"
    report = ask(tmp_path, "When must invoices be paid?", index({"rent.txt": rent, "supply.txt": invoices}))
    assert [report.sources[claim.citations[0].source].path for claim in report.claims] == ["supply.txt"]


def test_no_more_than_eight_documents_are_read(tmp_path: Path, index: Callable[..., Path]) -> None:
    texts = {f"{n}.txt": NOTE.replace("Calder", f"Calder{n}") for n in range(MOST_DOCUMENTS + 3)}
    assert len(ask(tmp_path, "Who services the boiler?", index(texts)).sources) == MOST_DOCUMENTS


def test_the_configured_index_is_asked_without_documents(tmp_path: Path, index: Callable[..., Path]) -> None:
    config = Config.model_validate({"index": {"url": str(index({"note.txt": NOTE}))}})
    report = AgentKit(config, home=tmp_path / "home").ask_sync([], "Who services the boiler?")
    assert report.status == "approved"


def test_documents_and_an_index_are_not_asked_together(tmp_path: Path, index: Callable[..., Path]) -> None:
    folder = index({"note.txt": NOTE})
    kit = AgentKit(home=tmp_path / "home")
    with pytest.raises(UsageError, match="not both"):
        kit.ask_sync([tmp_path / "note.txt"], "Who?", options=Options(index=str(folder)))
    with pytest.raises(UsageError, match="summarize"):
        kit.summarize_sync([], options=Options(index=str(folder)))


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("os.environ/STORE", "os.environ/STORE"),
        ("some/folder", "some/folder"),
        ("postgresql://me:pw@db:5432/x?table=t&password=no", "postgresql://db:5432/x?table=t"),
        ("qdrant+https://key@host:6333/matter", "qdrant+https://host:6333/matter"),
    ],
)
def test_an_address_is_shown_without_what_may_be_secret(url: str, shown: str) -> None:
    assert shown_url(url) == shown


def test_a_question_that_was_interrupted_goes_on_for_the_same_one_who_asks(
    tmp_path: Path, index: Callable[..., Path]
) -> None:
    folder = index({"memo.txt": MEMO}, access={"memo.txt": ("M-1", ())})
    answer = json.dumps({"answered": False, "claims": []})
    options = Options(index=str(folder), principal=Principal("lawyer", frozenset({"M-1"})))

    async def both() -> Report:
        async with AgentKit(model=ScriptedBackend(UnavailableError("down")), home=tmp_path / "home") as kit:
            with pytest.raises(UnavailableError):
                await kit.ask([], "What settlement does the claimant accept?", options=options)
        (run,) = (path.stem for path in (tmp_path / "home" / "runs").glob("*.run"))
        async with AgentKit(model=ScriptedBackend(answer), home=tmp_path / "home") as kit:
            return await kit.resume(run)

    report = asyncio.run(both())
    assert report.index is not None
    assert [source.path for source in report.sources] == ["memo.txt"]
    assert len(report.index.version) == 64


def test_an_answer_kept_for_one_is_none_for_another(tmp_path: Path, index: Callable[..., Path]) -> None:
    folder = index({"memo.txt": MEMO, "note.txt": NOTE}, access={"memo.txt": ("", ("privileged",))})
    config = Config.model_validate(
        {"labels": {"privileged": {"requires": [], "cache": True}}, "cache": {"adapter": "sqlite", "semantic": True}}
    )
    question = "What settlement does the claimant accept?"

    def told(principal: Principal | None) -> tuple[str, int]:
        said = "The claimant accepts a settlement of $77,000 and no admission of fault."

        def answer(prompt: Prompt) -> str:
            cited = [{"passage": prompt.passages[0].id, "quote": said}]
            return json.dumps({"answered": True, "claims": [{"text": said, "citations": cited, "topic": ""}]})

        model = ScriptedBackend(answer)
        kit = AgentKit(config, model=model, home=tmp_path / "home")
        options = Options(index=str(folder), principal=principal, matter="M-9")
        report = kit.ask_sync([], question, options=options)
        return report.to_json(), report.usage.cache_hits

    holder = Principal("lawyer", frozenset(), frozenset({"privileged"}))
    assert "$77,000" in told(holder)[0]
    again, hits = told(holder)
    assert "$77,000" in again
    assert hits > 0
    for principal in (None, Principal("clerk")):
        text, hits = told(principal)
        assert "77,000" not in text
        assert hits == 0
