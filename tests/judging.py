"""What the agent's sequential test makes of deviates."""

from __future__ import annotations

from collections.abc import Sequence

from agent.engine.calibration import Likelihood
from agent.engine.profile import Limits, Profile
from agent.engine.sequential_test import TrustState, evidence, step


def likelihood_of(profile: Profile) -> Likelihood:
    """The profile's, as its file has it."""
    return Likelihood(*profile.arrays["evidence/likelihood"].tolist())


def llrs_of(deviates: Sequence[float], likelihood: Likelihood, limits: Limits) -> list[float]:
    """The evidence of each action, in order, from the state after a login."""
    state, told = TrustState(), []
    for deviate in deviates:
        told.append(evidence(state, deviate, likelihood))
        state = step(state, deviate, likelihood, 0, limits)
    return told
