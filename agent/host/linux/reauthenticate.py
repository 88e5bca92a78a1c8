"""Re-authentication on Linux: asks the person at the computer for their own password, through polkit."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from agent.host.linux.bus import SYSTEM, Bus, BusError, Service, account_uids, single
from agent.host.linux.namespaces import in_first_user_namespace

ACTION: Final = "org.steadyhand.confirm"
"""The action that the package installs with ``auth_self``."""

_POLKIT: Final = Service(
    SYSTEM,
    "org.freedesktop.PolicyKit1",
    "/org/freedesktop/PolicyKit1/Authority",
    "org.freedesktop.PolicyKit1.Authority",
)
_POLKIT_ACCOUNTS: Final = ("root", "polkitd", "polkituser")
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

    Whoever answers as polkit must run as root or under polkit's own account; the question goes to that very
    connection, so that nobody can take over the name in between.

    Parameters
    ----------
    bus : Bus
    pid : int, optional
        For whom polkit answers; this process.
    started : callable
        When a process started.
    trusted_uids : frozenset of int, optional
        Who may answer as polkit.
    are_uids_real : callable
        Whether user numbers are the computer's: in a user namespace of somebody's making everybody is root.
    """

    authority = "polkit"

    def __init__(
        self,
        bus: Bus,
        pid: int | None = None,
        started: Callable[[int], int] = start_time,
        trusted_uids: frozenset[int] | None = None,
        are_uids_real: Callable[[], bool] = in_first_user_namespace,
    ) -> None:
        self._are_uids_real = are_uids_real
        self._bus = bus
        self._trusted_uids = account_uids(*_POLKIT_ACCOUNTS) if trusted_uids is None else trusted_uids
        self._pid = os.getpid() if pid is None else pid
        self._started = started

    def available(self) -> bool:
        """See `Reauthentication.available`."""
        try:
            actions = single(self._bus.call(self._authority(), "EnumerateActions", "s", ""), list)
        except BusError as why:
            _log.info("polkit does not answer: %s", why)
            return False
        return any(isinstance(action, tuple) and action[:1] == (ACTION,) for action in actions)

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
            question: tuple[Any, ...] = (subject, ACTION, {}, _INTERACT, "")
            reply = self._bus.call(
                self._authority(), "CheckAuthorization", "(sa{sv})sa{ss}us", *question, timeout_s=_ASK_S
            )
            # (bba{ss}), of which the first says whether it is proven; anything else proves nothing.
            return single(reply, tuple)[:1] == (True,) and type(reply[0][0]) is bool
        except BusError as reason:
            _log.warning("the password could not be asked for: %s", reason)
            return False

    def _authority(self) -> Service:
        """polkit, by the name of its connection. Raises `BusError` where it is not polkit that answers."""
        if not self._are_uids_real():
            raise BusError("this process is in a user namespace, where nobody can tell who answers as polkit")
        owner = self._bus.owner(_POLKIT)
        if owner.uid not in self._trusted_uids:
            raise BusError(
                f"process {owner.pid} of uid {owner.uid} answers as polkit, which must be root or polkitd"
            )
        return replace(_POLKIT, name=owner.unique_name)
