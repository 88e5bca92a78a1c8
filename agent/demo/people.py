"""The two people of the demonstration: from the generator, or two accounts of a Balabit folder."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from agent.demo.desktop import desk
from agent.engine.errors import SteadyhandError
from agent.engine.events import Button, EventBatch, EventKind
from agent.engine.synthesis import person, work

WIDTH_PX, HEIGHT_PX = 1280, 800

# Two hands that lie well apart, so that three minutes suffice. Random pairs take longer: docs/results.md.
OWNER, INTRUDER = 2, 10
PACE = 0.2
SESSIONS, ACTIONS = 8, 200
OWNER_S, INTRUDER_S = 45.0, 100.0

_KINDS: Final = {
    "Move": EventKind.MOVE,
    "Drag": EventKind.DRAG,
    "Pressed": EventKind.PRESS,
    "Released": EventKind.RELEASE,
    "Up": EventKind.SCROLL,
    "Down": EventKind.SCROLL,
}
_BUTTONS: Final = {"Left": Button.LEFT, "Right": Button.RIGHT, "Middle": Button.MIDDLE}


@dataclass(frozen=True, slots=True, eq=False)
class People:
    """What the two of them do.

    Attributes
    ----------
    told : str
        Where they come from, for the report.
    enrolment : tuple of EventBatch
        The owner's sessions to learn from.
    owner, intruder : EventBatch
        What is played as real input.
    width_px, height_px : int
        The screen that it fits on.
    """

    told: str
    enrolment: tuple[EventBatch, ...]
    owner: EventBatch
    intruder: EventBatch
    width_px: int = WIDTH_PX
    height_px: int = HEIGHT_PX


def generated() -> People:
    """Two hands of the generator, at the same desk under the same mouse: only the hand differs."""
    place = desk(WIDTH_PX, HEIGHT_PX, pace=PACE)

    def session(who: int, seed: int, **until: float) -> EventBatch:
        return EventBatch.concat(work(person(who), place, seed, **until))  # type: ignore[arg-type]

    return People(
        told=f"generated hands {OWNER} (owner) and {INTRUDER} (intruder), chosen to lie well apart",
        enrolment=tuple(session(OWNER, 100 + n, actions=ACTIONS) for n in range(SESSIONS)),
        owner=session(OWNER, 1, seconds=OWNER_S),
        intruder=session(INTRUDER, 2, seconds=INTRUDER_S),
    )


def recorded(folder: Path) -> People:
    """Two accounts of a Balabit folder with the same report rate: the owner's last session, the other's last.

    Raises
    ------
    SteadyhandError
        If the folder does not hold two such accounts.
    """
    accounts = sorted(path for path in (folder / "training_files").glob("*") if path.is_dir())
    if len(accounts) < 2:
        raise SteadyhandError(f"{folder} holds no training_files/ with two accounts", "name a Balabit folder")
    owner, *others = sorted(accounts, key=lambda path: (_interval_ms(path), path.name))
    intruder = others[0]
    sessions = [_session(path) for path in sorted(owner.iterdir())]
    works = sessions[-1], _session(sorted(intruder.iterdir())[-1])
    return People(
        told=f"Balabit accounts {owner.name} (owner) and {intruder.name} (intruder)",
        enrolment=tuple(sessions[:-1]),
        owner=_first(works[0], OWNER_S),
        intruder=_first(works[1], INTRUDER_S),
        width_px=int(max(batch.x.max() for batch in works)) + 1,
        height_px=int(max(batch.y.max() for batch in works)) + 1,
    )


def _first(batch: EventBatch, seconds: float) -> EventBatch:
    """The first `seconds` of use; rests of more than two seconds do not count, they are not played."""
    use_ns = np.cumsum(np.minimum(np.diff(batch.t_ns, prepend=batch.t_ns[0]), 2_000_000_000))
    return batch[: int(np.searchsorted(use_ns, seconds * 1e9))]


def _interval_ms(account: Path) -> float:
    """The median interval between reports, rounded to what tells one capture from another."""
    batch = _session(sorted(account.iterdir())[0])
    gaps_ms = np.diff(batch.t_ns[batch.kind == EventKind.MOVE]) / 1e6
    return float(round(np.median(gaps_ms[gaps_ms < 300.0]) / 20.0))


def _session(path: Path) -> EventBatch:
    rows = list(_rows(path))
    if not rows:
        raise SteadyhandError(f"{path} holds no mouse events", "name a Balabit folder")
    t_s, kind, button, x, y = zip(*rows, strict=True)
    t_ns = np.maximum.accumulate(np.round(np.array(t_s) * 1e9).astype(np.int64))
    return EventBatch.of(
        t_ns,
        np.array(x, np.float64),
        np.array(y, np.float64),
        np.array(kind, np.uint8),
        np.array(button, np.uint8),
    )


def _rows(path: Path) -> Iterator[tuple[float, int, int, float, float]]:
    with path.open(newline="") as file:
        for row in csv.DictReader(file):
            kind = _KINDS.get(row.get("state") or "")
            if kind is None or row["x"] == "65535" or row["y"] == "65535":
                continue
            button = _BUTTONS.get(row["button"], Button.NONE)
            if kind is EventKind.SCROLL:
                button = Button.SCROLL_UP if row["state"] == "Up" else Button.SCROLL_DOWN
            yield float(row["client timestamp"]), kind, button, float(row["x"]), float(row["y"])
