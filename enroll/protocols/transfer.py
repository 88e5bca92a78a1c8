"""What a change of the mouse configuration does to features and to verification, and how much can be mended."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from joblib import delayed
from numpy.typing import NDArray
from scipy.stats import friedmanchisquare

from enroll.datasets.configuration import ConfigurationTable, read_tables
from enroll.protocols.normalise import cosine, fit, nearness
from enroll.protocols.people_auc import PeopleAuc, Trials, draws
from enroll.protocols.run import USUAL, ProtocolRun
from enroll.protocols.sooner import WORTH, Growth, figures, grown, most_rows

Floats = NDArray[np.float64]
Measure = Callable[[Floats, Floats], Floats]

_LEVEL: Final = 0.05


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """Trials under one and under two configurations, and of an enrolment that goes from one to the other."""

    same: Trials
    cross: Trials
    growth: Growth


def evaluate(folder: Path, run: ProtocolRun = USUAL) -> dict[str, Any]:
    """Run the protocol on the three tables.

    Parameters
    ----------
    folder : Path
        Holds ``minigame_aggregated_data.csv`` and its two siblings.
    run : ProtocolRun
        Progress is told the name of a table whenever one person of it is done.

    Returns
    -------
    dict
        The keys that docs/design.md lists; figures that a table cannot give are None: without a second task
        under the same configuration there is no "same".

    Raises
    ------
    SteadyhandError
        If a table is not as it must be.
    """
    begun = run.clock()
    tables = {table.name: table_figures(table, run) for table in read_tables(folder)}
    return {"protocol": "transfer", "tables": tables, "run_seconds": round(run.clock() - begun, 2)}


def table_figures(table: ConfigurationTable, run: ProtocolRun = USUAL) -> dict[str, Any]:
    """The figures of one table."""
    raw, mended = baseline_trials(table), normalised_trials(table, run)
    same, cross, normalised, ceiling = (
        PeopleAuc.of(trials, table.people) for trials in (raw.same, raw.cross, mended.cross, mended.same)
    )
    share = recovered(same, cross, normalised)
    return {
        "features_changed": int((changed_p(table) < _LEVEL).sum()),
        "features": len(table.features),
        "same_auc": same.auc(),
        "cross_auc": cross.auc(),
        "cross_auc_normalised": normalised.auc(),
        "recovered_share": share[0],
        "recovered_ci95": share[1],
        "same_auc_normalised": ceiling.auc(),
        "recovered_share_of_ceiling": recovered(ceiling, cross, normalised)[0],
        "sooner": _sooner(table, raw.growth, mended.growth),
        "groups": _groups(table, normalised),
    }


def changed_p(table: ConfigurationTable) -> Floats:
    """p of the Friedman test of each feature, on per-person means; 1 where a feature never differs.

    People who lack a configuration are left out.
    """
    configurations = int(table.configuration.max()) + 1
    cells = table.person * configurations + table.configuration
    counts = np.bincount(cells, minlength=table.people * configurations).astype(np.float64)
    out = np.ones(len(table.features))
    for j in range(len(out)):
        sums = np.bincount(cells, table.values[:, j], minlength=len(counts))
        means = (sums / np.where(counts > 0.0, counts, np.nan)).reshape(table.people, configurations)
        means = means[~np.isnan(means).any(axis=1)]
        if configurations > 2 and len(means) > 1 and np.ptp(means, axis=1).any():
            out[j] = friedmanchisquare(*means.T).pvalue
    return out


def baseline_trials(table: ConfigurationTable) -> Compared:
    """The fixed baseline: pooled z-scores, mean absolute distance to the mean."""
    spread = table.values.std(axis=0)
    rows = (table.values - table.values.mean(axis=0)) / np.where(spread > 0.0, spread, 1.0)
    everybody = range(table.people)
    compared = [_trials(table, rows, o, t, nearness, None) for o in everybody for t in everybody]
    return _pooled(compared)


def normalised_trials(table: ConfigurationTable, run: ProtocolRun = USUAL) -> Compared:
    """Every trial with a normaliser that saw neither of its two people."""
    tasks = [delayed(_of_person)(table, first) for first in range(table.people)]
    compared: list[Compared] = []
    for part in run.outcomes(tasks):
        compared += part
        run.progress(table.name)
    return _pooled(compared)


def recovered(
    same: PeopleAuc, cross: PeopleAuc, normalised: PeopleAuc
) -> tuple[float | None, list[float] | None]:
    """(normalised - cross) / (same - cross), and its 95 % interval over people in both their roles."""
    whole = [areas.auc() for areas in (same, cross, normalised)]
    if None in whole:
        return None, None
    people = len(same.genuine)
    shares = []
    for weight in draws(people):
        s, c, n = (areas.weighted(weight) for areas in (same, cross, normalised))
        if s is not None and c is not None and n is not None and s > c:
            shares.append((n - c) / (s - c))
    s, c, n = (areas.weighted(np.ones(people)) or 0.0 for areas in (same, cross, normalised))
    if s <= c or not shares:
        return None, None
    low, high = np.percentile(shares, (2.5, 97.5))
    return round((n - c) / (s - c), 4), [round(float(low), 4), round(float(high), 4)]


def _of_person(table: ConfigurationTable, first: int) -> list[Compared]:
    """The trials of one person with every later one and with herself: a pure function, run in any process."""
    out = []
    for second in range(first, table.people):
        others = (table.person != first) & (table.person != second)
        known = table.values[others]
        varied = np.ptp(known, axis=0) > 0.0
        normaliser = fit(
            known[:, varied],
            table.configuration[others],
            table.person[others],
            int(table.configuration.max()) + 1,
        )
        rows = np.zeros((len(table.values), int(varied.sum())))
        rows[~others] = normaliser(table.values[~others][:, varied], table.configuration[~others])
        out += [_trials(table, rows, o, t, cosine, WORTH) for o, t in {(first, second), (second, first)}]
    return out


def _trials(
    table: ConfigurationTable, rows: Floats, owner: int, tester: int, measure: Measure, worth: float | None
) -> Compared:
    """One person's rows tried against another's enrolment under each configuration.

    The enrolment is the mean of the owner's rows under the configuration, without the tested row's task.
    """
    own, tried = np.flatnonzero(table.person == owner), np.flatnonzero(table.person == tester)
    scores, same = [], []
    for c in np.unique(table.configuration[own]):
        at = own[table.configuration[own] == c]
        weights = (table.task[at][None, :] != table.task[tried][:, None]).astype(np.float64)
        enough = weights.sum(axis=1) > 0.0
        weights = weights[enough] / weights[enough].sum(axis=1, keepdims=True)
        scores.append(measure(weights @ rows[at], rows[tried[enough]]))
        same.append(table.configuration[tried[enough]] == c)
    all_scores, is_same = np.concatenate(scores), np.concatenate(same)
    return Compared(
        Trials.of(owner, tester, all_scores[is_same]),
        Trials.of(owner, tester, all_scores[~is_same]),
        grown(table, rows, owner, tester, measure, worth),
    )


def _pooled(parts: Sequence[Compared]) -> Compared:
    growths = [p.growth for p in parts if p.growth.transferred]
    return Compared(
        Trials.concat([p.same for p in parts]),
        Trials.concat([p.cross for p in parts]),
        Growth.concat(growths),
    )


def _sooner(table: ConfigurationTable, raw: Growth, mended: Growth) -> dict[str, Any] | None:
    """How many rows of a new configuration are saved; None where nobody has a second one to enrol with."""
    sizes = range(most_rows(table) + 1)
    if len(sizes) < 2:
        return None
    pooled = [PeopleAuc.of(trials, table.people).auc() for trials in raw.transferred]
    return {**figures(sizes, mended, table.people), "as_it_is": pooled[0], "pooled": pooled}


def _groups(table: ConfigurationTable, normalised: PeopleAuc) -> list[dict[str, Any]]:
    """AUC across configurations, normalised, of the owners of one sex or age, against everybody."""
    age, sex = np.array(table.age), np.array(table.sex)
    middle = float(np.median(age))
    kinds = {f"sex: {name}": sex == name for name in sorted(set(table.sex))}
    kinds |= {f"age: up to {middle:g}": age <= middle, f"age: over {middle:g}": age > middle}
    return [
        {"group": name, "people": int(of.sum()), "cross_auc_normalised": normalised.auc(of)}
        for name, of in kinds.items()
    ]
