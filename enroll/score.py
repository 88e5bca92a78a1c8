"""A whole session against a model: one number, higher = more genuine."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from _fastfeat import ActionRows
from agent.engine.detectors import knn, window
from agent.engine.evidence import combined, deviates
from agent.engine.transform import gaussianise, whiten
from agent.engine.windowing import WINDOW
from enroll.model import Model
from enroll.sessions import select


def session_score(model: Model, rows: ActionRows) -> float:
    """Mean deviate of the actions, with that of the windows; 0, the owner's own mean, without any action."""
    white = _whitened(model, rows)
    if not len(white):
        return 0.0
    actions = deviates(model.part("calibration"), knn.fold_scores(model.part("knn"), white))
    return float(combined(actions.mean(keepdims=True), _window_score(model, white))[0])


def stream_deviates(model: Model, rows: ActionRows) -> NDArray[np.float64]:
    """What the agent would see of a stream without boundaries: the combined deviate after each action.

    Returns
    -------
    ndarray of float64, shape (n,)
        One for each action of a kind that is judged.
    """
    white = _whitened(model, rows)
    actions = deviates(model.part("calibration"), knn.fold_scores(model.part("knn"), white))
    arrays = model.part("window")
    newest = np.zeros(len(white))
    for at, length in enumerate(arrays["lengths"].tolist() if arrays else ()):
        if length <= min(WINDOW, len(white)):
            newest[length - 1 :] = window.slide(arrays, white, at)
    return combined(actions, newest)


def _whitened(model: Model, rows: ActionRows) -> NDArray[np.float32]:
    transform = model.part("transform")
    return whiten(transform, gaussianise(transform, select(rows, model.features, model.kinds)))


def _window_score(model: Model, white: NDArray[np.float32]) -> NDArray[np.float64]:
    """Mean deviate of overlapping windows of the longest length that the session fills; 0 without one."""
    arrays = model.part("window")
    if not arrays:
        return np.zeros(1)
    at = int(np.searchsorted(arrays["lengths"], len(white), side="right")) - 1
    if at < 0:
        return np.zeros(1)
    length = int(arrays["lengths"][at])
    told = window.slide(arrays, white, at, step=max(1, length // 8))
    return np.array([told.mean()])
