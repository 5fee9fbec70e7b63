"""Arrays that are kept in one file come back as they were, and a file that is not whole is refused."""

import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from agentkit.adapters.memory.arrays import read_arrays, write_arrays

KINDS = st.sampled_from([np.uint8, np.uint16, np.uint32, np.uint64, np.int64, np.float32])
SHAPES = st.one_of(st.tuples(st.integers(0, 90)), st.tuples(st.integers(0, 9), st.just(2)))
ARRAYS = KINDS.flatmap(lambda kind: arrays.arrays(kind, SHAPES))


@given(st.dictionaries(st.text(max_size=5), ARRAYS, max_size=5), st.integers(0, 2000))
def test_arrays_come_back_and_a_file_cut_short_never_does(kept: dict[str, np.ndarray], cut: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "arrays"
        write_arrays(path, kept)
        found = read_arrays(path)
        assert list(found) == list(kept)
        for name, array in kept.items():
            assert (found[name].dtype, found[name].shape) == (array.dtype, array.shape)
            assert found[name].tobytes() == array.tobytes()
            assert not found[name].flags.writeable
        whole = path.read_bytes()
        path.write_bytes(whole[:cut])
        try:
            found = read_arrays(path)
        except ValueError:
            found = None
        assert found is None or {n: a.tobytes() for n, a in found.items()} == {n: a.tobytes() for n, a in kept.items()}
        assert found is None or cut >= len(whole) - 64 * (len(kept) + 1)


def test_a_file_of_something_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "arrays"
    path.write_bytes(b"PK" + b"\0" * 100)
    with pytest.raises(ValueError, match="no arrays"):
        read_arrays(path)
