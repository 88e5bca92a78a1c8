"""Sensitivity: five levels in the place of two figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class SensitivityLevel:
    """One stop of the sensitivity, in figures and in words.

    Attributes
    ----------
    false_locks_per_40h, false_alerts_per_40h : float
        What it sets the two settings of these names to.
    words : str
        What people will feel.
    """

    false_locks_per_40h: float
    false_alerts_per_40h: float
    words: str


SENSITIVITIES: Mapping[str, SensitivityLevel] = MappingProxyType(
    {
        "gentle": SensitivityLevel(
            0.25, 1.0, "hardly ever in the owner's way; somebody else is noticed late or not at all"
        ),
        "easy": SensitivityLevel(
            0.5, 2.5, "a false lock in two weeks of work at most; slow to notice somebody else"
        ),
        "balanced": SensitivityLevel(1.0, 5.0, "a false lock in a week of work at most"),
        "watchful": SensitivityLevel(
            2.0, 10.0, "two false locks in a week of work at most; somebody else is noticed sooner"
        ),
        "strict": SensitivityLevel(
            4.0, 20.0, "nearly a false lock a day; for computers where minutes matter"
        ),
    }
)
