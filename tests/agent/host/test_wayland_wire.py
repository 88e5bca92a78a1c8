"""Wayland's messages to bytes and back."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.host.linux.wayland_wire import Arguments, Message, WaylandGarbage, request, take_messages
from tests.agent.host.wayland_compositor import event, text


@given(
    messages=st.lists(
        st.tuples(st.integers(0, 2**32 - 1), st.integers(0, 2**16 - 1), st.binary(max_size=40))
    ),
    cuts=st.lists(st.integers(1, 50), min_size=1),
)
def test_messages_come_whole_however_they_are_cut(
    messages: list[tuple[int, int, bytes]], cuts: list[int]
) -> None:
    bodies = [(sender, opcode, body[: len(body) // 4 * 4]) for sender, opcode, body in messages]
    raw = b"".join(event(*each) for each in bodies)
    waiting, read, at, turn = bytearray(), [], 0, 0
    while at < len(raw):
        waiting += raw[at : at + cuts[turn % len(cuts)]]
        at += cuts[turn % len(cuts)]
        turn += 1
        read += list(take_messages(waiting))
    assert read == [Message(*each) for each in bodies]
    assert not waiting


def test_a_request_is_what_the_protocol_asks_for() -> None:
    assert request(2, 0, 7, "wl_seat", 1, 5) == event(
        2, 0, struct.pack("=I", 7) + text("wl_seat") + struct.pack("=II", 1, 5)
    )
    arguments = Arguments(text("abc") + struct.pack("=I", 9))
    assert (arguments.text(), arguments.number()) == ("abc", 9)
    with pytest.raises(WaylandGarbage):
        arguments.number()
