"""Choice of detectors: what is fitted by default, and what each of them needs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from agent.engine.detectors import DETECTORS, WindowDetector, detector, needs_sketches
from agent.engine.errors import SteadyhandError
from agent.files.background import Background
from enroll.cohort import CohortRows

# Stands for the shipped detectors among others that are asked for.
SHIPPED: Final = "shipped"
OWN_DETECTORS: Final = ("knn", "window")
COHORT_DETECTORS: Final = ("plda", "window", "knn")
# In a stream the differences alone; of one short session together with the others (docs/method.md).
BACKGROUND_DETECTORS: Final = ("differences",)
SESSION_DETECTORS: Final = ("knn", "window", "differences")


def sketched_by(detectors: Sequence[str] | None) -> bool:
    """True if one of the detectors needs sketches, which are made only on request.

    Raises
    ------
    SteadyhandError
        If one is not known.
    """
    return needs_sketches([*_meant(detectors, OWN_DETECTORS), *_meant(detectors, COHORT_DETECTORS)])


def _meant(detectors: Sequence[str] | None, shipped: Sequence[str]) -> tuple[str, ...]:
    asked = (SHIPPED,) if detectors is None else detectors
    return tuple(dict.fromkeys(n for name in asked for n in (shipped if name == SHIPPED else (name,))))


def chosen_detectors(
    detectors: Sequence[str] | None, cohort: CohortRows | None, background: Background | None
) -> tuple[str, ...]:
    """Names of the detectors to fit: those asked for, else what is shipped for this cohort and background.

    Raises
    ------
    SteadyhandError
        If there is none, one is not known, or one needs a cohort or a background that is not there.
    """
    alone = OWN_DETECTORS if background is None else BACKGROUND_DETECTORS
    names = _meant(detectors, alone if cohort is None else COHORT_DETECTORS)
    for name in names:
        if needs_background(name) and background is None:
            raise SteadyhandError(f"{name} learns from a background", "give one, or leave the detector out")
        if detector(name).cohort and cohort is None:
            raise SteadyhandError(f"{name} learns from a cohort", "give one, or leave the detector out")
    if not names:
        raise SteadyhandError("no detector", f"name some of {', '.join(DETECTORS)}")
    return names


def needs_background(name: str) -> bool:
    """True if the detector learns how people differ."""
    scorer = detector(name)
    return isinstance(scorer, WindowDetector) and scorer.background
