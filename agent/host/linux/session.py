"""Lock, unlock, sleep and user switches, as logind and the desktop's screen saver tell them."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from agent.engine.events import Boundary, Cause
from agent.host.linux.bus import SESSION, SYSTEM, Bus, BusError, Listening, Service, Signal, single
from agent.host.linux.lockers.dbus import FREEDESKTOP, GNOME, XFCE
from agent.host.linux.logind import LogindSession
from agent.host.linux.xcover import CoverWatch

_SAVERS: Final[tuple[Service, ...]] = (GNOME, *FREEDESKTOP, *XFCE)
_LOGIN1: Final = "org.freedesktop.login1"
_PROPERTIES: Final = "org.freedesktop.DBus.Properties"


def _names(services: tuple[Service, ...]) -> list[str]:
    return sorted({service.interface for service in services})


_RULES: Final = {
    SYSTEM: [
        {"sender": _LOGIN1, "member": "PrepareForSleep"},
        {"sender": _LOGIN1, "interface": _PROPERTIES, "member": "PropertiesChanged"},
    ],
    SESSION: [{"interface": name, "member": "ActiveChanged"} for name in _names(_SAVERS)],
}
_LOST: Final = {
    SYSTEM: "the system bus went away: logind's locks, sleep and user switches are not noticed, and nobody can be "
    "asked for a password",
    SESSION: "the session bus went away: the desktop's locks are not noticed, and nothing is notified",
}
_FIRST_WAIT_S: Final = 1.0
_LONGEST_WAIT_S: Final = 30.0

_log = logging.getLogger(__name__)

Told = Callable[[Boundary], None]


class SessionEvents:
    """Turns signals into boundaries; keeps the last state so that two tellers give one boundary. Pure.

    Parameters
    ----------
    session_path : str
        logind's object of this session; empty where there is none.
    locked : bool
        logind's word on the session at the start.
    """

    def __init__(self, session_path: str, locked: bool = False) -> None:
        self._path = session_path
        self._locked = {"LockedHint": locked}
        self._active = True

    def active(self, active: bool, t_ns: int) -> Boundary | None:
        """The boundary that it means that this session's screen is shown, or another user's."""
        if active is self._active:
            return None
        self._active = active
        return Boundary(t_ns, Cause.USER_BACK if active else Cause.USER_SWITCH, "back" if active else "away")

    def read(self, signal: Signal, t_ns: int) -> Boundary | None:
        """The boundary that a signal means, if any."""
        if signal.member == "ActiveChanged":
            return self._lock(signal.interface, bool(signal.body[0]), t_ns)
        if signal.member == "PrepareForSleep":
            return Boundary(t_ns, Cause.SLEEP, "begins" if signal.body[0] else "ends")
        if signal.member == "PropertiesChanged" and self._path and signal.path == self._path:
            return self._changed({name: value[1] for name, value in signal.body[1].items()}, t_ns)
        return None

    def covered(self, covered: bool, t_ns: int) -> Boundary | None:
        """The boundary that a known locker's window means, if any."""
        return self._lock("X11", covered, t_ns)

    def said(self, teller: str, locked: bool, t_ns: int) -> Boundary | None:
        """The boundary that an answer to a question means, if any."""
        return self._lock(teller, locked, t_ns)

    def _changed(self, values: Mapping[str, object], t_ns: int) -> Boundary | None:
        if "Active" in values and (told := self.active(bool(values["Active"]), t_ns)):
            return told
        if "LockedHint" in values:
            return self._lock("LockedHint", bool(values["LockedHint"]), t_ns)
        return None

    def _lock(self, teller: str, locked: bool, t_ns: int) -> Boundary | None:
        before = any(self._locked.values())
        self._locked[teller] = locked
        after = any(self._locked.values())
        if before == after:
            return None
        return Boundary(t_ns, Cause.SCREEN_LOCKED if after else Cause.SCREEN_UNLOCKED, teller)


