"""Whether the mouse of this session is at another computer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from agent.host.linux.bus import SYSTEM, Bus, BusError, Service

_LOGIND: Final = "org.freedesktop.login1"
# What the servers of remote desktops set, and what they call their pointers.
_VARIABLES: Final = {"XRDP_SESSION": "rdp", "X2GO_SESSION": "x2go", "NXSESSIONID": "nx", "VNCDESKTOP": "vnc"}
_POINTERS: Final = {
    "xrdp": "rdp",
    "tigervnc": "vnc",
    "vnc": "vnc",
    "nxagent": "nx",
    "x2go": "x2go",
    "xpra": "xpra",
}


def remote_session(environ: Mapping[str, str], pointers: Iterable[str], bus: Bus | None = None) -> str:
    """What carries the mouse here: ``rdp``, ``vnc``, ``nx``, ``x2go``, ``xpra``, ``ssh``, ``remote``; else empty.

    Parameters
    ----------
    environ : mapping
        The environment of the session.
    pointers : iterable of str
        Names of the pointers that the display server has.
    bus : Bus, optional
        To ask logind; blocks up to 400 ms where it does not answer.
    """
    for variable, carrier in _VARIABLES.items():
        if environ.get(variable):
            return carrier
    for name in pointers:
        for begin, carrier in _POINTERS.items():
            if name.lower().startswith(begin):
                return carrier
    if environ.get("SSH_CONNECTION") and re.match(r"(localhost|127\.0\.0\.1):\d", environ.get("DISPLAY", "")):
        return "ssh"
    return "remote" if bus is not None and _logind_says_remote(bus, environ) else ""


def _logind_says_remote(bus: Bus, environ: Mapping[str, str]) -> bool:
    session = environ.get("XDG_SESSION_ID", "")
    if not re.fullmatch(r"\w{1,32}", session):
        return False
    manager = Service(SYSTEM, _LOGIND, "/org/freedesktop/login1", "org.freedesktop.login1.Manager")
    try:
        (path,) = bus.call(manager, "GetSession", "s", session)
        return bus.get(manager.at(str(path), "org.freedesktop.login1.Session"), "Remote") is True
    except (BusError, ValueError):
        return False
