"""Why a judgement turned against the user, in words that a person can check."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

MOST: Final = 3

_UNITS: Final = frozenset(("px", "s", "hz", "rad", "s2", "s3", "s4", "px2"))
_SIZES: Final = ((1.5, "very much"), (0.8, "much"), (0.4, "clearly"), (0.0, "a little"))


def reasons(features: Sequence[str], departed: Sequence[NDArray[np.float32]]) -> tuple[str, ...]:
    """The features whose mean lies furthest from the owner's.

    Parameters
    ----------
    features : sequence of str
    departed : sequence of ndarray, each of shape (F,)
        Normal deviates of the actions since the departure began (0 = the owner's median).

    Returns
    -------
    tuple of str
        At most three, the largest first; none without actions.
    """
    if not departed:
        return ()
    mean = np.mean(departed, axis=0)
    order = np.argsort(-np.abs(mean), kind="stable")[:MOST]
    return tuple(_sentence(features[j], float(mean[j]), len(departed)) for j in order if mean[j] != 0.0)


def _sentence(feature: str, mean: float, actions: int) -> str:
    size = next(word for least, word in _SIZES if abs(mean) >= least)
    direction = "higher" if mean > 0.0 else "lower"
    return f"{_plain(feature)} {size} {direction} than the owner's ({mean:+.1f} sd over {actions} actions)"


def _plain(feature: str) -> str:
    """The feature's name as words, without its unit."""
    words = feature.split("_")
    while len(words) > 1 and words[-1] in _UNITS:
        words.pop()
    return " ".join(words)
