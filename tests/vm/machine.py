"""A virtual machine: a real kernel with evdev, udev and logind, a USB mouse that is moved and unplugged, and ssh."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from tests.vm.acceleration import acceleration
from tests.vm.image import SOURCE, disk, pack

_KERNEL = (
    "root=/dev/vda rw console=ttyS0 quiet systemd.show_status=0 mitigations=off nokaslr "
    "random.trust_cpu=on clocksource=tsc tsc=reliable apparmor=1 security=apparmor"
)
_BOOT_S = 900.0
# What ssh itself ends with where the machine is too busy to greet.
_SSH_FAILED = 255


def lacking() -> str:
    """What is not here that the machine needs; empty where all is."""
    programs = ("mmdebstrap", "qemu-system-x86_64", "qemu-img", "mkfs.ext4", "ssh", "ssh-keygen")
    missing = [name for name in programs if not shutil.which(name)]
    if os.geteuid() != 0:
        missing.append("root")
    return ", ".join(missing)


def free_port() -> int:
    """A port of this computer for ssh, which nobody listens at now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Machine:
    """A machine on a throw-away copy of the disk.

    Parameters
    ----------
    folder : Path
        As `tests.vm.image.build` left it.

    Attributes
    ----------
    acceleration : tuple of str
        QEMU's words for who computes.
    boot_s : float
        How long it took to boot.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.acceleration = acceleration(folder)
        self._port = free_port()
        self._socket = folder / "qmp"
        self._socket.unlink(missing_ok=True)
        self._process = subprocess.Popen(self._command(), start_new_session=True)
        self._channel = self._open_channel()
        self.boot_s = self._wait_for_ssh()

    def run(self, command: str, *, user: str = "root", timeout_s: float = 120.0) -> str:
        """What a command in the machine prints."""
        words = ["timeout", "-s", "KILL", str(timeout_s), *self._ssh(user), command]
        for _ in range(3):
            ended = subprocess.run(words, capture_output=True, text=True, errors="replace", check=False)
            if ended.returncode != _SSH_FAILED:
                break
        return ended.stdout + ended.stderr

    def put(self, text: str, file: str) -> None:
        """Write a file in the machine, as root."""
        subprocess.run([*self._ssh("root"), f"cat > {file}"], input=text, text=True, check=True, timeout=60)

    def move(self, dx: int, dy: int) -> None:
        """One report of the mouse."""
        axes = [("x", dx), ("y", dy)]
        self.command(
            "input-send-event",
            events=[{"type": "rel", "data": {"axis": a, "value": d}} for a, d in axes if d],
        )

    def point(self, x: int, y: int) -> None:
        """One report of a tablet: a place on its surface of 32,768 by 32,768."""
        axes = [("x", x), ("y", y)]
        self.command(
            "input-send-event", events=[{"type": "abs", "data": {"axis": a, "value": v}} for a, v in axes]
        )

    def button(self, name: str, *, down: bool) -> None:
        """Press or let go a button; a turn of the wheel is both."""
        event = {"type": "btn", "data": {"down": down, "button": name}}
        self.command("input-send-event", events=[event])

    def key(self, name: str) -> None:
        """Press and let go a key of the keyboard."""
        for down in (True, False):
            event = {"type": "key", "data": {"down": down, "key": {"type": "qcode", "data": name}}}
            self.command("input-send-event", events=[event])
            time.sleep(0.05)

    def type(self, text: str) -> None:
        """Type lower-case letters, and return."""
        for name in (*text, "ret"):
            self.key(name)

    def suspend(self, seconds: float) -> float:
        """Let it sleep (ACPI S3) for so long and wake it; how long it then took to answer."""
        self.run("systemctl suspend", timeout_s=30)
        deadline = time.monotonic() + 120
        while self.command("query-status")["status"] != "suspended":
            if time.monotonic() > deadline:
                raise RuntimeError("the machine does not fall asleep")
            time.sleep(0.5)
        time.sleep(seconds)
        began = time.monotonic()
        self.command("system_wakeup")
        while "awake" not in self.run("echo awake", timeout_s=20):
            if time.monotonic() > deadline:
                raise RuntimeError("the machine does not wake up")
        return round(time.monotonic() - began, 1)

    def plug(self, name: str, driver: str = "usb-mouse") -> None:
        """Plug a USB mouse in, or a tablet."""
        self.command("device_add", driver=driver, id=name, bus="xhci.0")

    def unplug(self, name: str) -> None:
        """Pull it out."""
        self.command("device_del", id=name)

    def shot(self, file: Path) -> None:
        """What the screen shows, as a picture."""
        self.command("screendump", filename=str(file), format="png")

    def command(self, name: str, **arguments: Any) -> Any:
        """One command of QMP's."""
        self._channel.write(json.dumps({"execute": name, "arguments": arguments}) + "\n")
        self._channel.flush()
        for line in self._channel:
            answer = json.loads(line)
            if "error" in answer:
                raise RuntimeError(f"{name}: {answer['error']}")
            if "return" in answer:
                return answer["return"]
        raise RuntimeError("the machine has gone")

    def close(self) -> None:
        """Switch it off."""
        try:
            self.command("quit")
            self._process.wait(10)
        except (OSError, RuntimeError, subprocess.TimeoutExpired):
            os.killpg(self._process.pid, signal.SIGKILL)

    def _command(self) -> list[str]:
        return [
            # Without i8042 there is no mouse but those on USB.
            *("qemu-system-x86_64", "-machine", "pc,i8042=off", "-m", "2048", "-smp", "2", "-snapshot"),
            *self.acceleration,
            *("-kernel", str(self._folder / "vmlinuz"), "-initrd", str(self._folder / "initrd.img")),
            *("-append", _KERNEL),
            *("-drive", f"file={disk(self._folder)},format=qcow2,if=virtio,cache=unsafe"),
            *("-drive", f"file={pack(self._folder)},format=raw,if=virtio,readonly=on,cache=unsafe"),
            *("-netdev", f"user,id=n0,restrict=on,hostfwd=tcp:127.0.0.1:{self._port}-:22"),
            *("-device", "virtio-net-pci,netdev=n0,romfile=", "-device", "virtio-rng-pci"),
            # virtio's screen does not come back from a suspension.
            *("-display", "none", "-vga", "none", "-device", "qxl-vga,xres=1280,yres=800"),
            *("-device", "qemu-xhci,id=xhci", "-device", "usb-kbd,id=kbd0,bus=xhci.0"),
            *("-device", "usb-mouse,id=mouse0,bus=xhci.0"),
            *("-chardev", f"file,id=ser,path={self._folder / 'serial.log'}", "-serial", "chardev:ser"),
            *("-qmp", f"unix:{self._socket},server=on,wait=off", "-monitor", "none"),
        ]

    def _ssh(self, user: str) -> list[str]:
        options = (
            "StrictHostKeyChecking=no",
            "UserKnownHostsFile=/dev/null",
            "ConnectTimeout=60",
            "LogLevel=ERROR",
        )
        flags = [word for option in options for word in ("-o", option)]
        return ["ssh", "-i", str(self._folder / "key"), *flags, "-p", str(self._port), f"{user}@127.0.0.1"]

    def _open_channel(self) -> Any:
        deadline = time.monotonic() + 30
        channel = socket.socket(socket.AF_UNIX)
        while channel.connect_ex(str(self._socket)) != 0:
            if self._process.poll() is not None or time.monotonic() > deadline:
                sys.exit("vm-test: QEMU did not start")
            time.sleep(0.2)
        self._channel = channel.makefile("rw")
        self._channel.readline()
        self.command("qmp_capabilities")
        return self._channel

    def _wait_for_ssh(self) -> float:
        began = time.monotonic()
        while time.monotonic() - began < _BOOT_S:
            if f"/{SOURCE}/agent" in self.run(f"ls -d /{SOURCE}/agent", timeout_s=30):
                return round(time.monotonic() - began, 1)
            time.sleep(3)
        self.close()
        sys.exit(
            f"vm-test: the machine did not come up within {_BOOT_S:.0f} s: {self._folder / 'serial.log'}"
        )
