"""How common a word is, is counted over what one may see: by every store, and after every accident."""

import pytest
from places import Numbers, Place, document, passages, put

from agentkit import searching
from agentkit.adapters.memory.corpus import Corpus
from agentkit.indexed import Counts, Entry, Principal
from agentkit.legal.search import terms_of
from agentkit.searching import StoreSearch
from agentkit.storing import TableStore
from agentkit.tallying import Tallies

ANN = Principal("ann", frozenset({"M1"}))
BOTH = Principal("both", frozenset({"M1", "M2"}))
LINES = (
    "The rent of the offices is due on the first.",
    "The roof is repaired by the landlord.",
    "Rent falls due monthly, and the deposit is three months' rent.",
    "Notice takes two months; the roof stays.",
)


def filed(number: int, matter: str) -> tuple[str, list[str], str]:
    return f"{matter}-{number}.txt", [f"{LINES[number % 4]} Schedule {number}.", LINES[(number + 1) % 4]], matter


def counted(entries: list[Entry]) -> Counts:
    bags = [terms_of(entry.text) for entry in entries]
    stems = {stem for bag in bags for stem in bag}
    words = sum(often for bag in bags for stem, often in bag.items() if stem[0] != "§")
    return Counts(len(bags), words, {stem: sum(stem in bag for bag in bags) for stem in stems})


async def fill(store: TableStore, *, matters: tuple[str, ...] = ("M1", "M2")) -> dict[str, list[Entry]]:
    held: dict[str, list[Entry]] = {}
    for matter in matters:
        for number in range(6):
            name, texts, _ = filed(number, matter)
            known = document(name, matter=matter)
            await put(store, known, *texts)
            held.setdefault(matter, []).extend(passages(known, *texts))
    return held


async def test_over_many_documents_scores_are_those_of_the_embedded_index_over_what_one_may_see(
    where: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "AMONG", 4)  # fewer than there are: what is proposed says little of the rest
    store = where.open()
    held = await fill(store)
    await store.settle()
    search = StoreSearch(store, principal=ANN)
    for query in ("Who repairs the roof?", "When is the rent due?", "deposit"):
        ours = {
            one.entry: one.ranked.parts["words"] for one in Corpus(held["M1"]).search(query, top_k=50, principal=ANN)
        }
        found = await search.search(query, top_k=2)
        assert found
        for one in found:
            assert one.ranked.parts["words"] == pytest.approx(ours[one.entry], abs=1e-5)
    await store.aclose()


async def test_what_is_counted_is_what_stands_behind_the_walls_one_may_pass(where: Place) -> None:
    store = where.open()
    assert await store.counts(["rent"], ANN) is None
    held = await fill(store)
    await store.settle()
    for who, seen in ((ANN, held["M1"]), (BOTH, held["M1"] + held["M2"])):
        expected = counted(seen)
        assert await store.counts(expected.often, who) == expected
    for nobody in (None, Principal("x", frozenset({"M3"}))):
        assert await store.counts(["rent"], nobody) is None
    # Changed, moved, repeated and removed passages, and a document that changes hands.
    one, other = document("M1-0.txt", sha="2", matter="M1"), document("M2-1.txt", matter="M1")
    await put(store, one, LINES[1], LINES[1], "An elevator.")
    await put(store, other, *filed(1, "M2")[1])
    await store.remove([document("M1-2.txt").key])
    await store.settle()
    now = [entry for entry in held["M1"] if entry.document not in ("M1-0.txt", "M1-2.txt")]
    now += passages(one, LINES[1], LINES[1], "An elevator.") + passages(other, *filed(1, "M2")[1])
    found = await store.counts(counted(now).often, ANN)
    assert found == counted(now)
    assert found.often["deposit"]
    assert (await store.counts(["deposit", "zeppelin"], ANN)) == Counts(
        found.passages, found.words, {"deposit": found.often["deposit"]}
    )
    await store.aclose()


async def test_what_a_killed_writer_did_not_count_is_counted_by_the_next_run(where: Place) -> None:
    store = where.open()
    await fill(store, matters=("M1",))
    await store.settle()
    late = document("late.txt", matter="M1")
    await put(store, late, "An elevator.", "The rent rises.")
    await store.aclose()  # before its run has ended: nothing was counted
    store = where.open()
    assert (await store.counts(["elev"], ANN)).passages == 12  # pyright: ignore[reportOptionalMemberAccess]
    await store.settle()
    found = await store.counts([*terms_of("An elevator."), "rent"], ANN)
    assert found is not None
    assert found.passages == 14
    assert all(found.often[stem] for stem in terms_of("An elevator."))
    await store.aclose()


async def test_a_tally_grows_with_the_words_there_are(where: Place) -> None:
    store = where.open(Numbers())
    numbers = Numbers()
    texts = [" ".join(f"w{number}x{place}" for place in range(40)) for number in range(20)]
    await put(store, document("a", matter="M1"), *texts[:3], embedding=numbers)
    await store.settle()
    await put(store, document("b", matter="M1"), *texts, embedding=numbers)
    await store.settle()
    stems = [stem for text in texts for stem in terms_of(text)]
    found = await store.counts(stems, ANN)
    assert found is not None
    assert (found.passages, len(found.often), found.often[stems[0]], found.often[stems[-1]]) == (23, 800, 2, 1)
    # Its rows are never taken for passages or documents.
    assert len(await store.known()) == 2
    await store.remove([document("a").key, document("b").key])
    await store.settle()
    assert await Tallies(store.table).counts([], stems) is None
    await store.aclose()
