"""The relay in its systemd sandbox, with its polkit rule, and a real GNOME session whose agent is masked."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

from tests.desktop.agent_checks import comes
from tests.desktop.container import Container

AFTER_S = 15.0
_POLICY = json.dumps({"absence": {"answer": "lock", "after_s": AFTER_S}})
_ALERTS = "/var/lib/private/steadyhand-relay/alerts.jsonl"
_SHELL = (
    "gdbus",
    "call",
    "--session",
    "-d",
    "org.gnome.Shell.ScreenShield",
    "-o",
    "/org/gnome/ScreenSaver",
    "-m",
)

Check = tuple[str, Callable[[], object]]


def prepare(c: Container) -> None:
    """The relay as its package starts it."""
    c.run("systemd-sysusers", "steadyhand-relay.conf")
    c.run("systemctl", "daemon-reload")
    c.run("systemctl", "restart", "polkit")
    c.run("systemctl", "start", "steadyhand-relay")


def lock_the_absent(c: Container) -> None:
    """Root's policy, which the relay reads at its start: before this a desktop that starts slowly would be locked."""
    c.write("/etc/steadyhand/policies/managed/absence.json", _POLICY)
    c.run("systemctl", "restart", "steadyhand-relay")


def in_sandbox(c: Container) -> dict[str, str]:
    """The service runs, as its own user, under the unit's restrictions."""
    names = ("ActiveState", "User", "DynamicUser", "ProtectSystem", "NoNewPrivileges", "MainPID")
    shown = c.run("systemctl", "show", "steadyhand-relay", *(f"-p{name}" for name in names))
    facts = dict(line.split("=", 1) for line in shown.splitlines())
    wanted = {"ActiveState": "active", "User": "steadyhand-relay", "NoNewPrivileges": "yes"}
    assert wanted.items() <= facts.items(), facts
    owner = c.run("ps", "-o", "user:32=", "-p", facts["MainPID"]).strip()
    assert owner == "steadyhand-relay", owner
    exposure = c.run("systemd-analyze", "security", "steadyhand-relay").strip().splitlines()[-1]
    return facts | {"exposure": exposure.encode("ascii", "ignore").decode()}


def relays_alerts(c: Container, kind: str) -> list[dict[str, Any]]:
    """What the relay itself has raised of one kind."""
    events = [json.loads(line) for line in c.run("cat", _ALERTS).splitlines()]
    facts = [event["unmapped"] for event in events]
    return [each for each in facts if each.get("by") == "relay" and each["kind"] == kind]


def is_locked(c: Container) -> bool:
    """By the shell's own word."""
    return "true" in c.as_user(*_SHELL, "org.gnome.ScreenSaver.GetActive")


def masked_is_locked(c: Container) -> dict[str, Any]:
    """From the mask to the lock, in seconds."""
    comes(lambda: relays_hears(c), 90, "the agent never spoke to the relay")
    assert not is_locked(c), "locked before the agent was masked"
    c.as_user("systemctl", "--user", "mask", "--now", "steadyhand")
    began_s = time.monotonic()
    comes(lambda: is_locked(c), 60, f"not locked: {relays_alerts(c, 'lock failed')}")
    locked_s = time.monotonic() - began_s
    assert locked_s >= AFTER_S - 1
    comes(lambda: relays_alerts(c, "lock result") != [], 15, "the relay has not said so")
    assert relays_alerts(c, "agent silent") != []
    return {"locked_after_s": round(locked_s, 1)}


def relays_hears(c: Container) -> bool:
    """Whether an agent has spoken to the relay."""
    return "peer_uid" in c.run("cat", _ALERTS)


def locked_again(c: Container) -> float:
    """Seconds from an unlock without an agent to the next lock."""
    c.as_user(*_SHELL, "org.gnome.ScreenSaver.SetActive", "false")
    comes(lambda: not is_locked(c), 10, "the test could not unlock it")
    began_s = time.monotonic()
    comes(lambda: is_locked(c), 60, "not locked again")
    return round(time.monotonic() - began_s, 1)


def back_is_left_alone(c: Container) -> None:
    """With the agent back, nothing is locked."""
    c.as_user("systemctl", "--user", "unmask", "steadyhand")
    c.as_user("systemctl", "--user", "start", "steadyhand")
    c.as_user(*_SHELL, "org.gnome.ScreenSaver.SetActive", "false")
    comes(lambda: not is_locked(c), 10, "the test could not unlock it")
    time.sleep(AFTER_S + 15)
    assert not is_locked(c)


def killed_is_locked(c: Container) -> float:
    """Seconds from a kill of a masked unit's process, which says nothing more, to the lock."""
    c.as_user("systemctl", "--user", "mask", "--runtime", "steadyhand")
    began_s = time.monotonic()
    c.as_user("systemctl", "--user", "kill", "-s", "KILL", "steadyhand")
    c.as_user("systemctl", "--user", "stop", "steadyhand")
    comes(lambda: is_locked(c), 60, "not locked")
    return round(time.monotonic() - began_s, 1)


def without_the_right(c: Container) -> str:
    """What the relay says where polkit's rule is gone."""
    c.run("mv", "/usr/share/polkit-1/rules.d/50-steadyhand-relay.rules", "/root/kept.rules")
    c.run("systemctl", "restart", "polkit")
    c.as_user(*_SHELL, "org.gnome.ScreenSaver.SetActive", "false")
    try:
        comes(lambda: relays_alerts(c, "lock failed") != [], 90, "no failure was said")
        (failed, *_) = relays_alerts(c, "lock failed")
        assert not is_locked(c)
        return "; ".join(failed["tried"])
    finally:
        c.run("mv", "/root/kept.rules", "/usr/share/polkit-1/rules.d/50-steadyhand-relay.rules")


def foreign_environment(c: Container) -> list[str]:
    """What an agent says that is started for another display, session and bus; they are not used."""
    foreign = {"WAYLAND_DISPLAY": "", "XDG_SESSION_TYPE": "x11", "DISPLAY": ":77", "XDG_SESSION_ID": "c9"}
    bus = {"DBUS_SESSION_BUS_ADDRESS": "unix:path=/tmp/mine", "XDG_RUNTIME_DIR": "/tmp"}
    c.as_user("systemctl", "--user", "unmask", "--runtime", "steadyhand")
    c.as_user("systemctl", "--user", "stop", "steadyhand")
    c.as_user("timeout", "8", "/usr/bin/steadyhand", "run", "--no-tray", **foreign, **bus)
    events = [json.loads(line) for line in c.run("cat", _ALERTS).splitlines()]
    (event,) = [event for event in events if event["unmapped"]["kind"] == "foreign environment"]
    assert event["severity"] == "High", event
    named = {word for word in {*foreign, *bus} if f"{word} is " in event["message"]}
    assert named == {"XDG_SESSION_TYPE", "XDG_SESSION_ID", *bus}, event["message"]
    return sorted(named)


def absence(c: Container) -> Iterator[Check]:
    """What is checked of a GNOME session whose agent is taken away."""
    yield "the relay runs in its sandbox", lambda: in_sandbox(c)
    yield "masked: the relay has logind lock the session", lambda: masked_is_locked(c)
    yield "unlocked without an agent: locked again", lambda: locked_again(c)
    yield "with the agent back it is left alone", lambda: back_is_left_alone(c)
    yield "killed for good: locked", lambda: killed_is_locked(c)
    yield "started for another session: corrected and said", lambda: foreign_environment(c)
    yield "without polkit's rule: lock failed, and why", lambda: without_the_right(c)
