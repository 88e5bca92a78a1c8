"""Is the error that an enrolment expects of itself the error that fresh data then show?

Balabit's training files alone: each account's last two sessions are the fresh data, the sessions before them grow
into enrolments. The other accounts alternate: one half is the cohort, the other half's last two sessions are the
strangers. The usual curve is taken from the nine other accounts, so that nobody's own outcome is in it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from joblib import delayed
from scipy.stats import spearmanr

from agent.engine.errors import SteadyhandError
from enroll.cohort import cohort_rows
from enroll.learning_curve import Curve, ErrorTrial
from enroll.model import fit_model
from enroll.onethread import one_thread
from enroll.protocols.learning import check_mode
from enroll.protocols.run import USUAL, ProtocolRun
from enroll.protocols.stream_plan import STREAMED, parted
from enroll.sessions import SessionRows
from enroll.sources.accounts import EVERYTHING, SourceSelection, sessions_by_account
from enroll.sufficiency import Weighed, error_after, judged_owner, judged_strangers, weigh
from enroll.sufficiency import parted as cut_at

MINUTES: Final = (5.0, 10.0, 20.0, 40.0, 80.0, 160.0, 320.0)

_LEAST_ACCOUNTS: Final = 5
_LEAST_FOR_ORDER: Final = 4


@dataclass(frozen=True, slots=True)
class Grown:
    """One account's enrolment of so many minutes: what it showed of itself, and what fresh data showed.

    Attributes
    ----------
    account : str
    weighed : Weighed
    owner, stranger : float
        Shares of fresh stretches judged wrongly.
    seconds : float
        What weighing took.
    """

    account: str
    weighed: Weighed
    owner: float
    stranger: float
    seconds: float

    @property
    def error(self) -> float:
        """Mean of the two."""
        return (self.owner + self.stranger) / 2.0


def evaluate(
    folder: Path, run: ProtocolRun = USUAL, *, selection: SourceSelection = EVERYTHING
) -> dict[str, Any]:
    """Run the protocol.

    Parameters
    ----------
    folder : Path
        Holds ``training_files``, or recordings or tables by person; labels are not read.
    run : ProtocolRun
        Its detectors are the shipped ones.
    selection : SourceSelection
        Of recordings: their keys, and which mouse.

    Returns
    -------
    dict
        ``curve``: the mean errors by minutes. ``now`` and ``doubled``: by minutes, of predictions for the same
        enrolment and for one twice as long, ``people predicted actual bias mean_error spearman`` and
        ``mean_error_of_the_curve``, which knows the minutes alone; ``now_all``: the same over all minutes.

    Raises
    ------
    SteadyhandError
        If an option is not one, or there are fewer than five accounts.
    """
    begun = run.clock()
    check_mode(run.mode)
    sessions = sessions_by_account(folder, selection, at_least=STREAMED + 1)
    names = tuple(sessions)
    if len(names) < _LEAST_ACCOUNTS:
        raise SteadyhandError(f"{folder}: accounts: {len(names)}", f"give at least {_LEAST_ACCOUNTS}")
    read = run.reader()
    rows = {name: tuple(read(s) for s in sessions[name]) for name in names}
    grown: list[Grown] = []
    tasks = (delayed(_account)(name, rows, run.mode, run.clock) for name in names)
    for name, part in run.outcomes(tasks):
        grown += part
        run.progress(name)
    return {
        "protocol": "sufficiency",
        "mode": run.mode,
        "accounts": len(names),
        "curve": [
            {"minutes": m, "owner_error": round(o, 3), "stranger_error": round(s, 3)}
            for m, o, s in zip(*_columns(curve_of(grown)), strict=True)
        ],
        "now": _compared(grown, 1.0),
        "doubled": _compared(grown, 2.0),
        "now_all": _figures([(step, step) for step in grown], grown, 1.0),
        "weighing_seconds_max": round(max(step.seconds for step in grown), 2),
        "run_seconds": round(run.clock() - begun, 2),
    }


def curve_of(grown: Sequence[Grown]) -> Curve:
    """The usual curve: means over people, at the minutes that anybody reached."""
    by = {m: [step for step in grown if step.weighed.minutes == m] for m in MINUTES}
    reached = {m: steps for m, steps in by.items() if steps}
    owner = tuple(float(np.mean([step.owner for step in steps])) for steps in reached.values())
    return Curve(
        tuple(reached), owner, tuple(float(np.mean([g.stranger for g in v])) for v in reached.values())
    )


@one_thread
def _account(
    name: str, rows: Mapping[str, tuple[SessionRows, ...]], mode: str, clock: Callable[[], float]
) -> tuple[str, list[Grown]]:
    own, fresh = rows[name][:-STREAMED], rows[name][-STREAMED:]
    cohort, others = parted(tuple(rows), name)
    strangers = [s.rows for account in others for s in rows[account][-STREAMED:]]
    known = (
        cohort_rows([s for account in cohort for s in rows[account][:-STREAMED]])
        if mode == "cohort"
        else None
    )
    out = []
    for minutes in MINUTES:
        if minutes * 60.0 > sum(s.active_s for s in own):
            break
        grown, _ = cut_at(own, minutes * 60.0)
        try:
            model = fit_model(grown, cohort=known)
        except SteadyhandError:
            # Fewer than 50 actions in so many minutes: nobody would be enrolled by them.
            continue
        begun = clock()
        weighed = weigh(grown, known)
        seconds = clock() - begun
        at_minutes = Weighed(minutes, weighed.owner, weighed.stranger)
        mine, theirs = judged_owner(model, minutes, fresh), judged_strangers(model, minutes, strangers)
        out.append(Grown(name, at_minutes, _share(mine), _share(theirs), seconds))
    return name, out


def _share(seen: ErrorTrial) -> float:
    return seen.errors / max(1, seen.pieces)


def _compared(grown: Sequence[Grown], times: float) -> list[dict[str, Any]]:
    """Predictions of the error after `times` as much, against what fresh data showed after so much."""
    out = []
    for minutes in MINUTES:
        pairs = [
            (earlier, later)
            for earlier in grown
            for later in grown
            if earlier.account == later.account
            and earlier.weighed.minutes == minutes
            and later.weighed.minutes == times * minutes
        ]
        if len(pairs) >= _LEAST_FOR_ORDER:
            out.append({"minutes": minutes, **_figures(pairs, grown, times)})
    return out


def _figures(pairs: Sequence[tuple[Grown, Grown]], grown: Sequence[Grown], times: float) -> dict[str, Any]:
    actual = np.array([later.error for _, later in pairs])
    predicted, usual = np.empty(len(pairs)), np.empty(len(pairs))
    for at, (earlier, _) in enumerate(pairs):
        curve = curve_of([step for step in grown if step.account != earlier.account])
        nothing = Weighed(earlier.weighed.minutes, (), ())
        predicted[at], usual[at] = (
            error_after(w, times * w.minutes, curve) for w in (earlier.weighed, nothing)
        )
    order = float(spearmanr(predicted, actual).statistic) if np.ptp(predicted) and np.ptp(actual) else np.nan
    return {
        "people": len({earlier.account for earlier, _ in pairs}),
        "predicted": _rounded(predicted.mean()),
        "actual": _rounded(actual.mean()),
        "bias": _rounded((predicted - actual).mean()),
        "mean_error": _rounded(np.abs(predicted - actual).mean()),
        "mean_error_of_the_curve": _rounded(np.abs(usual - actual).mean()),
        "spearman": _rounded(order) if np.isfinite(order) else None,
    }


def _columns(curve: Curve) -> tuple[tuple[float, ...], ...]:
    return curve.minutes, curve.owner, curve.stranger


def _rounded(figure: float) -> float:
    return round(float(figure), 3)
