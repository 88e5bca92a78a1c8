"""Session score: one number of a whole session by a model, higher = more genuine."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from _fastfeat import ActionRows
from agent.engine.fusion import Fusion, ScaledActions, scaled
from agent.engine.windowing import WINDOW
from enroll.model import Model
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
