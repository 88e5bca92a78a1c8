"""Streams around proofs, by hand: five actions at -2.6 in a row lock, whoever makes them."""

from __future__ import annotations

import math

import numpy as np
import pytest

from agent.engine.day_baseline import BaselineStage
from agent.engine.signature import Signature
from enroll.model import fit_model
from enroll.protocols.proof_figures import longer_figures, proof_figures, proven_figures, takeover_figures
from enroll.protocols.proof_records import ProvenSession, Tailgate, TakenSession, Takeover, WholeIntrusion
from enroll.protocols.proof_regimes import BaselineRegime, PlainRegime
from enroll.protocols.stream_guard import rules_of
from enroll.protocols.stream_judge import Guard, MouseWatch, model_score
from enroll.protocols.stream_plan import ASKED
from enroll.protocols.stream_proofs import proof_records, proven_session, takeovers, whole_intrusion
from enroll.protocols.stream_session import StreamedSession
from enroll.sessions import SessionRows
from tests.enroll.people import rows_of
from tests.enroll.protocols.test_stream import RULE, SILENT, deviating, guard, scripted, streamed

BAD = -2.6
PLAIN = PlainRegime(guard(), RULE)


def owner(count: int, *bad: int) -> StreamedSession:
    return streamed(deviating(count, dict.fromkeys(bad, BAD)), account="a")


def piece(*bad: int) -> StreamedSession:
    return streamed(deviating(300, dict.fromkeys(bad, BAD)), account="z")


def test_an_owner_who_proves_goes_on_with_the_next_action() -> None:
    # Ten in a row: the second lock takes five whole actions again; nothing is dropped between.
    proven = proven_session(guard(), owner(30, *range(5, 15)), PLAIN, RULE)
    assert (proven.false_locks, proven.active_s) == (2, 58.0)


def test_time_that_is_not_judged_is_not_active() -> None:
    rows = deviating(30, {})
    rows.features[10:15, 0] = math.nan
    proven = proven_session(guard(), streamed(rows, account="a"), PLAIN, RULE)
    assert proven.active_s == 58.0 - 5 * 2.0


def test_another_mouse_counts_until_it_is_found() -> None:
    rows = deviating(100, {})
    strange = guard(MouseWatch(Signature(0.5)))
    proven = proven_session(strange, streamed(rows, 0.1, "a"), PlainRegime(strange, RULE), RULE)
    assert (proven.false_locks, proven.active_s) == (0, 14.0)


def test_a_whole_session_ends_with_the_lock_or_by_itself() -> None:
    caught = whole_intrusion(guard(), piece(), deviating(400, dict.fromkeys(range(350, 355), BAD)), RULE)
    assert (caught.is_caught, caught.actions, caught.seconds) == (True, 355.0, 354 * 2.0 + 1.0)
    passed = whole_intrusion(guard(), piece(), deviating(120, {}), RULE)
    assert (passed.is_caught, passed.actions, passed.seconds) == (False, 120.0, 119 * 2.0 + 1.0)


def test_a_tailgate_begins_on_the_state_that_the_owner_left() -> None:
    # The owner's actions 27 to 29 are off: after 30 two more by the intruder lock, after 0 or 100 it takes five.
    records = proof_records(guard(), [owner(200, 27, 28, 29)], [piece(*range(5))])
    actions = {r.after_actions: r.actions for r in records if isinstance(r, Tailgate)}
    assert actions == {0: 5.0, 30: 2.0, 100: 5.0}


def test_a_tailgate_counts_from_the_last_proof() -> None:
    # A lock at action 14; the 30 actions are those after it, in which nothing is off.
    records = proof_records(guard(), [owner(60, *range(10, 15))], [piece(*range(5))])
    actions = {r.after_actions: r.actions for r in records if isinstance(r, Tailgate)}
    assert actions == {0: 5.0, 30: 5.0}


def test_a_takeover_has_a_control() -> None:
    # Off at 250 to 254: that is the owner's own false lock after 200 actions, in the control.
    host = owner(520, *range(250, 255))
    taken, took = takeovers("a", [host], [("z", piece(3, 4, 5, 6, 7).recordings[0])], 200, PLAIN)
    assert taken == TakenSession(200, "a", "s", 0)
    assert took == Takeover(200, "a", "z", "s", 8.0, True)
    # 520 actions are not long enough for a takeover after 400 and 300 of the owner's own.
    assert takeovers("a", [host], [("z", scripted(300))], 400, PLAIN) == []


def test_a_false_lock_before_the_takeover_is_answered_by_a_proof() -> None:
    host = owner(500, *range(10, 15))
    (taken, took) = takeovers("a", [host], [("z", piece().recordings[0])], 200, PLAIN)
    assert taken == TakenSession(200, "a", "s", 1)
    assert isinstance(took, Takeover)
    assert (took.actions, took.is_control_locked) == (math.inf, False)


def test_intruders_with_another_mouse_do_not_count() -> None:
    other_mouse = streamed(deviating(300, dict.fromkeys(range(5), BAD)), 0.1, "z")
    records = proof_records(guard(), [owner(20)], [other_mouse])
    assert [type(r) for r in records] == [ProvenSession]


