"""A virtual desktop of its own: X server, window manager, panel with a tray, notifications, session bus.

Nothing outside is touched: the home folder, the configuration, both D-Bus addresses and the X cookie are the
stage's own, so that a locker or a notification cannot reach the desktop in front of the reader, and what is
started cannot read or write its user's settings.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import socket
import struct
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from Xlib import X
from Xlib.display import Display

import agent
from agent.demo.desktop import layout
from agent.demo.processes import Processes, punctual, require
from agent.engine.errors import SteadyhandError
from agent.frozen import module_command
from agent.host.api import CannotSee
from agent.host.linux.xdisplay import open_display

PROGRAMS: Final = ("Xvfb", "dbus-daemon", "openbox", "tint2", "dunst")
SETTINGS: Final = Path(__file__).parent / "stage_settings"
FIRST_DISPLAY: Final = 90
TRIED_DISPLAYS: Final = 40
BACKGROUND: Final = 0x2F4858


@dataclass(frozen=True, slots=True)
class VirtualStage:
    """A running stage.

    Attributes
    ----------
    display : str
        Its X display, ``:N``.
    width, height : int
        Of its one monitor, px.
    folder : Path
        Private folder (0700) with the children's logs; removed at the end.
    environment : mapping of str to str
        The whole environment for programs that shall run on it.
    processes : Processes
        Starts programs that end with the stage.
    """

    display: str
    width: int
    height: int
    folder: Path
    environment: Mapping[str, str]
    processes: Processes

    def connect(self) -> Display:
        """A connection to the stage's X server; the caller closes it."""
        return connect(self.environment)


@contextlib.contextmanager
def stage(
    width: int = 1280, height: int = 800, *, first_display: int = FIRST_DISPLAY, furnished: bool = True
) -> Iterator[VirtualStage]:
    """Set up a stage, and take it down again in any case.

    Parameters
    ----------
    width, height : int
        Size of its monitor, px.
    first_display : int
        The lowest display number to try.
    furnished : bool
        With windows to work in (`agent.demo.desktop`).

    Raises
    ------
    SteadyhandError
        If a program is not installed or does not start.
    """
    require(PROGRAMS)
    folder = Path(tempfile.mkdtemp(prefix="steadyhand-stage-"))
    try:
        environment = _environment(folder)
        with Processes(folder, environment) as xserver:
            display = _start_x(xserver, folder, environment, width, height, first_display)
            environment["DISPLAY"] = display
            with Processes(folder, environment) as processes:
                _furnish(processes, environment, folder, (width, height) if furnished else None)
                yield VirtualStage(display, width, height, folder, environment, processes)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def connect(environment: Mapping[str, str]) -> Display:
    """Connect to the display of an environment, whatever this process's own one is."""
    return open_display(environment)


def _environment(folder: Path) -> dict[str, str]:
    """What programs on the stage see."""
    made = {name: folder / name for name in ("home", "config", "cache", "data", "run")}
    for place in made.values():
        place.mkdir(mode=0o700)
    environment = {
        name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "TERM") if name in os.environ
    }
    return environment | {
        "HOME": str(made["home"]),
        "XDG_CONFIG_HOME": str(made["config"]),
        "XDG_CACHE_HOME": str(made["cache"]),
        "XDG_DATA_HOME": str(made["data"]),
        "XDG_STATE_HOME": str(made["data"]),
        "XDG_RUNTIME_DIR": str(made["run"]),
        "XDG_SESSION_TYPE": "x11",
        "XAUTHORITY": str(folder / "cookie"),
        "DBUS_SESSION_BUS_ADDRESS": f"unix:path={folder / 'run' / 'bus'}",
        "NO_AT_BRIDGE": "1",
        "PYTHONPATH": str(Path(agent.__file__).parent.parent),
    }


def _start_x(
    processes: Processes, folder: Path, environment: dict[str, str], width: int, height: int, first: int
) -> str:
    """Start Xvfb on the first display number that is free; two stages may look at the same time."""
    for number in range(first, first + TRIED_DISPLAYS):
        if Path(f"/tmp/.X{number}-lock").exists() or Path(f"/tmp/.X11-unix/X{number}").exists():
            continue
        _write_cookie(folder / "cookie", number)
        answer, tell = os.pipe()
        with os.fdopen(answer) as ready:
            command = [
                "Xvfb",
                f":{number}",
                "-screen",
                "0",
                f"{width}x{height}x24",
                "-nolisten",
                "tcp",
                "-noreset",
            ]
            command += ["-auth", str(folder / "cookie"), "-displayfd", str(tell)]
            server = processes.start(command, fds=(tell,))
            os.close(tell)
            # It writes its number when it accepts connections, or closes the pipe by dying.
            if ready.readline().strip() == str(number):
                punctual(server.pid)
                return f":{number}"
    raise SteadyhandError(
        f"demo: Xvfb starts on none of the displays :{first} to :{first + TRIED_DISPLAYS - 1}",
        f"end the X servers there, or see why with: Xvfb :{first}",
    )


def _write_cookie(path: Path, number: int) -> None:
    """An Xauthority file with a fresh cookie: only programs of the stage can connect."""
    fields = (
        socket.gethostname().encode(),
        str(number).encode(),
        b"MIT-MAGIC-COOKIE-1",
        secrets.token_bytes(16),
    )
    family_local = 256
    entry = struct.pack(">H", family_local) + b"".join(struct.pack(">H", len(f)) + f for f in fields)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(entry)


def _furnish(
    processes: Processes, environment: Mapping[str, str], folder: Path, size: tuple[int, int] | None
) -> None:
    """Start what makes a desktop, and wait until it stands."""
    bus = folder / "run" / "bus"
    processes.start(
        ["dbus-daemon", f"--config-file={SETTINGS / 'bus.conf'}", f"--address=unix:path={bus}", "--nofork"]
    )
    processes.wait_for("session bus", bus.exists)
    with contextlib.closing(_connected(processes, environment)) as display:
        root = display.screen().root
        root.change_attributes(background_pixel=BACKGROUND)
        root.clear_area()
        processes.start(["openbox", "--sm-disable"])
        processes.wait_for("window manager", lambda: _has(display, "_NET_SUPPORTING_WM_CHECK"))
        processes.start(["tint2", "-c", str(SETTINGS / "tint2rc")])
        tray = display.get_atom("_NET_SYSTEM_TRAY_S0")
        processes.wait_for("tray", lambda: display.get_selection_owner(tray) != X.NONE)
        processes.start(["dunst", "-conf", str(SETTINGS / "dunstrc")])
        if size is not None:
            processes.start(module_command("agent.demo.desktop", *map(str, size)), name="desktop")
            wanted = len(layout(*size))
            processes.wait_for("windows", lambda: _clients(display) >= wanted, timeout_s=10.0)
        display.sync()


def _connected(processes: Processes, environment: Mapping[str, str]) -> Display:
    """The first connection, which may come a moment before the server takes it."""
    displays: list[Display] = []

    def tried() -> bool:
        with contextlib.suppress(CannotSee):
            displays.append(connect(environment))
        return bool(displays)

    processes.wait_for("X server", tried)
    return displays[0]


def _has(display: Display, name: str) -> bool:
    """True where the root window has this property."""
    return display.screen().root.get_full_property(display.get_atom(name), X.AnyPropertyType) is not None


def _clients(display: Display) -> int:
    """How many windows the window manager looks after."""
    atom = display.get_atom("_NET_CLIENT_LIST")
    listed = display.screen().root.get_full_property(atom, X.AnyPropertyType)
    return 0 if listed is None else len(listed.value)
