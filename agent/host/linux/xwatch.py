"""Notices that the mouse began to move, and makes the X server hand out the events that it buffers."""

from __future__ import annotations

import select
import socket
import threading
from collections.abc import Callable
from typing import Any, Final

# RECORD buffers 31 events until the server writes something to some client: a quarter of a second at
# 125 Hz. Fetching them ten times a second costs less than any shorter interval and is short enough.
_FETCH_S: Final = 0.1


class MotionWatch:
    """One thread on one connection; it sleeps while the mouse rests.

    It asks for motion hints on the root window: after one such event the server sends no other until the
    pointer is queried. So the first motion wakes this thread, the query after a while fetches what was
    buffered and arms the next hint, and a resting mouse costs nothing. Motion over windows that want it
    themselves never comes here, and need not: then the server writes to those clients all the time.

    Parameters
    ----------
    display : python-xlib Display
        A connection of its own; it is closed by `stop`.
    """

    def __init__(self, display: Any) -> None:
        self.display = display
        self._bell, self._button = socket.socketpair()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def select(self) -> None:
        """Ask the server for motion hints, device changes and devices that come and go."""
        from Xlib import X
        from Xlib.ext import xinput

        root = self.display.screen().root
        opcode = self.display.query_extension(xinput.extname).major_opcode
        # python-xlib reads XI_DeviceChanged with the layout of another event; RECORD brings it anyway.
        self.display.ge_add_event_data(opcode, xinput.DeviceChanged, None)
        self.display.xinput_query_version()
        root.xinput_select_events(
            [
                (xinput.AllMasterDevices, xinput.DeviceChangedMask),
                (xinput.AllDevices, xinput.HierarchyChangedMask),
            ]
        )
        root.change_attributes(event_mask=X.PointerMotionMask | X.PointerMotionHintMask)
        self.display.sync()

    def start(self, devices_changed: Callable[[], None]) -> None:
        """Begin to watch; `devices_changed` is called from the thread."""
        self._thread = threading.Thread(
            target=self._run, args=(devices_changed,), name="steadyhand-xwatch", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """End the thread and close the connection."""
        self._stopping.set()
        self._button.close()
        if self._thread is not None:
            self._thread.join(0.3)
        self.display.close()
        self._bell.close()

    def is_alive(self) -> bool:
        """True while the thread lives."""
        return self._thread is not None and self._thread.is_alive()

    def _run(self, devices_changed: Callable[[], None]) -> None:
        from Xlib.error import ConnectionClosedError

        root = self.display.screen().root
        try:
            root.query_pointer()
            while not self._stopping.is_set():
                moved, devices = self._pending()
                if devices:
                    devices_changed()
                if moved and not self._stopping.wait(_FETCH_S):
                    root.query_pointer()
                elif not moved:
                    select.select([self.display, self._bell], [], [])
        except (ConnectionClosedError, OSError):
            # The server has gone: the thread ends, and `is_alive` says so.
            return

    def _pending(self) -> tuple[bool, bool]:
        """Take in what has arrived: was there motion, did devices come or go?"""
        from Xlib import X
        from Xlib.ext import ge, xinput

        moved = devices = False
        for _ in range(self.display.pending_events()):
            event = self.display.next_event()
            moved = moved or event.type == X.MotionNotify
            devices = devices or (
                event.type == ge.GenericEventCode and event.evtype == xinput.HierarchyChanged
            )
        return moved, devices
