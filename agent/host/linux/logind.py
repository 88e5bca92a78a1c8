"""logind: the session that this process belongs to, and its state."""

from __future__ import annotations

from typing import Any, Final

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

    def facts(self) -> dict[str, Any]:
        """What an alert says of the session; what logind does not tell is left out. May block 400 ms."""
        session = self.find()
        if session is None:
            return {}
        names = {
            "session": "Id",
            "display": "Display",
            "type": "Type",
            "remote": "Remote",
            "remote_host": "RemoteHost",
        }
        facts: dict[str, Any] = {}
        try:
            for name, asked in names.items():
                facts[name] = self._bus.get(session, asked)
            seat, _ = self._bus.get(session, "Seat")
        except (BusError, TypeError, ValueError):
            return facts
        return facts | {"seat": seat}

    def _word(self, name: str) -> bool | None:
        session = self.find()
        if session is None:
            return None
        try:
            word = self._bus.get(session, name)
        except BusError:
            return None
        return word if isinstance(word, bool) else None
