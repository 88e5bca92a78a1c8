"""The stage stands, what is played on it is what an application captures, and nothing is left of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from Xlib import X

from agent.demo.desktop import desk, layout
from agent.demo.hand import XTestPointer, play
from agent.demo.processes import punctual
from agent.demo.screenshot import screenshot
from agent.demo.stage import VirtualStage, stage
from agent.demo.synthesis import person, work
from agent.engine.errors import SteadyhandError
from agent.engine.events import EventBatch, EventKind

pytestmark = [pytest.mark.display, pytest.mark.skipif(sys.platform != "linux", reason="Xvfb is for Linux")]

FIRST = 130

# A program on the stage that prints what pynput sees, with X's own stamps, once told how many to await.
CAPTURE = """
import json, os, sys, time
from pynput import mouse
seen = []
class Listener(mouse.Listener):
    def _handle_message(self, display, event, injected):
        seen.append((event.time, event.type, event.detail, event.root_x, event.root_y))
with Listener() as listener:
    listener.wait()
    print("ready", flush=True)
    wanted, deadline = int(sys.stdin.readline()), time.monotonic() + 5
    while len(seen) < wanted and time.monotonic() < deadline:
        time.sleep(0.01)
    print(json.dumps(seen), flush=True)
    os._exit(0)
"""


@pytest.fixture(scope="module")
def on() -> Iterator[VirtualStage]:
    with stage(first_display=FIRST) as made:
        yield made


@contextmanager
def capture(on: VirtualStage, wanted: int, into: list[list[int]]) -> Iterator[None]:
    """Capture with pynput, in another program, while the block runs and until `wanted` events came."""
    command = [sys.executable, "-c", CAPTURE]
    with subprocess.Popen(
        command, env=dict(on.environment), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        assert child.stdin is not None
        assert child.stdout.readline() == "ready\n"
        yield
        # A round trip makes the server hand over what it still buffers for RECORD.
        display = on.connect()
        display.sync()
        display.close()
        print(wanted, file=child.stdin, flush=True)
        into.extend(json.loads(child.stdout.readline()))


def allowed_to_be_punctual() -> bool:
    with ThreadPoolExecutor(1) as other:
        return other.submit(punctual).result()


def test_what_is_played_is_what_is_captured(on: VirtualStage) -> None:
    events = EventBatch.concat(work(person(1), desk(1280, 800, pace=0.1), 2, seconds=6.0))
    seen: list[list[int]] = []
    ticks = int(np.sum(events.kind == EventKind.SCROLL))
    with (
        capture(on, len(events) + ticks, seen),
        XTestPointer(on.connect()) as pointer,
        ThreadPoolExecutor(1, initializer=punctual) as player,
    ):
        played = player.submit(play, events, pointer).result()
    assert played.events == len(events)

    # A tick of the wheel is a press and a release of its button.
    sent = [
        (*row, state)
        for row in zip(
            *(getattr(events, n).tolist() for n in ("t_ns", "kind", "button", "x", "y")), strict=True
        )
        for state in ((X.ButtonPress, X.ButtonRelease) if row[1] == EventKind.SCROLL else (row[1],))
    ]
    types = {EventKind.MOVE: X.MotionNotify, EventKind.DRAG: X.MotionNotify}
    types |= {EventKind.PRESS: X.ButtonPress, EventKind.RELEASE: X.ButtonRelease}
    want = np.array([(types[k] if k == s else s, 0 if k <= 1 else b, x, y) for _, k, b, x, y, s in sent], int)
    got = np.array(seen, int)
    assert np.array_equal(got[:, 1:], want)
    off_ms = np.diff(got[:, 0]) - np.diff([row[0] / 1e6 for row in sent])
    if allowed_to_be_punctual():
        assert np.mean(np.abs(off_ms) <= 1) > 0.9
        assert np.mean(np.abs(off_ms) <= 2) > 0.95
    assert abs(off_ms.sum()) <= 20, "deadlines are absolute: nothing adds up"


def test_a_screenshot_shows_the_windows(on: VirtualStage, tmp_path: Path) -> None:
    display = on.connect()
    path = screenshot(display, tmp_path / "desk.png")
    display.close()
    with Image.open(path) as picture:
        assert picture.size == (1280, 800)
        for pane in layout(1280, 800):
            left, top, width, height = pane.place
            assert picture.getpixel((left + width - 3, top + height - 3)) == (0xFB, 0xFA, 0xF7)
            assert picture.getpixel((left + 1, top + height - 3)) == (0xFB, 0xFA, 0xF7), (
                "placed where the desk says"
            )
        assert picture.getpixel((2, 2)) == (0x2F, 0x48, 0x58)


def test_two_stages_take_two_displays(on: VirtualStage) -> None:
    with stage(640, 480, first_display=FIRST, furnished=False) as other:
        assert other.display != on.display
        assert other.folder != on.folder


def test_the_stage_is_shut_to_others(on: VirtualStage) -> None:
    environment = {**on.environment, "XAUTHORITY": "/dev/null"}
    result = subprocess.run(["xprop", "-root"], env=environment, capture_output=True, text=True)
    assert result.returncode != 0
    assert on.folder.stat().st_mode & 0o777 == 0o700


def users_of(folder: Path) -> list[int]:
    """Processes that run in the environment of a stage."""
    found = []
    for process in Path("/proc").iterdir():
        if process.name.isdigit() and int(process.name) != os.getpid():
            try:
                if str(folder).encode() in (process / "environ").read_bytes():
                    found.append(int(process.name))
            except (FileNotFoundError, PermissionError, ProcessLookupError):
                continue
    return found


def test_nothing_is_left_even_after_an_error() -> None:
    kept = []

    def fail() -> None:
        with stage(first_display=FIRST) as made:
            kept.append(made)
            assert len(users_of(made.folder)) >= 5
            # A program that will not end when it is asked to.
            made.processes.start(["sh", "-c", "trap '' TERM; while :; do sleep 1; done"])
            raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError, match="in the middle"):
        fail()
    assert users_of(kept[0].folder) == []
    assert not kept[0].folder.exists()
    assert not Path(f"/tmp/.X{kept[0].display[1:]}-lock").exists()


def test_a_killed_demonstration_leaves_no_processes() -> None:
    script = (
        "import sys, time\nfrom agent.demo.stage import stage\n"
        f"with stage(first_display={FIRST}) as made:\n"
        "    print(made.folder, flush=True); time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        folder = Path(child.stdout.readline().strip())
        assert len(users_of(folder)) >= 5
        child.kill()
    for _ in range(100):
        if not users_of(folder):
            break
        subprocess.run(["sleep", "0.05"], check=True)
    assert users_of(folder) == []
    subprocess.run(["rm", "-rf", str(folder)], check=True)


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SteadyhandError, match=r"Xvfb.*xvfb.*make setup"), stage(first_display=FIRST):
        pytest.fail("it must not start")


def test_a_program_that_dies_is_cited(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    broken = tmp_path / "openbox"
    broken.write_text("#!/bin/sh\necho no screen today >&2\nexit 3\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with (
        pytest.raises(SteadyhandError, match=r"openbox ended with code 3: no screen today"),
        stage(first_display=FIRST),
    ):
        pytest.fail("it must not start")
