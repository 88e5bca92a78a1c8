"""Lockers that are asked over D-Bus: logind, and the screen savers of the desktops."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from agent.host.linux.bus import SESSION, SYSTEM, Bus, BusError, Service
from agent.host.locker import LockerError

LOGIND: Final = Service(
    SYSTEM, "org.freedesktop.login1", "/org/freedesktop/login1", "org.freedesktop.login1.Manager"
)
_LOGIND_SESSION: Final = "org.freedesktop.login1.Session"

GNOME: Final = Service(SESSION, "org.gnome.ScreenSaver", "/org/gnome/ScreenSaver", "org.gnome.ScreenSaver")
# KDE answers at the first path; others that borrowed its name at the second.
FREEDESKTOP: Final = tuple(
    Service(SESSION, "org.freedesktop.ScreenSaver", path, "org.freedesktop.ScreenSaver")
    for path in ("/ScreenSaver", "/org/freedesktop/ScreenSaver")
)
XFCE: Final = tuple(
    Service(
        SESSION, f"org.{desktop}.ScreenSaver", f"/org/{desktop}/ScreenSaver", f"org.{desktop}.ScreenSaver"
    )
    for desktop in ("xfce", "mate", "cinnamon")
)


class ScreenSaverLocker:
    """A desktop's own locker, asked by its screen saver interface.

    Parameters
    ----------
    name : str
    services : tuple of Service
        Where it may be; the first that answers `GetActive` is asked.
    covers : bool
        False for GNOME Shell, which draws its lock screen itself instead of opening a window.
    """

    tells = True
    takes = False

    def __init__(self, name: str, services: tuple[Service, ...], bus: Bus, *, covers: bool = True) -> None:
        self.name = name
        self.covers = covers
        self._services = services
        self._bus = bus

    def missing(self) -> str:
        """See `Locker.missing`."""
        names = sorted({service.name for service in self._services})
        return "" if self._present() else f"nobody answers as {' or '.join(names)}"

    def fire(self) -> None:
        """See `Locker.fire`. The call is not waited for long: some desktops answer only when unlocked."""
        service = self._present()
        if service is None:
            raise LockerError("went away")
        try:
            self._bus.call(service, "Lock", timeout_s=0.5)
        except BusError as why:
            if "no answer in time" not in str(why):
                raise LockerError(f"refused: {why}") from why

    def died(self) -> str:
        """See `Locker.died`."""
        return ""

    def says_locked(self) -> bool | None:
        """See `Locker.says_locked`."""
        service = self._present()
        if service is None:
            return None
        try:
            return bool(self._bus.call(service, "GetActive")[0])
        except BusError:
            return None

    def withdraw(self) -> None:
        """See `Locker.withdraw`: a request cannot be taken back."""

    def _present(self) -> Service | None:
        return next((service for service in self._services if self._bus.has(service)), None)


class LogindLocker:
    """logind's Lock request, which works where the desktop, or xss-lock, listens to it.

    Parameters
    ----------
    bus : Bus
    environ : mapping
        XDG_SESSION_ID names the session; without it logind's own guess is used.
    """

    name = "logind"
    tells = True
    takes = False

    def __init__(self, bus: Bus, environ: Mapping[str, str]) -> None:
        self.covers = "gnome" not in environ.get("XDG_CURRENT_DESKTOP", "").lower()
        self._bus = bus
        self._session = LogindSession(bus, environ)

    def missing(self) -> str:
        """See `Locker.missing`."""
        if not self._bus.has(LOGIND):
            return "logind is not running"
        return "" if self._session.find() else "this process belongs to no logind session"

    def fire(self) -> None:
        """See `Locker.fire`."""
        session = self._session.find()
        if session is None:
            raise LockerError("this process belongs to no logind session")
        try:
            self._bus.call(session, "Lock", timeout_s=0.5)
        except BusError as why:
            raise LockerError(f"refused: {why}") from why

    def died(self) -> str:
        """See `Locker.died`."""
        return ""

    def says_locked(self) -> bool | None:
        """See `Locker.says_locked`: the session's LockedHint."""
        return self._session.locked_hint()

    def withdraw(self) -> None:
        """See `Locker.withdraw`: a request cannot be taken back."""


class LogindSession:
    """This process's session at logind."""

    def __init__(self, bus: Bus, environ: Mapping[str, str]) -> None:
        self._bus = bus
        self._id = environ.get("XDG_SESSION_ID", "")

    def find(self) -> Service | None:
        """The session's object; None where there is no logind or no session. May block 400 ms."""
        try:
            # "auto" is the caller's session or, for a service of the user, the user's graphical one.
            (path,) = self._bus.call(LOGIND, "GetSession", "s", self._id or "auto")
        except BusError:
            return None
        return LOGIND.at(path, _LOGIND_SESSION)

    def locked_hint(self) -> bool | None:
        """LockedHint: False also where the locker never tells logind. None without a session."""
        return self._word("LockedHint")

    def is_active(self) -> bool | None:
        """Whether this session's screen is the one that is shown. None without a session."""
        return self._word("Active")

    def _word(self, name: str) -> bool | None:
        session = self.find()
        if session is None:
            return None
        try:
            return bool(self._bus.get(session, name))
        except BusError:
            return None
