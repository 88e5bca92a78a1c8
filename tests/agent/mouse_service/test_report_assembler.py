"""Bytes of a device become complete reports of movement and mouse buttons, and nothing else."""

from __future__ import annotations

import struct

import pytest

from agent.host.linux.mouse_protocol import InputEvent
from agent.mouse_service.report_assembler import NoInputEvents, ReportAssembler, packets_of
from tests.agent.mouse_service.mouse_bench import EVENT, KEY, MSC, REL, SYN, moved, report


def test_a_report_keeps_the_kernels_times() -> None:
    (x, y, end) = ReportAssembler().feed(moved(3, -2, at_s=10.25)).events
    assert x == InputEvent(10_250_000_000, REL, 0, 3)
    assert y == InputEvent(10_250_000_000, REL, 1, -2)
    assert end == InputEvent(10_250_000_000, SYN, 0, 0)


def test_letters_and_scan_codes_are_left_out_whatever_the_kernel_lets_through() -> None:
    letter_a, left = 30, 0x110
    raw = report((MSC, 4, 0x70004), (KEY, letter_a, 1), (KEY, left, 1), (KEY, 0x118, 1))
    events = ReportAssembler().feed(raw).events
    assert [(event.kind, event.code) for event in events] == [(KEY, left), (SYN, 0)]


def test_a_report_without_movement_is_none() -> None:
    assert ReportAssembler().feed(report((KEY, 30, 1))).events == ()


def test_a_report_that_is_not_ended_is_not_handed_on() -> None:
    assembler = ReportAssembler()
    whole = moved(5)
    assert assembler.feed(whole[: -EVENT.size]).events == ()
    assert len(assembler.feed(whole[-EVENT.size :]).events) == 3


def test_after_a_full_buffer_everything_up_to_the_next_end_is_dropped() -> None:
    dropped = EVENT.pack(1, 0, SYN, 3, 0)
    raw = moved(1)[: -EVENT.size] + dropped + report((REL, 0, 7)) + moved(2)
    reports = ReportAssembler().feed(raw)
    assert reports.lost
    assert [event.amount for event in reports.events if event.kind == REL] == [2, 0]


@pytest.mark.parametrize(
    "raw",
    [
        b"x" * 23,
        EVENT.pack(1, 1_000_000, REL, 0, 1),
        EVENT.pack(-1, 0, REL, 0, 1),
        b"".join(EVENT.pack(1, 0, REL, 0, 1) for _ in range(65)),
    ],
)
def test_what_are_no_events_is_refused(raw: bytes) -> None:
    with pytest.raises(NoInputEvents):
        ReportAssembler().feed(raw)


def test_packets_hold_512_events_at_most() -> None:
    events = tuple(InputEvent(n, REL, 0, 1) for n in range(1100))
    assert [len(part) for part in packets_of(events)] == [512, 512, 76]
    assert struct.calcsize("@llHHi") == EVENT.size
