"""Jeepney bus: the real system and session bus. With `jeepney_conversation` the only place that imports jeepney."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from jeepney import (
    DBusAddress,
    MatchRule,
    Properties,
    message_bus,
    new_method_call,
)
from jeepney.bus import get_bus
from jeepney.io.blocking import DBusConnection, prep_socket
from jeepney.wrappers import unwrap_msg

from agent.files.undo import undo_on_failure
from agent.files.unix_sockets import peer_process
from agent.host.linux.bus import (
    SESSION,
    SYSTEM,
    SYSTEM_SOCKET,
    BusError,
    BusOwner,
    Conversation,
    Listening,
    Service,
    account_uids,
    single,
)
from agent.host.linux.jeepney_conversation import JeepneyConversation, as_bus_error

# A bus answers in milliseconds; one that hangs would be waited for by everybody who asks.
_CONNECT_S: Final = 1.0
_LEFT_ALONE_S: Final = 5.0
_SYSTEM_BUS_ACCOUNTS: Final = ("root", "messagebus", "dbus")


class JeepneyBus:
    """`Bus` on the real system and session bus.

    Parameters
    ----------
    environ : mapping
        Names the session bus.
    system_socket : Path
        The system bus. It is believed only if root or the bus's own account listens there; another socket than the
        computer's own is for tests and the demonstration, and is believed as it is.
    """

    def __init__(self, environ: Mapping[str, str] = os.environ, system_socket: Path = SYSTEM_SOCKET) -> None:
        self._environ = environ
        self._system_socket = system_socket
        self._silent_until_s: dict[str, float] = {}

    def call(
        self, to: Service, method: str, signature: str = "", *body: Any, timeout_s: float = 0.2
    ) -> tuple[Any, ...]:
        """See `Bus.call`."""
        address = DBusAddress(to.path, bus_name=to.name, interface=to.interface)
        return self._ask(to.bus, new_method_call(address, method, signature or None, body), timeout_s)

    def take_descriptor(self, to: Service, method: str, signature: str, *body: Any) -> int:
        """See `DescriptorSource.take_descriptor`."""
        address = DBusAddress(to.path, bus_name=to.name, interface=to.interface)
        with as_bus_error(to.bus):
            connection = self.connect(to.bus, enable_fds=True)
            try:
                message = new_method_call(address, method, signature, body)
                (received,) = unwrap_msg(connection.send_and_get_reply(message, timeout=0.5))
                return int(received.to_raw_fd())
            except (AttributeError, ValueError) as why:
                raise BusError(f"{method} returned no file descriptor") from why
            finally:
                connection.close()

    def get(self, of: Service, name: str) -> Any:
        """See `Bus.get`."""
        address = DBusAddress(of.path, bus_name=of.name, interface=of.interface)
        return single(self._ask(of.bus, Properties(address).get(name), 0.2), tuple)[1]

    def has(self, service: Service) -> bool:
        """See `Bus.has`."""
        try:
            return single(self._ask(service.bus, message_bus.NameHasOwner(service.name), 0.2), bool)
        except BusError:
            return False

    def problem(self, bus: str) -> str:
        """See `Bus.problem`."""
        try:
            self._ask(bus, message_bus.GetId(), 0.5)
        except BusError as why:
            return str(why)
        return ""

    def owner(self, service: Service) -> BusOwner:
        """See `Bus.owner`."""
        unique_name = single(self._ask(service.bus, message_bus.GetNameOwner(service.name), 0.2), str)
        uid = single(self._ask(service.bus, message_bus.GetConnectionUnixUser(unique_name), 0.2), int)
        pid = single(self._ask(service.bus, message_bus.GetConnectionUnixProcessID(unique_name), 0.2), int)
        return BusOwner(unique_name, uid, pid)

    def listen(self, bus: str, rules: list[dict[str, str]]) -> Listening:
        """See `Bus.listen`."""
        return self.converse(bus, rules)

    def converse(self, bus: str, rules: list[dict[str, str]]) -> Conversation:
        """See `Bus.converse`."""
        with as_bus_error(bus):
            connection = self.connect(bus)
            for rule in rules:
                match = MatchRule(type="signal", **{k: v for k, v in rule.items() if k != "arg0"})
                if "arg0" in rule:
                    match.add_arg_condition(0, rule["arg0"])
                unwrap_msg(connection.send_and_get_reply(message_bus.AddMatch(match), timeout=0.5))
        return JeepneyConversation(connection, bus)

    def _ask(self, bus: str, message: Any, timeout_s: float) -> tuple[Any, ...]:
        with as_bus_error(bus):
            connection = self.connect(bus)
            try:
                return tuple(unwrap_msg(connection.send_and_get_reply(message, timeout=timeout_s)))
            finally:
                connection.close()

    def connect(self, bus: str, *, enable_fds: bool = False) -> DBusConnection:
        """A connection for a service of this program's own; the caller closes it. Raises as `as_bus_error` names."""
        if bus == SESSION:
            address = self._environ.get("DBUS_SESSION_BUS_ADDRESS")
            runtime_dir = self._environ.get("XDG_RUNTIME_DIR")
            if not address and not runtime_dir:
                raise BusError("there is no session bus: DBUS_SESSION_BUS_ADDRESS is not set")
            connection = self._open(SESSION, address or f"unix:path={runtime_dir}/bus")
            return _checked(connection, _require_own_account)
        connection = self._open(SYSTEM, f"unix:path={self._system_socket}", enable_fds=enable_fds)
        if self._system_socket == SYSTEM_SOCKET:
            return _checked(connection, _require_system_account)
        return connection

    def _open(self, bus: str, address: str, *, enable_fds: bool = False) -> DBusConnection:
        """Connect within a second; a bus that was silent is left alone for a while."""
        if time.monotonic() < self._silent_until_s.get(bus, 0.0):
            raise TimeoutError
        try:
            sock = prep_socket(get_bus(address), enable_fds, timeout=_CONNECT_S)
            with _within(sock, _CONNECT_S):
                return DBusConnection(sock, enable_fds)
        except TimeoutError:
            self._silent_until_s[bus] = time.monotonic() + _LEFT_ALONE_S
            raise


@contextmanager
def _within(sock: socket.socket, seconds: float) -> Iterator[None]:
    """Cut a connection whose peer does not answer in time; raises `TimeoutError` then."""
    late = threading.Event()

    def cut() -> None:
        late.set()
        with suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    except (OSError, EOFError) as why:
        if late.is_set():
            raise TimeoutError from why
        raise
    finally:
        timer.cancel()


def _checked(connection: DBusConnection, require: Callable[[socket.socket], None]) -> DBusConnection:
    """The connection, closed where `require` raises for whoever listens at its other end."""
    with undo_on_failure(connection.close):
        require(connection.sock)
    return connection


def _require_own_account(sock: socket.socket) -> None:
    """Raise `BusError` unless a process of this account listens at the other end."""
    _, uid = peer_process(sock)
    if uid != os.geteuid():
        raise BusError(f"no session bus: uid {uid} listens at its address, and not this account")


def _require_system_account(sock: socket.socket) -> None:
    """Raise `BusError` unless root or the account of the system bus listens at the other end."""
    _, uid = peer_process(sock)
    if uid not in account_uids(*_SYSTEM_BUS_ACCOUNTS):
        raise BusError(
            f"no system bus: uid {uid} listens at {SYSTEM_SOCKET}, who is neither root nor the bus"
        )
