"""Events, boundaries and sessions as bytes: what recordings hold, and what travels over a pipe.

A frame is a letter, the length of what follows (4 bytes, little-endian), and the content:

=====  ===========================================================================
``E``  events: their number, then one packed column for each field of `EventBatch`
``B``  a boundary: JSON ``{"cause", "detail", "t_ns"}``
``S``  a session: JSON, see `Session`
=====  ===========================================================================

A packed column is a letter and numbers: ``c`` one value for all; ``b h i q`` the first value (8 bytes) and
then the differences, 1, 2, 4 or 8 bytes each; ``f`` float64 as they are. Whole-numbered positions pack as
integers. Everything is restored bit by bit.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO, Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from agent.engine.events import Boundary, Cause, EventBatch
from agent.engine.mouse import MouseConfiguration
from agent.files.decode import LEAST_INTEGER, Fields, decode_json

MOST_EVENTS: Final = 1 << 16
_MOST_FRAME: Final = 1 << 23
_MOST_JSON: Final = 1 << 16
_MOST_NAME: Final = 64
_HEAD: Final = struct.Struct("<cI")
_COUNT: Final = struct.Struct("<I")
_FIRST: Final = struct.Struct("<q")
_STEPS: Final = ((b"b", np.int8), (b"h", np.int16), (b"i", np.int32), (b"q", np.int64))
_STEP_TYPES: Final = {letter: np.dtype(kind).newbyteorder("<") for letter, kind in _STEPS}
_COLUMNS: Final = {
    "t_ns": np.int64,
    "x": np.float64,
    "y": np.float64,
    "kind": np.uint8,
    "button": np.uint8,
    "source": np.int16,
    "synthetic": np.bool_,
}


@dataclass(frozen=True, slots=True)
class Session:
    """The beginning of one run of capture: under what it was recorded.

    Attributes
    ----------
    mouse : MouseConfiguration
    t_ns : int
        Time on the events' clock when it began.
    wall_unix_ns : int
        Wall clock at that moment, nanoseconds since 1970: for people, never for durations.
    clock : str
        The events' clock: ``monotonic``, ``x11`` …
    """

    mouse: MouseConfiguration
    t_ns: int
    wall_unix_ns: int
    clock: str = "monotonic"


Item: TypeAlias = EventBatch | Boundary | Session


def frames(items: Iterable[Item]) -> Iterator[bytes]:
    """One frame after the other; long batches are cut into parts of `MOST_EVENTS`."""
    for entry in items:
        if isinstance(entry, EventBatch):
            for start in range(0, len(entry), MOST_EVENTS):
                yield _frame(b"E", _events_to_bytes(entry[start : start + MOST_EVENTS]))
        elif isinstance(entry, Boundary):
            yield _frame(b"B", _json({"cause": entry.cause.name, "detail": entry.detail}, t_ns=entry.t_ns))
        else:
            fields = {"mouse": entry.mouse.to_json(), "clock": entry.clock}
            yield _frame(b"S", _json(fields, t_ns=entry.t_ns, wall_unix_ns=entry.wall_unix_ns))


def joined(parts: Iterable[bytes], most_bytes: int) -> Iterator[bytes]:
    """Frames joined, in order, into as few pieces of at most `most_bytes` as they fit in."""
    piece = bytearray()
    for part in parts:
        if piece and len(piece) + len(part) > most_bytes:
            yield bytes(piece)
            piece.clear()
        piece += part
    if piece:
        yield bytes(piece)


def decode(packed: bytes) -> Iterator[Item]:
    """Read `frames`, joined.

    Raises
    ------
    ValueError
        If it is anything else.
    """
    at = 0
    while at < len(packed):
        if len(packed) - at < _HEAD.size:
            raise ValueError("a frame is cut short")
        letter, length = _HEAD.unpack_from(packed, at)
        at += _HEAD.size
        if length > len(packed) - at:
            raise ValueError("a frame is cut short")
        yield _item(letter, packed[at : at + length])
        at += length


def write_stream(out: IO[bytes], items: Iterable[Item]) -> None:
    """Write items, as they come, to a pipe. Not encrypted: never to a file."""
    for frame in frames(items):
        out.write(frame)


def read_stream(source: IO[bytes]) -> Iterator[Item]:
    """Read what `write_stream` wrote, holding one frame in memory at a time.

    Raises
    ------
    ValueError
        If it is anything else, or ends within a frame.
    """
    while head := source.read(_HEAD.size):
        letter, length = _HEAD.unpack(head) if len(head) == _HEAD.size else (b"", 0)
        if not letter or length > _MOST_FRAME:
            raise ValueError("not a stream of events, or cut short")
        content = source.read(length)
        if len(content) != length:
            raise ValueError("the stream of events is cut short")
        yield _item(letter, content)


def _frame(letter: bytes, content: bytes) -> bytes:
    return _HEAD.pack(letter, len(content)) + content


def _json(fields: dict[str, Any], **times: int) -> bytes:
    fields |= {name: int(time_ns) for name, time_ns in times.items()}
    return json.dumps(fields, sort_keys=True, separators=(",", ":")).encode()


def _item(letter: bytes, content: bytes) -> Item:
    """One frame's content; every way in which it can be wrong is a `ValueError`."""
    if letter == b"E":
        return _events_from_bytes(content)
    try:
        if letter == b"B":
            return _boundary(Fields.of(decode_json(content, _MOST_JSON)))
        if letter == b"S":
            return _session(Fields.of(decode_json(content, _MOST_JSON)))
    except ValueError as error:
        raise ValueError(f"a frame of kind {letter!r} is not one: {error}") from error
    raise ValueError(f"a frame of unknown kind {letter!r}")


