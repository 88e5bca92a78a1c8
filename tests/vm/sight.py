"""What the checks look at in the machine, and how they move its mouse."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable
from typing import Any

from tests.vm.image import SITE, SOURCE
from tests.vm.machine import Machine

# What `steadyhand status` says.
CANNOT_SEE = "cannot see the mouse"
STARTING = "starting"
_STATE = "/home/anna/.local/state/steadyhand"
_RELAY_ALERTS = "/var/lib/private/steadyhand-relay/alerts.jsonl"


def status(machine: Machine) -> dict[str, Any]:
    """What the agent says of itself, by its own command."""
    printed = machine.run(
        "XDG_RUNTIME_DIR=/run/user/1000 steadyhand status --json", user="anna", timeout_s=180
    )
    assert "{" in printed, printed
    answer: dict[str, Any] = json.loads(printed[printed.index("{") :])
    return answer


def snapshot(machine: Machine) -> dict[str, Any]:
    """What the agent wrote of itself last, in a tenth of the time that its command takes."""
    answer: dict[str, Any] = json.loads(machine.run(f"cat {_STATE}/status.json") or "{}")
    return {"state": STARTING, "actions": 0, "events": 0, "detail": ""} | answer


def alerts(machine: Machine, file: str = f"{_STATE}/alerts.jsonl") -> list[dict[str, Any]]:
    """All alerts in a file, oldest first: the agent's own, or those that arrived somewhere."""
    lines = machine.run(f"cat {file} 2>/dev/null").splitlines()
    return [json.loads(line) for line in lines if line.startswith("{") and line.endswith("}")]


def kinds_of(found: list[dict[str, Any]]) -> list[str]:
    """What they are."""
    return [alert["unmapped"]["kind"] for alert in found]


def tampering(machine: Machine, how: str) -> dict[str, Any]:
    """What the mouse service told the relay of one kind of tampering, once it has."""
    answer: dict[str, Any] = until(lambda: told_tampering(machine, how), bool, 120)[-1]
    return answer


def told_tampering(machine: Machine, how: str) -> list[dict[str, Any]]:
    """What the mouse service told the relay of one kind of tampering so far."""
    known = [alert["unmapped"] for alert in alerts(machine, _RELAY_ALERTS)]
    return [own for own in known if own["kind"] == "mouse tampering" and own["how"] == how]


def probe(machine: Machine, *words: object, timeout_s: float = 240) -> dict[str, Any]:
    """What a program of `tests/vm/guest/probe.py` prints."""
    command = f"cd /{SOURCE} && modprobe uinput && PYTHONPATH=.:/{SITE} python3 -m tests.vm.guest.probe"
    printed = machine.run(" ".join([command, *map(str, words)]), timeout_s=timeout_s)
    lines = printed.splitlines()
    assert lines, words
    assert lines[-1].startswith("{"), printed[-600:]
    answer: dict[str, Any] = json.loads(lines[-1])
    return answer


def agent(machine: Machine, verb: str) -> None:
    """Start, stop or restart anna's agent."""
    machine.run(f"systemctl --user -M anna@ {verb} steadyhand", timeout_s=600)


def circle(machine: Machine, steps: int = 60) -> None:
    """Move the mouse at about 15 reports a second, which arrive whole here."""
    for step in range(steps):
        machine.move(round(20 * math.cos(step / 5)) or 1, round(20 * math.sin(step / 5)))
        time.sleep(0.06)


def sees(machine: Machine, seconds: float = 600) -> dict[str, Any]:
    """The status once the agent sees the mouse: a service that came after it is taken up within half a minute."""
    seen: dict[str, Any] = until(
        lambda: status(machine), lambda now: now["state"] not in (CANNOT_SEE, STARTING), seconds
    )
    return seen


def until(look: Callable[[], Any], happened: Callable[[Any], bool], seconds: float) -> Any:
    """What is seen once it has happened."""
    deadline = time.monotonic() + seconds
    while True:
        seen = look()
        if happened(seen):
            return seen
        assert time.monotonic() < deadline, f"after {seconds:.0f} s: {_shortened(str(seen))}"
        time.sleep(1)


def _shortened(text: str) -> str:
    """The beginning and the end of what is too long for a line."""
    return text if len(text) <= 1000 else f"{text[:500]} … {text[-500:]}"
