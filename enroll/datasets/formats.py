"""Formats of event tables: known by the columns that a file has, whatever its name."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import Enum
from typing import Final


class TimeUnit(Enum):
    """A unit of time stamps; its number is nanoseconds in one of them."""

    S = 1e9
    MS = 1e6
    US = 1e3
    NS = 1.0

    @property
    def word(self) -> str:
        """As `--time-unit` takes it."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class TableFormat:
    """The columns of a table of events.

    Attributes
    ----------
    name : str
        Name of the format, for errors.
    columns : tuple of str
        The header, in order.
    time : str
        The column whose times count; another one is never read.
    ns_per_unit : float
        Nanoseconds in one unit of that column.
    capture : str
        How the events were captured, as `MouseConfiguration.capture` says it.
    state, x, y : str
        Columns of the event's kind and of the position.
    button : str
        Column of the button; empty where there is none.
    delimiter : str
    has_releases : bool
        False where the table has presses alone: each is then let go at once.
    has_drags : bool
        False where moves with a button held are written as moves.
    """

    name: str
    columns: tuple[str, ...]
    time: str
    ns_per_unit: float
    capture: str
    state: str = "state"
    x: str = "x"
    y: str = "y"
    button: str = "button"
    delimiter: str = ","
    has_releases: bool = True
    has_drags: bool = True

    @property
    def used(self) -> tuple[int, ...]:
        """Numbers of the columns that are read: time, button (state, where there is none), state, x, y."""
        names = (self.time, self.button or self.state, self.state, self.x, self.y)
        return tuple(self.columns.index(name) for name in names)

    @property
    def header(self) -> str:
        """The first line of a file of this format."""
        return self.delimiter.join(self.columns)

    @property
    def unit(self) -> TimeUnit:
        """Unit of the time stamps."""
        return TimeUnit(self.ns_per_unit)

    def in_unit(self, unit: TimeUnit | None) -> TableFormat:
        """The same columns with times in another unit; the same where None."""
        return self if unit is None else replace(self, ns_per_unit=unit.value)


# The network's `record timestamp` tells who has which line, not who moves the mouse: it is never read.
BALABIT: Final = TableFormat(
    "balabit",
    ("record timestamp", "client timestamp", "button", "state", "x", "y"),
    "client timestamp",
    TimeUnit.S.value,
    "rdp",
)
SAPIMOUSE: Final = TableFormat(
    "sapimouse",
    ("client timestamp", "button", "state", "x", "y"),
    "client timestamp",
    TimeUnit.MS.value,
    "browser",
)
FORMATS: Final = (BALABIT, SAPIMOUSE)

_DELIMITERS: Final = (",", ";", "\t")
_TIMES: Final = ("clienttimestamp", "clienttime", "timestamp", "eventtime", "time", "t", "recordtimestamp")
_STATES: Final = ("state", "event", "eventtype", "type", "action", "kind")
_BUTTONS: Final = ("button", "buttontype", "mousebutton")
_X: Final = ("x", "xpos", "posx", "xcoordinate", "coordx", "clientx", "screenx", "pagex", "xpx")
_Y: Final = ("y", "ypos", "posy", "ycoordinate", "coordy", "clienty", "screeny", "pagey", "ypx")
_UNITS: Final = {
    **dict.fromkeys(("s", "sec", "seconds"), TimeUnit.S),
    **dict.fromkeys(("ms", "msec", "milliseconds"), TimeUnit.MS),
    **dict.fromkeys(("us", "µs", "usec", "microseconds"), TimeUnit.US),
    **dict.fromkeys(("ns", "nsec", "nanoseconds"), TimeUnit.NS),
}
_WITH_UNIT: Final = re.compile(r"^(?P<name>.*?)(?:_|\s*[\[(]|\s)(?P<unit>[a-zµ]+)[\])]?$")


def format_of(line: str) -> tuple[TableFormat, bool] | None:
    """The format of a file with this first line, and whether its unit of time is known.

    Returns
    -------
    (TableFormat, bool) or None
        None where the line has no columns of time, event, x and y. A unit that is not known reads as milliseconds.
    """
    delimiter, columns = _split(line)
    plain = tuple(_plain(name) for name in columns)
    for known in FORMATS:
        if columns == known.columns and delimiter == known.delimiter:
            return known, True
        if set(plain) >= set(map(_plain, known.columns)):
            return _named(known, columns, plain, delimiter), True
    unit, plain = _unit_of(columns, plain)
    shape = TableFormat("events", columns, "", (unit or TimeUnit.MS).value, "file", delimiter=delimiter)
    complete = all(any(name in plain for name in role) for role in (_TIMES, _STATES, _X, _Y))
    return (_named(shape, columns, plain, delimiter), unit is not None) if complete else None


def _split(line: str) -> tuple[str, tuple[str, ...]]:
    delimiter = max(_DELIMITERS, key=line.count)
    return delimiter, tuple(name.strip().strip('"') for name in line.split(delimiter))


def _plain(name: str) -> str:
    return re.sub(r"[\s_-]", "", name.lower())


def _unit_of(columns: tuple[str, ...], plain: tuple[str, ...]) -> tuple[TimeUnit | None, tuple[str, ...]]:
    """The unit that the column of times names at its end, and the plain names without it."""
    for at, name in enumerate(columns):
        match = _WITH_UNIT.match(name.lower())
        if match and match["unit"] in _UNITS and _plain(match["name"]) in _TIMES:
            return _UNITS[match["unit"]], (*plain[:at], _plain(match["name"]), *plain[at + 1 :])
    return None, plain


def _named(
    shape: TableFormat, columns: tuple[str, ...], plain: tuple[str, ...], delimiter: str
) -> TableFormat:
    """`shape` with the names that the columns have in the file."""

    def column(role: tuple[str, ...]) -> str:
        return next((columns[plain.index(name)] for name in role if name in plain), "")

    return replace(
        shape,
        columns=columns,
        time=column(_TIMES),
        state=column(_STATES),
        button=column(_BUTTONS),
        x=column(_X),
        y=column(_Y),
        delimiter=delimiter,
    )
