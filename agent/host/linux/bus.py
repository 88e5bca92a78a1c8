"""D-Bus as this package needs it: calls, properties, signals, and who answers. The contract and its small values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol, TypeVar

SYSTEM: Final = "SYSTEM"
SESSION: Final = "SESSION"
SYSTEM_SOCKET: Final = Path("/run/dbus/system_bus_socket")
"""Where the system bus is. No environment variable moves it: what it says decides who somebody is."""

T = TypeVar("T")


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

    def problem(self, bus: str) -> str:
        """Why a bus cannot be used, in a line; empty where it can."""

    def owner(self, service: Service) -> BusOwner:
        """Who answers as the service now, by the bus's own word. Raises `BusError` where nobody does."""

    def listen(self, bus: str, rules: list[dict[str, str]]) -> Listening:
        """Subscribe to signals by what they must have (``interface``, ``path`` …, ``arg0``). Raises `BusError`."""


class DescriptorSource(Protocol):
    """Calls that return a file descriptor. Any thread; half a second at most."""

    def take_descriptor(self, to: Service, method: str, signature: str, *body: Any) -> int:
        """Call a method that returns one file descriptor, which the caller closes. Raises `BusError`."""


class Listening(Protocol):
    """A subscription. One thread reads; any thread may close."""

    def signals(self) -> Iterator[Signal]:
        """Signals as they arrive; ends when closed. Raises `BusError` if the bus goes away."""

    def close(self) -> None:
        """End `signals` in whichever thread it runs."""


class ConversingBus(Bus, Protocol):
    """A bus on which a connection can be kept open."""

    def converse(self, bus: str, rules: list[dict[str, str]]) -> Conversation:
        """Subscribe as `listen`, on a connection that makes calls as well. Raises `BusError`."""


class Conversation(Listening, Protocol):
    """A connection that stays open, for services that know their caller by its connection."""

    def call(
        self, to: Service, method: str, signature: str = "", *body: Any, timeout_s: float = 0.2
    ) -> tuple[Any, ...]:
        """As `Bus.call`, on this connection. Any thread, while another one reads `signals`. Raises `BusError`."""


def single(answer: tuple[Any, ...], kind: type[T]) -> T:
    """The one value of an answer. Raises `BusError` unless there is exactly one and it is of that type."""
    if len(answer) != 1 or type(answer[0]) is not kind:
        raise BusError(f"an answer of another form than {kind.__name__}: {str(answer)[:80]}")
    return answer[0]


def account_uids(*names: str) -> frozenset[int]:
    """The uids of those of the accounts that this computer has; root's is 0 whatever the database says."""
    import pwd  # The relay imports this module on Windows as well, which has no such database.

    uids = {0} if "root" in names else set[int]()
    for name in names:
        try:
            uids.add(pwd.getpwnam(name).pw_uid)
        except KeyError:
            continue  # another distribution's name for it
    return frozenset(uids)
