"""Synthetic people and their sessions, also as the files of the Balabit data set."""

from __future__ import annotations

from pathlib import Path

from agent.engine.events import Button, EventBatch, EventKind
from agent.engine.synthesis import Screen, office, person, work
from enroll.sessions import SessionRows, session_rows

STATES = {
    EventKind.MOVE: "Move",
    EventKind.DRAG: "Drag",
    EventKind.PRESS: "Pressed",
    EventKind.RELEASE: "Released",
}
BUTTONS = {Button.LEFT: "Left", Button.RIGHT: "Right", Button.MIDDLE: "Middle"}
DESK = office(Screen(0, 0, 1920, 1080))


def events_of(who: int, session: int, actions: int) -> EventBatch:
    return EventBatch.concat(work(person(who), DESK, session, actions=actions))


def rows_of(who: int, session: int, actions: int) -> SessionRows:
    return session_rows(f"user{who}", f"session_{session}", [events_of(who, session, actions)])


def balabit_line(t_s: float, kind: int, button: int, x: float, y: float) -> str:
    if kind == EventKind.SCROLL:
        state, name = ("Up" if button == Button.SCROLL_UP else "Down"), "Scroll"
    else:
        state, name = STATES[EventKind(kind)], BUTTONS.get(Button(button), "NoButton")
    return f"{t_s:.3f},{t_s:.3f},{name},{state},{x:.0f},{y:.0f}"


def write_balabit(path: Path, batch: EventBatch) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    columns = zip(
        (batch.t_ns / 1e9).tolist(),
        batch.kind.tolist(),
        batch.button.tolist(),
        batch.x.tolist(),
        batch.y.tolist(),
        strict=True,
    )
    lines = [balabit_line(*row) for row in columns]
    header = "record timestamp,client timestamp,button,state,x,y"
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
