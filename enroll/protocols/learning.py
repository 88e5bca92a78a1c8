"""The one place where protocols learn a user: whatever makes models better makes every protocol better."""

from __future__ import annotations

from collections.abc import Sequence

from agent.engine.errors import SteadyhandError
from enroll.model import Model, fit_model
from enroll.sessions import SessionRows

MODES = ("own", "cohort")


def learn(own: Sequence[SessionRows], cohort: Sequence[SessionRows] | None = None) -> Model:
    """A model of one user.

    Parameters
    ----------
    own : sequence of SessionRows
        The enrolment, in order of time.
    cohort : sequence of SessionRows, optional
        Sessions of the anonymous other people; None in mode ``own``.

    Raises
    ------
    SteadyhandError
        If there is too little to learn from, or a cohort is given.
    """
    if cohort is not None:
        raise _without_cohort()
    return fit_model(own)


def check_mode(mode: str) -> None:
    """Refuse a mode that no protocol knows, or that nothing here can learn in, before any work is done.

    Raises
    ------
    SteadyhandError
        If the mode is another than ``own`` and ``cohort``, or no detector learns from a cohort.
    """
    if mode not in MODES:
        raise SteadyhandError(f"mode {mode!r} is not known", f"use one of {', '.join(MODES)}")
    if mode == "cohort":
        raise _without_cohort()


def _without_cohort() -> SteadyhandError:
    return SteadyhandError("no detector here learns from a cohort", "use --mode own")
