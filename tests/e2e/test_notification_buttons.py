"""The button "That was me" on real notification services: it is shown, it is pressed, and its press arrives once."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import ImageChops

from agent.host.linux.jeepney_bus import JeepneyBus
from agent.host.linux.notice_buttons import NOTIFICATIONS
from agent.host.linux.notify import DesktopNotifier
from agent.language.language import language_named
from agent.runtime.status.snapshot import State, Status
from agent.ui.notices import Notices
from tests.e2e.desktop import Desktop, end, missing, wait_until

NEEDED = ("Xvfb", "openbox", "dbus-daemon", "xdotool", "dunst", "dunstctl")
GNOME_DAEMON = Path("/usr/lib/notification-daemon/notification-daemon")
pytestmark = [
    pytest.mark.display,
    pytest.mark.skipif(bool(missing(*NEEDED)), reason=missing(*NEEDED)),
]


@pytest.fixture
def desktop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desktop]:
    with Desktop(tmp_path, (1000, 500)) as made:
        monkeypatch.setitem(os.environ, "DBUS_SESSION_BUS_ADDRESS", made.env["DBUS_SESSION_BUS_ADDRESS"])
        yield made


def begun(desktop: Desktop, *command: str) -> tuple[subprocess.Popen[bytes], Notices, threading.Semaphore]:
    """Notices on a desktop whose notification service runs; each press releases the semaphore."""
    service = desktop.start(*command)
    notifier, presses = DesktopNotifier(JeepneyBus()), threading.Semaphore(0)
    # Asked sooner, the bus would start whichever service is installed.
    wait_until(lambda: JeepneyBus().has(NOTIFICATIONS), "the notification service on the bus")
    assert notifier.has_buttons()
    notices = Notices(notifier, time.monotonic_ns, was_me=presses.release, language=language_named("de"))
    return service, notices, presses


def dunstctl(desktop: Desktop, *words: str) -> str:
    ran = subprocess.run(
        ("dunstctl", *words), env=desktop.env, capture_output=True, text=True, timeout=10, check=True
    )
    return ran.stdout.strip()


def test_a_press_on_dunst_arrives_once_and_not_after_the_button_has_gone(desktop: Desktop) -> None:
    _, notices, presses = begun(desktop, "dunst")
    for left in (3.0, 2.0):
        notices.status_changed(Status(State.SUSPICIOUS, countdown_s=left))
    wait_until(lambda: dunstctl(desktop, "count", "displayed") == "1", "one notification")
    dunstctl(desktop, "action", "0")
    assert presses.acquire(timeout=5), "the press arrives"
    notices.status_changed(Status(State.SUSPICIOUS, countdown_s=2.0, countdown_held=True))
    notices.status_changed(Status(State.SUSPICIOUS, countdown_s=None, last_lock="withdrawn"))
    dunstctl(desktop, "action", "0")
    assert not presses.acquire(timeout=0.5), "what has no button any more says nothing"


def test_a_service_that_is_started_again_gets_a_new_button(desktop: Desktop) -> None:
    service, notices, presses = begun(desktop, "dunst")
    notices.status_changed(Status(State.SUSPICIOUS, countdown_s=3.0))
    end(service)
    desktop.start("dunst")
    wait_until(lambda: JeepneyBus().has(NOTIFICATIONS), "dunst again")
    notices.status_changed(Status(State.SUSPICIOUS, countdown_s=2.0))
    wait_until(lambda: dunstctl(desktop, "count", "displayed") == "1", "the notification again")
    dunstctl(desktop, "action", "0")
    assert presses.acquire(timeout=5)


@pytest.mark.skipif(not GNOME_DAEMON.exists(), reason="notification-daemon is not installed")
def test_the_button_is_drawn_and_pressed_by_the_mouse(desktop: Desktop) -> None:
    _, notices, presses = begun(desktop, str(GNOME_DAEMON))
    before = desktop.screenshot()
    notices.status_changed(Status(State.SUSPICIOUS, countdown_s=9.0))
    wait_until(lambda: desktop.screenshot() != before, "the notification on the screen")
    time.sleep(0.5)
    box = ImageChops.difference(before, desktop.screenshot()).getbbox()
    assert box is not None
    # The service puts buttons into the lower right corner.
    desktop.xdotool("mousemove", str(box[2] - 98), str(box[3] - 38), "click", "1")
    assert presses.acquire(timeout=5)
