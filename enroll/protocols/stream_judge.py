"""A stream of feature rows judged from the state after a login, as the agent's verifier judges it.

Deviates are made for many rows at once, which is what makes the protocol quick; what follows is the agent's own
sequential test. `tests/enroll/protocols/test_stream.py` holds both against `agent.engine.verifier.Verifier`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache

import numpy as np
from numpy.typing import NDArray

from _fastfeat import ActionRows
from agent.engine.calibration import Likelihood
from agent.engine.profile import Limits
from agent.engine.sequential_test import TrustState, Verdict, step
from agent.engine.signature import COLUMNS, SETTLED, Signature
from enroll.fold_models import Model
from enroll.protocols.stream_plan import counted
from enroll.score import stream_deviates

Floats = NDArray[np.float64]
Score = Callable[[ActionRows], Floats]


@dataclass(frozen=True, slots=True)
class SequentialRule:
    """The sequential test for one asked rate.

    Attributes
    ----------
    likelihood : Likelihood
    limits : Limits
    """

    likelihood: Likelihood
    limits: Limits


class EndCause(Enum):
    """What ended a stretch."""

    INTRUDER = "intruder"
    UNKNOWN_MOUSE = "unknown mouse"


@dataclass(frozen=True, slots=True)
class Hit:
    """The row after which a stretch ended, and why."""

    row: int
    sign: EndCause


@dataclass(frozen=True, slots=True, eq=False)
class MouseWatch:
    """Tells another class of mouse from its measured signature, once after each login, as the agent does.

    What the operating system tells the agent about the device, no recording here holds.

    Attributes
    ----------
    enrolled : Signature
    """

    enrolled: Signature

    @classmethod
    def of(cls, enrolment: ActionRows) -> MouseWatch:
        """What the enrolment shows; it never speaks where no action has intervals."""
        return cls(Signature.of_features(enrolment.features))

    def settles_at(self, rows: ActionRows) -> int | None:
        """The row by which 8 actions had report intervals; None where there are fewer, or nothing to compare."""
        at = np.flatnonzero(~np.isnan(rows.features[:, COLUMNS[0]]))
        settled = len(at) >= SETTLED and self.enrolled.interval_s > 0.0
        return int(at[SETTLED - 1]) if settled else None

    def is_unknown(self, rows: ActionRows) -> bool:
        """Whether the signature of these actions contradicts the enrolled one."""
        return bool(self.enrolled.contradictions(Signature.of_features(rows.features)))


@dataclass(frozen=True, slots=True, eq=False)
class Guard:
    """What stands between a login and whoever is at the mouse.

    Attributes
    ----------
    account : str
    score : callable
        Rows to deviates, NaN where a row gives no evidence.
    rules : tuple of SequentialRule
        One for each of `ASKED`.
    watch : MouseWatch
    intervals_s : ndarray
        Report intervals of the enrolment, for the interval rule.
    model : Model or None
        For baselines of the day; None where only `score` is there.
    """

    account: str
    score: Score
    rules: tuple[SequentialRule, ...]
    watch: MouseWatch
    intervals_s: Floats
    model: Model | None = None


def model_score(model: Model) -> Score:
    """Deviates by a model: NaN for actions of a kind that it does not judge."""

    def score(rows: ActionRows) -> Floats:
        out = np.full(len(rows), np.nan)
        out[np.isin(rows.kind, list(model.kinds))] = stream_deviates(model, rows)
        return out

    return score


def first_hit(deviates: Floats, rows: ActionRows, rule: SequentialRule, watch: MouseWatch) -> Hit | None:
    """What ends the stretch that begins with the first row, after a login.

    An unknown mouse ends it as soon as the watch has settled; a lock by behaviour that is due before waits until then.

    Parameters
    ----------
    deviates : ndarray of float64, shape (n,)
        One for each row; NaN where the row gives no evidence.
    rows : ActionRows
    rule : SequentialRule
    watch : MouseWatch
    """
    settled = watch.settles_at(rows)
    if settled is not None and watch.is_unknown(rows[: settled + 1]):
        return Hit(settled, EndCause.UNKNOWN_MOUSE)
    lock = first_lock(deviates, rows, rule)
    return None if lock is None else Hit(max(lock, settled or 0), EndCause.INTRUDER)


def first_lock(deviates: Floats, rows: ActionRows, rule: SequentialRule) -> int | None:
    """The row after which the sequential test says intruder; None if it never does."""
    state = TrustState()
    for i in np.flatnonzero(~np.isnan(deviates)).tolist():
        state = step(state, float(deviates[i]), rule.likelihood, int(rows.start_ns[i]), rule.limits)
        if state.verdict is Verdict.INTRUDER:
            return int(i)
    return None


def hits(
    score: Score,
    rows: ActionRows,
    rules: Sequence[SequentialRule],
    watch: MouseWatch,
    *,
    most_unknown: int | None = None,
) -> list[list[Hit]]:
    """For each rule, everything that ends a stretch of the stream, which goes on after each as after a login.

    Parameters
    ----------
    score : callable
    rows : ActionRows
    rules : sequence of SequentialRule
    watch : MouseWatch
    most_unknown : int, optional
        After so many unknown mice the stream ends.
    """

    @cache
    def deviates_from(begin: int) -> Floats:
        return score(rows[begin:])

    return [list(_hits(deviates_from, rows, rule, watch, most_unknown)) for rule in rules]


def _hits(
    deviates_from: Callable[[int], Floats],
    rows: ActionRows,
    rule: SequentialRule,
    watch: MouseWatch,
    most_unknown: int | None,
) -> Iterator[Hit]:
    begin, unknown = 0, 0
    while begin < len(rows) and unknown != most_unknown:
        hit = first_hit(deviates_from(begin), rows[begin:], rule, watch)
        if hit is None:
            return
        yield Hit(begin + hit.row, hit.sign)
        begin += hit.row + 1
        unknown += hit.sign is EndCause.UNKNOWN_MOUSE


def detection(rows: ActionRows, hit: Hit | None, is_matched: bool) -> tuple[float, float]:
    """Actions and seconds to the hit; infinite without one, or where a matched mouse was taken for unknown."""
    if hit is None or (is_matched and hit.sign is EndCause.UNKNOWN_MOUSE):
        return math.inf, math.inf
    actions = max(1, int(counted(rows[: hit.row + 1]).sum()))
    return float(actions), float(rows.end_ns[hit.row] - rows.start_ns[0]) / 1e9
