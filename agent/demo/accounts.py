"""Accounts of a Balabit folder as the people of the demonstration."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from itertools import combinations
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from _fastfeat import SCHEMA, extract
from agent.engine.errors import SteadyhandError
from agent.engine.events import Button, EventBatch, EventKind

LEAST_SESSIONS: Final = 4

_KINDS: Final = {
    "Move": EventKind.MOVE,
    "Drag": EventKind.DRAG,
    "Pressed": EventKind.PRESS,
    "Released": EventKind.RELEASE,
    "Up": EventKind.SCROLL,
    "Down": EventKind.SCROLL,
}
_BUTTONS: Final = {"Left": Button.LEFT, "Right": Button.RIGHT, "Middle": Button.MIDDLE}
_HAND: Final = [i for i, f in enumerate(SCHEMA) if not f.configuration_sensitive and f.group != "frequency"]


def accounts_of(folder: Path) -> dict[str, list[Path]]:
    """The training sessions of each account, in the order of their names.

    Raises
    ------
    SteadyhandError
        If there are not two accounts with enough sessions.
    """
    sessions_of = {
        path.name: sorted(path.iterdir())
        for path in sorted((folder / "training_files").glob("*"))
        if path.is_dir()
    }
    enough = {name: files for name, files in sessions_of.items() if len(files) >= LEAST_SESSIONS}
    if len(enough) < 2:
        raise SteadyhandError(
            f"{folder} holds no training_files/ with two accounts of {LEAST_SESSIONS} sessions",
            "name a Balabit folder",
        )
    return enough


def far_pair(accounts: Mapping[str, list[Path]]) -> tuple[str, str]:
    """The two accounts under the same report rate whose hands lie furthest apart.

    Told by the session before the last of each, which is not played: by the mean absolute difference of
    their mean features, each in units of its spread over accounts.

    Raises
    ------
    SteadyhandError
        If no two accounts report at the same rate.
    """
    batch_of = {name: read_session(files[-2]) for name, files in accounts.items()}
    rates = {name: _interval_ms(batch) for name, batch in batch_of.items()}
    hands = {name: _mean_features(batch) for name, batch in batch_of.items()}
    spread = np.std(np.stack(list(hands.values())), axis=0) + 1e-12
    matched = [
        (float(np.mean(np.abs(hands[a] - hands[b]) / spread)), a, b)
        for a, b in combinations(accounts, 2)
        if 0.5 < rates[a] / rates[b] < 2.0
    ]
    if not matched:
        raise SteadyhandError("no two accounts report at the same rate", "name a folder with more accounts")
    _, owner, intruder = max(matched)
    return owner, intruder


def read_session(path: Path) -> EventBatch:
    """One session: client times, without glitches.

    Raises
    ------
    SteadyhandError
        If there are no mouse events in it.
    """
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


def _mean_features(batch: EventBatch) -> NDArray[np.float64]:
    """Means of the features' signed logarithms: of a hand's habits, not of its few largest values."""
    rows = extract(batch.t_ns, batch.x, batch.y, batch.kind, batch.button).features[:, _HAND]
    there = np.isfinite(rows)
    logs = np.where(there, np.sign(rows) * np.log1p(np.abs(rows)), 0.0)
    means: NDArray[np.float64] = logs.sum(axis=0) / np.maximum(there.sum(axis=0), 1)
    return means


def _interval_ms(batch: EventBatch) -> float:
    gaps_ms = np.diff(batch.t_ns[batch.kind == EventKind.MOVE]) / 1e6
    return float(np.median(gaps_ms[(gaps_ms > 0.0) & (gaps_ms < 300.0)]))


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
