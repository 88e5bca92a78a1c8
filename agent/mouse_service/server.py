"""Mouse server: one thread that waits for mice, listeners, sessions and news of devices, and never for one of them."""

from __future__ import annotations

import logging
import selectors
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from agent.files.unix_sockets import listen_for_packets
from agent.host.linux.listener_protocol import MOST_MESSAGE, Wish, decode_report, decode_wish
from agent.host.linux.mouse_protocol import DeviceAppeared, DeviceGone, ListenerRefused, SessionShown
from agent.host.listener_program import ListenerProgram
from agent.mouse_service.background_check import BackgroundCheck
from agent.mouse_service.device_set import DeviceSet, WatchedMouse
from agent.mouse_service.distributor import MovementDistributor, MovementReporter
from agent.mouse_service.folder_watch import FolderWatch
from agent.mouse_service.listeners import MOST_WAITING, Connection, Listeners
from agent.mouse_service.report_assembler import NoInputEvents

TICK_S: Final = 20.0
_UNDECIDED_TICK_S: Final = 2.0
# Between two reads of mice that move slowly: one wake-up for all that moved meanwhile.
_REST_S: Final = 0.004
_FEW_EVENTS: Final = 32
# udev and logind write in several steps.
_SETTLE_S: Final = 0.05

_log = logging.getLogger(__name__)


