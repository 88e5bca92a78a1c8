"""Compositor end: calls once the Wayland compositor of this session has ended, by a connection that is only held.

X ends its clients with itself; a program that draws nothing under Wayland would outlive its session, and keep the place
of the next one's agent.
"""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

_CONNECT_S: Final = 2.0

_log = logging.getLogger(__name__)


def on_compositor_end(environ: Mapping[str, str], call: Callable[[], None]) -> bool:
    """Have `call` called, from a thread of its own, when the compositor that `environ` names has ended.

    Returns
    -------
    bool
        False where there is none to wait for: no Wayland session, or nobody answers at its socket.
    """
    name = environ.get("WAYLAND_DISPLAY", "")
    if not name:
        return False
    path = Path(environ.get("XDG_RUNTIME_DIR", "/run"), name)  # a name may be an absolute path
    connection = socket.socket(socket.AF_UNIX)
    try:
        # A compositor that takes no connections would be waited for by the agent's start.
        connection.settimeout(_CONNECT_S)
        connection.connect(str(path))
        connection.settimeout(None)
    except OSError as why:
        _log.info("no compositor answers at %s: %s", path, why)
        connection.close()
        return False
    threading.Thread(target=_wait, args=(connection, call), name="steadyhand-compositor", daemon=True).start()
    return True


def _wait(connection: socket.socket, call: Callable[[], None]) -> None:
    """Nothing is asked, so nothing comes but the end."""
    with connection:
        try:
            while connection.recv(4096):
                pass
        except OSError as why:
            _log.info("the connection to the compositor broke: %s", why)
    call()
