"""The screen lock on Linux: the lockers that settings name, in their order, verified."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from agent.engine.errors import SteadyhandError
from agent.host.linux.bus import Bus
from agent.host.linux.lockers.daemons import XScreenSaver, XssLock
from agent.host.linux.lockers.dbus import FREEDESKTOP, GNOME, XFCE, LogindLocker, ScreenSaverLocker
from agent.host.linux.lockers.programs import i3lock, xsecurelock
from agent.host.linux.lockers.session_lock import gtklock, swaylock, waylock
from agent.host.linux.shield import GNOME_SHELL
from agent.host.linux.xscreen import look
from agent.host.locker import Locker
from agent.host.locking import CheckedLock


def linux_lock(
    names: Sequence[str],
    bus: Bus,
    is_shown: Callable[[], bool | None],
    environ: Mapping[str, str] = os.environ,
) -> CheckedLock:
    """A lock that tries the lockers `names` in their order.

    Parameters
    ----------
    names : sequence of str
        Of `agent.config.schema.LOCKERS`.
    bus : Bus
    is_shown : callable
        Whether the compositor's own lock screen is shown.
    environ : mapping
        Of the session; given to lockers that are programs.

    Raises
    ------
    SteadyhandError
        If a name is not known.
    """
    makers: dict[str, Callable[[], Locker]] = {
        "logind": lambda: LogindLocker(bus),
        "gnome": lambda: ScreenSaverLocker("gnome", (GNOME_SHELL, GNOME), bus),
        "freedesktop": lambda: ScreenSaverLocker("freedesktop", FREEDESKTOP, bus),
        "xfce": lambda: ScreenSaverLocker("xfce", XFCE, bus),
        "xss-lock": lambda: XssLock(environ),
        "i3lock": lambda: i3lock(environ),
        "xsecurelock": lambda: xsecurelock(environ),
        "xscreensaver": lambda: XScreenSaver(environ),
        "swaylock": lambda: swaylock(environ),
        "gtklock": lambda: gtklock(environ),
        "waylock": lambda: waylock(environ),
    }
    unknown = [name for name in names if name not in makers]
    if unknown:
        raise SteadyhandError(
            f"response.lockers: {unknown[0]!r} is not known", f"use some of {', '.join(makers)}"
        )
    return CheckedLock([makers[name]() for name in names], partial(look, environ), is_shown)
