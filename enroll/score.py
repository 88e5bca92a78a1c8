"""A whole session against a model: one number, higher = more genuine."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from _fastfeat import ActionRows
from agent.engine.detectors import knn, window
from agent.engine.evidence import combined, deviates
from agent.engine.transform import gaussianise, whiten
from enroll.model import Model
from enroll.sessions import select


def session_score(model: Model, rows: ActionRows) -> float:
    """Mean deviate of the actions, with that of the windows; 0, the owner's own mean, without any action."""
    told = select(rows, model.features, model.kinds)
    if not len(told):
        return 0.0
    transform = model.part("transform")
    white = whiten(transform, gaussianise(transform, told))
    actions = deviates(model.part("calibration"), knn.fold_scores(model.part("knn"), white))
    return float(combined(actions.mean(keepdims=True), _window_score(model, white))[0])


def _window_score(model: Model, white: NDArray[np.float32]) -> NDArray[np.float64]:
    """Mean deviate of overlapping windows of the longest length that the session fills; 0 without one."""
    arrays = model.part("window")
    if not arrays:
        return np.zeros(1)
    at = int(np.searchsorted(arrays["lengths"], len(white), side="right")) - 1
    if at < 0:
        return np.zeros(1)
    length = int(arrays["lengths"][at])
    return window.slide(arrays, white, at, step=max(1, length // 8)).mean(keepdims=True)
