"""RECORD's replies, however the socket cuts them."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator
from typing import Any

import pytest
from Xlib.error import ConnectionClosedError

from agent.host.linux import record_stream
from agent.host.linux.record_stream import RecordReply, RecordStream


class Display:
    """python-xlib's display over one end of a socket pair."""

    def __init__(self, sock: socket.socket) -> None:
        self.display = self
        self.socket = sock
        self.flushed = 0
        self.closed_by = ""

    def flush(self) -> None:
        self.flushed += 1

    def get_extension_major(self, name: str) -> int:
        assert name == "RECORD"
        return 146

    def close_internal(self, whom: str) -> None:
        self.closed_by = whom


@pytest.fixture
def ends(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Display, socket.socket]]:
    monkeypatch.setattr(record_stream, "_REST_S", 0.0)
    ours, servers = socket.socketpair()
    yield Display(ours), servers
    ours.close()
    servers.close()


def reply(category: int, data: bytes = b"", id_base: int = 0, server_time: int = 7) -> bytes:
    """A reply of EnableContext as the protocol lays it out."""
    return (
        struct.pack("=BBHIBBHIII8x", 1, category, 0, len(data) // 4, 0, 0, 0, id_base, server_time, 0) + data
    )


def read(display: Display) -> list[RecordReply]:
    told: list[RecordReply] = []
    with pytest.raises(ConnectionClosedError):
        RecordStream(display).record_enable_context(0x600001, told.append)
    return told


def test_every_reply_comes_whole_and_in_order(ends: tuple[Display, socket.socket]) -> None:
    display, server = ends
    server.sendall(reply(4) + reply(0, b"a" * 64, id_base=0x400000, server_time=9) + reply(0, b"b" * 32))
    server.shutdown(socket.SHUT_WR)
    assert read(display) == [
        RecordReply(4, 0, 7, b""),
        RecordReply(0, 0x400000, 9, b"a" * 64),
        RecordReply(0, 0, 7, b"b" * 32),
    ]
    assert display.flushed == 1
    assert server.recv(64) == struct.pack("=BBHI", 146, 5, 2, 0x600001)


def test_a_reply_may_come_in_pieces(ends: tuple[Display, socket.socket], monkeypatch: Any) -> None:
    monkeypatch.setattr(record_stream, "_RECEIVE", 7)
    display, server = ends
    server.sendall(reply(0, b"c" * 64) + reply(0, b"d" * 32))
    server.shutdown(socket.SHUT_WR)
    assert [told.content for told in read(display)] == [b"c" * 64, b"d" * 32]


def test_events_of_other_kinds_are_passed_over(ends: tuple[Display, socket.socket]) -> None:
    display, server = ends
    mapping_notify = b"\x22" + bytes(31)
    server.sendall(mapping_notify + reply(0, b"e" * 32))
    server.shutdown(socket.SHUT_WR)
    assert [told.content for told in read(display)] == [b"e" * 32]


def test_an_error_ends_it(ends: tuple[Display, socket.socket]) -> None:
    display, server = ends
    server.sendall(b"\x00\x09" + bytes(30))
    with pytest.raises(ConnectionClosedError, match="error 9"):
        RecordStream(display).record_enable_context(1, lambda told: None)


def test_it_closes_without_reading_on(ends: tuple[Display, socket.socket]) -> None:
    display, _ = ends
    RecordStream(display).close()
    assert (display.closed_by, display.flushed) == ("client", 0)
