"""A matter is erased everywhere, bytes and all, and a receipt says so; a legal hold forbids it."""

import json
import stat
from pathlib import Path

import pytest

from agentkit.adapters.sqlite.scrubbing import holds_bytes
from agentkit.app import AgentKit, Options
from agentkit.cli.main import main
from agentkit.config import Config
from agentkit.errors import BudgetExceededError, HeldError, UsageError
from agentkit.gateway import Gateway
from agentkit.privacy import MatterVault
from agentkit.privacy.keys import matter_id
from agentkit.privacy.vault import vault_path
from agentkit.records import matters
from agentkit.records.citations import Citations
from agentkit.records.receipts import Receipt
from agentkit.records.run_record import list_runs
from agentkit.testing.server import ModelServer, chat_reply

RENT = "Mary Whitfield shall pay rent of EUR 1,250 on the first day of each month, by bank transfer."
SAID = RENT.replace("Mary Whitfield", "<PERSON_1>")
ANSWER = json.dumps(
    {"answered": True, "claims": [{"text": SAID, "citations": [{"passage": "d0p0", "quote": SAID}], "topic": "rent"}]}
)


@pytest.fixture
def lease(tmp_path: Path) -> Path:
    path = tmp_path / "lease.txt"
    path.write_text(f"1. Rent. {RENT}\n", encoding="utf-8")
    return path


def settings(server: ModelServer, folder: Path, **more: object) -> Config:
    params = {"model": "openai/served", "api_base": server.url, "timeout": 20}
    return Config.model_validate(
        {
            "models": [{"model_name": "firm", "litellm_params": params, "client": "openai"}],
            "roles": {"writer": "firm"},
            "review": {"max_revisions": 0},
            "tracing": {"adapter": "file", "path": str(folder / "spans.jsonl")},
            **more,
        }
    )


async def work(server: ModelServer, lease: Path, matter: str) -> None:
    """Leave all that a matter can leave: a finished run, one that ended early, a conversation, a report at home."""
    config = settings(server, lease.parent)
    options = Options(matter=matter)
    async with AgentKit(config) as kit:
        report = await kit.summarize([lease], options=options)
        folder = kit.home / "reports" / (matter or report.run_id)
        folder.mkdir(parents=True)
        (folder / "report.json").write_text(json.dumps({"run_id": report.run_id, "claims": [RENT]}), encoding="utf-8")
        Citations(kit.home).register(report, folder, keys=[str(lease)])
    async with AgentKit(settings(server, lease.parent, budget={"tokens": 1}, cache={"adapter": "none"})) as kit:
        with pytest.raises(BudgetExceededError):
            await kit.ask([lease], "What does Mary Whitfield pay?", options=options)
    async with Gateway(config, matter=matter) as gateway:
        await gateway.complete("Who is Mary Whitfield?")


def counted(receipt: Receipt) -> dict[str, tuple[str, int]]:
    return {item.store: (item.action, item.count) for item in receipt.stores}


def everything(home: Path) -> bytes:
    """Return the names and the bytes of all files, but those of the ledger and of the list of erasures."""
    files = [
        path for path in home.rglob("*") if path.is_file() and "ledger" not in path.name and path.suffix != ".jsonl"
    ]
    return b"".join(path.read_bytes() + str(path.relative_to(home)).encode() for path in files)


async def test_a_matter_is_erased_everywhere_and_nothing_else_is(lease: Path, tmp_path: Path, home: Path) -> None:
    async with ModelServer([chat_reply(ANSWER)]) as server:
        await work(server, lease, "Estate of Mary Whitfield")
        await work(server, lease, "another")
        await work(server, lease, "")
        name = matter_id(home, "Estate of Mary Whitfield")
        runs = matters.runs_of(home, name)
        others = {row.run_id for row in list_runs(home)} - set(runs)
        traced = {run for run in others if run in (tmp_path / "spans.jsonl").read_text(encoding="utf-8")}
        assert (len(runs), len(others)) == (3, 6)
        assert name.encode() in everything(home)
        async with AgentKit(settings(server, tmp_path)) as kit:
            receipt = await kit.erase("Estate of Mary Whitfield")
    assert receipt.complete
    assert counted(receipt) == {
        "texts of runs": ("erased", 1),
        "checkpoints": ("erased", 1),
        "answers": ("erased", 2),
        "reports": ("erased", 1),
        "citations": ("erased", 1),
        "spans": ("erased", counted(receipt)["spans"][1]),
        "ledger": ("kept", 2),
        "vault": ("erased", 1),
        "run records": ("erased", 3),
        "your own files": ("not ours", 0),
    }
    assert [item.verified for item in receipt.stores] == [True] * 6 + [None] + [True] * 2 + [None]
    after = everything(home)
    spans = (tmp_path / "spans.jsonl").read_text(encoding="utf-8")
    assert not [word for word in (*runs, name) if word.encode() in after or word in spans]
    assert traced
    assert all(run in spans for run in traced)
    assert {row.run_id for row in list_runs(home)} == others
    assert MatterVault.open(home, "another").restore("<PERSON_1>") == "Mary Whitfield"
    (erasure,) = [json.loads(line) for line in (home / "erasures.jsonl").read_text(encoding="utf-8").splitlines()]
    assert (erasure["matter_id"], erasure["complete"]) == (name, True)
    assert "Whitfield" not in json.dumps(erasure)


