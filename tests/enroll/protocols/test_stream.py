"""The stream protocol: its counting rules by hand, with a scripted detector, and against the agent's verifier."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from _fastfeat import FEATURES, ActionRows
from agent.engine.calibration import Likelihood
from agent.engine.errors import SteadyhandError
from agent.engine.mouse import MouseConfiguration
from agent.engine.profile import Limits
from agent.engine.sequential_test import Verdict
from agent.engine.signature import Signature
from agent.engine.verifier import Verifier, window_stream
from agent.engine.windowing import Window
from enroll.datasets.balabit import accounts
from enroll.example import write_table
from enroll.model import fit_model
from enroll.protocols import stream, stream_guard
from enroll.protocols.learning import matching
from enroll.protocols.quantiles import quantile
from enroll.protocols.run import ProtocolRun
from enroll.protocols.stream_judge import (
    EndCause,
    Guard,
    Hit,
    MouseWatch,
    SequentialRule,
    first_hit,
    hits,
    model_score,
)
from enroll.protocols.stream_plan import ASKED, active_steps_s, counted, fold_slices, parted, pieces, plan
from enroll.protocols.stream_records import Genuine, Intrusion, stream_figures
from enroll.protocols.stream_session import StreamedSession
from enroll.sessions import SessionRows
from enroll.train import train
from tests.enroll.people import events_of, rows_of
from tests.judging import likelihood_of, llrs_of

STEP_S = 2
# Evidence of an action is its deviate plus one half: -2.6 and less add up to a lock at 10 in five actions.
RULE = SequentialRule(Likelihood(1.0, 1.0), Limits(5.0, 10.0, 1.0, True))
SILENT = MouseWatch(Signature())
KEYS = [
    *[
        "protocol",
        "mode",
        "folds",
        "days",
        "background",
        "active_hours",
        "genuine_actions",
        "asked_per_40h",
        "false_locks",
        "false_locks_per_40h",
    ],
    *["false_locks_per_user", "false_locks_worst_session"],
    *["sessions_with_false_lock", "sessions_with_false_lock_per_40h", "share_of_days_with_two_or_more"],
    *["genuine_sessions", "first_locks_per_user", "first_locks_shown"],
    *["anga_actions", "intrusions", "caught"],
    *["caught_by_behaviour", "caught_by_configuration", "ania_actions_median", "ania_actions_p90"],
    *[
        "ania_seconds_median",
        "unknown_configuration_sessions",
        "unknown_configuration",
        "pairs",
        "pairs_never_caught",
    ],
    *[
        "undetected_after_5min",
        "undetected_after_15min",
        "no_evidence_share",
        "matched",
        "curve",
        "reliability",
    ],
    *["calibration", "device_only_auc", "proven", "takeover", "longer", "run_seconds"],
]


def scripted(count: int, interval_s: float = 0.016) -> ActionRows:
    """Actions of ten points that start every two seconds and take one."""
    rows = ActionRows.empty(count)
    rows.features[:] = interval_s
    rows.kind[:] = 0
    rows.start_ns[:] = np.arange(count) * STEP_S * 10**9
    rows.end_ns[:] = rows.start_ns + 10**9
    rows.points[:] = 10
    return rows


def by_column(rows: ActionRows) -> NDArray[np.float64]:
    """A scripted detector: the first feature is the deviate."""
    return rows.features[:, 0].copy()


def deviating(count: int, at: dict[int, float]) -> ActionRows:
    rows = scripted(count)
    rows.features[:, 0] = 1.0
    for i, deviate in at.items():
        rows.features[i, 0] = deviate
    return rows


def session(rows: ActionRows, interval_s: float = 0.016, account: str = "b") -> SessionRows:
    return SessionRows(account, "s", rows, np.full(50, interval_s))


def streamed(rows: ActionRows, interval_s: float = 0.016, account: str = "b") -> StreamedSession:
    return StreamedSession.of([session(rows, interval_s, account)])


def guard(watch: MouseWatch = SILENT) -> Guard:
    return Guard("a", by_column, (RULE,) * len(ASKED), watch, np.full(50, 0.016))


def test_the_others_alternate_and_the_first_goes_to_the_cohort() -> None:
    assert parted(("c", "B", "a", "d", "e"), "c") == (("B", "d"), ("a", "e"))
    with pytest.raises(SteadyhandError, match="2 accounts"):
        parted(("a", "b"), "a")
    assert parted(("a", "b"), "a", needs_cohort=False) == ((), ("b",))


def test_folds() -> None:
    assert fold_slices(7, "last") == (slice(5, 7),)
    assert fold_slices(6, "all") == (slice(4, 6), slice(2, 4), slice(0, 2))
    assert fold_slices(5, "all") == (slice(3, 5), slice(1, 3), slice(0, 1))
    assert fold_slices(7, "forward") == (slice(4, 6), slice(6, 7))
    assert fold_slices(3, "forward") == (slice(2, 3),)
    for wrong in ((2, "last"), (2, "forward"), (7, "first")):
        with pytest.raises(SteadyhandError):
            fold_slices(*wrong)


def test_pieces_start_every_300_counted_actions_and_a_tail_is_dropped() -> None:
    rows = scripted(950)
    rows.points[10:20] = 3
    told = pieces(rows)
    assert [int(counted(p).sum()) for p in told] == [300, 300, 300]
    assert [len(p) for p in told] == [310, 300, 300]
    assert told[1].start_ns[0] == rows.start_ns[310]
    assert len(pieces(scripted(300))) == 1
    assert pieces(scripted(299)) == []
    assert pieces(scripted(0)) == []


def test_active_time_leaves_out_pauses_and_what_does_not_count() -> None:
    rows = scripted(5)
    rows.start_ns[3:] += 61 * 10**9
    assert active_steps_s(rows).tolist() == [2.0, 2.0, 0.0, 2.0, 0.0]
    rows.points[1] = 3
    assert active_steps_s(rows).tolist() == [4.0, 0.0, 2.0, 0.0]
    assert len(active_steps_s(scripted(0))) == 0


def test_a_lock_comes_when_evidence_has_added_up_and_the_stream_goes_on_from_the_login() -> None:
    # Five actions at -2.6 add 2.1 each, less a little that is got used to: the fifth, number 14, locks. Another five
    # later lock again.
    rows = deviating(60, dict.fromkeys((*range(10, 15), *range(40, 45)), -2.6))
    told = hits(by_column, rows, [RULE], SILENT)
    assert told == [[Hit(14, EndCause.INTRUDER), Hit(44, EndCause.INTRUDER)]]
    # Ten in a row: the second lock needs five whole actions, nothing is left of the first departure.
    rows = deviating(60, dict.fromkeys(range(10, 20), -2.6))
    assert [h.row for h in hits(by_column, rows, [RULE], SILENT)[0]] == [14, 19]


def test_rows_without_evidence_are_passed_over() -> None:
    rows = deviating(30, dict.fromkeys(range(10, 16), -2.6))
    deviates = by_column(rows)
    deviates[12] = np.nan
    assert first_hit(deviates, rows, RULE, SILENT) == Hit(15, EndCause.INTRUDER)


def test_the_watch_settles_with_the_eighth_action_that_has_intervals() -> None:
    watch = MouseWatch.of(scripted(50, 0.016))
    assert not watch.is_unknown(scripted(8, 0.031))
    assert watch.is_unknown(scripted(8, 0.032))
    assert watch.is_unknown(scripted(8, 0.008))
    assert (watch.settles_at(scripted(8)), watch.settles_at(scripted(7))) == (7, None)
    assert SILENT.settles_at(scripted(50)) is None
    rows = scripted(50, 0.1)
    rows.features[:3, FEATURES.index("interval_median_s")] = np.nan
    assert watch.settles_at(rows) == 10


def test_a_lock_waits_until_the_mouse_is_known() -> None:
    rows = deviating(30, dict.fromkeys(range(5), -2.6))
    assert first_hit(by_column(rows), rows, RULE, SILENT) == Hit(4, EndCause.INTRUDER)
    assert first_hit(by_column(rows), rows, RULE, MouseWatch(Signature(0.016))) == Hit(7, EndCause.INTRUDER)
    assert first_hit(by_column(rows), rows, RULE, MouseWatch(Signature(0.1))) == Hit(
        7, EndCause.UNKNOWN_MOUSE
    )


def test_a_genuine_session_by_hand() -> None:
    rows = deviating(100, dict.fromkeys(range(10, 15), -2.6))
    rows.features[50, 0] = np.nan
    told = stream.genuine(guard(), streamed(rows, account="a"))
    assert len(told) == len(ASKED)
    one = told[0]
    assert (one.actions, one.active_s, one.evidence_s) == (100, 198.0, 196.0)
    assert (one.false_locks, one.is_matched, one.is_exempt) == (1, True, False)


def test_an_unknown_mouse_exempts_only_sessions_that_the_interval_rule_does_not_match() -> None:
    watch = MouseWatch(Signature(0.016))
    strange = scripted(100, 0.1)
    strange.features[:, 0] = 1.0
    one = stream.genuine(guard(watch), streamed(strange, 0.1))[0]
    assert (one.is_exempt, one.false_locks, one.actions, one.active_s) == (True, 0, 8, 14.0)
    # The interval rule matches: every eighth action the watch is wrong again, and each is a false lock.
    one = stream.genuine(guard(watch), streamed(strange, 0.016))[0]
    assert (one.is_exempt, one.false_locks, one.actions) == (False, 12, 100)


def test_intrusions_by_hand() -> None:
    rows = deviating(650, dict.fromkeys(range(310, 315), -2.6))
    told = [i for i in stream.intrusions(guard(), streamed(rows)) if i.asked == ASKED[0]]
    assert [(i.piece, i.actions, i.by_configuration) for i in told] == [
        (0, math.inf, False),
        (1, 15.0, False),
    ]
    # From the start of action 300 to the end of action 314.
    assert told[1].seconds == 29.0
    assert not told[0].is_caught


def test_an_unknown_mouse_catches_only_unmatched_intrusions() -> None:
    watch, rows = MouseWatch(Signature(0.016)), scripted(300, 0.1)
    rows.features[:, 0] = 1.0
    far = stream.intrusions(guard(watch), streamed(rows, 0.1))[0]
    assert (far.actions, far.by_configuration, far.is_matched) == (8.0, True, False)
    near = stream.intrusions(guard(watch), streamed(rows, 0.016))[0]
    assert (near.actions, near.by_configuration, near.is_matched) == (math.inf, False, True)


def genuine_of(account: str, locks: int, asked: float = 1.0) -> Genuine:
    first_locks = min(1, locks)
    return Genuine(asked, account, "s", True, 1000, 7200.0, 3600.0, locks, False, 0.9, 0.1, 0.5, first_locks)


def intrusion_of(account: str, actions: float, same: bool = True, asked: float = 1.0) -> Intrusion:
    by_configuration = not same and math.isfinite(actions)
    return Intrusion(asked, account, "z", "s", 0, same, actions, 10.0 * actions, by_configuration, 0.5, 1.5)


def test_figures_by_hand() -> None:
    told = stream_figures(
        [
            genuine_of("a", 1),
            genuine_of("b", 0),
            genuine_of("a", 9, asked=10.0),
            intrusion_of("a", 20.0),
            intrusion_of("a", 40.0),
            intrusion_of("b", math.inf),
            intrusion_of("a", 4.0, same=False),
        ]
    )
    assert (told["active_hours"], told["genuine_actions"], told["false_locks"]) == (4.0, 2000, 1)
    assert (told["false_locks_per_40h"], told["anga_actions"]) == (10.0, 2000.0)
    assert told["false_locks_per_user"] == {"a": 1, "b": 0}
    assert (told["intrusions"], told["caught"]) == (4, 3)
    assert (told["caught_by_behaviour"], told["caught_by_configuration"]) == (2, 1)
    assert (told["pairs"], told["pairs_never_caught"]) == (2, 1)
    assert (told["ania_actions_median"], told["ania_seconds_median"]) == (30.0, 300.0)
    assert told["ania_actions_p90"] is None
    assert (told["undetected_after_5min"], told["undetected_after_15min"]) == (0.5, 0.25)
    assert told["no_evidence_share"] == 0.5
    assert (told["matched"]["intrusions"], told["matched"]["ania_actions_median"]) == (3, 40.0)
    assert told["curve"][1]["matched_caught_share"] == 0.6667
    assert told["curve"][4] == {
        "asked_per_40h": 10.0,
        "false_locks_per_40h": 180.0,
        "matched_caught_share": None,
        "ania_actions_median": None,
    }
    assert (told["sessions_with_false_lock"], told["sessions_with_false_lock_per_40h"]) == (1, 10.0)
    assert told["share_of_days_with_two_or_more"] == 0.0
    assert told["first_locks_per_user"] == {"a": [1, 2.0], "b": [0, 2.0]}
    assert told["calibration"] == {"ks_median": 0.1, "ks_worst": 0.1, "cllr_action": 1.0}
    assert told["device_only_auc"] == 1.0
    json.dumps(told, allow_nan=False)


def test_an_uncaught_intrusion_counts_as_infinite() -> None:
    assert quantile([1.0, 2.0, math.inf], 0.5) == 2.0
    assert quantile([1.0, math.inf], 0.5) is None
    assert quantile([3.0], 0.9) == 3.0
    assert quantile([], 0.5) is None


@pytest.mark.parametrize("hand", [1, 2])
def test_rows_are_judged_as_the_verifier_judges_events(
    hand: int, owner_sessions: tuple[SessionRows, ...]
) -> None:
    profile = train(owner_sessions, "user1", MouseConfiguration("test"))
    rule = SequentialRule(likelihood_of(profile), profile.limits)
    events = events_of(hand, 9, 150)
    windows, verifier = window_stream(profile), Verifier(profile)
    seen = [w for w in (*windows.feed(events), *windows.flush()) if isinstance(w, Window)]
    judged = [verifier.feed(window) for window in seen]
    locked = next((i for i, j in enumerate(judged) if j and j.verdict is Verdict.INTRUDER), None)

    rows = rows_of(hand, 9, 150).rows
    deviates = model_score(fit_model(owner_sessions))(rows)
    told = np.flatnonzero(~np.isnan(deviates))
    assert len(told) == len(judged) > 100
    llrs = llrs_of(deviates[told].tolist(), rule.likelihood, rule.limits)
    assert llrs == pytest.approx([j.evidence_llr for j in judged if j], rel=1e-4, abs=1e-4)
    hit = first_hit(deviates, rows, rule, SILENT)
    assert (hit and hit.row) == (None if locked is None else int(told[locked]))
    assert (hit is None) == (hand == 1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three accounts of three sessions; those of intruders fill a piece."""
    root = tmp_path_factory.mktemp("stream") / "training_files"
    for who in (1, 2, 3):
        for number in range(3):
            write_table(
                root / f"user{who}/session_{number}", events_of(who, number, 120 if number < 2 else 320)
            )
    return root.parent


