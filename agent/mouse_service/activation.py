"""Socket activation: serves on the socket that systemd passes (sd_listen_fds(3))."""

from __future__ import annotations

import logging
import os
import socket
import sys
from collections.abc import Callable
from typing import Final

from agent.engine.errors import SteadyhandError

_FIRST_PASSED: Final = 3


def serve_activated(command: str, serve: Callable[[socket.socket], None]) -> int:
    """Be the service of a command; the exit code: 0 done, 2 started by hand.

    Parameters
    ----------
    command : str
        Of `steadyhand`; its unit is called after it.
    serve : callable
        Answers at the socket, until nobody asks any more.
    """
    logging.basicConfig(level=logging.INFO, format="%(name)s %(levelname)s %(message)s")
    if os.environ.get("LISTEN_FDS") != "1":
        remedy = f"as root: systemctl start steadyhand-{command}.socket"
        error = SteadyhandError(f"{command}: systemd starts it, with its socket", remedy)
        sys.stderr.write(f"steadyhand: {error}\n")
        return 2
    with socket.socket(fileno=_FIRST_PASSED) as listener:
        serve(listener)
    return 0
