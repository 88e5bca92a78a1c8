"""Day log: trust over the day for the status page, one line for five minutes of use. Notification thread only."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Final

from agent.engine.errors import SteadyhandError
from agent.files.day_log_file import KEPT_S, Spell, append_spell, read_day, rewrite_day
from agent.runtime.status.snapshot import Status

LOG: Final = logging.getLogger(__name__)
SPELL_S: Final = 300


class DayLog:
    """Takes each status, and writes a line when five minutes are over. What rests leaves a gap.

    Parameters
    ----------
    path : Path
        The day's file.
    wall_s : callable
        Wall clock in seconds since 1970: the page is for people.
    """

    def __init__(self, path: Path, wall_s: Callable[[], float]) -> None:
        self._path = path
        self._wall_s = wall_s
        self._open: Spell | None = None
        self._written: tuple[Spell, ...] = ()

    def begin(self) -> None:
        """Read what an earlier run of today wrote, and drop what is older than a day."""
        self._tidy()

    def told(self, status: Status) -> None:
        """Account for one status; blocks for one small write every five minutes."""
        begins_s = int(self._wall_s()) // SPELL_S * SPELL_S
        if self._open is not None and self._open.t_unix_s != begins_s:
            self._close()
        lows = [t for t in (self._open.low if self._open else None, status.trust) if t is not None]
        low = min(lows) if lows else None
        last = status.trust if status.trust is not None else (self._open.last if self._open else None)
        self._open = Spell(begins_s, status.state.value, low, last)

    def close(self) -> None:
        """Write what is open."""
        if self._open is not None:
            self._close()

    @property
    def spells(self) -> tuple[Spell, ...]:
        """The day so far, the five minutes under way included. Any thread."""
        still_open = self._open
        return (*self._written, still_open) if still_open else self._written

    def _close(self) -> None:
        assert self._open is not None
        done, self._open = self._open, None
        self._written = (*self._written, done)
        try:
            append_spell(self._path, done)
        except SteadyhandError as error:
            LOG.warning("%s", error)
        if self._wall_s() - self._written[0].t_unix_s > KEPT_S:
            self._tidy()

    def _tidy(self) -> None:
        try:
            self._written = read_day(self._path, self._wall_s())
            rewrite_day(self._path, self._written)
        except SteadyhandError as error:
            LOG.warning("%s", error)
