"""A mouse service over pipes in the place of devices and a folder in the place of logind's."""

from __future__ import annotations

import os
import socket
import struct
import time
from collections.abc import Callable
from pathlib import Path

from agent.host.linux.listener_protocol import ListenerReport, Wish, encode_report, encode_wish
from agent.host.linux.mouse_protocol import ServicePacket, decode_packet
from agent.host.listener_program import ListenerProgram, ProgramKind
from agent.mouse_service.admission import Breach
from agent.mouse_service.background_check import BackgroundCheck
from agent.mouse_service.device_set import DeviceSet
from agent.mouse_service.distributor import MovementDistributor
from agent.mouse_service.folder_watch import FolderWatch
from agent.mouse_service.listeners import Connection, Listeners
from agent.mouse_service.masked_device import DeviceIdentity, MaskedDevice
from agent.mouse_service.seats import seat_sessions
from agent.mouse_service.server import MouseServer
from agent.mouse_service.tally import Deviation

ME = os.getuid()
AGENT = ListenerProgram(ProgramKind.AGENT, "/usr/lib/steadyhand/steadyhand")
FOREIGN = ListenerProgram(ProgramKind.FOREIGN, "/usr/bin/python3.11")
# struct input_event on 64 bits: two longs of time, type, code, value.
EVENT = struct.Struct("@llHHi")
REL, KEY, SYN, MSC = 2, 1, 0, 4
MOUSE_REL = "103"
MOUSE_KEY = "70000 0 0 0 0"


def report(*events: tuple[int, int, int], at_s: float = 1.0) -> bytes:
    """One report of a device, with its end."""
    seconds, micros = int(at_s), round(at_s % 1 * 1e6)
    return b"".join(EVENT.pack(seconds, micros, *event) for event in (*events, (SYN, 0, 0)))


def moved(dx: int, dy: int = 0, at_s: float = 1.0) -> bytes:
    """A report that moves the pointer."""
    return report((REL, 0, dx), (REL, 1, dy), at_s=at_s)


class Noticed:
    """What the service reports."""

    def __init__(self) -> None:
        self.breaches: list[tuple[int, Breach, str]] = []
        self.deviations: list[Deviation] = []
        self.stamps: list[tuple[str, int]] = []

    def breach(self, uid: int, pid: int, breach: Breach, detail: str) -> None:
        self.breaches.append((uid, breach, detail))

    def deviation(self, uid: int, pid: int, deviation: Deviation) -> None:
        self.deviations.append(deviation)

    def moved(self, seat: str, now_ns: int) -> None:
        self.stamps.append((seat, now_ns))


class Client:
    """What connects to the service."""

    def __init__(self, path: Path, wish: Wish | None = Wish.MOVEMENT) -> None:
        self.channel = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.channel.settimeout(5.0)
        self.channel.connect(str(path))
        if wish is not None:
            self.channel.send(encode_wish(wish))

    def says(self, judged: int, *, locked: bool = False) -> None:
        self.channel.send(encode_report(ListenerReport(judged, locked)))

    def packets(self) -> list[ServicePacket]:
        """What has arrived."""
        self.channel.setblocking(False)
        got: list[ServicePacket] = []
        while True:
            try:
                raw = self.channel.recv(65_536)
            except BlockingIOError:
                return got
            except ConnectionResetError:
                continue  # said first, although packets wait
            if not raw:
                return got
            got.append(decode_packet(raw))

    def is_hung_up(self) -> bool:
        self.channel.setblocking(False)
        try:
            while self.channel.recv(65_536):
                continue
        except BlockingIOError:
            return False
        except ConnectionResetError:
            return True
        return True


class Bench:
    """The service and its surroundings.

    Parameters
    ----------
    root : Path
    """

    def __init__(self, root: Path) -> None:
        self.input, self.classes, self.logind = root / "input", root / "class", root / "systemd"
        self.udev = root / "udev"
        for folder in (self.input, self.classes, self.udev, self.logind / "seats", self.logind / "sessions"):
            folder.mkdir(parents=True)
        self.socket = root / "socket"
        self.noticed = Noticed()
        self.program = AGENT
        self.now_ns = 1_000_000_000_000
        self.pipes: dict[int, int] = {}
        self.refuses: set[int] = set()
        self.seats: dict[str, str | None] = {}
        self.opened: list[int] = []
        listeners = Listeners()
        check = BackgroundCheck[Connection](lambda _: self.program)
        distributor = MovementDistributor(
            listeners, lambda: seat_sessions(self.logind), self.noticed, self.noticed, lambda: self.now_ns
        )
        devices = DeviceSet(
            self.input, self.classes, self.open_device, lambda node: self.seats.get(node.name, "seat0")
        )
        watch = FolderWatch((self.input, self.udev, self.logind / "sessions", self.logind / "seats"))
        self.server = MouseServer(
            devices, watch, listeners, check, distributor, self.noticed, lambda: self.now_ns
        )

    def begin(self) -> None:
        self.listener = self.server.listen(self.socket)

    def close(self) -> None:
        self.server.close()
        self.listener.close()

    def open_device(self, node: str, number: int) -> MaskedDevice | None:
        self.opened.append(number)
        if number in self.refuses:
            raise PermissionError(13, "Permission denied")
        reading, writing = os.pipe2(os.O_NONBLOCK)
        self.pipes[number] = writing
        return MaskedDevice(DeviceIdentity(number, f"Mouse {number}", 0x046D, 0x2A), reading)

    def plug(self, number: int, rel: str = MOUSE_REL, key: str = MOUSE_KEY) -> None:
        bits = self.classes / f"event{number}" / "device/capabilities"
        bits.mkdir(parents=True, exist_ok=True)
        (bits / "rel").write_text(rel + "\n")
        (bits / "key").write_text(key + "\n")
        (self.input / f"event{number}").touch()

    def unplug(self, number: int) -> None:
        (self.input / f"event{number}").unlink()

    def describe(self, number: int) -> None:
        """As udev does it: what it knows of a device is written anew."""
        (self.udev / f"c13:{number + 64}").touch()

    def session(
        self, name: str, *, uid: int = ME, seat: str = "seat0", kind: str = "wayland", **facts: str
    ) -> None:
        facts = {"UID": str(uid), "SEAT": seat, "TYPE": kind, "CLASS": "user", "REMOTE": "0"} | facts
        self._write("sessions", name, "".join(f"{k}={v}\n" for k, v in facts.items()))

    def show(self, name: str, seat: str = "seat0") -> None:
        self._write("seats", seat, f"IS_SEAT0=1\nACTIVE={name}\n")

    def _write(self, folder: str, name: str, text: str) -> None:
        """As logind does it: a new file takes the place of the old one."""
        fresh = self.logind / folder / f".#{name}"
        fresh.write_text(text)
        fresh.replace(self.logind / folder / name)

    def move(self, number: int, raw: bytes) -> None:
        os.write(self.pipes[number], raw)
        self.turns()

    def turns(self, count: int = 6) -> None:
        for _ in range(count):
            self.server.turn(0.02)

    def listen(self, wish: Wish | None = Wish.MOVEMENT) -> Client:
        client = Client(self.socket, wish)
        self.turns(2)
        self.turns()
        return client


def eventually(bench: Bench, ready: Callable[[], bool]) -> None:
    """Turn until it is so."""
    end_s = time.monotonic() + 5.0
    while not ready():
        assert time.monotonic() < end_s
        bench.server.turn(0.02)
