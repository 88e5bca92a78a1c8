"""What the agent's services see inside a session of the container: `python3 probe.py QUESTION`, one JSON line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

from agent.config.schema import LOCKERS
from agent.host.linux.compositor import Compositor, session_compositor
from agent.host.linux.jeepney_bus import JeepneyBus
from agent.host.linux.logind import LOGIND, LogindSession
from agent.host.linux.own_programs import OwnPrograms
from agent.host.linux.processes import Program
from agent.host.linux.services import session_shield
from agent.host.select import services
from agent.runtime.status.snapshot import State, Status
from agent.ui.notice_wording import AnswerWay
from agent.ui.notices import Notices

_HINT = "busctl call org.freedesktop.login1 {path} org.freedesktop.login1.Session SetLockedHint b {value}"


def compositor() -> dict[str, Any]:
    """Who draws the screen, and whether it answers for its lock screen."""
    programs = OwnPrograms()
    compositor = session_compositor(os.environ, programs)
    # The service that names a program which the kernel hides may have to start.
    program = next((each for each in _looks(compositor, programs) if each.name), None)
    shown = session_shield(JeepneyBus(), os.environ).is_shown()
    return {
        "name": program.name if program else "",
        "doubt": program.doubt if program else "",
        "shown": shown,
    }


def _looks(found: Compositor, programs: OwnPrograms) -> Iterator[Program]:
    for _ in range(10):
        pid = found.pid()
        yield programs(pid) if pid else Program("")
        time.sleep(0.5)


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


def lock(unlock: str, *names: str) -> dict[str, Any]:
    """One lock, by lockers of these names where any are given, what is seen of it, and what the monitor tells.

    `unlock` is a command that ends it.
    """
    boundaries: list[str] = []
    host = services(names or LOCKERS, os.environ)
    host.session.start(lambda b: boundaries.append(b.cause.name), lambda line: None, lambda line: None)
    time.sleep(1)
    began_ns = time.monotonic_ns()
    report = host.lock.lock()
    after_ms = (report.seen_ns - began_ns) / 1e6 if report.seen_ns else None
    time.sleep(2.5)
    locked, hint = host.lock.is_locked(), LogindSession(JeepneyBus()).locked_hint()
    if picture := os.environ.get("PICTURE"):
        subprocess.run(["grim", picture], check=True)
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


def is_locked() -> dict[str, Any]:
    """Whether the screen counts as locked."""
    return {"locked": services(LOCKERS, os.environ).lock.is_locked()}


def lockers() -> dict[str, Any]:
    """The lockers that would be believed here."""
    return {"names": list(services(LOCKERS, os.environ).lock.names())}


def away() -> dict[str, Any]:
    """Whether somebody else's session is at the screen."""
    return {"away": LogindSession(JeepneyBus()).is_active() is False}


def notice(way: str) -> dict[str, Any]:
    """The countdown's notification as the agent words it, and whether its button is pressed within 60 seconds."""
    pressed, notifier = threading.Event(), services(LOCKERS, os.environ).notifier
    notices = Notices(notifier, time.monotonic_ns, answer_way=lambda: AnswerWay(way), was_me=pressed.set)
    shown = notices.status_changed(Status(State.SUSPICIOUS, mode="enforce", countdown_s=10.0))
    text = shown.text if shown else ""
    # The desktop, which draws just now, is not asked again whether it has buttons: the words say it.
    return {"text": text, "pressed": "Choose “That was me”." in text and pressed.wait(60)}


if __name__ == "__main__":
    question, *words = sys.argv[1:]
    asked = {
        "away": away,
        "compositor": compositor,
        "forged-hint": forged_hint,
        "is-locked": is_locked,
        "lock": lock,
        "lockers": lockers,
        "notice": notice,
    }
    sys.stdout.write(json.dumps(asked[question](*words)) + "\n")
