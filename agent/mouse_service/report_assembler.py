"""Report assembler: turns a device's bytes into complete reports; nothing else leaves the service. Pure."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

from agent.engine.sentence import quantity
from agent.host.linux.input_codes import (
    BTN_LEFT,
    BTN_TASK,
    EV_KEY,
    EV_REL,
    EV_SYN,
    REL_CODES,
    SYN_DROPPED,
    SYN_REPORT,
)
from agent.host.linux.mouse_protocol import MOST_EVENTS, InputEvent

# struct input_event: seconds and microseconds as this machine's long.
EVENT: Final = struct.Struct("@llHHi")
_MOST_OF_REPORT: Final = 64
_NS: Final = 1_000_000_000


class NoInputEvents(Exception):
    """What a device sends are no input events."""


@dataclass(frozen=True, slots=True)
class AssembledReports:
    """What one read gave.

    Attributes
    ----------
    events : tuple of InputEvent
        Complete reports, each with its end.
    lost : bool
        True where reports were lost before them.
    """

    events: tuple[InputEvent, ...]
    lost: bool


class ReportAssembler:
    """Assembles the reports of one device. A report that the device does not end is never handed on."""

    def __init__(self) -> None:
        self._report: list[InputEvent] = []
        self._skips = False

    def feed(self, raw: bytes) -> AssembledReports:
        """Take in one read.

        Raises
        ------
        NoInputEvents
            If it is not a whole number of events, or its times are none.
        """
        if len(raw) % EVENT.size:
            raise NoInputEvents(f"{quantity(len(raw), 'byte is', 'bytes are')} no whole number of events")
        complete: list[InputEvent] = []
        lost = False
        for seconds, micros, kind, code, amount in EVENT.iter_unpack(raw):
            if not 0 <= micros < 1_000_000 or not 0 <= seconds < 1 << 32:
                raise NoInputEvents("an event whose time is none")
            if kind == EV_SYN and code == SYN_DROPPED:
                # What follows up to the end of the report is what the kernel had left of it.
                self._report.clear()
                self._skips = lost = True
                continue
            self._take(InputEvent(seconds * _NS + micros * 1_000, kind, code, amount), complete)
        return AssembledReports(tuple(complete), lost)

    def _take(self, event: InputEvent, complete: list[InputEvent]) -> None:
        if event.kind == EV_SYN and event.code == SYN_REPORT:
            if self._report and not self._skips:
                complete += (*self._report, event)
            self._report.clear()
            self._skips = False
        elif _is_handed_on(event) and not self._skips:
            self._report.append(event)
            if len(self._report) > _MOST_OF_REPORT:
                raise NoInputEvents(f"a report of more than {_MOST_OF_REPORT} events")


def packets_of(events: tuple[InputEvent, ...]) -> list[tuple[InputEvent, ...]]:
    """The events in parts that fit a packet each; a report may be cut, and goes on in the next."""
    return [events[at : at + MOST_EVENTS] for at in range(0, len(events), MOST_EVENTS)]


def _is_handed_on(event: InputEvent) -> bool:
    """Whatever the kernel's masks let through: movement and mouse buttons alone are handed on."""
    if event.kind == EV_REL:
        return event.code < REL_CODES
    return event.kind == EV_KEY and BTN_LEFT <= event.code <= BTN_TASK
