"""Screen locker of the relay: locks a session through logind, else shows the greeter, and looks whether that came true.

It needs the right to lock others' sessions: polkit's action org.freedesktop.login1.lock-sessions, which the package's
rule grants to the relay's account. Whether a session is locked is LockedHint, which the session's own programs set;
whether it is shown is logind's own knowledge.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Final

from agent.host.linux.bus import SYSTEM, Bus, BusError, Service
from agent.host.linux.logind import LOGIND, LogindSession
from agent.relay.active_sessions import ShownSession

DISPLAY_MANAGER: Final = "org.freedesktop.DisplayManager"
_SEAT_INTERFACE: Final = "org.freedesktop.DisplayManager.Seat"
_CALL_S: Final = 2.0
_SEEN_WITHIN_S: Final = 5.0
_LOOK_S: Final = 0.2


class ScreenOutcome(Enum):
    """What became of a session's screen."""

    ALREADY_LOCKED = "already locked"
    LOCKED = "locked"
    GREETER = "greeter shown"
    FAILED = "still open"
    NOT_TRIED = "open, and not due"


@dataclass(frozen=True, slots=True)
class ScreenReport:
    """One attempt.

    Attributes
    ----------
    outcome : ScreenOutcome
    tried : tuple of str
        A line for each way that was tried.
    """

    outcome: ScreenOutcome
    tried: tuple[str, ...] = ()


class ScreenLocker:
    """Locks sessions of others. Any thread; blocks 15 s at most.

    Parameters
    ----------
    bus : Bus
        The system bus.
    wait : callable
        Sleeps so many seconds.
    """

    def __init__(self, bus: Bus, wait: Callable[[float], None] = time.sleep) -> None:
        self._bus = bus
        self._wait = wait

    def look(self, session: ShownSession) -> ScreenReport:
        """Whether the session says that it is locked."""
        locked = LogindSession(self._bus, session.session_id).locked_hint()
        return ScreenReport(ScreenOutcome.ALREADY_LOCKED if locked else ScreenOutcome.NOT_TRIED)

    def lock(self, session: ShownSession) -> ScreenReport:
        """Lock the session unless it says that it is locked; show the greeter where it does not come to say so."""
        at_logind = LogindSession(self._bus, session.session_id)
        if at_logind.locked_hint():
            return ScreenReport(ScreenOutcome.ALREADY_LOCKED)
        line = self._ask_for_lock(session)
        if not line and self._comes(lambda: at_logind.locked_hint() is True):
            return ScreenReport(ScreenOutcome.LOCKED, ("logind: locked, by the session's own word",))
        return self._greeter(
            session, (line or "logind: asked, and the session does not say that it is locked",)
        )

    def show_greeter(self, session: ShownSession) -> ScreenReport:
        """Ask the session to lock, whatever it says, and show the greeter."""
        line = self._ask_for_lock(session)
        return self._greeter(session, (line or "logind: asked",))

    def _ask_for_lock(self, session: ShownSession) -> str:
        """Why logind did not take the request; empty where it did."""
        try:
            self._bus.call(LOGIND, "LockSession", "s", session.session_id, timeout_s=_CALL_S)
        except BusError as why:
            return f"logind: {why}"
        return ""

    def _greeter(self, session: ShownSession, tried: tuple[str, ...]) -> ScreenReport:
        number = re.fullmatch(r"seat(\d{1,3})", session.seat)
        if number is None:
            line = f"greeter: no seat that a display manager serves ({session.seat or 'none'})"
            return ScreenReport(ScreenOutcome.FAILED, (*tried, line))
        seat = Service(
            SYSTEM, DISPLAY_MANAGER, f"/org/freedesktop/DisplayManager/Seat{number[1]}", _SEAT_INTERFACE
        )
        try:
            self._bus.call(seat, "SwitchToGreeter", timeout_s=_CALL_S)
        except BusError as why:
            return ScreenReport(ScreenOutcome.FAILED, (*tried, f"greeter: {why}"))
        at_logind = LogindSession(self._bus, session.session_id)
        if self._comes(lambda: at_logind.is_active() is False):
            return ScreenReport(ScreenOutcome.GREETER, (*tried, "greeter: the session is no longer shown"))
        return ScreenReport(ScreenOutcome.FAILED, (*tried, "greeter: asked, and the session is still shown"))

    def _comes(self, is_true: Callable[[], bool]) -> bool:
        for _ in range(round(_SEEN_WITHIN_S / _LOOK_S)):
            if is_true():
                return True
            self._wait(_LOOK_S)
        return is_true()
