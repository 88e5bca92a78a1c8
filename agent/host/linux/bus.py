"""D-Bus as this package needs it: calls, properties and signals. The only place that imports jeepney."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, Protocol

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

    def listen(self, bus: str, rules: list[dict[str, str]]) -> Listening:
        """Subscribe to signals by what they must have (``interface``, ``path`` …, ``arg0``). Raises `BusError`."""


class Listening(Protocol):
    """A subscription. One thread reads; any thread may close."""

    def signals(self) -> Iterator[Signal]:
        """Signals as they arrive; ends when closed. Raises `BusError` if the bus goes away."""

    def close(self) -> None:
        """End `signals` in whichever thread it runs."""


class JeepneyBus:
    """`Bus` on the real system and session bus."""

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        self._environ = environ

    def call(
        self, to: Service, method: str, signature: str = "", *body: Any, timeout_s: float = 0.2
    ) -> tuple[Any, ...]:
        """See `Bus.call`."""
        address = DBusAddress(to.path, bus_name=to.name, interface=to.interface)
        return self._ask(to.bus, new_method_call(address, method, signature or None, body), timeout_s)

    def get(self, of: Service, name: str) -> Any:
        """See `Bus.get`."""
        address = DBusAddress(of.path, bus_name=of.name, interface=of.interface)
        (variant,) = self._ask(of.bus, Properties(address).get(name), 0.2)
        return variant[1]

    def has(self, service: Service) -> bool:
        """See `Bus.has`."""
        try:
            (owned,) = self._ask(service.bus, message_bus.NameHasOwner(service.name), 0.2)
        except BusError:
            return False
        return bool(owned)

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
        return open_dbus_connection(bus=self._environ.get("DBUS_SYSTEM_BUS_ADDRESS", SYSTEM))


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
        except (ConnectionError, OSError, EOFError) as why:
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
