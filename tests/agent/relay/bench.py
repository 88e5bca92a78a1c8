"""A relay on a thread, over each transport that this system has, with a clock that is set by hand."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

from agent.alerts.alert import Alert, AlertKind
from agent.alerts.api import Record, Sent
from agent.alerts.transports.relay_link import RelayChannel, RelayLink, hand_over
from agent.alerts.transports.relay_pipe import RelayPipeLink
from agent.files.pipe_endpoints import open_pipe, pipe_name
from agent.files.relay_presence import SERVICE
from agent.files.windows_acl import AUTHENTICATED, pipe_sddl, service_sid
from agent.files.windows_security import own_sid
from agent.relay.accounts import AccountId, Accounts, RelayAccount
from agent.relay.agent_register import AgentRegister
from agent.relay.intake import Intake
from agent.relay.pipe_system import RealPipeSystem
from agent.relay.pipe_transport import MOST_SPEAKING, PipeTransport
from agent.relay.register_file import RegisterFile
from agent.relay.server import Relay
from agent.relay.session_guard import AbsenceNews
from agent.relay.transport import RelayTransport
from tests.agent.alerts.fakes import STREAM, Clock
from tests.agent.relay.pipes import ADA, OWNER, MemoryPipes


class Kept:
    """A delivery that keeps what it is given, or refuses as told."""

    def __init__(self) -> None:
        self.alerts: list[Alert] = []
        self.full = False
        self.trouble: tuple[str, ...] = ()

    def submit(self, alert: Alert) -> None:
        if self.full:
            raise OSError(28, "No space left on device")
        self.alerts.append(alert)

    def depth(self) -> int:
        return 3

    def problems(self) -> tuple[str, ...]:
        return self.trouble

    def settle(self) -> bool:
        return True

    def close(self, flush_s: float) -> None:
        pass


class Road(Protocol):
    """One way of speaking to a relay: both of its ends.

    Attributes
    ----------
    account : AccountId
        Whom the relay sees.
    pid : int
    most : int or None
        How many connections the relay may hold.
    """

    account: AccountId
    pid: int
    most: int | None

    def offer(self) -> RelayTransport:
        """The relay's end."""

    def send(self, records: list[Record]) -> Sent:
        """The agent's end."""

    def speak(self, packet: bytes) -> bytes:
        """Any program's end: one packet, and the answer."""


class UnixRoad:
    """The Unix socket."""

    most = None

    def __init__(self, folder: Path) -> None:
        self.path = folder / "relay"
        self.account, self.pid = os.geteuid(), os.getpid()

    def offer(self) -> RelayTransport:
        from agent.relay.unix_transport import UnixTransport

        return UnixTransport(self.path)

    def send(self, records: list[Record]) -> Sent:
        return RelayLink(self.path, self.account + 1).send(records)

    def speak(self, packet: bytes) -> bytes:
        import socket

        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as connection:
            connection.settimeout(2)
            connection.connect(str(self.path))
            connection.send(packet)
            return connection.recv(4096)


class MemoryRoad:
    """The pipe's transport over pipes that exist in memory alone."""

    most = MOST_SPEAKING

    def __init__(self, _folder: Path) -> None:
        self.account, self.pid = ADA, 7
        self.pipes = MemoryPipes()

    def offer(self) -> RelayTransport:
        return PipeTransport(self.pipes, OWNER)

    def send(self, records: list[Record]) -> Sent:
        return hand_over(records, self._open, "memory")

    def speak(self, packet: bytes) -> bytes:
        with self._open() as channel:
            return channel.exchange(packet)

    @contextlib.contextmanager
    def _open(self) -> Iterator[RelayChannel]:
        pipe = self.pipes.connect()
        yield pipe
        pipe.leave()


class PipeRoad:
    """The real named pipe of Windows."""

    most = MOST_SPEAKING

    def __init__(self, _folder: Path) -> None:
        self.account, self.pid = own_sid(), os.getpid()
        self.name = pipe_name(f"steadyhand-test-{uuid.uuid4().hex}")

    def offer(self) -> RelayTransport:
        owner = service_sid(SERVICE)
        return PipeTransport(RealPipeSystem(self.name, pipe_sddl(owner, AUTHENTICATED)), owner)

    def send(self, records: list[Record]) -> Sent:
        return RelayPipeLink(self.name).send(records)

    def speak(self, packet: bytes) -> bytes:
        end = open_pipe(self.name, 5.0)
        try:
            end.write(packet)
            return end.read(5.0).content
        finally:
            end.close()


ROADS: dict[str, type[UnixRoad] | type[MemoryRoad] | type[PipeRoad]] = {
    "memory": MemoryRoad,
    **({"pipe": PipeRoad} if sys.platform == "win32" else {"socket": UnixRoad}),
}


class Bench:
    """A relay on a thread, with a clock that is set by hand."""

    def __init__(self, folder: Path, road: Road) -> None:
        self.kept, self.clock, self.road = Kept(), Clock(), road
        self.agents = AgentRegister()
        register_file = RegisterFile(folder / "agents.json", "boot-1")
        accounts = Accounts(lambda uid: RelayAccount(uid, "mira"))
        self.intake = Intake(
            self.kept, register_file, "desk-7", self.clock, lambda: 9, self, accounts=accounts
        )  # type: ignore[arg-type]
        self.intake.begin()
        self.relay = Relay(self.intake, road.offer(), road.most)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def look(self, agents: AgentRegister, _now_ns: int) -> list[AbsenceNews]:
        """In the guard's place: sees the register, and has no news."""
        self.agents = agents
        return []

    def _run(self) -> None:
        while not self._ended.is_set():
            self.relay.turn(0.01)
        self.relay.close()

    def end(self) -> None:
        self._ended.set()
        self._thread.join()

    def send(self, *alerts: Alert) -> Sent:
        return self.road.send([Record(STREAM, n, alert) for n, alert in enumerate(alerts, 1)])

    def told(self, kind: AlertKind) -> list[Alert]:
        for _ in range(200):
            if found := [alert for alert in self.kept.alerts if alert.kind is kind]:
                return found
            time.sleep(0.01)
        return []

    def speak(self, packet: bytes) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self.road.speak(packet))
        return told

    @property
    def identity(self) -> dict[str, AccountId]:
        """How an alert names whoever spoke."""
        return {"peer_uid" if isinstance(self.road.account, int) else "peer_sid": self.road.account}
