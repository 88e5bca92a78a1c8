"""Doctor's mends: what to do about each part on this operating system."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Mends:
    """What to do, a line each, where a part does not work.

    Attributes
    ----------
    policy, idle, tray, no_locker, lock, identity : str
    """

    policy: str
    idle: str
    tray: str
    no_locker: str
    lock: str
    identity: str


_LINUX: Final = Mends(
    policy="mend it as root; until then it is not used",
    idle="install an X server with MIT-SCREEN-SAVER, or a desktop that tells idle times",
    tray="apt-get install python3-gi gir1.2-ayatanaappindicator3-0.1",
    no_locker="apt-get install i3lock (X11), or swaylock (sway and others without a lock screen of their own)",
    lock="install another locker, or change their order",
    identity="install polkit and an agent of your desktop; pause, quit and enrol are not available until then",
)
_WINDOWS: Final = Mends(
    policy="mend it as an administrator; until then it is not used",
    idle="run it in the session of who is logged in, not as a service",
    tray="run it in the session of who is logged in, not as a service",
    no_locker="Windows locks by itself: report this",
    lock="see whether policy forbids to lock (DisableLockWorkstation)",
    identity="log in with a password of your own; pause, quit and enrol are not available until then",
)
_OTHER: Final = Mends(
    policy="mend it as an administrator; until then it is not used",
    idle="run it in the session of who is logged in",
    tray="run it in the session of who is logged in",
    no_locker="there is no way yet to lock this system's screen",
    lock="lock by hand until this is mended",
    identity="there is no way yet to ask for a password here; pause, quit and enrol are not available",
)


def mends(platform: str = sys.platform) -> Mends:
    """The mends for `platform`, as `sys.platform` names it."""
    if platform.startswith("linux"):
        return _LINUX
    return _WINDOWS if platform == "win32" else _OTHER
