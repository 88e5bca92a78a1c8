"""Limits of the sequential test from the owner's own out-of-session scores, and how far to believe them.

The owner's stream of deviates is modelled as what was seen of it: each session is off by a drift of its own,
and actions that follow each other are alike. Drifts come from a Student distribution whose scale is that of
the sessions' means, shrunk towards what sessions of other people showed (`PRIOR_DRIFT`); the rest comes from
blocks of the owner's own residuals, so that their dependence stays. On such streams, as long as hundreds of
hours, the CUSUM is run with many limits at once, restarting as the agent does, and the limits with the asked
rates are chosen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from agent.engine.evidence import Likelihood
from agent.engine.profile import Limits
from agent.engine.settings import Judgement
from agent.engine.trust import CALM

Floats = NDArray[np.float64]

# Standard deviation of a session's mean deviate, pooled over ten accounts' training sessions
# (docs/method.md), and the sessions that it counts for.
PRIOR_DRIFT: Final = 0.25
PRIOR_SESSIONS: Final = 6
# Departures that the tests are made for, in standard deviations: a little more than the median owner-intruder pair
# under the same configuration, somebody clearly different, and somebody of another world.
SHIFTS: Final = (1.2, 2.0, 3.5)

_MOST_ALERT: Final = 0.8
_BLOCK: Final = 50
_STREAMS: Final = 96
_STEPS: Final = 8_000
# Drift is that of a day, not of the few minutes that an enrolment may be cut into: it stays at least this long.
_LEAST_SESSION_H: Final = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Owner:
    """A model of the owner's stream of deviates.

    Attributes
    ----------
    residuals : ndarray, shape (n,)
        Out-of-session deviates less their session's mean, in order.
    drift_sd : float
        Scale of the sessions' means.
    degrees : int
        Degrees of freedom of the Student distribution of the drift.
    session_actions : int
        Length of a session.
    actions_per_h : float
        Actions in an active hour.
    hours : float
        Active hours that were seen.
    inflation : float
        Variance of a block's mean, times the block's length: 1 were actions independent.
    """

    residuals: Floats
    drift_sd: float
    degrees: int
    session_actions: int
    actions_per_h: float
    hours: float
    inflation: float


def owner_of(sessions: Sequence[Floats], active_s: float) -> Owner:
    """Fit the model.

    Parameters
    ----------
    sessions : sequence of ndarray, shape (n_s,)
        Out-of-session deviates of each session, in order of time.
    active_s : float
        Seconds of active use in all of them.
    """
    means = np.array([np.mean(z) for z in sessions])
    total = sum(map(len, sessions))
    noise = 2.5 / (total / len(sessions))
    seen = float(np.maximum(means**2 - noise, 0.0).sum())
    degrees = PRIOR_SESSIONS + len(sessions) - 1
    drift = np.sqrt((PRIOR_SESSIONS * PRIOR_DRIFT**2 + seen) / (PRIOR_SESSIONS + len(sessions)))
    residuals = np.concatenate([z - m for z, m in zip(sessions, means, strict=True)])
    blocks = residuals[: len(residuals) // _BLOCK * _BLOCK].reshape(-1, _BLOCK)
    inflation = _BLOCK * float(np.mean(blocks.mean(axis=1) ** 2)) if len(blocks) > 1 else 1.0
    hours = max(active_s / 3600.0, 1e-3)
    length = max(round(_LEAST_SESSION_H * total / hours), total // len(sessions))
    return Owner(residuals, float(drift), degrees, length, total / hours, hours, max(1.0, inflation))


def simulate(owner: Owner, *, steps: int, streams: int, seed: int) -> NDArray[np.float32]:
    """Streams of deviates as the owner would make them, shape (steps, streams)."""
    rng = np.random.default_rng(seed)
    sessions = -(-steps // owner.session_actions)
    drift = owner.drift_sd * rng.standard_t(owner.degrees, (sessions, streams))
    starts = rng.integers(len(owner.residuals), size=(-(-steps // _BLOCK), 1, streams))
    at = (starts + np.arange(_BLOCK)[None, :, None]).reshape(-1, streams)[:steps]
    residuals = owner.residuals[at % len(owner.residuals)]
    whole: Floats = residuals + np.repeat(drift, owner.session_actions, axis=0)[:steps]
    return whole.astype(np.float32)


def choose(owner: Owner, asked: Judgement, *, seed: int = 0) -> tuple[tuple[Likelihood, ...], Limits]:
    """Tests for slight and for gross departures, which share what was asked evenly, and their common limits.

    Parameters
    ----------
    owner : Owner
    asked : Judgement
        False locks and false alerts per 40 active hours.
    seed : int

    Returns
    -------
    (tuple of Likelihood, Limits)
        The limits are in natural log units of the first test; the others' evidence is scaled to the same limit.
    """
    streams = simulate(owner, steps=_STEPS, streams=_STREAMS, seed=seed)
    tests = [_test(Likelihood(shift, 1.0 / owner.inflation), streams, owner, asked) for shift in SHIFTS]
    lock = tests[0].lock
    likelihoods = tuple(Likelihood(t.likelihood.shift, t.likelihood.share * lock / t.lock) for t in tests)
    alert = lock * min(_MOST_ALERT, max(t.alert / t.lock for t in tests))
    estimated = not supported(owner.hours, asked.false_locks_per_40h)
    return likelihoods, Limits(alert, lock, float(asked.false_locks_per_40h), estimated)


def supported(hours: float, asked_per_40h: float) -> bool:
    """Whether so many hours without a false lock would bound the rate at what was asked (rule of three)."""
    return 3.0 * 40.0 / hours <= asked_per_40h


@dataclass(frozen=True, slots=True)
class _Test:
    likelihood: Likelihood
    alert: float
    lock: float


def _test(likelihood: Likelihood, streams: NDArray[np.float32], owner: Owner, asked: Judgement) -> _Test:
    """Limits of one test alone, for its part of the asked rates."""
    scale = likelihood.share * likelihood.shift
    against = -scale * (streams + likelihood.shift / 2.0)
    grid = np.geomspace(1.0, 1000.0, 40) * scale
    per_40h = 40.0 * owner.actions_per_h / streams.size
    alert = _limit_for(asked.false_alerts_per_40h / len(SHIFTS), grid, _alerts(against, grid) * per_40h)
    locks = _locks(against, grid, alert) * per_40h
    return _Test(likelihood, alert, _limit_for(asked.false_locks_per_40h / len(SHIFTS), grid, locks))


def _alerts(against: NDArray[np.float32], grid: Floats) -> Floats:
    """How often trust becomes suspicious, for each alert limit."""
    limits = grid.astype(np.float32)
    calm = np.float32(CALM) * limits
    count = np.zeros(len(grid))
    s = np.zeros((against.shape[1], len(grid)), np.float32)
    suspicious = np.zeros(s.shape, bool)
    for step in against:
        s += step[:, None]
        np.maximum(s, 0.0, out=s)
        above = s >= limits
        count += (above & ~suspicious).sum(axis=0)
        suspicious = above | (suspicious & (s >= calm))
    return count


def _locks(against: NDArray[np.float32], grid: Floats, alert: float) -> Floats:
    """How often the screen locks, for each lock limit; after a lock the test restarts at the alert limit."""
    limits = grid.astype(np.float32)
    restart = np.minimum(np.float32(alert), np.float32(_MOST_ALERT) * limits)
    count = np.zeros(len(grid))
    s = np.zeros((against.shape[1], len(grid)), np.float32)
    for step in against:
        s += step[:, None]
        np.maximum(s, 0.0, out=s)
        hit = s >= limits
        if hit.any():
            count += hit.sum(axis=0)
            s = np.where(hit, restart, s)
    return count


def _limit_for(asked: float, grid: Floats, rates: Floats) -> float:
    """The lowest limit with the asked rate, between the points of the grid on a logarithmic scale of rates.

    Beyond the highest limit that saw an event the rate is taken to fall on as between the last two that did.
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
