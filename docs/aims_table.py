"""Table of what was aimed at: what the former judgement measured, what the runs show now, and what was asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from docs.result_runs import (
    BALABIT_COHORT,
    BALABIT_OWN,
    DAYS_OWN,
    DFL_OWN,
    FORWARD_COHORT,
    FORWARD_OWN,
    JOINED_OWN,
    OFFICIAL_COHORT,
    OFFICIAL_OWN,
    OFFICIAL_OWN_MORE,
)
from enroll.protocols.shown import MOST_TIMES_ASKED, PersonCount, shown

Run = Mapping[str, Any]
Runs = Mapping[str, Run]
NOT_RUN: Final = "not run"
# Measured when the former judgement (simulated limits, no background) was the present one: this code cannot run it.
_BEFORE: Final = {
    "shown": "not shown: 10 in 106.7 h without DFL",
    "balabit-own": "8 of 65",
    "balabit-cohort": "6 of 65",
    "two-or-more": "Boğaziçi by days 0 %, joined 8 %",
    "forward": "84 / 76 %",
    "balabit-own-caught": "36 / 45 %",
    "balabit-cohort-caught": "79 % (half of the folds)",
    "tailgate": "not measured",
    "takeover": "not measured",
    "official-own": "0.942 / 0.929",
    "official-cohort": "0.970",
}
_ODD_ACCOUNT: Final = "user20"


def aims_table(figures: Sequence[Run]) -> str:
    """A line an aim.

    Parameters
    ----------
    figures : sequence of figures
        Each with the name of its run; an aim whose runs are missing says so.
    """
    runs = {_NAMES[run["run"]]: run for run in figures}
    lines = ["| what | before | now | must |", "|---|---|---|---|"]
    lines += [f"| {aim} | {_BEFORE[key]} | {_now(tell, runs)} | {must} |" for aim, key, tell, must in _AIMS]
    return "\n".join(lines)


def _now(tell: Callable[[Runs], str], runs: Runs) -> str:
    try:
        return tell(runs)
    except KeyError as missing:
        if missing.args[0] in _NAMES.values():
            return NOT_RUN
        raise


_NAMES: Final = {
    BALABIT_OWN.name: "balabit_own",
    BALABIT_COHORT.name: "balabit_cohort",
    FORWARD_OWN.name: "forward_own",
    FORWARD_COHORT.name: "forward_cohort",
    DAYS_OWN.name: "days_own",
    JOINED_OWN.name: "joined_own",
    DFL_OWN.name: "dfl_own",
    OFFICIAL_OWN.name: "official_own",
    OFFICIAL_OWN_MORE.name: "official_own_more",
    OFFICIAL_COHORT.name: "official_cohort",
}


def _pooled(runs: Runs, *names: str) -> dict[str, Any]:
    people = [
        PersonCount(f"{name}/{person}", locks, hours)
        for name in names
        for person, (locks, hours) in runs[name]["first_locks_per_user"].items()
    ]
    return shown(people, runs[names[0]]["asked_per_40h"])


def _shown(runs: Runs) -> str:
    together = _pooled(runs, "balabit_own", "days_own", "dfl_own")
    without = _pooled(runs, "balabit_own", "days_own")
    low, high = together["persons_ci95"]
    verdict = "shown" if together["shown"] else "**not shown**"
    return (
        f"{verdict}: {_locks(together)} (over people {low:.1f} to {high:.1f}; exact test against what was asked: "
        f"p = {together['p_value']:.2f}); without DFL {_locks(without)}"
    )


def _locks(rate: Mapping[str, Any]) -> str:
    return (
        f"{rate['first_locks']} in {rate['active_hours']:.1f} h, {rate['per_40h']:.1f} per 40 h, "
        f"at most {rate['upper_bound_per_40h']:.1f} (95 %)"
    )


def _sessions(name: str) -> Callable[[Runs], str]:
    """Sessions with a false lock; an undated recording is a session, so first locks count them by account."""

    def tell(runs: Runs) -> str:
        run = runs[name]
        counts = f"{run['sessions_with_false_lock']} of {run['genuine_sessions']}"
        if _is_part(run):
            return f"{counts} ({run['set']})"
        rest = sum(locks for who, (locks, _) in run["first_locks_per_user"].items() if who != _ODD_ACCOUNT)
        return f"{counts} (without {_ODD_ACCOUNT}: {rest})"

    return tell


def _is_part(run: Run) -> bool:
    """Whether the figures are those of an earlier commit's table, of a part of the folds."""
    return "first_locks_per_user" not in run