class LinuxSession:
    """`SessionMonitor` over D-Bus and X11: one thread a bus and one for X, asleep until something is told.

    A bus that goes away is said, and looked for again after 1, 2, 4 … 30 s; what happened meanwhile is asked for. A bus
    that was not there at the start is not looked for.

    Parameters
    ----------
    bus : Bus
    logind : LogindSession
    cover : CoverWatch
        Hears of lockers that tell no bus.
    clock : callable
        Monotonic nanoseconds.
    """

    def __init__(
        self,
        bus: Bus,
        logind: LogindSession,
        cover: CoverWatch,
        clock: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self._bus = bus
        self._cover = cover
        self._clock = clock
        self._logind = logind
        self._listening: dict[str, Listening] = {}
        self._threads: list[threading.Thread] = []
        self._telling = threading.Lock()
        self._away: dict[str, str] = {}
        self._ended = threading.Event()

    def start(self, told: Told, deaf: Callable[[str], None]) -> None:
        """See `SessionMonitor.start`. Without any bus nothing is told; `notes` of the services say so."""
        session = self._logind.find()
        locked = bool(session and self._logind.locked_hint())
        events = SessionEvents(session.path if session else "", locked)
        for bus in (SYSTEM, SESSION):
            try:
                self._listening[bus] = self._bus.listen(bus, _RULES[bus])
            except BusError as why:
                _log.info("no session signals from the %s bus: %s", bus.lower(), why)
                continue
            work = (bus, events, told, deaf)
            thread = threading.Thread(target=self._follow, args=work, name=f"steadyhand-{bus}", daemon=True)
            self._threads.append(thread)
            thread.start()
        # An agent may start behind another user's screen, and hears of no change then.
        self._ask_who_is_shown(events, told)
        self._cover.start(lambda covered: self._tell(lambda t_ns: events.covered(covered, t_ns), told))

    def is_locked(self) -> bool | None:
        """See `SessionMonitor.is_locked`: True where logind or a screen saver says so."""
        said = [self._logind.locked_hint(), *(self._active(s) for s in _SAVERS if self._bus.has(s))]
        known = [word for word in said if word is not None]
        return any(known) if known else None

    def stop(self) -> None:
        """See `SessionMonitor.stop`."""
        self._ended.set()
        self._cover.stop()
        for listening in list(self._listening.values()):
            listening.close()
        for thread in self._threads:
            thread.join(0.4)

    def _active(self, saver: Service) -> bool | None:
        try:
            return single(self._bus.call(saver, "GetActive"), bool)
        except BusError:
            return None  # nobody who could say

    def _follow(self, bus: str, events: SessionEvents, told: Told, deaf: Callable[[str], None]) -> None:
        """One bus, for as long as the monitor runs."""
        while self._read(self._listening[bus], events, told) and not self._ended.is_set():
            self._is_away(bus, _LOST[bus], deaf)
            if not self._find_again(bus):
                return
            self._is_away(bus, "", deaf)
            self._ask(bus, events, told)

    def _read(self, listening: Listening, events: SessionEvents, told: Told) -> bool:
        """Read until the end; True where the bus went away, and not this monitor."""
        try:
            for signal in listening.signals():
                self._tell(partial(events.read, signal), told)
        except BusError as why:
            _log.warning("session signals ended: %s", why)
            return True
        return False

    def _find_again(self, bus: str) -> bool:
        """Wait for the bus to come back; False where the monitor ended first."""
        wait_s = _FIRST_WAIT_S
        while not self._ended.wait(wait_s):
            try:
                self._listening[bus] = self._bus.listen(bus, _RULES[bus])
            except BusError:
                wait_s = min(2 * wait_s, _LONGEST_WAIT_S)
                continue
            if self._ended.is_set():
                self._listening[bus].close()
            return True
        return False

    def _ask(self, bus: str, events: SessionEvents, told: Told) -> None:
        """What may have changed unheard."""
        if bus == SYSTEM:
            self._ask_who_is_shown(events, told)
            answers = [("LockedHint", bool(self._logind.locked_hint()))]
        else:
            there = [saver for saver in _SAVERS if self._bus.has(saver)]
            answers = [
                (name, any(self._active(saver) for saver in there if saver.interface == name))
                for name in _names(_SAVERS)
            ]
        for teller, locked in answers:
            self._tell(partial(events.said, teller, locked), told)

    def _ask_who_is_shown(self, events: SessionEvents, told: Told) -> None:
        shown = self._logind.is_active() is not False
        self._tell(lambda t_ns: events.active(shown, t_ns), told)

    def _is_away(self, bus: str, lost: str, deaf: Callable[[str], None]) -> None:
        with self._telling:
            self._away[bus] = lost
            deaf("; ".join(filter(None, self._away.values())))

    def _tell(self, read: Callable[[int], Boundary | None], told: Told) -> None:
        """Tell what was read, one teller at a time."""
        with self._telling:
            boundary = read(self._clock())
            if boundary is not None:
                told(boundary)