def test_the_protocol_on_synthetic_people(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        stream_guard, "choose", lambda owner, asked: (RULE.likelihood, [RULE.limits] * len(asked))
    )
    done: list[str] = []
    told = stream.evaluate(
        folder, ProtocolRun(cache=tmp_path, progress=done.append, clock=iter([1.0, 4.0]).__next__)
    )
    assert list(told) == KEYS
    assert done == ["user1", "user2", "user3"]
    assert (told["pairs"], told["intrusions"], told["run_seconds"]) == (3, 3, 3.0)
    assert told["active_hours"] > 0.1
    again = stream.evaluate(
        folder, ProtocolRun(cache=tmp_path, clock=iter([1.0, 4.0]).__next__), parts=tmp_path / "parts"
    )
    assert again == told
    assert any(tmp_path.rglob("*.pkl"))


def test_who_is_enrolled_and_who_intrudes(folder: Path) -> None:
    first, *_ = plan(folder, "own", "last")
    assert [s.name for s in first.enrolment] == ["session_0"]
    assert [s.recordings[0].path.name for s in first.streamed] == ["session_1", "session_2"]
    assert [s.name for s in first.streamed] == ["session_1", "session_2"]
    assert {s.account for s in first.intruding} == {"user3"}
    assert first.cohort is None
    assert len(plan(folder, "own", "all")) == 2 * len(accounts(folder))


