"""Day log: trust over the last 24 hours for its owner alone, a line every five minutes of use.

JSON lines in a private file. It never leaves the computer: no alert, no report and no heartbeat reads it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from agent.files.decode import Fields, decode_json
from agent.files.private import mendable, open_private, read_private, write_private

KEPT_S: Final = 24 * 3600
_MOST_BYTES: Final = 1_000_000
_MOST_UNIX_S: Final = 253_402_300_799
_MOST_STATE: Final = 64
_KEYS: Final = ("t_unix_s", "state", "low", "last")


@dataclass(frozen=True, slots=True)
class Spell:
    """A few minutes of the day.

    Attributes
    ----------
    t_unix_s : int
        Wall clock at its beginning.
    state : str
        What the agent was doing at its end.
    low, last : int or None
        Lowest and last trust, 0-100; None where nothing was judged.
    """

    t_unix_s: int
    state: str
    low: int | None
    last: int | None


def append_spell(path: Path, spell: Spell) -> None:
    """Add one line.

    Raises
    ------
    SteadyhandError
        If the file cannot be written.
    """
    line = json.dumps(asdict(spell)).encode() + b"\n"
    with mendable(path, "write"):
        handle = open_private(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        with os.fdopen(handle, "wb") as file:
            file.write(line)


def read_day(path: Path, now_unix_s: float) -> tuple[Spell, ...]:
    """The spells of the last 24 hours, oldest first; none where there is no file. Damaged lines are left out.

    Raises
    ------
    SteadyhandError
        If the file cannot be read.
    """
    spells = [spell for line in _lines(path) if (spell := _spell(line))]
    recent = [spell for spell in spells if 0 <= now_unix_s - spell.t_unix_s <= KEPT_S]
    return tuple(sorted(recent, key=lambda spell: spell.t_unix_s))


def damaged_day_lines(path: Path) -> int:
    """How many lines `read_day` leaves out because they are damaged.

    Raises
    ------
    SteadyhandError
        If the file cannot be read.
    """
    return sum(1 for line in _lines(path) if line and _spell(line) is None)


def rewrite_day(path: Path, spells: Iterable[Spell]) -> None:
    """Keep only `spells`: what is older than a day is gone from the disk as well.

    Raises
    ------
    SteadyhandError
        If the file cannot be written.
    """
    write_private(path, b"".join(json.dumps(asdict(spell)).encode() + b"\n" for spell in spells))


def _lines(path: Path) -> list[str]:
    try:
        return read_private(path, _MOST_BYTES).decode(errors="replace").split("\n")
    except FileNotFoundError:
        return []


def _spell(line: str) -> Spell | None:
    try:
        fields = Fields.of(decode_json(line, _MOST_BYTES), required=_KEYS, optional=())
        return Spell(
            fields.integer("t_unix_s", most=_MOST_UNIX_S),
            fields.text("state", most=_MOST_STATE),
            *(
                None if fields.document[key] is None else fields.integer(key, 0, 100)
                for key in ("low", "last")
            ),
        )
    except ValueError:
        return None
