"""Limits of the sequential test: chosen on simulated streams of the owner for the asked rates.

On streams that the model of the owner makes (`enroll.owner`), hundreds of hours long, the test of
`agent.engine.sequential_test` is run with many limits at once, and those with the asked rates are chosen: all of
them from one simulation.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from agent.config.schema import JudgementSettings
from agent.engine.calibration import Likelihood
from agent.engine.profile import Limits
from agent.engine.sequential_test import SequentialTests, suspicious
from enroll.owner import Owner, simulate

Floats = NDArray[np.float64]
Floating = NDArray[np.floating[Any]]

# The departure that the test is made for, in standard deviations: a little more than the median owner-intruder pair
# under the same configuration. Half of it is what a session may lie off without anything adding up.
SHIFT: Final = 1.2

_MOST_ALERT: Final = 0.8
_STREAMS: Final = 96
_STEPS: Final = 8_000
_LOWEST, _HIGHEST, _LIMITS = 3.0, 1500.0, 40


def choose(
    owner: Owner, asked: Sequence[JudgementSettings], *, seed: int = 0
) -> tuple[Likelihood, tuple[Limits, ...]]:
    """Choose the likelihood model, and the limits for each asked rate, in natural log units.

    Parameters
    ----------
    owner : Owner
    asked : sequence of JudgementSettings
        False locks and false alerts per 40 active hours.
    seed : int
    """
    likelihood = Likelihood(SHIFT, 1.0 / owner.inflation)
    streams = simulate(owner, steps=_STEPS, streams=_STREAMS, seed=seed)
    grid = likelihood.share * likelihood.shift * np.geomspace(_LOWEST, _HIGHEST, _LIMITS)
    locks, alerts = count_events(streams, grid, likelihood, owner.session_actions, first_of_session=True)
    per_40h = 40.0 * owner.actions_per_h / streams.size
    limits = []
    for rate in asked:
        lock = limit_for(rate.false_locks_per_40h, grid, locks * per_40h)
        alert = limit_for(rate.false_alerts_per_40h, grid, alerts * per_40h)
        estimated = not supported(owner.hours, rate.false_locks_per_40h)
        limits.append(
            Limits(min(alert, _MOST_ALERT * lock), lock, float(rate.false_locks_per_40h), estimated)
        )
    return likelihood, tuple(limits)


def supported(hours: float, asked_per_40h: float) -> bool:
    """True if `hours` without a false lock bound the rate at `asked_per_40h` (rule of three, 95 %)."""
    return 3.0 * 40.0 / hours <= asked_per_40h


def uniformity(deviates: Floats) -> float:
    """Kolmogorov-Smirnov distance of the deviates' p-values from uniform, 0 to 1."""
    shares = np.sort(ndtr(deviates))
    steps = np.arange(len(shares) + 1) / len(shares)
    return float(max((shares - steps[:-1]).max(), (steps[1:] - shares).max()))


def count_events(
    streams: Floating,
    limits: Floats,
    likelihood: Likelihood,
    session_actions: int,
    *,
    first_of_session: bool = False,
) -> tuple[Floats, Floats]:
    """Count locks and alerts of streams at each limit, in the streams' precision.

    A session begins, and goes on after a lock, from the state after a login. Alerts are counted as if nothing locked.

    Parameters
    ----------
    streams : ndarray of float, shape (steps, streams)
        Deviates; every column is a stream.
    limits : ndarray of float64, shape (n,)
        Natural log units.
    likelihood : Likelihood
    session_actions : int
        Length of a session.
    first_of_session : bool
        Whether only the first lock of a session counts: what is asked are first locks after a proof.

    Returns
    -------
    locks, alerts : ndarray of float64, shape (n,)
    """
    rounded = limits.astype(streams.dtype)
    shape = (streams.shape[1], len(limits))
    locking = SequentialTests(shape, likelihood, rounded, streams.dtype)
    alerting = SequentialTests((shape[0], 1), likelihood, np.inf, streams.dtype)
    locks, alerts = np.zeros(len(limits)), np.zeros(len(limits))
    above, locked = np.zeros(shape, bool), np.zeros(shape, bool)
    for at, deviates in enumerate(streams):
        if at % session_actions == 0:
            locking.restart(slice(None))
            alerting.restart(slice(None))
            above[:], locked[:] = False, False
        hit = locking.step(deviates[:, None]) >= rounded
        if hit.any():
            locks += (hit & ~locked).sum(axis=0)
            locked |= hit & first_of_session
            locking.restart(hit)
        before, above = above, suspicious(above, alerting.step(deviates[:, None]), rounded)
        alerts += (above & ~before).sum(axis=0)
    return locks, alerts


def limit_for(asked: float, grid: Floats, rates: Floats) -> float:
    """The lowest limit with the asked rate, between the points of the grid on a logarithmic scale of rates.

    Beyond the highest limit that saw an event the rate is taken to fall on as between the last two that did. The
    logarithm of the rate falls by at least the relative step of the limit: what is hardly steeper is not believed.
    """
    if rates[0] <= asked:
        return float(grid[0])
    seen = np.flatnonzero(rates > 0.0)
    logs = np.log(rates[seen])
    below = np.flatnonzero(rates[seen] <= asked)
    j = int(below[0]) if len(below) else len(seen) - 1
    if j == 0:
        return float(grid[1])
    slope = (logs[j] - logs[j - 1]) / (grid[seen[j]] - grid[seen[j - 1]])
    slope = min(slope, -1.0 / grid[seen[j]])
    limit = grid[seen[j]] + (np.log(asked) - logs[j]) / slope
    return float(max(limit, grid[seen[j - 1]]))
