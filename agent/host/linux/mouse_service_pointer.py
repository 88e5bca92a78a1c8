"""Mouse events from the mouse service, a system service that reads the kernel's devices in the place of the agent."""

from __future__ import annotations

import logging
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from agent.engine.events import Boundary, Button, Cause, EventKind
from agent.engine.sentence import sentence
from agent.files.unix_sockets import peer_process
from agent.host.api import CannotSee
from agent.host.linux.bus import account_uids
from agent.host.linux.evdev_decoder import EvdevDecoder, SeatPointer
from agent.host.linux.judged_count import JudgedCount
from agent.host.linux.listener_protocol import ListenerReport, Wish, encode_report, encode_wish
from agent.host.linux.locked_screen import LockedScreen
from agent.host.linux.mouse_protocol import (
    MOST_PACKET,
    DeviceAppeared,
    DeviceGone,
    DeviceReports,
    ListenerRefused,
    MovedWhileLocked,
    ReportsLost,
    ServicePacket,
    SessionShown,
    decode_packet,
    motion_reports,
)
from agent.host.linux.sysfs import KernelDevice, kernel_device
from agent.host.ring import Ring
from agent.language.language import mark

MOUSE_SOCKET: Final = Path("/run/steadyhand-mouse/socket")
SERVICE_ACCOUNTS: Final = ("root", "steadyhand-mouse")
NO_MOUSE: Final = mark("no mouse is plugged in, or none may be read: plug one in, or see: steadyhand doctor")
NOT_BEGUN: Final = mark("the mouse service did not begin ({why}): see: steadyhand doctor")
REFUSES: Final = mark("the mouse service refuses to serve this program: {why}")
NO_ANSWER: Final = mark(
    "the mouse service does not answer at {path} ({why}): as root: systemctl restart steadyhand-mouse.service"
)
_START_S: Final = 2.0
_STOP_S: Final = 0.8

_log = logging.getLogger(__name__)