def test_proven_figures_by_hand() -> None:
    sessions = [ProvenSession("a", "1", 3, 3600.0), ProvenSession("a", "2", 1, 3600.0)]
    tailgates = [
        *(Tailgate(0, "a", "y", actions) for actions in (10.0, math.inf)),
        *(Tailgate(0, "a", "z", actions) for actions in (20.0, 30.0)),
        Tailgate(30, "a", "y", math.inf),
    ]
    figures = proven_figures(sessions, tailgates)
    assert (figures["false_locks"], figures["false_locks_per_40h"]) == (4, 80.0)
    assert (figures["worst_session"], figures["share_of_days_with_two_or_more"]) == (3, 0.5)
    assert (figures["matched_caught_share"], figures["ania_actions_median"]) == (0.75, 25.0)
    assert figures["tailgate"] == [
        {
            "after_actions": 0,
            "caught": 3,
            "of": 4,
            "worst_pair": {"account": "a", "intruder": "y", "caught": 1, "of": 2},
        },
        {
            "after_actions": 30,
            "caught": 0,
            "of": 1,
            "worst_pair": {"account": "a", "intruder": "y", "caught": 0, "of": 1},
        },
    ]


def test_takeover_figures_by_hand() -> None:
    took = [
        Takeover(200, "a", "z", "1", actions, control) for actions, control in ((9.0, True), (5.0, False))
    ]
    took += [Takeover(200, "a", "z", "2", math.inf, False)] * 2
    (figures,) = takeover_figures(took, [TakenSession(200, "a", "1", 2), TakenSession(200, "a", "2", 0)])
    assert figures == {
        "after_actions": 200,
        "sessions": 2,
        "false_locks_before": 2,
        "intrusions": 4,
        "caught": 2,
        "control": 1,
        "difference": 0.25,
        "ania_actions_median": None,
    }


def test_longer_figures_by_hand() -> None:
    sessions = [
        WholeIntrusion("a", "z", "1", 90.0, 600.0, True),
        WholeIntrusion("a", "z", "2", 200.0, 3000.0, False),
        WholeIntrusion("b", "z", "1", 250.0, 2400.0, True),
        WholeIntrusion("b", "z", "2", 1600.0, 8000.0, False),
    ]
    figures = longer_figures(sessions)
    by_actions = {f["within_actions"]: f for f in figures if "within_actions" in f}
    # 1 - 3/4 within 100; the one that ended at 200 leaves two at risk, of whom one is caught: 1 - 3/4 x 1/2.
    assert (by_actions[100]["caught_share"], by_actions[100]["at_risk"]) == (0.25, 3)
    assert (by_actions[300]["caught_share"], by_actions[300]["at_risk"]) == (0.625, 1)
    by_minutes = {f["within_minutes"]: f for f in figures if "within_minutes" in f}
    # Caught after 10 and 40 minutes; one session ended uncaught after 50.
    assert [by_minutes[m]["caught_share"] for m in (30, 60, 120)] == [0.25, 0.5, 0.5]
    assert by_minutes[30]["ci95"] == [0.0, pytest.approx(0.5)]


def test_no_intruder_at_all_gives_no_figure() -> None:
    figures = longer_figures([])
    assert {f["caught_share"] for f in figures} == {None}
    assert {f["at_risk"] for f in figures} == {0}


@pytest.fixture(scope="module")
def regimes(owner_sessions: tuple[SessionRows, ...]) -> tuple[PlainRegime, BaselineRegime]:
    model = fit_model(owner_sessions)
    rule = rules_of(model, sum(s.active_s for s in owner_sessions))[1]
    enrolled = Guard("user1", model_score(model), (rule,) * len(ASKED), SILENT, np.full(50, 0.008), model)
    return PlainRegime(enrolled, rule), BaselineRegime(model, rule)


def test_until_a_baseline_is_taken_nothing_is_judged_otherwise(
    regimes: tuple[PlainRegime, BaselineRegime],
) -> None:
    plain, with_baseline = regimes
    stranger = rows_of(2, 9, 150).rows
    assert with_baseline.from_proof(stranger) == plain.from_proof(stranger) < 60


def test_the_baseline_is_that_of_the_agents_verifier(
    regimes: tuple[PlainRegime, BaselineRegime],
) -> None:
    """Owner for 60 actions, a rest that ends the collection, then somebody else, who keeps no trust of the owner's."""
    _, with_baseline = regimes
    own, stranger = rows_of(1, 9, 120).rows, rows_of(2, 9, 150).rows
    left = with_baseline.left_by(own)
    assert left is not None
    assert left.baseline.stage in (BaselineStage.COLLECTING, BaselineStage.TAKEN)
    assert with_baseline.continued(own[-120:], left, stranger) < 100
    assert math.isinf(with_baseline.continued(own[-120:], left, rows_of(1, 8, 100).rows))


def test_figures_with_baselines_stand_beside_those_without() -> None:
    records = [
        ProvenSession("a", "1", 0, 3600.0, True),
        ProvenSession("a", "1", 2, 3600.0),
        Tailgate(0, "a", "z", 9.0, True),
        Tailgate(0, "a", "z", math.inf),
        TakenSession(200, "a", "1", 0, True),
        TakenSession(200, "a", "1", 2),
        Takeover(200, "a", "z", "1", 9.0, False, True),
        Takeover(200, "a", "z", "1", math.inf, True),
    ]
    figures = proof_figures(records)
    assert (figures["proven"]["false_locks"], figures["proven"]["without_baselines"]["false_locks"]) == (0, 2)
    assert (figures["proven"]["matched_caught_share"], figures["takeover"][0]["difference"]) == (1.0, 1.0)
    assert figures["takeover"][0]["without_baselines"]["difference"] == -1.0
