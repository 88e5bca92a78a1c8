"""What the running agent costs: memory, time to be ready, CPU under constant motion, wake-ups at rest."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Final

from agent.demo.hand import XTestPointer, play
from agent.demo.stage import VirtualStage, stage
from agent.files.paths import Paths
from bench.living import BARE, FIRST_DISPLAY, GTK, XORG, Agent, Kind, has_gtk, mouse_of, running
from bench.people import install, session, trained
from bench.receivers import everything_over_http

STARTS: Final = 5
WORK_S: Final = 12.0
MOTION_S: Final = 8.0
MINUTE_S: Final = 60.0
SLOT_S: Final = 0.25
_SETTLE_S: Final = 2.5
_FORBIDDEN: Final = ("sklearn", "scipy", "joblib")

Figures = dict[str, float | str]


def measure() -> Figures:
    """All figures of the agent; takes two and a half minutes.

    One agent rests on a display of its own, while on another display further ones start, work and end.

    Raises
    ------
    SteadyhandError
        If a desktop or an agent does not start.
    """
    with a_desk() as (quiet, home), running(quiet, home, XORG) as resting:
        _work(quiet, 4.0)
        rest = Rest(resting)
        rest.start()
        figures = _busy()
        return figures | rest.figures()


def _busy() -> Figures:
    """Everything that needs a mouse that moves."""
    with a_desk() as (desktop, root):
        ready = []
        for _ in range(STARTS - 1):
            with running(desktop, root, XORG) as agent:
                ready.append(agent.ready_s)
        with running(desktop, root, XORG) as agent:
            ready.append(agent.ready_s)
            figures = _long_run(desktop, agent)
            figures["cpu until ready, s"] = round(agent.ready_cpu_s, 2)
            figures["forbidden modules"] = _forbidden(agent)
        figures["ready_s"] = round(statistics.median(ready), 3)
        figures["slowest start, s"] = round(max(ready), 3)
        for kind in (BARE, GTK) if has_gtk() else (BARE,):
            figures |= _memory(desktop, root, kind)
        with everything_over_http(root) as settings:
            figures |= _memory(desktop, root, replace(XORG, name="xorg and HTTPS", settings=settings))
    return figures


@contextmanager
def a_desk() -> Iterator[tuple[VirtualStage, Path]]:
    """A desktop, and a folder in which the owner's profile for its mouse is installed."""
    with (
        stage(first_display=FIRST_DISPLAY, furnished=False) as desktop,
        tempfile.TemporaryDirectory(dir=desktop.folder) as name,
    ):
        root = Path(name)
        install(Paths.under(root), trained(mouse_of(desktop)))
        yield desktop, root


def _long_run(desktop: VirtualStage, agent: Agent) -> Figures:
    """Work, then constant motion with and without a window that wants it."""
    _work(desktop, WORK_S)
    figures: Figures = {"rss after work, MB": round(agent.gauge.rss_mb(), 1)}
    used: dict[int, list[float]] = {125: [], 1000: []}
    lost = 0
    for below in ("desktop", "window"):
        if below == "window":
            desktop.processes.start([sys.executable, "-m", "bench.motion", "window"], name="window")
            time.sleep(1.0)
        for hz, percents in used.items():
            percent, missed = _motion(desktop, agent, hz)
            percents.append(percent)
            lost += missed
            figures[f"cpu % at {hz} Hz over the {below}"] = round(percent, 2)
    figures |= {f"cpu_percent_{hz}hz": round(max(percents), 2) for hz, percents in used.items()}
    return {**figures, "rss_mb": round(agent.gauge.rss_mb(), 1), "lost_events": lost}


def _work(desktop: VirtualStage, seconds: float) -> None:
    """The owner works, played as real input; then everything has been taken in."""
    with XTestPointer(desktop.connect()) as pointer:
        play(session(99, 300.0, pace=0.05), pointer, longest_pause_s=0.3, stop=_after(seconds))
    time.sleep(_SETTLE_S)


def _after(seconds: float) -> Callable[[], bool]:
    end_s = time.monotonic() + seconds
    return lambda: time.monotonic() > end_s


def _motion(desktop: VirtualStage, agent: Agent, hz: int) -> tuple[float, int]:
    """CPU in percent of a core while the mouse moves at one rate, and the events that went missing."""
    before = agent.status()["events"]
    began_s, used_s = time.monotonic(), agent.gauge.cpu_s()
    command = [sys.executable, "-m", "bench.motion", str(hz), str(MOTION_S)]
    sent = subprocess.run(command, env=dict(desktop.environment), check=True, capture_output=True, timeout=60)
    percent = 100 * (agent.gauge.cpu_s() - used_s) / (time.monotonic() - began_s)
    time.sleep(_SETTLE_S)
    return percent, int(sent.stdout) - (agent.status()["events"] - before)


class Rest:
    """Sees who wakes up in the first and the second minute in which nothing happens.

    A wake-up is a quarter of a second in which any thread ran: a heartbeat that waits for the disk ten times is one, a
    timer of 10 Hz is four a second.
    """

    def __init__(self, agent: Agent) -> None:
        self._gauge = agent.gauge
        self._minutes: list[list[dict[str, int]]] = []
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        """Begin the first minute."""
        self._thread.start()

    def figures(self) -> Figures:
        """Wait for the end of the second minute.

        The first heartbeat opens the connection over which the X server is asked for its idle time; so the
        second minute is how the agent rests from then on.
        """
        self._thread.join()
        first, second = self._minutes
        switches = _woken(second[0], second[-1])
        return {
            "idle_wakeups_per_min": _moments(second),
            "wake-ups in the first minute": _moments(first),
            "context switches at rest": ", ".join(f"{n} {count}" for n, count in switches.items()) or "none",
        }

    def _run(self) -> None:
        # A little longer than a minute, so that each holds a heartbeat.
        slots = round((MINUTE_S + 1.5) / SLOT_S)
        for _ in range(2):
            counts = [self._gauge.switches()]
            for _ in range(slots):
                time.sleep(SLOT_S)
                counts.append(self._gauge.switches())
            self._minutes.append(counts)


def _moments(counts: Sequence[dict[str, int]]) -> int:
    return sum(1 for before, after in pairwise(counts) if _woken(before, after))


def _woken(before: dict[str, int], after: dict[str, int]) -> dict[str, int]:
    rises = {name: count - before.get(name, 0) for name, count in after.items()}
    return {name.partition("/")[0]: rise for name, rise in rises.items() if rise}


def _memory(desktop: VirtualStage, root: Path, kind: Kind) -> Figures:
    with running(desktop, root, kind) as agent:
        _motion(desktop, agent, 1000)
        return {f"rss with {kind.name}, MB": round(agent.gauge.rss_mb(), 1)}


def _forbidden(agent: Agent) -> str:
    """What of scikit-learn and its kin is in the process; it ends the agent."""
    mapped = agent.gauge.maps()
    loaded = {name.partition(".")[0] for name in agent.end()}
    forbidden = [name for name in _FORBIDDEN if name in loaded or f"/{name}/" in mapped]
    return ", ".join(forbidden) or "none"
