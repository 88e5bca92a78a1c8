"""How late the hook hears a real mouse under Wine: measured on the desktop where the agent is to work."""

from __future__ import annotations

import json
import time

import numpy as np
from numpy.typing import NDArray

from agent.demo.hand import XTestPointer
from agent.demo.processes import punctual
from agent.host.linux.xdisplay import open_display
from tests.packaging.wine import DRIVE, ROOT, WindowsDesktop, wait_for, windows_path

MOVES, EVERY_S, BLOCK = 1_500, 0.008, 20
HEARD = DRIVE / "heard.json"


def measured_lateness_ns(desktop: WindowsDesktop) -> NDArray[np.int64]:
    """How much later than the earliest each of 1,500 movements at 125 Hz was heard, in order."""
    HEARD.unlink(missing_ok=True)
    script = windows_path(ROOT / "tests/packaging/hook_lateness.py")
    seconds = MOVES * EVERY_S + 5.0
    with desktop.python(script, windows_path(HEARD), str(seconds)) as listening:
        wait_for("the hook", HEARD.exists, 60.0)
        desktop.punctual("wineserver64", "python.exe", "explorer.exe")
        sent = moved(desktop)
        assert listening.wait(60) == 0
    heard = json.loads(HEARD.read_text())
    late, at = [], 0
    for sent_ns, x, y in sent:
        place = next((n for n in range(at, min(at + 10, len(heard))) if heard[n][1:] == [x, y]), None)
        if place is not None:  # the server merges what comes too fast
            late.append(heard[place][0] - sent_ns)
            at = place + 1
    assert len(late) > MOVES * 0.9, f"{len(late)} of {MOVES} movements were heard"
    return np.array(late, np.int64) - min(late)


def moved(desktop: WindowsDesktop) -> list[tuple[int, int, int]]:
    """Move 1,500 times, no two places in a row alike: when, and where to."""
    punctual()
    sent = []
    with XTestPointer(open_display(desktop.environment)) as pointer:
        began_s = time.monotonic() + 0.5
        for n in range(MOVES):
            while (left_s := began_s + n * EVERY_S - time.monotonic()) > 0:
                time.sleep(left_s)
            x, y = 200 + n * 3 % 700, 300 + n % 50
            sent.append((time.clock_gettime_ns(time.CLOCK_MONOTONIC_RAW), x, y))
            pointer.move(x, y)
    return sent


def drawn(late_ns: NDArray[np.int64], count: int, seed: int) -> NDArray[np.int64]:
    """As many of them, in pieces of twenty: what is late makes the next ones late."""
    starts = np.random.default_rng(seed).integers(0, len(late_ns) - BLOCK, count // BLOCK + 1)
    return np.concatenate([late_ns[start : start + BLOCK] for start in starts])[:count]
