"""A connection to an X server that is none, or goes away."""

from __future__ import annotations

import socket
import threading

import pytest

from agent.host.api import CannotSee
from agent.host.linux.xdisplay import open_display


def test_a_server_that_hangs_up_at_once_cannot_be_seen() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        def hang_up() -> None:
            server.accept()[0].close()

        thread = threading.Thread(target=hang_up, daemon=True)
        thread.start()
        # An X display's number is its port less 6,000.
        with pytest.raises(CannotSee, match="cannot connect to X display"):
            open_display({"DISPLAY": f"127.0.0.1:{port - 6000}"})
        thread.join(5)
