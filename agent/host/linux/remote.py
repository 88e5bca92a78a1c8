"""Whether the mouse of this session is at another computer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from agent.host.linux.bus import Bus
from agent.host.linux.logind import LogindSession

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
    return "remote" if bus is not None and LogindSession(bus).is_remote() else ""
