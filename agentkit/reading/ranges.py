"""Numbers in words for warnings."""

from collections.abc import Sequence


def page_ranges(pages: Sequence[int]) -> str:
    """Return ascending page numbers as a reader writes them.

    >>> page_ranges([1, 2, 3, 7, 9, 10])
    '1-3, 7, 9-10'
    """
    ranges: list[list[int]] = []
    for page in pages:
        if ranges and page == ranges[-1][1] + 1:
            ranges[-1][1] = page
        else:
            ranges.append([page, page])
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in ranges)
