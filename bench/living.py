"""The real agent as a process of its own, on a private display."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from agent.demo.stage import VirtualStage
from agent.engine.errors import SteadyhandError
from agent.engine.mouse import MouseConfiguration
from agent.files.paths import Paths
from bench.gauge import Gauge
from bench.people import OWNER

FIRST_DISPLAY: Final = 150
_DEBIAN: Final = Path("/usr/lib/python3/dist-packages/gi")
_READY_WITHIN_S: Final = 20.0

# Python 3.11 does not tell the system what its threads are called: a short-lived one does it here, once.
_RUN: Final = """
import sys
import threading
from pathlib import Path
def name_threads():
    for thread in threading.enumerate():
        Path("/proc/self/task", str(thread.native_id), "comm").write_text(thread.name.removeprefix("steadyhand-")[:15])
threading.Timer(2.0, name_threads).start()
root, tray, gtk, user = sys.argv[1:]
if gtk == "no":
    sys.modules["gi"] = None  # as where PyGObject is not installed
from agent.files.paths import Paths
from agent.ui.main import run_agent
code = run_agent(Paths.under(Path(root)), tray=tray == "yes", user=user)
Path(root, "modules").write_text("\\n".join(sys.modules))
sys.exit(code)
"""
_MOUSE: Final = """
import json, os
from agent.host.select import services
print(json.dumps(services((), os.environ).mice.current().to_json()))
"""
_SETTINGS: Final = "[capture]\ntrust_synthetic = true\n"


@dataclass(frozen=True, slots=True)
class Kind:
    """Which tray the agent shows.

    Attributes
    ----------
    name : str
    tray, gtk : bool
        Whether there is a tray, and whether it may use GTK.
    settings : str
        Further lines of its settings.
    """

    name: str
    tray: bool
    gtk: bool
    settings: str = ""


XORG: Final = Kind("xorg", tray=True, gtk=False)
GTK: Final = Kind("appindicator", tray=True, gtk=True)
BARE: Final = Kind("no tray", tray=False, gtk=False)


@dataclass(frozen=True, slots=True)
class Agent:
    """A running agent.

    Attributes
    ----------
    paths : Paths
    process : subprocess.Popen
    gauge : Gauge
    ready_s : float
        From the start of the process until its status file said that it protects.
    ready_cpu_s : float
        CPU time until then.
    """

    paths: Paths
    process: subprocess.Popen[bytes]
    gauge: Gauge
    ready_s: float
    ready_cpu_s: float

    def status(self) -> dict[str, Any]:
        """What it says about itself now."""
        status: dict[str, Any] = json.loads(self.paths.status_file.read_bytes())
        return status

    def end(self) -> frozenset[str]:
        """Ask it to end; returns the names of the modules that it had loaded."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(10)
        return frozenset((self.paths.state_dir.parent / "modules").read_text().split("\n"))


def mouse_of(stage: VirtualStage) -> MouseConfiguration:
    """The mouse as the agent will see it there."""
    process = subprocess.run(
        [sys.executable, "-c", _MOUSE],
        env=dict(stage.environment),
        capture_output=True,
        check=True,
        timeout=20,
    )
    return MouseConfiguration.from_json(json.loads(process.stdout))


def has_gtk() -> bool:
    """True where this Python can use PyGObject, its own or Debian's."""
    suffix = f"_gi.cpython-{sys.version_info.major}{sys.version_info.minor}-*.so"
    return importlib.util.find_spec("gi") is not None or any(_DEBIAN.glob(suffix))


@contextlib.contextmanager
def running(stage: VirtualStage, root: Path, kind: Kind) -> Iterator[Agent]:
    """Start an agent whose folders are below `root`, and wait until it protects.

    Raises
    ------
    SteadyhandError
        If it ends, or does not protect within 20 s.
    """
    paths = Paths.under(root)
    paths.config_dir.mkdir(parents=True, exist_ok=True)
    paths.settings_file.write_text(_SETTINGS + kind.settings)
    paths.status_file.unlink(missing_ok=True)
    words = [str(root), "yes" if kind.tray else "no", "yes" if kind.gtk else "no", OWNER]
    with (root / "agent.log").open("wb") as log:
        began_s = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, "-c", _RUN, *words], env=_environment(stage, root, kind), stderr=log
        )
    try:
        _wait(lambda: _protects(paths), process, root)
        ready_s, gauge = time.monotonic() - began_s, Gauge(process.pid)
        yield Agent(paths, process, gauge, ready_s, gauge.cpu_s())
    finally:
        process.kill()
        process.wait()


def _environment(stage: VirtualStage, root: Path, kind: Kind) -> dict[str, str]:
    environment = dict(stage.environment)
    if kind.gtk and importlib.util.find_spec("gi") is None:
        # Debian's PyGObject and nothing else of Debian's Python.
        site = root / "site"
        site.mkdir(exist_ok=True)
        with contextlib.suppress(FileExistsError):
            (site / "gi").symlink_to(_DEBIAN)
        environment["PYTHONPATH"] += f":{site}"
    return environment


def _protects(paths: Paths) -> bool:
    try:
        return bool(json.loads(paths.status_file.read_bytes())["state"] == "protecting")
    except FileNotFoundError:
        return False


def _wait(ready: Callable[[], bool], process: subprocess.Popen[bytes], root: Path) -> None:
    deadline_s = time.monotonic() + _READY_WITHIN_S
    while not ready():
        if process.poll() is not None or time.monotonic() > deadline_s:
            log_end = (root / "agent.log").read_text(errors="replace").strip()[-300:]
            raise SteadyhandError(
                f"the agent does not protect ({log_end or 'it said nothing'})", "mend that first"
            )
        time.sleep(0.003)
