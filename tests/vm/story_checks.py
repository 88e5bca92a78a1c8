"""Checks of the whole story: the agent learns a hand, sleeps, learns on, and locks when another takes the mouse."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.vm.hand import INTRUDER, OWNER, play_on, session
from tests.vm.image import SOURCE
from tests.vm.machine import Machine
from tests.vm.sight import CANNOT_SEE, agent, alerts, kinds_of, sees, snapshot, until

RECEIVED = "/tmp/received.jsonl"
_SECRET = "/etc/steadyhand/keys/receiver-secret"
# Little to learn from, since a hand takes as long here as anywhere; everything else is as it comes.
_POLICY = {
    "judgement": {"mode": "enforce", "lock_on_estimate": True},
    "response": {"countdown_s": 3.0, "lockers": ["swaylock"]},
    "enrolment": {"actions": 160, "sessions": 2, "until": "counts", "background": "none"},
    "alerts": {"webhook_url": "http://127.0.0.1:8899/hook", "webhook_secret_file": _SECRET},
}
_PREPARE = f"""
set -e
mkdir -p /etc/steadyhand/keys
install -m 600 -o steadyhand-relay /dev/null {_SECRET}
echo whsec_$(head -c 32 /dev/urandom | base64 -w 0) > {_SECRET}
rm -rf /home/anna/.local/state/steadyhand
systemctl stop alert-receiver 2>/dev/null || true
systemd-run --quiet --unit alert-receiver python3 /{SOURCE}/tests/vm/guest/receiver.py {_SECRET} {RECEIVED}
systemctl restart steadyhand-relay
"""
_HALF_S, _OWNER_S, _INTRUDER_S = 110.0, 45.0, 240.0
_JUDGES = ("protecting", "suspicious")
_FINDINGS = frozenset(("suspicious", "intruder", "lock result", "lock failed"))


def prepared(machine: Machine) -> dict[str, Any]:
    """Policy, a receiver behind the relay, and an agent that has learnt nothing."""
    machine.run("mkdir -p /etc/steadyhand/policies/managed")
    machine.put(json.dumps(_POLICY), "/etc/steadyhand/policies/managed/machine.json")
    agent(machine, "stop")
    machine.run(_PREPARE, timeout_s=300)
    agent(machine, "start")
    state = until(lambda: snapshot(machine), lambda now: now["state"] == "learning", 300)
    started = until(lambda: alerts(machine, RECEIVED), lambda now: "started" in kinds_of(now), 120)
    return {"said": state["detail"], "arrived": kinds_of(started)}


def learns(machine: Machine) -> dict[str, Any]:
    """The first half of what there is to learn."""
    before = sees(machine)["events"]
    played = play_on(machine, session(OWNER, 100, _HALF_S))
    after = until(lambda: snapshot(machine), lambda now: now["events"] > before, 60)
    return {"played": played, "seen": after["events"] - before, "said": after["detail"]}


def sleeps(machine: Machine) -> dict[str, Any]:
    """The computer sleeps and wakes: both are told, capture goes on, and nothing is alerted."""
    known = len(alerts(machine))
    before = snapshot(machine)["events"]
    woke_s = machine.suspend(20.0)
    until(lambda: kinds_of(alerts(machine)[known:]), lambda now: {"asleep", "awake"} <= set(now), 180)
    arrived = until(
        lambda: kinds_of(alerts(machine, RECEIVED)), lambda now: {"asleep", "awake"} <= set(now), 180
    )
    circle_seen(machine, before)
    since = kinds_of(alerts(machine)[known:])
    assert set(since) <= {"asleep", "awake", "heartbeat"}, since
    return {"awake_after_s": woke_s, "since": since, "arrived": arrived[-3:]}


def learnt(machine: Machine) -> dict[str, Any]:
    """The second half, in a session of its own since the computer slept; then the profile is made."""
    play_on(machine, session(OWNER, 101, _HALF_S))
    said, more = snapshot(machine)["detail"], 0
    while (
        snapshot(machine)["state"] == "learning"
        and "of 160 actions" in snapshot(machine)["detail"]
        and more < 3
    ):
        more += 1
        play_on(machine, session(OWNER, 101 + more, 30.0))
    began = time.monotonic()
    after = until(lambda: snapshot(machine), lambda now: now["state"] == "protecting", 400)
    return {
        "said": said,
        "more": more,
        "made_after_s": round(time.monotonic() - began),
        "state": after["state"],
    }


def left_alone(machine: Machine) -> dict[str, Any]:
    """The owner works, and nothing is found against them."""
    known = len(alerts(machine))
    play_on(machine, session(OWNER, 1, _OWNER_S))
    after = until(lambda: snapshot(machine), lambda now: now["actions"] > 15, 60)
    against = [kind for kind in kinds_of(alerts(machine)[known:]) if kind in _FINDINGS]
    assert not against, against
    return {"actions": after["actions"], "trust": after["trust"], "state": after["state"]}


def locks(machine: Machine, pictures: Path) -> dict[str, Any]:
    """Somebody else takes the mouse: the screen is locked, seen to be, and the alerts arrive at the receiver."""
    known = len(alerts(machine))
    began = time.monotonic()
    locked = Watch(lambda: bool({"lock result", "lock failed"} & set(kinds_of(alerts(machine)[known:]))))
    played = play_on(machine, session(INTRUDER, 2, _INTRUDER_S), locked.seen.is_set)
    after_s = locked.end(30)
    found = [alert for alert in alerts(machine)[known:] if alert["unmapped"]["kind"] in _FINDINGS]
    assert "lock result" in kinds_of(found), kinds_of(found)
    assert machine.run("pgrep -x swaylock").strip(), "no locker runs"
    machine.shot(pictures / "locked.png")
    result = next(alert for alert in found if alert["unmapped"]["kind"] == "lock result")
    arrived = until(
        lambda: kinds_of(alerts(machine, RECEIVED)), lambda now: {"intruder", "lock result"} <= set(now), 120
    )
    return {
        "played": played,
        "locked_after_s": round(after_s - began),
        "said": result["message"],
        "arrived": [kind for kind in arrived if kind in _FINDINGS],
        "state": snapshot(machine)["state"],
    }


def silent_while_locked(machine: Machine) -> dict[str, Any]:
    """While the screen is locked nothing of the movement is handed on; the password opens it, and judging goes on."""
    before = until(lambda: snapshot(machine), lambda now: now["state"] == "locked", 60)["events"]
    play_on(machine, session(INTRUDER, 3, 20.0))
    time.sleep(3)
    handed = snapshot(machine)["events"] - before
    # One sign of life a second, without a movement, makes the agent look whether the lock still stands.
    assert handed <= 45, f"{handed} events while the screen was locked"
    machine.type("hare")
    until(lambda: machine.run("pgrep -x swaylock").strip(), lambda pids: not pids, 60)
    # swaylock tells the session nothing: the first movement makes the agent look.
    circle_seen(machine, snapshot(machine)["events"])
    after = until(lambda: snapshot(machine), lambda now: now["state"] != "locked", 60)
    return {"events while locked": handed, "state": after["state"]}


def blind(machine: Machine) -> dict[str, Any]:
    """While its service is stopped, an agent that protects says that it cannot see the mouse, and nothing else."""
    # Suspicious is what another hand before it left behind.
    until(lambda: snapshot(machine), lambda now: now["state"] in _JUDGES, 60)
    machine.run("systemctl stop steadyhand-mouse")
    began = time.monotonic()
    unseen = until(lambda: snapshot(machine), lambda now: now["state"] == CANNOT_SEE, 30)
    after_s = time.monotonic() - began
    states = set()
    while time.monotonic() - began < 30:
        states.add(snapshot(machine)["state"])
    machine.run("systemctl start steadyhand-mouse", timeout_s=300)
    until(lambda: snapshot(machine), lambda now: now["state"] in _JUDGES, 240)
    assert states == {CANNOT_SEE}, states
    return {"said": unseen["detail"], "after_s": round(after_s, 1), "states": sorted(states)}


def circle_seen(machine: Machine, before: int) -> None:
    """The USB mouse's movement reaches the agent."""
    play_on(machine, session(OWNER, 50, 6.0))
    until(lambda: snapshot(machine), lambda now: now["events"] >= before + 20, 120)


class Watch:
    """Looks every other second in a thread of its own, so that the hand stays punctual.

    Parameters
    ----------
    happened : callable

    Attributes
    ----------
    seen : threading.Event
        Set once it has happened.
    """

    def __init__(self, happened: Callable[[], bool]) -> None:
        self.seen = threading.Event()
        self._happened = happened
        self._ended = threading.Event()
        self._at_s = 0.0
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def end(self, within_s: float) -> float:
        """Wait so long, and end; when it happened, monotonic seconds."""
        self.seen.wait(within_s)
        self._ended.set()
        self._thread.join()
        return self._at_s

    def _run(self) -> None:
        while not self._ended.wait(2.0):
            if self._happened():
                self._at_s = time.monotonic()
                self.seen.set()
                return
