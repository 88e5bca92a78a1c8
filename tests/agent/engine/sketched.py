"""Made-up sketches."""

from __future__ import annotations

import numpy as np

from agent.engine.sketch import HEAD, STEP_S, STEPS, WIDTH, Column


def sketches(n: int, turn: float, seed: int, haste: float = 1.0) -> np.ndarray:
    """Movements that go mostly one way, `turn` radians from the right, in steps that tremble."""
    rng = np.random.default_rng(seed)
    out = np.zeros((n, WIDTH), np.float32)
    count = rng.integers(8, STEPS + 1, n)
    way = turn + rng.normal(0.0, 0.5, (n, 1)) + rng.normal(0.0, 0.25, (n, STEPS))
    length = rng.lognormal(2.0, 0.6, (n, STEPS)) * haste
    there = np.arange(STEPS) < count[:, None]
    out[:, Column.KIND], out[:, Column.COUNT] = rng.choice((1, 3), n), count
    out[:, Column.DURATION_S] = count * STEP_S
    out[:, Column.SINCE_S] = rng.lognormal(0.5, 0.8, n) / haste
    out[:, Column.BUTTON] = out[:, Column.KIND] == 3
    out[:, HEAD : HEAD + STEPS] = np.where(there, length * np.cos(way), 0.0)
    out[:, HEAD + STEPS :] = np.where(there, length * np.sin(way), 0.0)
    return out
