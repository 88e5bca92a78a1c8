"""Lock screen of the compositor: whether it is shown, believed from the compositor's own process alone.

The names of screen savers on the session bus can be owned by anybody, and GNOME's own belongs to an interpreter. So
the compositor is found through the socket or the server that draws the screen, its program must be root's, and only
what that very process answers on the bus counts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from agent.host.linux.bus import SESSION, Bus, BusError, Service, single
from agent.host.linux.compositor import Compositor
from agent.host.linux.lockers.dbus import FREEDESKTOP
from agent.host.linux.processes import Program, program_of

GNOME_SHELL: Final = Service(
    SESSION, "org.gnome.Shell.ScreenShield", "/org/gnome/ScreenSaver", "org.gnome.ScreenSaver"
)
SHIELDS: Final[Mapping[str, tuple[Service, ...]]] = {
    "gnome-shell": (GNOME_SHELL,),
    "kwin_wayland": FREEDESKTOP,
}
"""Where a compositor answers for its own lock screen, by the file name of its program."""


class LockShield:
    """Asks the compositor whether its lock screen is shown. Any thread; blocks up to a second where a bus hangs.

    Parameters
    ----------
    bus : Bus
    compositor : Compositor
    program : callable
        What a process runs.
    """

    def __init__(
        self, bus: Bus, compositor: Compositor, program: Callable[[int], Program] = program_of
    ) -> None:
        self._bus = bus
        self._compositor = compositor
        self._program = program

    def is_shown(self) -> bool | None:
        """True or False by the compositor's own word; None where it has none, or cannot be trusted."""
        pid = self._compositor.pid()
        if not pid:
            return None
        program = self._program(pid)
        for service in SHIELDS.get(program.name, ()):
            try:
                return self._ask(service, pid, program)
            except BusError:
                continue  # not at this path, or not in this version
        return None

    def _ask(self, service: Service, pid: int, program: Program) -> bool | None:
        owner = self._bus.owner(service)
        if owner.pid != pid:
            return None
        shown = single(self._bus.call(replace(service, name=owner.unique_name), "GetActive"), bool)
        # Asked once more, so that the answer is of the process that was looked at and not of a later one.
        same = self._compositor.pid() == pid and self._program(pid) == program
        return shown if same and self._bus.owner(service) == owner else None
