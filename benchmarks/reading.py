"""Reading: pages a second against PDFium's plain extraction alone, and 100 MB of text on one line.

    python benchmarks/reading.py --data ../shared/data/dev

CPU seconds, the best of several rounds; the two sides of each ratio alternate in one process, so that a slow
machine slows both.
"""

import argparse
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pypdfium2 as pdfium

from agentkit.reading import read_document
from agentkit.text.splitting import split_document


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data/dev"))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--line-mb", type=int, default=100, help="size of the text on one line; 0 leaves it out")
    options = parser.parse_args()
    pdfs(sorted((options.data / "documents").glob("*.pdf")), rounds=options.rounds)
    if options.line_mb:
        one_line(options.line_mb)


def pdfs(paths: list[Path], *, rounds: int) -> None:
    print(f"{'pages':>6} {'PDFium p/s':>11} {'agentkit p/s':>12} {'ratio':>6}  document")
    plain_total = ours_total = 0.0
    for path in paths:
        pages = plain(path)
        theirs, ours = alternate(lambda path=path: plain(path), lambda path=path: whole(path), rounds=rounds)
        plain_total, ours_total = plain_total + theirs, ours_total + ours
        print(f"{pages:6} {pages / theirs:11.0f} {pages / ours:12.0f} {ours / theirs:6.2f}  {path.name[:60]}")
    print(f"all: {ours_total / plain_total:.2f} times the CPU of plain extraction (sections and passages included)")


def plain(path: Path) -> int:
    """Extract the text as PDFium gives it: the parser alone."""
    document = pdfium.PdfDocument(path)
    for page in document:
        textpage = page.get_textpage()
        textpage.get_text_range()
        textpage.close()
        page.close()
    pages = len(document)
    document.close()
    return pages


def whole(path: Path) -> None:
    """Read and split as the pipeline does."""
    split_document(read_document(path, index=0))


def alternate(first: Callable[[], object], second: Callable[[], object], *, rounds: int) -> tuple[float, float]:
    best = [float("inf"), float("inf")]
    for _ in range(rounds):
        for side, job in enumerate((first, second)):
            began = time.process_time()
            job()
            best[side] = min(best[side], time.process_time() - began)
    return best[0], best[1]


def one_line(megabytes: int) -> None:
    sentence = "The Tenant shall pay the rent of clause 4 within thirty days, and Section 5 applies where it is late. "
    with tempfile.TemporaryDirectory() as folder:
        for size in (max(1, megabytes // 10), megabytes):
            path = Path(folder) / "line.txt"
            path.write_text(sentence * (size * 1_000_000 // len(sentence)), encoding="utf-8")
            began = time.process_time()
            document = read_document(path, index=0)
            passages = split_document(document)
            spent = time.process_time() - began
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
            print(f"{size} MB on one line: {spent:.1f} s CPU, {len(passages):,} passages, peak {peak} MB")


if __name__ == "__main__":
    main()
