"""Opens the outbox; a damaged one is moved aside, what it still holds is saved, and all that is said."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from agent.alerts.alert import Alert
from agent.alerts.outbox.file import DamagedError, connect
from agent.alerts.outbox.queue import Outbox
from agent.alerts.outbox.rows import read_body
from agent.engine.sentence import quantity

MOST_KEPT_ASIDE = 9
_SIDE_FILES = ("", "-wal", "-shm")


def open_outbox(
    path: Path | None, most_bytes: int, destinations: Sequence[str]
) -> tuple[Outbox, tuple[str, ...]]:
    """Open the outbox, or begin a new one where the old is damaged.

    Parameters
    ----------
    path : Path or None
        The SQLite file; None for one in memory, for when there is no disk to write to.
    most_bytes : int
        Bound of what waits (bodies and `ROW_BYTES` each).
    destinations : sequence of str
        Names of the transports. A new one gets all that still waits; what waited for one that is named
        no longer is counted as lost.

    Returns
    -------
    Outbox
    problems : tuple of str
        What was wrong, a line each. The damaged file is kept beside the new one.

    Raises
    ------
    OSError, SteadyhandError
        If there can be no outbox at this place.
    """
    problems: tuple[str, ...] = ()
    saved: list[Alert] = []
    try:
        db = connect(path)
    except DamagedError as error:
        assert path is not None  # a new one in memory cannot be damaged
        aside = move_aside(path)
        saved = salvage(aside)
        what = f"the outbox was damaged ({error}) and a new one begun"
        problems = (
            f"{what}: {quantity(len(saved), 'alert was', 'alerts were')} saved, the old file is kept as {aside}",
        )
        db = connect(path)
    outbox = Outbox(db, str(path or ":memory:"), most_bytes)
    outbox.begin(destinations)
    for alert in saved:
        outbox.put(alert)
    for problem in problems:
        outbox.count_loss(problem, 0)
    return outbox, problems


def move_aside(path: Path) -> Path:
    """Rename the damaged file, with its journal, to the first free ``NAME.damaged-N``; return that.

    After `MOST_KEPT_ASIDE` of them the last is overwritten, so that they cannot fill the disk.
    """
    for number in range(1, MOST_KEPT_ASIDE + 1):
        aside = path.with_name(f"{path.name}.damaged-{number}")
        if not aside.exists():
            break
    for side in _SIDE_FILES:
        source = Path(f"{path}{side}")
        if source.exists():
            os.replace(source, f"{aside}{side}")
    return aside


def salvage(aside: Path) -> list[Alert]:
    """The alerts that can still be read from a damaged outbox, in order; often all or none."""
    alerts: list[Alert] = []
    try:
        with closing(sqlite3.connect(aside, isolation_level=None)) as db:
            for crc, body in db.execute("SELECT crc, body FROM alert ORDER BY seq"):
                alert = read_body(crc, body)
                if alert is not None:
                    alerts.append(alert)
    except sqlite3.Error:
        # The damage begins here: what was read before it counts, and the loss itself is announced.
        return alerts
    return alerts
