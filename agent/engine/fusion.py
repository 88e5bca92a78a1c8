"""Detector fusion: all detectors of a profile combined into one deviate per action, lower for others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from agent.engine.calibration import deviates
from agent.engine.detectors import Detector, Rows, WindowDetector, detector, windows
from agent.engine.detectors.windows import Offset
from agent.engine.transform import gaussianise, whiten

Arrays = Mapping[str, NDArray[Any]]
Floats = NDArray[np.float64]

# A whole session is judged by windows that overlap so often.
_STEPS_OF_WINDOW: Final = 8


@dataclass(frozen=True, slots=True, eq=False)
class ScaledActions:
    """Actions on the owner's scale: the input of detectors.

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

    def __len__(self) -> int:
        return len(self.white)

    def __getitem__(self, part: slice) -> ScaledActions:
        sketches = None if self.sketches is None else self.sketches[part]
        return ScaledActions(self.deviates[part], self.white[part], sketches)

    def then(self, newer: ScaledActions, most: int) -> ScaledActions:
        """Append newer actions and keep the last `most`."""
        sketches = None
        if self.sketches is not None and newer.sketches is not None:
            sketches = np.concatenate((self.sketches, newer.sketches))[-most:]
        deviates, white = ((self.deviates, newer.deviates), (self.white, newer.white))
        return ScaledActions(np.concatenate(deviates)[-most:], np.concatenate(white)[-most:], sketches)

    def rows(self, rows: Rows) -> NDArray[np.float32]:
        """The rows that a detector takes.

        Raises
        ------
        ValueError
            If it takes sketches, and there are none.
        """
        if rows.sketched and self.sketches is None:
            raise ValueError("actions were not sketched")
        by_kind = {
            Rows.DEVIATES: (self.deviates,),
            Rows.WHITE: (self.white,),
            Rows.SKETCHES: (self.sketches,),
        }
        parts = by_kind.get(rows, (self.deviates, self.sketches))
        return np.concatenate(parts, axis=1) if len(parts) > 1 else parts[0]  # type: ignore[return-value,arg-type]


def scaled(
    transform: Arrays, rows: NDArray[np.float64], sketches: NDArray[np.float32] | None = None
) -> ScaledActions:
    """Transform feature rows (n, F) to the owner's scale; sketches of the same actions are passed through."""
    gaussian = gaussianise(transform, rows)
    return ScaledActions(gaussian, whiten(transform, gaussian), sketches)


