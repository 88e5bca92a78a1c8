"""How fast tables of events are read: the loader of the data sets, from a file to checked event batches.

Reads Balabit sessions of the data sets that STEADYHAND_DATA names, else a generated table of the same form.
"""

from __future__ import annotations

import csv
import os
import tempfile
import time
from itertools import accumulate, takewhile
from pathlib import Path
from typing import Final

from agent.engine.events import EventBatch, EventKind
from bench.people import session
from enroll.datasets.balabit import accounts, training_sessions
from enroll.datasets.formats import BALABIT
from enroll.datasets.session import DataSession, TableSession

BYTES: Final = 24_000_000
_STATES: Final = {
    EventKind.MOVE: ("NoButton", "Move"),
    EventKind.DRAG: ("NoButton", "Drag"),
    EventKind.PRESS: ("Left", "Pressed"),
    EventKind.RELEASE: ("Left", "Released"),
    EventKind.SCROLL: ("Scroll", "Down"),
}


def measure(folder: Path) -> dict[str, float | str]:
    """Megabytes of CSV a second; a generated table is written to `folder`.

    Raises
    ------
    SteadyhandError
        If STEADYHAND_DATA names a folder without the Balabit data set.
    """
    data_dir = os.environ.get("STEADYHAND_DATA")
    if data_dir:
        return {**_read(_public(Path(data_dir, "balabit"))), "source": "Balabit"}
    with tempfile.TemporaryDirectory(dir=folder) as name:
        return {**_read([_generated(Path(name))]), "source": "generated"}


def _public(folder: Path) -> list[DataSession]:
    """The first sessions, up to `BYTES`."""
    sessions = [recording for account in accounts(folder) for recording in training_sessions(folder, account)]
    sizes = accumulate(recording.path.stat().st_size for recording in sessions)
    count = sum(1 for _ in takewhile(lambda size: size <= BYTES, sizes))
    return sessions[: max(1, count)]


def _read(sessions: list[DataSession]) -> dict[str, float | str]:
    start_ns, events = time.perf_counter_ns(), 0
    for recording in sessions:
        events += sum(len(item) for item in recording if isinstance(item, EventBatch))
    taken_s = (time.perf_counter_ns() - start_ns) / 1e9
    megabytes = sum(recording.path.stat().st_size for recording in sessions) / 1e6
    return {
        "mb_per_s": round(megabytes / taken_s, 2),
        "MB": round(megabytes, 1),
        "thousand events a second": round(events / taken_s / 1e3, 1),
    }


def _generated(folder: Path) -> DataSession:
    """An hour's work, over and over until the file is large enough."""
    path = folder / "session_0"
    events = session(0, 1800.0)
    columns = (getattr(events, name).tolist() for name in ("t_ns", "x", "y", "kind"))
    rows = [
        (0.0, round(t_ns / 1e9, 3), *_STATES[EventKind(kind)], int(x), int(y))
        for t_ns, x, y, kind in zip(*columns, strict=True)
    ]
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(BALABIT.columns)
        while file.tell() < BYTES:
            writer.writerows(rows)
    return TableSession("generated", path.stem, path, BALABIT)
