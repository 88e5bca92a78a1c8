"""Idle notices of a Wayland compositor: ext-idle-notify-v1, or its forerunner org_kde_kwin_idle of older wlroots.

A client of a few messages on the wire instead of libwayland: it binds the seats and the notifier, and then only reads.
The compositor is waited for so long and no longer, and what it sends is bounded.
"""

from __future__ import annotations

import logging
import select
import socket
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from agent.host.linux.input_times import IDLE_AFTER_MS, InputTimes
from agent.host.linux.wayland_wire import (
    MOST_MESSAGE,
    Arguments,
    Message,
    WaylandGarbage,
    request,
    take_messages,
)

ANSWER_S: Final = 2.0
"""How long a compositor may take to tell what it offers."""

_RETRY_S: Final = 60.0
_MOST_SETUP_BYTES: Final = 1 << 18
_MOST_SEATS: Final = 8
_DISPLAY, _REGISTRY, _OFFERED, _NOTIFIER = 1, 2, 3, 4
_FIRST_SEAT: Final = 5  # without a gap: a compositor takes numbers of new objects in their order alone
_ERROR, _GLOBAL, _DONE, _IDLED, _RESUMED = 0, 0, 0, 0, 1
_SYNC, _GET_REGISTRY, _BIND = 0, 1, 0
_GET_TIMEOUT, _GET_NOTIFICATION, _GET_INPUT_NOTIFICATION = 0, 1, 2
_SEAT: Final = "wl_seat"
_EXT: Final = "ext_idle_notifier_v1"
_KDE: Final = "org_kde_kwin_idle"

_log = logging.getLogger(__name__)


class _NoNotices(Exception):
    """There are no notices of idleness; the message says why."""


class _NotOffered(_NoNotices):
    """The compositor offers none, and will not."""


@dataclass(slots=True)
class _Offered:
    """What a compositor offers: names of its seats, and the notifier's with its version."""

    seats: list[int] = field(default_factory=list)
    notifiers: dict[str, tuple[int, int]] = field(default_factory=dict)

    def take(self, message: Message) -> None:
        """Follow one announcement."""
        arguments = Arguments(message.body)
        name, interface, version = arguments.number(), arguments.text(), arguments.number()
        if interface == _SEAT and len(self.seats) < _MOST_SEATS:
            self.seats.append(name)
        elif interface in (_EXT, _KDE):
            self.notifiers[interface] = name, version

    def questions(self) -> bytes:
        """The requests that ask for notices of every seat; raises `_NotOffered` where there is nobody to ask."""
        interface = next((each for each in (_EXT, _KDE) if each in self.notifiers), "")
        if not interface or not self.seats:
            raise _NotOffered("the compositor tells nobody when input last came (no ext-idle-notify-v1)")
        name, offered = self.notifiers[interface]
        # From its second version on, films and meetings that keep the screen awake need not count as input.
        version = min(offered, 2) if interface == _EXT else 1
        get = _GET_INPUT_NOTIFICATION if version > 1 else _GET_NOTIFICATION
        asked = request(_REGISTRY, _BIND, name, interface, version, _NOTIFIER)
        for number, seat in enumerate(self.seats):
            seat_id, notice_id = _FIRST_SEAT + 2 * number, _FIRST_SEAT + 2 * number + 1
            asked += request(_REGISTRY, _BIND, seat, _SEAT, 1, seat_id)
            if interface == _KDE:
                asked += request(_NOTIFIER, _GET_TIMEOUT, notice_id, seat_id, IDLE_AFTER_MS)
            else:
                asked += request(_NOTIFIER, get, notice_id, IDLE_AFTER_MS, seat_id)
        return asked


