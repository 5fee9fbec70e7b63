"""The key that everything kept is sealed under: where it comes from, what happens without it, how it is changed."""

import base64
import multiprocessing
import stat
import sys
from pathlib import Path
from types import ModuleType

import pytest

from agentkit.cli.main import main
from agentkit.errors import MissingExtraError, UsageError
from agentkit.privacy import MatterVault
from agentkit.privacy.keys import KEY_FILE, NEW_KEY_FILE, load_key, load_naming_key, matter_id
from agentkit.privacy.sealed import seal, unseal
from agentkit.privacy.vault import vault_path
from agentkit.records import matters
from agentkit.records.rotating import rotate
from agentkit.records.run_record import FileRunRecord
from agentkit.records.run_store import FileRunStore

ONE, OTHER = (base64.b64encode(bytes([number]) * 32).decode() for number in (1, 2))


def kept(home: Path) -> str:
    """Open all there is, and return what the vault has to say."""
    FileRunStore.load(home, "r1")
    assert [hold.matter for hold in matters.holds(home)] == ["m"]
    return MatterVault.open(home, "m").restore("<PERSON_1>")


@pytest.fixture
def full(home: Path) -> Path:
    """Return a home with a vault, an unfinished run and a legal hold."""
    MatterVault.open(home, "m").placeholder("PERSON", "Jane Roe")
    FileRunStore.create(home, run_id="r1", matter="m", question="Who is Jane Roe?", paths=[]).save()
    matters.hold(home, "m")
    return home


