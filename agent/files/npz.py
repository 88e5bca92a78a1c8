"""Arrays as an npz file that cannot execute anything: plain numbers, every size checked before reading."""

from __future__ import annotations

import io
import math
import re
import struct
import zipfile
import zlib
from collections.abc import Mapping
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

Arrays: TypeAlias = Mapping[str, NDArray[Any]]

_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,64}([./][A-Za-z0-9_-]{1,64}){0,7}")
_DTYPES: Final = frozenset(("<f8", "<f4", "<i8", "<i4", "<i2", "|i1", "<u8", "<u4", "<u2", "|u1", "|b1"))
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_MOST_HEAD: Final = 1024
_MOST_ARRAYS: Final = 4096

# What zipfile and zlib raise on bytes that were never a zip, or are one no longer.
ZIP_ERRORS: Final = (
    *(zipfile.BadZipFile, zlib.error, struct.error),
    *(ArithmeticError, EOFError, LookupError, OSError, RuntimeError, ValueError),
)


def describe(arrays: Arrays) -> dict[str, Any]:
    """Dtype and shape of every array, as a manifest tells them."""
    return {name: {"dtype": _little(a).dtype.str, "shape": list(a.shape)} for name, a in arrays.items()}


def pack_arrays(arrays: Arrays, *, undefined: bool = False) -> bytes:
    """The arrays as an npz file; the same arrays always give the same bytes.

    Raises
    ------
    ValueError
        If a name, a dtype or a value is not allowed (see `check_array`).
    """
    if len(arrays) > _MOST_ARRAYS:
        raise ValueError(f"{len(arrays)} arrays, more than {_MOST_ARRAYS}")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in sorted(arrays):
            array = _little(arrays[name])
            check_array(name, array, undefined=undefined)
            head = _npy_head(array.dtype.str, array.shape)
            put(archive, f"{name}.npy", head + array.tobytes(), zipfile.ZIP_DEFLATED)
    return out.getvalue()


def unpack_arrays(
    packed: bytes, expected: Mapping[str, Any], most_bytes: int, *, undefined: bool = False
) -> dict[str, NDArray[Any]]:
    """Read what `pack_arrays` wrote.

    Parameters
    ----------
    packed : bytes
    expected : mapping
        What `describe` said: exactly these arrays must be there, with these dtypes and shapes.
    most_bytes : int
        Limit of the arrays' total size in memory; checked before anything is unpacked.
    undefined : bool
        Whether values may be NaN.

    Raises
    ------
    ValueError
        If anything differs from `expected` or is not allowed.
    """
    sizes = {name: _expected_bytes(name, description) for name, description in expected.items()}
    if len(sizes) > _MOST_ARRAYS or sum(sizes.values()) > most_bytes:
        raise ValueError(
            f"the arrays have {len(sizes)} parts and {sum(sizes.values())} bytes, more than allowed"
        )
    limits = {f"{name}.npy": size + _MOST_HEAD for name, size in sizes.items()}
    members = take(packed, limits)
    arrays: dict[str, NDArray[Any]] = {}
    for name, description in expected.items():
        array = _read_array(
            name, members.pop(f"{name}.npy"), description["dtype"], tuple(description["shape"]), sizes[name]
        )
        check_array(name, array, undefined=undefined)
        arrays[name] = array
    return arrays


def put(archive: zipfile.ZipFile, name: str, content: bytes, compression: int) -> None:
    """Add one member whose bytes depend on its name and content alone."""
    member = zipfile.ZipInfo(name, _EPOCH)
    member.compress_type = compression
    member.external_attr = 0o600 << 16
    member.create_system = 3
    archive.writestr(member, content)


def take(packed: bytes, limits: Mapping[str, int]) -> dict[str, bytes]:
    """The members of a zip that must be exactly those named in `limits`, each of at most so many bytes.

    Nothing is unpacked before every name and size has been checked; names are compared, never used as paths.

    Raises
    ------
    ValueError
        If a member is missing, unknown, there twice, too large, encrypted or damaged.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            members = archive.infolist()
            names = sorted(member.filename for member in members)
            if names != sorted(limits):
                odd = sorted(set(names) ^ set(limits)) or ["a name that is there twice"]
                raise ValueError(f"parts missing or unknown: {', '.join(map(repr, odd[:5]))}")
            for member in members:
                if member.file_size > limits[member.filename]:
                    raise ValueError(
                        f"{member.filename!r} unpacks to {member.file_size} bytes, more than allowed"
                    )
            return {member.filename: archive.read(member) for member in members}
    except ZIP_ERRORS as error:
        raise ValueError(str(error) or type(error).__name__) from error


def check_array(name: str, array: NDArray[Any], *, undefined: bool = False) -> None:
    """Check an array's name, dtype and values.

    Raises
    ------
    ValueError
        If the name has other than letters, digits, ``_ - . /``, the dtype is not a plain number or truth
        value of little-endian order, or a value is not finite (NaN excepted where `undefined` values may be).
    """
    if not _NAME.fullmatch(name):
        raise ValueError(f"array name {name!r} is not allowed")
    if array.dtype.str not in _DTYPES:
        raise ValueError(f"array {name}: dtype {array.dtype.str!r} is not allowed")
    if array.dtype.kind == "f" and not (np.isfinite(array) | (undefined & np.isnan(array))).all():
        raise ValueError(f"array {name}: a value is not finite")


def _little(array: NDArray[Any]) -> NDArray[Any]:
    return array.astype(array.dtype.newbyteorder("<"), copy=False)


def _expected_bytes(name: str, description: Any) -> int:
    """Size in memory of an array, from its dtype and shape as the manifest tells them."""
    if not _NAME.fullmatch(name):
        raise ValueError(f"array name {name!r} is not allowed")
    described = isinstance(description, dict) and set(description) == {"dtype", "shape"}
    if not described or str(description["dtype"]) not in _DTYPES:
        raise ValueError(f"array {name}: its description is not one of a plain array")
    shape = description["shape"]
    if not isinstance(shape, list) or len(shape) > 8 or not all(map(_is_side, shape)):
        raise ValueError(f"array {name}: its shape {shape!r} is not one")
    return math.prod(shape) * int(description["dtype"][2:])


def _is_side(n: Any) -> bool:
    return type(n) is int and 0 <= n < 1 << 31


def _npy_head(dtype: str, shape: tuple[int, ...]) -> bytes:
    """The head of an npy file of version 1.0, padded to a multiple of 64 bytes.

    Written here and compared byte by byte when reading, so that nobody's header is ever parsed.
    """
    head = f"{{'descr': '{dtype}', 'fortran_order': False, 'shape': {shape}, }}".encode()
    length = -(-(10 + len(head) + 1) // 64) * 64 - 10
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", length) + head.ljust(length - 1) + b"\n"


def _read_array(name: str, member: bytes, dtype: str, shape: tuple[int, ...], size: int) -> NDArray[Any]:
    """One npy member, which must be just as `pack_arrays` writes an array of this dtype and shape."""
    head = _npy_head(dtype, shape)
    if not member.startswith(head) or len(member) != len(head) + size:
        raise ValueError(f"array {name}: dtype, shape or size differ from the manifest")
    if dtype == "|b1" and member[len(head) :].strip(b"\x00\x01"):
        raise ValueError(f"array {name}: a value is neither true nor false")
    return np.frombuffer(member, dtype, offset=len(head)).reshape(shape)