def test_too_few_sessions_or_a_mode_that_is_none(folder: Path, balabit_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(SteadyhandError, match="telepathy"):
        stream.evaluate(folder, ProtocolRun(mode="telepathy"))
    with pytest.raises(SteadyhandError, match="user1: 2 sessions"):
        stream.evaluate(balabit_folder)
    with pytest.raises(SteadyhandError, match="no accounts"):
        stream.evaluate(tmp_path)
    for who in "abc":
        write_table(tmp_path / "training_files" / who / "session_1", events_of(1, 1, 20))
    with pytest.raises(SteadyhandError, match="a: 1 session"):
        stream.evaluate(tmp_path)


def test_records_are_of_one_asked_rate_each() -> None:
    told = stream.genuine(guard(), streamed(scripted(20)))
    assert [g.asked for g in told] == list(ASKED)
    assert len({replace(g, asked=0.0) for g in told}) == 1


def test_every_recording_of_a_day_begins_after_a_login() -> None:
    # Three actions at -2.6 end one recording and two begin the next: five in a row would lock.
    first, second = (
        deviating(20, dict.fromkeys(range(17, 20), -2.6)),
        deviating(20, dict.fromkeys((0, 1), -2.6)),
    )
    day = StreamedSession.of([session(first, account="a"), session(second, account="a")], "day003")
    (counts, *_) = stream.genuine(guard(), day)
    assert (counts.session, counts.actions, counts.false_locks, counts.first_locks) == ("day003", 40, 0, 0)
    # 19 steps of two seconds in each: the time between two recordings is not active time.
    assert counts.active_s == 76.0
    assert day.merged().active_s == 76.0
    locking = deviating(20, dict.fromkeys(range(10), -2.6))
    twice = StreamedSession.of([session(locking, account="a"), session(locking, account="a")], "day004")
    (counts, *_) = stream.genuine(guard(), twice)
    assert (counts.false_locks, counts.first_locks) == (4, 2)


def test_an_intruders_recordings_are_cut_one_after_the_other() -> None:
    parts = [session(scripted(count)) for count in (200, 150, 260)]
    records = [i for i in stream.intrusions(guard(), StreamedSession.of(parts)) if i.asked == ASKED[0]]
    assert len(records) == 2


def test_a_cohort_under_another_configuration_is_none() -> None:
    own = [session(scripted(5))]
    near = [session(scripted(5), 0.02, account) for account in ("c", "d")]
    far = session(scripted(5), 0.1, "e")
    told = matching(own, [*near, far])
    assert told is not None
    assert [s.account for s in told] == ["c", "d"]
    assert matching(own, [near[0], near[0], far]) is None
    assert matching(own, None) is None
