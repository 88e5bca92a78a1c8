"""Figures around proofs of identity: locks of proven owners, tailgates, takeovers, and catches over whole sessions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from enroll.protocols.kaplan_meier import at_risk, caught_share
from enroll.protocols.people_auc import draws
from enroll.protocols.proof_records import ProvenSession, Tailgate, TakenSession, Takeover, WholeIntrusion
from enroll.protocols.quantiles import quantile
from enroll.protocols.shown import HOURS_ASKED

WITHIN_ACTIONS: Final = (100, 300, 600, 1000, 1500)
WITHIN_MINUTES: Final = (30, 60, 120)

Floats = NDArray[np.float64]
Caught = TypeVar("Caught", Tailgate, Takeover)
By = TypeVar("By")


def proof_figures(records: Sequence[Any]) -> dict[str, Any]:
    """``proven``, ``takeover`` and ``longer`` as docs/design.md lists them."""
    with_baselines, without = (
        [r for r in records if getattr(r, "has_baseline", None) is has] for has in (True, False)
    )
    proven, takeover = _around_proofs(with_baselines or without)
    if with_baselines:
        plain, plain_takeover = _around_proofs(without)
        proven["without_baselines"] = plain
        takeover = [
            entry
            | {
                "without_baselines": next(
                    (p for p in plain_takeover if p["after_actions"] == entry["after_actions"]), None
                )
            }
            for entry in takeover
        ]
    return {"proven": proven, "takeover": takeover, "longer": longer_figures(_of(records, WholeIntrusion))}


def _around_proofs(records: Sequence[Any]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    return (
        proven_figures(_of(records, ProvenSession), _of(records, Tailgate)),
        takeover_figures(_of(records, Takeover), _of(records, TakenSession)),
    )


def proven_figures(sessions: Sequence[ProvenSession], tailgates: Sequence[Tailgate]) -> dict[str, Any]:
    """Locks of an owner who proves identity after each, and intruders after the proof.

    ``matched_caught_share`` and ``ania_actions_median`` are of intruders who come right after the proof.
    """
    hours = sum(s.active_s for s in sessions) / 3600.0
    locks = sum(s.false_locks for s in sessions)
    at_once = [t for t in tailgates if t.after_actions == 0]
    return {
        "sessions": len(sessions),
        "active_hours": round(hours, 3),
        "false_locks": locks,
        "false_locks_per_40h": round(locks * HOURS_ASKED / hours, 3) if hours > 0.0 else None,
        "worst_session": max((s.false_locks for s in sessions), default=0),
        "share_of_days_with_two_or_more": share(s.false_locks >= 2 for s in sessions),
        "matched_caught_share": share(t.is_caught for t in at_once),
        "ania_actions_median": quantile([t.actions for t in at_once], 0.5),
        "tailgate": [
            {
                "after_actions": after,
                "caught": sum(t.is_caught for t in group),
                "of": len(group),
                "worst_pair": worst_pair(group),
            }
            for after, group in grouped(tailgates, lambda t: t.after_actions).items()
        ],
    }


def takeover_figures(takeovers: Sequence[Takeover], taken: Sequence[TakenSession]) -> list[dict[str, Any]]:
    """Intruders in the middle of the owner's session; the control counts once for each intrusion into its session."""
    out = []
    for after, sessions in grouped(taken, lambda t: t.after_actions).items():
        group = [t for t in takeovers if t.after_actions == after]
        caught, control = sum(t.is_caught for t in group), sum(t.is_control_locked for t in group)
        out.append(
            {
                "after_actions": after,
                "sessions": len(sessions),
                "false_locks_before": sum(s.false_locks for s in sessions),
                "intrusions": len(group),
                "caught": caught,
                "control": control,
                "difference": round((caught - control) / len(group), 4) if group else None,
                "ania_actions_median": quantile([t.actions for t in group], 0.5),
            }
        )
    return out


def longer_figures(sessions: Sequence[WholeIntrusion]) -> list[dict[str, Any]]:
    """Share caught within so many actions or minutes (Kaplan-Meier), its interval over accounts, and those at risk."""
    scales: tuple[tuple[str, tuple[int, ...], Callable[[WholeIntrusion], float]], ...] = (
        ("within_actions", WITHIN_ACTIONS, lambda s: s.actions),
        ("within_minutes", WITHIN_MINUTES, lambda s: s.seconds / 60.0),
    )
    out = []
    for key, points, time_of in scales:
        at = np.array(points, np.float64)
        accounts = list(grouped(sessions, lambda s: s.account).values())
        shares = _caught_shares(sessions, time_of, at)
        drawn = [_caught_shares(_drawn(accounts, weight), time_of, at) for weight in draws(len(accounts))]
        risk = at_risk(np.array([time_of(s) for s in sessions]), at)
        for number, point in enumerate(points):
            column = np.array([curve[number] for curve in drawn])
            out.append(
                {
                    key: point,
                    "caught_share": _rounded(float(shares[number])),
                    "ci95": _interval(column[~np.isnan(column)])
                    if shares[number] == shares[number]
                    else None,
                    "at_risk": int(risk[number]),
                }
            )
    return out


def worst_pair(tailgates: Sequence[Tailgate]) -> dict[str, Any]:
    """The pair of owner and intruder of which the smallest share is caught."""
    pairs = grouped(tailgates, lambda t: (t.account, t.intruder))
    (account, intruder), group = min(
        pairs.items(), key=lambda entry: (sum(t.is_caught for t in entry[1]) / len(entry[1]), entry[0])
    )
    caught = sum(t.is_caught for t in group)
    return {"account": account, "intruder": intruder, "caught": caught, "of": len(group)}


def share(flags: Iterable[bool]) -> float | None:
    """Share of true ones; None without any."""
    listed = list(flags)
    return round(sum(listed) / len(listed), 4) if listed else None


R = TypeVar("R")


def grouped(records: Sequence[R], key: Callable[[R], By]) -> Mapping[By, list[R]]:
    """Records by key, in order of their first appearance."""
    groups: dict[By, list[R]] = {}
    for record in records:
        groups.setdefault(key(record), []).append(record)
    return groups


def _of(records: Sequence[Any], kind: type[R]) -> list[R]:
    return [record for record in records if isinstance(record, kind)]


def _caught_shares(
    sessions: Sequence[WholeIntrusion], time_of: Callable[[WholeIntrusion], float], at: Floats
) -> Floats:
    times = np.array([time_of(s) for s in sessions], np.float64)
    return caught_share(times, np.array([s.is_caught for s in sessions], bool), at)


def _drawn(accounts: Sequence[Sequence[WholeIntrusion]], weight: Floats) -> list[WholeIntrusion]:
    return [s for group, times in zip(accounts, weight.astype(int), strict=True) for s in [*group] * times]


def _rounded(figure: float) -> float | None:
    return None if np.isnan(figure) else round(figure, 4)


def _interval(drawn: Floats) -> list[float] | None:
    if not len(drawn):
        return None
    low, high = np.percentile(drawn, (2.5, 97.5))
    return [round(float(low), 4), round(float(high), 4)]