class Fusion:
    """Fusion of detectors: scores actions with a profile's arrays; no state but these.

    Parameters
    ----------
    detectors : sequence of str
        Names, in the order of columns.
    arrays : mapping
        By ``part/name``: ``transform/…``; for each detector ``NAME/…`` and its weight ``fusion/NAME``; for those of
        single actions the owner's out-of-session scores ``calibration/NAME``, ascending within each fold, and
        where folds begin, ``calibration/starts``; ``fusion/scale``, by which the owner's sums have unit spread.

    Attributes
    ----------
    transform, rules : mapping
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
        self.transform = part(arrays, "transform")
        self.rules = part(arrays, "rules") or part(arrays, "hybrid/rules")
        self._weights = weights_of(arrays, detectors)
        self._scale = float(arrays["fusion/scale"])
        starts = arrays["calibration/starts"]
        self._actions: list[tuple[int, Detector, Arrays, Arrays]] = []
        self._windows: list[tuple[int, WindowDetector, Arrays]] = []
        for i, name in enumerate(detectors):
            scorer = detector(name)
            if isinstance(scorer, WindowDetector):
                self._windows.append((i, scorer, part(arrays, name)))
            else:
                calibration = {"scores": arrays[f"calibration/{name}"], "starts": starts}
                self._actions.append((i, scorer, part(arrays, name), calibration))
        self._day = next((window for window in self._windows if "root" in window[2]), None)
        self.context = max((scorer.context for _, scorer, _, _ in self._actions), default=1)

    def newest(self, seen: ScaledActions, offset: Offset | None = None) -> float:
        """The combined deviate of the last action seen and of the windows that it ends.

        Parameters
        ----------
        seen : ScaledActions
        offset : Offset, optional
            Of the owner's day (`day_offset`).
        """
        row = np.zeros(len(self._weights))
        for i, scorer, arrays, calibration in self._actions:
            rows = seen[-scorer.context :].rows(scorer.rows)
            newest = (len(rows) - 1,) if scorer.context > 1 else ()
            scores = scorer.fold_scores(arrays, rows, *newest)[-1:]
            row[i] = deviates(calibration, scores)[0]
        for i, window_scorer, arrays in self._windows:
            rows = seen.rows(window_scorer.rows)
            row[i] = windows.newest(window_scorer.fold_scores, arrays, rows, self._of_day(i, offset))
        return float(row @ self._weights) * self._scale

    def stream(self, seen: ScaledActions, most: int, offset: Offset | None = None) -> Floats:
        """As `newest` after each of the actions, with at most so many in a window; shape (n,)."""
        by_detector = self.by_action(seen)
        for i, scorer, arrays in self._windows:
            for at, length in enumerate(arrays["lengths"].tolist()):
                if length <= min(most, len(seen)):
                    by_detector[length - 1 :, i] = windows.slide(
                        scorer.fold_scores,
                        arrays,
                        seen.rows(scorer.rows),
                        at,
                        offset=self._of_day(i, offset),
                    )
        out: Floats = by_detector @ self._weights * self._scale
        return out

    def day_vectors(self, seen: ScaledActions, most: int) -> Floats:
        """Vectors of the windows that a day's baseline is made of, in order; shape (m, v).

        They end with the last m actions; none where the profile has no such detector, or the actions fill no window.

        Parameters
        ----------
        seen : ScaledActions
            In order of time.
        most : int
            Most actions in a window.
        """
        if self._day is None:
            return np.empty((0, 0))
        _, scorer, arrays = self._day
        return windows.vectors(seen.rows(scorer.rows), int(arrays["lengths"][windows.longest(arrays, most)]))

    def day_offset(self, mean_vector: NDArray[np.floating[Any]] | None, most: int) -> Offset | None:
        """The offset of a day whose windows have this mean vector; None without one."""
        if mean_vector is None or self._day is None:
            return None
        arrays = self._day[2]
        at = windows.longest(arrays, most)
        return None if at is None else windows.offset_of(arrays, at, mean_vector)

    def _of_day(self, i: int, offset: Offset | None) -> Offset | None:
        """The offset for the detector in column i."""
        return offset if self._day is not None and i == self._day[0] else None

    def session(self, seen: ScaledActions) -> float:
        """The weighted sum of a session's mean deviates: of its actions, and of windows of the longest length it fills.

        A detector of whose windows the session fills none has no say. Without ``fusion/scale``, which makes each
        owner's stream alike: with a cohort, the same distance between the owner and the mean of other people is the
        same number for every owner.
        """
        means, weights = self.by_action(seen).mean(axis=0), self._weights.copy()
        for i, scorer, arrays in self._windows:
            at = windows.longest(arrays, len(seen))
            if at is None:
                weights[i] = 0.0
            else:
                step = max(1, int(arrays["lengths"][at]) // _STEPS_OF_WINDOW)
                means[i] = windows.slide(scorer.fold_scores, arrays, seen.rows(scorer.rows), at, step).mean()
        size = float(np.linalg.norm(weights))
        return float(means @ weights) / size if size else 0.0

    def by_action(self, seen: ScaledActions) -> Floats:
        """Calibrated deviates of actions in order of time, shape (n, detectors); 0 in the columns of windows."""
        out = np.zeros((len(seen), len(self._weights)))
        for i, scorer, arrays, calibration in self._actions:
            out[:, i] = deviates(calibration, scorer.fold_scores(arrays, seen.rows(scorer.rows)))
        return out


def weights_of(arrays: Arrays, detectors: Sequence[str]) -> Floats:
    """Weights of the detectors, scaled to a sum of squares of 1."""
    weights = np.array([float(arrays[f"fusion/{name}"]) for name in detectors])
    scaled: Floats = weights / np.linalg.norm(weights)
    return scaled


def part(arrays: Arrays, name: str) -> dict[str, NDArray[Any]]:
    """The arrays whose names begin with ``name/``, without that prefix."""
    head = name + "/"
    return {key[len(head) :]: array for key, array in arrays.items() if key.startswith(head)}
