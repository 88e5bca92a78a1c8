"""What holds of the installed agent on every desktop: started once, back after a kill, which locks are believed."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from tests.desktop.container import Container

_UNIT = "steadyhand.service"
_PORTAL = "org.freedesktop.portal.Desktop", "/org/freedesktop/portal/desktop"


def agents(c: Container, user: str = "anna") -> list[int]:
    """The agents of a person's that run, by their program and not by their name alone."""
    pids = c.run("pgrep", "-u", user, "-f", "^[^ ]*steadyhand run").split()
    programs = {int(pid): c.run("readlink", f"/proc/{pid}/exe").strip() for pid in pids}
    return [pid for pid, program in programs.items() if program == "/usr/lib/steadyhand/steadyhand"]


def one_agent(c: Container, user: str = "anna") -> str:
    """Wait for the agent, and then a while for a second one; it is the unit's, or the session's starter's."""
    comes(lambda: bool(agents(c, user)), 60, "no agent was started")
    time.sleep(5)
    running = agents(c, user)
    assert len(running) == 1, f"{len(running)} agents run"
    if not c.has_user_manager(user):
        parent = c.run("ps", "-o", "ppid=", "-p", str(running[0])).strip()
        starter = c.run("ps", "-o", "args=", "-p", parent).strip()
        assert starter.endswith("steadyhand-session"), f"the agent's parent is {starter}"
        return f"process {running[0]} of {starter}"
    unit = c.as_user("systemctl", "--user", "show", "-P", "MainPID", _UNIT, user=user).strip()
    assert unit == str(running[0]), f"the agent is {running[0]}, the unit's process {unit}"
    return f"process {unit} of {_UNIT}"


def asked_for_again(c: Container) -> str:
    """The starter and the program, run once more in the session, start no second agent."""
    before = agents(c)
    if c.has_user_manager():
        c.as_user("/usr/lib/steadyhand/steadyhand-session")
    answer = c.as_user("sh", "-c", "timeout 20 /usr/bin/steadyhand run --no-tray 2>&1; echo ended with $?")
    assert answer.endswith("ended with 2\n"), answer
    assert agents(c) == before, (before, agents(c))
    return answer.strip()


def ends_with_the_session(c: Container, unit: str) -> float:
    """Seconds from the end of a desktop without a user manager to the end of the agent and of what restarts it."""
    began_s = time.monotonic()
    c.run("systemctl", "stop", unit)
    left = ("pgrep", "-u", "anna", "-f", "^[^ ]*steadyhand run|steadyhand-session")
    comes(lambda: c.run(*left) == "", 60, f"still there: {c.run('ps', '-u', 'anna', '-o', 'args=')}")
    return round(time.monotonic() - began_s, 1)


def back_after_a_kill(c: Container) -> float:
    """Seconds until a killed agent is back."""
    (before,) = agents(c)
    began = time.monotonic()
    c.run("kill", "-9", str(before))
    comes(lambda: [pid for pid in agents(c) if pid != before] != [], 15, "it did not come back")
    assert len(agents(c)) == 1
    return round(time.monotonic() - began, 1)


def status(c: Container, user: str = "anna") -> dict[str, Any]:
    """What the installed agent says of itself."""
    printed = c.as_user("/usr/bin/steadyhand", "status", "--json", user=user)
    assert "{" in printed, printed
    answer: dict[str, Any] = json.loads(printed[printed.index("{") :])
    return answer


def alerts(c: Container, kind: str, user: str = "anna") -> list[dict[str, Any]]:
    """What the agent has raised of one kind."""
    lines = c.run("cat", f"/home/{user}/.local/state/steadyhand/alerts.jsonl").splitlines()
    facts = [json.loads(line)["unmapped"] for line in lines]
    return [each for each in facts if each["kind"] == kind]


def doctor(c: Container, part: str, words: str, **environ: str) -> str:
    """What the doctor says of a part."""
    printed = c.as_user("/usr/bin/steadyhand", "doctor", timeout_s=120, **environ)
    lines = [line for line in printed.splitlines() if part in line]
    assert any(words in line for line in lines), printed
    return "; ".join(line.strip() for line in lines)


def probe(c: Container, *words: str, **environ: str) -> dict[str, Any]:
    """What the agent's services say in the session."""
    printed = c.as_user("python3", "/opt/desktop/probe.py", *words, timeout_s=90, **environ)
    assert printed, f"probe {words[0]} printed nothing"
    answer: dict[str, Any] = json.loads(printed.splitlines()[-1])
    return answer


def expect(answer: dict[str, Any], **wanted: object) -> dict[str, Any]:
    """The answer, which must have these values."""
    assert wanted.items() <= answer.items(), answer
    return answer


