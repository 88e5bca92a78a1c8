"""Transport: the event log of this Windows computer, source ``Steadyhand`` of the log ``Application``.

Every SIEM collects it. An entry's only text is the alert as OCSF; its number and level follow the severity. The MSI
registers the source and its texts (packaging/windows/events.mc). Run under Wine, whose event log keeps nothing.

References
----------
learn.microsoft.com: RegisterEventSourceW, ReportEventW (a text has 31,839 characters at most), DeregisterEventSource.
"""

from __future__ import annotations

import ctypes
import json
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, Protocol

from agent.alerts.alert import Severity
from agent.alerts.api import DeliveryOutcome, Record, Sent
from agent.alerts.transports.batches import one_by_one
from agent.alerts.transports.kind import TransportContext, TransportKind
from agent.files.options import setting

SOURCE: Final = "Steadyhand"
TIMEOUT_S: Final = 10.0
MOST_CHARACTERS: Final = 31_839

_ERROR, _WARNING, _INFORMATION = 1, 2, 4
# Level, and the number in events.mc with the bits that windmc puts before it.
_ENTRIES: Final = MappingProxyType(
    {
        Severity.INFORMATIONAL: (_INFORMATION, 0x4000_0001),
        Severity.LOW: (_INFORMATION, 0x4000_0001),
        Severity.MEDIUM: (_WARNING, 0x8000_0002),
        Severity.HIGH: (_ERROR, 0xC000_0003),
        Severity.CRITICAL: (_ERROR, 0xC000_0003),
    }
)
SERVICE_FAILED: Final = _ENTRIES[Severity.HIGH]
"""Level and number of an entry about a service that does not run."""
_ELSEWHERE: Final = "this computer has no Windows event log: switch alerts.eventlog off"
_BUSY: Final = "the event log does not answer"


@dataclass(frozen=True, slots=True)
class EventLogSettings:
    """Whether alerts are written to the event log."""

    eventlog: bool = setting(
        False, "write alerts to this computer's Windows event log as well (Application, source Steadyhand)"
    )


class EventLogTable(Protocol):
    """The functions of Windows that are needed."""

    def write(self, entries: Sequence[tuple[int, int, str]]) -> int:
        """Write entries (level, number, text) in order; returns how many were taken. May hang with the log's service.

        Raises
        ------
        OSError
            If the source cannot be opened.
        """


class RealEventLog:
    """`EventLogTable` by ctypes; used on Windows only."""

    def write(self, entries: Sequence[tuple[int, int, str]]) -> int:
        """See `EventLogTable.write`."""
        load: Any = ctypes.WinDLL  # type: ignore[attr-defined]  # exists on Windows only
        advapi32 = load("advapi32", use_last_error=True)
        advapi32.RegisterEventSourceW.restype = ctypes.c_void_p
        source = advapi32.RegisterEventSourceW(None, ctypes.c_wchar_p(SOURCE))
        if not source:
            raise OSError(0, f"the source {SOURCE} cannot be opened")
        try:
            taken = 0
            for level, number, text in entries:
                texts = (ctypes.c_wchar_p * 1)(text)
                if not advapi32.ReportEventW(
                    ctypes.c_void_p(source), level, 0, ctypes.c_uint32(number), None, 1, 0, texts, None
                ):
                    break
                taken += 1
            return taken
        finally:
            advapi32.DeregisterEventSource(ctypes.c_void_p(source))


class EventLog:
    """One entry an alert.

    Parameters
    ----------
    to_event : callable
        A record as an OCSF event.
    table : EventLogTable
    timeout_s : float, optional
        How long the log is waited for.
    """

    name = "eventlog"

    def __init__(
        self,
        to_event: Callable[[Record], dict[str, Any]],
        table: EventLogTable,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        self._to_event = to_event
        self._table = table
        self._timeout_s = timeout_s
        self._writing: threading.Thread | None = None

    def send(self, records: Sequence[Record]) -> Sent:
        """Write record after record; without records, only open the source."""
        if not records:
            return self._write([])
        return one_by_one(records, self._bring)

    def _bring(self, record: Record) -> Sent:
        text = json.dumps(self._to_event(record), ensure_ascii=False, separators=(",", ":"))
        if len(text.encode("utf-16-le")) // 2 > MOST_CHARACTERS:
            return Sent(0, DeliveryOutcome.TOO_LARGE, "an entry is larger than the event log takes")
        return self._write([(*_ENTRIES[record.alert.severity], text)])

    def _write(self, entries: Sequence[tuple[int, int, str]]) -> Sent:
        """Write on a thread of its own, which a log that hangs keeps: nothing is begun until it is back."""
        if self._writing is not None and self._writing.is_alive():
            return Sent(0, DeliveryOutcome.RETRY, _BUSY)
        answers: list[Sent] = []
        self._writing = threading.Thread(
            target=lambda: answers.append(self._written(entries)), name="steadyhand-eventlog", daemon=True
        )
        self._writing.start()
        self._writing.join(self._timeout_s)
        return answers[0] if answers else Sent(0, DeliveryOutcome.RETRY, _BUSY)

    def _written(self, entries: Sequence[tuple[int, int, str]]) -> Sent:
        try:
            taken = self._table.write(entries)
        except OSError as error:
            return Sent(0, DeliveryOutcome.RETRY, f"event log: {error.strerror or error}")
        if taken < len(entries):
            return Sent(taken, DeliveryOutcome.RETRY, "event log: it did not take an entry; it may be full")
        return Sent(taken, DeliveryOutcome.OK)


class NoEventLog:
    """Where there is none: nothing is taken until somebody mends the setting."""

    name = EventLog.name

    def send(self, records: Sequence[Record]) -> Sent:
        """Take nothing."""
        return Sent(0, DeliveryOutcome.AUTH_FAILED, _ELSEWHERE)


def build(_: EventLogSettings, context: TransportContext) -> EventLog | NoEventLog:
    """The event log of this computer."""
    if not has_event_log():
        return NoEventLog()
    return EventLog(context.to_event, RealEventLog(), context.deadlines.step_s)


def has_event_log() -> bool:
    """True on Windows."""
    return sys.platform == "win32"


KIND: Final = TransportKind(EventLogSettings, build, switch="eventlog", single=True)
