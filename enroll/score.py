"""A whole session against a model: one number, higher = more genuine."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from _fastfeat import ActionRows
from agent.engine.detectors import window
from agent.engine.fusion import Fusion, Seen, see
from agent.engine.windowing import WINDOW
from enroll.model import Model
from enroll.sessions import select, sketches

Floats = NDArray[np.float64]


def session_score(model: Model, rows: ActionRows) -> float:
    """Mean deviate of the actions, with that of the windows; 0, the owner's own mean, without any action."""
    fusion = Fusion(model.detectors, model.arrays)
    seen = _seen(fusion, model, rows)
    if not len(seen.white):
        return 0.0
    mean = fusion.by_action(seen).mean(axis=0, keepdims=True)
    return float(fusion.combined(mean, _window_score(fusion, seen.white))[0])


def stream_deviates(model: Model, rows: ActionRows) -> Floats:
    """What the agent would see of a stream without boundaries: the combined deviate after each action.

    Returns
    -------
    ndarray of float64, shape (n,)
        One for each action of a kind that is judged.
    """
    fusion = Fusion(model.detectors, model.arrays)
    seen = _seen(fusion, model, rows)
    newest = np.zeros(len(seen.white))
    for at, length in enumerate(fusion.window["lengths"].tolist() if fusion.window else ()):
        if length <= min(WINDOW, len(seen.white)):
            newest[length - 1 :] = window.slide(fusion.window, seen.white, at)
    return fusion.combined(fusion.by_action(seen), newest)


def _seen(fusion: Fusion, model: Model, rows: ActionRows) -> Seen:
    told = select(rows, model.features, model.kinds)
    return see(fusion.transform, told, sketches(rows, model.kinds))


def _window_score(fusion: Fusion, white: NDArray[np.float32]) -> float:
    """Mean deviate of overlapping windows of the longest length that the session fills; 0 without one."""
    if not fusion.window:
        return 0.0
    at = int(np.searchsorted(fusion.window["lengths"], len(white), side="right")) - 1
    if at < 0:
        return 0.0
    length = int(fusion.window["lengths"][at])
    return float(window.slide(fusion.window, white, at, step=max(1, length // 8)).mean())
