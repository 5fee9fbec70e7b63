"""Pages a second into the lexical index, beside pypdf's text extraction alone on the same files.

    python benchmarks/ingestion.py --data ../shared/data/dev

CPU seconds of one core, the best of several rounds that alternate in one process. What the index itself costs says
what could be saved where a file changed in one passage: its text has to be read again all the same.
"""

import argparse
import logging
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pypdf

from agentkit.adapters.memory.indexing import Source, update
from agentkit.adapters.memory.parsing import passages_of


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data/dev"))
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)
    files = sorted((options.data / "documents").glob("*.pdf"))
    jobs: list[Callable[[], int]] = [partial(extracted, files), partial(read, files), partial(indexed, files)]
    spent = [[cpu(job) for job in jobs] for _ in range(options.rounds)]
    theirs, reading, ours = (min(row[place] for row in spent) for place in range(len(jobs)))
    pages = extracted(files)
    print(f"{len(files)} files, {pages} pages; pages a second of one core")
    print(f"  pypdf, text alone             {pages / theirs:7.0f}")
    print(f"  agentkit index                {pages / ours:7.0f}   {theirs / ours:.2f} times pypdf's")
    print(f"  of its time: reading and cutting {reading / ours:.0%}; words and writing {1 - reading / ours:.0%}")


def cpu(job: Callable[[], int]) -> float:
    began = time.process_time()
    job()
    return time.process_time() - began


def extracted(files: list[Path]) -> int:
    return sum(len([page.extract_text() for page in pypdf.PdfReader(path).pages]) for path in files)


def read(files: list[Path]) -> int:
    return sum(len(passages_of(path, path.name, password=None, max_chars=1200).entries) for path in files)


def indexed(files: list[Path]) -> int:
    with tempfile.TemporaryDirectory() as scratch:
        sources = [
            Source(str(path), path.name, "", partial(passages_of, path, password=None, max_chars=1200))
            for path in files
        ]
        return update(Path(scratch) / "index", sources, covered=lambda _: True).passages


if __name__ == "__main__":
    main()
