"""Session fate on Linux: logind on the computer and the session, systemd's user manager on the graphical session."""

from __future__ import annotations

import os
from typing import Any, Final

from agent.host.linux.bus import SESSION, Bus, BusError, Service, single
from agent.host.linux.logind import LOGIND, LogindSession
from agent.host.session_fate import SessionFate

_TARGET: Final = "graphical-session.target"
_SYSTEMD: Final = "org.freedesktop.systemd1"
MANAGER: Final = Service(SESSION, _SYSTEMD, "/org/freedesktop/systemd1", f"{_SYSTEMD}.Manager")
_USER: Final = "org.freedesktop.login1.User"
_UNIT: Final = f"{_SYSTEMD}.Unit"
_JOB: Final = f"{_SYSTEMD}.Job"


class LinuxSessionFate:
    """Asks whether the session goes on. The session bus belongs to the user, so only logind's word is beyond them.

    Parameters
    ----------
    bus : Bus
    logind : LogindSession
    uid : int, optional
        Whose sessions; this process's user where it is not given.
    """

    def __init__(self, bus: Bus, logind: LogindSession, uid: int | None = None) -> None:
        self._uid = os.geteuid() if uid is None else uid
        self._bus = bus
        self._logind = logind

    def ask(self) -> SessionFate:
        """What becomes of the session now. Any thread; may block 1.5 s."""
        if self._read(LOGIND, "PreparingForShutdown") is True:
            return SessionFate.SHUTTING_DOWN
        if self._has_logged_out():
            return SessionFate.ENDING
        if self._read(MANAGER, "SystemState") == "stopping":
            return SessionFate.ENDING
        return self._of_target()

    def _has_logged_out(self) -> bool:
        """Whether logind sees the session, or the user, go. The user's own bus may have gone before that."""
        session = self._logind.find()
        if session is not None and self._read(session, "State") == "closing":
            return True
        try:
            path = single(self._bus.call(LOGIND, "GetUser", "u", self._uid), str)
        except BusError:
            return False
        return self._read(LOGIND.at(path, _USER), "State") in ("closing", "lingering", "offline")

    def _of_target(self) -> SessionFate:
        """What becomes of the graphical session: its target is stopped with it, and takes the agent along."""
        try:
            path = single(self._bus.call(MANAGER, "GetUnit", "s", _TARGET), str)
        except BusError:
            return SessionFate.UNKNOWN
        target = MANAGER.at(path, _UNIT)
        state = self._read(target, "ActiveState")
        if state == "deactivating" or self._is_stopping(target):
            return SessionFate.ENDING
        # Desktops without the target never activate it: there, whether the session goes on cannot be told.
        return SessionFate.GOES_ON if state == "active" else SessionFate.UNKNOWN

    def _is_stopping(self, target: Service) -> bool:
        """Whether the target waits for its units to stop: it is active until they have."""
        job = self._read(target, "Job")
        if not isinstance(job, tuple) or len(job) != 2 or not job[0]:
            return False
        return bool(self._read(target.at(str(job[1]), _JOB), "JobType") == "stop")

    def _read(self, of: Service, name: str) -> Any:
        try:
            return self._bus.get(of, name)
        except BusError:
            return None
