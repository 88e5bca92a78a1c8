"""Verifier: judges a stream of windows by a profile."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agent.engine.calibration import Likelihood
from agent.engine.day_baseline import (
    BaselineStage,
    DayBaseline,
    JudgedAction,
    Proof,
    advance,
    dropped,
    proven,
)
from agent.engine.day_stretch import COHORT_SPREAD, OWN_SPREAD
from agent.engine.detectors import detector, rules
from agent.engine.detectors.windows import Offset
from agent.engine.events import Boundary, OnTrust, OnWindow
from agent.engine.fusion import Fusion, ScaledActions, scaled
from agent.engine.profile import Profile
from agent.engine.reasons import MOST, reason_groups, reasons
from agent.engine.row_stream import GAP_NS
from agent.engine.sequential_test import TrustState, Verdict, after_lock, evidence, trust
from agent.engine.windowing import WINDOW, Window, WindowStream

_REMEMBERED = 200


@dataclass(frozen=True, slots=True)
class Judgement:
    """Judgement after one action.

    Attributes
    ----------
    t_ns : int
        End of the action, or time of the boundary.
    verdict : Verdict
    trust : float
        0 to 100.
    evidence_llr : float
        Evidence of this action: natural log, positive for the user; 0 without evidence.
    statistic : float
        Evidence against the user that has added up, natural log units.
    actions : int
        Actions since the departure began; 0 at full trust.
    start_ns : int
        When the departure began; `t_ns` at full trust.
    reasons : tuple of str
        What differed most from the owner since then, feature by feature; empty while the verdict is genuine. For this
        computer's own eyes.
    reason_groups : tuple of str
        The same in neutral words, which name no feature: what alerts hold.
    movements : bytes
        Sketches of the last actions (float32, one after the other), for a picture on this computer's own status page.
        Never sent with an alert.
    """

    t_ns: int
    verdict: Verdict
    trust: float
    evidence_llr: float
    statistic: float
    actions: int
    start_ns: int
    reasons: tuple[str, ...]
    movements: bytes = b""
    reason_groups: tuple[str, ...] = ()


class Verifier:
    """Verifier of one stream of windows by one profile. For one thread.

    Parameters
    ----------
    profile : Profile
    known_mouse : bool
        False where the profile is of another mouse configuration: it goes on watching, and every verdict that
        rests on evidence is UNKNOWN_MOUSE.
    state : TrustState, optional
        Where the sequential test begins: full trust, or what another profile had come to.

    Raises
    ------
    SteadyhandError
        If the profile names a detector that this version does not have.
    """

    def __init__(
        self, profile: Profile, *, known_mouse: bool = True, state: TrustState | None = None
    ) -> None:
        self._profile = profile
        self._known_mouse = known_mouse
        self._fusion = Fusion(profile.detectors, profile.arrays)
        self._likelihood = Likelihood.of_array(profile.arrays["evidence/likelihood"])
        self._state = state or TrustState()
        in_cohort = any(detector(name).cohort for name in profile.detectors)
        self._spread = COHORT_SPREAD if in_cohort else OWN_SPREAD
        self._baseline = DayBaseline()
        self._offset: Offset | None = None
        self._held: ScaledActions | None = None
        self._departed: deque[NDArray[np.float32]] = deque(maxlen=_REMEMBERED)
        self._actions = 0

    @property
    def state(self) -> TrustState:
        """State of the sequential test."""
        return self._state

    @property
    def baseline(self) -> DayBaseline:
        """The baseline of the owner's day."""
        return self._baseline

    def knows_mouse(self, known: bool) -> None:
        """Say whether the mouse that moves is the profile's, as far as is known now."""
        self._known_mouse = known
        if not known:
            # Another mouse's movement is no baseline of the owner's day on this one.
            self._drop_baseline(DayBaseline())

    def feed(self, window_or_boundary: Window | Boundary) -> Judgement | None:
        """Judge the new action of a window, or take a boundary.

        Returns
        -------
        Judgement or None
            None for a boundary that takes no evidence away.
        """
        if isinstance(window_or_boundary, Boundary):
            return self._cut(window_or_boundary)
        if not window_or_boundary.evidence:
            return self._judgement(window_or_boundary.end_ns, 0.0, Verdict.NO_EVIDENCE)
        sketch = None if window_or_boundary.sketch is None else window_or_boundary.sketch[None]
        seen = scaled(self._fusion.transform, window_or_boundary.rows[-1:], sketch)
        deviate = self._deviate(seen, len(window_or_boundary.rows))
        llr = evidence(self._state, deviate, self._likelihood)
        self._advance(deviate, window_or_boundary)
        self._remember(seen.deviates[0])
        return self._judgement(window_or_boundary.end_ns, llr, self._state.verdict)

    def _advance(self, deviate: float, window: Window) -> None:
        """The sequential test and the day's baseline after the newest action."""
        action = JudgedAction(deviate, window.action_start_ns, window.end_ns, self._day_vector)
        before = self._baseline.stage
        self._state, self._baseline = advance(
            self._state, self._baseline, action, self._likelihood, self._profile.limits, self._spread
        )
        if self._baseline.stage is not before:
            self._take_offset()

    def _day_vector(self) -> NDArray[np.float64] | None:
        """The newest window as the day's baseline collects it."""
        if self._held is None:
            return None
        vectors = self._fusion.day_vectors(self._held, WINDOW)
        return vectors[-1] if len(vectors) else None

    def _take_offset(self) -> None:
        is_taken = self._baseline.stage is BaselineStage.TAKEN
        self._offset = self._fusion.day_offset(self._baseline.vector, WINDOW) if is_taken else None

    def _prove(self, proof: Proof, t_ns: int) -> None:
        self._state, self._baseline = proven(proof, t_ns, self._state, self._baseline, self._spread)
        self._take_offset()
        self._departed.clear()
        self._actions = 0

    def _drop_baseline(self, baseline: DayBaseline) -> None:
        self._baseline, self._offset = baseline, None

    def _cut(self, boundary: Boundary) -> Judgement | None:
        cause = boundary.cause
        proof = Proof.named(boundary.detail) if cause.on_trust is OnTrust.FULL else None
        if proof is not None:
            self._prove(proof, boundary.t_ns)
        elif cause.on_window is OnWindow.RESTARTS:
            # Somebody else may sit down now; what was collected before says nothing of them.
            self._drop_baseline(DayBaseline())
        elif cause.on_window is OnWindow.NO_EVIDENCE and self._baseline.stage is BaselineStage.COLLECTING:
            self._drop_baseline(dropped(self._baseline))
        if boundary.cause.on_trust is OnTrust.AT_ALERT_LEVEL:
            self._state = after_lock(self._state, boundary.t_ns, self._profile.limits)
        if boundary.cause.on_window is OnWindow.NO_EVIDENCE:
            return self._judgement(boundary.t_ns, 0.0, Verdict.NO_EVIDENCE)
        return None

    def _deviate(self, seen: ScaledActions, held: int) -> float:
        """The combined deviate of the newest action and its window of `held` actions."""
        self._held = seen if held == 1 or self._held is None else self._held.then(seen, WINDOW)
        return self._fusion.newest(self._held, self._offset)

    def _remember(self, gaussian: NDArray[np.float32]) -> None:
        if self._state.since_ns is None:
            self._departed.clear()
            self._actions = 0
        else:
            self._departed.append(gaussian)
            self._actions += 1

    def _judgement(self, t_ns: int, llr: float, verdict: Verdict) -> Judgement:
        state, limits = self._state, self._profile.limits
        if not self._known_mouse and verdict is not Verdict.NO_EVIDENCE:
            verdict = Verdict.UNKNOWN_MOUSE
        speaks_against = verdict is not Verdict.GENUINE
        why = self._reasons() if speaks_against else ()
        groups = reason_groups(self._profile.features, list(self._departed)) if speaks_against else ()
        start_ns = t_ns if state.since_ns is None else state.since_ns
        seen = self._held.sketches if self._held else None
        drawn = b"" if seen is None else seen.tobytes()
        return Judgement(
            t_ns,
            verdict,
            trust(state, limits),
            llr,
            state.statistic,
            self._actions,
            start_ns,
            why,
            drawn,
            groups,
        )

    def _reasons(self) -> tuple[str, ...]:
        """Rules that are broken, where the profile has any; then what departed."""
        drawn = self._held.sketches if self._held else None
        broken = rules.flags(self._fusion.rules, drawn) if self._fusion.rules and drawn is not None else ()
        return (*broken, *reasons(self._profile.features, list(self._departed)))[:MOST]


def window_stream(profile: Profile) -> WindowStream:
    """The windows that a profile judges, with sketches: the status page draws the last movements.

    Raises
    ------
    SteadyhandError
        If the profile uses features that this version does not measure.
    """
    return WindowStream(profile.features, profile.kinds, WINDOW, GAP_NS, sketched=True)
