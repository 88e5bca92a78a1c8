"""What capture costs: CPU of one core and lost events while the mouse moves without a pause.

Run as ``python bench/bench_capture.py [--seconds 10] [--window] [--json FILE]`` from the root. It starts its
own Xvfb. A second process moves the pointer through XTEST; only this process's CPU is counted. ``--window``
puts a window that wants motion below the pointer: then the X server sends each event at once.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from agent.engine.events import EventBatch
from agent.host.linux.pointer import X11Pointer
from agent.host.ring import Ring

_GENERATOR = Path(__file__).parent.parent / "tests" / "e2e" / "xgenerator.py"
_REST_S = 3.0


def start_server() -> subprocess.Popen[bytes]:
    """Xvfb on a free number, named in DISPLAY."""
    reading, writing = os.pipe()
    command = [
        "Xvfb",
        "-displayfd",
        str(writing),
        "-screen",
        "0",
        "1280x720x24",
        "-nolisten",
        "tcp",
        "-noreset",
    ]
    server = subprocess.Popen(command, pass_fds=(writing,), stderr=subprocess.DEVNULL)
    os.close(writing)
    with os.fdopen(reading) as ready_pipe:
        os.environ["DISPLAY"] = f":{ready_pipe.readline().strip()}"
    return server


def open_window() -> Any:
    """A full-screen window that asks for motion. What it gets is thrown away by another process."""
    code = (
        "from Xlib import X\n"
        "from Xlib.display import Display\n"
        "d = Display()\n"
        "w = d.screen().root.create_window(0, 0, 1280, 720, 0, 24, event_mask=X.PointerMotionMask)\n"
        "w.map(); d.sync(); print('ready', flush=True)\n"
        "while d.display.socket.recv(65536): pass\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    return process


def cpu_s() -> float:
    """CPU time of this process so far, in seconds."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def measure(hz: int, seconds: float) -> tuple[float, int]:
    """CPU in percent of a core, and events lost, at one rate."""
    ring, source, sent = Ring(), X11Pointer(), int(hz * seconds)
    source.start(ring)
    began_s, used_s = time.monotonic(), cpu_s()
    subprocess.run([sys.executable, str(_GENERATOR), str(hz), str(sent)], check=True)
    percent = 100 * (cpu_s() - used_s) / (time.monotonic() - began_s)
    source.sync()
    seen = sum(len(item) for item in ring.drain() if isinstance(item, EventBatch))
    source.stop()
    return percent, sent - seen


def wakeups_per_min() -> float:
    """How often capture's threads wake up while the mouse rests."""
    source = X11Pointer()
    source.start(Ring())
    time.sleep(0.5)
    before = _switches()
    time.sleep(_REST_S)
    woken = _switches() - before - 1  # the end of this thread's own sleep
    source.stop()
    return woken * 60 / _REST_S


def _switches() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_nvcsw


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--seconds", type=float, default=10.0, help="of motion at each rate")
    parser.add_argument("--window", action="store_true", help="a window below the pointer wants motion")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    options = parser.parse_args()
    server = start_server()
    window = open_window() if options.window else None
    figures: dict[str, float | int] = {}
    try:
        for hz in (125, 1000):
            percent, lost = measure(hz, options.seconds)
            figures[f"cpu_percent_{hz}hz"] = round(percent, 2)
            figures["lost_events"] = figures.get("lost_events", 0) + lost
        figures["idle_wakeups_per_min"] = round(wakeups_per_min(), 1)
    finally:
        if window is not None:
            window.terminate()
        server.terminate()
    text = json.dumps({"capture": figures})
    print(text)
    if options.json:
        options.json.write_text(text + "\n")


if __name__ == "__main__":
    main()
