"""Mouse signature: measured report interval and step size, independent of what the device declares.

Both are read off actions, and both belong to the device and its setting, not to the hand: the interval between
reports, and the smallest step. A declared mouse that moves like another is an unknown mouse.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from _fastfeat import FEATURES
from agent.engine.errors import SteadyhandError
from agent.engine.profile import Profile
from agent.engine.sentence import sentence

# The features that the signature is read off, and where they are.
MEASURES: Final = ("interval_median_s", "step_quantum_px")
COLUMNS: Final[tuple[int, ...]] = tuple(FEATURES.index(name) for name in MEASURES)
# After a login the fewest actions with which at most one in a thousand looked like another class of mouse; later on
# the fewest with which none did (docs/choices.md).
SETTLED: Final = 8
ROLLING: Final = 20
# Two medians that differ by this factor are of two mice: the interval rule (docs/method.md).
FACTOR: Final = 2.0

_FINEST: Final = 0.1
UNITS: Final = (("report interval", 1e3, "ms"), ("step", 1.0, "px"))

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Signature:
    """Measured signature of a mouse.

    Attributes
    ----------
    interval_s : float
        Median over actions of the median time between two places of the pointer, s; 0 where none shows it.
    quantum_px : float
        The smallest step that is not 0, px, of the tenth of the actions that step finest; 0 where none shows it. A
        quick hand leaves the finest steps out in most actions, a mouse in none.
    """

    interval_s: float = 0.0
    quantum_px: float = 0.0

    @classmethod
    def of(cls, measures: Floats) -> Signature:
        """From the columns `MEASURES` of actions, shape (n, 2); NaN where an action does not show one."""
        intervals, steps = (column[~np.isnan(column)] for column in measures.T)
        return cls(
            _median(intervals) if len(intervals) else 0.0,
            float(np.sort(steps)[math.floor((len(steps) - 1) * _FINEST)]) if len(steps) else 0.0,
        )

    @classmethod
    def of_features(cls, features: Floats) -> Signature:
        """From whole feature rows, shape (n, F)."""
        return cls.of(features[:, list(COLUMNS)])

    def contradictions(self, seen: Signature) -> tuple[str, ...]:
        """Where `seen` is not of the mouse of this signature, a sentence each; what either lacks says nothing."""
        sentences = []
        for (name, scale, unit), own, measured in zip(
            UNITS, (self.interval_s, self.quantum_px), (seen.interval_s, seen.quantum_px), strict=True
        ):
            low, high = sorted((own, measured))
            if low > 0.0 and high >= FACTOR * low:
                sentences.append(
                    sentence(
                        "{measure} {measured} {unit}, enrolled {enrolled} {unit}",
                        measure=sentence(name),
                        measured=f"{measured * scale:.3g}",
                        enrolled=f"{own * scale:.3g}",
                        unit=unit,
                    )
                )
        return tuple(sentences)


def signature_arrays(signature: Signature) -> dict[str, Floats]:
    """As a profile keeps it."""
    return {"signature/enrolled": np.array([signature.interval_s, signature.quantum_px])}


def enrolled_signature(profile: Profile) -> Signature:
    """The signature of the mouse that a profile was enrolled with; one that contradicts nothing in older profiles.

    Raises
    ------
    SteadyhandError
        If it is not two numbers.
    """
    measures = profile.arrays.get("signature/enrolled")
    if measures is None:
        return Signature()
    if measures.shape != (len(MEASURES),):
        raise SteadyhandError("the profile's signature is not two numbers", "have it made again")
    return Signature(float(measures[0]), float(measures[1]))


class SignatureCheck:
    """Compares a stream of actions with the enrolled signature. For one thread.

    It settles with the first 8 actions that show a report interval after the start or `restart`, and then looks at
    the last 20. What it has found stays until the stream shows otherwise: restarting is no way round it.

    Parameters
    ----------
    enrolled : Signature
        One that is all 0 contradicts nothing.
    """

    def __init__(self, enrolled: Signature) -> None:
        self._enrolled = enrolled
        self._last: deque[Floats] = deque(maxlen=ROLLING)
        self._settled = False
        self.contradictions: tuple[str, ...] = ()

    def restart(self) -> None:
        """Another mouse may follow: look at new actions only."""
        self._last.clear()
        self._settled = False

    def feed(self, measures: Floats) -> None:
        """Take the measures of one action, shape (2,)."""
        if np.isnan(measures[0]):
            return
        self._last.append(measures)
        held = len(self._last)
        if held == ROLLING or (not self._settled and held >= SETTLED):
            self._settled = True
            self.contradictions = self._enrolled.contradictions(Signature.of(np.stack(self._last)))


def _median(numbers: Floats) -> float:
    """As `np.median`, which loads masked arrays for it: more than a megabyte in the agent."""
    ordered, half = np.sort(numbers), len(numbers) / 2.0
    return float(ordered[math.ceil(half) - 1 : math.floor(half) + 1].mean())
