"""Proof intake: which authentications of the system count as proofs of identity, and for which place in the stream."""

from __future__ import annotations

from typing import Final

from agent.alerts.alert import AlertKind
from agent.engine.day_baseline import Proof
from agent.engine.errors import SteadyhandError
from agent.host.api import IdentityProof, IdentityProofs
from agent.runtime.pipeline.health_alerts import HealthAlerts

LOGIN_AGE_NS: Final = 120_000_000_000
"""A login counts for an agent that starts within so long after it."""


class ProofIntake:
    """Takes each authentication once: at the start of the agent after a login, or at an unlock after a lock.

    One from before the lock, or from before a step of the clock, proves nothing about who is there now. Worker
    thread only.

    Parameters
    ----------
    source : IdentityProofs
    health : HealthAlerts
    """

    def __init__(self, source: IdentityProofs, health: HealthAlerts) -> None:
        self._source = source
        self._health = health
        self._locked_ns: int | None = None
        self._stepped_ns: int | None = None
        self._used_ns = -1

    def note_lock(self, t_ns: int) -> None:
        """The screen is locked, or another user's is shown; the first such time counts until it is unlocked."""
        if self._locked_ns is None:
            self._locked_ns = t_ns

    def note_clock_step(self, t_ns: int) -> None:
        """The clock of the events was set: nothing before it can be compared with what comes."""
        self._stepped_ns = t_ns

    def at_start(self, now_ns: int) -> IdentityProof | None:
        """The login just before the agent started; None without one."""
        return self._take(Proof.LOGIN, now_ns - LOGIN_AGE_NS, now_ns)

    def at_unlock(self, now_ns: int) -> IdentityProof | None:
        """The authentication that unlocked the screen; None where there was none since the lock."""
        locked_ns, self._locked_ns = self._locked_ns, None
        return None if locked_ns is None else self._take(Proof.UNLOCK, locked_ns, now_ns)

    def _take(self, kind: Proof, after_ns: int, now_ns: int) -> IdentityProof | None:
        try:
            authentication = self._source.latest()
        except SteadyhandError as error:
            message = f"A proof of identity was refused, because it is not the system's: {error}"
            self._health.report(AlertKind.PROOF_REJECTED, message, now_ns, subject=AlertKind.PROOF_REJECTED)
            return None
        if authentication is None or not max(after_ns, self._used_ns) < authentication.t_ns <= now_ns:
            return None
        if self._stepped_ns is not None and self._stepped_ns >= authentication.t_ns:
            return None
        self._used_ns = authentication.t_ns
        return IdentityProof(kind, authentication.t_ns, authentication.service)
