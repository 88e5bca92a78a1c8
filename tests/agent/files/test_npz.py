"""Arrays in an npz: back as they were, or refused before anything is unpacked."""

from __future__ import annotations

import io
import pickle
import re
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from agent.files.npz import describe, pack_arrays, put, unpack_arrays

MOST = 1 << 20

DTYPES = st.sampled_from(["<f8", "<f4", "<i8", "<i4", "<i2", "|i1", "<u4", "|u1", "|b1", ">f8", ">i4"])
ARRAYS = DTYPES.flatmap(
    lambda dtype: hnp.arrays(
        dtype,
        hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=5),
        elements=hnp.from_dtype(np.dtype(dtype), allow_nan=False, allow_infinity=False),
    )
)
NAMES = st.from_regex(r"[A-Za-z0-9_-]{1,8}(/[A-Za-z0-9_-]{1,8})?", fullmatch=True)


def npz_of(**members: bytes) -> bytes:
    """A zip with the members given, names as they are but ``__`` for ``/``."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in members.items():
            put(archive, name.replace("__", "/") + ".npy", data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def npy_of(array: Any, **how: Any) -> bytes:
    out = io.BytesIO()
    np.lib.format.write_array(out, array, **how)
    return out.getvalue()


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(NAMES, ARRAYS, max_size=4))
def test_arrays_come_back_bit_by_bit(arrays: dict[str, Any]) -> None:
    packed = pack_arrays(arrays)
    assert pack_arrays(dict(reversed(arrays.items()))) == packed
    back = unpack_arrays(packed, describe(arrays), MOST)
    assert set(back) == set(arrays)
    for name, array in arrays.items():
        np.testing.assert_array_equal(back[name], array)
        assert back[name].dtype == array.dtype.newbyteorder("<")
        assert back[name].shape == array.shape
        assert not back[name].flags.writeable


@pytest.mark.parametrize(
    ("array", "reason"),
    [
        (np.array([1.0, np.nan]), "not finite"),
        (np.array([np.inf], np.float32), "not finite"),
        (np.array(["text"]), "dtype"),
        (np.array([{}], object), "dtype"),
        (np.array([1j]), "dtype"),
        (np.zeros(2, [("a", "<f8")]), "dtype"),
        (np.array(["2026-01-01"], "datetime64[D]"), "dtype"),
    ],
)
def test_what_is_not_plain_numbers_is_not_packed(array: Any, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        pack_arrays({"a": array})


@pytest.mark.parametrize(
    "name", ["../a", "/a", "a/../b", "a//b", "", "a\\b", "a b", "ä", "a\x00", "a/", "x" * 99]
)
def test_names_that_could_be_paths_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="not allowed"):
        pack_arrays({name: np.zeros(1)})
    with pytest.raises(ValueError, match="not allowed"):
        unpack_arrays(npz_of(), {name: {"dtype": "<f8", "shape": [1]}}, MOST)


class Bomb:
    """Tells the test when it is unpickled."""

    exploded = False

    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
        return (setattr, (Bomb, "exploded", True))


def test_a_pickle_is_refused_and_never_run() -> None:
    array = np.empty(1, object)
    array[0] = Bomb()
    as_object = npy_of(array, allow_pickle=True)
    bare = pickle.dumps(Bomb())
    for member in (as_object, bare):
        with pytest.raises(ValueError, match=r"."):
            unpack_arrays(npz_of(a=member), {"a": {"dtype": "<f8", "shape": [1]}}, MOST)
        with pytest.raises(ValueError, match="plain array"):
            unpack_arrays(npz_of(a=member), {"a": {"dtype": "|O", "shape": [1]}}, MOST)
    assert not Bomb.exploded


@pytest.mark.parametrize(
    "told",
    [
        {"dtype": "<f8", "shape": [2]},
        {"dtype": "<i8", "shape": [3]},
        {"dtype": "<f8", "shape": [3, 1]},
        {"dtype": "<f8", "shape": [-3]},
        {"dtype": "<f8", "shape": [3.0]},
        {"dtype": "<f8", "shape": [True]},
        {"dtype": "<f8", "shape": "3"},
        {"dtype": "<f8"},
        {"dtype": ["<f8"], "shape": [3]},
        {"dtype": "<f8", "shape": [1] * 9},
        [],
        None,
    ],
)
def test_a_description_that_does_not_fit_is_refused(told: Any) -> None:
    with pytest.raises(ValueError, match="array a"):
        unpack_arrays(npz_of(a=npy_of(np.zeros(3))), {"a": told}, MOST)


@pytest.fixture
def memory() -> Iterator[Callable[[], int]]:
    """Gives the most bytes taken since the test began."""
    tracemalloc.start()
    yield lambda: tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()


@pytest.mark.parametrize(
    "shape", [[1 << 30], [1 << 20, 1 << 20], [1 << 62], [1 << 31, 0], [1 << 30, 1 << 30, 1 << 30, 0]]
)
def test_a_huge_shape_is_refused_before_memory_is_taken(shape: list[int], memory: Callable[[], int]) -> None:
    member = npy_of(np.zeros(3)).replace(b"(3,)", b"(9,)")
    with pytest.raises(ValueError, match=r"more than allowed|array a: |array is too big|dimension"):
        unpack_arrays(npz_of(a=member), {"a": {"dtype": "<f8", "shape": shape}}, MOST)
    with pytest.raises(ValueError, match="array a: dtype, shape or size differ"):
        unpack_arrays(npz_of(a=member), {"a": {"dtype": "<f8", "shape": [3]}}, MOST)
    assert memory() < 1 << 20


def test_a_zip_bomb_is_refused_before_it_unpacks(request: pytest.FixtureRequest) -> None:
    bomb = npz_of(a=b"\x00" * (64 << 20))
    assert len(bomb) < 1 << 17
    memory = request.getfixturevalue("memory")
    with pytest.raises(ValueError, match="unpacks to 67108864 bytes"):
        unpack_arrays(bomb, {"a": {"dtype": "<f8", "shape": [8]}}, MOST)
    assert memory() < 1 << 20


def test_a_zip_that_lies_about_its_size_is_refused() -> None:
    content = npy_of(np.zeros(3))
    packed = npz_of(a=content + b"\x00" * (1 << 20))
    honest = (len(content) + (1 << 20)).to_bytes(4, "little")
    lying = packed.replace(honest, len(content).to_bytes(4, "little"))
    assert lying != packed
    with pytest.raises(ValueError, match=re.escape("a.npy")):
        unpack_arrays(lying, {"a": {"dtype": "<f8", "shape": [3]}}, MOST)


def test_missing_unknown_and_double_members_are_refused() -> None:
    told = {"a": {"dtype": "<f8", "shape": [3]}}
    good = npy_of(np.zeros(3))
    for data in (npz_of(), npz_of(b=good), npz_of(a=good, b=good)):
        with pytest.raises(ValueError, match="missing or unknown"):
            unpack_arrays(data, told, MOST)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        put(archive, "a.npy", good, zipfile.ZIP_STORED)
        with pytest.warns(UserWarning, match="Duplicate"):
            put(archive, "a.npy", npy_of(np.ones(3)), zipfile.ZIP_STORED)
    with pytest.raises(ValueError, match="twice"):
        unpack_arrays(out.getvalue(), told, MOST)


def test_a_truth_value_of_two_is_refused() -> None:
    member = npy_of(np.array([True, False])).replace(b"\x01\x00", b"\x02\x00")
    member = member[:6] + b"\x01\x00" + member[8:]
    with pytest.raises(ValueError, match="neither true nor false"):
        unpack_arrays(npz_of(a=member), {"a": {"dtype": "|b1", "shape": [2]}}, MOST)


def test_numpy_itself_reads_what_was_packed() -> None:
    arrays = {
        "forest/x": np.arange(6.0).reshape(2, 3),
        "one": np.array(4, np.int32),
        "none": np.empty((0, 2)),
    }
    with np.load(io.BytesIO(pack_arrays(arrays)), allow_pickle=False) as loaded:
        assert set(loaded.files) == set(arrays)
        for name, array in arrays.items():
            np.testing.assert_array_equal(loaded[name], array)
            assert loaded[name].shape == array.shape
