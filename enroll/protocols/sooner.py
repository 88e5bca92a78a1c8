"""How much sooner a second mouse is enrolled: by what was done with it, alone or beside what was transferred."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from enroll.datasets.configuration import ConfigurationTable
from enroll.protocols.people_auc import PeopleAuc, Trials, draws

Floats = NDArray[np.float64]
Measure = Callable[[Floats, Floats], Floats]

# Rows of the new configuration that a transferred enrolment is worth; chosen on the minigame table (docs/choices.md).
WORTH: Final = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Growth:
    """Trials by how much was done with the new mouse.

    Attributes
    ----------
    alone : tuple of Trials
        Against what was done with the new mouse alone, from the second size on.
    transferred : tuple of Trials
        With the old mouse's enrolment beside it, from nothing on.
    """

    alone: tuple[Trials, ...]
    transferred: tuple[Trials, ...]

    @classmethod
    def concat(cls, parts: Sequence[Growth]) -> Growth:
        """One from several of the same sizes."""
        return cls(
            *(
                tuple(Trials.concat(same) for same in zip(*(getattr(p, name) for p in parts), strict=True))
                for name in ("alone", "transferred")
            )
        )


def most_rows(table: ConfigurationTable) -> int:
    """How many rows of a configuration everybody has besides a tested one."""
    cells = table.person * (int(table.configuration.max()) + 1) + table.configuration
    return int(np.unique(cells, return_counts=True)[1].min()) - 1


def grown(
    table: ConfigurationTable, rows: Floats, owner: int, tester: int, measure: Measure, worth: float | None
) -> Growth:
    """One person's rows tried against another's enrolment, which begins with another configuration's rows.

    Parameters
    ----------
    table : ConfigurationTable
    rows : ndarray, shape (n, F)
        Its rows, normalised.
    owner, tester : int
    measure : callable
        Likeness of two arrays of rows.
    worth : float or None
        How many rows of the new configuration the old one's mean is worth; None: each row counts the same.
    """
    own, most = np.flatnonzero(table.person == owner), most_rows(table)
    pairs, alone, together = [], [], []
    for tested in np.flatnonzero(table.person == tester):
        usable = own[table.task[own] != table.task[tested]]
        here = table.configuration[usable] == table.configuration[tested]
        # Which tasks come first changes with the tested one, so that none is always the first.
        order = np.argsort((table.task[usable[here]] - table.task[tested]) % (table.task.max() + 1))
        fresh = rows[usable[here][order][:most]]
        if len(fresh) < most:
            continue
        sums = np.concatenate((np.zeros((1, rows.shape[1])), np.cumsum(fresh, axis=0)))
        counts = np.arange(most + 1.0)[:, None]
        alone.append(sums[1:] / counts[1:])
        for old_configuration in np.unique(table.configuration[usable[~here]]):
            old = rows[usable[table.configuration[usable] == old_configuration]]
            weight = len(old) if worth is None else worth
            together.append((weight * old.mean(axis=0) + sums) / (weight + counts))
            pairs.append((len(alone) - 1, tested))
    return _tried(owner, tester, rows, measure, pairs, alone, together)


def _tried(
    owner: int,
    tester: int,
    rows: Floats,
    measure: Measure,
    pairs: Sequence[tuple[int, np.intp]],
    alone: Sequence[Floats],
    together: Sequence[Floats],
) -> Growth:
    """Scores size by size; one enrolment alone stands beside each of its transferred ones."""
    if not pairs:
        return Growth((), ())
    tested = rows[[at for _, at in pairs]]
    own = np.stack([alone[i] for i, _ in pairs])
    both = np.stack(together)
    return Growth(
        tuple(Trials.of(owner, tester, measure(own[:, n], tested)) for n in range(own.shape[1])),
        tuple(Trials.of(owner, tester, measure(both[:, n], tested)) for n in range(both.shape[1])),
    )


def figures(sizes: Sequence[int], growth: Growth, people: int) -> dict[str, Any]:
    """AUC by size, what is gained by the transfer, and how much of the new mouse alone reaches the same.

    Parameters
    ----------
    sizes : sequence of int
        From 0 on.
    growth : Growth
    people : int

    Returns
    -------
    dict
        ``sizes``, ``alone``, ``transferred`` AUC by size; ``gain_ci95`` their difference's 95 % interval over people in
        both their roles; ``alone_size`` and its interval: so much of the new mouse alone reaches the AUC, between the
        smallest size and the largest.
    """
    alone = [PeopleAuc.of(trials, people) for trials in growth.alone]
    together = [PeopleAuc.of(trials, people) for trials in growth.transferred]
    drawn = [_curves(alone, together, weight) for weight in draws(people)]
    gains = np.array([both[1:] - own for own, both in drawn])
    reached = np.array([_size_for(both, own, sizes[1:]) for own, both in drawn])
    own, both = _curves(alone, together, np.ones(people))
    return {
        "sizes": list(sizes),
        "alone": [None, *_rounded(own)],
        "transferred": _rounded(both),
        "gain_ci95": [None, *_intervals(gains, 4)],
        "alone_size": [round(float(size), 1) for size in _size_for(both, own, sizes[1:])],
        "alone_size_ci95": _intervals(reached, 1),
    }


def _curves(
    alone: Sequence[PeopleAuc], together: Sequence[PeopleAuc], weight: Floats
) -> tuple[Floats, Floats]:
    own, both = ([area.weighted(weight) for area in part] for part in (alone, together))
    return np.array(own, np.float64), np.array(both, np.float64)


def _size_for(reached: Floats, alone: Floats, sizes: Sequence[int]) -> Floats:
    """The sizes at which the new mouse alone reaches an AUC, on straight lines between what was measured."""
    sizes_alone: Floats = np.interp(reached, np.maximum.accumulate(alone), np.array(sizes, np.float64))
    return sizes_alone


def _rounded(areas: Floats) -> list[float | None]:
    return [None if np.isnan(area) else round(float(area), 5) for area in areas]


def _intervals(draws_by_size: Floats, digits: int) -> list[list[float]]:
    """95 % of each column."""
    low, high = np.nanpercentile(draws_by_size, (2.5, 97.5), axis=0)
    return [[round(float(a), digits), round(float(b), digits)] for a, b in zip(low, high, strict=True)]
