"""Inside the machine, as root: input devices that a program makes (uinput), and whether the service opens them."""

from __future__ import annotations

import fcntl
import os
import struct
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

from agent.mouse_service.report_assembler import EVENT

# linux/uinput.h and linux/input-event-codes.h; not the service's own numbers.
_SET = {"event": 0x40045564, "key": 0x40045565, "rel": 0x40045566, "abs": 0x40045567, "msc": 0x40045568}
_SET_PROP, _ABS_SETUP, _DEV_SETUP = 0x4004556E, 0x401C5504, 0x405C5503
_CREATE, _DESTROY = 0x5501, 0x5502
EV_SYN, EV_KEY, EV_REL, EV_ABS, EV_MSC = 0, 1, 2, 3, 4
REL_X, REL_Y, REL_WHEEL, REL_WHEEL_HI_RES = 0, 1, 8, 11
ABS_X, ABS_Y = 0, 1
KEY_A, BTN_LEFT, BTN_TOOL_PEN, BTN_TOOL_FINGER, BTN_TOUCH, MSC_SCAN = 30, 0x110, 0x140, 0x145, 0x14A, 4
PROP_POINTER, PROP_POINTING_STICK = 0, 5
_MOST = 4096


class MadeDevice:
    """A device of the kernel's that a program moves.

    Parameters
    ----------
    name : str
    keys, moves, places, properties : iterable of int
        Codes of keys, of relative and of absolute axes; what the device says it is.
    scans : bool
        Whether it tells scan codes.
    """

    def __init__(
        self,
        name: str,
        keys: Iterable[int] = (BTN_LEFT,),
        moves: Iterable[int] = (REL_X, REL_Y),
        places: Iterable[int] = (),
        properties: Iterable[int] = (),
        *,
        scans: bool = False,
    ) -> None:
        self._name = name
        self._fd = os.open("/dev/uinput", os.O_WRONLY)
        axes = {EV_KEY: ("key", keys), EV_REL: ("rel", moves), EV_ABS: ("abs", places)}
        axes |= {EV_MSC: ("msc", (MSC_SCAN,))} if scans else {}
        for kind, (word, codes) in axes.items():
            for code in codes:
                fcntl.ioctl(self._fd, _SET["event"], kind)
                fcntl.ioctl(self._fd, _SET[word], code)
        for code in places:
            fcntl.ioctl(self._fd, _ABS_SETUP, struct.pack("HxxiiiiiI", code, 0, 0, 4095, 0, 0, 40))
        for code in properties:
            fcntl.ioctl(self._fd, _SET_PROP, code)
        fcntl.ioctl(self._fd, _DEV_SETUP, struct.pack("HHHH80sI", 3, 0x1234, 0x5678, 1, name.encode(), 0))
        fcntl.ioctl(self._fd, _CREATE)
        self.node = self._found()

    def send(self, *events: tuple[int, int, int], ends: bool = True) -> None:
        """One report: type, code and amount of each event; without its end where `ends` is false."""
        self.send_reports([events], ends=ends)

    def send_reports(self, reports: Iterable[Iterable[tuple[int, int, int]]], *, ends: bool = True) -> None:
        """Many reports in as few writes as the kernel takes."""
        end = EVENT.pack(0, 0, EV_SYN, 0, 0) if ends else b""
        packed = b"".join(b"".join(EVENT.pack(0, 0, *e) for e in report) + end for report in reports)
        for at in range(0, len(packed), _MOST * EVENT.size):
            os.write(self._fd, packed[at : at + _MOST * EVENT.size])

    def is_opened(self, within_s: float = 20.0) -> bool:
        """True once the mouse service has it open; False where it has not within that time."""
        deadline_s = time.monotonic() + within_s
        pid = _output("systemctl", "show", "-P", "MainPID", "steadyhand-mouse")
        while time.monotonic() < deadline_s:
            opened = [os.readlink(link) for link in Path(f"/proc/{pid}/fd").iterdir() if link.is_symlink()]
            if str(self.node) in opened:
                return True
            time.sleep(0.2)
        return False

    def kind(self) -> str:
        """What udev says that it is."""
        told = _output("udevadm", "info", "-q", "property", "-n", str(self.node)).split()
        return " ".join(sorted(word for word in told if word.startswith("ID_INPUT_")))

    def destroy(self) -> None:
        """Pull it out."""
        fcntl.ioctl(self._fd, _DESTROY)
        os.close(self._fd)

    def _found(self) -> Path:
        for _ in range(100):
            for folder in Path("/sys/class/input").glob("event*"):
                if (folder / "device/name").read_text().strip() == self._name:
                    return Path("/dev/input", folder.name)
            time.sleep(0.1)
        sys.exit(f"{self._name} did not appear")


def _output(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
