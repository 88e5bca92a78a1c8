"""Constant motion for a long time: ``python -m bench.soak --seconds 1800``. Nothing lost, memory flat.

The agent works in a process of its own on a display of its own, with a profile, and judges everything. It works for a
while first, so that what it keeps by design is there; then its memory is read about once a minute, and the line through
the readings says how much it grows. The exit code is 1 where an event was lost or memory grew by more than 2 MB.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from typing import Final

import numpy as np

from agent.alerts.verify import verify
from agent.demo.stage import VirtualStage
from bench.bench_agent import a_desk
from bench.living import BARE, running

MOST_GROWTH_MB: Final = 2.0
# What the agent keeps by design fills up within it: the curve is flat to 0.01 MB/s after 100 s.
WARM_UP_S: Final = 100.0
LEAST_PIECES: Final = 10
MOST_PIECES: Final = 30
SETTLE_S: Final = 2.5


def main(arguments: list[str]) -> int:
    """Soak, print the figures, judge them."""
    parser = argparse.ArgumentParser(prog="bench.soak")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--warm-up", type=float, default=WARM_UP_S, help="seconds before the first reading")
    parser.add_argument("--hz", type=int, default=1000)
    options = parser.parse_args(arguments)
    with a_desk() as (desktop, root), running(desktop, root, BARE) as agent:
        sent = _move(desktop, options.hz, options.warm_up)
        began_s, used_s = time.monotonic(), agent.gauge.cpu_s()
        times, sizes = [0.0], [agent.gauge.rss_mb()]
        pieces = int(np.clip(options.seconds / 10, LEAST_PIECES, MOST_PIECES))
        for _ in range(pieces):
            sent += _move(desktop, options.hz, options.seconds / pieces)
            times.append(time.monotonic() - began_s)
            sizes.append(agent.gauge.rss_mb())
        cpu_percent = 100 * (agent.gauge.cpu_s() - used_s) / times[-1]
        time.sleep(SETTLE_S)
        lost = sent - int(agent.status()["events"])
        agent.end()
        report = verify(agent.paths.alerts_file.read_text(encoding="utf-8").splitlines())
    growth_mb = float(np.polyfit(times, sizes, 1)[0]) * times[-1]
    print(
        f"{times[-1]:.0f} s at {options.hz} Hz: {sent} events sent, {lost} lost; memory {sizes[0]:.1f} MB, then"
        f" {min(sizes):.1f} to {max(sizes):.1f}, growth along the line {growth_mb:+.2f} MB; {cpu_percent:.1f} % of a"
        f" core; {report.alerts} alerts, chain {'whole' if not report.problems else report.problems}"
    )
    return 1 if lost or growth_mb > MOST_GROWTH_MB or report.problems else 0


def _move(desktop: VirtualStage, hz: int, seconds: float) -> int:
    """Move the mouse of a display; returns how many events were sent."""
    command = [sys.executable, "-m", "bench.motion", str(hz), f"{seconds:.3f}"]
    ended = subprocess.run(
        command, env=dict(desktop.environment), check=True, capture_output=True, timeout=seconds + 60
    )
    return int(ended.stdout)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
