"""The hidden window, the installer's event and the event log on Windows' own functions, as Wine has them."""

from __future__ import annotations

import ctypes
import os
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from agent.alerts.transports.eventlog import RealEventLog
from agent.engine.events import Boundary, Cause
from agent.host.windows.hidden_window import END_EVENT, WINDOW_CLASS, RealHiddenWindow
from agent.host.windows.session import INSTALLER, WindowsSession

pytestmark = pytest.mark.skipif(sys.platform != "win32", reason="runs on a Windows Python: make windows-test")

QUERY_END, END, POWER = 0x11, 0x16, 0x218
LOG_OFF = -0x80000000


class Desk:
    """A session on the real window, and what it said."""

    def __init__(self) -> None:
        load: Any = ctypes.WinDLL  # type: ignore[attr-defined]
        self.user32, self.kernel32 = load("user32"), load("kernel32")
        self.user32.FindWindowW.restype = ctypes.c_void_p
        self.user32.SendMessageW.argtypes = (
            *(ctypes.c_void_p, ctypes.c_uint32, ctypes.c_size_t, ctypes.c_ssize_t),
        )
        self.user32.SendMessageW.restype = ctypes.c_ssize_t
        self.boundaries: list[Boundary] = []
        self.ends: list[str] = []
        self.ended = threading.Event()
        self.session = WindowsSession(RealHiddenWindow(), lambda: None)
        self.session.listen_end(self._end)
        self.session.start(self.boundaries.append, lambda line: None, lambda line: None)
        self.window = self.user32.FindWindowW(WINDOW_CLASS, None)

    def _end(self, reason: str) -> None:
        self.ends.append(reason)
        self.ended.set()

    def send(self, message: int, wparam: int, lparam: int = 0) -> int:
        """Send a message from this thread to the window's."""
        return int(self.user32.SendMessageW(self.window, message, wparam, lparam))


@pytest.fixture
def desk() -> Iterator[Desk]:
    made = Desk()
    yield made
    made.session.finished()
    made.session.stop()


def test_a_log_off_is_allowed_and_waits_for_the_agent(desk: Desk) -> None:
    assert desk.window
    assert desk.send(QUERY_END, 0, LOG_OFF) == 1
    assert desk.ends == []
    answered = threading.Event()

    def end() -> None:
        desk.send(END, 1, LOG_OFF)
        answered.set()

    threading.Thread(target=end, daemon=True).start()
    assert desk.ended.wait(5)
    assert desk.ends == ["a log-off"]
    assert not answered.wait(0.2)
    desk.session.finished()
    assert answered.wait(5)


def test_sleep_is_heard(desk: Desk) -> None:
    for event in (4, 0x12):
        desk.send(POWER, event)
    assert [(b.cause, b.detail) for b in desk.boundaries] == [(Cause.SLEEP, "begins"), (Cause.SLEEP, "ends")]


def test_an_installer_ends_the_agent_by_its_event(desk: Desk) -> None:
    desk.kernel32.OpenEventW.restype = ctypes.c_void_p
    event = desk.kernel32.OpenEventW(2, False, END_EVENT.format(pid=os.getpid()))
    assert event
    desk.kernel32.SetEvent(ctypes.c_void_p(event))
    assert desk.ended.wait(5)
    assert desk.ends == [INSTALLER]


def test_when_the_window_has_gone_it_can_be_made_again(desk: Desk) -> None:
    desk.session.stop()
    for _ in range(50):
        if not desk.user32.FindWindowW(WINDOW_CLASS, None):
            break
        threading.Event().wait(0.1)
    assert not desk.user32.FindWindowW(WINDOW_CLASS, None)
    again = Desk()
    assert again.window
    again.session.stop()


def test_the_event_log_takes_entries() -> None:
    assert RealEventLog().write([(4, 0x40000001, '{"message": "żółw"}'), (1, 0xC0000003, "{}")]) == 2
    assert RealEventLog().write([]) == 0
