import multiprocessing
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentkit.errors import UsageError
from agentkit.privacy import MatterVault, Mention
from agentkit.privacy.keys import KEY_FILE, load_key
from agentkit.privacy.vault import vault_path


def test_an_original_keeps_its_placeholder_however_it_is_spelled() -> None:
    vault = MatterVault(matter="m")
    assert vault.placeholder("PERSON", "Jane Roe") == "<PERSON_1>"
    assert vault.placeholder("PERSON", "JANE  ROE") == "<PERSON_1>"
    assert vault.placeholder("PERSON", "Ms. Jane Roe") == "<PERSON_1>"
    assert vault.placeholder("CREDIT_CARD", "4111 1111 1111 1111") == vault.placeholder(
        "CREDIT_CARD", "4111111111111111"
    )
    assert vault.placeholder("PERSON", "John Roe") == "<PERSON_2>"
    assert vault.counts() == {"PERSON": 2, "CREDIT_CARD": 1}


@pytest.mark.parametrize(
    "written", ["<PERSON_1>", "<person_1>", "< PERSON_1 >", "<PERSON 1>", r"<PERSON\_1>", "&lt;PERSON_1&gt;"]
)
def test_a_placeholder_is_restored_as_a_model_may_write_it(written: str) -> None:
    vault = MatterVault(matter="m")
    vault.placeholder("PERSON", "Jane Roe")
    assert vault.restore(f"{written} pays; <PERSON_2> and <PERSON_1x> do not.") == (
        "Jane Roe pays; <PERSON_2> and <PERSON_1x> do not."
    )


def test_an_original_that_looks_like_a_placeholder_is_not_restored_twice() -> None:
    vault = MatterVault(matter="m")
    vault.assign([Mention("LITERAL", "<PERSON_1>"), Mention("PERSON", "Jane Roe")])
    assert vault.restore("<LITERAL_1> <PERSON_1>") == "<PERSON_1> Jane Roe"
    assert vault.originals() == ["Jane Roe"]


def test_a_short_form_shares_the_number_of_the_full_name_and_is_not_forbidden() -> None:
    vault = MatterVault(matter="m")
    assert vault.assign([Mention("PERSON", "Roe", "Jane Roe"), Mention("PERSON", "Jane Roe")]) == ["<PERSON_1>"] * 2
    assert vault.restore("<PERSON_1>") == "Jane Roe"
    assert vault.originals() == ["Jane Roe"]


def test_a_matter_persists_and_no_original_is_legible_in_its_file(tmp_path: Path) -> None:
    MatterVault.open(tmp_path, "acme/../v. x").placeholder("PERSON", "Jane Roe")
    (file,) = (tmp_path / "matters").glob("*.vault")
    assert b"Jane" not in file.read_bytes()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / KEY_FILE).stat().st_mode) == 0o600
    again = MatterVault.open(tmp_path, "acme/../v. x")
    assert again.placeholder("PERSON", "Ann Poe") == "<PERSON_2>"
    assert again.restore("<PERSON_1>") == "Jane Roe"


@pytest.mark.parametrize("cut", [slice(None, 10), slice(None, -1), slice(5, None), slice(0, 0)])
def test_a_truncated_vault_is_refused(tmp_path: Path, cut: slice) -> None:
    MatterVault.open(tmp_path, "m").placeholder("PERSON", "Jane Roe")
    file = vault_path(tmp_path, "m")
    file.write_bytes(file.read_bytes()[cut])
    with pytest.raises(UsageError, match=file.name):
        MatterVault.open(tmp_path, "m")


def test_a_tampered_or_foreign_vault_is_refused(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        MatterVault.open(tmp_path, name).placeholder("PERSON", "Jane Roe")
    vault_path(tmp_path, "a").replace(vault_path(tmp_path, "b"))
    with pytest.raises(UsageError, match="another matter"):
        MatterVault.open(tmp_path, "b")
    file = vault_path(tmp_path, "c")
    data = bytearray(file.read_bytes())
    data[-20] ^= 1
    file.write_bytes(data)
    with pytest.raises(UsageError, match="changed"):
        MatterVault.open(tmp_path, "c")


def test_a_matter_s_name_stands_nowhere_outside_of_its_vault(tmp_path: Path) -> None:
    MatterVault.open(tmp_path, "Estate of Jane Roe").placeholder("PERSON", "Jane Roe")
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert files
    assert not any(b"Jane" in path.read_bytes() or "Jane" in path.name for path in files)
    assert MatterVault.open(tmp_path, "Estate  of Jane Roe").restore("<PERSON_1>") == "Jane Roe"


def test_a_vault_that_was_erased_while_it_was_open_is_not_written_again(tmp_path: Path) -> None:
    vault = MatterVault.open(tmp_path, "m")
    vault.placeholder("PERSON", "Jane Roe")
    vault_path(tmp_path, "m").unlink()
    with pytest.raises(UsageError, match="was erased while it was in use"):
        vault.placeholder("PERSON", "Ann Poe")
    assert not vault_path(tmp_path, "m").exists()


@pytest.mark.parametrize("name", ["", "   ", "x" * 201])
def test_a_matter_needs_a_name(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="name"):
        MatterVault.open(tmp_path, name)


def test_a_damaged_or_unreadable_key_is_refused(tmp_path: Path) -> None:
    (tmp_path / KEY_FILE).write_bytes(b"short")
    with pytest.raises(UsageError, match="damaged"):
        load_key(tmp_path)
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(UsageError, match="cannot be used"):
        load_key(tmp_path / "file")


def _add_names(home: str, who: int) -> None:
    vault = MatterVault.open(Path(home), "shared")
    for number in range(10):
        vault.placeholder("PERSON", f"Name{number} Process{who}")


def test_two_processes_on_one_matter_lose_nothing(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=_add_names, args=(str(tmp_path), who)) for who in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(50)
    assert [process.exitcode for process in processes] == [0, 0]
    vault = MatterVault.open(tmp_path, "shared")
    assert vault.counts() == {"PERSON": 20}
    assert len({vault.restore(f"<PERSON_{number}>") for number in range(1, 21)}) == 20


def test_two_open_vaults_of_one_matter_never_give_a_number_twice(tmp_path: Path) -> None:
    first, second = MatterVault.open(tmp_path, "m"), MatterVault.open(tmp_path, "m")
    assert first.placeholder("PERSON", "Jane Roe") == "<PERSON_1>"
    assert second.placeholder("PERSON", "Ann Poe") == "<PERSON_2>"
    assert first.placeholder("PERSON", "Ann Poe") == "<PERSON_2>"


@given(st.lists(st.tuples(st.sampled_from(["PERSON", "URL", "LITERAL"]), st.text(min_size=1, max_size=12)), max_size=8))
def test_every_original_comes_back_and_a_dump_holds_them_all(pairs: list[tuple[str, str]]) -> None:
    vault = MatterVault(matter="m")
    given_out = [(vault.placeholder(kind, original), original) for kind, original in pairs]
    copy = MatterVault(matter="m", entries=vault.dump())
    for placeholder, original in given_out:
        assert " ".join(vault.restore(placeholder).casefold().split()).endswith(
            " ".join(vault.restore(copy.placeholder(placeholder[1:].rsplit("_", 1)[0], original)).casefold().split())
        )
    assert copy.dump() == vault.dump()
