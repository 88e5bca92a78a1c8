"""pynput's X11 mouse listener, with the server's time stamps, over a lean connection. Importing it needs DISPLAY."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Any, Final

from pynput.mouse import Listener
from Xlib import X
from Xlib.error import ConnectionClosedError
from Xlib.ext import record
from Xlib.ext.xinput import extname as xinput_name
from Xlib.ext.xtest import extname as xtest_name
from Xlib.protocol.request import GetInputFocus

from agent.host.linux.record import RecordDecoder
from agent.host.linux.record_stream import RecordReply, RecordStream
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

_log = logging.getLogger(__name__)


class RecordListener(Listener):  # type: ignore[misc]  # pynput has no annotations
    """A pynput mouse listener that keeps the time stamps and sources of events.

    pynput hands events to its callbacks without the server's time, and RECORD delivers them in bursts of
    31, so that the time of the callback says nothing. This listener decodes RECORD's data itself, and records
    over one connection that is handed to it, where pynput would open two of half a megabyte more each. RECORD also
    tells, in the same order as the events, which device drives the pointer and the replies to `fence`.

    Parameters
    ----------
    ring : Ring
    display : python-xlib Display
        A connection of its own, which is closed when the thread ends.
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
        display: Any,
        own: Any,
        on_end: Callable[[], None],
        clock: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        super().__init__()
        self.decoder = RecordDecoder(ring, self._answer)
        self.began = threading.Event()
        self._display = display
        self._own = own
        self._clock = clock
        self._on_end = on_end
        self._ending = False
        self._context: int | None = None
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
        self._ending = True
        if self.is_alive() and self._context is not None:
            # pynput's own stop waits in a queue until the next event; this is sent now.
            self._own.record_disable_context(self._context)
            self._own.flush()
            threading.Thread.join(self, timeout_s)
        return not self.is_alive()

    def _run(self) -> None:
        """pynput's hook: read until `end`, or until the server or another client ends it."""
        stream = RecordStream(self._display)
        try:
            stream.record_enable_context(self._made_context(), self._take)
        except self.StopException:
            pass
        except (ConnectionClosedError, OSError) as why:
            _log.info("RECORD has ended: %s", why)
        except Exception:  # noqa: BLE001  a thread must not end without a word
            # The thread ends, `is_alive` tells it, and whoever looks after capture begins anew.
            _log.exception("what RECORD sent cannot be read")
        finally:
            self._running = False
            stream.close()
            self._on_end()

    def _made_context(self) -> int:
        """Say what is to be recorded of whom; returns the context's number."""
        display = self._display
        xtest, xi = (display.query_extension(name) for name in (xtest_name, xinput_name))
        self.decoder.xtest_major = int(xtest.major_opcode) if xtest else 0
        self.decoder.xi_motion = int(xi.first_event) + DEVICE_MOTION if xi else 0
        everybody = {**_NOTHING, "device_events": (X.ButtonPress, X.MotionNotify)}
        if xtest:
            everybody["ext_requests"] = (self.decoder.xtest_major,) * 2 + (_FAKE_INPUT,) * 2
        ours = {
            **_NOTHING,
            "core_replies": (_GET_INPUT_FOCUS,) * 2,
            "delivered_events": (_GENERIC_EVENT,) * 2,
            "device_events": (self.decoder.device_motion,) * 2,
        }
        context = int(display.record_create_context(0, [record.AllClients], [everybody]))
        display.record_register_clients(context, 0, [client_id(self._own)], [ours])
        display.sync()
        self._context = context
        return context

    def _take(self, reply: RecordReply) -> None:
        if reply.category == record.StartOfData:
            self.decoder.clock.anchor(reply.server_time, self._clock())
            self.decoder.began_ms = reply.server_time
            self.began.set()
        elif self._ending or reply.category == record.EndOfData:
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
