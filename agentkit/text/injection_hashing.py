"""Hashes of texts that go on, many at a time: what CRC-32 makes of an old hash and a new piece.

The hash of a text and a piece after it is that of the piece alone, XOR a linear function of the text's hash, which
depends on the piece's length only.
"""

import zlib
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from agentkit.text.injection_known import Numbers

    Hashes = NDArray[np.uint32]

_LONGEST = 64
_BYTES = 4


def advanced(hashes: "Hashes", lengths: "Numbers", /) -> "Hashes":
    """Return what to XOR the hash of each next piece with, to get that of the text and the piece.

    Args:
        hashes: N hashes of texts, as little-endian numbers of 32 bits.
        lengths: how many bytes each next piece has.
    """
    while len(lengths) and lengths.max() > _LONGEST:
        far = lengths > _LONGEST
        hashes, lengths = hashes.copy(), lengths.copy()
        hashes[far] = _moved(hashes[far], _LONGEST)
        lengths[far] -= _LONGEST
    return _moved(hashes, lengths)


def _moved(hashes: "Hashes", lengths: "Numbers | int") -> "Hashes":
    import numpy as np  # noqa: PLC0415  (at the first search)

    first = np.asarray(lengths, np.intp) * (_BYTES * 256)
    table, parts = _table(), hashes.view(np.uint8).reshape(-1, _BYTES)
    found: Hashes = table[first + parts[:, 0]]
    for number in range(1, _BYTES):
        np.bitwise_xor(found, table[first + number * 256 + parts[:, number]], out=found)
    return found


@cache
def _table() -> "Hashes":
    """Return what each byte at each of four places becomes after up to 64 bytes, one list for all."""
    import numpy as np  # noqa: PLC0415  (at the first search)

    single = np.array([zlib.crc32(b"\0", byte) ^ zlib.crc32(b"\0") for byte in range(256)], "<u4")
    rows = [np.concatenate([np.arange(256, dtype="<u4") << (8 * place) for place in range(_BYTES)])]
    for _ in range(_LONGEST):
        rows.append(np.bitwise_xor(single[rows[-1] & 255], rows[-1] >> 8, dtype=single.dtype))
    return np.concatenate(rows, dtype=single.dtype)