class MouseServicePointer:
    """`PointerSource` by the mouse service. One thread waits for it, and never wakes while the mice rest.

    Parameters
    ----------
    screen : LockedScreen
        Nothing is handed on while its lock is seen.
    path : Path
        The service's socket.
    kernel : callable
        What sysfs knows about a node.
    believed : frozenset of int, optional
        User numbers of the service; anything but root's and the service's own is for tests.
    wish : Wish
        `Wish.DEVICES` to see only whether the service would answer.
    """

    def __init__(
        self,
        screen: LockedScreen,
        path: Path = MOUSE_SOCKET,
        kernel: Callable[[str], KernelDevice] = kernel_device,
        believed: frozenset[int] | None = None,
        wish: Wish = Wish.MOVEMENT,
    ) -> None:
        self._screen = screen
        self._path = path
        self._kernel = kernel
        self._believed = believed
        self._wish = wish
        self._pointer = SeatPointer()
        self._decoders: dict[int, EvdevDecoder] = {}
        self._ring = Ring()
        self._judged = JudgedCount(self._ring)
        self._channel: socket.socket | None = None
        self._thread: threading.Thread | None = None

    def start(self, ring: Ring) -> None:
        """See `PointerSource.start`."""
        self._ring, self._judged = ring, JudgedCount(ring)
        channel = self._connected()
        try:
            self._take_introduction(channel)
        except (CannotSee, OSError, ValueError) as why:
            channel.close()
            if isinstance(why, CannotSee):
                raise
            raise CannotSee(sentence(NOT_BEGUN, why=str(why))) from why
        channel.settimeout(None)
        self._channel = channel
        if self._wish is Wish.DEVICES:
            return
        self._screen.listen(self._say)
        self._say()
        self._thread = threading.Thread(
            target=self._run, args=(channel,), name="steadyhand-mouse", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """See `PointerSource.stop`."""
        if self._channel is None:
            return
        try:
            self._channel.shutdown(socket.SHUT_RDWR)
        except OSError as why:
            _log.debug("the mouse service had gone: %s", why)
        if self._thread is not None:
            self._thread.join(_STOP_S)
        self._channel.close()

    def is_alive(self) -> bool:
        """See `PointerSource.is_alive`: while the service is there, and a mouse."""
        return self._thread is not None and self._thread.is_alive() and bool(self._decoders)

    def sync(self) -> None:
        """See `PointerSource.sync`. Nobody holds anything back."""

    def _connected(self) -> socket.socket:
        channel = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            channel.settimeout(_START_S)
            channel.connect(str(self._path))
            uid = peer_process(channel)[1]
            if uid not in (account_uids(*SERVICE_ACCOUNTS) if self._believed is None else self._believed):
                raise CannotSee(
                    f"uid {uid} listens at {self._path}, who is neither root nor the mouse service"
                )
            channel.send(encode_wish(self._wish))
        except OSError as why:
            channel.close()
            raise CannotSee(sentence(NO_ANSWER, path=str(self._path), why=str(why))) from why
        except CannotSee:
            channel.close()
            raise
        return channel

    def _take_introduction(self, channel: socket.socket) -> None:
        """Take what the service says first: its mice, and whether this session is shown, which comes last."""
        deadline_s = time.monotonic() + _START_S
        while time.monotonic() < deadline_s:
            packet = decode_packet(_received(channel))
            if isinstance(packet, ListenerRefused):
                raise CannotSee(sentence(REFUSES, why=packet.why))
            if isinstance(packet, SessionShown):
                if not self._decoders:
                    raise CannotSee(NO_MOUSE)
                return
            self._take(packet)
        raise CannotSee(sentence(NOT_BEGUN, why="it says nothing"))

    def _run(self, channel: socket.socket) -> None:
        try:
            while self._decoders:
                self._take(decode_packet(channel.recv(MOST_PACKET)))
        except (OSError, ValueError) as why:
            _log.info("the mouse service has gone: %s", why)
        finally:
            self._ring.wake()

    def _take(self, packet: ServicePacket) -> None:
        match packet:
            case DeviceAppeared(number):
                made = self._kernel(f"/dev/input/event{number}").bus == "virtual"
                self._decoders[number] = EvdevDecoder(self._ring, self._pointer, number, made)
            case DeviceGone(number):
                if number in self._decoders:
                    self._decoders.pop(number).drop()
            case DeviceReports():
                self._take_reports(packet)
            case ReportsLost(number):
                self._lost(number)
            case MovedWhileLocked(number, t_ns):
                self._moved_while_locked(number, t_ns)
            case ListenerRefused(why):
                raise OSError(f"it hung up: {why}")

    def _take_reports(self, packet: DeviceReports) -> None:
        decoder = self._decoders.get(packet.number)
        if decoder is None:
            raise ValueError(f"reports of device {packet.number}, which was not announced")
        for event in packet.events:
            decoder.take(event.kind, event.code, event.amount, event.t_ns)
        if self._judged.add(motion_reports(packet.events), time.monotonic_ns()):
            self._say()

    def _lost(self, number: int) -> None:
        if number in self._decoders:
            self._decoders[number].drop()
        self._ring.put(Boundary(time.monotonic_ns(), Cause.OVERFLOW, f"events of mouse {number} were lost"))

    def _moved_while_locked(self, number: int, t_ns: int) -> None:
        """The mouse moves although the screen is locked: it may be no longer, and nobody said so."""
        self._screen.look_again()
        # An event without a movement makes the worker look at the screen as well.
        x, y = self._pointer.x, self._pointer.y
        self._ring.append(t_ns, x, y, EventKind.MOVE, Button.NONE, number, False)

    def _say(self) -> None:
        """Tell the service how much was judged, and whether the screen is locked. Any thread."""
        if self._channel is None:
            return
        report = ListenerReport(self._judged.judged, self._screen.is_locked)
        try:
            self._channel.send(encode_report(report))
        except OSError as why:
            _log.info("the mouse service does not listen: %s", why)


def _received(channel: socket.socket) -> bytes:
    """One packet; why it was refused also where the service has hung up already."""
    try:
        return channel.recv(MOST_PACKET)
    except ConnectionResetError:
        return channel.recv(MOST_PACKET)


def service_is_there(path: Path = MOUSE_SOCKET) -> bool:
    """True where a mouse service runs."""
    return path.is_socket()
