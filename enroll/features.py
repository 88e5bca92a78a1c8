"""Feature table writer: one CSV line for each action."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator
from typing import Final, NamedTuple, TextIO

from _fastfeat import FEATURES, extract_antal39
from _fastfeat.antal39_measures import COLUMNS
from enroll.datasets.literal import literal_of, read_literally
from enroll.datasets.session import DataSession, TableSession
from enroll.sessions import session_rows

Line = tuple[float, float, list[float]]


class FeatureSchema(NamedTuple):
    """A choice of features: their columns, and the start (s), end (s) and values of each action."""

    columns: tuple[str, ...]
    lines: Callable[[DataSession], Iterator[Line]]


def write_features(file: TextIO, sessions: Iterable[DataSession], schema: FeatureSchema) -> None:
    """Write account, session, start, end and the features of every action; undefined values are empty.

    Raises
    ------
    SteadyhandError
        If a session cannot be read.
    """
    writer = csv.writer(file)
    writer.writerow(["account", "session", "start_s", "end_s", *schema.columns])
    for session in sessions:
        for start_s, end_s, features in schema.lines(session):
            cells = ["" if v != v else f"{v:.10g}" for v in features]
            writer.writerow([session.account, session.name, f"{start_s:.6f}", f"{end_s:.6f}", *cells])


def _full(session: DataSession) -> Iterator[Line]:
    rows = session_rows(session.account, session.name, session).rows
    times = (rows.start_ns / 1e9).tolist(), (rows.end_ns / 1e9).tolist()
    return zip(*times, rows.features.tolist(), strict=True)


def _antal39(session: DataSession) -> Iterator[Line]:
    table = (
        read_literally(session.path, session.table)
        if isinstance(session, TableSession)
        else literal_of(session)
    )
    rows = extract_antal39(table.t_s, table.x, table.y, table.kind, table.button, repeats=table.repeats)
    return zip(rows.start_s.tolist(), rows.end_s.tolist(), rows.features.tolist(), strict=True)


SCHEMAS: Final = {"full": FeatureSchema(FEATURES, _full), "antal39": FeatureSchema(COLUMNS, _antal39)}
