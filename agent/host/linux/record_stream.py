"""Reads what RECORD sends, many replies at a time."""

from __future__ import annotations

import struct
import time
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from Xlib.error import ConnectionClosedError
from Xlib.ext import record

# Enough for a second at 1,000 Hz in replies of one event each.
_RECEIVE: Final = 65_536
# A server that writes each event at once would wake this thread for each event. Resting between reads
# costs a hundredth of a second of latency and saves most of the wake-ups.
_REST_S: Final = 0.016

# The fixed part of a reply: kind, category, length, id_base, server_time (RECORD protocol, EnableContext).
_HEAD: Final = struct.Struct("=BB2xI4xII12x")
_ENABLE_CONTEXT: Final = struct.Struct("=BBHI")
_REPLY: Final = 1
_ERROR: Final = 0


class RecordReply(NamedTuple):
    """One reply of RECORD, with the names that python-xlib gives its parts."""

    category: int
    id_base: int
    server_time: int
    content: bytes


class RecordStream:
    """The recording connection.

    python-xlib parses each reply into an object, which at one event a reply costs more than everything
    else in capture together. This reads the same bytes with `struct`.

    Parameters
    ----------
    display : python-xlib Display
    """

    def __init__(self, display: Any) -> None:
        self._display = display

    def close(self) -> None:
        """Close at once; the server frees the context with its connection.

        python-xlib would read on before it closes, and could not parse what RECORD still sends.
        """
        self._display.display.close_internal("client")

    def record_enable_context(self, context: int, callback: Callable[[RecordReply], None]) -> None:
        """Call `callback` for each reply until it raises, the context is disabled, or the server goes.

        Raises
        ------
        Xlib.error.ConnectionClosedError
            If the server has gone.
        """
        self._display.flush()
        sock = self._display.display.socket
        major = self._display.display.get_extension_major(record.extname)
        sock.sendall(_ENABLE_CONTEXT.pack(major, 5, 2, context))
        waiting = b""
        while True:
            received = sock.recv(_RECEIVE)
            if not received:
                raise ConnectionClosedError("server")
            waiting = _tell(waiting + received, callback)
            time.sleep(_REST_S)


def _tell(received: bytes, callback: Callable[[RecordReply], None]) -> bytes:
    """Hand on every whole reply in `received`; the rest comes back."""
    at = 0
    while len(received) - at >= _HEAD.size:
        kind, category, words, id_base, server_time = _HEAD.unpack_from(received, at)
        if kind == _ERROR:
            raise ConnectionClosedError(f"error {category} from RECORD")
        end = at + _HEAD.size + (4 * words if kind == _REPLY else 0)
        if end > len(received):
            break
        if kind == _REPLY:
            callback(RecordReply(category, id_base, server_time, received[at + _HEAD.size : end]))
        at = end
    return received[at:]
