"""People of a background: window vectors of everybody on everybody's scale, and their second moments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from agent.engine.detectors.windows import vectors
from agent.engine.transform import gaussianise
from enroll.fit.transform import rank_tables

LENGTHS: Final = (30, 60)
STEPS_OF_WINDOW: Final = 3
MOST_WINDOWS: Final = 40
LEAST_PEOPLE: Final = 2

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class PersonRows:
    """One person's actions.

    Attributes
    ----------
    first : ndarray of float64, shape (n, F)
        Of the first session: the person's own scale.
    later : tuple of ndarray of float64, shape (n_s, F)
        Of the other sessions.
    """

    first: Floats
    later: tuple[Floats, ...]


@dataclass(frozen=True, slots=True, eq=False)
class SecondMoments:
    """How far windows lie from the mean of a person's first session.

    Attributes
    ----------
    own, others : ndarray of float64, shape (v, v)
        Mean outer products: of the person's own later windows, and of other people's.
    people : int
        Those with a later session that has a window.
    """

    own: Floats
    others: Floats
    people: int


class _Mean:
    """Running mean of matrices: all of them at once would be gigabytes."""

    def __init__(self) -> None:
        self.count = 0
        self._sum: Floats | float = 0.0

    def add(self, matrix: Floats) -> None:
        """One more."""
        self.count += 1
        self._sum = self._sum + matrix

    @property
    def mean(self) -> Floats:
        """Of all so far."""
        return np.asarray(self._sum) / self.count


def second_moments(
    everybody: Sequence[PersonRows], lengths: Sequence[int] = LENGTHS
) -> dict[int, SecondMoments]:
    """Moments by length of the windows; without lengths that fewer than two people fill in both their sessions."""
    own, others = ({length: _Mean() for length in lengths} for _ in range(2))
    for number, person in enumerate(everybody):
        seen = _on_scale_of(person, everybody)
        for length in lengths:
            first = vectors(seen[number][0], length, length // STEPS_OF_WINDOW)
            if not len(first):
                continue
            mean = first.mean(axis=0)
            for who, sessions in enumerate(seen):
                windows = _spread(sessions[1:] if who == number else sessions, length)
                if len(windows):
                    (own if who == number else others)[length].add(_outer(windows - mean))
    return {
        length: SecondMoments(own[length].mean, others[length].mean, own[length].count)
        for length in lengths
        if own[length].count >= LEAST_PEOPLE
    }


def _on_scale_of(person: PersonRows, everybody: Sequence[PersonRows]) -> list[list[NDArray[np.float32]]]:
    """Everybody's sessions as normal deviates of one person's first session."""
    sessions = [(each.first, *each.later) for each in everybody]
    rows = np.concatenate([part for parts in sessions for part in parts])
    deviates = gaussianise(rank_tables(person.first), rows)
    ends = np.cumsum([len(part) for parts in sessions for part in parts])[:-1]
    split = iter(np.split(deviates, ends))
    return [[next(split) for _ in parts] for parts in sessions]


def _spread(sessions: Sequence[NDArray[np.float32]], length: int) -> Floats:
    """All windows, or so many that lie evenly over all of them."""
    parts = [vectors(rows, length, length // STEPS_OF_WINDOW) for rows in sessions]
    windows = np.concatenate(parts) if parts else np.empty((0, 0))
    if len(windows) <= MOST_WINDOWS:
        return windows
    evenly: Floats = windows[np.linspace(0, len(windows) - 1, MOST_WINDOWS).round().astype(int)]
    return evenly


def _outer(windows: Floats) -> Floats:
    moments: Floats = windows.T @ windows / len(windows)
    return moments