async def test_answers_of_an_erased_matter_are_asked_for_again_and_those_of_others_are_not(
    lease: Path, tmp_path: Path
) -> None:
    async with ModelServer([chat_reply(ANSWER)]) as server, AgentKit(settings(server, tmp_path)) as kit:
        for matter in ("a", "b"):
            await kit.summarize([lease], options=Options(matter=matter))
        asked = len(server.received)
        await kit.erase("a")
        hits = [(await kit.summarize([lease], options=Options(matter=m))).usage.cache_hits for m in ("b", "a")]
    assert (asked, len(server.received), [hit > 0 for hit in hits]) == (2, 3, [True, False])


async def test_a_run_without_a_matter_is_one_of_its_own(lease: Path, tmp_path: Path, home: Path) -> None:
    async with ModelServer([chat_reply(ANSWER)]) as server, AgentKit(settings(server, tmp_path)) as kit:
        first = await kit.summarize([lease])
        second = await kit.summarize([lease])
        receipt = await kit.erase(first.run_id)
    assert (receipt.runs, receipt.matter_id, receipt.complete) == ([first.run_id], first.run_id, True)
    assert [row.run_id for row in list_runs(home)] == [second.run_id]


async def test_a_dry_run_counts_and_erases_nothing(lease: Path, tmp_path: Path, home: Path) -> None:
    async with ModelServer([chat_reply(ANSWER)]) as server, AgentKit(settings(server, tmp_path)) as kit:
        await work(server, lease, "m")
        planned = await kit.erase("m", dry_run=True)
        done = await kit.erase("m")
        again = await kit.erase("m")
    assert {s: n for s, (_, n) in counted(planned).items()} == {s: n for s, (_, n) in counted(done).items()}
    assert {action for action, _ in counted(planned).values()} == {"found", "kept", "not ours"}
    assert (again.complete, {action for action, _ in counted(again).values()}) == (
        True,
        {"nothing", "kept", "not ours"},
    )
    assert "Nothing was kept under this name." in again.render()
    assert len((home / "erasures.jsonl").read_text(encoding="utf-8").splitlines()) == 2


async def test_a_matter_somebody_works_on_is_not_erased(lease: Path, tmp_path: Path, home: Path) -> None:
    async with ModelServer([chat_reply(ANSWER)]) as server, AgentKit(settings(server, tmp_path)) as kit:
        async with Gateway(settings(server, tmp_path), matter="m") as gateway:
            await gateway.complete("Who is Mary Whitfield?")
            with pytest.raises(UsageError, match="Somebody works on this matter"):
                await kit.erase("m")
        vault = MatterVault.open(home, "m")
        with pytest.raises(UsageError, match="its vault is open"):
            await kit.erase("m")
        assert vault.restore("<PERSON_1>") == "Mary Whitfield"
        del vault
        assert (await kit.erase("m")).complete


