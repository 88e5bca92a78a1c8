"""An intruder holds a mouse button down, so that no locker can take the mouse: the lock comes when it is let go."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator

import pytest

from agent.alerts.alert import Alert, AlertKind
from agent.config.schema import ResponseSettings
from agent.host.api import LockReport, LockResult
from agent.host.linux.lockers.programs import SpawnedLocker, i3lock
from agent.host.linux.xscreen import look
from agent.host.locking import CheckedLock, LockTimeouts
from agent.host.null.services import NullPresentation
from agent.runtime.response.alert_writer import AlertWriter
from agent.runtime.response.countdown import MonotonicClock
from agent.runtime.response.responder import Responder
from tests.agent.runtime.fakes import WORDING
from tests.e2e.conftest import bare_display, display, wait_for

__all__ = ["bare_display", "display"]

pytestmark = [
    pytest.mark.display,
    pytest.mark.skipif(shutil.which("i3lock") is None, reason="i3lock is not installed"),
]


class Agent:
    """Delivery, notifications and status of a responder, kept in lists."""

    def __init__(self) -> None:
        self.alerts: list[Alert] = []
        self.notices: list[str] = []
        self.reports: list[LockReport] = []

    def submit(self, alert: Alert) -> None:
        self.alerts.append(alert)

    def settle(self) -> bool:
        return True

    def depth(self) -> int:
        return 0

    def problems(self) -> tuple[str, ...]:
        return ()

    def close(self, flush_s: float) -> None:
        """Nothing is open."""

    def show(self, title: str, text: str, *, urgent: bool = False, replaces: str = "") -> bool:
        self.notices.append(f"{title}. {text}")
        return True

    def counting_down(self, seconds: float) -> None:
        """Without a countdown this is not called."""
        raise AssertionError(seconds)

    def holding(self) -> None:
        raise AssertionError

    def attempted(self, report: LockReport) -> None:
        self.reports.append(report)

    def withdrawn(self) -> None:
        raise AssertionError

    def results(self) -> list[LockResult]:
        return [report.result for report in self.reports]


class HeldButton:
    """A window with the pointer in it, and the left button down: the window's client holds the mouse."""

    def __init__(self) -> None:
        from Xlib import X
        from Xlib.display import Display
        from Xlib.ext import xtest

        self._x, self._xtest = Display(), xtest
        root = self._x.screen().root
        window = root.create_window(
            100, 100, 300, 200, 0, 24, override_redirect=1, event_mask=X.ButtonPressMask | X.ButtonReleaseMask
        )
        window.map()
        self._x.sync()
        root.warp_pointer(200, 200)
        self._x.sync()
        xtest.fake_input(self._x, X.ButtonPress, 1)
        self._x.sync()
        self._release = X.ButtonRelease

    def let_go(self) -> None:
        self._xtest.fake_input(self._x, self._release, 1)
        self._x.sync()

    def close(self) -> None:
        self._x.close()


@pytest.fixture
def locker(display: object) -> Iterator[SpawnedLocker]:
    made = i3lock()
    yield made
    made.withdraw()


def test_a_held_button_puts_the_lock_off_and_does_not_prevent_it(locker: SpawnedLocker) -> None:
    agent = Agent()
    lock = CheckedLock((locker,), look, lambda: None, timeouts=LockTimeouts(verify_s=1.0, free_s=0.3))
    writer = AlertWriter(agent, lambda _line: None)
    responder = Responder(
        writer,
        lock,
        agent,
        WORDING,
        ResponseSettings(countdown_s=0.0),
        agent,
        NullPresentation(),
        MonotonicClock(),
    )
    button = HeldButton()
    writer.start()
    responder.start()
    try:
        responder.lock(WORDING.health(AlertKind.INTRUDER, "The person is probably not the owner"))
        assert wait_for(lambda: len(agent.reports) >= 3, 15.0), "it is tried again while the button is held"
        assert LockResult.LOCKED not in agent.results()
        assert lock.is_locked() is False
        assert "tries again until the screen locks" in agent.notices[0]
        button.let_go()
        let_go_s = time.monotonic()
        # No event of the mouse and no further finding comes: the lock is tried again all the same.
        assert wait_for(lambda: LockResult.LOCKED in agent.results(), 8.0)
        assert time.monotonic() - let_go_s < 5.0
        assert lock.is_locked() is True
    finally:
        responder.stop(5.0)
        writer.stop(5.0)
        button.close()
    kinds = [alert.kind for alert in agent.alerts]
    assert kinds == [AlertKind.INTRUDER, AlertKind.LOCK_FAILED, AlertKind.LOCK_RESULT]
    assert agent.alerts[-1].detail["attempts"] == len(agent.reports)
