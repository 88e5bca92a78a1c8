"""Agreement of enrolment sessions with one another: one that departs may be somebody else's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

# Of 19 enrolments of three sessions by one person (Balabit, training files) none had a session as far off as this;
# of 20 in which the third was another account's, nine had (docs/reliability.md).
DOUBTFUL_SD: Final = 1.0


def departures(out_of_session: Sequence[NDArray[np.float64]]) -> tuple[float, ...]:
    """Distance of each session below the median session, in standard deviations of the owner's scores; 0 or more.

    Parameters
    ----------
    out_of_session : sequence of ndarray, shape (n_s,)
        Deviates of each session, judged by a model of the others; higher = more like them.
    """
    means = np.array([float(np.mean(z)) for z in out_of_session])
    below: NDArray[np.float64] = np.maximum(0.0, np.median(means) - means)
    return tuple(round(float(mean), 2) for mean in below)


def doubtful(out_of_session: Sequence[NDArray[np.float64]]) -> int:
    """Number of sessions that depart from the others; 0 with two sessions, where either could be the odd one."""
    if len(out_of_session) < 3:
        return 0
    return sum(departure >= DOUBTFUL_SD for departure in departures(out_of_session))
