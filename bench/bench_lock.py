"""How long it takes until a lock is seen: `ScreenLock.lock` on a private display, five times over.

``python -m bench.bench_lock LOCKER...`` measures on the display that the environment names; i3lock is ended
after each run.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from agent.config.schema import LOCKERS
from agent.demo.stage import stage
from agent.engine.errors import SteadyhandError
from agent.host.api import LockResult, ScreenLock
from agent.host.select import services
from bench.living import FIRST_DISPLAY

RUNS: Final = 5


def measure() -> dict[str, float | str]:
    """The slowest of five runs with the default lockers, of which i3lock answers; and with i3lock alone.

    Raises
    ------
    SteadyhandError
        If the desktop does not start, or the screen cannot be locked there.
    """
    with stage(first_display=FIRST_DISPLAY, furnished=False) as desktop:
        environment = dict(desktop.environment)
        asked, alone = (_in_child(environment, lockers) for lockers in (LOCKERS, ("i3lock",)))
    return {
        "verified_ms": round(max(asked), 1),
        "median of 5, ms": round(sorted(asked)[RUNS // 2], 1),
        "median with i3lock alone, ms": round(sorted(alone)[RUNS // 2], 1),
    }


def _in_child(environment: dict[str, str], lockers: Sequence[str]) -> list[float]:
    command = [sys.executable, "-m", "bench.bench_lock", *lockers]
    child = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    if child.returncode != 0:
        last_words = child.stderr.strip().splitlines() or ["it said nothing"]
        raise SteadyhandError(f"the screen was not locked ({last_words[-1]})", "install i3lock")
    times: list[float] = json.loads(child.stdout)
    return times


def _measure_here(lockers: Sequence[str]) -> list[float]:
    """Milliseconds of each run."""
    lock, times_ms = services(lockers, os.environ).lock, []
    for _ in range(RUNS):
        start_ns = time.perf_counter_ns()
        report = lock.lock()
        times_ms.append((time.perf_counter_ns() - start_ns) / 1e6)
        if report.result is not LockResult.LOCKED:
            raise SteadyhandError("; ".join(report.tried), "see `steadyhand doctor`")
        _unlock(lock)
    return times_ms


def _unlock(lock: ScreenLock) -> None:
    """End the locker, which is this process's child, and wait until the screen is free."""
    for task in Path("/proc/self/task").iterdir():
        for pid in (task / "children").read_text().split():
            os.kill(int(pid), signal.SIGTERM)
    while lock.is_locked():
        time.sleep(0.02)
    time.sleep(0.1)


if __name__ == "__main__":
    print(json.dumps(_measure_here(sys.argv[1:])))