class WaylandIdle:
    """Follows the notices in a thread that starts with the first question, and sleeps until one comes. Any thread.

    Parameters
    ----------
    path : Path
        The compositor's socket.
    clock : callable
        Monotonic nanoseconds.
    answer_s : float
        How long the compositor may take at the beginning.
    """

    def __init__(
        self, path: Path, clock: Callable[[], int] = time.monotonic_ns, answer_s: float = ANSWER_S
    ) -> None:
        self._path = path
        self._clock = clock
        self._answer_s = answer_s
        self._guard = threading.Lock()
        self._settled = threading.Event()
        self._thread: threading.Thread | None = None
        self._began_ns = 0
        self._seats: dict[int, InputTimes] = {}
        self._problem = ""
        self._is_final = False

    def idle_ms(self) -> int | None:
        """Milliseconds since input last came at any seat; None where it is not known, or not yet. Does not block."""
        self._begin()
        now_ns = self._clock()
        with self._guard:
            known = [idle for seat in self._seats.values() if (idle := seat.idle_ms(now_ns)) is not None]
        return min(known, default=None)

    def problem(self) -> str:
        """Why nothing is told, in a line; empty where notices come. Blocks as long as the compositor may take."""
        self._begin()
        self._settled.wait(self._answer_s + 0.5)
        return self._problem

    def _begin(self) -> None:
        with self._guard:
            if self._is_final or (self._thread is not None and self._thread.is_alive()):
                return
            now_ns = self._clock()
            if self._thread is not None and now_ns - self._began_ns < _RETRY_S * 1e9:
                return
            self._began_ns = now_ns
            self._settled.clear()
            self._thread = threading.Thread(target=self._follow, name="steadyhand-idle", daemon=True)
            self._thread.start()

    def _follow(self) -> None:
        try:
            with closing(
                socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
            ) as connection:
                self._converse(connection)
        except (_NoNotices, OSError) as why:
            _log.info("no notices of idleness: %s", why)
            self._problem = str(why) if isinstance(why, _NoNotices) else _unreachable(why)
            self._is_final = isinstance(why, _NotOffered)
        finally:
            with self._guard:
                self._seats = {}
            self._settled.set()

    def _converse(self, connection: socket.socket) -> None:
        deadline_s = time.monotonic() + self._answer_s
        connection.settimeout(self._answer_s)
        connection.connect(str(self._path))
        connection.sendall(request(_DISPLAY, _GET_REGISTRY, _REGISTRY) + request(_DISPLAY, _SYNC, _OFFERED))
        waiting = bytearray()
        offered = _await_offer(connection, waiting, deadline_s)
        connection.sendall(offered.questions())
        with self._guard:
            notices = range(_FIRST_SEAT + 1, _FIRST_SEAT + 1 + 2 * len(offered.seats), 2)
            self._seats = {notice: InputTimes(self._clock()) for notice in notices}
            self._problem = ""
        self._settled.set()
        connection.settimeout(None)
        while True:
            for message in _messages(waiting):
                self._take(message)
            waiting += _received(connection)

    def _take(self, message: Message) -> None:
        if (message.sender, message.opcode) == (_DISPLAY, _ERROR):
            raise _refused(message)
        with self._guard:
            seat = self._seats.get(message.sender)
            if seat is not None and message.opcode == _IDLED:
                seat.idled(self._clock())
            elif seat is not None and message.opcode == _RESUMED:
                seat.resumed(self._clock())


def _await_offer(connection: socket.socket, waiting: bytearray, deadline_s: float) -> _Offered:
    """What the compositor offers, when it has said that this is all."""
    offered, received = _Offered(), 0
    while True:
        for message in _messages(waiting):
            if (message.sender, message.opcode) == (_DISPLAY, _ERROR):
                raise _refused(message)
            if (message.sender, message.opcode) == (_OFFERED, _DONE):
                return offered
            if (message.sender, message.opcode) == (_REGISTRY, _GLOBAL):
                try:
                    offered.take(message)
                except WaylandGarbage as why:
                    raise _garbage(why) from why
        left_s = deadline_s - time.monotonic()
        if left_s <= 0 or not select.select([connection], [], [], left_s)[0]:
            raise _NoNotices("the compositor does not answer: it hangs, or is stopped")
        more = _received(connection)
        received += len(more)
        if received > _MOST_SETUP_BYTES:
            raise _garbage(WaylandGarbage("announcements without an end"))
        waiting += more


def _messages(waiting: bytearray) -> list[Message]:
    try:
        return list(take_messages(waiting))
    except WaylandGarbage as why:
        raise _garbage(why) from why


def _received(connection: socket.socket) -> bytes:
    more = connection.recv(MOST_MESSAGE)
    if not more:
        raise _NoNotices("the compositor has closed the connection")
    return more


def _garbage(why: WaylandGarbage) -> _NoNotices:
    return _NoNotices(f"what the compositor sends is not Wayland's protocol ({why})")


def _refused(message: Message) -> _NoNotices:
    arguments = Arguments(message.body)
    try:
        arguments.number(), arguments.number()
        return _NoNotices(
            f"the compositor refused the question when input last came ({arguments.text()[:200]!r})"
        )
    except WaylandGarbage as why:
        return _garbage(why)


def _unreachable(why: OSError) -> str:
    if isinstance(why, (TimeoutError, BlockingIOError)):  # it takes no connections: its queue is full
        return "the compositor does not answer: it hangs, or is stopped"
    return f"the compositor cannot be reached ({why.strerror or why})"
