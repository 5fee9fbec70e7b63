"""What every store does, over real ones."""

from dataclasses import replace

import pytest
from places import Numbers, Place, document, passages, put

from agentkit.errors import ConfigError, RetrievalError, UsageError
from agentkit.indexed import Principal, StoreQuery

LEASE = document("lease.pdf")
RENT, REPAIR, NOTICE = "The rent is due on the first.", "The tenant repairs the roof.", "Notice takes two months."


def ask(*words: str, **more: object) -> StoreQuery:
    return StoreQuery(dict.fromkeys(words, 1.0), **more)  # pyright: ignore[reportArgumentType]


async def texts(store: object, query: StoreQuery) -> list[str]:
    return [entry.text for entry in await store.candidates(query)]


async def test_what_was_put_is_found_by_its_words_with_everything_known_of_it(where: Place) -> None:
    store = where.open()
    assert await put(store, LEASE, RENT, REPAIR, NOTICE) == 3
    assert await store.candidates(ask("roof")) == [passages(LEASE, RENT, REPAIR, NOTICE)[1]]
    assert await store.candidates(ask("elevat")) == []
    assert await store.known() == {LEASE.key: LEASE}
    await store.aclose()


async def test_a_word_that_is_worth_more_comes_first(where: Place) -> None:
    store = where.open()
    await put(store, LEASE, RENT, REPAIR)
    for first, second in (("roof", "rent"), ("rent", "roof")):
        found = await texts(store, StoreQuery({first: 1.0, second: 0.2}))
        assert found == ([REPAIR, RENT] if first == "roof" else [RENT, REPAIR])
    await store.aclose()


async def test_only_passages_that_changed_are_written(where: Place) -> None:
    store = where.open()
    assert await put(store, LEASE, RENT, REPAIR, NOTICE) == 3
    assert await put(store, LEASE, RENT, REPAIR, NOTICE) == 0
    newer = replace(LEASE, sha256="2")
    assert await put(store, newer, "A new first clause.", RENT, REPAIR, "Notice takes three months.") == 2
    found = await store.candidates(ask("notic"))
    assert found == [passages(newer, "A new first clause.", RENT, REPAIR, "Notice takes three months.")[3]]
    assert await store.candidates(ask("rent")) == [passages(newer, "A new first clause.", RENT)[1]]
    assert await put(store, newer, RENT, RENT) == 0
    assert [(entry.start, entry.text) for entry in await store.candidates(ask("rent"))] == [(0, RENT), (30, RENT)]
    assert await store.candidates(ask("roof")) == []
    await store.aclose()


async def test_a_removed_document_is_gone(where: Place) -> None:
    store = where.open()
    other = document("other.pdf")
    await put(store, LEASE, RENT)
    await put(store, other, RENT)
    assert await store.remove([LEASE.key, "/files/unknown"]) == 1
    assert await store.candidates(ask("rent")) == passages(other, RENT)
    assert list(await store.known()) == [other.key]
    assert await store.remove([LEASE.key]) == 0
    await store.aclose()


async def test_a_document_that_is_asked_for_comes_whole_and_in_order(where: Place) -> None:
    store = where.open()
    await put(store, LEASE, RENT, REPAIR, NOTICE)
    await put(store, document("other.pdf"), RENT)
    assert await texts(store, ask("roof", document="lease.pdf")) == [RENT, REPAIR, NOTICE]
    assert await texts(store, ask("roof", document="lease.pdf", limit=2)) == [REPAIR]
    assert await texts(store, ask("roof", document="lease")) == []
    await store.aclose()


async def test_documents_that_a_query_names_come_first_and_whole(where: Place) -> None:
    store = where.open()
    await put(store, LEASE, "Lease between Keller and Brandt", RENT, REPAIR)
    await put(store, document("other.pdf"), "Lease between Meyer and Schulz", RENT, REPAIR)
    found = await store.candidates(ask("rent", reference={"meyer": 1.0, "schulz": 1.0}))
    assert [(entry.document, entry.start) for entry in found] == [
        ("other.pdf", 0), ("other.pdf", 31), ("other.pdf", 61), ("lease.pdf", 32),
    ]  # fmt: skip
    await store.aclose()


async def test_vectors_find_what_shares_no_word(where: Place) -> None:
    numbers = Numbers()
    store = where.open(numbers)
    await put(store, LEASE, RENT, REPAIR, NOTICE, embedding=numbers)
    assert (await texts(store, StoreQuery({}, vector=numbers.vector(NOTICE))))[0] == NOTICE
    both = await texts(store, ask("rent", vector=numbers.vector(NOTICE)))
    assert both[:2] == [RENT, NOTICE]
    assert sorted(both) == sorted([RENT, REPAIR, NOTICE])
    await store.aclose()


async def test_only_vectors_of_passages_that_changed_are_needed(where: Place) -> None:
    numbers = Numbers()
    store = where.open(numbers)
    await put(store, LEASE, RENT, REPAIR, embedding=numbers)
    entries = passages(LEASE, REPAIR, NOTICE)
    assert await store.missing(LEASE, entries) == [1]
    assert await store.upsert(LEASE, entries, vectors=[[], numbers.vector(NOTICE)]) == 1
    assert (await texts(store, StoreQuery({}, vector=numbers.vector(REPAIR))))[0] == REPAIR
    with pytest.raises(UsageError, match="vector"):
        await store.upsert(LEASE, passages(LEASE, RENT), vectors=[[]])
    await store.aclose()


async def test_a_store_is_there_when_it_is_opened_again(where: Place) -> None:
    store = where.open()
    await put(store, LEASE, RENT)
    await store.aclose()
    again = where.open()
    assert await again.candidates(ask("rent")) == passages(LEASE, RENT)
    assert await put(again, LEASE, RENT) == 0
    await again.aclose()


