"""Talks to the service manager that started this program: systemd's readiness protocol, sd_notify(3).

A datagram a message to the socket that NOTIFY_SOCKET names. Where nobody set it, nothing is said, and nobody restarts
the agent but the keeper on Windows, a service that needs no words of it.
"""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Callable, Mapping
from typing import Final

_SEND_S: Final = 0.2

_log = logging.getLogger(__name__)


class ServiceManager:
    """Whoever watches over this process. Any thread; a message blocks 200 ms at most.

    Parameters
    ----------
    environ : mapping
        Where NOTIFY_SOCKET is looked up.
    is_kept : callable
        Whether a keeper of Windows starts agents again.
    """

    def __init__(
        self, environ: Mapping[str, str] = os.environ, is_kept: Callable[[], bool] | None = None
    ) -> None:
        address = environ.get("NOTIFY_SOCKET", "")
        # A name that begins with @ is abstract: its first byte is zero.
        self._address = "\0" + address[1:] if address.startswith("@") else address
        self._is_kept = is_kept or _kept_by_service

    @property
    def listens(self) -> bool:
        """True where somebody is told how this program fares."""
        return bool(self._address)

    @property
    def restarts_us(self) -> bool:
        """True where somebody starts this program again after it ended."""
        return self.listens or self._is_kept()

    def ready(self) -> None:
        """Everything runs."""
        self._say("READY=1")

    def alive(self, status: str) -> None:
        """The watchdog may wait for the next sign of life; `status` is shown to people."""
        self._say(f"WATCHDOG=1\nSTATUS={status}")

    def failed(self, reason: str) -> None:
        """It cannot run now, and says why; whoever waits for its readiness may wait a minute longer."""
        self._say(f"STATUS={reason}\nEXTEND_TIMEOUT_USEC=60000000")

    def stopping(self) -> None:
        """The end has begun."""
        self._say("STOPPING=1")

    def _say(self, message: str) -> None:
        if not self._address:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
                channel.settimeout(_SEND_S)
                channel.sendto(message.encode(), self._address)
        except OSError as why:
            _log.warning("the service manager does not listen: %s", why)


def _kept_by_service() -> bool:
    if os.name != "nt":
        return False
    from agent.host.windows.keeper import is_kept

    return is_kept()
