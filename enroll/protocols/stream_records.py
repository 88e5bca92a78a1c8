"""What the stream protocol saw, and the figures that come of it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from enroll.metrics import auc
from enroll.protocols.proof_figures import proof_figures, share
from enroll.protocols.proof_records import ProofRecord
from enroll.protocols.quantiles import quantile
from enroll.protocols.reliability import lock_counts, reliability
from enroll.protocols.shown import PersonCount, shown
from enroll.protocols.stream_plan import ASKED, HEADLINE

_WEEK_H = 40.0
_SOON_S, _LATER_S = 300.0, 900.0


@dataclass(frozen=True, slots=True)
class Genuine:
    """One session of the owner, streamed at one asked rate.

    Attributes
    ----------
    asked : float
        False locks asked per 40 active hours.
    account, session : str
    is_matched : bool
        By the interval rule, against the enrolment.
    actions : int
        Counted actions, up to where an unmatched session was found to be of an unknown mouse.
    active_s, evidence_s : float
        Active time; the part of it whose actions gave evidence.
    false_locks : int
    is_exempt : bool
        True where the session is unmatched and was found to be so.
    device_score : float
    uniformity : float
        Kolmogorov-Smirnov distance of its actions' p-values from uniform.
    llr_cost : float
        Of its actions, as `enroll.metrics.llr_cost`.
    first_locks : int
        Recordings with a false lock: the first lock after each login.
    """

    asked: float
    account: str
    session: str
    is_matched: bool
    actions: int
    active_s: float
    evidence_s: float
    false_locks: int
    is_exempt: bool
    device_score: float
    uniformity: float
    llr_cost: float
    first_locks: int = 0


@dataclass(frozen=True, slots=True)
class Intrusion:
    """One piece of somebody else's session in the owner's place, at one asked rate.

    Attributes
    ----------
    asked : float
    account, intruder, session : str
    piece : int
    is_matched : bool
    actions : float
        Counted actions to the lock, the one that locked included; infinite where it was not caught.
    seconds : float
        From the first point of the piece to the end of the action that locked; infinite where it was not caught.
    by_configuration : bool
        True where an unmatched intrusion was caught as an unknown mouse.
    device_score : float
        Of the whole session.
    llr_cost : float
        Of its actions.
    """

    asked: float
    account: str
    intruder: str
    session: str
    piece: int
    is_matched: bool
    actions: float
    seconds: float
    by_configuration: bool
    device_score: float
    llr_cost: float

    @property
    def is_caught(self) -> bool:
        """Whether the screen locked within the piece, or the mouse was found to be unknown."""
        return math.isfinite(self.actions)


Record = Genuine | Intrusion | ProofRecord


def stream_figures(records: Sequence[Record]) -> dict[str, Any]:
    """The keys that docs/design.md lists for the stream, but for mode, folds and time."""
    genuine, intrusions = _at(records, HEADLINE)
    matched = [i for i in intrusions if i.is_matched]
    locks = sum(g.false_locks for g in genuine)
    actions = sum(g.actions for g in genuine)
    hours = sum(g.active_s for g in genuine) / 3600.0
    active_s = sum(g.active_s for g in genuine)
    return {
        "active_hours": round(hours, 3),
        "genuine_actions": actions,
        "asked_per_40h": HEADLINE,
        "false_locks": locks,
        "false_locks_per_40h": _rate(genuine),
        "false_locks_per_user": {
            name: sum(g.false_locks for g in genuine if g.account == name)
            for name in sorted({g.account for g in genuine}, key=str.encode)
        },
        "false_locks_worst_session": max((g.false_locks for g in genuine), default=0),
        **_by_session(genuine, hours),
        "anga_actions": round(actions / locks, 1) if locks else None,
        **_caught(intrusions),
        "unknown_configuration_sessions": sum(g.is_exempt for g in genuine),
        "unknown_configuration": [f"{g.account}/{g.session}" for g in genuine if g.is_exempt],
        **_missed(intrusions),
        "no_evidence_share": round(1.0 - sum(g.evidence_s for g in genuine) / active_s, 4)
        if active_s
        else None,
        "matched": {**_kind(matched), **_missed(matched)},
        "curve": [_point(records, asked) for asked in ASKED],
        "reliability": reliability({asked: lock_counts(*_at(records, asked)) for asked in ASKED}),
        "calibration": _calibration([g for g in genuine if g.is_matched], matched),
        "device_only_auc": _device_auc(genuine, intrusions),
        **proof_figures(records),
    }


def _by_session(genuine: Sequence[Genuine], hours: float) -> dict[str, Any]:
    """First locks of sessions, which is what was asked, and how many sessions lock again."""
    locked = sum(g.false_locks > 0 for g in genuine)
    people = sorted({g.account for g in genuine}, key=str.encode)
    counts = [
        PersonCount(
            name,
            sum(g.first_locks for g in genuine if g.account == name),
            sum(g.active_s for g in genuine if g.account == name) / 3600.0,
        )
        for name in people
    ]
    return {
        "sessions_with_false_lock": locked,
        "sessions_with_false_lock_per_40h": round(locked * _WEEK_H / hours, 3) if hours > 0.0 else None,
        "share_of_days_with_two_or_more": share(g.false_locks >= 2 for g in genuine),
        "genuine_sessions": len(genuine),
        "first_locks_per_user": {c.person: [c.first_locks, round(c.active_h, 4)] for c in counts},
        "first_locks_shown": shown(counts, HEADLINE),
    }


def _at(records: Sequence[Record], asked: float) -> tuple[list[Genuine], list[Intrusion]]:
    return (
        [r for r in records if isinstance(r, Genuine) and r.asked == asked],
        [r for r in records if isinstance(r, Intrusion) and r.asked == asked],
    )


def _rate(genuine: Sequence[Genuine]) -> float | None:
    hours = sum(g.active_s for g in genuine) / 3600.0
    return round(sum(g.false_locks for g in genuine) * _WEEK_H / hours, 3) if hours > 0.0 else None


def _caught(intrusions: Sequence[Intrusion]) -> dict[str, Any]:
    all_kinds = _kind(intrusions)
    by_configuration = sum(i.by_configuration for i in intrusions)
    ways = {
        "caught_by_behaviour": all_kinds["caught"] - by_configuration,
        "caught_by_configuration": by_configuration,
    }
    return {"intrusions": all_kinds.pop("intrusions"), "caught": all_kinds.pop("caught"), **ways, **all_kinds}


def _kind(intrusions: Sequence[Intrusion]) -> dict[str, Any]:
    """Figures of all intrusions of one kind; quantiles count an uncaught one as infinite, told as None."""
    actions, seconds = [i.actions for i in intrusions], [i.seconds for i in intrusions]
    return {
        "intrusions": len(intrusions),
        "caught": sum(i.is_caught for i in intrusions),
        "ania_actions_median": quantile(actions, 0.5),
        "ania_actions_p90": quantile(actions, 0.9),
        "ania_seconds_median": quantile(seconds, 0.5),
    }


def _missed(intrusions: Sequence[Intrusion]) -> dict[str, Any]:
    pairs = {(i.account, i.intruder) for i in intrusions}
    caught = {(i.account, i.intruder) for i in intrusions if i.is_caught}
    return {
        "pairs": len(pairs),
        "pairs_never_caught": len(pairs - caught),
        "undetected_after_5min": _share(intrusions, lambda i: i.seconds > _SOON_S),
        "undetected_after_15min": _share(intrusions, lambda i: i.seconds > _LATER_S),
    }


def _share(intrusions: Sequence[Intrusion], true: Callable[[Intrusion], bool]) -> float | None:
    return round(sum(map(true, intrusions)) / len(intrusions), 4) if intrusions else None


def _point(records: Sequence[Record], asked: float) -> dict[str, Any]:
    genuine, intrusions = _at(records, asked)
    return {
        "asked_per_40h": asked,
        "false_locks_per_40h": _rate(genuine),
        "matched_caught_share": _share([i for i in intrusions if i.is_matched], lambda i: i.is_caught),
        "ania_actions_median": quantile([i.actions for i in intrusions], 0.5),
    }


def _calibration(genuine: Sequence[Genuine], matched: Sequence[Intrusion]) -> dict[str, Any]:
    """How far the scale can be believed: p-values of matched sessions, and Cllr of single actions' evidence."""
    distances = [g.uniformity for g in genuine if not math.isnan(g.uniformity)]
    good = [g.llr_cost for g in genuine if not math.isnan(g.llr_cost)]
    bad = [i.llr_cost for i in matched if not math.isnan(i.llr_cost)]
    return {
        "ks_median": round(float(np.median(distances)), 4) if distances else None,
        "ks_worst": round(max(distances), 4) if distances else None,
        "cllr_action": round(float(np.mean(good) + np.mean(bad)) / 2.0, 4) if good and bad else None,
    }


def _device_auc(genuine: Sequence[Genuine], intrusions: Sequence[Intrusion]) -> float | None:
    """One score a session: pieces of one session share its intervals."""
    tried = {(i.account, i.intruder, i.session): i.device_score for i in intrusions}
    bad, good = np.array(list(tried.values())), np.array([g.device_score for g in genuine])
    return round(auc(bad, good), 5) if len(bad) and len(good) else None
