"""logind: the session that this process belongs to, and its state."""

from __future__ import annotations

from typing import Final

from agent.host.linux.bus import SYSTEM, Bus, BusError, Service, single

LOGIND: Final = Service(
    SYSTEM, "org.freedesktop.login1", "/org/freedesktop/login1", "org.freedesktop.login1.Manager"
)
_SESSION: Final = "org.freedesktop.login1.Session"


class LogindSession:
    """This process's session at logind, which finds it by the process and not by what the environment says."""

    def __init__(self, bus: Bus, session_id: str = "auto") -> None:
        self._bus = bus
        self._id = session_id

    def find(self) -> Service | None:
        """The session's object; None where there is no logind or no session. May block 400 ms."""
        try:
            # "auto" is the caller's session or, for a service of the user, the user's graphical one.
            path = single(self._bus.call(LOGIND, "GetSession", "s", self._id), str)
        except BusError:
            return None
        return LOGIND.at(path, _SESSION)

    def locked_hint(self) -> bool | None:
        """LockedHint: False also where the locker never tells logind. None without a session."""
        return self._word("LockedHint")

    def is_active(self) -> bool | None:
        """Whether this session's screen is the one that is shown. None without a session."""
        return self._word("Active")

    def is_remote(self) -> bool | None:
        """Whether the person sits at another computer. None without a session."""
        return self._word("Remote")

    def _word(self, name: str) -> bool | None:
        session = self.find()
        if session is None:
            return None
        try:
            word = self._bus.get(session, name)
        except BusError:
            return None
        return word if isinstance(word, bool) else None
