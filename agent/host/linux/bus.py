"""D-Bus as this package needs it: calls, properties and signals. The only place that imports jeepney."""

from __future__ import annotations

import os
import pwd
import socket
import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol, TypeVar

from jeepney import (
    DBusAddress,
    HeaderFields,
    MatchRule,
    MessageType,
    Properties,
    message_bus,
    new_method_call,
)
from jeepney.auth import AuthenticationError
from jeepney.io.blocking import DBusConnection, open_dbus_connection
from jeepney.wrappers import DBusErrorResponse, unwrap_msg

SYSTEM: Final = "SYSTEM"
SESSION: Final = "SESSION"
SYSTEM_SOCKET: Final = Path("/run/dbus/system_bus_socket")
"""Where the system bus is. No environment variable moves it: what it says decides who somebody is."""

T = TypeVar("T")

_SYSTEM_BUS_ACCOUNTS: Final = ("root", "messagebus", "dbus")
_CREDENTIALS: Final = struct.Struct("=iII")


class BusError(Exception):
    """The bus, or the service on it, did not answer as asked; the message says why."""


@dataclass(frozen=True, slots=True)
class Service:
    """An object of a service and one interface of it."""

    bus: str
    name: str
    path: str
    interface: str

    def at(self, path: str, interface: str) -> Service:
        """Another object of the same service."""
        return Service(self.bus, self.name, path, interface)


@dataclass(frozen=True, slots=True)
class Signal:
    """A signal that arrived."""

    path: str
    interface: str
    member: str
    body: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class BusOwner:
    """The process behind a name, as the kernel told the bus when it connected.

    Attributes
    ----------
    unique_name : str
        Names that one connection for as long as it lasts, and no other ever.
    uid, pid : int
    """

    unique_name: str
    uid: int
    pid: int


class Bus(Protocol):
    """Blocking calls, each on a connection of its own, so that any thread may call."""

    def call(
        self, to: Service, method: str, signature: str = "", *body: Any, timeout_s: float = 0.2
    ) -> tuple[Any, ...]:
        """Call a method; what it returns. Raises `BusError`."""

    def get(self, of: Service, name: str) -> Any:
        """A property. Raises `BusError`."""

    def has(self, service: Service) -> bool:
        """True where somebody owns the service's name now. False also where there is no bus."""

    def owner(self, service: Service) -> BusOwner:
        """Who answers as the service now, by the bus's own word. Raises `BusError` where nobody does."""

    def listen(self, bus: str, rules: list[dict[str, str]]) -> Listening:
        """Subscribe to signals by what they must have (``interface``, ``path`` …, ``arg0``). Raises `BusError`."""


class Listening(Protocol):
    """A subscription. One thread reads; any thread may close."""

    def signals(self) -> Iterator[Signal]:
        """Signals as they arrive; ends when closed. Raises `BusError` if the bus goes away."""

    def close(self) -> None:
        """End `signals` in whichever thread it runs."""


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

    def call(
        self, to: Service, method: str, signature: str = "", *body: Any, timeout_s: float = 0.2
    ) -> tuple[Any, ...]:
        """See `Bus.call`."""
        address = DBusAddress(to.path, bus_name=to.name, interface=to.interface)
        return self._ask(to.bus, new_method_call(address, method, signature or None, body), timeout_s)

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

    def owner(self, service: Service) -> BusOwner:
        """See `Bus.owner`."""
        unique_name = single(self._ask(service.bus, message_bus.GetNameOwner(service.name), 0.2), str)
        uid = single(self._ask(service.bus, message_bus.GetConnectionUnixUser(unique_name), 0.2), int)
        pid = single(self._ask(service.bus, message_bus.GetConnectionUnixProcessID(unique_name), 0.2), int)
        return BusOwner(unique_name, uid, pid)

    def listen(self, bus: str, rules: list[dict[str, str]]) -> Listening:
        """See `Bus.listen`."""
        with _as_bus_error(bus):
            connection = self._connect(bus)
            for rule in rules:
                match = MatchRule(type="signal", **{k: v for k, v in rule.items() if k != "arg0"})
                if "arg0" in rule:
                    match.add_arg_condition(0, rule["arg0"])
                unwrap_msg(connection.send_and_get_reply(message_bus.AddMatch(match), timeout=0.5))
        return _JeepneyListening(connection)

    def _ask(self, bus: str, message: Any, timeout_s: float) -> tuple[Any, ...]:
        with _as_bus_error(bus):
            connection = self._connect(bus)
            try:
                return tuple(unwrap_msg(connection.send_and_get_reply(message, timeout=timeout_s)))
            finally:
                connection.close()

    def _connect(self, bus: str) -> DBusConnection:
        if bus == SESSION:
            address = self._environ.get("DBUS_SESSION_BUS_ADDRESS")
            runtime_dir = self._environ.get("XDG_RUNTIME_DIR")
            if not address and not runtime_dir:
                raise BusError("there is no session bus: DBUS_SESSION_BUS_ADDRESS is not set")
            return open_dbus_connection(bus=address or f"unix:path={runtime_dir}/bus")
        connection = open_dbus_connection(bus=f"unix:path={self._system_socket}")
        if self._system_socket == SYSTEM_SOCKET:
            try:
                _require_system_account(connection.sock)
            except BusError:
                connection.close()
                raise
        return connection


