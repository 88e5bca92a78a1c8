"""Packets of the mouse service: what is sent is what arrives, and nothing else is taken."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.host.linux.listener_protocol import (
    ListenerReport,
    Wish,
    decode_report,
    decode_wish,
    encode_report,
    encode_wish,
)
from agent.host.linux.mouse_protocol import (
    DeviceAppeared,
    DeviceGone,
    DeviceReports,
    InputEvent,
    ListenerRefused,
    MovedWhileLocked,
    ReportsLost,
    ServicePacket,
    SessionShown,
    decode_packet,
    encode_packet,
    motion_reports,
)

numbers = st.integers(0, 32_767)
events = st.builds(
    InputEvent,
    st.integers(0, 2**62),
    st.integers(0, 2**16 - 1),
    st.integers(0, 2**16 - 1),
    st.integers(-(2**31), 2**31 - 1),
)
names = st.text(st.characters(exclude_categories=["Cs"]), max_size=100)
packets = st.one_of(
    st.builds(DeviceAppeared, numbers, names, st.integers(0, 65_535), st.integers(0, 65_535)),
    st.builds(DeviceGone, numbers),
    st.builds(ReportsLost, numbers),
    st.builds(MovedWhileLocked, numbers, st.integers(0, 2**62)),
    st.builds(SessionShown, st.booleans()),
    st.builds(ListenerRefused, names),
    st.builds(DeviceReports, numbers, st.lists(events, max_size=20).map(tuple)),
)


@given(packets)
def test_a_packet_arrives_as_it_was(packet: ServicePacket) -> None:
    assert decode_packet(encode_packet(packet)) == packet


@given(st.binary(max_size=200))
def test_bytes_are_a_packet_or_a_value_error(raw: bytes) -> None:
    try:
        decode_packet(raw)
    except ValueError:
        return
    assert raw[:1] in (b"d", b"g", b"r", b"l", b"s", b"x", b"m")


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"g",
        b"s",
        b"s\x02",
        b"r\x03\x00\x02\x00" + bytes(16),
        b"r\x00\x80\x00\x00",
        struct.pack("<BHH", ord("r"), 3, 513) + bytes(16 * 513),
        b'd{"number": 3}',
        b'd{"number": 40000, "name": "x", "vendor": 1, "product": 1}',
    ],
)
def test_what_is_malformed_is_no_packet(raw: bytes) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        decode_packet(raw)


def test_the_layout_is_fixed() -> None:
    packet = DeviceReports(3, (InputEvent(1, 2, 0, -5),))
    assert encode_packet(packet) == b"r\x03\x00\x01\x00" + struct.pack("<qHHi", 1, 2, 0, -5)


def test_what_the_agent_says_is_decoded_strictly() -> None:
    assert decode_wish(encode_wish(Wish.DEVICES)) is Wish.DEVICES
    assert decode_report(encode_report(ListenerReport(7, True))) == ListenerReport(7, True)
    for raw in (
        b'{"judged": -1, "locked": false}',
        b'{"judged": 1.0, "locked": false}',
        b'{"judged": 1}',
        b"x",
    ):
        with pytest.raises(ValueError, match=r"\w"):
            decode_report(raw)


def test_only_reports_that_move_count() -> None:
    x, button, end = InputEvent(0, 2, 0, 1), InputEvent(0, 1, 0x110, 1), InputEvent(0, 0, 0, 0)
    wheel = InputEvent(0, 2, 8, 1)
    assert motion_reports((x, end, button, end, wheel, end, x, button, end, x)) == 2
