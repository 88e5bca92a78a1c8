"""What the agent's services see inside a session of the container: `python3 probe.py QUESTION`, one JSON line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from typing import Any

from agent.config.schema import LOCKERS
from agent.host.linux.compositor import session_compositor
from agent.host.linux.jeepney_bus import JeepneyBus
from agent.host.linux.logind import LOGIND, LogindSession
from agent.host.linux.processes import program_of
from agent.host.linux.shield import LockShield
from agent.host.notifier import NoticeButton
from agent.host.select import services

_LONG = (
    "Is it you? Choose “That was me”. The mouse moves differently from how you usually move it. "
    "If this goes on, the screen locks."
)
_HINT = "busctl call org.freedesktop.login1 {path} org.freedesktop.login1.Session SetLockedHint b {value}"


def compositor() -> dict[str, Any]:
    """Who draws the screen, and whether it answers for its lock screen."""
    found = session_compositor(os.environ)
    program = program_of(found.pid()) if found.pid() else None
    shown = LockShield(JeepneyBus(), found).is_shown()
    return {
        "name": program.name if program else "",
        "doubt": program.doubt if program else "",
        "shown": shown,
    }


def forged_hint() -> dict[str, Any]:
    """What a LockedHint that the user sets brings about at an open screen."""
    boundaries: list[str] = []
    unseen: list[str] = []
    host = services(LOCKERS, os.environ)
    host.session.start(lambda b: boundaries.append(b.cause.name), lambda line: None, unseen.append)
    time.sleep(1)
    path = str(JeepneyBus().call(LOGIND, "GetSession", "s", "auto")[0])
    for value in ("true", "false"):
        subprocess.run(_HINT.format(path=path, value=value), shell=True, check=True)
        time.sleep(4 if value == "true" else 1)
    host.session.stop()
    return {"boundaries": boundaries, "unseen": unseen}


def lock(unlock: str) -> dict[str, Any]:
    """One lock, what is seen of it, and what the monitor tells; `unlock` is a command that ends it."""
    boundaries: list[str] = []
    host = services(LOCKERS, os.environ)
    host.session.start(lambda b: boundaries.append(b.cause.name), lambda line: None, lambda line: None)
    time.sleep(1)
    began_ns = time.monotonic_ns()
    report = host.lock.lock()
    after_ms = (report.seen_ns - began_ns) / 1e6 if report.seen_ns else None
    time.sleep(2.5)
    locked, hint = host.lock.is_locked(), LogindSession(JeepneyBus()).locked_hint()
    subprocess.run(unlock, shell=True, check=False, capture_output=True)
    time.sleep(4)
    host.session.stop()
    return {
        "result": report.result.value,
        "locker": report.locker,
        "tried": list(report.tried),
        "seen_ms": after_ms,
        "locked": locked,
        "hint_after_lock": hint,
        "unlocked": host.lock.is_locked(),
        "boundaries": boundaries,
    }


def lockers() -> dict[str, Any]:
    """The lockers that would be believed here."""
    return {"names": list(services(LOCKERS, os.environ).lock.names())}


def away() -> dict[str, Any]:
    """Whether somebody else's session is at the screen."""
    return {"away": LogindSession(JeepneyBus()).is_active() is False}


def notice() -> dict[str, Any]:
    """Whether the longest of the agent's notifications is shown with its button, and pressed within 15 seconds."""
    pressed = threading.Event()
    shown = services(LOCKERS, os.environ).notifier.show_with_button(
        "Unusual mouse movement", _LONG, NoticeButton("That was me", pressed.set), urgent=True
    )
    return {"shown": shown, "pressed": pressed.wait(25)}


if __name__ == "__main__":
    question, *words = sys.argv[1:]
    asked = {
        "away": away,
        "compositor": compositor,
        "forged-hint": forged_hint,
        "lock": lock,
        "lockers": lockers,
        "notice": notice,
    }
    sys.stdout.write(json.dumps(asked[question](*words)) + "\n")
