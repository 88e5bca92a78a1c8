"""Environment of lockers: the display and the language, and nothing else that this process was started with.

Lockers take orders from their environment, libraries to load (LD_PRELOAD) and programs to ask for the password
(XSECURELOCK_AUTH) among them; whoever started the agent could have put those there.
"""

from __future__ import annotations

import os
import pwd
import re
from collections.abc import Mapping
from typing import Final

_PASSED_ON: Final = (
    *("DISPLAY", "XAUTHORITY", "WAYLAND_DISPLAY", "XDG_RUNTIME_DIR", "XDG_SESSION_TYPE"),
    *("DBUS_SESSION_BUS_ADDRESS", "XSECURELOCK_FORCE_GRAB"),
)
_LANGUAGE: Final = ("LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE", "LC_MESSAGES", "LC_TIME")
_LANGUAGE_NAME: Final = re.compile(r"[A-Za-z0-9_.@:-]{1,64}")
_PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def locker_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """What a locker is started with, of the environment `environ`."""
    made = {name: environ[name] for name in _PASSED_ON if name in environ} | {"PATH": _PATH}
    # A name with a slash is a path: the C library would read translations, formats and all, from a file of anybody's.
    made |= {name: environ[name] for name in _LANGUAGE if _LANGUAGE_NAME.fullmatch(environ.get(name, ""))}
    try:
        return made | {"HOME": pwd.getpwuid(os.getuid()).pw_dir}
    except KeyError:
        return made  # an account that no database knows has no home
