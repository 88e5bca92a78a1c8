"""Environment of lockers: the display and the language, and nothing else that this process was started with.

Lockers take orders from their environment, libraries to load (LD_PRELOAD) and programs to ask for the password
(XSECURELOCK_AUTH) among them; whoever started the agent could have put those there.
"""

from __future__ import annotations

import os
import pwd
from collections.abc import Mapping
from typing import Final

_PASSED_ON: Final = (
    *("DISPLAY", "XAUTHORITY", "WAYLAND_DISPLAY", "XDG_RUNTIME_DIR", "XDG_SESSION_TYPE"),
    *("DBUS_SESSION_BUS_ADDRESS", "LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE", "LC_MESSAGES", "LC_TIME"),
    *("XSECURELOCK_FORCE_GRAB",),
)
_PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def locker_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """What a locker is started with, of the environment `environ`."""
    made = {name: environ[name] for name in _PASSED_ON if name in environ} | {"PATH": _PATH}
    try:
        return made | {"HOME": pwd.getpwuid(os.getuid()).pw_dir}
    except KeyError:
        return made  # an account that no database knows has no home
