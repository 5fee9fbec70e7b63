"""Stores that several processes share: readers beside a writer, and writers that are killed."""

import asyncio
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from places import SERVERS, SHARED, STORES, Place, document, passages, put

from agentkit.indexed import StoreQuery
from agentkit.stored import Where

ROOT = Path(__file__).parents[3]
OLD = [f"The tenant pays the old fee number {number}." for number in range(40)]
NEW = [f"The tenant pays the new fee number {number}." for number in range(40)]
# Writes one document over the other until it is killed; or dies by itself before its n-th write.
WRITER = """
import asyncio, os, signal, sys
sys.path.insert(0, sys.argv[1])
from places import Place, document, put

async def main(url, deaths):
    store = Place(url).open()
    if deaths >= 0:
        write, left = store.table.put, [deaths]
        async def dying(rows):
            if not left[0]:
                os.kill(os.getpid(), signal.SIGKILL)
            left[0] -= 1
            await write(rows)
        store.table.put = dying
        drop = store.table.drop
        async def dropping(ids):
            if not left[0]:
                os.kill(os.getpid(), signal.SIGKILL)
            left[0] -= 1
            await drop(ids)
        store.table.drop = dropping
    number = 0
    while True:
        word = ("new", "old")[number % 2]
        texts = [f"The tenant pays the {word} fee number {one}." for one in range(40)]
        await put(store, document("lease.pdf", sha=str(number + 2)), *texts)
        number += 1
        print(number, flush=True)
        if deaths >= 0:
            break
    await store.aclose()

asyncio.run(main(sys.argv[2], int(sys.argv[3])))
"""


def writer(where: Place, deaths: int = -1) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", WRITER, str(Path(__file__).parent), where.url, str(deaths)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)


async def held(where: Place) -> list[str]:
    store = where.open()
    found = await store.candidates(StoreQuery({}, document="lease.pdf"))
    await store.aclose()
    return [entry.text for entry in found]


@pytest.mark.parametrize(
    ("kind", "deaths"),
    # The first and the last step are the same for all; a process that opens a folder takes seconds of imports.
    [(kind, deaths) for kind in STORES for deaths in ((0, 1, 2, 3) if kind in SERVERS else (1, 2))],
)
async def test_a_writer_killed_at_any_step_leaves_the_document_old_or_new(where: Place, deaths: int) -> None:
    store = where.open()
    await put(store, document("lease.pdf"), *OLD)
    await store.aclose()
    child = writer(where, deaths)
    await asyncio.to_thread(child.communicate)
    assert child.returncode == (-signal.SIGKILL if deaths < 4 else 0)
    # The passages, the document's own row, then what is no longer listed: from the second write on it is the new one.
    assert await held(where) == (OLD if deaths < 2 else NEW)


async def test_what_a_killed_writer_left_goes_at_the_next_write(where: Place) -> None:
    store = where.open()
    await put(store, document("lease.pdf"), *OLD)
    await store.aclose()
    child = writer(where, 1)
    await asyncio.to_thread(child.communicate)
    store = where.open()
    assert len(await store.table.rows(Where("passage"), limit=None)) == 80
    await put(store, document("other.pdf"), "Notice takes two months.")
    assert len(await store.table.rows(Where("passage"), limit=None)) == 41
    assert await store.table.rows(Where("pending"), limit=None) == []
    await store.aclose()


@pytest.mark.parametrize("kind", SHARED)
async def test_a_reader_never_sees_half_of_a_document_that_another_process_writes(where: Place) -> None:
    store = where.open()
    await put(store, document("lease.pdf"), *OLD)
    child = writer(where)
    assert child.stdout is not None
    await asyncio.to_thread(child.stdout.readline)
    seen: set[str] = set()
    try:
        for _ in range(60):
            found = await store.candidates(StoreQuery({}, document="lease.pdf"))
            texts = [entry.text for entry in found]
            assert texts in (OLD, NEW)
            seen.add(texts[0])
    finally:
        child.kill()
        child.communicate()
    assert len(seen) >= 1
    assert await held(where) in (OLD, NEW)
    await store.aclose()


@pytest.mark.parametrize("kind", STORES)
async def test_readers_beside_a_writer_in_one_process_see_whole_documents(where: Place) -> None:
    store = where.open()
    await put(store, document("lease.pdf"), *OLD)

    async def write() -> None:
        for number in range(4):
            await put(store, document("lease.pdf", sha=str(number)), *(NEW if number % 2 == 0 else OLD))

    async def read() -> None:
        for _ in range(8):
            found = await store.candidates(StoreQuery({}, document="lease.pdf"))
            assert [entry.text for entry in found] in (OLD, NEW)

    await asyncio.gather(write(), read(), read())
    assert passages(document("lease.pdf"), *OLD)[0].text in await held_by(store)
    await store.aclose()


async def held_by(store: object) -> list[str]:
    return [entry.text for entry in await store.candidates(StoreQuery({}, document="lease.pdf"))]
