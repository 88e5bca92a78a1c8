"""Owner simulation: streams of deviates as new sessions of the owner would give them.

A session as a whole lies away from those enrolled by a *drift* of its own, and a few lie far: drift has a Student
distribution with a few degrees of freedom, and nothing cuts it off where nobody has been seen yet. How far an owner's
enrolled sessions lie apart says little about the next one (over ten accounts the correlation was 0), so the scale is
mostly that of all people. Everything else comes from the owner's own sessions, each less its mean and taken whole, so
that what goes up and down within hours stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from agent.engine.day_stretch import COHORT_SPREAD, OWN_SPREAD
from agent.engine.detectors import DETECTORS, WindowDetector
from agent.engine.sequential_test import MOST_DEVIATE

Floats = NDArray[np.float64]

# A little more than the likeliest scale (0.24 and 0.50), and the farthest that any session lay off: from 45 training
# sessions of ten accounts, each scored by models of the account's others (docs/choices.md). A cohort tells people apart
# more sharply, and with them the days of one person.
PRIOR_SESSIONS: Final = 20


@dataclass(frozen=True, slots=True)
class Drift:
    """Distribution of session means around the enrolment.

    Attributes
    ----------
    scale : float
        Of the Student distribution of their means, in standard deviations of one action.
    degrees : float
        Of freedom; the tail index is pooled over people, the scale is the person's own.
    """

    scale: float
    degrees: float


OWN_DRIFT: Final = Drift(OWN_SPREAD.scale, 3.0)
COHORT_DRIFT: Final = Drift(COHORT_SPREAD.scale, 3.0)
# Likeliest over 97 sessions of 15 people in two sets, every person with one vote (docs/choices.md).
DIFFERENCES_DRIFT: Final = Drift(0.43, 3.0)

_BLOCK: Final = 50
# Variance of a session's mean times its length, were it always the same session.
_NOISE: Final = 3.0
# Drift is that of a day, not of the few minutes that an enrolment may be cut into: it stays at least this long.
_LEAST_SESSION_H: Final = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Owner:
    """A model of the owner's stream of deviates.

    Attributes
    ----------
    sessions : tuple of ndarray
        Out-of-session deviates, each session less its mean, in order.
    drift : Drift
    session_actions : int
        Length of a session.
    actions_per_h : float
        Actions in an active hour.
    hours : float
        Active hours that were seen.
    inflation : float
        Variance of a mean of 50 actions times 50: 1 were actions independent.
    """

    sessions: tuple[Floats, ...]
    drift: Drift
    session_actions: int
    actions_per_h: float
    hours: float
    inflation: float


def owner_of(sessions: Sequence[Floats], active_s: float, detectors: Sequence[str] = ()) -> Owner:
    """Fit the model.

    Parameters
    ----------
    sessions : sequence of ndarray, shape (n_s,)
        Out-of-session deviates of each session, in order of time.
    active_s : float
        Seconds of active use in all of them.
    detectors : sequence of str
        Names of those that the deviates come from.
    """
    bounded = [np.clip(z, -MOST_DEVIATE, MOST_DEVIATE) for z in sessions]
    means = np.array([np.mean(z) for z in bounded])
    total = sum(map(len, bounded))
    seen = float(np.maximum(means**2 - _NOISE * len(bounded) / total, 0.0).sum())
    prior = _prior(detectors)
    scale = np.sqrt((PRIOR_SESSIONS * prior.scale**2 + seen) / (PRIOR_SESSIONS + len(bounded)))
    centred = tuple(z - m for z, m in zip(bounded, means, strict=True))
    hours = max(active_s / 3600.0, 1e-3)
    length = max(round(_LEAST_SESSION_H * total / hours), total // len(bounded))
    drift = Drift(float(scale), prior.degrees)
    return Owner(centred, drift, length, total / hours, hours, _inflation(np.concatenate(centred)))


def simulate(owner: Owner, *, steps: int, streams: int, seed: int) -> NDArray[np.float32]:
    """Streams of deviates as the owner would make them, shape (steps, streams); each begins with a session.

    A session is one of the owner's, from anywhere in it and round its end to its length, moved by a drift. Drifts are
    the distribution's quantiles at even steps, in any order: rare days are as many as they should be.
    """
    rng = np.random.default_rng(seed)
    length = min(owner.session_actions, steps)
    sessions = -(-steps // length)
    shares = (rng.permutation(sessions * streams) + 0.5) / (sessions * streams)
    drift = owner.drift.scale * stdtrit(owner.drift.degrees, shares).reshape(sessions, streams)
    lengths = np.array([len(z) for z in owner.sessions])
    begins = np.concatenate(([0], np.cumsum(lengths)[:-1]))
    deviates = np.concatenate(owner.sessions).astype(np.float32)
    out = np.empty((sessions * length, streams), np.float32)
    for s in range(sessions):
        picked = rng.choice(len(lengths), streams, p=lengths / lengths.sum())
        at = rng.integers(lengths[picked]) + np.arange(length)[:, None]
        out[s * length : (s + 1) * length] = deviates[begins[picked] + at % lengths[picked]] + drift[s]
    return out[:steps]


def _prior(names: Sequence[str]) -> Drift:
    """Drift of all people, by the detectors that the deviates come from."""
    known = [DETECTORS[name] for name in names if name in DETECTORS]
    if any(scorer.cohort for scorer in known):
        return COHORT_DRIFT
    needs_background = [isinstance(scorer, WindowDetector) and scorer.background for scorer in known]
    return DIFFERENCES_DRIFT if known and all(needs_background) else OWN_DRIFT


def _inflation(centred: Floats) -> float:
    blocks = centred[: len(centred) // _BLOCK * _BLOCK].reshape(-1, _BLOCK)
    inflation = _BLOCK * float(np.mean(blocks.mean(axis=1) ** 2)) if len(blocks) > 1 else 1.0
    return max(1.0, inflation)
