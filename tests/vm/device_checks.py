"""Checks of the mouse service with devices that are made: faults, kinds of device, rates, wheels."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.vm.machine import Machine
from tests.vm.service_checks import listen
from tests.vm.sight import (
    alerts,
    circle,
    kinds_of,
    probe,
    sees,
    status,
    tampering,
    told_tampering,
    until,
)

_FLOOD = 200_000
# What the unit allows the service to have in memory.
_MOST_MB = 128


def flooded(machine: Machine) -> dict[str, Any]:
    """More reports than anybody can read: the loss is said, the service stays small, the other mouse is seen."""
    before = sees(machine)
    broken = kinds_of(alerts(machine)).count("stream broken")
    sent = probe(machine, "flood", _FLOOD)
    until(lambda: alerts(machine), lambda now: kinds_of(now).count("stream broken") > broken, 120)
    memory_mb = service_mb(machine)
    assert memory_mb < _MOST_MB, memory_mb
    goes_on(machine)
    said = next(a for a in reversed(alerts(machine)) if a["unmapped"]["kind"] == "stream broken")
    return sent | {"said": said["message"], "service_mb": memory_mb, "state_before": before["state"]}


def wild(machine: Machine) -> dict[str, Any]:
    """A mouse that tells the largest numbers there are, and reports without an end: agent and service go on."""
    pids = service_pid(machine), agent_pid(machine)
    probe(machine, "wild")
    goes_on(machine)
    assert (service_pid(machine), agent_pid(machine)) == pids
    return {"state": status(machine)["state"]}


def vanished(machine: Machine) -> dict[str, Any]:
    """A mouse that goes in the middle of a report with its button held: the other one is seen on."""
    probe(machine, "vanish")
    goes_on(machine)
    return {"state": status(machine)["state"]}


def told_apart(machine: Machine) -> dict[str, Any]:
    """Touchpads, tablets and keyboards are not opened; mice and pointing sticks are. QEMU's own tablet neither."""
    answer = probe(machine, "kinds")
    opened = {kind for kind, facts in answer.items() if facts["opened"]}
    assert opened == {"mouse", "pointing stick"}, answer
    before = sees(machine)["events"]
    machine.plug("tablet0", "usb-tablet")
    until(lambda: machine.run("cat /proc/bus/input/devices"), lambda now: "USB Tablet" in now, 60)
    for step in range(40):
        machine.point(step * 500, step * 300)
    after = status(machine)["events"]
    machine.unplug("tablet0")
    assert after == before, f"{after - before} events of a tablet"
    goes_on(machine)
    return answer | {"events of QEMU's tablet": after - before}


def held_button(machine: Machine) -> dict[str, Any]:
    """A mouse that goes with its button held lets go of it: another one's movement is no drag."""
    answer = probe(machine, "held")
    # Pressed, moved once with the button held, and then moved by the other mouse; what was half told is not there.
    assert answer["kinds"] == {"PRESS": 1, "DRAG": 1, "RELEASE": 1, "MOVE": 1}, answer
    assert answer["place"] == [10.0, 0.0], answer
    return answer


def rates(machine: Machine) -> list[dict[str, Any]]:
    """1,000 to 8,000 reports a second: what is not heard is said."""
    measured = [probe(machine, "rate", hz, 3) for hz in (1000, 4000, 8000)]
    for one in measured:
        heard = one["kinds"]["MOVE"]
        assert heard == one["reports"] or one["lost"], one
    return measured


def fine_wheel(machine: Machine) -> dict[str, Any]:
    """A wheel of fine steps is one turn a detent."""
    answer = probe(machine, "wheel", 12)
    assert answer["kinds"] == {"SCROLL": 12}, answer
    return answer


def forged(machine: Machine) -> dict[str, Any]:
    """A listener that says that it judged what never was is reported."""
    listen(machine, "forge")
    return {"account_uid": tampering(machine, "forged")["account_uid"]}


def drained(machine: Machine) -> dict[str, Any]:
    """A listener that takes the movement and says nothing of it is reported, once it has for a minute of use."""
    before = told_tampering(machine, "drains")
    assert not before, before
    with ThreadPoolExecutor(1) as own:
        listening = own.submit(listen, machine, "drain", "100")
        circle(machine, round(90 / 0.062))
        heard = listening.result()
    own_uid = tampering(machine, "drains")["account_uid"]
    assert heard["packets"] > 400, heard
    return heard | {"account_uid": own_uid}


def at_two_seats(machine: Machine) -> dict[str, Any]:
    """Each of two people at two seats hears the mice of their own seat alone, also once a mouse is given away."""
    answer = probe(machine, "seats", timeout_s=400)
    assert answer == {
        "one mouse each": {"seat0": {"MOVE": 7}, "seat1": {"MOVE": 5}},
        "both at seat1": {"seat0": {}, "seat1": {"MOVE": 12}},
    }, answer
    return answer


def goes_on(machine: Machine) -> None:
    """The USB mouse's movement still reaches the agent."""
    before = sees(machine)["events"]
    circle(machine, 30)
    until(lambda: status(machine), lambda now: now["events"] >= before + 20, 120)


def service_pid(machine: Machine) -> str:
    """The mouse service's process."""
    return machine.run("systemctl show -P MainPID steadyhand-mouse").strip()


def agent_pid(machine: Machine) -> str:
    """The agent's process."""
    return machine.run("systemctl --user -M anna@ show -P MainPID steadyhand").strip()


def service_mb(machine: Machine) -> float:
    """Its memory, MB."""
    line = machine.run(f"grep VmRSS /proc/{service_pid(machine)}/status")
    return round(int(line.split()[1]) / 1024, 1)