def forged_hint(c: Container, **environ: str) -> dict[str, Any]:
    """A hint that the user sets stops nothing, and is said."""
    answer = probe(c, "forged-hint", **environ)
    assert answer["boundaries"] == [], answer
    assert "LockedHint says" in "".join(answer["unseen"]), answer
    return answer


def believed_lock(c: Container, locker: str, unlock: str, *names: str, picture: str = "") -> dict[str, Any]:
    """A lock that is seen in time, stays seen, and whose end is seen; by lockers of these names if any are given.

    `picture` is where one of the locked screen is put, under wlroots.
    """
    if names:
        # The first program of GTK's starts it, and waits for it: here 25 s, in which a locker cannot lock.
        c.as_user("busctl", "--user", "call", *_PORTAL, "org.freedesktop.DBus.Peer", "Ping")
    answer = expect(
        probe(c, "lock", unlock, *names, PICTURE=picture), result="locked", locker=locker, locked=True
    )
    assert answer["seen_ms"] < 2000, answer
    assert answer["unlocked"] is not True, answer
    assert answer["boundaries"] == ["SCREEN_LOCKED", "SCREEN_UNLOCKED"], answer
    return answer


def with_swayidle(c: Container) -> dict[str, Any]:
    """Beside swayidle, which locks when logind says so, the agent's own lock is believed; swayidle's is made."""
    commands = ("lock", "swaylock -f -c 204060", "unlock", "pkill -n -USR1 -x swaylock")
    c.as_user("systemd-run", "--user", "-q", "--unit=swayidle", "swayidle", "-w", *commands)
    try:
        answer = believed_lock(c, "swaylock", commands[-1])
        c.run("loginctl", "lock-sessions")
        comes(lambda: c.run("pgrep", "-x", "swaylock") != "", 10, "swayidle does not lock")
        time.sleep(1)
        seen = probe(c, "is-locked")["locked"]
        c.run("loginctl", "unlock-sessions")
        comes(lambda: c.run("pgrep", "-x", "swaylock") == "", 10, "swayidle does not unlock")
    finally:
        c.as_user("systemctl", "--user", "stop", "swayidle")
    return {"own_seen_ms": answer["seen_ms"], "swayidles_own_believed": seen}


def agents_own_view(c: Container) -> dict[str, float]:
    """The running agent says that the screen is locked while it is; where it sees a mouse, which it says first."""
    began_s = time.monotonic()
    c.run("loginctl", "lock-sessions")
    comes(lambda: status(c)["state"] == "locked", 10, f"the agent says {status(c)['state']}")
    locked_s = time.monotonic() - began_s
    c.run("loginctl", "unlock-sessions")
    comes(lambda: status(c)["state"] != "locked", 10, "the agent still says locked")
    return {"said_after_s": round(locked_s, 1)}


def foreign_compositors(c: Container) -> dict[str, Any]:
    """KWins of the person's own, each of which shows a lock screen, say nothing of the session's."""
    printed = c.as_user("python3", "-m", "tests.desktop.kwin_probe", timeout_s=150)
    assert "{" in printed, printed
    answer: dict[str, Any] = json.loads(printed.splitlines()[-1])
    assert answer.pop("before") == {"locked": False}, answer
    assert len(answer) == 4, answer
    for what, seen in answer.items():
        assert seen["started"], what
        assert seen["session_locked"] is False, (what, seen)
        assert not seen["owner_is_it"], (what, seen)
        assert seen.get("believed") is not True, (what, seen)
    # No file of the person's gets into a program that brings rights; what has none of them is not root's KWin.
    assert answer["with a library put in front"]["name"] == "kwin_wayland", answer
    assert answer["kept from its rights"]["name"] == "", answer
    assert answer["a copy of the person's"]["name"] == "", answer
    return {what: seen["doubt"] for what, seen in answer.items()}


def input_is_told(c: Container) -> dict[str, Any]:
    """The compositor's notices of idleness follow a hand that moves, rests for seven seconds, and moves again."""
    printed = c.as_user("python3", "-m", "tests.desktop.idle_probe", timeout_s=60)
    assert "{" in printed, printed
    answer: dict[str, Any] = json.loads(printed.splitlines()[-1])
    assert answer["problem"] == "", answer
    assert answer["at_first"] is None, answer
    assert 400 <= answer["moved"] < 3000, answer
    assert 7000 <= answer["rested"] < 12_000, answer
    assert 400 <= answer["again"] < 3000, answer
    return answer


def comes(happened: Callable[[], bool], seconds: float, otherwise: str) -> None:
    """Wait for something."""
    deadline_s = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline_s, otherwise
        time.sleep(0.5)
