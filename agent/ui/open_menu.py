"""Menu of an icon on Windows: left alone while it is open, since one that is replaced becomes a white space."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from agent.ui.menu import Row

Handler = Callable[[int, int], Any]
"""Handles one message of a window: its two parameters to the answer."""


class OpenMenu:
    """Puts rows into the menu, or keeps them until it is closed.

    Parameters
    ----------
    put : callable
        Replaces the menu by one with these rows. Any thread; it must not wait.
    """

    def __init__(self, put: Callable[[tuple[Row, ...]], None]) -> None:
        self._put = put
        self._lock = threading.Lock()
        # The menu's own loop brings further messages of the icon while it is open.
        self._messages_under_way = 0
        self._wanted: tuple[Row, ...] | None = None
        self._shown: tuple[Row, ...] | None = None

    def show(self, rows: tuple[Row, ...]) -> None:
        """Have these rows from now on, or from when the menu is closed. Any thread."""
        with self._lock:
            self._wanted = rows
            self._update()

    def watched(self, handle: Handler) -> Handler:
        """`handle`, which opens the menu and returns when it is closed."""

        def handle_and_watch(first: int, second: int) -> Any:
            with self._under_way():
                return handle(first, second)

        return handle_and_watch

    @contextmanager
    def _under_way(self) -> Iterator[None]:
        with self._lock:
            self._messages_under_way += 1
        try:
            yield
        finally:
            with self._lock:
                self._messages_under_way -= 1
                self._update()

    def _update(self) -> None:
        if self._messages_under_way == 0 and self._wanted is not None and self._wanted != self._shown:
            self._shown = self._wanted
            self._put(self._wanted)
