"""A made-up hand on the machine's USB mouse, in real time."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from agent.demo.desktop import desk
from agent.demo.hand import play
from agent.demo.processes import punctual
from agent.demo.synthesis import person, work
from agent.engine.events import EventBatch
from tests.vm.machine import Machine

SIZE = (1280, 800)
# Two hands that lie well apart, at the same desk.
OWNER, INTRUDER = 2, 10
PACE = 0.2
# 31 reports a second arrive whole in a machine without the hardware's help; at 125 every other one merges.
REPORT_MS = 32.0
LONGEST_PAUSE_S = 1.5
_BUTTONS = {1: "left", 2: "middle", 3: "right", 4: "wheel-up", 5: "wheel-down"}


class UsbMouse:
    """`agent.demo.hand.Pointer` on the USB mouse: places become distances.

    Parameters
    ----------
    machine : Machine
    """

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._at: tuple[int, int] | None = None

    def move(self, x: int, y: int) -> None:
        """Move by what lies between this place and the last."""
        dx, dy = (x - self._at[0], y - self._at[1]) if self._at else (1, 0)
        self._at = (x, y)
        if dx or dy:
            self._machine.move(dx, dy)

    def button(self, number: int, down: bool) -> None:
        """Press or let go, by X's number."""
        self._machine.button(_BUTTONS[number], down=down)


def session(who: int, seed: int, seconds: float) -> EventBatch:
    """What a person does in one session of so many seconds."""
    place = desk(*SIZE, pace=PACE, report_ms=REPORT_MS)
    return EventBatch.concat(work(person(who), place, seed, seconds=seconds))


def play_on(machine: Machine, events: EventBatch, stop: Callable[[], bool] = lambda: False) -> int:
    """Make it happen; how many of the events did."""
    with ThreadPoolExecutor(1, initializer=punctual) as player:
        played = player.submit(
            play, events, UsbMouse(machine), longest_pause_s=LONGEST_PAUSE_S, stop=stop
        ).result()
    return played.events
