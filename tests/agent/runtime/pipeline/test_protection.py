"""A real profile at work: the owner is left alone, the intruder locked, and nothing gives trust back."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from agent.engine.errors import SteadyhandError
from agent.engine.events import Boundary, Cause, EventBatch, StreamItem
from agent.engine.profile import Limits, Profile
from agent.engine.sequential_test import Verdict
from agent.engine.verifier import Judgement
from agent.runtime.pipeline.decision import Reaction, ReactionRules
from agent.runtime.pipeline.protection import Protection
from tests.agent.runtime.conftest import INTRUDER, OWNER, Works

NEXT_DAY_NS = 86_400_000_000_000
ENFORCE, SHADOW = ReactionRules(may_lock=True), ReactionRules(may_lock=False)


def judged(protection: Protection, events: EventBatch, size: int = 400) -> list[tuple[Judgement, Reaction]]:
    told = []
    for start in range(0, len(events), size):
        told += list(protection.feed(events[start : start + size]))
    return told


def reactions(told: list[tuple[Judgement, Reaction]]) -> list[Reaction]:
    return [reaction for _, reaction in told if reaction is not Reaction.NONE]


def test_the_owner_is_left_alone(owners_profile: Profile, works: Works) -> None:
    told = judged(Protection(owners_profile, ENFORCE), works(OWNER, 1, seconds=60.0))
    assert len(told) > 30
    assert reactions(told) == []
    assert {judgement.verdict for judgement, _ in told} == {Verdict.GENUINE}


def test_the_intruder_is_suspected_then_locked_with_reasons(owners_profile: Profile, works: Works) -> None:
    told = judged(Protection(owners_profile, ENFORCE), works(INTRUDER, 2, seconds=60.0))
    assert reactions(told)[:2] == [Reaction.ALERT_SUSPICIOUS, Reaction.LOCK]
    judgement = next(j for j, reaction in told if reaction is Reaction.LOCK)
    assert judgement.verdict is Verdict.INTRUDER
    assert judgement.trust == 0.0
    assert judgement.reasons
    assert judgement.start_ns < judgement.t_ns


def test_in_shadow_mode_the_same_is_only_reported(owners_profile: Profile, works: Works) -> None:
    told = judged(Protection(owners_profile, SHADOW), works(INTRUDER, 2, seconds=60.0))
    assert reactions(told) == [Reaction.ALERT_SUSPICIOUS, Reaction.ALERT_INTRUDER]


@pytest.mark.parametrize("size", [1, 37, 100_000])
def test_however_the_stream_is_split_the_judgements_are_the_same(
    owners_profile: Profile, works: Works, size: int
) -> None:
    events = works(INTRUDER, 2, seconds=20.0)
    told = judged(Protection(owners_profile, ENFORCE), events, size)
    assert told == judged(Protection(owners_profile, ENFORCE), events)


def test_an_unlock_gives_no_trust_and_the_intruder_is_locked_again_no_later(
    owners_profile: Profile, works: Works
) -> None:
    protection = Protection(owners_profile, ENFORCE)
    first = actions_to_lock(protection, works(INTRUDER, 2, seconds=240.0))
    for cause in (Cause.LOCKED_BY_VERDICT, Cause.SCREEN_UNLOCKED):
        after(protection, cause, NEXT_DAY_NS)
    assert protection.trust_state.statistic == pytest.approx(owners_profile.limits.alert)
    second = actions_to_lock(protection, works(INTRUDER, 2, seconds=240.0, start_ns=NEXT_DAY_NS))
    assert second <= first


def actions_to_lock(protection: Protection, events: EventBatch) -> int:
    for count, (_, reaction) in enumerate(protection.feed(events), start=1):
        if reaction is Reaction.LOCK:
            return count
    raise AssertionError("never locked")


# A gap ends the action under way, which is evidence like any other.
@pytest.mark.parametrize("cause", [cause for cause in Cause if cause is not Cause.GAP])
def test_no_boundary_gives_trust_back(owners_profile: Profile, works: Works, cause: Cause) -> None:
    protection = Protection(owners_profile, SHADOW)
    events = works(INTRUDER, 2, seconds=20.0)
    judged(protection, events)
    before = protection.trust_state.statistic
    assert before > 0
    after(protection, cause, int(events.t_ns[-1]) + 2_000_000_000)
    # The agent's own lock has had its effect: what follows begins at the alert limit.
    least = owners_profile.limits.alert if cause is Cause.LOCKED_BY_VERDICT else before
    assert protection.trust_state.statistic >= least


def test_another_profile_takes_over_the_doubt_and_what_was_done(
    owners_profile: Profile, works: Works
) -> None:
    before = Protection(owners_profile, ENFORCE)
    assert Reaction.LOCK in reactions(judged(before, works(INTRUDER, 2, seconds=60.0)))
    doubled = Limits(owners_profile.limits.alert, 2 * owners_profile.limits.lock, 1.0, True)
    protection = Protection(
        replace(owners_profile, limits=doubled), ENFORCE, known_mouse=False, before=before
    )
    assert protection.trust_state.statistic == pytest.approx(2 * before.trust_state.statistic)
    assert protection.verdict is before.verdict
    told = judged(protection, works(INTRUDER, 3, seconds=10.0, start_ns=NEXT_DAY_NS))
    assert reactions(told) == [], "the same excursion makes no second alert"


def test_a_proven_owner_begins_at_full_trust(owners_profile: Profile, works: Works) -> None:
    protection = Protection(owners_profile, ENFORCE)
    judged(protection, works(INTRUDER, 2, seconds=60.0))
    protection.restore_trust()
    assert protection.trust_state.statistic == 0.0
    assert reactions(judged(protection, works(OWNER, 1, seconds=20.0, start_ns=NEXT_DAY_NS))) == []


def test_a_profile_whose_parts_do_not_fit_together_is_an_error_that_says_so(owners_profile: Profile) -> None:
    for lost, array in owners_profile.arrays.items():
        if lost == "signature/enrolled":
            continue  # profiles of earlier versions have none
        others = {name: kept for name, kept in owners_profile.arrays.items() if name != lost}
        with pytest.raises(SteadyhandError, match=r"the profile of ada does not fit.*have it made again"):
            Protection(replace(owners_profile, arrays=others), ENFORCE)
        if lost == "calibration/starts":
            cut = replace(owners_profile, arrays=others | {lost: array[:-1]})
            with pytest.raises(SteadyhandError, match="have it made again"):
                Protection(cut, ENFORCE)


def test_a_profile_of_a_newer_version_is_an_error_that_says_so(owners_profile: Profile) -> None:
    newer = replace(owners_profile, features=(*owners_profile.features[:-1], "tilt_rad"))
    with pytest.raises(SteadyhandError, match="tilt_rad"):
        Protection(newer, ENFORCE)


def after(protection: Protection, cause: Cause, t_ns: int) -> None:
    item: StreamItem = Boundary(t_ns, cause)
    list(protection.feed(item))


def test_another_mouses_profile_goes_on_watching_raises_the_alarm_and_does_not_lock(
    owners_profile: Profile, works: Works
) -> None:
    protection = Protection(owners_profile, ENFORCE, known_mouse=False)
    told = judged(protection, works(INTRUDER, 2, seconds=60.0))
    assert reactions(told) == [Reaction.ALERT_SUSPICIOUS]
    assert {judgement.verdict for judgement, _ in told} == {Verdict.UNKNOWN_MOUSE}
    owner = Protection(owners_profile, ENFORCE, known_mouse=False)
    assert reactions(judged(owner, works(OWNER, 1, seconds=20.0))) == []


def test_a_mouse_that_reports_otherwise_than_it_was_enrolled_is_unknown(
    owners_profile: Profile, works: Works
) -> None:
    interval_s, quantum_px = owners_profile.arrays["signature/enrolled"]
    other = np.array([interval_s * 2.5, quantum_px])
    protection = Protection(
        replace(owners_profile, arrays={**owners_profile.arrays, "signature/enrolled": other}), ENFORCE
    )
    told = judged(protection, works(OWNER, 1, seconds=30.0))
    assert "report interval" in protection.contradictions[0]
    assert told[-1][0].verdict is Verdict.UNKNOWN_MOUSE
    assert Reaction.LOCK not in reactions(told)


def test_what_takes_over_goes_on_from_where_the_other_stood(owners_profile: Profile, works: Works) -> None:
    first, second = Protection(owners_profile, ENFORCE), Protection(owners_profile, ENFORCE)
    judged(first, works(INTRUDER, 2, seconds=30.0))
    second.take_over(first)
    assert second.trust_state.statistic == first.trust_state.statistic > 0.0
    assert second.verdict is first.verdict
