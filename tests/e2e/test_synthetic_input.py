"""Programs that move the mouse, with real tools on a real X server: what gives each of them away.

X flags what comes through XTEST, and tells of no device where the pointer is warped. Each tool's movement is also
judged with that flag taken off, as if it came from a device of its own (uinput, or a box that says it is a mouse).
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pytest

from agent.demo.hand import XTestPointer, play
from agent.demo.synthesis import Screen, office, person, work
from agent.engine.events import Boundary, Cause, EventBatch
from agent.engine.scripted import ScriptedMovement, ScriptedSign
from agent.host.linux.pointer import X11Pointer
from agent.host.ring import Ring
from tests.e2e.conftest import VirtualDisplay
from tests.e2e.desktop import missing

LACKING = missing("Xvfb", "xdotool")
pytestmark = [pytest.mark.display, pytest.mark.skipif(bool(LACKING), reason=LACKING)]

LINES = "for n in 1 2 3 4 5 6; do for s in $(seq 1 40); do echo mousemove $((90+12*s+n)) $((60+9*s-4*n)); \
echo sleep 0.008; done; echo sleep 0.4; done | xdotool -"
JIGGLE = "for n in 1 2 3 4 5 6; do xdotool mousemove_relative 1 0; sleep 0.5; \
xdotool mousemove_relative -- -1 0; sleep 0.5; done"
AUTOCLICK = "xdotool click --repeat 40 --delay 50 1"


@dataclass
class Seen:
    """What capture made of a program's work."""

    events: EventBatch

    @property
    def flagged(self) -> float:
        """Share of events that X itself marks as a program's."""
        return float(self.events.synthetic.mean())

    def signs(self) -> set[ScriptedSign]:
        """What the movement alone gives away, had X flagged nothing."""
        watch, e = ScriptedMovement(), self.events
        bare = EventBatch(e.t_ns, e.x, e.y, e.kind, e.button, e.source, np.zeros(len(e), np.bool_))
        end = Boundary(int(e.t_ns[-1]) + 10**9, Cause.GAP)
        return {found.sign for item in (bare, end) for found in watch.feed(item)}


@pytest.fixture
def eyes(bare_display: VirtualDisplay) -> Iterator[Seeing]:
    source, ring = X11Pointer(), Ring()
    source.start(ring)
    yield Seeing(source, ring, bare_display)
    source.stop()


@dataclass
class Seeing:
    """Capture on a display of its own."""

    source: X11Pointer
    ring: Ring
    display: VirtualDisplay

    def run(self, *command: str) -> Seen:
        subprocess.run(command, env=self.display.environ, check=True, timeout=60, stdout=subprocess.DEVNULL)
        return self.seen()

    def seen(self) -> Seen:
        self.source.sync()
        return Seen(EventBatch.concat(i for i in self.ring.drain() if isinstance(i, EventBatch)))


def test_xdotool_along_lines_is_known_by_the_missing_device_and_by_the_ruler(eyes: Seeing) -> None:
    """Absolute moves of xdotool warp the pointer: X tells of no device, and that is the flag."""
    seen = eyes.run("sh", "-c", LINES)
    assert len(seen.events) >= 200
    assert seen.events.synthetic.tolist() == [False, False] + [True] * (len(seen.events) - 2)
    assert ScriptedSign.STRAIGHT in seen.signs()
    assert ScriptedSign.EVEN in seen.signs()


def test_a_jiggler_is_known_by_the_flag_and_by_its_clock(eyes: Seeing) -> None:
    seen = eyes.run("sh", "-c", JIGGLE)
    assert len(seen.events) == 12
    assert seen.flagged == 1.0
    assert seen.signs() == {ScriptedSign.PERIODIC}


def test_an_autoclicker_is_known_by_the_flag_alone(eyes: Seeing) -> None:
    seen = eyes.run("sh", "-c", AUTOCLICK)
    assert len(seen.events) >= 80
    assert seen.flagged == 1.0
    assert seen.signs() == set()


def test_the_owners_recording_played_again_is_known_by_the_flag_and_by_its_paths(eyes: Seeing) -> None:
    events = EventBatch.concat(work(person(2), office(Screen(0, 0, 1280, 720)), 5, actions=10))
    for _ in range(2):
        with XTestPointer(eyes.source._own.__class__(eyes.display.name)) as pointer:
            play(events, pointer, speed=2.0, longest_pause_s=0.9)
        time.sleep(0.4)
    seen = eyes.seen()
    assert seen.flagged == 1.0
    assert seen.signs() == {ScriptedSign.REPEATED}


def test_the_same_hand_played_once_is_known_by_the_flag_alone(eyes: Seeing) -> None:
    events = EventBatch.concat(work(person(3), office(Screen(0, 0, 1280, 720)), 6, actions=10))
    with XTestPointer(eyes.source._own.__class__(eyes.display.name)) as pointer:
        play(events, pointer, speed=2.0, longest_pause_s=0.9)
    seen = eyes.seen()
    assert seen.flagged == 1.0
    assert seen.signs() == set(), "movement that imitates a hand is not known by the movement"
