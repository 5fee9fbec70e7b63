"""Who may see a passage: what others may see leaves no trace, in no number and no message."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from indexes import shelve

from agentkit.adapters.memory import choosing, stages
from agentkit.adapters.memory.corpus import Corpus, by_document
from agentkit.adapters.memory.engine import Part, whole
from agentkit.adapters.memory.explaining import explain_hit
from agentkit.adapters.memory.segment import build
from agentkit.cli.main import main
from agentkit.indexed import Entry, Principal

Run = Callable[..., tuple[int, str, str]]
ANA = Principal("ana", frozenset({"acme"}), frozenset({"board"}))
BEN = Principal("ben", frozenset({"birch"}))
QUERIES = [
    "Who pays the rent?",
    "What does § 1.2 say?",
    "Consider the Lease between Acme and Birch: who pays for repairs?",
    "The Tenant shall pay the rent and repair the roof.",
    'What is the meaning of "Permitted Use"?',
    "roof",
    "zeppelin",
]
SENTENCES = [
    "1.1 The Tenant pays the rent of 900 pounds to Acme.",
    '1.2 "Permitted Use" means use as offices.',
    "The roof is repaired by Birch as landlord.",
    "A zeppelin hangar stands beside the roof.",
    "The Tenant keeps to the Permitted Use:",
    "(a) in the offices; or",
    "(b) in the hangar.",
    "Lease",
]


@pytest.fixture
def agentkit(capfd: pytest.CaptureFixture[str]) -> Run:
    def run(*arguments: str | Path) -> tuple[int, str, str]:
        code = main([str(argument) for argument in arguments])
        out, err = capfd.readouterr()
        return code, out, err

    return run


def document(name: str, texts: Sequence[str], matter: str, labels: Sequence[str]) -> list[Entry]:
    starts = [sum(len(text) + 1 for text in texts[:place]) for place in range(len(texts))]
    return [
        Entry(f"{name}#{n}", name, "", start, start + len(text), text, matter=matter, labels=tuple(sorted(labels)))
        for n, (start, text) in enumerate(zip(starts, texts, strict=True))
    ]


DOCUMENTS = st.lists(
    st.tuples(
        st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=6),
        st.sampled_from(["", "acme", "birch"]),
        st.sets(st.sampled_from(["board", "secret"]), max_size=1),
        st.booleans(),
    ),
    min_size=1,
    max_size=6,
)


def told(corpus: Corpus, query: str, asks: Principal | None, name: str | None) -> list[object]:
    """Everything a search says: passages, scores, components, and the explanation of each hit."""
    hits = corpus.search(query, top_k=9, document=name, principal=asks)
    return [(hit.entry, hit.ranked.parts, explain_hit(query, hit, corpus.document_of(hit))) for hit in hits]


@settings(max_examples=120, deadline=None)
@given(DOCUMENTS, st.sampled_from(QUERIES), st.sampled_from([ANA, BEN, Principal()]), st.integers(1, 3))
def test_what_one_sees_is_what_an_index_of_only_that_would_show(
    drawn: list[tuple[list[str], str, set[str], bool]], query: str, asks: Principal, size: int
) -> None:
    made = [document(f"lease{n}", texts, matter, sorted(labels)) for n, (texts, matter, labels, _) in enumerate(drawn)]
    there = [not gone for *_, gone in drawn]
    groups = [list(range(first, min(first + size, len(made)))) for first in range(0, len(made), size)]

    def corpus(keep: Callable[[int], bool], *, hide: bool) -> Corpus:
        parts: list[Part] = []
        for group in groups:
            chosen = [n for n in group if hide or keep(n)]
            if chosen:
                part = whole(build(list(by_document(entry for n in chosen for entry in made[n]).items())))
                part.gone[:] = [not there[n] for n in chosen]
                parts.append(part)
        return Corpus(parts=parts)

    def seen(n: int) -> bool:
        return there[n] and asks.may_see(made[n][0].matter, made[n][0].labels)

    for most, large in ((400, 50_000), (0, 50_000), (0, 3)):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(stages, "_ALL", most)
            patch.setattr(choosing, "_LARGE", large)
            mixed, only = corpus(seen, hide=True), corpus(seen, hide=False)
            assert mixed.counts(principal=asks) == only.counts(principal=asks)
            assert mixed.entries(principal=asks) == only.entries(principal=asks)
            for name in (None, *(f"lease{n}" for n in range(len(made)))):
                assert told(mixed, query, asks, name) == told(only, query, asks, name)


def test_how_common_a_word_is_among_others_does_not_decide_what_is_found_in_a_large_corpus() -> None:
    # Of a word that stands for the one asked for, a large corpus looks up the rows only where it is rare.
    visible = [
        document(f"v{n}", ["The Lessor keeps the roof." if n < 2 else "The roof is new."], "acme", []) for n in range(9)
    ]
    hidden = [document(f"h{n}", ["A lessor owns a hangar."], "birch", []) for n in range(30)]

    def corpus(made: Sequence[Sequence[Entry]]) -> Corpus:
        return Corpus([entry for group in made for entry in group])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(choosing, "_LARGE", 3)
        patch.setattr(choosing, "_COMMON", 0.3)
        only = told(corpus(visible), "Who is the landlord?", ANA, None)
        assert only
        assert told(corpus([*visible, *hidden]), "Who is the landlord?", ANA, None) == only


@given(DOCUMENTS, st.sampled_from(QUERIES))
def test_without_a_principal_nothing_is_seen_where_anything_is_guarded(
    drawn: list[tuple[list[str], str, set[str], bool]], query: str
) -> None:
    made = [document(f"lease{n}", texts, matter, sorted(labels)) for n, (texts, matter, labels, _) in enumerate(drawn)]
    corpus = Corpus([entry for group in made for entry in group])
    guarded = any(entry.matter or entry.labels for group in made for entry in group)
    assert (corpus.search(query, top_k=9) == []) is (guarded or corpus.search(query, top_k=9) == [])
    assert corpus.counts()["documents"] == (0 if guarded else len(made))
    assert len(corpus.entries()) == (0 if guarded else sum(map(len, made)))


def test_a_document_is_seen_by_those_who_may_see_each_of_its_passages() -> None:
    mixed = [*document("a", ["The rent is due."], "", ["board"]), *document("a", ["The roof is new."], "", ["secret"])]
    corpus = Corpus(mixed)
    assert corpus.search("rent", top_k=3, principal=ANA) == []
    both = Principal(labels=frozenset({"board", "secret"}))
    assert [hit.entry.labels for hit in corpus.search("rent", top_k=1, principal=both)] == [("board", "secret")]
    with pytest.raises(ValueError, match="a document belongs to one at most"):
        Corpus([*document("a", ["x"], "acme", []), *document("a", ["y"], "birch", [])])


def test_what_was_guarded_and_is_gone_guards_nothing(tmp_path: Path) -> None:
    shelve(tmp_path / "index", [*document("a", ["The rent."], "acme", []), *document("b", ["The rent too."], "", [])])
    assert Corpus.load(tmp_path / "index").search("rent", top_k=3) == []
    shelve(tmp_path / "index", document("b", ["The rent too."], "", []))
    assert [hit.entry.id for hit in Corpus.load(tmp_path / "index").search("rent", top_k=3)] == ["b#0"]


@pytest.fixture
def shared(agentkit: Run, tmp_path: Path) -> Path:
    """An index of a lease of each of two matters, both called lease.txt, and of a note that is for everybody."""
    index = tmp_path / "index"
    for matter, rent in (("acme", 900), ("birch", 700)):
        folder = tmp_path / matter
        folder.mkdir()
        (folder / "lease.txt").write_text(f"1. Rent. The Tenant pays {rent} pounds.\n", encoding="utf-8")
        assert agentkit("index", folder, "--index", index, "--matter", matter, "--label", "board")[0] == 0
    (tmp_path / "note.txt").write_text("The rent of the office is 100 pounds.\n", encoding="utf-8")
    assert agentkit("index", tmp_path / "note.txt", "--index", index, "--everyone")[0] == 0
    return index


def hits(agentkit: Run, index: Path, *options: str) -> list[dict[str, object]]:
    code, out, _ = agentkit("search", "--index", index, "--query", "rent", "--format", "json", *options)
    assert code == 0
    return json.loads(out)["hits"]


def test_a_command_finds_what_who_asks_may_see(agentkit: Run, shared: Path) -> None:
    assert hits(agentkit, shared) == []
    assert [hit["document"] for hit in hits(agentkit, shared, "--matter", "acme")] == ["note.txt"]
    acme = hits(agentkit, shared, "--matter", "acme", "--label", "board")
    assert {hit["document"] for hit in acme} == {"acme[board]/lease.txt", "note.txt"}
    lease = next(hit for hit in acme if hit["document"] != "note.txt")
    assert (lease["matter"], lease["labels"]) == ("acme", ["board"])


def test_who_asks_stands_in_the_configuration(agentkit: Run, shared: Path, tmp_path: Path) -> None:
    config = tmp_path / "agentkit.yaml"
    config.write_text("principals: {ana: {matters: [acme], labels: [board]}, visitor: {}}\n", encoding="utf-8")
    assert len(hits(agentkit, shared, "--config", str(config), "--as", "ana")) == 2
    assert len(hits(agentkit, shared, "--config", str(config), "--as", "visitor")) == 1
    code, out, err = agentkit("search", "--index", shared, "--query", "rent", "--config", config, "--as", "anna")
    assert (code, out) == (2, "")
    assert "no principal anna: did you mean ana?" in err


def test_a_hidden_document_and_one_that_is_none_look_the_same(agentkit: Run, shared: Path, tmp_path: Path) -> None:
    queries = tmp_path / "queries.jsonl"

    def asked(document: str) -> tuple[int, str, str]:
        queries.write_text(json.dumps({"id": 1, "query": "rent", "document": document}), encoding="utf-8")
        return agentkit("search", "--index", shared, "--queries", queries, "--matter", "acme", "--explain")

    assert asked("birch[board]/lease.txt") == asked("nothing")
    assert asked("birch[board]/lease.txt")[0] == 0


def test_documents_beside_guarded_ones_are_not_open_by_default(agentkit: Run, shared: Path, tmp_path: Path) -> None:
    more = tmp_path / "more.txt"
    more.write_text("The rent of Birch is a secret.\n", encoding="utf-8")
    for damage in (lambda: None, lambda: (shared / "index.json").write_text("{", encoding="utf-8")):
        damage()
        code, out, err = agentkit("index", more, "--index", shared)
        assert (code, out) == (2, "")
        assert "say who may see these with --matter, --label or --everyone" in err
    code, _, err = agentkit("index", more, "--index", shared, "--everyone", "--matter", "acme")
    assert code == 2
    assert "leave out --everyone" in err


def test_a_document_that_changes_hands_is_no_longer_seen_by_those_who_saw_it(
    agentkit: Run, shared: Path, tmp_path: Path
) -> None:
    agentkit("index", tmp_path / "acme", "--index", shared, "--matter", "birch", "--label", "board")
    assert {hit["document"] for hit in hits(agentkit, shared, "--matter", "acme", "--label", "board")} == {"note.txt"}
    birch = hits(agentkit, shared, "--matter", "birch", "--label", "board")
    assert len({str(hit["document"]) for hit in birch}) == 3
    assert {hit["matter"] for hit in birch if "matter" in hit} == {"birch"}


def test_rules_say_who_may_see_what_and_what_no_rule_names_is_left_out(agentkit: Run, tmp_path: Path) -> None:
    for name in ("clients/acme/a/lease.txt", "clients/birch/lease.txt", "library/guide.txt", "other.txt"):
        (tmp_path / "docs" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "docs" / name).write_text(f"The rent of {name}.\n", encoding="utf-8")
    config, index = tmp_path / "agentkit.yaml", tmp_path / "index"
    rules = f"""
index:
  access:
    - {{path: "{tmp_path}/docs/clients/acme/**", matter: acme, labels: [board]}}
    - {{path: "{tmp_path}/docs/clients/*/lease.txt", matter: other}}
    - {{path: "{tmp_path}/docs/library/*"}}
"""
    config.write_text(rules, encoding="utf-8")
    code, out, err = agentkit("index", tmp_path / "docs", "--index", index, "--config", config)
    assert (code, json.loads(out)["documents"]) == (0, 3)
    assert "other.txt: no rule of index.access says who may see it." in err
    assert {hit["document"] for hit in hits(agentkit, index, "--matter", "other")} == {"other/lease.txt", "guide.txt"}
    held = hits(agentkit, index, "--matter", "acme", "--label", "board")
    assert {hit["document"] for hit in held} == {"acme[board]/lease.txt", "guide.txt"}
    config.write_text(f'{rules}    - {{path: "{tmp_path}/docs/*", matter: acme}}\n', encoding="utf-8")
    code, out, err = agentkit("index", tmp_path / "docs", "--index", index, "--config", config)
    assert (json.loads(out)["documents"], json.loads(out)["unchanged"], err) == (4, 3, "")
