"""The end of the compositor, which is a socket here."""

from __future__ import annotations

import os
import socket
import threading
from pathlib import Path

import pytest

from agent.host.linux.compositor_end import on_compositor_end

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Wayland is Linux's")


@pytest.mark.parametrize("absolute", [False, True])
def test_the_end_of_the_compositor_is_told_once_it_comes(tmp_path: Path, absolute: bool) -> None:
    ended = threading.Event()
    name = str(tmp_path / "wayland-1") if absolute else "wayland-1"
    with socket.socket(socket.AF_UNIX) as compositor:
        compositor.bind(str(tmp_path / "wayland-1"))
        compositor.listen()
        environ = {"WAYLAND_DISPLAY": name, "XDG_RUNTIME_DIR": "/nonexistent" if absolute else str(tmp_path)}
        assert on_compositor_end(environ, ended.set)
        accepted, _ = compositor.accept()
        accepted.sendall(b"an event")
        assert not ended.wait(0.1)
    accepted.close()
    assert ended.wait(5)


def test_without_a_compositor_nothing_is_waited_for(tmp_path: Path) -> None:
    calls: list[str] = []
    for environ in ({}, {"WAYLAND_DISPLAY": "wayland-1", "XDG_RUNTIME_DIR": str(tmp_path)}):
        assert not on_compositor_end(environ, lambda: calls.append("ended"))
    assert calls == []
