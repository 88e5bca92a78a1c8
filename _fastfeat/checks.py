"""Argument checks, with errors that name the argument and the index."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from _fastfeat import _kernel
from _fastfeat.schema import fingerprint

_DTYPES = {"t_ns": np.int64, "x": np.float64, "y": np.float64, "kind": np.uint8, "button": np.uint8}
_BAD = (
    "",
    "{name}[{i}]: {value} is {than}",
    "{name}[{i}]: {value} is not an event kind (0 MOVE, 1 DRAG, 2 PRESS, 3 RELEASE, 4 SCROLL)",
    "{name}[{i}]: {value} is no button for this kind (PRESS, RELEASE: from 1; SCROLL: 4 to 7)",
)
_NAMES = ("", "t_ns", "kind", "button")


def check_lengths(**arrays: NDArray[np.generic]) -> None:
    """Check that all arrays are as long as the first.

    Raises
    ------
    ValueError
        Naming the argument.
    """
    first, *others = arrays.items()
    for name, array in others:
        if array.shape != first[1].shape:
            raise ValueError(f"{name}: shape {array.shape}, but {first[0]} has {first[1].shape}")


def check_arrays(**arrays: object) -> None:
    """Check dtype, dimension and length of the five arrays of events.

    Raises
    ------
    ValueError
        Naming the argument.
    """
    count = -1
    for name, array in arrays.items():
        if not isinstance(array, np.ndarray):
            raise ValueError(f"{name}: {type(array).__name__}, not a NumPy array")
        if array.dtype != _DTYPES[name]:
            raise ValueError(f"{name}: dtype {array.dtype}, not {np.dtype(_DTYPES[name])}")
        if array.ndim != 1:
            raise ValueError(f"{name}: {array.ndim} dimensions, not 1")
        if count >= 0 and len(array) != count:
            raise ValueError(f"{name}: length {len(array)}, but t_ns has {count}")
        if not array.flags.c_contiguous:
            raise ValueError(f"{name}: not contiguous")
        count = len(array)


def check_events(
    t_ns: NDArray[np.int64], kind: NDArray[np.uint8], button: NDArray[np.uint8], last_ns: int | None
) -> None:
    """Check order of time (from 0, and from the last event of the stream), kinds and buttons.

    Raises
    ------
    ValueError
        Naming the argument and the index of the first bad event.
    """
    i, what = _kernel.check(t_ns, kind, button, 0 if last_ns is None else last_ns)
    if i < 0:
        return
    name = _NAMES[what]
    columns: dict[str, NDArray[np.int64] | NDArray[np.uint8]] = {"t_ns": t_ns, "kind": kind, "button": button}
    measured = columns[name][i]
    earlier = last_ns if i == 0 else t_ns[i - 1]
    than = "negative" if measured < 0 else f"before the event before it ({earlier})"
    raise ValueError(_BAD[what].format(name=name, i=i, value=measured, than=than))


def check_options(gap_ns: int, max_points: int) -> None:
    """Check the options of a stream.

    Raises
    ------
    ValueError
        Naming the option.
    """
    if not 0 < gap_ns < 2**62:
        raise ValueError(f"gap_ns: {gap_ns} is not between 1 and 2**62")
    if not 8 <= max_points <= _kernel.MAX_POINTS:
        raise ValueError(f"max_points: {max_points} is not between 8 and {_kernel.MAX_POINTS}")


def check_kernel(compiled: int) -> None:
    """Check that the compiled kernel writes the columns of the schema, in its order.

    Raises
    ------
    RuntimeError
        If it was compiled from another schema: its numbers would bear wrong names.
    """
    if compiled != fingerprint():
        raise RuntimeError(
            "the compiled kernel is of another schema: build it again (python setup.py build_ext --inplace)"
        )
