"""pynput's X11 mouse listener, with the server's time stamps. Importing this needs DISPLAY: pynput does."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, Final

from pynput.mouse import Listener
from Xlib.error import ConnectionClosedError
from Xlib.ext import record
from Xlib.ext.xinput import extname as xinput_name
from Xlib.ext.xtest import extname as xtest_name
from Xlib.protocol.request import GetInputFocus

from agent.host.linux.record import RecordDecoder
from agent.host.linux.record_stream import RecordStream
from agent.host.linux.xdisplay import client_id
from agent.host.ring import Ring

_GET_INPUT_FOCUS: Final = 43
_GENERIC_EVENT: Final = 35
_FAKE_INPUT: Final = 2
# XI 1's DeviceMotionNotify, counted from the extension's first event.
DEVICE_MOTION: Final = 5
_NOTHING: Final[dict[str, Any]] = {
    "core_requests": (0, 0),
    "core_replies": (0, 0),
    "ext_requests": (0, 0, 0, 0),
    "ext_replies": (0, 0, 0, 0),
    "delivered_events": (0, 0),
    "device_events": (0, 0),
    "errors": (0, 0),
    "client_started": False,
    "client_died": False,
}


class RecordListener(Listener):  # type: ignore[misc]  # pynput has no annotations
    """A pynput mouse listener that keeps the time stamps and sources of events.

    pynput hands events to its callbacks without the server's time, and RECORD delivers them in bursts of
    31, so that the time of the callback says nothing. This listener decodes RECORD's data itself. It also
    has RECORD tell, in the same order as the events, which device drives the pointer and the replies to
    `fence`.

    Parameters
    ----------
    ring : Ring
    own : python-xlib Display
        A connection for the round trips of `fence`, which follows the current source (`follow_current_source`);
        whoever calls `fence` and `end` is its only user.
    on_end : callable
        Called from the thread when it ends, for whatever reason.
    clock : callable
        Monotonic nanoseconds.
    """

    def __init__(
        self,
        ring: Ring,
        own: Any,
        on_end: Callable[[], None],
        clock: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        super().__init__()
        self.decoder = RecordDecoder(ring, self._answer)
        self.began = threading.Event()
        self._own = own
        self._clock = clock
        self._on_end = on_end
        self._asked = 0
        self._answered = 0
        self._answer_came = threading.Event()

    def fence(self, timeout_s: float) -> bool:
        """Wait until everything that the server knew at the call is in the ring.

        Raises
        ------
        Xlib.error.ConnectionClosedError
            If the server has gone.
        """
        self._asked += 1
        deadline_ns = self._clock() + int(timeout_s * 1e9)
        # Deferred: a server that hangs must not take the worker with it.
        GetInputFocus(display=self._own.display, defer=1)
        self._own.flush()
        self._drop_events()
        while self._answered < self._asked:
            left_s = (deadline_ns - self._clock()) / 1e9
            if left_s <= 0 or not self._answer_came.wait(left_s):
                return False
            self._answer_came.clear()
        return True

    def end(self, timeout_s: float) -> bool:
        """Stop, also while the mouse rests; True when the thread has ended."""
        if not self.is_alive() or not hasattr(self, "_context"):
            return not self.is_alive()  # pynput's own stop would wait for ever
        self.stop()
        # pynput's own request to end waits in a queue until the next event; this one is sent now.
        self._own.record_disable_context(self._context)
        self._own.flush()
        threading.Thread.join(self, timeout_s)
        return not self.is_alive()

    def _run(self) -> None:
        try:
            super()._run()
        except (ConnectionClosedError, OSError):
            # The server has gone, and pynput trips over that while it cleans up; `is_alive` tells it.
            self._running = False
        finally:
            self._on_end()

    def _initialize(self, display: Any) -> None:
        xtest, xi = (display.query_extension(name) for name in (xtest_name, xinput_name))
        self.decoder.xtest_major = int(xtest.major_opcode) if xtest else 0
        self.decoder.xi_motion = int(xi.first_event) + DEVICE_MOTION if xi else 0
        programs = {**_NOTHING, "device_events": self._EVENTS}
        if xtest:
            programs["ext_requests"] = (self.decoder.xtest_major,) * 2 + (_FAKE_INPUT,) * 2
        display.record_register_clients(self._context, 0, [record.AllClients], [programs])
        recorded = {
            **_NOTHING,
            "core_replies": (_GET_INPUT_FOCUS,) * 2,
            "delivered_events": (_GENERIC_EVENT,) * 2,
            "device_events": (self.decoder.device_motion,) * 2,
        }
        display.record_register_clients(self._context, 0, [client_id(self._own)], [recorded])
        display.sync()
        self._display_record: Any = RecordStream(self._display_record)

    @Listener._emitter  # type: ignore[untyped-decorator]  # logs what fails, which pynput would hide
    def _handler(self, reply: Any) -> None:
        if reply.category == record.StartOfData:
            self.decoder.clock.anchor(reply.server_time, self._clock())
            self.decoder.began_ms = reply.server_time
            self.began.set()
        elif not self.running or reply.category == record.EndOfData:
            raise self.StopException
        elif reply.category == record.FromClient:
            self.decoder.requests(reply.content, reply.server_time)
        elif reply.id_base:
            self.decoder.control(reply.content)
        else:
            self.decoder.events(reply.content)

    def _drop_events(self) -> None:
        """Nothing reads the events of this connection: RECORD brings them."""
        for _ in range(self._own.pending_events()):
            self._own.next_event()

    def _answer(self) -> None:
        self._answered += 1
        self._answer_came.set()
