"""The tables of Kuric et al.: the same people under five mouse configurations, measured and aggregated.

Kuric, Demcak, Krajcovic, Nemcek (2024), Computer Standards & Interfaces 90:103849.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from agent.engine.errors import SteadyhandError
from agent.engine.sentence import quantity

TABLES: Final = ("minigame", "points", "prototype")

_PEOPLE: Final = ("respondent_id", "session_id")
_TASKS: Final = ("game_number", "task_id", "prototype_id")
_TRAITS: Final = ("age", "sex")
_SETTINGS: Final = ("dpi", "sens")
_LEAST_PEOPLE: Final = 4


@dataclass(frozen=True, slots=True, eq=False)
class ConfigurationTable:
    """One table: a row for each person, configuration and task.

    Attributes
    ----------
    name : str
    features : tuple of str
    values : ndarray of float64, shape (n, F)
    person, configuration, task : ndarray of intp, shape (n,)
        Numbers from 0, in the order in which they appear.
    age, sex : tuple
        Of each person, by number.
    """

    name: str
    features: tuple[str, ...]
    values: NDArray[np.float64]
    person: NDArray[np.intp]
    configuration: NDArray[np.intp]
    task: NDArray[np.intp]
    age: tuple[float, ...]
    sex: tuple[str, ...]

    @property
    def people(self) -> int:
        """How many people there are."""
        return len(self.sex)


def read_tables(folder: Path) -> tuple[ConfigurationTable, ...]:
    """The three tables of the folder.

    Raises
    ------
    SteadyhandError
        If one is missing, has other columns, a value that is no number, or too few people.
    """
    return tuple(read_table(folder / f"{name}_aggregated_data.csv", name) for name in TABLES)


def read_table(path: Path, name: str) -> ConfigurationTable:
    """One table.

    Raises
    ------
    SteadyhandError
        As `read_tables`.
    """
    header, rows = _lines(path)
    where = {column: i for i, column in enumerate(header)}
    task = next((column for column in _TASKS if column in where), "")
    missing = [c for c in (_PEOPLE[0], *_TRAITS, *_SETTINGS) if c not in where]
    if missing or not task:
        what = ", ".join(missing) or " or ".join(_TASKS)
        raise SteadyhandError(
            f"{path}, line 1: no column {what}", "give the data set's own aggregated tables"
        )
    known = {*_PEOPLE, *_TASKS, *_TRAITS, *_SETTINGS}
    features = [column for column in header if column not in known]
    measures = _numbers(path, rows, [where[column] for column in (*features, _TRAITS[0])])
    person = _numbered([row[where[_PEOPLE[0]]] for row in rows])
    first = [int(np.argmax(person == i)) for i in range(int(person.max()) + 1)]
    if len(first) < _LEAST_PEOPLE:
        raise SteadyhandError(
            f"{path}: {quantity(len(first), 'person', 'people')}", f"give at least {_LEAST_PEOPLE}"
        )
    return ConfigurationTable(
        name,
        tuple(features),
        np.ascontiguousarray(measures[:, :-1]),
        person,
        _numbered(["/".join(row[where[c]] for c in _SETTINGS) for row in rows]),
        _numbered([row[where[task]] for row in rows]),
        tuple(float(measures[i, -1]) for i in first),
        tuple(rows[i][where[_TRAITS[1]]] for i in first),
    )


def _lines(path: Path) -> tuple[list[str], list[list[str]]]:
    mend = "give the folder that holds minigame_aggregated_data.csv and the other two tables"
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = [row for row in csv.reader(file, delimiter=";") if row]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise SteadyhandError(f"{path} cannot be read ({error})", mend) from error
    if len(rows) < 2:
        raise SteadyhandError(f"{path}: no row in it", mend)
    for number, row in enumerate(rows[1:], 2):
        if len(row) != len(rows[0]):
            raise SteadyhandError(
                f"{path}, line {number}: {quantity(len(row), 'value')} for {quantity(len(rows[0]), 'column')}",
                "mend or leave out the line",
            )
    return rows[0], rows[1:]


def _numbers(path: Path, rows: Sequence[Sequence[str]], columns: Sequence[int]) -> NDArray[np.float64]:
    out = np.empty((len(rows), len(columns)))
    for number, row in enumerate(rows):
        try:
            out[number] = [float(row[i]) for i in columns]
        except ValueError as error:
            raise SteadyhandError(
                f"{path}, line {number + 2}: {error}", "write numbers with a point"
            ) from error
        if not np.isfinite(out[number]).all():
            raise SteadyhandError(f"{path}, line {number + 2}: a value is not finite", "leave out the line")
    return out


def _numbered(names: Sequence[str]) -> NDArray[np.intp]:
    order = {name: i for i, name in enumerate(dict.fromkeys(names))}
    return np.array([order[name] for name in names], np.intp)
