"""A changed document in an index: what of it is as it was is taken over, wherever it stands now."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from indexes import shelve

from agentkit.adapters.memory import reusing, segment
from agentkit.adapters.memory.corpus import Corpus
from agentkit.cli.main import main
from agentkit.indexed import Entry, Principal
from agentkit.legal.search import terms_of

Run = Callable[..., dict[str, object]]
CLAUSES = [f"{n}. The Tenant shall perform duty number {n} of the lease at its own expense.\n" for n in range(1, 31)]


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Run:
    def command(*arguments: str | Path) -> dict[str, object]:
        assert main([str(argument) for argument in arguments]) == 0
        return json.loads(capfd.readouterr().out)

    return command


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the texts of the passages whose words are counted from now on."""
    texts: list[str] = []

    def counting(text: str, title: str = "") -> dict[str, int]:
        texts.append(text)
        return terms_of(text, title)

    monkeypatch.setattr(segment, "terms_of", counting)
    return texts


def written(folder: Path, clauses: list[str]) -> Path:
    path = folder / "lease.txt"
    path.write_text("LEASE\n\n" + "\n".join(clauses), encoding="utf-8")
    return path


def counts(told: dict[str, object]) -> tuple[object, ...]:
    return tuple(told.get(f"{name}_passages", 0) for name in ("new", "kept", "removed"))


def test_of_a_changed_file_only_the_passages_that_changed_are_indexed(
    run: Run, counted: list[str], tmp_path: Path
) -> None:
    first = run("index", written(tmp_path, CLAUSES), "--index", tmp_path / "index")
    assert counts(first) == (first["passages"], 0, 0)
    counted.clear()
    longer = ["Of this date.\n", *CLAUSES[:9], "10. There is no tenth duty.\n", *CLAUSES[10:]]
    second = run("index", written(tmp_path, longer), "--index", tmp_path / "index")
    assert counts(second) == (2, 29, 2), "the heading has words below it now, and one duty is another"
    assert counted[:2] == ["LEASE\n\nOf this date.", "10. There is no tenth duty."]
    assert not any("perform duty" in text for text in counted)
    run("index", tmp_path / "lease.txt", "--index", tmp_path / "fresh")
    query = "--query", "Who must perform duty number 12?", "--format", "json", "--explain", "--top-k", "30"
    shown = [run("search", "--index", tmp_path / name, *query) for name in ("index", "fresh")]
    assert shown[0] == shown[1]
    text = (tmp_path / "lease.txt").read_text("utf-8")
    hits = Corpus.load(tmp_path / "index").search("duty number 12", top_k=5)
    assert all(text[hit.entry.start : hit.entry.end] == hit.entry.text for hit in hits)


def test_the_summary_says_what_was_new_kept_and_removed(
    run: Run, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    index = tmp_path / "index"
    run("index", written(tmp_path, CLAUSES), "--index", index)
    path = written(tmp_path, CLAUSES[1:])
    main(["index", str(path), "--index", str(index), "--format", "text"])
    said = capfd.readouterr().out
    assert said == f"{index} holds 30 passages; documents: 1. Passages new: 0; kept: 30; removed: 1.\n"


def test_passages_that_others_may_see_now_are_new(run: Run, tmp_path: Path) -> None:
    path = written(tmp_path, CLAUSES)
    first = run("index", path, "--index", tmp_path / "index", "--matter", "acme")
    second = run("index", path, "--index", tmp_path / "index", "--matter", "acme", "--label", "board")
    assert counts(second) == (first["passages"], 0, first["passages"])
    assert counts(run("index", path, "--index", tmp_path / "index", "--everyone")) == counts(second)


TEXTS = st.sampled_from(
    ["The rent is 900.", "§ 4.1 The rent is 950.", "No pets, no dogs, no rent.", "Notice. 12 days."]
)
TITLES = st.sampled_from(["", "Lease > 4 Rent", "Pets"])
PASSAGES = st.lists(st.tuples(TITLES, TEXTS), max_size=7)
STATES = st.dictionaries(st.sampled_from("abc"), st.tuples(st.sampled_from(["", "x"]), PASSAGES), max_size=3)
EVERYBODY = Principal("all", frozenset("x"))


def entries(state: dict[str, tuple[str, list[tuple[str, str]]]]) -> list[Entry]:
    made: list[Entry] = []
    for name, (matter, passages) in state.items():
        start = 0
        for number, (title, text) in enumerate(passages):
            end = start + len(text)
            made.append(Entry(f"{name}#{number}", name, title, start, end, text, page=start // 40 + 1, matter=matter))
            start = end + 2
    return made


@pytest.mark.parametrize("worth", [0, reusing.WORTH])
@settings(deadline=None)
@given(states=st.lists(STATES, min_size=2, max_size=4))
def test_however_it_changed_an_index_is_what_a_fresh_one_is(
    tmp_path_factory: pytest.TempPathFactory, worth: int, states: list[dict[str, tuple[str, list[tuple[str, str]]]]]
) -> None:
    folder = tmp_path_factory.mktemp("index")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reusing, "WORTH", worth)
        for state in states:
            outcome = shelve(folder / "one", entries(state))
            assert outcome.new + outcome.kept == outcome.passages == len(entries(state))
    shelve(folder / "other", entries(states[-1]))
    one, other = (Corpus.load(folder / name) for name in ("one", "other"))
    held = [sorted(map(repr, corpus.entries(principal=EVERYBODY))) for corpus in (one, other)]
    assert held[0] == held[1]
    for query in ("rent", "4.1 pets", "a and its notice"):
        for name in (None, *states[-1]):
            found = [
                sorted(
                    (round(hit.ranked.score, 6), repr(replace(hit.entry, version="")))
                    for hit in corpus.search(query, top_k=50, document=name, principal=EVERYBODY)
                )
                for corpus in (one, other)
            ]
            assert found[0] == found[1]