async def test_vectors_of_another_size_are_refused_and_nothing_is_written(where: Place) -> None:
    numbers = Numbers()
    store = where.open(numbers)
    await put(store, LEASE, RENT, embedding=numbers)
    with pytest.raises(ConfigError, match=r"3 dimensions .* 8.*index\.embedding"):
        await store.upsert(LEASE, passages(LEASE, REPAIR), vectors=[[1.0, 0.0, 0.0]])
    assert await store.candidates(ask("roof")) == []
    await store.aclose()


@pytest.mark.parametrize("other", [Numbers("letters"), Numbers(dimensions=4), None])
async def test_an_index_of_another_embedding_is_refused_with_what_to_do(where: Place, other: Numbers | None) -> None:
    numbers = Numbers()
    store = where.open(numbers)
    await put(store, LEASE, RENT, embedding=numbers)
    await store.aclose()
    wrong = where.open(other)
    for attempt in (wrong.candidates(ask("rent")), put(wrong, LEASE, REPAIR, embedding=other), wrong.known()):
        with pytest.raises(ConfigError, match=r"set index\.embedding to numbers"):
            await attempt
    await wrong.aclose()


async def test_a_search_before_anything_was_indexed_says_so(where: Place) -> None:
    store = where.open()
    with pytest.raises(RetrievalError, match=r"There is no index in .*agentkit index"):
        await store.candidates(ask("rent"))
    assert await store.known() == {}
    assert await store.remove(["x"]) == 0
    await store.aclose()


async def test_a_document_without_passages_is_known_and_found_by_nothing(where: Place) -> None:
    store = where.open()
    assert await store.upsert(LEASE, [], vectors=None) == 0
    assert await store.known() == {LEASE.key: LEASE}
    assert await store.candidates(ask("rent")) == []
    await store.aclose()


async def test_many_passages_of_one_document_are_replaced_together(where: Place) -> None:
    store = where.open()
    many = [f"The tenant pays fee number {number}." for number in range(300)]
    assert await put(store, LEASE, *many) == 300
    assert len(await texts(store, ask("fee", document="lease.pdf", limit=700))) == 300
    assert await put(store, replace(LEASE, sha256="2"), *many[:150], NOTICE) == 1
    assert len(await texts(store, ask("fee", document="lease.pdf", limit=700))) == 151
    await store.aclose()


class TestAccess:
    """Who may see what; `ann` works on one matter and holds one label."""

    ann = Principal("ann", frozenset({"M1"}), frozenset({"secret"}))

    async def filled(self, where: Place):
        store = where.open(Numbers())
        for known in (
            document("open"),
            document("hers", matter="M1"),
            document("hers-secret", matter="M1", labels=("secret",)),
            document("theirs", matter="M2"),
            document("sealed", matter="M1", labels=("secret", "sealed")),
            document("sealed-open", labels=("sealed",)),
        ):
            await put(store, known, f"The rent of {known.name} is due.", embedding=Numbers())
        return store

    async def test_a_principal_sees_their_matters_and_labels_and_what_is_open(self, where: Place) -> None:
        store = await self.filled(where)
        vector = Numbers().vector("The rent of theirs is due.")
        for query in (ask("rent"), StoreQuery({}, vector=vector), ask("rent", vector=vector)):
            found = await store.candidates(replace(query, principal=self.ann))
            assert {entry.document for entry in found} == {"open", "hers", "hers-secret"}
        nobody = Principal("guest")
        assert [entry.document for entry in await store.candidates(ask("rent", principal=nobody))] == ["open"]
        await store.aclose()

    async def test_what_somebody_may_not_see_takes_no_place_among_what_is_found(self, where: Place) -> None:
        store = await self.filled(where)
        found = await store.candidates(ask("rent", "their", principal=Principal("guest"), limit=1))
        assert [entry.document for entry in found] == ["open"]
        vector = Numbers().vector("The rent of theirs is due.")
        found = await store.candidates(StoreQuery({}, vector=vector, principal=Principal("guest"), limit=1))
        assert [entry.document for entry in found] == ["open"]
        await store.aclose()

    @pytest.mark.parametrize("name", ["theirs", "sealed", "sealed-open"])
    async def test_a_document_asked_for_by_name_is_no_way_around(self, where: Place, name: str) -> None:
        store = await self.filled(where)
        assert await store.candidates(ask("rent", document=name, principal=self.ann)) == []
        assert not [
            entry
            for entry in await store.candidates(ask("rent", reference={name: 1.0}, principal=self.ann))
            if entry.document == name
        ]
        await store.aclose()

    async def test_without_a_principal_nothing_is_seen_until_nothing_is_guarded(self, where: Place) -> None:
        store = await self.filled(where)
        for query in (ask("rent"), ask("rent", document="open"), StoreQuery({}, vector=Numbers().vector("rent"))):
            assert await store.candidates(query) == []
        guarded = [key for key, known in (await store.known()).items() if known.matter or known.labels]
        await store.remove(guarded)
        assert [entry.document for entry in await store.candidates(ask("rent"))] == ["open"]
        await store.aclose()

    async def test_a_document_that_changes_hands_is_seen_by_its_new_matter_alone(self, where: Place) -> None:
        store = await self.filled(where)
        moved = document("hers", matter="M2")
        assert await put(store, moved, "The rent of hers is due.", embedding=Numbers()) == 1
        theirs = Principal("bob", frozenset({"M2"}))
        assert {one.document for one in await store.candidates(ask("rent", principal=theirs))} == {
            "open",
            "theirs",
            "hers",
        }
        assert "hers" not in {one.document for one in await store.candidates(ask("rent", principal=self.ann))}
        await store.aclose()
