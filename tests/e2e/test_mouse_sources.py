"""Where a mouse's values come from, on the real thing: udev through umockdev, ratbagd's stand-in on a real bus."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.engine.mouse import Source
from agent.files.devices import Declared, DeclaredDevice
from agent.files.paths import Paths
from agent.host.linux.bus import Service
from agent.host.linux.jeepney_bus import JeepneyBus
from agent.host.linux.mice import X11Mice
from agent.host.linux.ratbag import RATBAG
from tests.e2e.desktop import wait_until
from tests.e2e.inputtest import LACKING, xorg
from tests.e2e.test_buses import BUS, MOCK, PYTHON

_NO_UMOCKDEV = shutil.which("umockdev-run") is None or shutil.which("udevadm") is None
NO_MOCK = subprocess.run([PYTHON, "-c", "import dbusmock"], capture_output=True, check=False).returncode != 0

# A wired mouse as umockdev-record writes it: the USB device, its interface, the input device, the event node.
TREE = """\
P: /devices/pci0000:00/0000:00:14.0/usb1/1-2
E: SUBSYSTEM=usb
E: DEVTYPE=usb_device

P: /devices/pci0000:00/0000:00:14.0/usb1/1-2/input/input7
E: SUBSYSTEM=input
A: id/bustype=0003
A: id/vendor=046d
A: id/product=c077
A: id/version=0111
A: name=Logitech USB Optical Mouse
A: phys=usb-0000:00:14.0-2/input0
A: uniq=

