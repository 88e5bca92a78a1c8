"""Compositor finder: the process that draws this session's screen, as the kernel or the X server tells it.

It is looked for once and then held: a program that puts another socket into the compositor's place later, or takes
over its name, is not taken for it.
"""

from __future__ import annotations

import os
import select
import socket
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Final

from agent.files.unix_sockets import peer_process
from agent.host.api import CannotSee
from agent.host.linux.processes import Program, program_of
from agent.host.linux.xclients import client_pid
from agent.host.linux.xdisplay import is_wayland, open_display

_CONNECT_S: Final = 0.5
WRAPPERS: Final[Mapping[str, str]] = {"kwin_wayland_wrapper": "kwin_wayland"}
"""Programs that open the session's socket and hand it to the compositor that they start, by their file names."""


def socket_listener(path: Path) -> tuple[int, int]:
    """The process that began to listen at a Unix socket, and its account; zeros where nobody does. May block 500 ms."""
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)) as connection:
        connection.settimeout(_CONNECT_S)
        try:
            connection.connect(str(path))
            return peer_process(connection)
        except OSError:
            return 0, 0


def drawing_process(
    listener: int, program: Callable[[int], Program] = program_of, proc: Path = Path("/proc")
) -> int:
    """The process that draws for whoever listens at a Wayland socket.

    It is the listener itself, or the compositor that a wrapper has started. Both are root's programs, or the listener
    stands for itself; a wrapper with no such child, or with several, has none.

    Parameters
    ----------
    listener : int
        The process that began to listen; 0 for none.
    program : callable
        What a process runs.
    proc : Path
    """
    started = WRAPPERS.get(program(listener).name) if listener else None
    if started is None:
        return listener
    compositors = [pid for pid in _children(listener, proc) if program(pid).name == started]
    return compositors[0] if len(compositors) == 1 else 0


def _children(pid: int, proc: Path) -> list[int]:
    """The processes that a process has started, by any of its threads, and that run."""
    children: list[int] = []
    for listed in (proc / str(pid) / "task").glob("[0-9]*/children"):
        try:
            children += map(int, listed.read_text().split())
        except OSError:
            continue  # the thread has ended
    return children


def wayland_socket(environ: Mapping[str, str]) -> Path:
    """Where the compositor of the session takes connections."""
    name = environ.get("WAYLAND_DISPLAY") or "wayland-0"
    return Path(environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}", name)


def wayland_compositor(
    environ: Mapping[str, str],
    program: Callable[[int], Program] = program_of,
    controller: Callable[[], int] = lambda: 0,
) -> int:
    """The process that draws for the session's Wayland socket; 0 where there is none.

    Parameters
    ----------
    environ : mapping
    program : callable
        What a process runs.
    controller : callable
        The process that controls the session's devices, by logind's word; 0 where none does. Where there is one, no
        other draws the session's screen: a compositor that runs inside another one controls nothing.
    """
    pid, uid = socket_listener(wayland_socket(environ))
    drawing = drawing_process(pid, program) if uid == os.getuid() else 0
    return drawing if drawing and controller() in (0, drawing) else 0


def x_window_manager(environ: Mapping[str, str]) -> int:
    """The process that manages the windows of the X screen (ICCCM's WM_S0); 0 where there is none."""
    from Xlib.error import ConnectionClosedError

    try:
        with closing(open_display(environ)) as display:
            owner = display.get_selection_owner(display.intern_atom("WM_S0"))
            return client_pid(display, owner.id) if owner else 0
    except (CannotSee, ConnectionClosedError):
        return 0


class Compositor:
    """Holds the session's compositor once it was found. Any thread.

    Parameters
    ----------
    find : callable
        Its process number, 0 where there is none yet.
    may_restart : bool
        True on X11, where a window manager may be started anew; on Wayland its end is the session's.
    """

    def __init__(self, find: Callable[[], int], *, may_restart: bool) -> None:
        self._find = find
        self._may_restart = may_restart
        self._held: tuple[int, int] | None = None

    def pid(self) -> int:
        """Its process number; 0 where it is not known or has ended. May block 500 ms until it is found."""
        held = self._held
        if held is not None:
            pid, handle = held
            if not select.select([handle], [], [], 0)[0]:
                return pid
            if not self._may_restart:
                return 0
        return self._hold(self._find())

    def _hold(self, pid: int) -> int:
        if pid <= 0:
            return 0
        try:
            handle = os.pidfd_open(pid)
        except OSError:
            return 0
        before, self._held = self._held, (pid, handle)
        if before is not None:
            os.close(before[1])
        return pid


def session_compositor(
    environ: Mapping[str, str],
    program: Callable[[int], Program] = program_of,
    controller: Callable[[], int] = lambda: 0,
) -> Compositor:
    """The compositor of the session that the environment describes; the arguments are `wayland_compositor`'s."""
    if is_wayland(environ):
        return Compositor(lambda: wayland_compositor(environ, program, controller), may_restart=False)
    return Compositor(lambda: x_window_manager(environ), may_restart=True)
