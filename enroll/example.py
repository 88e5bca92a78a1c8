"""Example generator: writes tables of made-up people, on which every command can be tried.

What these people do says nothing about real ones: docs/results.md has the figures from real data.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from agent.demo.synthesis import Screen, office, person, work
from agent.engine.errors import SteadyhandError
from agent.engine.events import Button, EventBatch, EventKind
from agent.files.private import mendable
from enroll.datasets.formats import BALABIT
from enroll.datasets.vocabulary import BUTTONS, STATES

NAMES: Final = ("ada", "blaise", "carl", "dorothy", "emmy", "felix", "grace", "hedy")
SCREEN: Final = Screen(0, 0, 1920, 1080)


@dataclass(frozen=True, slots=True)
class ExampleSize:
    """How much is made up.

    Attributes
    ----------
    people : int
        At most eight.
    sessions : int
        Of each.
    actions : int
        In each session.
    """

    people: int = 3
    sessions: int = 6
    actions: int = 320


def write_example(folder: Path, wanted: ExampleSize) -> Iterator[Path]:
    """Write ``folder/training_files/NAME/session_N`` as tables; yields each path once it is written.

    Raises
    ------
    SteadyhandError
        If there is something at `folder` already, or it cannot be written.
    """
    if folder.exists():
        raise SteadyhandError(f"{folder} is there already", "name a folder that is not")
    desk = office(SCREEN)
    for who, name in enumerate(NAMES[: wanted.people]):
        for session in range(1, wanted.sessions + 1):
            path = folder / "training_files" / name / f"session_{session}"
            seed = 100 * who + session
            write_table(path, EventBatch.concat(work(person(who), desk, seed, actions=wanted.actions)))
            yield path


def write_table(path: Path, batch: EventBatch) -> None:
    """Write events in the columns of the Balabit data set.

    Raises
    ------
    SteadyhandError
        If it cannot be written.
    """
    columns = zip(
        (batch.t_ns / 1e9).tolist(),
        batch.kind.tolist(),
        batch.button.tolist(),
        batch.x.tolist(),
        batch.y.tolist(),
        strict=True,
    )
    lines = [table_line(*row) for row in columns]
    with mendable(path, "write"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join([",".join(BALABIT.columns), *lines]) + "\n", encoding="utf-8")


def table_line(t_s: float, kind: int, button: int, x: float, y: float) -> str:
    """One event as a line of the table; `t_s` in seconds, `x` and `y` in px."""
    if kind == EventKind.SCROLL:
        state, name = ("Up" if button == Button.SCROLL_UP else "Down"), "Scroll"
    else:
        state, name = STATES[EventKind(kind)], BUTTONS.get(Button(button), "NoButton")
    return f"{t_s:.3f},{t_s:.3f},{name},{state},{x:.0f},{y:.0f}"