class _JeepneyListening:
    """A connection that receives signals until it is shut down."""

    def __init__(self, connection: DBusConnection) -> None:
        self._connection = connection
        self._closed = False

    def signals(self) -> Iterator[Signal]:
        """See `Listening.signals`."""
        try:
            while True:
                message = self._connection.receive()
                fields = message.header.fields
                if message.header.message_type is MessageType.signal:
                    yield Signal(
                        fields.get(HeaderFields.path, ""),
                        fields.get(HeaderFields.interface, ""),
                        fields.get(HeaderFields.member, ""),
                        tuple(message.body),
                    )
        except (
            Exception
        ) as why:  # whatever a peer sent that cannot be parsed must not end the thread that reads
            if not self._closed:
                raise BusError(f"the bus went away: {why}") from why
        finally:
            self._connection.close()

    def close(self) -> None:
        """See `Listening.close`."""
        self._closed = True
        try:
            self._connection.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            return  # closed already


def single(answer: tuple[Any, ...], kind: type[T]) -> T:
    """The one value of an answer. Raises `BusError` unless there is exactly one and it is of that type."""
    if len(answer) != 1 or type(answer[0]) is not kind:
        raise BusError(f"an answer of another form than {kind.__name__}: {str(answer)[:80]}")
    return answer[0]


def _require_system_account(sock: socket.socket) -> None:
    """Raise `BusError` unless root or the account of the system bus listens at the other end."""
    credentials = sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    uid = _CREDENTIALS.unpack(credentials)[1]
    if uid not in account_uids(*_SYSTEM_BUS_ACCOUNTS):
        raise BusError(
            f"no system bus: uid {uid} listens at {SYSTEM_SOCKET}, who is neither root nor the bus"
        )


def account_uids(*names: str) -> frozenset[int]:
    """The uids of those of the accounts that this computer has; root's is 0 whatever the database says."""
    uids = {0} if "root" in names else set[int]()
    for name in names:
        try:
            uids.add(pwd.getpwnam(name).pw_uid)
        except KeyError:
            continue  # another distribution's name for it
    return frozenset(uids)


@contextmanager
def _as_bus_error(bus: str) -> Iterator[None]:
    """Turn everything that a call can raise into `BusError`."""
    try:
        yield
    except DBusErrorResponse as why:
        message = why.data[0] if why.data else ""
        raise BusError(f"{why.name}: {message}" if message else str(why.name)) from why
    except TimeoutError as why:
        raise BusError("no answer in time") from why
    except (OSError, EOFError, KeyError, ValueError, RuntimeError, AuthenticationError) as why:
        raise BusError(f"no {bus.lower()} bus: {why}") from why
