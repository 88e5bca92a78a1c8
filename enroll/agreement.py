"""Whether the sessions of an enrolment agree with one another: a session that does not may be somebody else's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

# Of 19 enrolments of three sessions by one person (Balabit, training files) none had a session as far off as this;
# of 20 in which the third was another account's, nine had (docs/reliability.md).
DOUBTFUL_SD: Final = 1.0


def departures(out_of_session: Sequence[NDArray[np.float64]]) -> tuple[float, ...]:
    """How far each session lies below the middle one, in standard deviations of the owner's scores; 0 or more.

    Parameters
    ----------
    out_of_session : sequence of ndarray, shape (n_s,)
        Deviates of each session, judged by a model of the others; higher = more like them.
    """
    means = np.array([float(np.mean(z)) for z in out_of_session])
    below: NDArray[np.float64] = np.maximum(0.0, np.median(means) - means)
    return tuple(round(float(value), 2) for value in below)


def doubtful(out_of_session: Sequence[NDArray[np.float64]]) -> int:
    """How many sessions do not agree with the others. With two nobody can say which of them it is: 0."""
    if len(out_of_session) < 3:
        return 0
    return sum(value >= DOUBTFUL_SD for value in departures(out_of_session))