P: /devices/pci0000:00/0000:00:14.0/usb1/1-2/input/input7/event5
N: input/event5
E: SUBSYSTEM=input
E: DEVNAME=/dev/input/event5
E: ID_INPUT=1
E: ID_INPUT_MOUSE=1
E: ID_BUS=usb
E: ID_SERIAL_SHORT=S1
E: MOUSE_DPI=800@125 *1000@125
A: dev=13:69
L: device=../../input7
"""
READ = """\
import json
from dataclasses import asdict
from agent.host.linux.sysfs import kernel_device
from agent.host.linux.udev import udev_device, udev_properties
node = "/dev/input/event5"
print(json.dumps([asdict(kernel_device(node)), asdict(udev_device(udev_properties(node)))]))
"""


@pytest.mark.skipif(_NO_UMOCKDEV, reason="umockdev or udevadm is not installed")
def test_a_udev_tree_is_read_as_the_system_shows_it(tmp_path: Path) -> None:
    (tmp_path / "mouse.umockdev").write_text(TREE)
    done = subprocess.run(
        ("umockdev-run", "-d", str(tmp_path / "mouse.umockdev"), "--", sys.executable, "-c", READ),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    assert done.returncode == 0, done.stderr
    kernel, udev = json.loads(done.stdout)
    assert (kernel["bus"], kernel["vendor"], kernel["product"], kernel["version"]) == (
        "usb",
        "046d",
        "c077",
        "0111",
    )
    assert kernel["name"] == "Logitech USB Optical Mouse"
    assert udev == {"kind": "mouse", "bus": "usb", "serial": "S1", "cpi": 1000, "report_rate_hz": 125}


DECLARED = """\
import json, os
from pathlib import Path
from agent.files.devices import declared_devices
from agent.files.paths import Paths
from agent.host.linux.describe import Surroundings, describe
from agent.host.linux.sysfs import kernel_device
from agent.host.linux.udev import udev_device, udev_properties
from agent.host.linux.xmice import XMouse
node = "/dev/input/event5"
mouse = XMouse(7, "Logitech USB Optical Mouse", node=node, vendor="046d", product="c077")
device = kernel_device(node), udev_device(udev_properties(node))
found = declared_devices(Paths.under(Path("ROOT")), required_uid=os.getuid())
told = [describe(mouse, *device, None, Surroundings("pynput-x11", declared=d)) for d in (type(found)(), found)]
print(json.dumps([[m.cpi, m.cpi_source.value, list(m.doubts)] for m in told] + [list(found.problems)]))
"""


@pytest.mark.skipif(_NO_UMOCKDEV, reason="umockdev or udevadm is not installed")
def test_the_administrators_cpi_beats_that_of_the_hardware_database(tmp_path: Path) -> None:
    (tmp_path / "mouse.umockdev").write_text(TREE)
    devices = Paths.under(tmp_path / "root").devices_dir
    devices.mkdir(parents=True)
    entry = {"vendor": "046d", "product": "c077", "cpi": 1600}
    (devices / "office.json").write_text(json.dumps({"devices": [entry]}))
    code = DECLARED.replace("ROOT", str(tmp_path / "root"))
    done = subprocess.run(
        ("umockdev-run", "-d", str(tmp_path / "mouse.umockdev"), "--", sys.executable, "-c", code),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    assert done.returncode == 0, done.stderr
    without, declared, problems = json.loads(done.stdout)
    assert problems == []
    assert without == [1000, "hwdb", []]
    assert declared == [1600, "administrator", []], "that the table says otherwise is no doubt"


class Ratbagd:
    """A stand-in for ratbagd: one mouse with one profile and one resolution, its objects on a real bus."""

    def __init__(self, bus: JeepneyBus, environ: dict[str, str]) -> None:
        self._bus = bus
        command = [PYTHON, "-m", "dbusmock", "--system", RATBAG.name, RATBAG.path, RATBAG.interface]
        self.process = subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL)
        wait_until(lambda: bus.has(RATBAG), "the stand-in")
        self._object("device/hidraw0", "Device", {"Model": ("s", "usb:046d:c077:0")}, Profiles="profile/0")
        told = {"IsActive": ("b", True), "ReportRate": ("u", 500)}
        self._object("profile/0", "Profile", told, Resolutions="resolution/0")
        self._object("resolution/0", "Resolution", {"IsActive": ("b", True), "Resolution": ("v", ("u", 800))})
        devices = ("ao", [f"{RATBAG.path}/device/hidraw0"])
        control = RATBAG.at(RATBAG.path, MOCK)
        bus.call(control, "AddProperty", "ssv", RATBAG.interface, "Devices", devices, timeout_s=5)

    def cpi(self, value: int) -> None:
        """Somebody presses the button of the mouse."""
        told = {"Resolution": ("v", ("u", value))}
        self._update(f"{RATBAG.path}/resolution/0", "org.freedesktop.ratbag1.Resolution", told)

    def _object(self, name: str, kind: str, told: dict[str, object], **lists: str) -> None:
        paths = {key: ("ao", [f"{RATBAG.path}/{path}"]) for key, path in lists.items()}
        body = (f"{RATBAG.path}/{name}", f"org.freedesktop.ratbag1.{kind}", {**told, **paths}, [])
        control = RATBAG.at(RATBAG.path, MOCK)
        self._bus.call(control, "AddObject", "ssa{sv}a(ssss)", *body, timeout_s=5)

    def _update(self, path: str, interface: str, told: dict[str, object]) -> None:
        at = Service(RATBAG.bus, RATBAG.name, path, MOCK)
        self._bus.call(at, "UpdateProperties", "sa{sv}", interface, told, timeout_s=5)


@pytest.fixture
def bus(tmp_path: Path) -> Iterator[tuple[JeepneyBus, dict[str, str]]]:
    address = f"unix:path={tmp_path}/bus"
    (tmp_path / "bus.conf").write_text(BUS.format(address=address))
    daemon = subprocess.Popen(
        ["dbus-daemon", "--nofork", f"--config-file={tmp_path}/bus.conf"], stderr=subprocess.DEVNULL
    )
    wait_until((tmp_path / "bus").exists, "dbus-daemon")
    # dbusmock, not the agent, reads the second.
    environ = {**os.environ, "DBUS_SESSION_BUS_ADDRESS": address, "DBUS_SYSTEM_BUS_ADDRESS": address}
    yield JeepneyBus(environ, tmp_path / "bus"), environ
    daemon.terminate()
    daemon.wait()


@pytest.mark.display
@pytest.mark.timeout(90)
@pytest.mark.skipif(bool(LACKING), reason=f"not installed: {LACKING}")
@pytest.mark.skipif(NO_MOCK, reason="python3-dbusmock is not installed")
def test_a_cpi_button_is_noticed_through_ratbagd_and_its_end_falls_back(
    bus: tuple[JeepneyBus, dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    daemon, told = Ratbagd(*bus), list[str]()
    declared = Declared((DeclaredDevice("046d", "c077", 1200),))
    with (
        tempfile.TemporaryDirectory(prefix="sh") as folder,
        xorg(Path(folder), ("Desk Mouse",), 350) as (display, devices),
    ):
        devices["Desk Mouse"].plug()
        devices["Desk Mouse"].is_usb(0x046D, 0xC077)
        mice = X11Mice({"DISPLAY": display, "HOME": folder}, bus[0], lambda: declared)
        mice.watch(told.append)
        before = mice.current()
        assert (before.cpi, before.cpi_source) == (800, Source.VENDOR)
        assert (before.report_rate_hz, before.source_of("report_rate_hz")) == (500, Source.VENDOR)
        assert any("1200 by the administrator" in doubt for doubt in before.doubts)

        began_s = time.monotonic()
        daemon.cpi(1600)
        wait_until(lambda: told, "the change")
        assert time.monotonic() - began_s < 2.0
        assert told == ["Desk Mouse: cpi: 1600, before 800"]
        assert mice.current().key != before.key

        daemon.process.send_signal(signal.SIGSTOP)
        began_s = time.monotonic()
        mice.look()
        wait_until(lambda: mice.current().cpi_source is Source.ADMINISTRATOR, "nobody waits for a daemon")
        assert time.monotonic() - began_s < 2.0
        daemon.process.send_signal(signal.SIGCONT)
        mice.look()
        wait_until(lambda: mice.current().cpi_source is Source.VENDOR, "it is believed when it answers again")

        daemon.process.terminate()
        daemon.process.wait()
        wait_until(lambda: mice.current().cpi_source is Source.ADMINISTRATOR, "the administrator's word")
        assert mice.current().cpi == 1200
        mice.close()
