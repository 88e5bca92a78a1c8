"""The greeter on a real bus: another account asks it, under the system bus's policy and LightDM's own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agent.host.linux.bus import SYSTEM, Service
from agent.host.linux.jeepney_bus import JeepneyBus
from agent.host.linux.logind import LOGIND

PYTHON = "/usr/bin/python3"
MOCK = "org.freedesktop.DBus.Mock"
MANAGER = "org.freedesktop.DisplayManager"
SEAT = Service(SYSTEM, MANAGER, "/org/freedesktop/DisplayManager/Seat0", f"{MANAGER}.Seat")
NOBODY = 65534
ROOT = Path(__file__).parents[2]

# The default of /usr/share/dbus-1/system.conf (Debian 12), what the relay needs of logind's policy, and all that
# LightDM of Debian 12 allows; root may do anything, as it stages the services.
POLICY = """\
<busconfig>
  <type>system</type>
  <listen>unix:path={socket}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/>
    <deny own="*"/>
    <deny send_type="method_call"/>
    <allow send_type="signal"/>
    <allow send_requested_reply="true" send_type="method_return"/>
    <allow send_requested_reply="true" send_type="error"/>
    <allow receive_type="method_call"/>
    <allow receive_type="method_return"/>
    <allow receive_type="error"/>
    <allow receive_type="signal"/>
    <allow send_destination="org.freedesktop.DBus" send_interface="org.freedesktop.DBus"/>
    <allow send_destination="org.freedesktop.login1" send_interface="org.freedesktop.login1.Manager"/>
    <allow send_destination="org.freedesktop.login1" send_interface="org.freedesktop.DBus.Properties"/>
    {display_manager}
  </policy>
  <policy user="root">
    <allow own="*"/>
    <allow send_destination="*"/>
  </policy>
</busconfig>
"""
LIGHTDM = """
    <allow send_destination="org.freedesktop.DisplayManager" send_interface="org.freedesktop.DBus.Properties"/>
    <allow send_destination="org.freedesktop.DisplayManager" send_interface="org.freedesktop.DBus.Introspectable"/>
    <allow send_destination="org.freedesktop.DisplayManager" send_interface="org.freedesktop.DisplayManager"/>
    <allow send_destination="org.freedesktop.DisplayManager" send_interface="org.freedesktop.DisplayManager.Seat"/>
    <allow send_destination="org.freedesktop.DisplayManager" send_interface="org.freedesktop.DisplayManager.Session"/>
    <deny send_destination="org.freedesktop.DisplayManager" send_interface="org.freedesktop.DisplayManager"
          send_member="AddSeat"/>
"""
SWITCH = """
session = dbus.SystemBus().get_object("org.freedesktop.login1", "{path}")
session.UpdateProperties("org.freedesktop.login1.Session", {{"Active": False}}, dbus_interface="{mock}")
"""
RELAY = """
import os, sys
from pathlib import Path
from agent.host.linux.jeepney_bus import JeepneyBus
from agent.relay.active_sessions import ShownSession
from agent.relay.screen_locker import ScreenLocker
import jeepney.io.blocking
os.setgroups([]); os.setgid(65534); os.setuid(65534)
report = ScreenLocker(JeepneyBus({}, Path(sys.argv[1]))).show_greeter(ShownSession("2", 1000, "seat0"))
print(report.outcome.name, report.tried[-1], sep="; ")
"""

_has_mock = (
    subprocess.run([PYTHON, "-c", "import dbusmock"], capture_output=True, check=False).returncode == 0
)
pytestmark = [
    pytest.mark.timeout(60),
    pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="changes to another account"),
    pytest.mark.skipif(shutil.which("dbus-daemon") is None, reason="dbus-daemon is not installed"),
    pytest.mark.skipif(not _has_mock, reason="python3-dbusmock is not installed"),
]


class SystemBus:
    """A bus with a system's policy, and what root stages on it."""

    def __init__(self, folder: Path, display_manager: str) -> None:
        self.socket = folder / "bus"
        configuration = folder / "bus.conf"
        configuration.write_text(POLICY.format(socket=self.socket, display_manager=display_manager))
        self._environ = {**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={self.socket}"}
        self._processes = [
            subprocess.Popen(
                ["dbus-daemon", "--nofork", f"--config-file={configuration}"], stderr=subprocess.DEVNULL
            )
        ]
        self._wait(self.socket.exists)
        self.bus = JeepneyBus({}, self.socket)

    def stage(self) -> None:
        """logind with a shown session at the first seat, and a display manager that takes the screen from it."""
        self._start(LOGIND, "--template", "logind")
        (path,) = self.bus.call(
            LOGIND.at(LOGIND.path, MOCK), "AddSession", "ssusb", "2", "seat0", 1000, "ada", True, timeout_s=5
        )
        self._start(SEAT, "--system", SEAT.name, SEAT.path, SEAT.interface)
        code = SWITCH.format(path=path, mock=MOCK)
        method = (SEAT.interface, "SwitchToGreeter", "", "", code)
        self.bus.call(SEAT.at(SEAT.path, MOCK), "AddMethod", "sssss", *method, timeout_s=5)

    def ask(self) -> str:
        """What becomes of the greeter, asked from an account that is nobody here."""
        done = subprocess.run(
            [sys.executable, "-c", RELAY, str(self.socket)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=40,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def close(self) -> None:
        for process in reversed(self._processes):
            process.terminate()
            process.wait()

    def _start(self, service: Service, *words: str) -> None:
        command = [PYTHON, "-m", "dbusmock", *words]
        self._processes.append(
            subprocess.Popen(command, env=self._environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        )
        self._wait(lambda: self.bus.has(service))

    @staticmethod
    def _wait(is_there: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 20
        while not is_there():
            assert time.monotonic() < deadline
            time.sleep(0.02)


@pytest.fixture
def folder() -> Iterator[Path]:
    """One that another account reaches."""
    with tempfile.TemporaryDirectory() as made:
        os.chmod(made, 0o755)
        yield Path(made)


def test_the_relays_account_may_ask_lightdm_for_the_greeter(folder: Path) -> None:
    system = SystemBus(folder, LIGHTDM)
    try:
        system.stage()
        assert system.ask() == "GREETER; greeter: the session is no longer shown"
    finally:
        system.close()


def test_where_policy_does_not_allow_it_the_bus_says_so(folder: Path) -> None:
    system = SystemBus(folder, "")
    try:
        system.stage()
        answer = system.ask()
        assert answer.startswith("FAILED; greeter: ")
        assert "AccessDenied" in answer
    finally:
        system.close()
