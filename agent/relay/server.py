"""The relay's one thread: takes alerts from agents, gives its own sign of life, and reports who fell silent."""

from __future__ import annotations

import json
import logging
import os
import pwd
import selectors
import socket
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from agent.alerts.alert import AlertKind, Severity
from agent.alerts.api import Delivery
from agent.alerts.transports.relay_link import MOST_PACKET, peer_of
from agent.alerts.wire import alert_from_json
from agent.relay.peers import Peers, own_alert, stamped

TICK_S: Final = 30.0
HEARTBEAT_NS: Final = 60_000_000_000
MOST_CONNECTIONS: Final = 64
_WAITING: Final = 16

_log = logging.getLogger(__name__)


class Relay:
    """Listens on one Unix socket.

    Parameters
    ----------
    delivery : Delivery
        Sealed; brings alerts on. Raises OSError where the disk does not take one.
    host : str
    clock, wall : callable
        Monotonic ns; Unix ns.
    """

    def __init__(
        self, delivery: Delivery, host: str, clock: Callable[[], int], wall: Callable[[], int]
    ) -> None:
        self._delivery = delivery
        self._host = host
        self._clock = clock
        self._wall = wall
        self._peers = Peers()
        self._selector = selectors.DefaultSelector()
        self._connections: dict[socket.socket, tuple[int, int, str]] = {}
        self._beats = 0
        self._beat_due_ns = 0

    def listen(self, path: Path) -> socket.socket:
        """Make the socket that every user may speak to; the folder is the relay's own.

        Raises
        ------
        OSError
            If it cannot be made.
        """
        path.unlink(missing_ok=True)
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        listener.setblocking(False)
        listener.bind(str(path))
        os.chmod(path, 0o666)
        listener.listen(_WAITING)
        self._selector.register(listener, selectors.EVENT_READ)
        return listener

    def turn(self, listener: socket.socket, timeout_s: float = TICK_S) -> None:
        """Wait for something to do, and do it. Returns after `timeout_s` at the latest."""
        for key, _ in self._selector.select(timeout_s):
            if key.fileobj is listener:
                self._accept(listener)
            elif key.data is None:
                self._hear(key.fileobj)  # type: ignore[arg-type]  # only sockets are registered
        self._tick()

    def wake_by(self, bell: socket.socket) -> None:
        """Let `turn` return as soon as something arrives here."""
        self._selector.register(bell, selectors.EVENT_READ, data=bell)

    def close(self) -> None:
        """Hang up on everybody."""
        for connection in list(self._connections):
            self._hang_up(connection)
        self._selector.close()

    def _accept(self, listener: socket.socket) -> None:
        connection, _ = listener.accept()
        try:
            pid, uid = peer_of(connection)
        except OSError as why:
            _log.warning("%s", why)
            connection.close()
            return
        if len(self._connections) >= MOST_CONNECTIONS:
            self._hang_up(next(iter(self._connections)))
        connection.setblocking(False)
        self._connections[connection] = (pid, uid, _name_of(uid))
        self._selector.register(connection, selectors.EVENT_READ)

    def _hear(self, connection: socket.socket) -> None:
        try:
            packet = connection.recv(MOST_PACKET)
            if packet:
                connection.send(json.dumps(self._answer(packet, *self._connections[connection])).encode())
                return
        except OSError as why:
            _log.info("an agent hung up: %s", why)
        self._hang_up(connection)

    def _answer(self, packet: bytes, pid: int, uid: int, user: str) -> dict[str, Any]:
        """Take one alert; what to answer."""
        now_ns = self._clock()
        if not self._peers.may_speak(uid, now_ns):
            return {"refused": "too many alerts in a minute"}
        try:
            alert = alert_from_json(packet)
        except (ValueError, RecursionError) as error:
            return {"refused": f"not an alert: {error}"[:200], "never": True}
        try:
            self._delivery.submit(stamped(alert, user, uid, pid, self._host))
        except OSError as error:
            return {"refused": f"the relay's disk: {error}"[:200]}
        self._peers.heard(uid, user, alert.kind, now_ns)
        return {"taken": alert.record_id}

    def _tick(self) -> None:
        now_ns = self._clock()
        for uid, peer in self._peers.fallen_silent(now_ns):
            seconds = (now_ns - peer.heard_ns) / 1e9
            what = f"The agent of {peer.user} has said nothing for {seconds:.0f} s"
            self._raise(
                AlertKind.SILENT, Severity.HIGH, what, peer.user, peer_uid=uid, silent_s=round(seconds)
            )
        if now_ns >= self._beat_due_ns:
            self._beat_due_ns = now_ns + HEARTBEAT_NS
            self._beats += 1
            self._raise(
                AlertKind.HEARTBEAT,
                Severity.INFORMATIONAL,
                "The relay is alive",
                "",
                beat=self._beats,
                outbox_depth=self._delivery.depth(),
                heard_s_ago=self._peers.seconds_since(now_ns),
            )

    def _raise(self, kind: AlertKind, severity: Severity, message: str, user: str, **detail: Any) -> None:
        ids = (str(uuid.uuid4()), str(uuid.uuid4()))
        alert = own_alert(kind, severity, message, user, self._host, self._wall(), ids, by="relay", **detail)
        try:
            self._delivery.submit(alert)
        except OSError as error:
            # Delivery keeps it in memory and brings it from there.
            _log.error("the disk does not take an alert: %s", error)

    def _hang_up(self, connection: socket.socket) -> None:
        self._selector.unregister(connection)
        del self._connections[connection]
        connection.close()


def _name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid {uid}"
