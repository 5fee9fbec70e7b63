"""Arrays in one file that is mapped, not read: opening costs the same however long they are.

One file and not one for each array: making a file durable costs milliseconds, and a change of one document is one file.
"""

import json
import os
from collections.abc import Mapping
from math import prod
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

_MAGIC = b"agentkit.arrays\x01"
_ALIGNED = 64
_KINDS = frozenset("iuf")


def write_arrays(path: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write arrays of numbers into a new file, and make it durable; its name is so only with its folder."""
    places: dict[str, tuple[str, tuple[int, ...], int]] = {}
    end = 0
    for name, array in arrays.items():
        places[name] = array.dtype.str, array.shape, end
        end = _aligned(end + array.nbytes)
    head = json.dumps(places).encode()
    with path.open("xb") as stream:
        stream.write(_MAGIC + len(head).to_bytes(8, "little") + head)
        base = _aligned(stream.tell())
        for name, array in arrays.items():
            stream.seek(base + places[name][2])
            stream.write(np.ascontiguousarray(array).data)
        stream.truncate(base + end)
        stream.flush()
        os.fsync(stream.fileno())


def read_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """Map what `write_arrays` wrote.

    Raises:
        OSError: the file is missing.
        ValueError: it is damaged.
    """
    with path.open("rb") as stream:
        magic, size = stream.read(len(_MAGIC)), int.from_bytes(stream.read(8), "little")
        if magic != _MAGIC or size > os.fstat(stream.fileno()).st_size:
            raise ValueError(f"{path.name} holds no arrays")
        head = stream.read(size)
        base = _aligned(stream.tell())
        # A plain view: every access to a `memmap` costs a microsecond more.
        data = np.asarray(np.memmap(stream, np.uint8, "r"))
    try:
        places = cast(dict[str, tuple[str, list[int], int]], json.loads(head))
        return {name: _view(data[base + at :], np.dtype(kind), shape) for name, (kind, shape, at) in places.items()}
    except (TypeError, AttributeError) as error:
        raise ValueError(f"{path.name} is damaged") from error


def _view(data: NDArray[np.uint8], kind: np.dtype[Any], shape: list[int]) -> NDArray[Any]:
    size = prod(shape) * kind.itemsize
    if kind.kind not in _KINDS or size > len(data):
        raise ValueError("an array is damaged")
    return data[:size].view(kind).reshape(shape)


def _aligned(end: int) -> int:
    return -(-end // _ALIGNED) * _ALIGNED
