"""An X server with mice that a test plugs in and moves: Xorg with its dummy screen and inputtest devices.

Not XTEST: for the server and everybody on it these are hardware mice, each with its number, its settings and its
acceleration. The protocol is that of ``xf86-input-inputtest-protocol.h`` (xserver 21.1).
"""

from __future__ import annotations

import os
import shutil
import socket
import struct
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

XORG = Path("/usr/lib/xorg/Xorg")
_MODULES = Path("/usr/lib/xorg/modules")
LACKING = ", ".join(
    name
    for name, there in {
        "xserver-xorg-core": XORG.exists() and (_MODULES / "input/inputtest_drv.so").exists(),
        "xserver-xorg-video-dummy": (_MODULES / "drivers/dummy_drv.so").exists(),
        "xinput": shutil.which("xinput") is not None,
    }.items()
    if not there
)

_CLIENT_VERSION, _WAIT_FOR_SYNC, _MOTION, _BUTTON = 0, 1, 2, 4
_VALUATORS = 64
# length, type; then has_unaccelerated, mask, valuators, unaccelerated valuators: doubles lie at multiples of 8.
_HEAD = struct.Struct("=II")
_VALUES = struct.Struct(f"=I8s4x{_VALUATORS}d{_VALUATORS}d")

_CONFIGURATION = """
Section "ServerFlags"
  Option "AutoAddDevices" "false"
  Option "DontVTSwitch" "true"
EndSection
Section "Device"
  Identifier "card"
  Driver "dummy"
  VideoRam 65536
EndSection
Section "Monitor"
  Identifier "monitor"
  HorizSync 5-1000
  VertRefresh 5-200
EndSection
Section "Screen"
  Identifier "screen"
  Device "card"
  Monitor "monitor"
  DefaultDepth 24
  SubSection "Display"
    Depth 24
    Modes "1280x1024"
  EndSubSection
EndSection
{devices}
Section "ServerLayout"
  Identifier "layout"
  Screen "screen"
{layout}
EndSection
"""
_DEVICE = """
Section "InputDevice"
  Identifier "{name}"
  Driver "inputtest"
  Option "DeviceType" "Pointer"
  Option "SocketPath" "{socket}"
EndSection
"""


class TestMouse:
    """One mouse of such a server.

    Parameters
    ----------
    display : str
    name : str
    path : Path
        Socket of its driver.
    """

    __test__ = False

    def __init__(self, display: str, name: str, path: Path) -> None:
        self._display = display
        self.name = name
        self._path = path
        self._socket: socket.socket | None = None

    def plug(self) -> None:
        """Plug it in."""
        self._xinput("enable", self.name)
        self._connect()

    def unplug(self) -> None:
        """Pull it out."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        self._xinput("disable", self.name)

    def is_usb(self, vendor: int, product: int) -> None:
        """Give it the numbers that a driver for real hardware would."""
        self._xinput(
            *("set-prop", self.name, "--type=int", "--format=32", "Device Product ID"),
            str(vendor),
            str(product),
        )

    def move(self, dx: float, dy: float) -> None:
        """One report."""
        self._send(_MOTION, struct.pack("=I4x", 0) + _values(dx, dy))

    def button(self, number: int, down: bool) -> None:
        """Press or let go."""
        self._send(_BUTTON, struct.pack("=iiI4x", 0, number, down) + _values(0.0, 0.0, mask=0))

    def wiggle(self, reports: int, hz: float = 125.0) -> None:
        """Move to and fro."""
        for n in range(reports):
            self.move(3.0 if n // 20 % 2 == 0 else -3.0, 1.0 if n % 2 else -1.0)
            time.sleep(1.0 / hz)

    def close(self) -> None:
        """Let go of its driver."""
        if self._socket is not None:
            self._socket.close()

    def _connect(self) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(5.0)
        self._socket.connect(str(self._path))
        self._send(_CLIENT_VERSION, struct.pack("=HH", 1, 1))
        self._socket.recv(64)

    def _send(self, kind: int, body: bytes) -> None:
        assert self._socket is not None, f"{self.name} is not plugged in"
        self._socket.sendall(_HEAD.pack(_HEAD.size + len(body), kind) + body)

    def _xinput(self, *words: str) -> None:
        subprocess.run(
            ("xinput", *words), env={**os.environ, "DISPLAY": self._display}, check=True, timeout=10
        )


def _values(dx: float, dy: float, mask: int = 3) -> bytes:
    padding = [0.0] * (_VALUATORS - 2)
    return _VALUES.pack(0, bytes([mask, *[0] * 7]), dx, dy, *padding, dx, dy, *padding)


def _is_free(display: int) -> bool:
    """Whether no server has that display, another checkout's tests among them."""
    if any(Path(f"/tmp/{name}").exists() for name in (f".X{display}-lock", f".X11-unix/X{display}")):
        return False
    return f"@/tmp/.X11-unix/X{display}\n" not in Path("/proc/net/unix").read_text()


@contextmanager
def xorg(folder: Path, names: tuple[str, ...], display: int) -> Iterator[tuple[str, dict[str, TestMouse]]]:
    """The server's name and its mice, none plugged in.

    Parameters
    ----------
    folder : Path
        For its configuration, log and sockets; its name must be short.
    names : tuple of str
    display : int
        First display number that is tried.
    """
    sockets = {name: folder / f"{number}.sock" for number, name in enumerate(names)}
    text = _CONFIGURATION.format(
        devices="".join(_DEVICE.format(name=name, socket=path) for name, path in sockets.items()),
        layout="\n".join(f'  InputDevice "{name}" "SendCoreEvents"' for name in names),
    )
    (folder / "xorg.conf").write_text(text)
    reading, writing = os.pipe()
    number = next(n for n in range(display, display + 20) if _is_free(n))
    command = (
        *(
            str(XORG),
            f":{number}",
            "-config",
            str(folder / "xorg.conf"),
            "-logfile",
            str(folder / "xorg.log"),
        ),
        *("-displayfd", str(writing), "-noreset", "-nolisten", "tcp", "-novtswitch", "-sharevts"),
        *("-seat", "steadyhand-test", "-keeptty"),
    )
    with (folder / "xorg.out").open("wb") as log:
        server = subprocess.Popen(
            command, pass_fds=(writing,), stdout=log, stderr=log, stdin=subprocess.DEVNULL
        )
    os.close(writing)
    with os.fdopen(reading) as told:
        if not told.readline():
            raise RuntimeError(f"Xorg did not start: {(folder / 'xorg.out').read_text()[-500:]}")
    mice = {name: TestMouse(f":{number}", name, path) for name, path in sockets.items()}
    try:
        for mouse in mice.values():
            mouse.unplug()
        yield f":{number}", mice
    finally:
        for mouse in mice.values():
            mouse.close()
        server.terminate()
        try:
            server.wait(5)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
