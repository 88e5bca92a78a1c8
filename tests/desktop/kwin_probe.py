"""KWins that are not the session's: `python3 -m tests.desktop.kwin_probe`, as the person in a Plasma session.

Each is a compositor that really shows a lock screen, inside the session or of the person's own making. None may count.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from agent.host.linux.bus import SESSION, BusError, Service
from agent.host.linux.compositor import socket_listener
from agent.host.linux.jeepney_bus import JeepneyBus
from agent.host.linux.own_programs import OwnPrograms
from agent.host.linux.services import session_shield

_KWIN = "/usr/bin/kwin_wayland"
_SAVER = Service(SESSION, "org.freedesktop.ScreenSaver", "/ScreenSaver", "org.freedesktop.ScreenSaver")
_RUNTIME = Path(os.environ["XDG_RUNTIME_DIR"])


@contextmanager
def nested(name: str, *before: str, program: str = _KWIN, **environ: str) -> Iterator[int]:
    """A KWin of the person's own, locked, at a socket of its own; its process number, 0 where it did not start."""
    words = [*before, program, "--virtual", "--socket", name, "--lockscreen", "--no-global-shortcuts"]
    made = {**os.environ, "QT_QPA_PLATFORM": "offscreen", **environ}
    with subprocess.Popen(words, env=made, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
        until_s = time.monotonic() + 20
        pid = 0
        while not pid and time.monotonic() < until_s and running.poll() is None:
            time.sleep(0.5)
            pid = socket_listener(_RUNTIME / name)[0]
        time.sleep(2)  # its lock screen begins
        try:
            yield pid
        finally:
            running.terminate()
            try:
                running.wait(5)
            except subprocess.TimeoutExpired:
                running.kill()


def owner() -> int:
    """Who answers as the screen saver of the session's bus."""
    try:
        return JeepneyBus().owner(_SAVER).pid
    except BusError:
        return 0


def seen(pid: int) -> dict[str, Any]:
    """What the agent sees of a KWin, and of the session's lock screen meanwhile."""
    program = OwnPrograms()(pid)
    return {
        "started": pid > 0,
        "name": program.name,
        "doubt": program.doubt,
        "session_locked": session_shield(JeepneyBus(), os.environ).is_shown(),
        "owner_is_it": owner() == pid,
    }


def as_if_the_sessions(name: str) -> bool | None:
    """What is believed of a lock where the agent is pointed at that KWin's socket, on the session's bus."""
    environ: Mapping[str, str] = {**os.environ, "WAYLAND_DISPLAY": name}
    return session_shield(JeepneyBus(), environ).is_shown()


def main() -> int:
    """Try them one after the other."""
    answers: dict[str, Any] = {"before": {"locked": session_shield(JeepneyBus(), os.environ).is_shown()}}
    with nested("wayland-nested") as pid:
        answers["root's own, inside the session"] = {
            **seen(pid),
            "believed": as_if_the_sessions("wayland-nested"),
        }
    library = Path.home() / "preloaded.so"
    shutil.copy(next(Path("/usr/lib").glob("*/libz.so.1")), library)
    with nested("wayland-preloaded", LD_PRELOAD=str(library)) as pid:
        answers["with a library put in front"] = seen(pid)
    with nested("wayland-bare", "setpriv", "--no-new-privs", LD_PRELOAD=str(library)) as pid:
        answers["kept from its rights"] = {**seen(pid), "believed": as_if_the_sessions("wayland-bare")}
    copied = Path.home() / "kwin_wayland"
    shutil.copy(_KWIN, copied)
    with nested("wayland-copied", program=str(copied)) as pid:
        answers["a copy of the person's"] = {**seen(pid), "believed": as_if_the_sessions("wayland-copied")}
    copied.unlink()
    library.unlink()
    sys.stdout.write(json.dumps(answers) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
