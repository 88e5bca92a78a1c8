"""Audit of day baselines: says when one was taken, by what proof, and who vouches for it."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Final

from agent.alerts.alert import AlertKind
from agent.engine.day_baseline import BaselineStage, DayBaseline
from agent.engine.errors import SteadyhandError
from agent.engine.events import Boundary, Cause
from agent.files.baseline_log import BaselineRecord, append_baseline
from agent.host.api import IdentityProof
from agent.runtime.pipeline.ports import AlertSink
from agent.runtime.pipeline.proof_intake import ProofIntake
from agent.runtime.response.alert_wording import AlertWording

LOG: Final = logging.getLogger(__name__)


class DayBaselineAudit:
    """Follows proofs and the baselines that they open. Worker thread only.

    Parameters
    ----------
    alerts : AlertSink
    wording : AlertWording
    proofs : ProofIntake
    log_file : Path or None
        Where the person's own page finds them; None keeps them in the record alone.
    """

    def __init__(
        self, alerts: AlertSink, wording: AlertWording, proofs: ProofIntake, log_file: Path | None
    ) -> None:
        self._alerts = alerts
        self._wording = wording
        self._proofs = proofs
        self._log_file = log_file
        self._proof: IdentityProof | None = None
        self._stage = BaselineStage.NONE

    def boundary(self, boundary: Boundary, *, closed: bool) -> None:
        """Follow a boundary; `closed` while the screen is locked or another user's is shown."""
        if boundary.cause is Cause.CLOCK_STEP:
            self._proofs.note_clock_step(boundary.t_ns)
        if closed:
            self._proofs.note_lock(boundary.t_ns)

    def at_start(self, now_ns: int) -> IdentityProof | None:
        """See `ProofIntake.at_start`."""
        return self._proofs.at_start(now_ns)

    def at_unlock(self, now_ns: int) -> IdentityProof | None:
        """See `ProofIntake.at_unlock`."""
        return self._proofs.at_unlock(now_ns)

    def note(self, proof: IdentityProof | None) -> None:
        """Keep the newest proof: it is what opens the next baseline."""
        self._proof = proof or self._proof
        self._stage = BaselineStage.NONE

    def follow(self, baseline: DayBaseline) -> None:
        """Report a baseline that has been taken, once."""
        before, self._stage = self._stage, baseline.stage
        if baseline.stage is not BaselineStage.TAKEN or before is BaselineStage.TAKEN or self._proof is None:
            return
        proof = self._proof
        self._log(proof, baseline)
        message = (
            f"A baseline of the owner's day was taken from {baseline.collected.actions} actions, "
            f"opened by {proof.kind.value} ({proof.authority})"
        )
        self._alerts.alert(
            self._wording.health(
                AlertKind.BASELINE_TAKEN,
                message,
                proof=proof.kind.value,
                authority=proof.authority,
                proof_monotonic_ns=proof.t_ns,
                actions=baseline.collected.actions,
            )
        )

    def _log(self, proof: IdentityProof, baseline: DayBaseline) -> None:
        """Keep it for the person's own page: how far the day departs is nobody else's business."""
        if self._log_file is None:
            return
        record = BaselineRecord(
            self._wording.wall_ns() // 1_000_000_000,
            proof.kind.value,
            proof.authority,
            baseline.collected.actions,
            round(baseline.collected.mean, 2),
        )
        try:
            append_baseline(self._log_file, record)
        except SteadyhandError as error:
            LOG.warning("the baseline is in the record only: %s", error)
