"""Feature rows: one row an action."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Self

import numpy as np
from numpy.typing import NDArray

from _fastfeat.schema import FEATURES


@dataclass(frozen=True, slots=True, eq=False)
class ActionRows:
    """Actions in order of time.

    Attributes
    ----------
    features : ndarray of float64, shape (m, F)
        One row an action, columns as in `FEATURES`; NaN where a feature is undefined.
    kind : ndarray of uint8, shape (m,)
        Values of `ActionKind`.
    start_ns, end_ns : ndarray of int64, shape (m,)
        Times of the first and the last point.
    points : ndarray of int32, shape (m,)
        Number of points (ticks for SCROLL).

    Raises
    ------
    ValueError
        If the lengths differ or the number of columns is not that of the schema.
    """

    features: NDArray[np.float64]
    kind: NDArray[np.uint8]
    start_ns: NDArray[np.int64]
    end_ns: NDArray[np.int64]
    points: NDArray[np.int32]

    def __post_init__(self) -> None:
        count = len(self.kind)
        if self.features.shape != (count, len(FEATURES)):
            raise ValueError(f"features: shape {self.features.shape}, not {(count, len(FEATURES))}")
        for name in ("start_ns", "end_ns", "points"):
            if getattr(self, name).shape != (count,):
                raise ValueError(f"{name}: shape {getattr(self, name).shape}, not {(count,)}")

    def __len__(self) -> int:
        return len(self.kind)

    def __getitem__(self, part: slice | NDArray[np.bool_] | NDArray[np.intp]) -> Self:
        """Some of the rows: a slice, a mask or indices."""
        return type(self)(*(getattr(self, field.name)[part] for field in fields(self)))

    @classmethod
    def empty(cls, count: int = 0) -> ActionRows:
        """Rows whose values are still to be written; none by default."""
        return cls(
            np.empty((count, len(FEATURES))),
            np.empty(count, np.uint8),
            np.empty(count, np.int64),
            np.empty(count, np.int64),
            np.empty(count, np.int32),
        )

    @classmethod
    def concat(cls, parts: Iterable[ActionRows]) -> ActionRows:
        """One table from several of one type, in the order given."""
        tables = list(parts)
        if not tables:
            return cls.empty()
        columns = [field.name for field in fields(tables[0])]
        return type(tables[0])(*(np.concatenate([getattr(p, name) for p in tables]) for name in columns))