def _boundary(fields: Fields) -> Boundary:
    name = fields.text("cause", _MOST_NAME)
    if name not in Cause.__members__:
        raise ValueError(f"there is no cause {name!r}")
    return Boundary(fields.integer("t_ns", LEAST_INTEGER), Cause[name], fields.text("detail"))


def _session(fields: Fields) -> Session:
    mouse = MouseConfiguration.from_json(fields.nested("mouse").document)
    wall_unix_ns = fields.integer("wall_unix_ns", LEAST_INTEGER)
    return Session(
        mouse, fields.integer("t_ns", LEAST_INTEGER), wall_unix_ns, fields.text("clock", _MOST_NAME)
    )


def _events_to_bytes(batch: EventBatch) -> bytes:
    columns = (_pack_column(getattr(batch, name)) for name in _COLUMNS)
    return _COUNT.pack(len(batch)) + b"".join(columns)


def _events_from_bytes(content: bytes) -> EventBatch:
    if len(content) < _COUNT.size:
        raise ValueError("a batch of events is cut short")
    (n,) = _COUNT.unpack_from(content)
    if not 0 < n <= MOST_EVENTS:
        raise ValueError(f"a batch of {n} events")
    columns: dict[str, NDArray[Any]] = {}
    at = _COUNT.size
    for name, dtype in _COLUMNS.items():
        columns[name], at = _unpack_column(content, at, n, np.dtype(dtype))
    if at != len(content):
        raise ValueError("a batch of events has more bytes than it should")
    return EventBatch(**columns)


def _pack_column(column: NDArray[Any]) -> bytes:
    """One column of at least one value in the shortest of its forms."""
    numbers = column.astype(np.int64) if column.dtype.kind != "f" else _whole(column)
    if numbers is None:
        return b"f" + column.astype("<f8").tobytes()
    first = _FIRST.pack(int(numbers[0]))
    # Differences wrap around like the sums that undo them, so that even extreme values come back.
    steps = np.diff(numbers)
    if not steps.any():
        return b"c" + first
    least, most = int(steps.min()), int(steps.max())
    for letter, kind in _STEPS:
        if np.iinfo(kind).min <= least and most <= np.iinfo(kind).max:
            return letter + first + steps.astype(_STEP_TYPES[letter]).tobytes()
    raise AssertionError("every difference fits eight bytes")


def _whole(column: NDArray[np.float64]) -> NDArray[np.int64] | None:
    """The values as integers where that loses nothing, not even the sign of a zero."""
    if not (np.abs(column) < 2.0**53).all():
        return None
    numbers = column.astype(np.int64)
    same = numbers.astype(np.float64).view(np.int64) == column.view(np.int64)
    return numbers if same.all() else None


def _unpack_column(content: bytes, at: int, n: int, dtype: np.dtype[Any]) -> tuple[NDArray[Any], int]:
    """One column of `n` values from `content` at `at`, and where the next one begins."""
    letter, at = content[at : at + 1], at + 1
    kind = np.dtype("<f8") if letter == b"f" else _STEP_TYPES.get(letter)
    if letter == b"f" and dtype.kind == "f":
        column, at = _take(content, at, n, np.dtype("<f8"))
        return column.astype(np.float64), at
    if letter == b"c":
        first, at = _take(content, at, 1, np.dtype("<i8"))
        return np.repeat(first, n).astype(dtype), at
    if kind is None or letter == b"f":
        raise ValueError(f"a column of unknown form {letter!r}")
    first, at = _take(content, at, 1, np.dtype("<i8"))
    steps, at = _take(content, at, n - 1, kind)
    return np.cumsum(np.concatenate((first, steps.astype(np.int64)))).astype(dtype), at


def _take(content: bytes, at: int, n: int, dtype: np.dtype[Any]) -> tuple[NDArray[Any], int]:
    end = at + n * dtype.itemsize
    if end > len(content):
        raise ValueError("a column is cut short")
    return np.frombuffer(content, dtype, n, at), end