def _two_or_more(runs: Runs) -> str:
    named = (
        *(("Balabit own", "balabit_own"), ("cohort", "balabit_cohort"), ("Boğaziçi by days", "days_own")),
        *(("joined", "joined_own"), ("DFL", "dfl_own")),
    )
    shares = [
        f"{words} {_percent(runs[name]['proven']['share_of_days_with_two_or_more'])}"
        if name in runs
        else f"{words} {NOT_RUN}"
        for words, name in named
    ]
    return ", ".join(shares)


def _caught(*names: str) -> Callable[[Runs], str]:
    def tell(runs: Runs) -> str:
        shares = [runs[name]["matched"]["caught"] / runs[name]["matched"]["intrusions"] for name in names]
        return " / ".join(_percent(share) for share in shares)

    return tell


def _cohort_caught(runs: Runs) -> str:
    run = runs["balabit_cohort"]
    return _caught("balabit_cohort")(runs) + (f" ({run['set']})" if _is_part(run) else "")


def _soon(runs: Runs) -> str:
    points = {p["within_minutes"]: p for p in runs["balabit_own"]["longer"] if "within_minutes" in p}
    return f"{_caught('balabit_own')(runs)} / {_percent(points[60]['caught_share'])}"


def _tailgate(runs: Runs) -> str:
    proven = runs["balabit_own"]["proven"]
    ours = [entry for entry in proven["tailgate"] if entry["after_actions"] in (0, 30)]
    plain = [e for e in proven["without_baselines"]["tailgate"] if e["after_actions"] in (0, 30)]
    pair = ours[0]["worst_pair"]
    return (
        f"{' / '.join(str(e['caught']) for e in ours)} of {ours[0]['of']}; without baselines "
        f"{' / '.join(str(e['caught']) for e in plain)}; worst pair {pair['caught']} of {pair['of']}"
    )


def _takeover(runs: Runs) -> str:
    run = runs["balabit_own"]
    entry = next(e for e in run["takeover"] if e["after_actions"] == 400)
    return f"{_percent(entry['difference'])} (from a login {_caught('balabit_own')(runs)})"


def _official_own(runs: Runs) -> str:
    own, more = runs["official_own"], runs["official_own_more"]
    return f"{_areas(own)}; with SapiMouse's background {_areas(more)}"


def _areas(run: Run) -> str:
    return f"{run['auc']:.3f} / {run['matched']['auc']:.3f}"


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{100.0 * share:.0f} %"


_AIMS: Final[tuple[tuple[str, str, Callable[[Runs], str], str], ...]] = (
    (
        "first locks after a login, own data, Balabit, Boğaziçi by days and DFL together",
        "shown",
        _shown,
        f"at most {MOST_TIMES_ASKED:.0f} per 40 h (95 %)",
    ),
    ("Balabit, all folds, own: sessions with a false lock", "balabit-own", _sessions("balabit_own"), "5"),
    ("the same with a cohort", "balabit-cohort", _sessions("balabit_cohort"), "3"),
    ("sessions with two false locks or more, the owner proving identity", "two-or-more", _two_or_more, "2 %"),
    (
        "Boğaziçi by days, forward, own / cohort: matched caught",
        "forward",
        _caught("forward_own", "forward_cohort"),
        "85 %",
    ),
    (
        "Balabit, own: matched caught within 300 actions / 60 minutes",
        "balabit-own-caught",
        _soon,
        "55 / 65 %",
    ),
    ("Balabit, cohort: matched caught", "balabit-cohort-caught", _cohort_caught, "82 %"),
    (
        "tailgate at 0 / 30 actions after a proof, Balabit, own, with baselines: caught",
        "tailgate",
        _tailgate,
        "no less than without",
    ),
    (
        "takeover after 400 own actions, less its control, Balabit, own",
        "takeover",
        _takeover,
        "as from a login",
    ),
    ("Balabit official, own: AUC all / matched", "official-own", _official_own, "0.955 / 0.945"),
    ("Balabit official, cohort", "official-cohort", lambda r: f"{r['official_cohort']['auc']:.3f}", "0.975"),
)
