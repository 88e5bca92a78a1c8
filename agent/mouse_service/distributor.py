"""Movement distributor: hands what a seat's mice do to the listener of the session that the seat shows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol

from agent.host.linux.listener_protocol import ListenerReport
from agent.host.linux.mouse_protocol import (
    DeviceReports,
    InputEvent,
    MovedWhileLocked,
    ReportsLost,
    ServicePacket,
    SessionShown,
    motion_reports,
)
from agent.mouse_service.admission import Breach
from agent.mouse_service.listeners import Connection, Listeners
from agent.mouse_service.report_assembler import packets_of
from agent.mouse_service.seats import SeatSession
from agent.mouse_service.tally import Deviation, MovementTally

_PULSE_NS: Final = 1_000_000_000


class MovementReporter(Protocol):
    """Brings on what is to be reported. In the service: `agent.mouse_service.relay_reporter.RelayReporter`."""

    def breach(self, uid: int, pid: int, breach: Breach, detail: str) -> None:
        """Report somebody who asked for movement and should not have. Must not block."""

    def deviation(self, uid: int, pid: int, deviation: Deviation) -> None:
        """Report a listener that does not do what it says. Must not block."""


class MotionLog(Protocol):
    """Tells the relay when a seat's mice moved. In the service: `agent.mouse_service.motion_stamps.MotionStamps`."""

    def moved(self, seat: str, now_ns: int) -> None:
        """A mouse of the seat moved, whoever's session it shows. Some microseconds, but once a second."""


class MovementDistributor:
    """One thread.

    Parameters
    ----------
    listeners : Listeners
    sessions : callable
        As `agent.mouse_service.seats.seat_sessions`.
    reporter : MovementReporter
    motion : MotionLog
    clock : callable
        Monotonic ns.
    """

    def __init__(
        self,
        listeners: Listeners,
        sessions: Callable[[], tuple[SeatSession, ...]],
        reporter: MovementReporter,
        motion: MotionLog,
        clock: Callable[[], int],
    ) -> None:
        self._listeners = listeners
        self._read_sessions = sessions
        self._reporter = reporter
        self._motion = motion
        self._clock = clock
        self._sessions: tuple[SeatSession, ...] = ()
        self._tallies: dict[int, MovementTally] = {}
        self._pulse_ns = 0

    def look(self) -> None:
        """Read anew which sessions there are, and tell listeners that came to the screen or left it."""
        before = {uid: self.is_shown(uid) for uid in self._listeners.accounts()}
        self._sessions = self._read_sessions()
        present = {session.uid for session in self._sessions}
        self._tallies = {uid: tally for uid, tally in self._tallies.items() if uid in present}
        for uid, was_shown in before.items():
            connection = self._listeners.of(uid)
            if connection is not None and self.is_shown(uid) != was_shown:
                connection.send(SessionShown(not was_shown))

    def seats_of(self, uid: int) -> frozenset[str]:
        """The seats at which an account has sessions."""
        return frozenset(session.seat for session in self._sessions if session.uid == uid)

    def is_shown(self, uid: int) -> bool:
        """True while a seat shows a session of the account."""
        return any(session.is_shown and session.uid == uid for session in self._sessions)

    def begin_listener(self, uid: int) -> None:
        """An account has a listener, which begins to count at zero."""
        self._tally(uid).begin_listener()

    def hear(self, uid: int, report: ListenerReport) -> None:
        """Take what an account's listener says of itself."""
        self._report(uid, self._tally(uid).hear(report))

    def tell_seat(self, seat: str, packet: ServicePacket) -> None:
        """Tell the listeners of everybody who has a session at a seat."""
        for uid in {session.uid for session in self._sessions if session.seat == seat}:
            if (connection := self._listeners.of(uid)) is not None:
                connection.send(packet)

    def hand_over(self, seat: str, number: int, events: tuple[InputEvent, ...], *, lost: bool) -> None:
        """Hand complete reports of one mouse to whoever listens for the session that its seat shows."""
        if motion_reports(events):
            self._motion.moved(seat, self._clock())
        session = next((each for each in self._sessions if each.is_shown and each.seat == seat), None)
        if session is None:
            return  # a greeter or nobody at all: handed to nobody
        connection, tally = self._listeners.of(session.uid), self._tally(session.uid)
        if connection is not None and lost:
            connection.send(ReportsLost(number))
        for packet in packets_of(events):
            if connection is None:
                continue
            if reports := motion_reports(packet):
                self._report(session.uid, tally.moved_for(reports, self._clock()))
            if tally.locked:
                self._pulse(connection, number, packet[-1].t_ns)
            else:
                connection.send(DeviceReports(number, packet))

    def _pulse(self, connection: Connection, number: int, t_ns: int) -> None:
        now_ns = self._clock()
        if now_ns - self._pulse_ns >= _PULSE_NS:
            self._pulse_ns = now_ns
            connection.send(MovedWhileLocked(number, t_ns))

    def _report(self, uid: int, deviation: Deviation | None) -> None:
        if deviation is not None:
            self._reporter.deviation(uid, self._pid_of(uid), deviation)

    def _tally(self, uid: int) -> MovementTally:
        return self._tallies.setdefault(uid, MovementTally())

    def _pid_of(self, uid: int) -> int:
        connection = self._listeners.of(uid)
        return connection.applicant.pid if connection else 0
