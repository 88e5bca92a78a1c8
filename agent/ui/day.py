"""What the status page tells of the last 24 hours and of what is stored, read from this computer's files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from pathlib import Path
from typing import TypeVar

from agent.alerts.alert_history import Noticed, damaged_alert_lines, read_noticed
from agent.engine.errors import SteadyhandError
from agent.engine.sentence import sentence
from agent.files.baseline_log import BaselineRecord, read_baselines
from agent.files.day_log_file import KEPT_S, Spell
from agent.files.drill_log import DrillOutcome, read_drills
from agent.files.paths import Paths
from agent.files.upload_log import read_handed
from agent.language.language import mark
from agent.ui.was_me_link import was_me_link

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Stored:
    """One kind of file that is kept.

    Attributes
    ----------
    what, how_long : str
        In words.
    files, size_bytes : int
    """

    what: str
    how_long: str
    files: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Day:
    """Everything about the day, as plain values.

    Attributes
    ----------
    now_unix_s : float
    spells : sequence of Spell
        Trust in pieces of five minutes, oldest first.
    noticed : sequence of Noticed
        Alerts of the day, oldest first.
    stored : sequence of Stored
    baselines : sequence of BaselineRecord
        Day baselines of the last weeks, oldest first.
    drills : sequence of DrillOutcome
        All drills on this computer.
    trouble : tuple of str
        What could not be read.
    was_me_link : str
        A link that says "that was me"; empty where the desktop takes none.
    zone : tzinfo or None
        For times of day; None for the computer's own.
    """

    now_unix_s: float = 0.0
    spells: Sequence[Spell] = ()
    noticed: Sequence[Noticed] = ()
    stored: Sequence[Stored] = ()
    trouble: tuple[str, ...] = ()
    was_me_link: str = ""
    zone: tzinfo | None = None
    baselines: Sequence[BaselineRecord] = ()
    drills: Sequence[DrillOutcome] = ()

    def clock(self, unix_s: float) -> str:
        """A time of the day as people read it."""
        return datetime.fromtimestamp(unix_s, self.zone).astimezone(self.zone).strftime("%H:%M")


def gather(paths: Paths, spells: Sequence[Spell], now_unix_s: float) -> Day:
    """Read the day's alerts and measure what is stored. Tray thread; blocks for a few small files."""
    noticed, trouble = _noticed(paths.alerts_file, now_unix_s)
    stored_recordings: tuple[Stored, ...] = ()
    try:
        stored_recordings = stored(paths)
    except SteadyhandError as error:
        trouble = (*trouble, str(error))
    baselines, damaged_baselines = _readable(read_baselines, paths.baselines_file)
    drills, damaged_drills = _readable(read_drills, paths.drills_file)
    return Day(
        now_unix_s,
        spells,
        noticed,
        stored_recordings,
        (*trouble, *damaged_baselines, *damaged_drills),
        was_me_link(),
        baselines=baselines,
        drills=drills,
    )


def _readable(read: Callable[[Path], tuple[T, ...]], path: Path) -> tuple[tuple[T, ...], tuple[str, ...]]:
    """What a file holds, and what is wrong with it."""
    try:
        return read(path), ()
    except SteadyhandError as error:
        return (), (str(error),)


def _noticed(alerts_file: Path, now_unix_s: float) -> tuple[tuple[Noticed, ...], tuple[str, ...]]:
    """The day's alerts, and what is wrong with their file."""
    try:
        since = read_noticed(alerts_file, now_unix_s - KEPT_S)
        trouble = left_out(alerts_file, damaged_alert_lines(alerts_file))
    except SteadyhandError as error:
        return (), (str(error),)
    # The clock may have been set back a little; what is further ahead has no time of day that could be shown.
    noticed = tuple(alert for alert in since if alert.t_unix_s <= now_unix_s + KEPT_S)
    if ahead := len(since) - len(noticed):
        trouble += (
            sentence(
                "{file}: alerts from the future are left out ({count}): check the clock",
                file=str(alerts_file),
                count=ahead,
            ),
        )
    return noticed, trouble


def left_out(path: Path, damaged_lines: int) -> tuple[str, ...]:
    """A line about the damaged lines of a file; none where there are none."""
    if not damaged_lines:
        return ()
    return (
        sentence(
            "{file}: damaged lines are left out ({count}): the rest is shown",
            file=str(path),
            count=damaged_lines,
        ),
    )


def stored(paths: Paths) -> tuple[Stored, ...]:
    """What lies in the agent's folder, with sizes, and what has gone to the administrator.

    Raises
    ------
    SteadyhandError
        If the list of what was handed over is damaged.
    """
    alerts = [*paths.state_dir.glob(paths.alerts_file.name + "*"), *_beside(paths.outbox)]
    return (
        _measured(
            mark("recordings of your movements, encrypted"),
            mark("until learning is done"),
            paths.recordings_dir,
        ),
        *_handed(paths),
        _measured(
            mark("profiles: figures about how you move"), mark("until they expire"), paths.profiles_dir
        ),
        _counted(
            mark("alerts, as the security team gets them"), mark("20 MB at most, then the oldest go"), alerts
        ),
        _counted(mark("trust over the day, for this page alone"), mark("24 hours"), [paths.day_file]),
        _counted(
            mark("your days after a proof of identity, for this page alone"),
            mark("60 days"),
            [paths.baselines_file],
        ),
    )


def _handed(paths: Paths) -> tuple[Stored, ...]:
    """What goes, or has gone, to the administrator; nothing where policy never asked for it."""
    waiting = _measured(
        mark("recordings sealed for your administrator"), mark("until handed over"), paths.outgoing_dir
    )
    gone = read_handed(paths)
    size = sum(recording.size_bytes for recording in gone)
    handed = Stored(
        mark("recordings that your administrator has, not here"),
        mark("as your administrator decides"),
        len(gone),
        size,
    )
    return tuple(recordings for recordings in (waiting, handed) if recordings.files)


def _beside(path: Path) -> list[Path]:
    return list(path.parent.glob(path.name + "*"))


def _measured(what: str, how_long: str, folder: Path) -> Stored:
    return _counted(what, how_long, list(folder.glob("*")))


def _counted(what: str, how_long: str, paths: Sequence[Path]) -> Stored:
    sizes = [path.lstat().st_size for path in paths if path.is_file()]
    return Stored(what, how_long, len(sizes), sum(sizes))
