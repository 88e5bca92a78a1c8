"""What service and agent cost in the machine, and how exposed systemd calls the units."""

from __future__ import annotations

import threading
import time
from typing import Any

from tests.vm.device_checks import agent_pid, service_pid
from tests.vm.machine import Machine
from tests.vm.sight import circle, sees

_SECONDS = 30.0
_UNITS = ("steadyhand-mouse", "steadyhand-program-check", "steadyhand-relay")


def measured(machine: Machine) -> dict[str, Any]:
    """Exposure of each unit; memory, and processor time of half a minute at rest and with the mouse moving.

    A machine without the hardware's help computes some ten times as slowly as its host: processor time is for
    comparing the one state with the other, not for docs/performance.md.
    """
    sees(machine)
    pids = {"service": service_pid(machine), "agent": agent_pid(machine)}
    answer: dict[str, Any] = {unit: exposure(machine, unit) for unit in _UNITS}
    assert all(float(word.split()[0]) < 2.5 for word in answer.values()), answer
    for name, pid in pids.items():
        answer[f"{name} MB"] = memory_mb(machine, pid)
    for state, moves in (("at rest", 0), ("moving", round(_SECONDS / 0.062))):
        spent = shares(machine, pids, moves)
        answer |= {f"{name} % {state}": share for name, share in spent.items()}
    return answer


def exposure(machine: Machine, unit: str) -> str:
    """systemd's figure, from 0 to 10, and its word."""
    shown = machine.run(f"systemd-analyze security --no-pager {unit}", timeout_s=200)
    line = next(line for line in shown.splitlines() if "Overall exposure" in line)
    return " ".join(line.split(":", 1)[1].split()[:2])


def memory_mb(machine: Machine, pid: str) -> float:
    """What a process has in memory that is its own share (PSS)."""
    line = machine.run(f"grep ^Pss: /proc/{pid}/smaps_rollup")
    return round(int(line.split()[1]) / 1024, 1)


def shares(machine: Machine, pids: dict[str, str], moves: int) -> dict[str, float]:
    """Percent of a core that each process takes while the mouse moves so often at 15 reports a second."""
    before, began = ticks(machine, pids), time.monotonic()
    moving = threading.Thread(target=circle, args=(machine, moves))
    moving.start()
    time.sleep(_SECONDS)
    moving.join()
    after, seconds = ticks(machine, pids), time.monotonic() - began
    return {name: round((after[name] - before[name]) / seconds, 1) for name in pids}


def ticks(machine: Machine, pids: dict[str, str]) -> dict[str, int]:
    """Processor time so far, in the kernel's hundredths of a second."""
    listed = machine.run("cat " + " ".join(f"/proc/{pid}/stat" for pid in pids.values())).splitlines()
    fields = [line.rsplit(")", 1)[1].split() for line in listed]
    return {name: int(own[11]) + int(own[12]) for name, own in zip(pids, fields, strict=True)}
