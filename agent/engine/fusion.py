"""All detectors of a profile together: one deviate an action, lower for others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent.engine.detectors import WINDOW_DETECTOR, Rows, detector
from agent.engine.evidence import deviates
from agent.engine.transform import gaussianise, whiten

Arrays = Mapping[str, NDArray[Any]]


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """Actions as detectors see them.

    Attributes
    ----------
    deviates : ndarray of float32, shape (n, F)
        Normal deviates of the features.
    white : ndarray of float32, shape (n, d)
        Whitened.
    sketches : ndarray of float32, shape (n, WIDTH), or None
        Where they were asked for.
    """

    deviates: NDArray[np.float32]
    white: NDArray[np.float32]
    sketches: NDArray[np.float32] | None = None

    def __getitem__(self, part: slice) -> Seen:
        sketches = None if self.sketches is None else self.sketches[part]
        return Seen(self.deviates[part], self.white[part], sketches)

    def then(self, newer: Seen, most: int) -> Seen:
        """These actions and newer ones, the last `most` of them."""
        sketches = None
        if self.sketches is not None and newer.sketches is not None:
            sketches = np.concatenate((self.sketches, newer.sketches))[-most:]
        deviates, white = ((self.deviates, newer.deviates), (self.white, newer.white))
        return Seen(np.concatenate(deviates)[-most:], np.concatenate(white)[-most:], sketches)

    def rows(self, rows: Rows) -> NDArray[np.float32]:
        """The rows that a detector takes.

        Raises
        ------
        ValueError
            If it takes sketches, and there are none.
        """
        if rows.sketched and self.sketches is None:
            raise ValueError("actions were not sketched")
        told = {Rows.DEVIATES: (self.deviates,), Rows.WHITE: (self.white,), Rows.SKETCHES: (self.sketches,)}
        parts = told.get(rows, (self.deviates, self.sketches))
        return np.concatenate(parts, axis=1) if len(parts) > 1 else parts[0]  # type: ignore[return-value,arg-type]


def see(transform: Arrays, rows: NDArray[np.float64], sketches: NDArray[np.float32] | None = None) -> Seen:
    """Feature rows (n, F) on the owner's scale, with the sketches of the same actions as they are."""
    told = gaussianise(transform, rows)
    return Seen(told, whiten(transform, told), sketches)


class Fusion:
    """Scores actions by plain arrays, and holds nothing but these.

    Parameters
    ----------
    detectors : sequence of str
        Names, in the order of columns.
    arrays : mapping
        By ``part/name``: ``transform/…``; for each detector ``NAME/…`` and its weight ``fusion/NAME``; for those of
        single actions the owner's out-of-session scores ``calibration/NAME``, ascending within each fold, and
        where folds begin, ``calibration/starts``.

    Attributes
    ----------
    transform, window, rules : mapping
        These parts; empty where there is no such detector.
    context : int
        How many actions the detectors of actions look at, at most.

    Raises
    ------
    SteadyhandError
        If a detector is not known.
    KeyError
        If an array is missing.
    """

    def __init__(self, detectors: Sequence[str], arrays: Arrays) -> None:
        starts = arrays["calibration/starts"]
        self.transform = part(arrays, "transform")
        self.window = part(arrays, WINDOW_DETECTOR) if WINDOW_DETECTOR in detectors else {}
        self.rules = part(arrays, "rules") or part(arrays, "hybrid/rules")
        self._weights = weights_of(arrays, detectors)
        self._is_window = np.array([name == WINDOW_DETECTOR for name in detectors])
        self._actions = [
            (
                i,
                detector(name),
                part(arrays, name),
                {"scores": arrays[f"calibration/{name}"], "starts": starts},
            )
            for i, name in enumerate(detectors)
            if name != WINDOW_DETECTOR
        ]

        self.context = max((one.context for _, one, _, _ in self._actions), default=1)

    def by_action(self, seen: Seen) -> NDArray[np.float64]:
        """Calibrated deviates of actions in order of time, shape (n, detectors); 0 in the column of the window."""
        out = np.zeros((len(seen.white), len(self._weights)))
        for i, one, arrays, calibration in self._actions:
            out[:, i] = deviates(calibration, one.fold_scores(arrays, seen.rows(one.rows)))
        return out

    def newest(self, seen: Seen) -> NDArray[np.float64]:
        """The last row of `by_action`, shape (1, detectors), at no more cost than its context asks."""
        out = np.zeros((1, len(self._weights)))
        for i, one, arrays, calibration in self._actions:
            scores = one.fold_scores(arrays, seen[-one.context :].rows(one.rows))[-1:]
            out[0, i] = deviates(calibration, scores)[0]
        return out

    def combined(
        self, by_action: NDArray[np.float64], windows: NDArray[np.float64] | float
    ) -> NDArray[np.float64]:
        """The weighted sum (n,) of deviates of actions (n, detectors) and of the windows that they end (n,)."""
        whole = np.where(self._is_window, np.reshape(windows, (-1, 1)), by_action)
        told: NDArray[np.float64] = whole @ self._weights
        return told


def weights_of(arrays: Arrays, detectors: Sequence[str]) -> NDArray[np.float64]:
    """Weights of the detectors, scaled to a sum of squares of 1."""
    weights = np.array([float(arrays[f"fusion/{name}"]) for name in detectors])
    scaled: NDArray[np.float64] = weights / np.linalg.norm(weights)
    return scaled


def part(arrays: Arrays, name: str) -> dict[str, NDArray[Any]]:
    """The arrays whose names begin with ``name/``, without that prefix."""
    head = name + "/"
    return {key[len(head) :]: value for key, value in arrays.items() if key.startswith(head)}
