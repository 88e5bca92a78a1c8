"""Lockers that are asked over D-Bus: logind, and the screen savers of the desktops."""

from __future__ import annotations

from typing import Final

from agent.host.linux.bus import SESSION, Bus, BusError, Service
from agent.host.linux.logind import LOGIND, LogindSession
from agent.host.locker import LockerError

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
    """

    tells = True
    takes = False

    def __init__(self, name: str, services: tuple[Service, ...], bus: Bus) -> None:
        self.name = name
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
        """See `Locker.says_locked`: whoever owns the name on the session's bus can be anybody."""
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
    """

    name = "logind"
    tells = True
    takes = False

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._session = LogindSession(bus)

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
        """See `Locker.says_locked`: any program of the user may set LockedHint."""
        return None

    def withdraw(self) -> None:
        """See `Locker.withdraw`: a request cannot be taken back."""
