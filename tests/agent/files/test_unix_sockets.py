"""Sockets that every account may speak to, and who is at the other end."""

from __future__ import annotations

import os
import socket
import stat
from pathlib import Path

import pytest

from agent.files.unix_sockets import listen_for_packets, peer_process, peer_uid

pytestmark = pytest.mark.skipif(not hasattr(socket, "SO_PEERCRED"), reason="needs SO_PEERCRED")


def test_every_account_may_connect_and_the_kernel_says_who_did(tmp_path: Path) -> None:
    path = tmp_path / "socket"
    path.write_text("of a former run")
    with (
        listen_for_packets(path, 4) as listener,
        socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as client,
    ):
        assert stat.S_IMODE(path.stat().st_mode) == 0o666
        with pytest.raises(BlockingIOError):
            listener.accept()
        client.connect(str(path))
        connection, _ = listener.accept()
        with connection:
            assert peer_process(connection) == (os.getpid(), os.getuid())
        assert peer_uid(client) == os.getuid()


def test_a_socket_that_cannot_be_made_leaves_no_descriptor(tmp_path: Path) -> None:
    before = len(os.listdir("/proc/self/fd"))
    with pytest.raises(OSError, match="too long"):
        listen_for_packets(tmp_path / ("x" * 200), 4)
    assert len(os.listdir("/proc/self/fd")) == before
