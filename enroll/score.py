"""Session score: one number of a whole session by a model, higher = more genuine."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from _fastfeat import ActionRows
from agent.engine.day_baseline import DayBaseline, JudgedAction
from agent.engine.day_stretch import COHORT_SPREAD, OWN_SPREAD
from agent.engine.detectors import detector
from agent.engine.fusion import Fusion, ScaledActions, scaled
from agent.engine.windowing import WINDOW
from enroll.fold_models import Model
from enroll.sessions import select, sketches

Floats = NDArray[np.float64]


def session_score(model: Model, rows: ActionRows) -> float:
    """Mean deviate of the actions, with that of the windows; 0, the owner's own mean, without any action."""
    fusion, seen = _seen(model, rows)
    return fusion.session(seen) if len(seen) else 0.0


def stream_deviates(model: Model, rows: ActionRows) -> Floats:
    """Combined deviate after each action of a stream without boundaries, as the agent computes it.

    Returns
    -------
    ndarray of float64, shape (n,)
        One for each action of a kind that is judged.
    """
    fusion, seen = _seen(model, rows)
    return fusion.stream(seen, WINDOW)


def _seen(model: Model, rows: ActionRows) -> tuple[Fusion, ScaledActions]:
    fusion = Fusion(model.detectors, model.arrays)
    features = select(rows, model.features, model.kinds)
    return fusion, scaled(fusion.transform, features, sketches(rows, model.kinds))


class StreamScore:
    """Scores of one stretch that begins with a proof of identity, for `agent.engine.day_baseline.advance`.

    Parameters
    ----------
    model : Model
    rows : ActionRows
        In order of time, without boundaries.

    Attributes
    ----------
    rows : ActionRows
        Those of the kinds that are judged; everything here has one entry for each of them.
    deviates : ndarray of float64, shape (n,)
        As `stream_deviates`: while no baseline is taken.
    spread : DaySpread
        The pooled spread of days for the model's detectors.
    """

    def __init__(self, model: Model, rows: ActionRows) -> None:
        self._fusion, self._seen = _seen(model, rows)
        self.rows = rows[np.isin(rows.kind, list(model.kinds))]
        self.deviates = self._fusion.stream(self._seen, WINDOW)
        self.spread = COHORT_SPREAD if any(detector(n).cohort for n in model.detectors) else OWN_SPREAD
        self._vectors = self._fusion.day_vectors(self._seen, WINDOW)

    def action(self, i: int, deviates: Floats) -> JudgedAction:
        """Action number i, with its deviate out of `deviates` or `deviates_on`."""
        at = i - len(self.rows) + len(self._vectors)
        vector = self._vectors[at] if at >= 0 and len(self._vectors) else None
        return JudgedAction(
            float(deviates[i]), int(self.rows.start_ns[i]), int(self.rows.end_ns[i]), lambda: vector
        )

    def deviates_on(self, baseline: DayBaseline) -> Floats:
        """Deviates of all actions with the offset of a taken baseline."""
        return self._fusion.stream(self._seen, WINDOW, self._fusion.day_offset(baseline.vector, WINDOW))
