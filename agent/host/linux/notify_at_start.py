"""Notifications at the start of a session: shows again what nobody could show yet.

The agent may start before the desktop's notification service, and starting that one takes longer than a call may.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Final

from agent.host.notifier import ButtonNotifier, NoticeButton

FIRST_S: Final = 60.0
"""For how long after its first notification an agent tries again what nobody showed."""

AGAIN_S: Final = 2.0

_log = logging.getLogger(__name__)


class NotifierAtStart:
    """`ButtonNotifier` that tries again, from a thread of its own, in the first minute. Any thread.

    Parameters
    ----------
    notifier : ButtonNotifier
    clock, sleep : callable
        Monotonic seconds; sleeping seconds.
    """

    def __init__(
        self,
        notifier: ButtonNotifier,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._notifier = notifier
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._until_s: float | None = None
        self._waiting: dict[str, Callable[[], bool]] = {}
        self._tries_again = False

    def has_buttons(self) -> bool:
        """See `ButtonNotifier.has_buttons`."""
        return self._notifier.has_buttons()

    def show(self, title: str, text: str, *, urgent: bool = False, replaces: str = "") -> bool:
        """See `Notifier.show`."""
        return self._shown(
            replaces or title, lambda: self._notifier.show(title, text, urgent=urgent, replaces=replaces)
        )

    def show_with_button(
        self, title: str, text: str, button: NoticeButton, *, urgent: bool = False, replaces: str = ""
    ) -> bool:
        """See `ButtonNotifier.show_with_button`."""
        return self._shown(
            replaces or title,
            lambda: self._notifier.show_with_button(title, text, button, urgent=urgent, replaces=replaces),
        )

    def _shown(self, about: str, show: Callable[[], bool]) -> bool:
        """Show it now; else again later, unless something newer about the same comes before."""
        with self._lock:
            self._waiting.pop(about, None)
        if show():
            return True
        with self._lock:
            if self._until_s is None:
                self._until_s = self._clock() + FIRST_S
            if self._clock() >= self._until_s:
                return False
            begins, self._tries_again = not self._tries_again, True
            self._waiting[about] = show
        if begins:
            threading.Thread(target=self._try_again, name="steadyhand-notices-at-start", daemon=True).start()
        return False

    def _try_again(self) -> None:
        while True:
            self._sleep(AGAIN_S)
            with self._lock:
                waiting = dict(self._waiting)
                if self._until_s is None or self._clock() >= self._until_s:
                    self._waiting.clear()
                    self._tries_again = False
                    _log.info("nobody here shows notifications: %s", ", ".join(waiting))
                    return
            shown = [about for about, show in waiting.items() if show()]
            with self._lock:
                for about in shown:
                    if self._waiting.get(about) is waiting[about]:
                        del self._waiting[about]
                self._tries_again = bool(self._waiting)
                if not self._tries_again:
                    return