class MouseServer:
    """Listens on one Unix socket.

    Parameters
    ----------
    devices : DeviceSet
    watch : FolderWatch
        Of device nodes and of logind's files.
    listeners : Listeners
    check : BackgroundCheck
        Finds out which programs connect.
    distributor : MovementDistributor
    reporter : MovementReporter
    clock : callable
        Monotonic ns.
    """

    def __init__(
        self,
        devices: DeviceSet,
        watch: FolderWatch,
        listeners: Listeners,
        check: BackgroundCheck[Connection],
        distributor: MovementDistributor,
        reporter: MovementReporter,
        clock: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self._devices = devices
        self._watch = watch
        self._listeners = listeners
        self._check = check
        self._distributor = distributor
        self._reporter = reporter
        self._clock = clock
        self._selector = selectors.DefaultSelector()
        self._rest_s = 0.0

    def listen(self, path: Path) -> socket.socket:
        """Make the socket that every account may speak to, and begin to look; the folder is the service's own.

        Raises
        ------
        OSError
            If it cannot be made.
        """
        listener = listen_for_packets(path, MOST_WAITING)
        self._selector.register(listener, selectors.EVENT_READ, lambda: self._accept(listener))
        self._selector.register(self._watch, selectors.EVENT_READ, self._news)
        self._selector.register(self._check.wakeup, selectors.EVENT_READ, self._admit_checked)
        self.look()
        return listener

    def wake_by(self, bell: socket.socket) -> None:
        """Let `turn` return as soon as something arrives here."""
        self._selector.register(bell, selectors.EVENT_READ, lambda: None)

    def turn(self, timeout_s: float = TICK_S) -> None:
        """Wait for something to do, and do it. Returns after `timeout_s` at the latest."""
        if self._rest_s:
            time.sleep(self._rest_s)
            self._rest_s = 0.0
        undecided = any(each.program is None for each in self._listeners)
        ready = self._selector.select(min(timeout_s, _UNDECIDED_TICK_S) if undecided else timeout_s)
        # Who has hung up makes room for who comes.
        for key, _ in sorted(
            ready, key=lambda pair: isinstance(pair[0].fileobj, socket.socket), reverse=True
        ):
            if self._selector.get_map().get(key.fileobj) is key:
                key.data()
        for surplus in self._listeners.surplus(self._clock()):
            self._hang_up(surplus)

    def close(self) -> None:
        """Hang up on everybody, and let go of the mice."""
        for connection in self._listeners:
            self._hang_up(connection)
        self._devices.close()
        self._check.close()
        self._selector.close()
        self._watch.close()

    def _accept(self, listener: socket.socket) -> None:
        try:
            channel, _ = listener.accept()
            connection, breach = self._listeners.greet(channel, self._clock())
        except OSError as error:
            _log.warning("no connection can be accepted: %s", error)
            return
        if breach is not None:
            self._reporter.breach(connection.applicant.uid, connection.applicant.pid, breach, "")
            channel.close()
            return
        self._selector.register(channel, selectors.EVENT_READ, lambda: self._hear(connection))

    def _hear(self, connection: Connection) -> None:
        """Take one packet of a client. Whatever is wrong with it costs this connection."""
        uid = connection.applicant.uid
        try:
            raw = connection.channel.recv(MOST_MESSAGE + 1)
            if not raw:
                self._hang_up(connection)
            elif connection.wish is None:
                connection.wish = decode_wish(raw)
                self._check.ask(connection, connection.applicant.pid)
            elif self._listeners.of(uid) is connection:
                self._distributor.hear(uid, decode_report(raw))
        except (OSError, ValueError) as error:
            _log.warning("uid %d, process %d: %s", uid, connection.applicant.pid, error)
            self._hang_up(connection)

    def _admit_checked(self) -> None:
        for connection, program in self._check.answers():
            if connection.channel.fileno() >= 0:
                self._admit(connection, program)

    def _admit(self, connection: Connection, program: ListenerProgram) -> None:
        uid, pid = connection.applicant.uid, connection.applicant.pid
        before = self._listeners.of(uid)
        seats = self._distributor.seats_of(uid)
        decision = self._listeners.decide(connection, program, at_a_seat=bool(seats))
        if decision.breach is not None:
            self._reporter.breach(uid, pid, decision.breach, program.detail)
        if decision.refusal:
            connection.send(ListenerRefused(decision.refusal))
            self._hang_up(connection)
            return
        if decision.replaces and before is not None:
            self._hang_up(before)
        for mouse in self._devices:
            if mouse.seat in seats:
                connection.send(_appearance(mouse))
        connection.send(SessionShown(self._distributor.is_shown(uid)))
        if connection.wish is Wish.DEVICES:
            self._hang_up(connection)
        else:
            self._distributor.begin_listener(uid)

    def _news(self) -> None:
        time.sleep(_SETTLE_S)
        self._watch.drain()
        self.look()

    def look(self) -> None:
        """Look at devices and sessions; also now and then although nothing was told."""
        self._watch.look()
        self._distributor.look()
        for mouse in self._devices.departed():
            self._lose(mouse)
        for mouse in self._devices.appeared():
            self._selector.register(mouse.device, selectors.EVENT_READ, self._reader(mouse))
            self._distributor.tell_seat(mouse.seat, _appearance(mouse))

    def _lose(self, mouse: WatchedMouse, *, for_good: bool = False) -> None:
        self._selector.unregister(mouse.device)
        self._devices.drop(mouse, for_good=for_good)
        self._distributor.tell_seat(mouse.seat, DeviceGone(mouse.number))

    def _reader(self, mouse: WatchedMouse) -> Callable[[], Any]:
        return lambda: self._read(mouse)

    def _read(self, mouse: WatchedMouse) -> None:
        try:
            reports = mouse.assembler.feed(mouse.device.read())
        except OSError as why:
            _log.info("%s has gone: %s", mouse.device.identity.name, why)
            self._lose(mouse)
        except NoInputEvents as why:
            _log.error("%s is not watched until it is plugged in anew: %s", mouse.device.identity.name, why)
            self._lose(mouse, for_good=True)
        else:
            self._rest_s = _REST_S if len(reports.events) < _FEW_EVENTS else 0.0
            self._distributor.hand_over(mouse.seat, mouse.number, reports.events, lost=reports.lost)

    def _hang_up(self, connection: Connection) -> None:
        if connection.channel.fileno() >= 0:
            self._selector.unregister(connection.channel)
            self._listeners.forget(connection)


def _appearance(mouse: WatchedMouse) -> DeviceAppeared:
    identity = mouse.device.identity
    return DeviceAppeared(identity.number, identity.name, identity.vendor, identity.product)
