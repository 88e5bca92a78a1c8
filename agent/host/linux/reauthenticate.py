"""Asks the person at the computer for their own password, through polkit."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

from agent.host.linux.bus import SYSTEM, Bus, BusError, Service

ACTION: Final = "org.steadyhand.confirm"
"""The action that the package installs with ``auth_self``."""

_POLKIT: Final = Service(
    SYSTEM,
    "org.freedesktop.PolicyKit1",
    "/org/freedesktop/PolicyKit1/Authority",
    "org.freedesktop.PolicyKit1.Authority",
)
_INTERACT: Final = 1
_ASK_S: Final = 60.0

_log = logging.getLogger(__name__)


def start_time(pid: int, proc: Path = Path("/proc")) -> int:
    """When a process started, in clock ticks since boot: tells it from a later one with the same pid."""
    # The name, in parentheses, may hold spaces; field 22 is counted from behind it.
    return int((proc / str(pid) / "stat").read_text().rpartition(")")[2].split()[19])


class PolkitConfirmation:
    """`Reauthentication` by polkit's ``auth_self``.

    It is available only where the package's polkit action is installed: any other action could be answered
    by a rule instead of a password. polkit shows the action's own message; `why` goes to the log.
    """

    def __init__(self, bus: Bus, pid: int | None = None, started: Callable[[int], int] = start_time) -> None:
        self._bus = bus
        self._pid = os.getpid() if pid is None else pid
        self._started = started

    def available(self) -> bool:
        """See `Reauthentication.available`."""
        try:
            (actions,) = self._bus.call(_POLKIT, "EnumerateActions", "s", "")
        except BusError as why:
            _log.info("polkit does not answer: %s", why)
            return False
        return any(action[0] == ACTION for action in actions)

    def confirm(self, why: str) -> bool:
        """See `Reauthentication.confirm`."""
        subject = (
            "unix-process",
            {
                "pid": ("u", self._pid),
                "start-time": ("t", self._started(self._pid)),
                "uid": ("i", os.getuid()),
            },
        )
        _log.info("asking for the password: %s", why)
        try:
            (answer,) = self._bus.call(
                _POLKIT,
                "CheckAuthorization",
                "(sa{sv})sa{ss}us",
                subject,
                ACTION,
                {},
                _INTERACT,
                "",
                timeout_s=_ASK_S,
            )
        except BusError as reason:
            _log.warning("the password could not be asked for: %s", reason)
            return False
        return bool(answer[0])
