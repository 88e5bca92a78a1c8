"""Rule detector: readable rules, each with a degree from 0 (kept) to 1 (broken); the score is their mean.

After Mastrotto et al. 2020, section 5 (time, coverage, repetition, direction), which flags surveys; adapted to a
desktop: reading time becomes a floor for the time from click to click, uniform answers become uniform click spacing,
and what is usual comes from the owner instead of from a questionnaire.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from agent.engine.detectors.hmm import STILL, SYMBOLS, symbols_of
from agent.engine.sketch import STEP_S, Column, Sketches, steps_of

CONTEXT: Final = 60
# Nobody reads what a click brought in less.
READING_S: Final = 1.0
LEAST_CLICKS: Final = 8

_LEAST_MOVES: Final = 4
_TIE: Final = 1e-3
_LEAST_WIDTH: Final = 1e-9

Arrays = Mapping[str, NDArray[Any]]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class MovementRule:
    """One rule.

    Attributes
    ----------
    subject : str
        What it is about.
    says : str
        What is so when it is broken; ``{}`` stands for the value.
    """

    subject: str
    says: str


RULES: Final = (
    MovementRule("speed", "the pointer jumped at {:.0f} px/s, faster than the owner's hand"),
    MovementRule(
        "time between clicks", "{:.0%} of clicks came within a second of the one before, no time to read"
    ),
    MovementRule(
        "click spacing", "clicks come at nearly equal intervals (spread {:.0%} less than evenly random ones)"
    ),
    MovementRule("coverage", "movements reach {:.1f} times as far, or as little, as the owner's"),
    MovementRule("repetition", "{:.0%} of movements repeat another one step by step"),
    MovementRule("direction", "{:.0%} of steps go another way than the owner's"),
    MovementRule("straight lines", "{:.0%} of steps are exactly level or upright"),
)


def fold_scores(arrays: Arrays, rows: Sketches, first: int = 0) -> Floats:
    """One minus the flag score of the window that ends with each action; among equals, the furthest from flags first.

    Parameters
    ----------
    arrays : mapping
        ``shares`` (folds, 9): how often the owner goes each way; ``middle``, ``usual``, ``most`` (folds, rules): the
        owner's median, where a flag begins, and where it is whole; ``reach`` (folds,): log of the usual reach, px.
    rows : ndarray of float32, shape (n, WIDTH)
        Sketches in order of time.
    first : int
        The actions before it are only looked back on.

    Returns
    -------
    ndarray of float64, shape (n - first, folds)

    Raises
    ------
    ValueError
        If the levels are of another version's rules.
    """
    if arrays["usual"].shape[1] != len(RULES):
        raise ValueError(f"rules: levels of {arrays['usual'].shape[1]} rules, not of {len(RULES)}")
    out = np.empty((len(rows) - first, len(arrays["shares"])))
    measured = {name: column[first:] for name, column in common(rows).items()}
    for s in range(out.shape[1]):
        measures = rule_measures(arrays, measured, s)
        out[:, s] = (
            1.0
            - degrees(arrays, measures, s).mean(axis=1)
            - _TIE * _nearness(arrays, measures, s).mean(axis=1)
        )
    return out


def degrees(arrays: Arrays, measures: Floats, s: int) -> Floats:
    """How far each rule is broken, 0 to 1, shape (n, rules)."""
    width = np.maximum(arrays["most"][s] - arrays["usual"][s], _LEAST_WIDTH)
    broken: Floats = np.clip((measures - arrays["usual"][s]) / width, 0.0, 1.0)
    return broken


def flags(arrays: Arrays, rows: Sketches) -> tuple[str, ...]:
    """What the rules say of the newest window, the most broken first; empty where every rule is kept.

    A rule speaks when it is broken for at least half by the mean of the folds.
    """
    folds = len(arrays["shares"])
    if not len(rows) or not folds:
        return ()
    measured = common(rows[-CONTEXT:])
    newest = [rule_measures(arrays, measured, s)[-1:] for s in range(folds)]
    broken = np.mean([degrees(arrays, measures, s)[0] for s, measures in enumerate(newest)], axis=0)
    means = np.mean([measures[0] for measures in newest], axis=0)
    means[3] = np.exp(means[3])
    order = np.argsort(-broken, kind="stable")
    return tuple(_sentence(RULES[i], float(means[i])) for i in order if broken[i] >= 0.5)


def _sentence(rule: MovementRule, measure: float) -> str:
    return f"rule of {rule.subject}: {rule.says.format(measure)}"


def _nearness(arrays: Arrays, measures: Floats, s: int) -> Floats:
    width = np.maximum(arrays["usual"][s] - arrays["middle"][s], _LEAST_WIDTH)
    near: Floats = np.tanh((measures - arrays["middle"][s]) / width)
    return near


def common(rows: Sketches) -> dict[str, Floats]:
    """What the rules measure of each window, whoever the owner is; `rule_measures` adds the owner."""
    dx, dy, there = steps_of(rows)
    symbols, _ = symbols_of(rows)
    length = np.hypot(dx, dy)
    counts = np.stack([((symbols == k) & there).sum(axis=1) for k in range(SYMBOLS)], axis=1)
    moving = np.maximum(there.sum(axis=1) - counts[:, STILL], 0)
    level = ((dx == 0.0) != (dy == 0.0)).sum(axis=1)
    quick, even = _clicks(rows)
    reach = np.log1p(np.maximum(np.abs(dx.sum(axis=1)), np.abs(dy.sum(axis=1)))).astype(np.float64)
    return {
        "speed": length.max(axis=1, initial=0.0).astype(np.float64) / STEP_S,
        "quick": quick,
        "even": even,
        "reach": _slid(reach).sum(axis=1) / _held(len(rows)),
        "repeated": _repeated(symbols, there, moving),
        "ways": _slid_sums(counts.astype(np.float64)),
        "level": _share(_slid(level.astype(np.float64)).sum(axis=1), _slid(moving * 1.0).sum(axis=1)),
    }


def rule_measures(arrays: Arrays, measured: Mapping[str, Floats], s: int) -> Floats:
    """What each rule looks at, the higher the more suspicious, shape (n, rules)."""
    ways = measured["ways"] / np.maximum(measured["ways"].sum(axis=1, keepdims=True), 1.0)
    apart = 0.5 * np.abs(ways - arrays["shares"][s]).sum(axis=1)
    return np.column_stack(
        (
            measured["speed"],
            measured["quick"],
            measured["even"],
            np.abs(measured["reach"] - arrays["reach"][s]),
            measured["repeated"],
            np.where(measured["ways"].sum(axis=1) > 0, apart, 0.0),
            measured["level"],
        )
    )


def _clicks(rows: Sketches) -> tuple[Floats, Floats]:
    """Share of clicks within a second of the one before, and how even the intervals are: 1 less their spread."""
    since = rows[:, Column.SINCE_S].astype(np.float64)
    known = np.where(since < 0.0, np.nan, since)
    begins = np.cumsum(np.isnan(known))
    time = np.cumsum(np.nan_to_num(known))
    at = np.flatnonzero(rows[:, Column.BUTTON] > 0)
    before = np.full(len(rows), -1)
    interval = np.zeros(len(rows))
    same = begins[at[1:]] == begins[at[:-1]]
    before[at[1:][same]] = at[:-1][same]
    interval[at[1:]] = time[at[1:]] - time[at[:-1]]
    inside = _slid(before.astype(np.float64), -1.0) >= _first(len(rows))[:, None]
    held = _slid(interval)
    count = inside.sum(axis=1)
    total = np.where(inside, held, 0.0).sum(axis=1)
    mean = _share(total, count)
    spread = np.sqrt(np.maximum(_share(np.where(inside, held**2, 0.0).sum(axis=1), count) - mean**2, 0.0))
    enough = count >= LEAST_CLICKS
    quick = np.where(enough, _share((inside & (held < READING_S)).sum(axis=1), count), 0.0)
    return quick, np.where(enough & (mean > 0.0), np.maximum(1.0 - _share(spread, mean), 0.0), 0.0)


def _repeated(symbols: NDArray[np.int64], there: NDArray[np.bool_], moving: NDArray[Any]) -> Floats:
    """Share of movements that another one before them in the window went step by step."""
    last: dict[bytes, int] = {}
    before = np.full(len(symbols), -1.0)
    for i, (path, seen) in enumerate(zip(symbols, there, strict=True)):
        if moving[i] >= _LEAST_MOVES:
            key = path[seen].tobytes()
            before[i] = last.get(key, -1)
            last[key] = i
    share: Floats = (_slid(before, -1.0) >= _first(len(symbols))[:, None]).sum(axis=1) / _held(len(symbols))
    return share


def _slid(column: Floats, before: float = 0.0) -> Floats:
    """The last 60 values at each place, shape (n, 60), filled up at the beginning."""
    if not len(column):
        return np.empty((0, CONTEXT))
    padded = np.concatenate((np.full(CONTEXT - 1, before), column))
    return np.lib.stride_tricks.sliding_window_view(padded, CONTEXT)


def _slid_sums(table: Floats) -> Floats:
    total = np.concatenate((np.zeros((1, table.shape[1])), np.cumsum(table, axis=0)))
    sums: Floats = total[1:] - total[_first(len(table))]
    return sums


def _first(n: int) -> NDArray[np.int64]:
    """Where the window that ends at each place begins."""
    return np.maximum(np.arange(n) - CONTEXT + 1, 0)


def _held(n: int) -> NDArray[np.int64]:
    return np.minimum(np.arange(n) + 1, CONTEXT)


def _share(part: NDArray[Any], whole: NDArray[Any]) -> Floats:
    """Part by whole, 0 where there is nothing."""
    share: Floats = np.divide(part, whole, out=np.zeros(len(part)), where=whole > 0)
    return share