async def test_a_hold_forbids_to_erase_and_to_delete_until_it_is_released(
    lease: Path, tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with ModelServer([chat_reply(ANSWER)]) as server:
        await work(server, lease, "m")
        unfinished = next(row.run_id for row in list_runs(home) if row.resumable)
        matters.hold(home, "m", reason="Roe v. Marlow")
        async with AgentKit(settings(server, tmp_path)) as kit:  # a restart changes nothing
            for refused in (kit.erase("m"), kit.erase("m", dry_run=True), kit.forget(unfinished)):
                with pytest.raises(HeldError, match="under legal hold"):
                    await refused
            assert vault_path(home, "m").exists()
            assert [item.reason for item in matters.holds(home)] == ["Roe v. Marlow"]
            assert matters.release(home, "m")
            assert (await kit.erase("m")).complete
    assert matters.holds(home) == []


@pytest.mark.parametrize("name", ["x" * 201, "x" * 5000, "\u00e9" * 300])
def test_a_name_that_is_too_long_is_refused(home: Path, name: str) -> None:
    with pytest.raises(UsageError, match="between 1 and 200"):
        matters.hold(home, name)


@pytest.mark.parametrize("name", ["../other", "..", "a/../../other"])
def test_a_matter_s_name_is_no_path(home: Path, name: str) -> None:
    (home / "runs" / "a").mkdir(parents=True)
    for path in (home / "other.jsonl", home / "runs" / "...jsonl"):
        path.write_text("{}", encoding="utf-8")
    matters.hold(home, name)
    assert [item.matter for item in matters.holds(home)] == [name]
    assert not list(home.glob("*.hold"))


def test_a_hold_that_cannot_be_read_holds(home: Path) -> None:
    matters.hold(home, "m")
    (path,) = (home / "matters").glob("*.hold")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.write_bytes(b"damaged")
    with pytest.raises(HeldError):
        matters.check_not_held(home, matter_id(home, "m"))


async def test_a_store_that_fails_is_told_and_the_rest_is_erased_and_the_next_call_finishes(
    lease: Path, tmp_path: Path, home: Path
) -> None:
    async with ModelServer([chat_reply(ANSWER)]) as server:
        await work(server, lease, "m")
        cache, moved = home / "cache.db", tmp_path / "cache.db"
        for path in home.glob("cache.db-*"):
            path.unlink()
        cache.replace(moved)
        cache.write_bytes(b"this is no database, and long enough to be told from one" * 100)
        async with AgentKit(settings(server, tmp_path)) as kit:
            receipt = await kit.erase("m")
            told = counted(receipt)
            assert (receipt.complete, told["answers"][0], told["vault"][0], told["run records"]) == (
                False, "failed", "erased", ("kept", 3),
            )  # fmt: skip
            moved.replace(cache)
            again = await kit.erase("m")
    assert again.complete
    assert (counted(again)["answers"], counted(again)["run records"]) == (("erased", 2), ("erased", 3))
    assert list_runs(home) == []


async def test_spans_that_went_elsewhere_are_named(lease: Path, tmp_path: Path) -> None:
    async with ModelServer([chat_reply(ANSWER)]) as server:
        tracing = {"adapter": "otlp", "endpoint": f"{server.url}/traces"}
        async with AgentKit(settings(server, tmp_path)) as kit:
            report = await kit.summarize([lease], options=Options(matter="m"))
        async with AgentKit(settings(server, tmp_path, tracing=tracing)) as kit:
            receipt = await kit.erase("m")
    (spans,) = [item for item in receipt.stores if item.store == "spans"]
    assert (spans.action, spans.traces) == ("not ours", [report.run_id])
    assert "agentkit.run_id" in spans.reason


async def test_the_bytes_of_a_deleted_state_are_gone_from_the_file_and_its_log(lease: Path, home: Path) -> None:
    async with ModelServer([chat_reply(ANSWER)]) as server:
        await work(server, lease, "m")
        runs = matters.runs_of(home, matter_id(home, "m"))
        assert holds_bytes(home / "checkpoints.db", runs)
        async with AgentKit(settings(server, lease.parent)) as kit:
            await kit.erase("m")
            assert not holds_bytes(home / "checkpoints.db", runs)  # while the file is still open
            data = b"".join(path.read_bytes() for path in home.glob("checkpoints.db*"))
    assert b"PERSON_1" not in data


def test_the_commands_say_and_do_the_same(lease: Path, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["summarize", str(lease), "--matter", "m", "--format", "json"]) == 0
    assert main(["hold", "--matter", "m", "--reason", "Roe v. Marlow"]) == 0
    capsys.readouterr()
    assert main(["erase", "--matter", "m"]) == 2
    assert capsys.readouterr().err.startswith("agentkit: This matter is under legal hold: ")
    assert main(["hold", "--format", "json"]) == 0
    assert [row["matter"] for row in json.loads(capsys.readouterr().out)] == ["m"]
    assert main(["hold", "--matter", "m", "--release"]) == 0
    assert "No matter is under legal hold." in capsys.readouterr().out
    assert main(["hold", "--matter", "m", "--release"]) == 2
    assert main(["hold", "--release"]) == 2
    capsys.readouterr()
    assert main(["erase", "--matter", "m", "--format", "json"]) == 0
    receipt = json.loads(capsys.readouterr().out)
    assert (receipt["schema"], receipt["complete"]) == ("agentkit.erasure/1", True)
    assert {store["store"]: store["count"] for store in receipt["stores"] if store["count"]} == {
        "vault": 1, "run records": 1, "ledger": 1,
    }  # fmt: skip
    assert main(["erase", "--matter", " "]) == 2
