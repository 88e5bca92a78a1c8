"""A whole session against a model: one number, higher = more genuine."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from _fastfeat import ActionRows
from agent.engine.detectors import knn
from agent.engine.evidence import deviates
from agent.engine.transform import gaussianise, whiten
from enroll.model import Model
from enroll.sessions import select


def action_deviates(model: Model, rows: ActionRows) -> NDArray[np.float64]:
    """Calibrated deviates of the actions that are judged, shape (n,); standard normal for the owner."""
    told = select(rows, model.features, model.kinds)
    transform = model.part("transform")
    white = whiten(transform, gaussianise(transform, told))
    return deviates(model.part("calibration"), knn.fold_scores(model.part("knn"), white))


def session_score(model: Model, rows: ActionRows) -> float:
    """The mean deviate; 0, the owner's own mean, where no action can be judged."""
    told = action_deviates(model, rows)
    return float(told.mean()) if len(told) else 0.0
