"""Odd sessions: those of an enrolment that another class of mouse made are kept apart from what is learnt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from agent.engine.signature import FACTOR
from enroll.sessions import SessionRows

# Fewer intervals say nothing about a session's class of mouse.
_LEAST_INTERVALS = 20


@dataclass(frozen=True, slots=True, eq=False)
class SortedSessions:
    """An enrolment after sorting.

    Attributes
    ----------
    learnt : tuple of SessionRows
        Of one class of mouse, in order.
    apart : tuple of str
        A sentence for each session that is kept apart: its name and why.
    kept_apart : tuple of SessionRows
        These sessions, in order: what another profile is learnt from.
    """

    learnt: tuple[SessionRows, ...]
    apart: tuple[str, ...] = ()
    kept_apart: tuple[SessionRows, ...] = ()


def of_one_mouse(sessions: Sequence[SessionRows]) -> SortedSessions:
    """Keep the class of report rate of most sessions, of two equal ones that of more actions.

    A session without intervals stays: nothing is known against it. Two medians that differ by a factor of 2 are of two
    mice, as for an agent that watches (`agent.engine.signature`). A profile that holds both fits neither: each session
    of the class that is rarer would be locked all day.
    """
    medians = [_median_s(session) for session in sessions]
    actions = [len(session.rows) for session in sessions]
    support = [
        (
            sum(_same(own, median) for median in medians),
            sum(n for n, m in zip(actions, medians, strict=True) if _same(own, m)),
        )
        for own in medians
    ]
    shown = [at for at, median in enumerate(medians) if median is not None]
    if not shown:
        return SortedSessions(tuple(sessions))
    usual = medians[max(shown, key=lambda at: support[at])]
    learnt, apart, kept_apart = [], [], []
    for session, median in zip(sessions, medians, strict=True):
        if median is None or usual is None or _same(median, usual):
            learnt.append(session)
        else:
            kept_apart.append(session)
            apart.append(
                f"{session.name}: report interval {median * 1e3:.3g} ms, the others' {usual * 1e3:.3g} ms"
            )
    return SortedSessions(tuple(learnt), tuple(apart), tuple(kept_apart))


def _median_s(session: SessionRows) -> float | None:
    few = len(session.intervals_s) < _LEAST_INTERVALS
    return None if few else float(np.median(session.intervals_s))


def _same(first_s: float | None, second_s: float | None) -> bool:
    if first_s is None or second_s is None:
        return False
    low, high = sorted((first_s, second_s))
    return high < FACTOR * low