def test_a_key_from_the_environment_is_written_nowhere(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGENTKIT_KEY", ONE)
    MatterVault.open(home, "m").placeholder("PERSON", "Jane Roe")
    assert not (home / KEY_FILE).exists()
    files = [path.read_bytes() for path in home.rglob("*") if path.is_file()]
    assert not any(form in data for data in files for form in (bytes([1]) * 32, ONE.encode()))
    assert MatterVault.open(home, "m").restore("<PERSON_1>") == "Jane Roe"


def test_another_key_is_told_from_a_damaged_file(full: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGENTKIT_KEY", ONE)
    with pytest.raises(UsageError, match="cannot be opened with this key: it was written under another one"):
        MatterVault.open(full, "m")


@pytest.mark.parametrize("text", ["short", "=", "é" * 44, base64.b64encode(bytes(16)).decode()])
def test_a_variable_that_holds_no_key_is_named_and_not_repeated(
    text: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AGENTKIT_KEY", text)
    with pytest.raises(UsageError, match="AGENTKIT_KEY holds no key") as caught:
        load_key(home)
    assert text not in str(caught.value).replace("=", "", 1) or text == "="


def test_a_key_file_that_others_can_read_is_refused(home: Path) -> None:
    load_key(home)
    (home / KEY_FILE).chmod(0o640)
    with pytest.raises(UsageError, match="chmod 600"):
        load_key(home)


def test_a_matter_s_id_tells_nothing_and_differs_between_homes(tmp_path: Path) -> None:
    names = [matter_id(tmp_path / home, matter) for home, matter in (("a", "m"), ("a", "n"), ("b", "m"))]
    assert len(set(names)) == 3
    assert names[0] == matter_id(tmp_path / "a", " m ")
    assert matter_id(tmp_path, "M\u00fcller") == matter_id(tmp_path, "Mu\u0308ller")


def test_a_changed_key_opens_everything_and_the_old_one_nothing(full: Path) -> None:
    old, name = load_key(full), matter_id(full, "m")
    assert rotate(full) == 4  # naming, vault, hold, run
    assert load_key(full) != old
    assert not (full / NEW_KEY_FILE).exists()
    assert (kept(full), matter_id(full, "m")) == ("Jane Roe", name)
    assert stat.S_IMODE((full / KEY_FILE).stat().st_mode) == 0o600
    with pytest.raises(UsageError, match="written under another one"):
        unseal(vault_path(full, "m"), key=old, context=f"matter:{name}")


def test_a_change_that_was_interrupted_is_finished(full: Path) -> None:
    before = (full / KEY_FILE).read_bytes()
    run = full / "runs" / "r1.run"
    damaged = run.read_bytes()
    run.write_bytes(damaged[:-1])
    with pytest.raises(UsageError, match=r"r1\.run"):  # the last file: the others are under the new key already
        rotate(full)
    assert (full / KEY_FILE).read_bytes() == before
    with pytest.raises(UsageError, match="agentkit key --rotate"):
        MatterVault.open(full, "m")
    run.write_bytes(damaged)
    assert rotate(full) == 1
    assert kept(full) == "Jane Roe"


def test_a_key_moves_from_the_file_to_the_environment_and_on(full: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGENTKIT_KEY", ONE)
    with pytest.raises(UsageError, match="AGENTKIT_OLD_KEY"):
        rotate(full)
    monkeypatch.setenv("AGENTKIT_OLD_KEY", "file")
    assert rotate(full) == 4
    assert not (full / KEY_FILE).exists()
    monkeypatch.setenv("AGENTKIT_KEY", OTHER)
    monkeypatch.setenv("AGENTKIT_OLD_KEY", ONE)
    assert rotate(full) == 4
    monkeypatch.delenv("AGENTKIT_OLD_KEY")
    assert kept(full) == "Jane Roe"


def test_no_key_is_changed_under_a_run_that_goes_on(full: Path) -> None:
    record = FileRunRecord(full, "r2")
    with pytest.raises(UsageError, match="Run r2 is going on"):
        rotate(full)
    record.close()


class Keyring(ModuleType):
    """The library, with a store of its own."""

    def __init__(self) -> None:
        super().__init__("keyring")
        self.held: dict[tuple[str, str], str] = {}
        self.locked = False

    def get_password(self, service: str, name: str) -> str | None:
        if self.locked:
            raise RuntimeError("the collection is locked")
        return self.held.get((service, name))

    def set_password(self, service: str, name: str, text: str) -> None:
        self.held[service, name] = text

    def delete_password(self, service: str, name: str) -> None:
        del self.held[service, name]


@pytest.fixture
def keyring(monkeypatch: pytest.MonkeyPatch) -> Keyring:
    library = Keyring()
    monkeypatch.setitem(sys.modules, "keyring", library)
    monkeypatch.setenv("AGENTKIT_KEY", "keyring")
    return library


def test_the_keyring_holds_the_key_where_it_is_asked_to(keyring: Keyring, full: Path) -> None:
    assert not (full / KEY_FILE).exists()
    before = dict(keyring.held)
    assert rotate(full) == 4
    assert keyring.held.keys() == before.keys()
    assert keyring.held != before
    assert kept(full) == "Jane Roe"
    keyring.locked = True
    with pytest.raises(UsageError, match="keyring cannot be used"):
        load_key(full)


def test_a_keyring_without_its_library_says_what_to_install(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    monkeypatch.setenv("AGENTKIT_KEY", "keyring")
    with pytest.raises(MissingExtraError, match=r"governed-agentkit\[keyring\]"):
        load_key(home)


def _name(home: str) -> None:
    load_naming_key(Path(home))


def test_processes_that_start_together_agree_on_the_keys(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    children = [context.Process(target=_name, args=(str(tmp_path),)) for _ in range(3)]
    for child in children:
        child.start()
    for child in children:
        child.join(50)
    assert [child.exitcode for child in children] == [0, 0, 0]
    assert len(load_naming_key(tmp_path)) == 32
    seal(tmp_path / "x", b"1", key=load_key(tmp_path), context="x")
    assert unseal(tmp_path / "x", key=load_key(tmp_path), context="x") == b"1"


def test_the_command_says_where_the_key_is_and_changes_it(full: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["key", "--rotate"]) == 0
    assert capsys.readouterr().out == (
        "Sealed anew: 4 files.\nThe key comes from the file vault.key in the home folder, and opens what is kept.\n"
    )
    (full / KEY_FILE).write_bytes(bytes(32))
    assert main(["key"]) == 2
    assert "written under another one" in capsys.readouterr().err
