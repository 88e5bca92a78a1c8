"""Sessions of the stream protocol: one recording, or all recordings of one day, each of which begins after a login."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from _fastfeat import ActionRows
from enroll.datasets.session import DataSession
from enroll.protocols.rows import RowReader
from enroll.sessions import SessionRows

# Recordings that are put one after the other: a rest that is no active time, or none that ends anything.
REST_NS: Final = 3_600_000_000_000
NO_REST_NS: Final = 1_000_000_000


@dataclass(frozen=True, slots=True)
class PlannedSession:
    """Files of one session.

    Attributes
    ----------
    account, name : str
    recordings : tuple of DataSession
        In order of time; more than one where a day has several.
    """

    account: str
    name: str
    recordings: tuple[DataSession, ...]

    @classmethod
    def single(cls, recording: DataSession) -> PlannedSession:
        """A session of one recording."""
        return cls(recording.account, recording.name, (recording,))


@dataclass(frozen=True, slots=True, eq=False)
class StreamedSession:
    """Feature rows of one session.

    Attributes
    ----------
    account, name : str
    recordings : tuple of ActionRows
        Each begins after a login.
    intervals_s : ndarray of float64, shape (i,)
        Report intervals of all recordings.
    """

    account: str
    name: str
    recordings: tuple[ActionRows, ...]
    intervals_s: NDArray[np.float64]

    @classmethod
    def of(cls, sessions: Sequence[SessionRows], name: str | None = None) -> StreamedSession:
        """A session from its recordings, at least one."""
        first = sessions[0]
        return cls(
            first.account,
            name or first.name,
            tuple(session.rows for session in sessions),
            np.concatenate([session.intervals_s for session in sessions]),
        )

    def merged(self, rest_ns: int = REST_NS) -> SessionRows:
        """The recordings one after the other, with so long a rest between them."""
        return SessionRows(self.account, self.name, in_sequence(self.recordings, rest_ns), self.intervals_s)


def read_session(read: RowReader, planned: PlannedSession) -> StreamedSession:
    """Feature rows of a planned session.

    Raises
    ------
    SteadyhandError
        If a table cannot be read.
    """
    return StreamedSession.of([read(recording) for recording in planned.recordings], planned.name)


def in_sequence(parts: Sequence[ActionRows], rest_ns: int = NO_REST_NS) -> ActionRows:
    """Rows one after the other; those of each part but the first begin `rest_ns` after the end of the one before."""
    placed: list[ActionRows] = []
    for rows in parts:
        if not len(rows):
            continue
        if placed:
            shift_ns = int(placed[-1].end_ns.max()) + rest_ns - int(rows.start_ns[0])
            rows = replace(rows, start_ns=rows.start_ns + shift_ns, end_ns=rows.end_ns + shift_ns)
        placed.append(rows)
    return placed[0] if len(placed) == 1 else ActionRows.concat(placed)
