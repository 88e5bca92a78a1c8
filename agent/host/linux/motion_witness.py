"""Motion witness: hears the devices' raw events beside RECORD, fetches what RECORD buffers, and stands in for it."""

from __future__ import annotations

import select
import struct
import threading
import time
from collections.abc import Callable
from typing import Any, Final

from agent.host.linux.raw_motion import (
    AxisRange,
    RawEvent,
    RawMotionDecoder,
    is_later,
    is_motion,
    split_stream,
)
from agent.host.linux.record import RecordDecoder
from agent.host.linux.xdisplay import is_xtest, pointer_devices
from agent.host.ring import Ring
from agent.host.wakeup import Wakeup

_RECEIVE: Final = 65_536
# Between two reads: one wake-up for all that moved meanwhile. RECORD buffers 31 events until the server writes
# something to some client, a quarter of a second at 125 Hz: fetching them ten times a second costs less than any
# shorter rest.
_REST_S: Final = 0.1
_QUERY_POINTER: Final = struct.Struct("=BxHI")
# For which RECORD may be behind: its thread rests between reads, and a busy computer lets threads wait.
_DEAF_S: Final = 0.5
_MOST_WAITING: Final = 4_096


class MotionWitness:
    """One thread on one connection; it sleeps while the mouse rests.

    It asks for motion hints on the root window as well: after one such event the server sends no other until the
    pointer is queried. The query after a while makes the server hand out what RECORD buffers, and arms the next hint.
    So a program that puts the pointer elsewhere, of which no raw event tells, is heard in time too.

    While RECORD tells what the devices do, what is heard here is dropped. Once devices have moved for half a second
    without a word from RECORD, `on_deaf` is called, and from then on, until RECORD is heard again, the ring gets the
    events from here: nothing of what was moved meanwhile is lost.

    Parameters
    ----------
    display : python-xlib Display
        A connection of its own; it is closed by `stop`.
    ring : Ring
    record : callable
        RECORD's decoder, as it is now.
    on_deaf : callable
        Called once for each time that RECORD falls deaf. Must not block for long.
    on_devices : callable
        Called when devices came or went. Must not block for long, and not use this connection.
    now_ns : callable
        Monotonic nanoseconds.
    """

    def __init__(
        self,
        display: Any,
        ring: Ring,
        record: Callable[[], RecordDecoder],
        on_deaf: Callable[[], None],
        on_devices: Callable[[], None],
        now_ns: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self.display = display
        self._ring = ring
        self._record = record
        self._on_deaf = on_deaf
        self._on_devices = on_devices
        self._now_ns = now_ns
        self._wakeup = Wakeup()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._waiting: list[RawEvent] = []
        self._unheard_ns = 0
        self._last = (record(), 0)
        self.stands_in = False

    def start(self) -> None:
        """Ask the server for raw events, motion hints and devices that come and go, and begin to listen."""
        from Xlib import X
        from Xlib.ext import xinput

        root = self.display.screen().root
        self.display.xinput_query_version()
        mask = xinput.RawMotionMask | xinput.RawButtonPressMask | xinput.RawButtonReleaseMask
        root.xinput_select_events(
            [(xinput.AllMasterDevices, mask), (xinput.AllDevices, xinput.HierarchyChangedMask)]
        )
        root.change_attributes(event_mask=X.PointerMotionMask | X.PointerMotionHintMask)
        self.display.sync()
        self._decoder = self._made_decoder()
        self._thread = threading.Thread(target=self._run, name="steadyhand-witness", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread and close the connection."""
        self._stopping.set()
        self._wakeup.stop()
        if self._thread is not None:
            self._thread.join(0.3)
        # python-xlib would read on before it closes, and knows nothing of the queries that were sent beside it.
        self.display.display.close_internal("client")
        self._wakeup.close()

    def devices_are(self, display: Any) -> None:
        """Take the devices that another connection tells. Witness thread."""
        self._decoder.devices_are(*_device_facts(display))

    def is_alive(self) -> bool:
        """True while the thread lives."""
        return self._thread is not None and self._thread.is_alive()

    def _run(self) -> None:
        from Xlib.error import ConnectionClosedError

        incomplete = b""
        sock = self.display.display.socket
        query = _QUERY_POINTER.pack(38, 2, self.display.screen().root.id)
        try:
            while not self._stopping.is_set():
                # While movement waits to be told by RECORD as well, it looks again also without any news. Buttons
                # and fine steps of a wheel never make it stand in: they wait for whatever comes next.
                timeout_s = _REST_S if any(map(is_motion, self._waiting)) else None
                ready = select.select([sock, self._wakeup], [], [], timeout_s)[0]
                # Before what came is read: all that moved before RECORD began anew is then in what is read.
                record = self._record()
                began_ms = record.began_ms
                received = sock.recv(_RECEIVE) if sock in ready else b""
                if self._wakeup in ready or (ready and not received):
                    return
                heard = split_stream(incomplete + received)
                incomplete = heard.incomplete
                self._take(record, began_ms, heard.events)
                if heard.devices_changed:
                    self._on_devices()
                if not self._stopping.wait(_REST_S) and heard.hinted:
                    sock.sendall(query)
        except (ConnectionClosedError, OSError):
            return  # the server has gone or has closed this connection: `is_alive` says so
        finally:
            self._ring.wake()

    def _take(self, record: RecordDecoder, began_ms: int | None, events: list[RawEvent]) -> None:
        """Compare what was heard here with what RECORD told."""
        now_ns = self._now_ns()
        self._waiting = (self._waiting + events)[-_MOST_WAITING:]
        if record is not self._last[0] and began_ms is not None:
            self._hand_over(record, began_ms)
        elif record is self._last[0] and record.motions != self._last[1]:
            self._catch_up(record)
        if not self._unheard_ns and any(map(is_motion, self._waiting)):
            self._unheard_ns = now_ns
        if self._unheard_ns and now_ns - self._unheard_ns >= _DEAF_S * 1e9:
            self._stand_in()

    def _catch_up(self, record: RecordDecoder) -> None:
        """Drop what RECORD has told; what came after that still waits."""
        self._last = (record, record.motions)
        self._waiting = [e for e in self._waiting if is_later(e.time_ms, record.told_ms)]
        self._decoder.start_at(*record.place)
        self._unheard_ns, self.stands_in = 0, False

    def _hand_over(self, record: RecordDecoder, began_ms: int) -> None:
        """RECORD was begun anew and tells what comes from then on; what came before goes to the ring first.

        Where that took too long, RECORD tells already, and what came before is lost: the stream never goes back.
        """
        told_ms = self._last[0].told_ms
        if record.held is not None:
            for event in self._waiting:
                if is_later(began_ms, event.time_ms) and is_later(event.time_ms, told_ms):
                    self._decoder.take(event)
            record.release()
        self._last = (record, 0)
        self._waiting = [e for e in self._waiting if not is_later(began_ms, e.time_ms)]
        self._unheard_ns, self.stands_in = 0, False

    def _stand_in(self) -> None:
        if not self.stands_in:
            self.stands_in = True
            self._on_deaf()
        waiting, self._waiting = self._waiting, []
        for event in waiting:
            self._decoder.take(event)

    def _made_decoder(self) -> RawMotionDecoder:
        root = self.display.screen().root
        geometry, pointer = root.get_geometry(), root.query_pointer()
        decoder = RawMotionDecoder(
            self._ring,
            self._record().clock,
            (int(geometry.width), int(geometry.height)),
            *_device_facts(self.display),
            tuple(self.display.get_pointer_mapping()),
        )
        decoder.start_at(int(pointer.root_x), int(pointer.root_y))
        return decoder


def _device_facts(display: Any) -> tuple[frozenset[int], dict[int, tuple[AxisRange, AxisRange]]]:
    """Through which devices programs move the mouse, and the ranges of those that tell where they are."""
    devices = pointer_devices(display)
    ranges = {device.deviceid: _absolute_ranges(device) for device in devices}
    return (
        frozenset(device.deviceid for device in devices if is_xtest(device)),
        {device: axes for device, axes in ranges.items() if axes},
    )


def _absolute_ranges(device: Any) -> tuple[AxisRange, AxisRange] | None:
    """The ranges of x and y of a device that tells where it is; None for a mouse."""
    from Xlib.ext import xinput

    axes = {c.number: c for c in device.classes if c.type == xinput.ValuatorClass and c.number in (0, 1)}
    if len(axes) < 2 or any(axis.mode == 0 for axis in axes.values()):
        return None
    x, y = (AxisRange(float(axes[n].min), float(axes[n].max)) for n in (0, 1))
    return x, y
